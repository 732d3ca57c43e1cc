// SPDX-License-Identifier: Apache-2.0
#include "common/transport/sendqueue.h"

#include <QTest>

using namespace wireroom;

/// What a connection has still to send, without a socket.
class TestSendQueue : public QObject
{
    Q_OBJECT

private:
    /// Lets a socket that keeps nothing take so many bytes; what it took.
    static QByteArray take(SendQueue &queue, qsizetype most)
    {
        QByteArray taken;
        while (queue.isWriting() && taken.size() < most) {
            const QByteArrayView piece
                = queue.toGive().first(std::min(queue.toGive().size(), most - taken.size()));
            taken.append(piece);
            queue.given(piece.size());
            if (queue.setKept(0) && queue.toGive().isEmpty())
                queue.next();
        }
        return taken;
    }

private Q_SLOTS:

    void joinsATurn()
    {
        SendQueue queue;
        QVERIFY(queue.isEmpty() && !queue.hasTurn());
        QVERIFY(!queue.endTurn(true));
        const QByteArray first = "one";
        queue.add(first);
        QVERIFY(queue.hasTurn());
        QVERIFY(queue.endTurn(true));
        // The first bytes of a turn are shared.
        QCOMPARE(queue.writing().constData(), first.constData());
        QCOMPARE(take(queue, 100), "one");
        QVERIFY(queue.isEmpty() && !queue.isWriting());
        queue.add("two");
        queue.add("three");
        QVERIFY(queue.endTurn(true));
        QCOMPARE(take(queue, 100), "twothree");
    }

    void keepsTheOrderBehindASlowReader_data()
    {
        QTest::addColumn<qsizetype>("most");
        for (const qsizetype most : {1, 2, 3, 7, 100, 1'000'000})
            QTest::addRow("%lld at a time", qlonglong(most)) << most;
    }

    void keepsTheOrderBehindASlowReader()
    {
        QFETCH(const qsizetype, most);
        SendQueue queue;
        QByteArray expected, taken;
        for (int turn = 0; turn < 60; ++turn) {
            for (int i = 0; i < turn % 4; ++i) {
                const QByteArray piece = QByteArray::number(turn * 10 + i).append(' ');
                queue.add(piece);
                expected.append(piece);
            }
            queue.endTurn(true);
            taken += take(queue, most);
            QCOMPARE(queue.bytes(), quint64(expected.size() - taken.size()));
        }
        while (!queue.isEmpty())
            taken += take(queue, most);
        QCOMPARE(taken, expected);
    }

    void sharesWhatIsLarge()
    {
        const QByteArray large(1024 * 1024, 'l');
        SendQueue queue;
        for (const QByteArray &piece : {QByteArray("prefix"), large, QByteArray("end"), QByteArray("more")})
            queue.add(piece);
        // Nobody keeps it waiting.
        QCOMPARE(queue.backlogBytes(), 0u);
        QCOMPARE(queue.bytes(), quint64(large.size() + 13));
        QVERIFY(queue.endTurn(true));
        QCOMPARE(queue.writing(), "prefix");
        QCOMPARE(queue.backlogBytes(), queue.bytes());
        QVERIFY(queue.next());
        QCOMPARE(queue.writing().constData(), large.constData());
        QVERIFY(queue.next());
        QCOMPARE(queue.writing(), "endmore");
        QVERIFY(!queue.next());
        QVERIFY(queue.isEmpty());
    }

    void joinsSmallPiecesOnly()
    {
        const QByteArray half(128 * 1024, 'h');
        SendQueue queue;
        for (const QByteArray &piece : {QByteArray("first"), half, half, QByteArray("last")}) {
            queue.add(piece);
            queue.endTurn(true);
        }
        QCOMPARE(queue.writing(), "first");
        QVERIFY(queue.next());
        QCOMPARE(queue.writing(), half + half);
        QVERIFY(queue.next());
        QCOMPARE(queue.writing(), "last");
        QVERIFY(!queue.next());
    }

    /// A socket that encrypts may have more to send than it was given.
    void countsWhatTheSocketKeeps()
    {
        SendQueue queue;
        queue.add("0123456789");
        QCOMPARE(queue.bytes(), 10u);
        QCOMPARE(queue.backlogBytes(), 0u);
        QVERIFY(queue.endTurn(true));
        queue.given(10);
        QVERIFY(!queue.setKept(32));
        QCOMPARE(queue.bytes(), 32u);
        queue.add("abc");
        QCOMPARE(queue.backlogBytes(), 35u);
        QVERIFY(!queue.endTurn(true));
        QVERIFY(!queue.setKept(4));
        QCOMPARE(queue.bytes(), 7u);
        QVERIFY(queue.setKept(0));
        QVERIFY(queue.next());
        QCOMPARE(queue.writing(), "abc");
        QCOMPARE(queue.bytes(), 3u);
    }

    void givesBackWhatIsNotSent_data()
    {
        QTest::addColumn<qsizetype>("given");
        QTest::addColumn<qsizetype>("kept");
        QTest::addColumn<QByteArray>("rest");
        QTest::newRow("nothing given") << qsizetype(0) << qsizetype(0) << QByteArray("0123456789ab");
        QTest::newRow("some sent") << qsizetype(6) << qsizetype(2) << QByteArray("456789ab");
        QTest::newRow("all sent") << qsizetype(10) << qsizetype(0) << QByteArray("ab");
        QTest::newRow("all kept") << qsizetype(10) << qsizetype(10) << QByteArray("0123456789ab");
        QTest::newRow("more kept, encrypted") << qsizetype(10) << qsizetype(40) << QByteArray("0123456789ab");
    }

    void givesBackWhatIsNotSent()
    {
        QFETCH(const qsizetype, given);
        QFETCH(const qsizetype, kept);
        QFETCH(const QByteArray, rest);
        SendQueue queue;
        queue.add("0123456789");
        QVERIFY(queue.endTurn(true));
        queue.given(given);
        queue.setKept(kept);
        queue.add("ab");
        QVERIFY(!queue.endTurn(false));
        queue.stopWriting();
        QVERIFY(!queue.isWriting());
        QCOMPARE(queue.bytes(), quint64(rest.size()));
        QByteArray sent;
        while (!queue.front().isEmpty()) {
            const qsizetype count = std::min<qsizetype>(queue.front().size(), 3);
            sent.append(queue.front().first(count));
            queue.dropFront(count);
        }
        QCOMPARE(sent, rest);
        QVERIFY(queue.isEmpty());
    }

    void forgets()
    {
        SendQueue queue;
        for (const char *piece : {"one", "two"}) {
            queue.add(piece);
            queue.endTurn(true);
        }
        queue.given(2);
        queue.add("three");
        queue.clear();
        QVERIFY(queue.isEmpty() && !queue.isWriting() && !queue.hasTurn() && queue.front().isEmpty());
        QCOMPARE(queue.backlogBytes(), 0u);
    }
};

QTEST_APPLESS_MAIN(TestSendQueue)
#include "tst_sendqueue.moc"

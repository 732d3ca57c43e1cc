// SPDX-License-Identifier: Apache-2.0
#include "tests/support/historyprobe.h"

#include <QDateTime>
#include <QFile>

using namespace Qt::StringLiterals;
using namespace wireroom;
using chat::Addressees;

/// What the history store does when the database does not do what it should, and how it forgets.
class TestHistoryFaults : public QObject
{
    Q_OBJECT

private:
    static Addressees only(std::initializer_list<quint64> ids)
    {
        std::vector<ClientId> list;
        for (const quint64 id : ids)
            list.emplace_back(id);
        return list;
    }

    /// The table that everything goes to is not there.
    static bool breakIt(const HistoryPlace &place)
    {
        return place.run({u"ALTER TABLE messages RENAME TO away"_s});
    }

    static bool repair(const HistoryPlace &place)
    {
        return place.run({u"ALTER TABLE away RENAME TO messages"_s});
    }

    static bool settles(const HistoryPlace &place)
    {
        return QTest::qWaitFor([&] { return place.isSettled(); }, HistoryProbe::kPatienceMs);
    }

private Q_SLOTS:

    void initTestCase_data() { HistoryPlace::addRows(); }

    void recovers()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        probe.append(historyMessages(1, 10));
        QVERIFY(probe.waitUpTo(10));
        QVERIFY(settles(place));
        QVERIFY(breakIt(place));
        probe.append(historyMessages(11, 1200));
        probe->saveAccount({.id = ClientId(5), .name = u"Ann"_s, .tokenHash = "t"});
        QVERIFY(probe.waitFor<HistoryFailing>());
        QVERIFY(!probe.all<HistoryFailing>()[0].text.isEmpty());
        // What is asked meanwhile gets an answer: that it cannot be read.
        QVERIFY(!probe.read());
        probe->append(historyMessage(1201));
        QVERIFY(repair(place));
        QVERIFY(probe.waitUpTo(1201));
        QCOMPARE(probe.all<HistoryFailing>().size(), size_t(1));
        QCOMPARE(probe.all<HistoryRecovered>().size(), size_t(1));
        QVERIFY(probe.repeated().empty());
        QCOMPARE(probe.savedAccounts(), std::vector{ClientId(5)});
        QCOMPARE(place.number(u"SELECT count(*) FROM messages"_s), qint64(1201));
        QCOMPARE(probe.seqs({.limit = 3}), (QList<quint64>{1199, 1200, 1201}));
        // And so does the next fault.
        QVERIFY(breakIt(place));
        probe->append(historyMessage(1202));
        QVERIFY(probe.waitFor<HistoryFailing>(2));
        QVERIFY(repair(place));
        QVERIFY(probe.waitFor<HistoryRecovered>(2));
        QVERIFY(probe.waitUpTo(1202));
    }

    void commitsNothingWhileItFails()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(probe.opened());
        QVERIFY(breakIt(place));
        probe->append(historyMessage(1));
        QVERIFY(probe.waitFor<HistoryFailing>());
        // Several attempts later, still.
        QElapsedTimer time;
        time.start();
        QVERIFY(HistoryProbe::wait([&] { return time.hasExpired(3 * HistoryStore::kRetry.count()); }));
        QVERIFY(probe.all<HistoryCommitted>().empty() && probe.all<HistoryRecovered>().empty());
        QCOMPARE(probe.all<HistoryFailing>().size(), size_t(1));
        // An end in this state is an end, although it cannot keep what it has.
        probe.close();
        QVERIFY(repair(place));
        HistoryProbe again(place);
        QVERIFY(again.opened());
        QCOMPARE(again.opened()->lastSeq, quint64(0));
    }

    void keepsWhatComesAtItsEndAfterAFault()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(probe.opened());
        QVERIFY(breakIt(place));
        probe.append(historyMessages(1, 600));
        QVERIFY(probe.waitFor<HistoryFailing>());
        QVERIFY(repair(place));
        probe.close();
        QCOMPARE(place.number(u"SELECT count(*) FROM messages"_s), qint64(600));
    }

    void storesOnceWhenTheAnswerWasLost()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(probe.opened());
        QVERIFY(breakIt(place));
        probe.append({historyMessage(1, 4, {}, "a", 1), historyMessage(2, 4, {}, "b", 2),
                      historyMessage(3, 4, {}, "c", 3)});
        QVERIFY(probe.waitFor<HistoryFailing>());
        // As if the commit had worked and only its answer had not come.
        QVERIFY(place.run(
            u"INSERT INTO away VALUES (1, 11, 4, 1, '*', NULL, 0, x'61'), (2, 12, 4, 2, '*', NULL, 0, x'62')"_s,
            u"INSERT INTO away VALUES (1, 11, 4, 1, '*', NULL, 0, 'a'), (2, 12, 4, 2, '*', NULL, 0, 'b')"_s));
        QVERIFY(repair(place));
        QVERIFY(probe.waitUpTo(3));
        QVERIFY(probe.repeated().empty());
        QCOMPARE(probe.seqs(), (QList<quint64>{1, 2, 3}));
    }

    void leavesOutOnlyWhatIsRefused_data()
    {
        QTest::addColumn<QList<quint64>>("refused");
        QTest::newRow("first") << QList<quint64>{1};
        QTest::newRow("middle") << QList<quint64>{300};
        QTest::newRow("last of a group") << QList<quint64>{512};
        QTest::newRow("first of a group") << QList<quint64>{513};
        QTest::newRow("some") << QList<quint64>{7, 8, 500, 513, 1200};
    }

    void leavesOutOnlyWhatIsRefused()
    {
        QFETCH(const QList<quint64>, refused);
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(probe.opened());
        QVERIFY(
            place.run(u"CREATE TRIGGER poison BEFORE INSERT ON messages WHEN NEW.time = -666 BEGIN SELECT "
                      "RAISE(ABORT, 'poison'); END"_s,
                      u"ALTER TABLE messages ADD CONSTRAINT poison CHECK (time <> -666)"_s));
        std::vector<HistoryMessage> messages = historyMessages(1, 1200);
        for (const quint64 seq : refused)
            messages[seq - 1].time = -666;
        probe.append(messages);
        QVERIFY(probe.waitUpTo(1200));
        QCOMPARE(probe.all<HistoryNote>().size(), size_t(refused.size()));
        QVERIFY(probe.all<HistoryNote>()[0].isError);
        QVERIFY(probe.all<HistoryFailing>().empty());
        QCOMPARE(place.number(u"SELECT count(*) FROM messages"_s), qint64(1200 - refused.size()));
        quint64 before = 0;
        QList<quint64> told;
        for (const HistoryCommitted &committed : probe.all<HistoryCommitted>()) {
            QVERIFY(committed.upToSeq > before);
            before = committed.upToSeq;
            if (committed.isRefused)
                told << committed.upToSeq;
        }
        QCOMPARE(told, refused);
        // Also the indexes do without it.
        QVERIFY(QTest::qWaitFor(
            [&] { return place.number(u"SELECT count(*) FROM conversations"_s) == 1200 - refused.size(); },
            HistoryProbe::kPatienceMs));
    }

    void leavesOutAnAccountThatIsRefused()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        probe->saveAccount({.id = ClientId(1), .name = u"Ann"_s, .tokenHash = "same"});
        probe->saveAccount({.id = ClientId(2), .name = u"Bob"_s, .tokenHash = "same"});
        probe->saveProgress(ClientId(2), 5, 5);
        probe->append(historyMessage(1));
        probe->saveAccount({.id = ClientId(3), .name = u"Cid"_s, .tokenHash = "other"});
        QVERIFY(probe.waitUpTo(1));
        QVERIFY(HistoryProbe::wait([&] { return probe.savedAccounts().size() == 2; }));
        QCOMPARE(probe.savedAccounts(), (std::vector{ClientId(1), ClientId(3)}));
        QCOMPARE(probe.all<HistoryNote>().size(), size_t(1));
        QVERIFY(probe.all<HistoryNote>()[0].isError);
        probe.close();
        HistoryProbe again(place);
        QVERIFY(again.opened());
        QCOMPARE(again.opened()->accounts.size(), size_t(2));
    }

    void connectsAgain()
    {
        const HistoryPlace place;
        if (place.isSqlite())
            QSKIP("PostgreSQL alone");
        HistoryProbe probe(place);
        probe.append(historyMessages(1, 5));
        QVERIFY(probe.waitUpTo(5));
        QCOMPARE(probe.seqs(), (QList<quint64>{1, 2, 3, 4, 5}));
        QVERIFY(place.run({u"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> "
                           "pg_backend_pid() AND datname = current_database()"_s}));
        // The reader does not bother whoever asks.
        QCOMPARE(probe.seqs({.limit = 2}), (QList<quint64>{4, 5}));
        probe.append(historyMessages(6, 10));
        QVERIFY(probe.waitUpTo(10));
        QCOMPARE(probe.all<HistoryFailing>().size(), probe.all<HistoryRecovered>().size());
        QVERIFY(probe.repeated().empty());
        QCOMPARE(place.number(u"SELECT count(*) FROM messages"_s), qint64(10));
        probe->countWaiting();
        QVERIFY(probe.waitFor<HistoryWaiting>());
    }

    void tellsDamageAfterACrash()
    {
        const HistoryPlace place;
        if (!place.isSqlite())
            QSKIP("SQLite alone");
        {
            HistoryProbe probe(place);
            probe.append(historyMessages(1, 3000));
            QVERIFY(probe.waitUpTo(3000));
            QVERIFY(settles(place));
        }
        QVERIFY(place.run({u"UPDATE meta SET value = 1 WHERE name = 'in_use'"_s}));
        const qint64 root
            = place.number(u"SELECT rootpage FROM sqlite_master WHERE name = 'conversations'"_s);
        const qint64 size = place.number(u"PRAGMA page_size"_s);
        QFile file(place.path());
        QVERIFY(file.open(QIODevice::ReadWrite) && file.seek((root - 1) * size));
        file.write(QByteArray(size, '\x55'));
        file.close();
        HistoryProbe probe(place);
        QVERIFY(probe.opened());
        QVERIFY(probe.waitFor<HistoryNote>());
        QVERIFY(probe.all<HistoryNote>()[0].isError);
        QVERIFY(probe.all<HistoryNote>()[0].text.contains(u"damaged"_s));
        // Messages are stored all the same, and what does not need the damaged part can be read.
        probe->append(historyMessage(3001));
        QVERIFY(probe.waitUpTo(3001));
        QCOMPARE(probe.seqs({.limit = 2}), (QList<quint64>{3000, 3001}));
        QVERIFY(!probe.read({.with = only({})}));
    }

    void forgets_data()
    {
        QTest::addColumn<bool>("byAge");
        QTest::newRow("by age") << true;
        QTest::newRow("by size") << false;
    }

    void forgets()
    {
        QFETCH(const bool, byAge);
        const HistoryPlace place;
        const qint64 now = QDateTime::currentMSecsSinceEpoch();
        std::vector<HistoryMessage> messages;
        for (quint64 seq = 1; seq <= 1000; ++seq) {
            messages.push_back(historyMessage(seq, 1 + seq % 3, seq % 2 == 0 ? Addressees() : only({3, 9}),
                                              "the old word " + QByteArray(87, 'x'), seq));
            messages.back().time = seq <= 900 ? now - 7'200'000 : now;
        }
        HistoryConfig config = place.config();
        {
            HistoryProbe probe(config);
            probe->saveAccount({.id = ClientId(1), .name = u"Ann"_s, .tokenHash = "t"});
            probe.append(messages);
            QVERIFY(probe.waitUpTo(1000));
            QVERIFY(settles(place));
        }
        if (byAge)
            config.maxAge = std::chrono::hours(1);
        else
            config.maxBytes = 100 * 100;
        {
            HistoryProbe probe(config);
            QVERIFY(probe.opened());
            const auto isForgotten = [&] {
                return place.number(u"SELECT min(seq) FROM messages"_s) == 901;
            };
            QVERIFY(QTest::qWaitFor(isForgotten, HistoryProbe::kPatienceMs));
            QCOMPARE(probe.seqs({.limit = 500}).size(), 100);
            QCOMPARE(probe.seqs({.viewer = ClientId(9), .limit = 500}).size(), 100);
            QCOMPARE(probe.seqs({.text = u"old word"_s, .limit = 500}).size(), 100);
            QCOMPARE(probe.seqs({.before = 901}), QList<quint64>());
            QCOMPARE(place.number(u"SELECT count(*) FROM conversations"_s), qint64(100));
            QCOMPARE(place.number(u"SELECT count(*) FROM mailbox WHERE seq <= 900"_s), qint64(0));
            QCOMPARE(place.number(u"SELECT value FROM meta WHERE name = 'bytes'"_s), qint64(100 * 100));
        }
        // What follows is forgotten in its turn, and the numbers go on.
        config.maxAge = {};
        config.maxBytes = 1;
        {
            HistoryProbe probe(config);
            QVERIFY(probe.opened());
            const auto isEmpty = [&] {
                return place.number(u"SELECT count(*) FROM messages"_s) == 0;
            };
            QVERIFY(QTest::qWaitFor(isEmpty, HistoryProbe::kPatienceMs));
            QCOMPARE(place.number(u"SELECT count(*) FROM mailbox"_s), qint64(0));
            const auto page = probe.read();
            QVERIFY(page);
            QCOMPARE(page.value().upToSeq, quint64(1000));
        }
        HistoryProbe probe(place);
        const auto opened = probe.opened();
        QVERIFY(opened);
        QCOMPARE(opened->lastSeq, quint64(1000));
        QCOMPARE(opened->highestId, quint64(3));
        QCOMPARE(opened->accounts.size(), size_t(1));
        QCOMPARE(opened->accounts[0].lastRef, quint64(999));
        probe->append(historyMessage(1001, 1, {}, "new", 1000));
        QVERIFY(probe.waitUpTo(1001));
        QCOMPARE(probe.seqs(), QList<quint64>{1001});
    }

    void forgetsWhileItRuns()
    {
        const HistoryPlace place;
        HistoryConfig config = place.config();
        config.maxBytes = 5'000;
        HistoryProbe probe(config);
        std::vector<HistoryMessage> messages;
        for (quint64 seq = 1; seq <= 2000; ++seq)
            messages.push_back(historyMessage(seq, 1, {}, QByteArray(100, 'x')));
        probe.append(messages);
        QVERIFY(probe.waitUpTo(2000));
        const auto isForgotten = [&] {
            return place.number(u"SELECT count(*) FROM messages"_s) == 50;
        };
        QVERIFY(QTest::qWaitFor(isForgotten, HistoryProbe::kPatienceMs));
        QCOMPARE(probe.seqs({.limit = 1}), QList<quint64>{2000});
    }
};

QTEST_GUILESS_MAIN(TestHistoryFaults)
#include "tst_historyfaults.moc"

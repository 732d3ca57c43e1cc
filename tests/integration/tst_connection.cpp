// SPDX-License-Identifier: Apache-2.0
#include "common/transport/connection.h"
#include "common/transport/iocontext.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <optional>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// One connection by itself, over loopback.
class TestConnection : public QObject
{
    Q_OBJECT

private:
    struct Handler : ChannelHandler
    {
        void frameReceived(Payload &) override { }

        void closed(const CloseReason &why) override { reason = why; }

        std::optional<CloseReason> reason;
    };

    /// A connection, and the socket at its other end.
    struct Ends
    {
        Ends()
        {
            QTcpServer server;
            auto ours = std::make_unique<QTcpSocket>();
            if (!server.listen(QHostAddress::LocalHost))
                return;
            ours->connectToHost(server.serverAddress(), server.serverPort());
            if (!ours->waitForConnected() || !server.waitForNewConnection(5'000))
                return;
            peer.reset(server.nextPendingConnection());
            peer->setParent(nullptr);
            connection = std::make_unique<Connection>(
                context, std::move(ours), Connection::Settings{.format = FrameFormat::U32LE}, handler);
        }

        IoContext context;
        Handler handler;
        std::unique_ptr<QTcpSocket> peer;
        std::unique_ptr<Connection> connection;
    };

private Q_SLOTS:

    void sendsAtTheEndOfTheTurn()
    {
        Ends ends;
        QVERIFY(ends.connection);
        ends.connection->send("one");
        ends.connection->send("two");
        QCOMPARE(ends.connection->backlogBytes(), 0u);
        QTRY_COMPARE(ends.peer->peek(100), QByteArray("onetwo"));
        ends.connection->close({CloseReason::Kind::ByUs, u"Enough."_s});
        QTRY_VERIFY(ends.handler.reason);
        QCOMPARE(ends.handler.reason->text, u"Enough."_s);
    }

    void sharesWhatIsLarge()
    {
        Ends ends;
        QVERIFY(ends.connection);
        const QByteArray large(5 * 1024 * 1024, 'x');
        const QList<QByteArray> sent{"one", "two", large, "three", large, large, "four"};
        QByteArray all;
        for (const QByteArray &bytes : sent) {
            ends.connection->send(bytes);
            all += bytes;
            QCOMPARE(ends.connection->queuedBytes(), quint64(all.size()));
        }
        QByteArray come;
        const auto hasCome = [&] {
            come += ends.peer->readAll();
            return come.size() >= all.size();
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasCome(), 30'000);
        QVERIFY(come == all);
        QTRY_COMPARE(ends.connection->queuedBytes(), 0u);
    }

    void sendsAllOfTheTurnThatItClosesIn()
    {
        Ends ends;
        QVERIFY(ends.connection);
        const QByteArray large(5 * 1024 * 1024, 'x');
        ends.connection->send("one");
        ends.connection->send(large);
        ends.connection->send("two");
        ends.connection->close({CloseReason::Kind::ByUs, {}});
        QByteArray come;
        const auto hasCome = [&] {
            come += ends.peer->readAll();
            return come.size() >= large.size() + 6;
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasCome(), 30'000);
        QVERIFY(come == "one" + large + "two");
        QTRY_VERIFY(ends.handler.reason);
    }

    void diesInTheTurnThatItSendsIn_data()
    {
        QTest::addColumn<bool>("closes");
        QTest::newRow("closed") << true;
        QTest::newRow("done sending") << false;
    }

    /// What the context still has to do for it must not find it dead.
    void diesInTheTurnThatItSendsIn()
    {
        QFETCH(const bool, closes);
        Ends ends;
        QVERIFY(ends.connection);
        ends.connection->send("last words");
        if (closes)
            ends.connection->close({CloseReason::Kind::ByUs, {}});
        else
            ends.connection->finishSending();
        ends.connection.reset();
        QCoreApplication::sendPostedEvents();
        QTRY_COMPARE(ends.peer->peek(100), QByteArray("last words"));
    }
};

QTEST_GUILESS_MAIN(TestConnection)
#include "tst_connection.moc"

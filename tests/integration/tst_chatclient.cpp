// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/chatclient.h"
#include "common/framing/framedecoder.h"
#include "common/framing/frameencoder.h"
#include "common/transport/descriptor.h"

#include <QNetworkProxy>
#include <QScopeGuard>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#ifdef Q_OS_UNIX
#include <sys/socket.h>
#endif

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;
using State = ChatClient::State;

Q_DECLARE_METATYPE(wireroom::FrameFormat)

namespace {

/// A foreign server with one connection at a time.
class ForeignServer : public QTcpServer
{
public:
    bool acceptOne()
    {
        if (!QTest::qWaitFor([&] { return hasPendingConnections(); }, 10'000))
            return false;
        socket.reset(nextPendingConnection());
        return true;
    }

    /// Reads until the decoder has so many frames.
    QList<QByteArray> read(FrameFormat format, qsizetype count)
    {
        QList<QByteArray> frames;
        FrameDecoder decoder(format, kLargestMaxPayloadBytes);
        (void)QTest::qWaitFor(
            [&] {
                decoder.feed(socket->readAll(), [&](Payload &payload) { frames << payload.take(); });
                return frames.size() >= count;
            },
            10'000);
        return frames;
    }

    struct Later
    {
        void operator()(QTcpSocket *s) const { s->deleteLater(); }
    };

    std::unique_ptr<QTcpSocket, Later> socket;
};

/// A client that keeps what it reports.
struct Client
{
    Client()
    {
        config.connectDeadline = 5s;
        QObject::connect(&client, &ChatClient::batchReady, &client, [this](const ClientBatch &batch) {
            for (const ClientEvent &event : batch.events) {
                if (const auto *message = std::get_if<MessageReceived>(&event))
                    received << message->payload;
                else if (const auto *mine = std::get_if<MessageSent>(&event))
                    sent << mine->payload;
                else if (const auto *note = std::get_if<ClientNote>(&event))
                    notes << note->text;
            }
            totals = batch.totals;
        });
        QObject::connect(&client, &ChatClient::stateChanged, &client,
                         [this](State state) { states << state; });
    }

    void connectTo(quint16 port, const QString &host = u"127.0.0.1"_s)
    {
        config.host = host;
        config.port = port;
        client.connectToServer(config);
    }

    bool waitFor(State state, int timeoutMs = 15'000)
    {
        return QTest::qWaitFor([&] { return client.state() == state; }, timeoutMs);
    }

    Result<quint64> send(const QByteArray &payload)
    {
        std::optional<Result<quint64>> answer;
        client.send(payload, [&](const auto &result) { answer = result; });
        if (!QTest::qWaitFor([&] { return answer.has_value(); }, 10'000))
            return Error{Error::Code::Internal, u"no answer"_s};
        return *answer;
    }

    ClientConfig config;
    QList<QByteArray> received;
    QList<QByteArray> sent;
    QStringList notes;
    QList<State> states;
    ClientTotals totals;
    ChatClient client;
};

/// A port that nobody listens on.
quint16 freePort()
{
    QTcpServer server;
    return server.listen(QHostAddress::LocalHost) ? server.serverPort() : quint16(0);
}

} // namespace

class TestChatClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void talks_data()
    {
        QTest::addColumn<FrameFormat>("format");
        for (const FrameFormat format : FrameFormat::all()) {
            if (!format.isAuto() && format.kind() != FrameFormat::Stream)
                QTest::newRow(qPrintable(format.toString())) << format;
        }
    }

    void talks()
    {
        QFETCH(const FrameFormat, format);
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        Client c;
        c.config.format = format;
        c.connectTo(server.serverPort());
        QVERIFY(server.acceptOne());
        QVERIFY(c.waitFor(State::Online));
        QCOMPARE(c.client.peerAddress(), u"127.0.0.1"_s);
        QCOMPARE(c.client.peerPort(), server.serverPort());
        QCOMPARE(c.states, (QList<State>{State::Connecting, State::Online}));

        const QList<QByteArray> messages{"hello", "", "grüß", QByteArray(255, 'x')};
        for (const QByteArray &message : messages)
            QVERIFY(bool(c.send(message)));
        QCOMPARE(server.read(format, messages.size()), messages);
        for (const QByteArray &message : messages)
            server.socket->write(encodeFrame(format, message));
        QTRY_COMPARE(c.received, messages);
        QTRY_COMPARE(c.sent, messages);
        QCOMPARE(c.totals.framesIn, 4u);
        QCOMPARE(c.totals.bytesOut, c.totals.bytesIn);

        c.client.disconnectFromServer();
        QVERIFY(c.waitFor(State::Offline));
        QTRY_COMPARE(server.socket->state(), QAbstractSocket::UnconnectedState);
    }

    void goesThroughNoProxy()
    {
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        QNetworkProxy::setApplicationProxy(
            QNetworkProxy(QNetworkProxy::Socks5Proxy, u"127.0.0.1"_s, freePort()));
        const auto again
            = qScopeGuard([] { QNetworkProxy::setApplicationProxy(QNetworkProxy::DefaultProxy); });
        Client c;
        // This machine, but nothing that Qt takes for loopback: that is never asked a proxy for.
        c.connectTo(server.serverPort(), u"0.0.0.0"_s);
        QVERIFY(c.waitFor(State::Online));
    }

    void triesAllAddresses_data()
    {
        QTest::addColumn<QHostAddress>("listening");
        QTest::addColumn<QString>("host");
        QTest::newRow("the second, ipv4") << QHostAddress(QHostAddress::LocalHost) << u"two.example"_s;
        QTest::newRow("the second, ipv6") << QHostAddress(QHostAddress::LocalHostIPv6) << u"two.example"_s;
        QTest::newRow("by name") << QHostAddress(QHostAddress::LocalHost) << u"localhost"_s;
    }

    void triesAllAddresses()
    {
        QFETCH(const QHostAddress, listening);
        QFETCH(const QString, host);
        ForeignServer server;
        QVERIFY(server.listen(listening));
        Client c;
        c.config.reconnect = false;
        if (host != u"localhost") {
            const QHostAddress deaf = listening == QHostAddress::LocalHost ? QHostAddress::LocalHostIPv6
                                                                           : QHostAddress::LocalHost;
            c.config.addresses = {deaf, listening};
        }
        c.connectTo(server.serverPort(), host);
        QVERIFY(server.acceptOne());
        QVERIFY(c.waitFor(State::Online));
        QCOMPARE(c.client.peerAddress(), listening.toString());
        QCOMPARE(c.states, (QList<State>{State::Connecting, State::Online}));
    }

    /// An address that does not answer at all must not keep the next one from being tried.
    void goesOnAfterAnAddressWithoutAnswer()
    {
        // A full backlog: the system drops further attempts in silence.
        QTcpServer deaf;
        deaf.setListenBacklogSize(1);
        QVERIFY(deaf.listen(QHostAddress::LocalHost));
        deaf.pauseAccepting();
        std::vector<std::unique_ptr<QTcpSocket>> filling;
        for (int i = 0; i < 8; ++i) {
            filling.push_back(std::make_unique<QTcpSocket>());
            filling.back()->connectToHost(QHostAddress::LocalHost, deaf.serverPort());
        }
        QTRY_VERIFY(filling.front()->state() == QAbstractSocket::ConnectedState);
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHostIPv6, deaf.serverPort()));
        Client c;
        c.config.connectDeadline = 300ms;
        c.config.addresses = {QHostAddress::LocalHost, QHostAddress::LocalHostIPv6};
        c.connectTo(deaf.serverPort(), u"two.example"_s);
        QVERIFY(server.acceptOne());
        QVERIFY(c.waitFor(State::Online));
        QCOMPARE(c.client.peerAddress(), u"::1"_s);
    }

    void failsInWords_data()
    {
        QTest::addColumn<QString>("host");
        QTest::addColumn<QString>("says");
        QTest::newRow("refused") << u"127.0.0.1"_s << u"refused the connection: no server listens there"_s;
        QTest::newRow("unknown host")
            << u"no-such-host.invalid"_s << u"No host named “no-such-host.invalid”"_s;
        QTest::newRow("unreachable network") << u"fe80::1"_s << u"fe80::1"_s;
    }

    void failsInWords()
    {
        QFETCH(const QString, host);
        QFETCH(const QString, says);
        Client c;
        c.config.reconnect = false;
        c.connectTo(freePort(), host);
        QVERIFY(QTest::qWaitFor([&] { return c.states.contains(State::Offline); }, 20'000));
        QVERIFY2(c.client.stateReason().contains(says), qPrintable(c.client.stateReason()));
        QVERIFY(!c.notes.isEmpty()); // the batch came before the state
        QVERIFY(!c.send("nobody gets this"));
    }

    void connectsOnceTheServerIsThere()
    {
        const quint16 port = freePort();
        Client c;
        c.connectTo(port);
        QVERIFY(c.waitFor(State::WaitingToRetry));
        QVERIFY(c.client.stateReason().contains(u"refused"));
        const qint64 wait = c.client.retryDeadline().remainingTime();
        QVERIFY2(wait > 0 && wait <= 1200, qPrintable(QString::number(wait)));
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost, port));
        QVERIFY(c.waitFor(State::Online)); // by itself
        QVERIFY(server.acceptOne());

        // And again when it has gone and come back.
        server.socket->abort();
        QVERIFY(c.waitFor(State::WaitingToRetry));
        c.client.retryNow();
        QVERIFY(c.waitFor(State::Online));
    }

    void waitCanBeEnded()
    {
        Client c;
        c.connectTo(freePort());
        QVERIFY(c.waitFor(State::WaitingToRetry));
        c.client.disconnectFromServer();
        QVERIFY(c.waitFor(State::Offline));
        QVERIFY(c.client.stateReason().isEmpty());
    }

    void retryNowBeginsAtOnce()
    {
        Client c;
        c.connectTo(freePort());
        QVERIFY(c.waitFor(State::WaitingToRetry));
        c.states.clear();
        c.client.retryNow();
        QVERIFY(QTest::qWaitFor([&] { return c.states.startsWith(State::Connecting); },
                                900)); // the wait is 0.8 s at least
    }

    void tellsEndFromReset_data()
    {
        QTest::addColumn<bool>("reset");
        QTest::addColumn<QString>("says");
        QTest::newRow("closed") << false << u"closed the connection"_s;
        QTest::newRow("reset") << true << u"reset the connection"_s;
    }

    void tellsEndFromReset()
    {
        QFETCH(const bool, reset);
        QFETCH(const QString, says);
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        Client c;
        c.config.reconnect = false;
        c.connectTo(server.serverPort());
        QVERIFY(server.acceptOne());
        QVERIFY(c.waitFor(State::Online));
#ifdef Q_OS_UNIX
        if (reset) {
            const linger now{1, 0};
            QCOMPARE(
                ::setsockopt(int(server.socket->socketDescriptor()), SOL_SOCKET, SO_LINGER, &now, sizeof now),
                0);
        }
#endif
        server.socket->abort();
        QVERIFY(c.waitFor(State::Offline));
        QVERIFY2(c.client.stateReason().contains(says), qPrintable(c.client.stateReason()));
    }

    void flushesBeforeDisconnecting()
    {
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        Client c;
        c.connectTo(server.serverPort());
        QVERIFY(server.acceptOne());
        QVERIFY(c.waitFor(State::Online));
        const QByteArray large(8 * 1024 * 1024, 'x');
        c.client.send(large);
        c.client.send("last words");
        c.client.disconnectFromServer();
        const QList<QByteArray> frames = server.read(FrameFormat::U32LE, 2);
        QCOMPARE(frames.size(), 2);
        QCOMPARE(frames.last(), QByteArray("last words"));
        QVERIFY(c.waitFor(State::Offline));
    }

    void connectsElsewhere()
    {
        ForeignServer first;
        ForeignServer second;
        QVERIFY(first.listen(QHostAddress::LocalHost));
        QVERIFY(second.listen(QHostAddress::LocalHost));
        Client c;
        c.connectTo(first.serverPort());
        QVERIFY(first.acceptOne());
        QVERIFY(c.waitFor(State::Online));
        c.client.send("to the first");
        c.connectTo(second.serverPort());
        QVERIFY(second.acceptOne());
        QCOMPARE(first.read(FrameFormat::U32LE, 1), QList<QByteArray>{"to the first"});
        QTRY_COMPARE(c.client.peerPort(), second.serverPort());
        QVERIFY(bool(c.send("to the second")));
        QCOMPARE(second.read(FrameFormat::U32LE, 1), QList<QByteArray>{"to the second"});
    }

    void badFramesEndIt()
    {
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        Client c;
        c.connectTo(server.serverPort());
        QVERIFY(server.acceptOne());
        QVERIFY(c.waitFor(State::Online));
        server.socket->write(encodeFrame(FrameFormat::U32BE, "other byte order"));
        QVERIFY(c.waitFor(State::Offline)); // it would come to the same again
        QVERIFY2(c.client.stateReason().contains(u"byte order"), qPrintable(c.client.stateReason()));
    }

    void refusesWhatCannotBe_data()
    {
        QTest::addColumn<FrameFormat>("format");
        QTest::addColumn<QString>("host");
        QTest::addColumn<int>("port");
        QTest::addColumn<QString>("says");
        QTest::newRow("auto") << FrameFormat(FrameFormat::Auto) << u"127.0.0.1"_s << 1 << u"auto"_s;
        QTest::newRow("no host") << FrameFormat() << u"  "_s << 1 << u"a host"_s;
        QTest::newRow("no port") << FrameFormat() << u"127.0.0.1"_s << 0 << u"a port"_s;
    }

    void refusesWhatCannotBe()
    {
        QFETCH(const FrameFormat, format);
        QFETCH(const QString, host);
        QFETCH(const int, port);
        QFETCH(const QString, says);
        Client c;
        c.config.format = format;
        c.connectTo(quint16(port), host);
        QTRY_VERIFY(!c.states.isEmpty());
        QCOMPARE(c.states, QList<State>{State::Offline});
        QVERIFY2(c.client.stateReason().contains(says), qPrintable(c.client.stateReason()));
    }

    void refusesWhatThePrefixCannotSay()
    {
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        Client c;
        c.config.format = FrameFormat::U8;
        c.connectTo(server.serverPort());
        QVERIFY(c.waitFor(State::Online));
        const Result<quint64> result = c.send(QByteArray(256, 'x'));
        QVERIFY(!result);
        QVERIFY(result.error().text.contains(u"255"));
        QVERIFY(bool(c.send(QByteArray(255, 'x'))));
    }

    void queueIsBounded()
    {
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        Client c;
        c.config.maxQueueBytes = 1024 * 1024;
        c.config.flushDeadline = 10ms;
        c.connectTo(server.serverPort());
        QVERIFY(server.acceptOne());
        server.socket->setReadBufferSize(1);
        QVERIFY(c.waitFor(State::Online));
        QVERIFY(bool(c.send(QByteArray(32 * 1024 * 1024, 'x')))); // by itself any size passes
        const Result<quint64> result = c.send("one more");
        QVERIFY(!result);
        QVERIFY(result.error().text.contains(u"does not read"));
    }

    void streamSendsAndCloses()
    {
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        Client c;
        c.config.format = FrameFormat::Stream;
        c.connectTo(server.serverPort());
        QVERIFY(server.acceptOne());
        QVERIFY(c.waitFor(State::Online));
        for (int round = 0; round < 3; ++round) {
            // The second time it connects by itself: every message needs its own connection.
            QVERIFY(bool(c.send("question")));
            if (round > 0)
                QVERIFY(server.acceptOne());
            QByteArray question;
            // A server that reads until the end; half-closed, so that Qt's socket sees it and could not
            // answer.
            const Descriptor mine = Descriptor::duplicate(server.socket->socketDescriptor());
            QVERIFY(QTest::qWaitFor(
                [&] {
                    question += server.socket->readAll();
                    return server.socket->state() == QAbstractSocket::UnconnectedState;
                },
                10'000));
            QCOMPARE(question, QByteArray("question"));
            QCOMPARE(mine.send("answer", 6), qsizetype(6));
            Descriptor::shutdownSending(mine.value());
            QTRY_COMPARE(c.received.size(), round + 1);
            QCOMPARE(c.received.last(), QByteArray("answer"));
            QVERIFY(c.waitFor(State::Offline));
        }
    }

    void receivesEverything_data()
    {
        QTest::addColumn<bool>("every");
        QTest::newRow("every") << true;
        QTest::newRow("latest") << false;
    }

    void receivesEverything()
    {
        QFETCH(const bool, every);
        ForeignServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        Client c;
        c.client.setReceiveEvery(every);
        quint64 skipped = 0;
        connect(&c.client, &ChatClient::batchReady, &c.client, [&](const ClientBatch &batch) {
            for (const ClientEvent &event : batch.events) {
                if (const auto *s = std::get_if<ClientMessagesSkipped>(&event))
                    skipped += s->count;
            }
        });
        c.connectTo(server.serverPort());
        QVERIFY(server.acceptOne());
        QVERIFY(c.waitFor(State::Online));
        constexpr int kMessages = 200'000;
        QByteArray wire;
        for (int i = 0; i < kMessages; ++i)
            appendFrame(wire, FrameFormat::U32LE, QByteArray::number(i));
        server.socket->write(wire);
        QTRY_COMPARE_WITH_TIMEOUT(c.totals.framesIn, quint64(kMessages), 60'000);
        QTRY_COMPARE(quint64(c.received.size()) + skipped, quint64(kMessages));
        if (every)
            QCOMPARE(skipped, 0u);
        QCOMPARE(c.received.last().toInt(), kMessages - 1);
    }
};

QTEST_GUILESS_MAIN(TestChatClient)
#include "tst_chatclient.moc"

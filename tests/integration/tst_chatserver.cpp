// SPDX-License-Identifier: Apache-2.0
#include "tests/support/peer.h"
#include "tests/support/runningserver.h"

#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;

Q_DECLARE_METATYPE(wireroom::FrameFormat)

class TestChatServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void listens_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("reached");
        QTest::newRow("ipv4") << u"127.0.0.1"_s << u"127.0.0.1"_s;
        QTest::newRow("ipv6") << u"::1"_s << u"::1"_s;
        QTest::newRow("localhost") << u"localhost"_s << u"127.0.0.1"_s;
        QTest::newRow("dual stack by ipv4") << u"*"_s << u"127.0.0.1"_s;
        QTest::newRow("dual stack by ipv6") << u"*"_s << u"::1"_s;
    }

    void listens()
    {
        QFETCH(const QString, address);
        QFETCH(const QString, reached);
        RunningServer run;
        run.config.address = address;
        QVERIFY(run.start());
        QVERIFY(run.port() > 0);
        Peer peer;
        QVERIFY(peer.connectTo(run.port(), reached));
        QVERIFY(run.waitFor<ClientConnected>());
        QCOMPARE(run.last<ClientConnected>()->address, reached); // not as ::ffff:127.0.0.1
        QCOMPARE(run.last<ClientConnected>()->port, peer.socket.localPort());
    }

    void cannotListen_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("occupied");
        QTest::addColumn<QString>("says");
        QTest::newRow("port in use") << u"127.0.0.1"_s << true
                                     << u"is in use by another program. Choose another port"_s;
        QTest::newRow("not an address") << u"nowhere"_s << false << u"“nowhere” is not an address"_s;
        QTest::newRow("not ours") << u"192.0.2.1"_s << false << u"has no address 192.0.2.1"_s;
    }

    void cannotListen()
    {
        QFETCH(const QString, address);
        QFETCH(const bool, occupied);
        QFETCH(const QString, says);
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::LocalHost));
        RunningServer run;
        run.config.address = address;
        run.config.port = occupied ? other.serverPort() : quint16(0);
        QVERIFY(!run.start());
        QCOMPARE(run.server.state(), ChatServer::State::Stopped);
        QVERIFY2(run.last<ServerFailed>()->error.text.contains(says),
                 qPrintable(run.last<ServerFailed>()->error.text));

        // And it can be mended without a restart of the program.
        run.events.clear();
        run.config.address = u"127.0.0.1"_s;
        run.config.port = 0;
        QVERIFY(run.start());
    }

    void stopsAndStartsAgain()
    {
        QTemporaryDir dir;
        RunningServer run;
        run.config.dataDir = dir.path();
        quint64 expected = 0;
        for (int round = 0; round < 3; ++round) {
            QVERIFY(run.start());
            run.events.clear();
            Peer peer;
            QVERIFY(peer.connectTo(run.port()));
            peer.send("round");
            QVERIFY(run.waitFor<MessagePassed>());
            QCOMPARE(run.last<ClientConnected>()->id.value(), ++expected);
            QVERIFY(run.stop());
            QVERIFY(peer.waitForEnd());
            QVERIFY(run.waitFor<ServerStopped>());
            QCOMPARE(run.last<ClientDisconnected>()->reason, u"The server was stopped."_s);
        }
    }

    void tellsFormatsApart_data()
    {
        QTest::addColumn<FrameFormat>("spoken");
        QTest::addColumn<FrameFormat>("setTo");
        for (const FrameFormat format : FrameFormat::all()) {
            if (!format.isAuto() && format.kind() != FrameFormat::Stream)
                QTest::addRow("set to %s", qPrintable(format.toString())) << format << format;
        }
        for (const FrameFormat::Kind kind : {FrameFormat::U32LE, FrameFormat::U32BE, FrameFormat::Lines})
            QTest::addRow("%s, detected", qPrintable(FrameFormat(kind).toString()))
                << FrameFormat(kind) << FrameFormat(FrameFormat::Auto);
    }

    void tellsFormatsApart()
    {
        QFETCH(const FrameFormat, spoken);
        QFETCH(const FrameFormat, setTo);
        RunningServer run;
        run.config.format = setTo;
        run.config.plainPolicy = PlainPolicy::Echo;
        QVERIFY(run.start());
        Peer peer(spoken);
        QVERIFY(peer.connectTo(run.port()));
        const QList<QByteArray> messages{"hello", "", "grüß", QByteArray(200, 'x'), "end"};
        for (const QByteArray &message : messages)
            peer.send(message);
        QVERIFY(peer.waitForFrames(messages.size()));
        QCOMPARE(peer.frames, messages);
        QTRY_COMPARE(run.received(), messages);
        QCOMPARE(run.last<MessagePassed>()->format.toString(), spoken.toString());

        // The operator's message comes in the client's format.
        QVERIFY(bool(run.send(u"1"_s, "from the operator")));
        QVERIFY(peer.waitForFrames(messages.size() + 1));
        QCOMPARE(peer.frames.last(), QByteArray("from the operator"));
        if (setTo.isAuto())
            QVERIFY(run.last<ClientFormatKnown>()->detected);
    }

    void greetingInSingleBytes_data()
    {
        QTest::addColumn<FrameFormat>("format");
        for (const FrameFormat::Kind kind : {FrameFormat::U32LE, FrameFormat::U32BE, FrameFormat::Lines})
            QTest::newRow(qPrintable(FrameFormat(kind).toString())) << FrameFormat(kind);
    }

    void greetingInSingleBytes()
    {
        QFETCH(const FrameFormat, format);
        RunningServer run;
        QVERIFY(run.start());
        Peer peer(format);
        QVERIFY(peer.connectTo(run.port()));
        for (const char c : encodeFrame(format, "drip")) {
            peer.sendRaw(QByteArray(1, c));
            QTest::qWait(1); // apart on the wire; nothing depends on how long
        }
        QTRY_COMPARE(run.received(), QList<QByteArray>{"drip"});
    }

    void shortLineNeedsNoMoreBytes()
    {
        RunningServer run;
        QVERIFY(run.start());
        Peer peer(FrameFormat::Lines);
        QVERIFY(peer.connectTo(run.port()));
        peer.send("hi");
        QTRY_COMPARE(run.received(), QList<QByteArray>{"hi"});
    }

    void silentPeerGetsTheDefault()
    {
        RunningServer run;
        run.config.defaultFormat = FrameFormat::U16BE;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U16BE);
        QVERIFY(peer.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientConnected>());
        QVERIFY(bool(run.send(u"all"_s, "anybody there?")));
        QVERIFY(peer.waitForFrames(1));
        QVERIFY(run.waitFor<ClientFormatKnown>());
        QVERIFY(!run.last<ClientFormatKnown>()->detected);
        peer.send("yes");
        QTRY_COMPARE(run.received(), QList<QByteArray>{"yes"});
    }

    void refusesWhatNobodyCanTell_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        QTest::newRow("tls") << QByteArray::fromHex("16030102000100") << u"TLS"_s;
        QTest::newRow("chat") << QByteArray::fromHex("00000004d9d9f701") << u"array"_s;
        QTest::newRow("gzip") << QByteArray::fromHex("1f8b080812345678") << u"gzip"_s;
        QTest::newRow("random") << QByteArray::fromHex("deadbeef99") << u"de ad be ef"_s;
    }

    void refusesWhatNobodyCanTell()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QString, says);
        RunningServer run;
        run.config.plainPolicy = PlainPolicy::Echo;
        QVERIFY(run.start());
        Peer good;
        QVERIFY(good.connectTo(run.port()));
        good.send("before");
        Peer bad;
        QVERIFY(bad.connectTo(run.port()));
        bad.sendRaw(bytes);
        QVERIFY(bad.waitForEnd());
        QVERIFY(run.waitFor<ClientDisconnected>());
        QVERIFY2(run.last<PeerRefused>()->reason.contains(says), qPrintable(run.last<PeerRefused>()->reason));
        QCOMPARE(bad.socket.error(), QAbstractSocket::RemoteHostClosedError);
        good.send("after");
        QVERIFY(good.waitForFrames(2));
    }

    void namesABrowser()
    {
        RunningServer run;
        QVERIFY(run.start());
        Peer peer(FrameFormat::Lines);
        QVERIFY(peer.connectTo(run.port()));
        peer.sendRaw("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
        QVERIFY(run.waitFor<ServerNote>());
        QVERIFY(run.last<ServerNote>()->text.contains(u"HTTP"));
        QTRY_COMPARE(run.received(), (QList<QByteArray>{"GET / HTTP/1.1", "Host: here", ""}));
    }

    void sendsToThoseMeant_data()
    {
        QTest::addColumn<QString>("to");
        QTest::addColumn<QList<int>>("reached");
        QTest::addColumn<QString>("refusal");
        using L = QList<int>;
        QTest::newRow("one") << u"2"_s << L{2} << QString();
        QTest::newRow("several") << u"1,3-4"_s << L{1, 3, 4} << QString();
        QTest::newRow("all") << u"all"_s << L{1, 2, 3, 4} << QString();
        QTest::newRow("all but one") << u"all except 2"_s << L{1, 3, 4} << QString();
        QTest::newRow("unknown") << u"9"_s << L{} << u"the ID 9"_s;
        QTest::newRow("one of three unknown") << u"1,9,3"_s << L{} << u"the ID 9"_s;
        QTest::newRow("range with a hole") << u"3-6"_s << L{} << u"5, 6"_s;
        QTest::newRow("endless range") << u"1-18446744073709551615"_s << L{} << u"and more"_s;
        QTest::newRow("all except an unknown one") << u"all except 7"_s << L{} << u"the ID 7"_s;
    }

    void sendsToThoseMeant()
    {
        QFETCH(const QString, to);
        QFETCH(const QList<int>, reached);
        QFETCH(const QString, refusal);
        RunningServer run;
        QVERIFY(run.start());
        std::vector<std::unique_ptr<Peer>> peers;
        for (size_t i = 0; i < 4; ++i) {
            // One after the other, so that IDs and peers have the same order; each speaks another format.
            peers.push_back(std::make_unique<Peer>(i % 2 ? FrameFormat::U32BE : FrameFormat::U32LE));
            QVERIFY(peers.back()->connectTo(run.port()));
            peers.back()->send("here");
            QVERIFY(run.waitFor<MessagePassed>(i + 1));
        }
        const Result<SendReport> report = run.send(to, "to some");
        QCOMPARE(bool(report), refusal.isEmpty());
        if (!report)
            QVERIFY2(report.error().text.contains(refusal), qPrintable(report.error().text));
        else
            QCOMPARE(report.value().sent.size(), size_t(reached.size()));
        QVERIFY(bool(run.send(u"all"_s, "to all"))); // comes after, so the others are known to have nothing
        for (int i = 0; i < 4; ++i) {
            QVERIFY(peers[size_t(i)]->waitForFrames(reached.contains(i + 1) ? 2 : 1));
            QCOMPARE(peers[size_t(i)]->frames.first(),
                     QByteArray(reached.contains(i + 1) ? "to some" : "to all"));
        }
    }

    void tellsWhomItCouldNotSendTo()
    {
        RunningServer run;
        run.config.format = FrameFormat::U8;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U8);
        QVERIFY(peer.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientConnected>());
        const Result<SendReport> report = run.send(u"1"_s, QByteArray(256, 'x'));
        QVERIFY(bool(report));
        QVERIFY(report.value().sent.empty());
        QCOMPARE(report.value().failed.size(), size_t(1));
        QVERIFY(report.value().failed.front().second.contains(u"255"));
    }

    void relaysToAllOthers()
    {
        RunningServer run;
        run.config.plainPolicy = PlainPolicy::Relay;
        QVERIFY(run.start());
        Peer little(FrameFormat::U32LE);
        Peer big(FrameFormat::U32BE);
        Peer lines(FrameFormat::Lines);
        Peer silent(FrameFormat::U32LE);
        size_t expected = 0;
        for (Peer *peer : {&little, &big, &lines}) {
            QVERIFY(peer->connectTo(run.port()));
            peer->send("hello");
            QVERIFY(run.waitFor<MessagePassed>(++expected));
        }
        QVERIFY(silent.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientConnected>(4));
        for (Peer *peer : {&little, &big, &lines})
            peer->frames.clear();
        big.send("one");
        big.send("two");
        for (Peer *peer : {&little, &lines, &silent}) {
            QVERIFY(peer->waitForFrames(2));
            QCOMPARE(peer->frames, (QList<QByteArray>{"one", "two"}));
        }
        little.send("three");
        QVERIFY(big.waitForFrames(1));
        QCOMPARE(big.frames, QList<QByteArray>{"three"}); // its own did not come back
    }

    void policyChangesWhileListening()
    {
        RunningServer run;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        peer.send("silence");
        QVERIFY(run.waitFor<MessagePassed>());
        bool inForce = false;
        run.server.setPlainPolicy(PlainPolicy::Echo, [&](const auto &) { inForce = true; });
        QTRY_VERIFY(inForce);
        peer.send("echo");
        QVERIFY(peer.waitForFrames(1));
        QCOMPARE(peer.frames, QList<QByteArray>{"echo"});
    }

    void fifthOfFourIsToldApart()
    {
        RunningServer run;
        run.config.maxClients = 4;
        run.config.plainPolicy = PlainPolicy::Echo;
        QVERIFY(run.start());
        std::vector<std::unique_ptr<Peer>> peers;
        for (int i = 0; i < 4; ++i) {
            peers.push_back(std::make_unique<Peer>());
            QVERIFY(peers.back()->connectTo(run.port()));
        }
        QVERIFY(run.waitFor<ClientConnected>(4));
        Peer fifth;
        QVERIFY(fifth.connectTo(run.port()));
        fifth.send("let me in");
        QVERIFY(fifth.waitForEnd());
        QVERIFY(run.waitFor<PeerRefused>());
        QVERIFY(run.last<PeerRefused>()->reason.contains(u"4 clients"));
        QVERIFY(!run.last<PeerRefused>()->id);
        for (auto &peer : peers) {
            peer->send("still here");
            QVERIFY(peer->waitForFrames(1));
        }
        peers.pop_back();
        QVERIFY(run.waitFor<ClientDisconnected>());
        Peer next;
        QVERIFY(next.connectTo(run.port()));
        next.send("now?");
        QVERIFY(next.waitForFrames(1));
    }

    void overTheLimit()
    {
        RunningServer run;
        run.config.maxPayloadBytes = 1000;
        run.config.plainPolicy = PlainPolicy::Echo;
        QVERIFY(run.start());
        Peer good;
        Peer bad;
        QVERIFY(good.connectTo(run.port()));
        good.send("before");
        QVERIFY(bad.connectTo(run.port()));
        bad.send("small enough");
        QVERIFY(bad.waitForFrames(1));
        bad.send(QByteArray(1001, 'x'));
        QVERIFY(bad.waitForEnd());
        QVERIFY(run.waitFor<ClientDisconnected>());
        const QString reason = run.last<PeerRefused>()->reason;
        QVERIFY2(reason.contains(u"1,001") && reason.contains(u"1,000"), qPrintable(reason));
        good.send("after");
        QVERIFY(good.waitForFrames(2));

        // What came in the same piece before the fault is answered.
        Peer both;
        QVERIFY(both.connectTo(run.port()));
        both.sendRaw(encodeFrame(FrameFormat::U32LE, "fine")
                     + encodeFrame(FrameFormat::U32LE, QByteArray(1001, 'x')));
        QVERIFY(both.waitForEnd());
        QCOMPARE(both.frames, QList<QByteArray>{"fine"});
    }

    void disconnects()
    {
        RunningServer run;
        QVERIFY(run.start());
        Peer first;
        Peer second;
        QVERIFY(first.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientConnected>(1));
        QVERIFY(second.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientConnected>(2));
        second.send("known format");
        QVERIFY(run.waitFor<MessagePassed>());

        std::optional<Result<std::vector<ClientId>>> answer;
        run.server.disconnectClients(Recipients::parse(u"7").value(),
                                     [&](const auto &result) { answer = result; });
        QTRY_VERIFY(answer);
        QVERIFY(!*answer);
        answer.reset();
        run.server.disconnectClients(Recipients::parse(u"2").value(),
                                     [&](const auto &result) { answer = result; });
        QTRY_VERIFY(answer && *answer);
        QVERIFY(second.waitForEnd());
        QCOMPARE(first.socket.state(), QAbstractSocket::ConnectedState);
        run.server.disconnectClients(Recipients::everyone());
        QVERIFY(first.waitForEnd());
        QVERIFY(run.waitFor<ClientDisconnected>(2));
    }

    void countsPerClient()
    {
        RunningServer run;
        run.config.plainPolicy = PlainPolicy::Echo;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        for (int i = 0; i < 10; ++i)
            peer.send(QByteArray(100, 'x'));
        QVERIFY(peer.waitForFrames(10));
        QVERIFY(bool(run.send(u"1"_s, "five!")));
        QTRY_COMPARE(run.counters[1].framesOut, 11u);
        QCOMPARE(run.counters[1].framesIn, 10u);
        QCOMPARE(run.counters[1].bytesIn, 1000u);
        QCOMPARE(run.counters[1].bytesOut, 1005u);
        QCOMPARE(run.counters[1].queuedBytes, 0u);
        QVERIFY(run.counters[1].lastSeen >= run.last<ClientConnected>()->time);
        QCOMPARE(run.totals.framesIn, 10u);
        QCOMPARE(run.totals.clients, 1u);

        std::optional<Result<std::vector<ClientSnapshot>>> list;
        run.server.listClients([&](const auto &result) { list = result; });
        QTRY_VERIFY(list);
        QCOMPARE(list->value().size(), size_t(1));
        QCOMPARE(list->value().front().counters.framesIn, 10u);
        QVERIFY(list->value().front().formatDetected);
    }

    void gracefulStopFlushes()
    {
        RunningServer run;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        peer.send("here");
        QVERIFY(run.waitFor<MessagePassed>());
        const QByteArray large(4 * 1024 * 1024, 'x');
        QVERIFY(bool(run.send(u"1"_s, large)));
        QVERIFY(bool(run.send(u"1"_s, "last words")));
        QVERIFY(run.stop());
        QVERIFY(peer.waitForFrames(2));
        QCOMPARE(peer.frames.last(), QByteArray("last words"));
        QVERIFY(peer.waitForEnd());
    }

    void stopDoesNotWaitForEver()
    {
        RunningServer run;
        run.config.flushDeadline = 100ms;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        peer.stopReading();
        QVERIFY(run.waitFor<ClientConnected>());
        QVERIFY(bool(run.send(u"1"_s, QByteArray(64 * 1024 * 1024, 'x'))));
        QVERIFY(run.stop());
        QVERIFY(run.waitFor<ServerStopped>());
        QVERIFY2(run.last<ClientDisconnected>()->reason.contains(u"could not be sent in time"),
                 qPrintable(run.last<ClientDisconnected>()->reason));
    }

    void feedsCountersToThoseWhoShowThem_data()
    {
        QTest::addColumn<bool>("shown");
        QTest::newRow("shown") << true;
        QTest::newRow("nobody looks") << false;
    }

    void feedsCountersToThoseWhoShowThem()
    {
        QFETCH(const bool, shown);
        RunningServer run;
        run.config.plainPolicy = PlainPolicy::Echo;
        run.config.messageFeed = MessageFeed::None;
        run.config.feedsCounters = shown;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        peer.send("counted");
        QVERIFY(peer.waitForFrames(1));
        Peer later;
        QVERIFY(later.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientConnected>(2));
        QCOMPARE(run.counters.contains(1), shown);
    }

    void slowReaderOfRelayIsDropped()
    {
        RunningServer run;
        run.config.plainPolicy = PlainPolicy::Relay;
        run.config.messageFeed = MessageFeed::None;
        run.config.maxQueueBytes = 2 * 1024 * 1024;
        run.config.flushDeadline = 100ms;
        QVERIFY(run.start());
        Peer sender;
        Peer reader;
        Peer sleeper;
        for (Peer *peer : {&sender, &reader, &sleeper})
            QVERIFY(peer->connectTo(run.port()));
        QVERIFY(run.waitFor<ClientConnected>(3));
        sleeper.stopReading();
        const QByteArray message(64 * 1024, 'x');
        int sent = 0;
        QVERIFY(QTest::qWaitFor(
            [&] {
                if (sender.socket.bytesToWrite() < 1024 * 1024) {
                    sender.send(message);
                    ++sent;
                }
                return run.last<ClientDisconnected>().has_value();
            },
            30'000));
        QVERIFY2(run.last<ClientDisconnected>()->reason.contains(u"slow reader"),
                 qPrintable(run.last<ClientDisconnected>()->reason));
        QVERIFY(reader.waitForFrames(sent)); // the one who keeps up lost nothing
        QCOMPARE(run.all<ClientDisconnected>().size(), size_t(1));
    }

    void echoWaitsForItsReader()
    {
        RunningServer run;
        run.config.plainPolicy = PlainPolicy::Echo;
        run.config.messageFeed = MessageFeed::None;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        peer.stopReading();
        constexpr int kFrames = 600; // 38 MB, far more than all buffers on the way
        const QByteArray message(64 * 1024, 'x');
        for (int i = 0; i < kFrames; ++i)
            peer.send(message);
        // The server stops reading: its queue stays near the high-water mark.
        quint64 highest = 0;
        qint64 stuckAt = -1;
        QVERIFY(QTest::qWaitFor(
            [&] {
                highest = std::max(highest, run.counters[1].queuedBytes);
                const bool stuck = highest > Connection_highWater && stuckAt == peer.socket.bytesToWrite();
                stuckAt = peer.socket.bytesToWrite();
                return stuck;
            },
            20'000));
        QVERIFY(peer.socket.bytesToWrite() > 0);
        QVERIFY2(highest < 4 * 1024 * 1024, qPrintable(QString::number(highest)));
        peer.readAgain();
        QVERIFY(peer.waitForFrames(kFrames));
        QCOMPARE(peer.frames.size(), qsizetype(kFrames));
        QVERIFY(!run.last<ClientDisconnected>());
        QTRY_COMPARE(run.counters[1].queuedBytes, 0u); // and this is seen
    }

    void echoGoesOnAfterALargeMessage_data()
    {
        QTest::addColumn<int>("bytes");
        // Around the high-water mark, what the system takes at once, and what it does not.
        for (const int kib : {512, 1024, 1025, 1536, 2048, 4096, 12'288})
            QTest::addRow("%d KiB", kib) << kib * 1024;
    }

    void echoGoesOnAfterALargeMessage()
    {
        QFETCH(const int, bytes);
        RunningServer run;
        run.config.plainPolicy = PlainPolicy::Echo;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        peer.send(QByteArray(bytes, 'x'));
        QVERIFY(peer.waitForFrames(1));
        peer.send("and on");
        QVERIFY(peer.waitForFrames(2));
        QCOMPARE(peer.frames.last(), QByteArray("and on"));
    }

    void answersAfterTheEnd_data()
    {
        QTest::addColumn<FrameFormat>("format");
        QTest::addColumn<bool>("setTo");
        QTest::addColumn<int>("bytes");
        QTest::addColumn<bool>("slow");
        QTest::newRow("lines, detected") << FrameFormat(FrameFormat::Lines) << false << 6 << false;
        QTest::newRow("u32le, detected") << FrameFormat(FrameFormat::U32LE) << false << 6 << false;
        QTest::newRow("u32le, much, slow reader")
            << FrameFormat(FrameFormat::U32LE) << true << 8'000'000 << true;
        QTest::newRow("stream") << FrameFormat(FrameFormat::Stream) << true << 6 << false;
        QTest::newRow("stream, much, slow reader")
            << FrameFormat(FrameFormat::Stream) << true << 8'000'000 << true;
    }

    /// A peer that sends, ends its direction and reads the answer gets all of it.
    void answersAfterTheEnd()
    {
        QFETCH(const FrameFormat, format);
        QFETCH(const bool, setTo);
        QFETCH(const int, bytes);
        QFETCH(const bool, slow);
        RunningServer run;
        run.config.format = setTo ? format : FrameFormat(FrameFormat::Auto);
        run.config.plainPolicy = PlainPolicy::Echo;
        run.config.maxPayloadBytes = 64 * 1024 * 1024;
        QVERIFY(run.start());
        Peer peer(format);
        QVERIFY(peer.connectTo(run.port()));
        if (slow)
            peer.stopReading();
        const QByteArray wire = encodeFrame(format, QByteArray(bytes, 'x'));
        peer.sendRaw(wire);
        QVERIFY(peer.endSending());
        QTRY_COMPARE(run.received().size(), 1);
        QCOMPARE(run.received().first().size(), qsizetype(bytes));
        if (slow)
            peer.readAgain();
        QVERIFY(peer.waitForEnd());
        QCOMPARE(peer.raw.size(), wire.size());
        QVERIFY(peer.raw == wire);
    }

    void operatorAnswersAStream()
    {
        RunningServer run;
        run.config.format = FrameFormat::Stream;
        QVERIFY(run.start());
        Peer peer(FrameFormat::Stream);
        QVERIFY(peer.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientConnected>());
        QVERIFY(bool(run.send(u"1"_s, "all there is")));
        const Result<SendReport> second = run.send(u"1"_s, "more");
        QVERIFY(bool(second));
        QCOMPARE(second.value().failed.size(), size_t(1));
        QVERIFY(peer.waitForEnd());
        QCOMPARE(peer.raw, QByteArray("all there is"));
    }

    void cutFrameIsExplained()
    {
        RunningServer run;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        peer.sendRaw(encodeFrame(FrameFormat::U32LE, "whole")
                     + encodeFrame(FrameFormat::U32LE, "only half").first(8));
        peer.socket.disconnectFromHost();
        QVERIFY(run.waitFor<ClientDisconnected>());
        QCOMPARE(run.received(), QList<QByteArray>{"whole"});
        QVERIFY2(run.last<ClientDisconnected>()->reason.contains(u"4 of the 9 bytes"),
                 qPrintable(run.last<ClientDisconnected>()->reason));
    }

    void frameMustEndInTime()
    {
        RunningServer run;
        run.config.frameDeadline = 10ms;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        peer.sendRaw(encodeFrame(FrameFormat::U32LE, "hello").first(7));
        QVERIFY(peer.waitForEnd());
        QVERIFY(run.waitFor<ClientDisconnected>());
        QVERIFY2(run.last<PeerRefused>()->reason.contains(u"3 of the 5 bytes"),
                 qPrintable(run.last<PeerRefused>()->reason));
    }

    void feedForProgramsLosesNothing()
    {
        RunningServer run;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        constexpr int kMessages = 200'000; // ten times what may wait
        QByteArray wire;
        for (int i = 0; i < kMessages; ++i)
            appendFrame(wire, FrameFormat::U32LE, QByteArray::number(i));
        peer.sendRaw(wire);
        QTRY_COMPARE_WITH_TIMEOUT(run.received().size(), kMessages, 60'000);
        const QList<QByteArray> received = run.received();
        for (int i = 0; i < kMessages; ++i)
            QCOMPARE(received[i].toInt(), i);
    }

    void feedForWindowsSkipsAndSaysSo()
    {
        RunningServer run;
        run.config.messageFeed = MessageFeed::Latest;
        QVERIFY(run.start());
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        constexpr int kMessages = 300'000;
        QByteArray wire;
        for (int i = 0; i < kMessages; ++i)
            appendFrame(wire, FrameFormat::U32LE, QByteArray::number(i));
        peer.sendRaw(wire);
        QTRY_COMPARE_WITH_TIMEOUT(run.totals.framesIn, quint64(kMessages), 60'000);
        quint64 skipped = 0;
        for (const MessagesSkipped &s : run.all<MessagesSkipped>())
            skipped += s.count;
        QCOMPARE(quint64(run.received().size()) + skipped, quint64(kMessages));
        QCOMPARE(run.received().last().toInt(), kMessages - 1);
    }

    void manyComeAndGo()
    {
        RunningServer run;
        QVERIFY(run.start());
        constexpr size_t kClients = 500;
        std::vector<std::unique_ptr<Peer>> peers;
        for (size_t i = 0; i < kClients; ++i) {
            peers.push_back(std::make_unique<Peer>());
            peers.back()->socket.connectToHost(QHostAddress::LocalHost, run.port());
            peers.back()->send("hello");
        }
        QVERIFY(run.waitFor<MessagePassed>(kClients, 30'000));
        peers.clear();
        QVERIFY(run.waitFor<ClientDisconnected>(kClients, 30'000));
        QTRY_COMPARE(run.totals.clients, 0u);
    }

    void diesWhileListening()
    {
        Peer peer;
        {
            RunningServer run;
            QVERIFY(run.start());
            QVERIFY(peer.connectTo(run.port()));
            QVERIFY(run.waitFor<ClientConnected>());
        }
        QVERIFY(peer.waitForEnd());
    }

private:
    static constexpr quint64 Connection_highWater = 1024 * 1024;
};

QTEST_GUILESS_MAIN(TestChatServer)
#include "tst_chatserver.moc"

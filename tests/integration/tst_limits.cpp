// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/admission.h"
#include "server-gui/core/ratekeeper.h"
#include "tests/support/chatpeer.h"
#include "tests/support/runningserver.h"

#include <QElapsedTimer>
#include <QTest>

#include <memory>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;

namespace {

/// Comes from one of the addresses that all mean this machine.
bool connectFrom(Peer &peer, const QString &address, quint16 port)
{
    return peer.socket.bind(QHostAddress(address)) && peer.connectTo(port);
}

quint64 framesOf(const RunningServer &run, quint64 id)
{
    const auto found = run.counters.find(id);
    return found == run.counters.end() ? 0 : found->second.framesIn;
}

size_t refusals(const RunningServer &run, const QString &words)
{
    const auto all = run.all<PeerRefused>();
    return size_t(std::count_if(all.begin(), all.end(),
                                [&](const PeerRefused &refused) { return refused.reason.contains(words); }));
}

} // namespace

class TestLimits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdsAFloodToItsRate();
    void holdsBytesToTheirRate();
    void tellsAChatClientToSlowDown();
    void acknowledgementsAreFree();
    void countsPlaces_data();
    void countsPlaces();
    void crowdsOutTheCrowd();
    void letsABurstSpeak();
    void letsInSoManyOfAnAddress();
    void makesRoomForWhoSpeaks_data();
    void makesRoomForWhoSpeaks();
    void closesTheSilentWhereOnlyChatIsServed();
    void refusesPlainWhereOnlyChatIsServed();
    void letsListenersBeSilent();
    void closesTheIdle();
    void dropsTheWorstOfManySlowReaders();
    void passesOneMessageOfTheLargestSize();
    void showsWhoIsSlowUntilItHasCaughtUp();
};

void TestLimits::holdsAFloodToItsRate()
{
    constexpr quint64 kRate = 2'000;
    RunningServer run;
    run.config.maxFramesPerSecond = kRate;
    run.config.messageFeed = MessageFeed::None;
    run.config.plainPolicy = PlainPolicy::Echo;
    QVERIFY(run.start());
    Peer flood;
    flood.reads = false;
    QVERIFY(flood.connectTo(run.port()));
    QElapsedTimer since;
    since.start();
    QByteArray frames;
    for (int i = 0; i < 100'000; ++i)
        frames += encodeFrame(FrameFormat::U32LE, "flood");
    flood.sendRaw(frames);
    QTRY_VERIFY(framesOf(run, 1) > 0);

    Peer other;
    QVERIFY(other.connectTo(run.port()));
    for (int i = 1; i <= 100; ++i) {
        other.send("between");
        QVERIFY(other.waitForFrames(i));
    }
    QTRY_VERIFY_WITH_TIMEOUT(framesOf(run, 1) >= 3 * kRate, 30'000);
    // What was saved of one second, and a piece that was being read.
    const quint64 most = kRate * (quint64(since.elapsed()) / 1000 + 4);
    QVERIFY2(framesOf(run, 1) <= most, qPrintable(QString::number(framesOf(run, 1))));
    QVERIFY(run.counters[1].heldBack > 0);
    QCOMPARE(run.counters[2].heldBack, quint64(0));
    QVERIFY(run.totals.heldBack > 0);
    // A plain client cannot be told; the log says it once.
    const auto notes = run.all<ServerNote>();
    QCOMPARE(std::count_if(notes.begin(), notes.end(),
                           [](const ServerNote &note) { return note.text.contains(u"Held back"); }),
             1);
}

void TestLimits::holdsBytesToTheirRate()
{
    RunningServer run;
    run.config.maxBytesPerSecond = 100'000;
    QVERIFY(run.start());
    Peer peer;
    QVERIFY(peer.connectTo(run.port()));
    QElapsedTimer since;
    since.start();
    for (int i = 0; i < 30; ++i)
        peer.send(QByteArray(10'000, char('a' + i % 26)));
    QTRY_COMPARE_WITH_TIMEOUT(run.received().size(), 30, 30'000);
    // 100,000 at once, and up to another second's worth that was on its way.
    QVERIFY2(since.elapsed() > 900, qPrintable(QString::number(since.elapsed())));
    QCOMPARE(run.received().last(), QByteArray(10'000, char('a' + 29 % 26)));
    QVERIFY(run.counters[1].heldBack > 0);
}

void TestLimits::tellsAChatClientToSlowDown()
{
    RunningServer run;
    run.config.maxFramesPerSecond = 50;
    QVERIFY(run.start());
    ChatPeer ann, bob;
    QVERIFY(ann.join(run.port(), u"Ann"_s) && bob.join(run.port(), u"Bob"_s));
    QElapsedTimer since;
    since.start();
    constexpr quint64 kPosts = 200;
    for (quint64 ref = 1; ref <= kPosts; ++ref)
        ann.post(ref, {}, "quick");
    bob.post(1, {}, "patient");
    QVERIFY(bob.waitFor<chat::Stored>());
    QVERIFY(ann.all<chat::Stored>().size() < kPosts);
    QVERIFY(ann.waitFor<chat::Stored>(kPosts, 60'000));
    const auto notices = ann.all<chat::Notice>();
    QVERIFY(!notices.empty());
    for (const chat::Notice &notice : notices) {
        QCOMPARE(notice.code, chat::notice::SlowDown);
        QVERIFY2(notice.text.contains(u"50 messages a second"), qPrintable(notice.text));
    }
    QVERIFY(notices.size() <= size_t(since.elapsed() / RateKeeper::kTellInterval.count() + 1));
    QVERIFY(bob.all<chat::Notice>().empty());
    QTRY_COMPARE(bob.delivered().size(), qsizetype(kPosts));
}

/// Who is written to much answers much, and that is not its own doing.
void TestLimits::acknowledgementsAreFree()
{
    RunningServer run;
    run.config.maxFramesPerSecond = 5;
    QVERIFY(run.start());
    ChatPeer ann;
    QVERIFY(ann.join(run.port(), u"Ann"_s));
    for (quint64 i = 1; i <= 60; ++i) {
        QVERIFY(bool(run.send(u"1"_s, "news")));
        const auto delivery = ann.waitFor<chat::Delivery>(i);
        QVERIFY(delivery);
        ann.send(chat::Ack{delivery->seq});
        QTRY_COMPARE(run.all<MessageDelivered>().size(), size_t(i));
    }
    QCOMPARE(run.totals.heldBack, quint64(0));
    // The same once more acknowledges nothing.
    for (int i = 0; i < 60; ++i)
        ann.send(chat::Ack{1});
    QTRY_VERIFY(run.totals.heldBack > 0);
}

void TestLimits::countsPlaces_data()
{
    QTest::addColumn<QString>("one");
    QTest::addColumn<QString>("other");
    QTest::addColumn<bool>("isSame");
    QTest::newRow("an address") << u"192.0.2.1"_s << u"192.0.2.1"_s << true;
    QTest::newRow("neighbours") << u"192.0.2.1"_s << u"192.0.2.2"_s << false;
    QTest::newRow("the same in IPv6") << u"192.0.2.1"_s << u"::ffff:192.0.2.1"_s << true;
    QTest::newRow("one subscriber's") << u"2001:db8:1:2::1"_s << u"2001:db8:1:2:ffff::9"_s << true;
    QTest::newRow("two subscribers'") << u"2001:db8:1:2::1"_s << u"2001:db8:1:3::1"_s << false;
    QTest::newRow("IPv4 and IPv6") << u"127.0.0.1"_s << u"::1"_s << false;
}

void TestLimits::countsPlaces()
{
    QFETCH(QString, one);
    QFETCH(QString, other);
    QFETCH(bool, isSame);
    QCOMPARE(Admission::placeOf(QHostAddress(one)) == Admission::placeOf(QHostAddress(other)), isSame);

    ServerConfig config;
    config.maxPerAddress = 1;
    Admission admission;
    admission.open(config, 3);
    QVERIFY(!admission.add(ClientId(1), QHostAddress(one), false));
    QCOMPARE(admission.whyNot(QHostAddress(other)).isEmpty(), !isSame);
    admission.remove(ClientId(1), QHostAddress(one));
    QVERIFY(admission.whyNot(QHostAddress(other)).isEmpty());
    QCOMPARE(admission.clients(), 0);
}

/// Who comes alone stays, whoever comes in numbers.
void TestLimits::crowdsOutTheCrowd()
{
    ServerConfig config;
    config.maxUnauthenticated = 8;
    config.maxUnauthenticatedPerAddress = 4;
    Admission admission;
    admission.open(config, 1000);
    const QHostAddress alone(u"192.0.2.1"_s);
    quint64 next = 1;
    Admission::Clock::time_point now{};
    const auto add = [&](const QHostAddress &address) {
        now += Admission::kGrace;
        return admission.add(ClientId(next++), address, true, now);
    };
    QVERIFY(!add(alone));
    for (int i = 0; i < 1'000; ++i) {
        const auto leaves = add(QHostAddress(u"10.0.0.%1"_s.arg(i % 3)));
        QVERIFY(leaves != ClientId(1));
        QCOMPARE(leaves.has_value(), i >= 7);
        QVERIFY(admission.unauthenticated() <= 8);
    }
    // Of those who came once each, the oldest goes.
    admission.open(config, 1000);
    for (int i = 0; i < 8; ++i)
        QVERIFY(!add(QHostAddress(u"10.0.1.%1"_s.arg(i))));
    const ClientId oldest(next - 8);
    QVERIFY(add(alone) == oldest);
    admission.authenticated(ClientId(next - 1));
    QCOMPARE(admission.unauthenticated(), 7);
    QCOMPARE(admission.clients(), 9);
}

/// Many who come back at once have the time to say who they are.
void TestLimits::letsABurstSpeak()
{
    ServerConfig config;
    config.maxUnauthenticated = 100;
    config.maxUnauthenticatedPerAddress = 10;
    Admission admission;
    admission.open(config, 1000);
    const QHostAddress one(u"192.0.2.1"_s);
    Admission::Clock::time_point now{};
    for (quint64 id = 1; id <= 100; ++id)
        QVERIFY(!admission.add(ClientId(id), one, true, now));
    QVERIFY(admission.add(ClientId(101), one, true, now) == ClientId(1)); // but not more than may be in all
    for (quint64 id = 2; id <= 51; ++id)
        admission.authenticated(ClientId(id));
    QVERIFY(admission.takeSurplus(now).empty());
    now += Admission::kGrace;
    const std::vector<ClientId> surplus = admission.takeSurplus(now);
    QCOMPARE(surplus.size(), size_t(40));
    QVERIFY(surplus.front() == ClientId(52));
    QCOMPARE(admission.unauthenticated(), 10);
    QVERIFY(admission.takeSurplus(now).empty());
    QVERIFY(admission.add(ClientId(102), one, true, now) == ClientId(92));
}

void TestLimits::letsInSoManyOfAnAddress()
{
    RunningServer run;
    run.config.maxPerAddress = 2;
    QVERIFY(run.start());
    Peer first, second, third, elsewhere, later;
    QVERIFY(connectFrom(first, u"127.0.0.1"_s, run.port())
            && connectFrom(second, u"127.0.0.1"_s, run.port()));
    QVERIFY(run.waitFor<ClientConnected>(2));
    QVERIFY(connectFrom(third, u"127.0.0.1"_s, run.port()));
    QVERIFY(third.waitForEnd());
    QVERIFY(run.waitFor<PeerRefused>());
    QVERIFY2(run.last<PeerRefused>()->reason.contains(u"2 clients are connected from this address"),
             qPrintable(run.last<PeerRefused>()->reason));
    QCOMPARE(run.last<PeerRefused>()->address, u"127.0.0.1"_s);
    QTRY_COMPARE(run.totals.refused, quint64(1));
    QVERIFY(connectFrom(elsewhere, u"127.0.0.2"_s, run.port()));
    QVERIFY(run.waitFor<ClientConnected>(3));
    first.socket.abort();
    QVERIFY(run.waitFor<ClientDisconnected>());
    QVERIFY(connectFrom(later, u"127.0.0.1"_s, run.port()));
    QVERIFY(run.waitFor<ClientConnected>(4));
    QCOMPARE(run.all<PeerRefused>().size(), size_t(1));
}

void TestLimits::makesRoomForWhoSpeaks_data()
{
    QTest::addColumn<int>("most");
    QTest::addColumn<int>("mostOfOne");
    QTest::addColumn<bool>("comesFromElsewhere");
    QTest::addColumn<int>("stay");
    QTest::newRow("from the crowd's address") << 256 << 16 << false << 16;
    QTest::newRow("from another") << 256 << 16 << true << 16;
    QTest::newRow("as many as may be in all") << 8 << 16 << true << 7;
}

void TestLimits::makesRoomForWhoSpeaks()
{
    QFETCH(int, most);
    QFETCH(int, mostOfOne);
    QFETCH(bool, comesFromElsewhere);
    QFETCH(int, stay);
    constexpr int kSilent = 100;
    RunningServer run;
    run.config.chatOnly = true;
    run.config.maxUnauthenticated = most;
    run.config.maxUnauthenticatedPerAddress = mostOfOne;
    run.config.detectionDeadline = 10min;
    QVERIFY(run.start());
    std::vector<std::unique_ptr<Peer>> silent;
    for (int i = 0; i < kSilent; ++i) {
        silent.push_back(std::make_unique<Peer>());
        QVERIFY(connectFrom(*silent.back(), u"127.0.0.1"_s, run.port()));
    }
    QVERIFY(run.waitFor<ClientConnected>(kSilent));
    ChatPeer real;
    QVERIFY(real.peer.socket.bind(QHostAddress(comesFromElsewhere ? u"127.0.0.9"_s : u"127.0.0.1"_s)));
    QVERIFY(real.join(run.port(), u"Real"_s));
    const auto open = [&] {
        return std::count_if(silent.begin(), silent.end(), [](const auto &peer) {
            return peer->socket.state() == QAbstractSocket::ConnectedState;
        });
    };
    QTRY_COMPARE(int(open()), stay);
    // The oldest went, each told why in the log; the newest are there.
    QCOMPARE(silent.back()->socket.state(), QAbstractSocket::ConnectedState);
    QTRY_COMPARE(refusals(run, u"made room"_s), size_t(kSilent - stay));
    real.post(1, {}, "I am in");
    QVERIFY(real.waitFor<chat::Stored>());
}

void TestLimits::closesTheSilentWhereOnlyChatIsServed()
{
    RunningServer run;
    run.config.chatOnly = true;
    run.config.detectionDeadline = 1s;
    run.config.helloDeadline = 1s;
    QVERIFY(run.start());
    Peer silent, halfway, helloless(FrameFormat::U32BE);
    QVERIFY(silent.connectTo(run.port()) && halfway.connectTo(run.port()) && helloless.connectTo(run.port()));
    halfway.sendRaw(QByteArray("\0\0", 2));
    helloless.sendRaw(QByteArray::fromHex("00000400d9d9f7"));
    QVERIFY(silent.waitForEnd());
    QVERIFY(halfway.waitForEnd());
    QVERIFY(helloless.waitForEnd());
    QTRY_COMPARE(run.all<PeerRefused>().size(), size_t(3));
    QCOMPARE(refusals(run, u"did not say in time that it is a chat client"_s), size_t(2));
    QCOMPARE(refusals(run, u"No Hello came in time"_s), size_t(1));
}

void TestLimits::refusesPlainWhereOnlyChatIsServed()
{
    RunningServer run;
    run.config.chatOnly = true;
    QVERIFY(run.start());
    ChatPeer chat;
    QVERIFY(chat.join(run.port(), u"Ann"_s));
    Peer plain;
    QVERIFY(plain.connectTo(run.port()));
    plain.send("hello");
    QVERIFY(plain.waitForEnd());
    QTRY_COMPARE(refusals(run, u"chat clients only"_s), size_t(1));
    QVERIFY(run.received().isEmpty());
    // Nothing is said to who has not said who it is.
    Peer silent;
    QVERIFY(silent.connectTo(run.port()));
    QVERIFY(run.waitFor<ClientConnected>(3));
    const auto report = run.send(u"all"_s, "to those who are there");
    QVERIFY(bool(report));
    QCOMPARE(report.value().waiting.size(), size_t(1));
    QVERIFY(chat.waitFor<chat::Delivery>());
    QVERIFY(silent.raw.isEmpty());
}

void TestLimits::letsListenersBeSilent()
{
    RunningServer run;
    run.config.detectionDeadline = 1ms;
    run.config.helloDeadline = 1ms;
    run.config.maxUnauthenticated = 1;
    run.config.maxUnauthenticatedPerAddress = 1;
    QVERIFY(run.start());
    Peer one, two;
    QVERIFY(one.connectTo(run.port()) && two.connectTo(run.port()));
    QVERIFY(run.waitFor<ClientConnected>(2));
    // Two looks at the deadlines.
    QTest::qWait(2'500);
    QVERIFY(run.all<ClientDisconnected>().empty());
    QVERIFY(bool(run.send(u"all"_s, "news")));
    QVERIFY(one.waitForFrames(1) && two.waitForFrames(1));
}

void TestLimits::closesTheIdle()
{
    RunningServer run;
    run.config.idleDeadline = 1s;
    QVERIFY(run.start());
    ChatPeer chat;
    QVERIFY(chat.join(run.port(), u"Ann"_s));
    Peer idle, busy;
    QVERIFY(busy.connectTo(run.port()));
    QTimer chatter;
    chatter.setInterval(100);
    connect(&chatter, &QTimer::timeout, &busy, [&] { busy.send("still here"); });
    chatter.start();
    QVERIFY(idle.connectTo(run.port()));
    idle.send("once");
    QVERIFY(idle.waitForEnd());
    QTRY_COMPARE(run.all<ClientDisconnected>().size(), size_t(1));
    QVERIFY2(
        run.last<ClientDisconnected>()->reason.contains(u"No message went to it or came from it for 1 s"),
        qPrintable(run.last<ClientDisconnected>()->reason));
    QCOMPARE(busy.socket.state(), QAbstractSocket::ConnectedState);
    QCOMPARE(chat.peer.socket.state(), QAbstractSocket::ConnectedState);
}

void TestLimits::dropsTheWorstOfManySlowReaders()
{
    constexpr int kReaders = 40;
    constexpr qsizetype kPiece = 64 * 1024;
    RunningServer run;
    run.config.maxQueuesBytes = 16 * 1024 * 1024;
    run.config.messageFeed = MessageFeed::None;
    run.config.defaultFormat = FrameFormat::U32LE;
    QVERIFY(run.start());
    std::vector<std::unique_ptr<Peer>> readers;
    for (int i = 0; i < kReaders; ++i) {
        readers.push_back(std::make_unique<Peer>());
        readers.back()->stopReading();
        QVERIFY(readers.back()->connectTo(run.port()));
        readers.back()->send("here");
    }
    // They read, one in each I/O thread where there are some.
    constexpr int kGood = 4;
    std::vector<std::unique_ptr<Peer>> good;
    for (int i = 0; i < kGood; ++i) {
        good.push_back(std::make_unique<Peer>());
        QVERIFY(good.back()->connectTo(run.port()));
        good.back()->send("here");
    }
    QVERIFY(run.waitFor<ClientFormatKnown>(kReaders + kGood));

    // One is further behind than the others.
    const QByteArray piece(kPiece, 'x');
    quint64 highest = 0;
    const auto note = [&] {
        highest = std::max(highest, run.totals.queuedBytes);
    };
    const auto isBehind = [&] {
        return run.counters[7].queuedBytes >= 2'000'000;
    };
    const auto isSlow = [&] {
        const auto slow = run.last<ClientSlow>();
        return slow && slow->id == ClientId(7) && slow->isSlow;
    };
    for (int i = 0; i < 400 && !(isBehind() && isSlow()); ++i) {
        QVERIFY(bool(run.send(u"7"_s, piece)));
        QVERIFY(QTest::qWaitFor([&] { return !isBehind() || isSlow(); }, 10'000));
    }
    QVERIFY(isBehind() && isSlow());
    QVERIFY(run.all<ClientDisconnected>().empty());
    qsizetype sent = 0;
    for (; run.all<ClientDisconnected>().size() < 5 && sent < 1'000; ++sent) {
        QVERIFY(bool(run.send(u"all"_s, piece)));
        // Not faster than the I/O threads take it.
        for (const auto &peer : good)
            QVERIFY(peer->waitForFrames(sent + 1));
        note();
    }
    QVERIFY(run.all<ClientDisconnected>().size() >= 5);
    QCOMPARE(run.all<ClientDisconnected>().front().id, ClientId(7));
    // Shown as slow before.
    for (const ClientDisconnected &gone : run.all<ClientDisconnected>()) {
        QVERIFY2(gone.reason.startsWith(u"Dropped as a slow reader: "), qPrintable(gone.reason));
        const auto slow = run.all<ClientSlow>();
        QVERIFY(std::any_of(slow.begin(), slow.end(),
                            [&](const ClientSlow &event) { return event.id == gone.id && event.isSlow; }));
    }
    QVERIFY(highest > run.config.maxQueuesBytes / 2);
    QVERIFY2(highest <= run.config.maxQueuesBytes + kReaders * quint64(kPiece + 4),
             qPrintable(QString::number(highest)));
    QTRY_VERIFY(run.totals.slowDropped >= 5);
    for (const auto &peer : good)
        QCOMPARE(peer->frames.size(), sent);
    // Those that are gone wait no more.
    for (auto &reader : readers)
        reader->socket.abort();
    QTRY_COMPARE_WITH_TIMEOUT(run.totals.queuedBytes, quint64(0), 10'000);
}

void TestLimits::passesOneMessageOfTheLargestSize()
{
    RunningServer run;
    run.config.messageFeed = MessageFeed::None;
    run.config.format = FrameFormat::U32LE;
    run.config.plainPolicy = PlainPolicy::Echo;
    run.config.maxQueueBytes = 1024 * 1024;
    run.config.maxQueuesBytes = 2 * 1024 * 1024;
    QVERIFY(run.start());
    Peer peer;
    peer.stopReading();
    QVERIFY(peer.connectTo(run.port()));
    const QByteArray large(qsizetype(run.config.maxPayloadBytes), 'x');
    peer.send(large);
    QTRY_VERIFY(run.counters[1].queuedBytes > run.config.maxQueuesBytes);
    QVERIFY(run.waitFor<ClientSlow>());
    peer.readAgain();
    QVERIFY(peer.waitForFrames(1));
    QVERIFY(peer.frames.first() == large);
    QVERIFY(run.all<ClientDisconnected>().empty());
}

void TestLimits::showsWhoIsSlowUntilItHasCaughtUp()
{
    RunningServer run;
    run.config.messageFeed = MessageFeed::None;
    QVERIFY(run.start());
    Peer reader;
    reader.stopReading();
    QVERIFY(reader.connectTo(run.port()));
    reader.send("here");
    QVERIFY(run.waitFor<ClientFormatKnown>());
    const QByteArray piece(64 * 1024, 'x');
    for (int i = 0; i < 400 && run.counters[1].queuedBytes < 3'000'000; ++i)
        QVERIFY(bool(run.send(u"1"_s, piece)));
    QVERIFY(run.waitFor<ClientSlow>());
    QVERIFY(run.last<ClientSlow>()->isSlow);
    QTRY_VERIFY(run.counters[1].isSlow);
    reader.readAgain();
    QVERIFY(run.waitFor<ClientSlow>(2));
    QVERIFY(!run.last<ClientSlow>()->isSlow);
    QTRY_VERIFY(!run.counters[1].isSlow);
    QTRY_COMPARE(run.totals.queuedBytes, quint64(0));
    QVERIFY(run.all<ClientDisconnected>().empty());
}

QTEST_GUILESS_MAIN(TestLimits)
#include "tst_limits.moc"

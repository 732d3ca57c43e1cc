// SPDX-License-Identifier: Apache-2.0
#include "common/transport/channel.h"
#include "tests/support/chatpeer.h"
#include "tests/support/heldthread.h"
#include "tests/support/runningserver.h"

#include <deque>
#include <map>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

constexpr int kSenders = 20;
constexpr int kReceivers = 20;

/// Sender and number, and bytes that follow from both.
QByteArray message(int sender, int number, qsizetype size = 40)
{
    QByteArray text = QByteArray::number(sender) + ' ' + QByteArray::number(number) + ' ';
    text.append(std::max<qsizetype>(size - text.size(), 0), char('a' + (sender + number) % 26));
    return text;
}

/// Empty where the messages of each sender are there from its first one on, in order, each once.
QString whatIsWrong(const QList<QByteArray> &messages, std::map<int, int> &counts)
{
    for (const QByteArray &text : messages) {
        const QList<QByteArray> words = text.split(' ');
        int &next = counts[words.value(0).toInt()];
        if (text != message(words.value(0).toInt(), next, text.size()))
            return u"expected message %1 of sender %2, got %3"_s.arg(QString::number(next),
                                                                     QString::fromLatin1(words.value(0)),
                                                                     QString::fromLatin1(words.value(1)));
        ++next;
    }
    return {};
}

std::vector<int> ioThreads()
{
    return threadsNamed("wireroom-io");
}

} // namespace

/// A server whose sockets are split over I/O threads: what its clients may rely on.
class TestIoThreads : public QObject
{
    Q_OBJECT

private:
    struct Server : RunningServer
    {
        explicit Server(PlainPolicy policy = PlainPolicy::None, int threads = 4)
        {
            config.messageFeed = MessageFeed::None;
            config.format = FrameFormat::U32LE;
            config.plainPolicy = policy;
            config.ioThreads = threads;
        }

        bool connectAll(std::deque<Peer> &peers, int count)
        {
            for (int i = 0; i < count; ++i) {
                if (!peers.emplace_back().connectTo(port()))
                    return false;
            }
            const size_t known = all<ClientConnected>().size();
            return waitFor<ClientConnected>(known)
                && QTest::qWaitFor([&] { return totals.clients >= peers.size(); });
        }
    };

private Q_SLOTS:

    void startsItsThreads_data()
    {
        QTest::addColumn<int>("threads");
        QTest::addColumn<int>("further");
        QTest::newRow("none") << 0 << 0;
        QTest::newRow("one, the network thread") << 1 << 0;
        QTest::newRow("two") << 2 << 2;
        QTest::newRow("four") << 4 << 4;
        QTest::newRow("too many") << 100 << 64;
    }

    void startsItsThreads()
    {
        QFETCH(const int, threads);
        QFETCH(const int, further);
        if (!QDir(u"/proc/self/task"_s).exists())
            QSKIP("The system does not list a program's threads.");
        Server server(PlainPolicy::Echo, threads);
        QVERIFY(server.start());
        QTRY_COMPARE(int(ioThreads().size()), further);
        Peer peer;
        QVERIFY(peer.connectTo(server.port()));
        peer.send("there and back");
        QVERIFY(peer.waitForFrames(1));
        QVERIFY(server.stop());
        // As many as before, or none, with the next start.
        server.config.ioThreads = 1;
        QVERIFY(server.start());
        QTRY_COMPARE(int(ioThreads().size()), 0);
    }

    void relaysInOrder_data()
    {
        QTest::addColumn<int>("messages");
        QTest::addColumn<int>("size");
        QTest::newRow("small") << 200 << 40;
        QTest::newRow("one by one in a block of its own") << 5 << 20'000;
        QTest::newRow("larger than what may be on its way") << 1 << 300'000;
    }

    void relaysInOrder()
    {
        QFETCH(const int, messages);
        QFETCH(const int, size);
        Server server(PlainPolicy::Relay);
        server.config.maxQueueBytes = 1u << 30;
        QVERIFY(server.start());
        std::deque<Peer> receivers;
        QVERIFY(server.connectAll(receivers, kReceivers));
        std::deque<Peer> senders;
        for (int sender = 0; sender < kSenders; ++sender)
            QVERIFY(senders.emplace_back().connectTo(server.port()));
        for (int number = 0; number < messages; ++number) {
            for (int sender = 0; sender < kSenders; ++sender)
                senders[size_t(sender)].send(message(sender, number, size));
            QCoreApplication::processEvents();
        }
        for (Peer &receiver : receivers) {
            QVERIFY(receiver.waitForFrames(kSenders * messages));
            std::map<int, int> counts;
            QCOMPARE(whatIsWrong(receiver.frames, counts), QString());
            QCOMPARE(receiver.frames.size(), kSenders * messages);
        }
        for (int sender = 0; sender < kSenders; ++sender) {
            Peer &peer = senders[size_t(sender)];
            QVERIFY(peer.waitForFrames((kSenders - 1) * messages));
            std::map<int, int> counts;
            QCOMPARE(whatIsWrong(peer.frames, counts), QString());
            QVERIFY(!counts.contains(sender));
        }
    }

    void deliversInOrder()
    {
        constexpr int kMessages = 50;
        Server server;
        QVERIFY(server.start());
        std::deque<ChatPeer> receivers;
        for (int i = 0; i < kReceivers; ++i)
            QVERIFY(receivers.emplace_back().join(server.port(), u"receiver %1"_s.arg(i)));
        std::deque<ChatPeer> senders;
        for (int i = 0; i < kSenders; ++i)
            QVERIFY(senders.emplace_back().join(server.port(), u"sender %1"_s.arg(i)));
        for (int number = 0; number < kMessages; ++number) {
            for (int sender = 0; sender < kSenders; ++sender)
                senders[size_t(sender)].post(quint64(number) + 1, std::nullopt, message(sender, number));
            QCoreApplication::processEvents();
        }
        for (ChatPeer &receiver : receivers) {
            const auto last = receiver.waitFor<chat::Delivery>(kSenders * kMessages, 20'000);
            QVERIFY(last);
            std::map<int, int> counts;
            QCOMPARE(whatIsWrong(receiver.delivered(), counts), QString());
            QCOMPARE(receiver.delivered().size(), kSenders * kMessages);
            quint64 before = 0;
            for (const chat::Delivery &delivery : receiver.all<chat::Delivery>())
                QVERIFY(delivery.seq > std::exchange(before, delivery.seq));
            QCOMPARE(receiver.faults, QStringList());
        }
        for (ChatPeer &sender : senders) {
            QVERIFY(sender.waitFor<chat::Stored>(kMessages));
            quint64 ref = 0;
            for (const chat::Stored &stored : sender.all<chat::Stored>())
                QCOMPARE(stored.ref, ++ref);
        }
    }

    void othersGoOnWhenSomeLeave()
    {
        constexpr int kMessages = 200;
        Server server(PlainPolicy::Relay);
        server.config.maxQueueBytes = 1u << 30;
        QVERIFY(server.start());
        std::deque<Peer> receivers;
        QVERIFY(server.connectAll(receivers, kReceivers));
        std::deque<Peer> senders;
        for (int sender = 0; sender < kSenders; ++sender)
            QVERIFY(senders.emplace_back().connectTo(server.port()));
        for (int number = 0; number < kMessages; ++number) {
            for (int sender = 0; sender < kSenders; ++sender) {
                if (number < kMessages / 2 || sender % 2 == 0)
                    senders[size_t(sender)].send(message(sender, number));
            }
            QCoreApplication::processEvents();
            if (number == kMessages / 2) {
                // Half of them, one way or the other, and newcomers take their places.
                for (int i = 1; i < kSenders; i += 2) {
                    if (i % 4 == 1)
                        senders[size_t(i)].socket.disconnectFromHost();
                    else
                        senders[size_t(i)].socket.abort();
                    receivers[size_t(i)].socket.abort();
                }
                for (int i = 0; i < kReceivers / 2; ++i)
                    QVERIFY(senders.emplace_back().connectTo(server.port()));
            }
        }
        for (int i = 0; i < kReceivers; i += 2) {
            Peer &receiver = receivers[size_t(i)];
            std::map<int, int> counts;
            QVERIFY(QTest::qWaitFor([&] {
                counts.clear();
                if (!whatIsWrong(receiver.frames, counts).isEmpty())
                    return true;
                for (int sender = 0; sender < kSenders; sender += 2) {
                    if (counts[sender] < kMessages)
                        return false;
                }
                return true;
            }));
            counts.clear();
            QCOMPARE(whatIsWrong(receiver.frames, counts), QString());
            QCOMPARE(counts[0], kMessages);
        }
        QVERIFY(server.waitFor<ClientDisconnected>(kSenders));
        QTRY_COMPARE(server.totals.clients, quint64(kSenders + kReceivers + kReceivers / 2 - kSenders));
    }

    /// What came before the peer's end, or before bytes that make no sense, is answered.
    void answersUpToTheEnd_data()
    {
        QTest::addColumn<bool>("nonsense");
        QTest::newRow("the peer ends") << false;
        QTest::newRow("bytes that make no sense") << true;
    }

    void answersUpToTheEnd()
    {
        QFETCH(const bool, nonsense);
        Server server(PlainPolicy::Echo);
        QVERIFY(server.start());
        std::deque<Peer> peers;
        for (int i = 0; i < 20; ++i)
            QVERIFY(peers.emplace_back().connectTo(server.port()));
        for (Peer &peer : peers) {
            QByteArray bytes;
            for (int number = 0; number < 3'000; ++number)
                bytes += encodeFrame(FrameFormat::U32LE, message(0, number));
            if (nonsense)
                bytes += QByteArray(8, '\xff');
            peer.sendRaw(bytes);
        }
        for (Peer &peer : peers)
            QVERIFY(peer.endSending());
        for (Peer &peer : peers) {
            QVERIFY(peer.waitForEnd());
            std::map<int, int> counts;
            QCOMPARE(whatIsWrong(peer.frames, counts), QString());
            QCOMPARE(counts[0], 3'000);
        }
        QVERIFY(server.waitFor<ClientDisconnected>(20));
        QCOMPARE(server.all<PeerRefused>().size(), nonsense ? 20u : 0u);
    }

    void dropsASlowReader()
    {
        Server server(PlainPolicy::Relay);
        server.config.maxQueueBytes = 4 * 1024 * 1024;
        QVERIFY(server.start());
        std::deque<Peer> peers;
        QVERIFY(server.connectAll(peers, 3));
        Peer &sender = peers[0];
        peers[1].stopReading();
        int number = 0;
        QVERIFY(QTest::qWaitFor(
            [&] {
                for (int i = 0; i < 20 && sender.socket.bytesToWrite() < 1'000'000; ++i)
                    sender.send(message(0, number++, 50'000));
                return server.last<ClientDisconnected>().has_value();
            },
            30'000));
        QVERIFY2(server.last<ClientDisconnected>()->reason.startsWith(u"Dropped as a slow reader"_s),
                 qPrintable(server.last<ClientDisconnected>()->reason));
        QCOMPARE(server.last<ClientDisconnected>()->id, ClientId(2));
        QVERIFY(peers[2].waitForFrames(number));
        std::map<int, int> counts;
        QCOMPARE(whatIsWrong(peers[2].frames, counts), QString());
        QCOMPARE(counts[0], number);
    }

    /// An I/O thread that is late is not its clients' fault: none of them is dropped. Who writes to them
    /// waits, so that little is on its way to that thread.
    void waitsForALateThread()
    {
#ifdef Q_OS_LINUX
        constexpr quint64 kSize = 50'000;
        constexpr quint64 kMostOnTheWay = 4 * 1024 * 1024;
        Server server(PlainPolicy::Relay, 2);
        QVERIFY(server.start());
        std::deque<Peer> peers;
        QVERIFY(server.connectAll(peers, 2));
        Peer &sender = peers[0];
        int number = 0;
        const auto sendSome = [&] {
            for (int i = 0; i < 20 && sender.socket.bytesToWrite() < 1'000'000; ++i)
                sender.send(message(0, number++, kSize));
        };
        const std::vector<int> threads = ioThreads();
        QCOMPARE(threads.size(), 2u);
        bool hasHeldTheReceivers = false;
        for (const int thread : threads) {
            const HeldThread held(thread);
            QVERIFY(QTest::qWaitFor(&HeldThread::holds));
            const quint64 before = server.totals.framesIn;
            sendSome();
            // Nothing comes where it is the sender's own thread.
            if (!QTest::qWaitFor([&] { return server.totals.framesIn > before; }, 1'000))
                continue;
            hasHeldTheReceivers = true;
            // Longer than a slow reader is waited for.
            QVERIFY(!QTest::qWaitFor(
                [&] {
                    sendSome();
                    return (server.totals.framesIn - before) * kSize > kMostOnTheWay
                        || server.last<ClientDisconnected>();
                },
                1'000));
        }
        QVERIFY(hasHeldTheReceivers);
        QVERIFY(peers[1].waitForFrames(number));
        std::map<int, int> counts;
        QCOMPARE(whatIsWrong(peers[1].frames, counts), QString());
        QVERIFY(!server.last<ClientDisconnected>());
#else
        QSKIP("Threads are held up by Linux's means.");
#endif
    }

    /// A client that does not read its echo is not read from, and loses nothing.
    void waitsForASlowEcho()
    {
        constexpr int kMessages = 400;
        Server server(PlainPolicy::Echo);
        QVERIFY(server.start());
        std::deque<Peer> peers;
        QVERIFY(server.connectAll(peers, 2));
        Peer &slow = peers[0];
        slow.stopReading();
        for (int number = 0; number < kMessages; ++number)
            slow.send(message(0, number, 50'000));
        QTRY_VERIFY(server.counters[1].queuedBytes > 0);
        // Meanwhile another one is served.
        peers[1].send("hello");
        QVERIFY(peers[1].waitForFrames(1));
        QVERIFY(slow.socket.bytesToWrite() > 0);
        QVERIFY(server.counters[1].queuedBytes < 4 * Channel::kHighWaterBytes);
        slow.readAgain();
        QVERIFY(slow.waitForFrames(kMessages));
        std::map<int, int> counts;
        QCOMPARE(whatIsWrong(slow.frames, counts), QString());
        QTRY_COMPARE(server.counters[1].queuedBytes, 0u);
    }

    void stopsUnderLoad_data()
    {
        QTest::addColumn<bool>("asks");
        QTest::newRow("stopped") << true;
        QTest::newRow("destroyed") << false;
    }

    void stopsUnderLoad()
    {
        QFETCH(const bool, asks);
        auto server = std::make_unique<Server>(PlainPolicy::Relay);
        server->config.flushDeadline = std::chrono::milliseconds(500);
        QVERIFY(server->start());
        std::deque<Peer> peers;
        QVERIFY(server->connectAll(peers, kSenders));
        peers[0].stopReading();
        for (int sender = 0; sender < kSenders; ++sender) {
            for (int number = 0; number < 2'000; ++number)
                peers[size_t(sender)].send(message(sender, number, 200));
        }
        QVERIFY(peers[1].waitForFrames(100));
        if (asks) {
            QVERIFY(server->stop());
            QTRY_COMPARE(server->totals.clients, 0u);
            QVERIFY(server->start());
            Peer late;
            QVERIFY(late.connectTo(server->port()));
            QVERIFY(server->waitFor<ClientConnected>(kSenders + 1));
        }
        server.reset();
        for (int i = 1; i < kSenders; ++i) {
            QVERIFY(peers[size_t(i)].waitForEnd());
            std::map<int, int> counts;
            QCOMPARE(whatIsWrong(peers[size_t(i)].frames, counts), QString());
        }
    }
};

QTEST_GUILESS_MAIN(TestIoThreads)
#include "tst_iothreads.moc"

// SPDX-License-Identifier: Apache-2.0
#include "common/transport/eventdispatcher.h"
#include "tests/unit/looproom.h"

#include <QSocketNotifier>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

using namespace wireroom;

#ifdef Q_OS_LINUX

#include "tests/unit/socketpair.h"

#include <pthread.h>

using namespace wireroom::testing;

class TestEventDispatcher : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void installsOnlyBeforeStart();
    void worksAgainAfterRestart();
    void flags();
    void wokenWhileWaitingWithoutSockets();
    void waitingTurnReturnsAfterPostedEvents();
    void blockSignalsArePaired();
    void ownWakeUpEndsTheWait();
    void interruptFromAnotherThread();
    void survivesUnixSignals();
    void postsUnderLoad();
    void queuedSignals();
    void deleteLater();
    void nestedLoopsQuit();
    void conversation();
    void fiveHundredConnections();
};

void TestEventDispatcher::installsOnlyBeforeStart()
{
    QThread thread;
    QVERIFY(installEventDispatcher(thread));
    QVERIFY(!installEventDispatcher(thread));
    thread.start();
    QVERIFY(!installEventDispatcher(thread));
    thread.quit();
    QVERIFY(thread.wait());
    Room room;
    QVERIFY(room.installed());
    QVERIFY(!installEventDispatcher(room.thread()));
    const QByteArray name = room.call(
        [] { return QByteArray(QAbstractEventDispatcher::instance()->metaObject()->className()); });
    QCOMPARE(name, QByteArray("wireroom::EpollEventDispatcher"));
}

void TestEventDispatcher::worksAgainAfterRestart()
{
    QThread thread;
    for (int run = 0; run < 3; ++run) {
        QVERIFY(installEventDispatcher(thread));
        thread.start();
        thread.quit();
        QVERIFY(thread.wait());
    }
}

void TestEventDispatcher::flags()
{
    Room room;
    const auto counts = room.call([] {
        Pair pair;
        pair.write(1);
        Counter read(pair.fd[0], QSocketNotifier::Read);
        QTimer timer;
        int ticks = 0;
        connect(&timer, &QTimer::timeout, &timer, [&] { ++ticks; });
        timer.start(0);
        turn(QEventLoop::ExcludeSocketNotifiers | QEventLoop::X11ExcludeTimers);
        const int neither = read.count + ticks;
        turn(QEventLoop::ExcludeSocketNotifiers | QEventLoop::WaitForMoreEvents);
        const int timersOnly = ticks * 10 + read.count;
        turn(QEventLoop::X11ExcludeTimers | QEventLoop::WaitForMoreEvents);
        return std::array{neither, timersOnly, ticks * 10 + read.count};
    });
    QCOMPARE(counts, (std::array{0, 10, 11}));
}

void TestEventDispatcher::wokenWhileWaitingWithoutSockets()
{
    std::atomic<bool> waiting = false;
    std::atomic<bool> delivered = false;
    Room room;
    room.post([&] {
        waiting = true;
        while (!delivered)
            turn(QEventLoop::ExcludeSocketNotifiers | QEventLoop::WaitForMoreEvents);
    });
    QTRY_VERIFY(waiting);
    room.post([&] { delivered = true; });
    QTRY_VERIFY(delivered);
}

void TestEventDispatcher::waitingTurnReturnsAfterPostedEvents()
{
    Room room;
    QVERIFY(room.call([&] {
        bool delivered = false;
        room.post([&] { delivered = true; });
        return turn(QEventLoop::WaitForMoreEvents) && delivered;
    }));
}

void TestEventDispatcher::blockSignalsArePaired()
{
    Room room;
    const auto [blocks, awakes, inOrder] = room.call([] {
        int about = 0;
        int awake = 0;
        bool ordered = true;
        QObject context;
        auto *dispatcher = QAbstractEventDispatcher::instance();
        connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, &context, [&] {
            ordered = ordered && about == awake;
            ++about;
        });
        connect(dispatcher, &QAbstractEventDispatcher::awake, &context, [&] {
            ++awake;
            ordered = ordered && about == awake;
        });
        turn();
        QTimer::singleShot(1ms, &context, [] {});
        turn(QEventLoop::WaitForMoreEvents);
        return std::tuple(about, awake, ordered);
    });
    QCOMPARE(blocks, 1);
    QCOMPARE(awakes, 1);
    QVERIFY(inOrder);
}

void TestEventDispatcher::ownWakeUpEndsTheWait()
{
    Room room;
    QVERIFY(room.call([] {
        auto *dispatcher = QAbstractEventDispatcher::instance();
        dispatcher->wakeUp();
        turn(QEventLoop::WaitForMoreEvents);
        QObject context;
        connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, &context, [&] { dispatcher->wakeUp(); });
        turn(QEventLoop::WaitForMoreEvents);
        dispatcher->interrupt();
        turn(QEventLoop::WaitForMoreEvents);
        return true;
    }));
}

void TestEventDispatcher::interruptFromAnotherThread()
{
    Room room;
    std::atomic<int> turns = 0;
    room.post([&] {
        for (int i = 0; i < 100; ++i) {
            turn(QEventLoop::WaitForMoreEvents);
            ++turns;
        }
    });
    const QDeadlineTimer deadline(kPatience);
    while (turns < 100 && !deadline.hasExpired())
        room.thread().eventDispatcher()->interrupt();
    QCOMPARE(turns.load(), 100);
}

void TestEventDispatcher::survivesUnixSignals()
{
    struct sigaction action = {};
    struct sigaction previous = {};
    action.sa_handler = [](int) {
    };
    QCOMPARE(sigaction(SIGUSR1, &action, &previous), 0);
    {
        Room room;
        const pthread_t id = room.call([] { return pthread_self(); });
        std::atomic<bool> posted = false;
        std::atomic<bool> turned = false;
        std::atomic<bool> fired = false;
        // One waiting turn: signals neither end it nor make it miss its timer.
        room.post([&] {
            while (!posted) { }
            becomesIdle();
            QTimer timer;
            timer.setTimerType(Qt::PreciseTimer);
            connect(&timer, &QTimer::timeout, &timer, [&] { fired = true; });
            timer.start(50);
            turn(QEventLoop::WaitForMoreEvents);
            turned = true;
        });
        posted = true;
        const QDeadlineTimer deadline(kPatience);
        while (!turned && !deadline.hasExpired()) {
            QCOMPARE(pthread_kill(id, SIGUSR1), 0);
            QThread::yieldCurrentThread();
        }
        QVERIFY(fired);
        QCOMPARE(room.call([] { return 7; }), 7);
    }
    QCOMPARE(sigaction(SIGUSR1, &previous, nullptr), 0);
}

void TestEventDispatcher::postsUnderLoad()
{
    constexpr int kThreads = 4;
    constexpr int kPosts = 5'000;
    Room room;
    // A socket that is always readable keeps the loop turning in the first half; then it sleeps between
    // posts.
    const auto noise = std::make_unique<Pair>();
    std::unique_ptr<Counter> counter;
    room.call([&] {
        noise->write(1);
        counter = std::make_unique<Counter>(noise->fd[0], QSocketNotifier::Read, false);
        return true;
    });
    std::atomic<int> arrived = 0;
    std::vector<std::thread> senders;
    for (int i = 0; i < kThreads; ++i) {
        senders.emplace_back([&] {
            for (int n = 0; n < kPosts; ++n)
                room.post([&] {
                    if (++arrived == kThreads * kPosts / 2)
                        counter.reset();
                });
        });
    }
    for (std::thread &sender : senders)
        sender.join();
    QTRY_COMPARE_WITH_TIMEOUT(arrived.load(), kThreads * kPosts, 30'000);

    // One at a time: each must wake a loop that has nothing else to do.
    for (int i = 0; i < 1'000; ++i)
        QCOMPARE(room.call([i] { return i; }), i);
}

void TestEventDispatcher::queuedSignals()
{
    Room room;
    QTimer sender;
    auto receiver = std::make_unique<QTimer>();
    receiver->moveToThread(&room.thread());
    connect(&sender, &QTimer::timeout, receiver.get(), qOverload<>(&QTimer::start));
    sender.setSingleShot(true);
    sender.start(0);
    QTRY_VERIFY(room.call([&] { return receiver->isActive(); }));
    room.call([&] {
        receiver.reset();
        return true;
    });
}

void TestEventDispatcher::deleteLater()
{
    Room room;
    std::atomic<int> destroyed = 0;
    room.post([&] {
        for (int i = 0; i < 100; ++i) {
            auto *object = new QObject;
            connect(
                object, &QObject::destroyed, object, [&] { ++destroyed; }, Qt::DirectConnection);
            object->deleteLater();
        }
    });
    QTRY_COMPARE(destroyed.load(), 100);
}

void TestEventDispatcher::nestedLoopsQuit()
{
    Room room;
    const auto codes = room.call([] {
        std::vector<int> order;
        QObject context;
        QEventLoop outer;
        QTimer::singleShot(0, &context, [&] {
            QEventLoop inner;
            QTimer::singleShot(1ms, &context, [&] { inner.exit(1); });
            order.push_back(inner.exec());
            outer.exit(2);
        });
        order.push_back(outer.exec());
        return order;
    });
    QCOMPARE(codes, (std::vector<int>{1, 2}));

    // A loop within a loop does not keep the thread from stopping.
    std::atomic<bool> inside = false;
    room.post([&] {
        QEventLoop loop;
        inside = true;
        loop.exec();
    });
    QTRY_VERIFY(inside);
    room.thread().quit();
    QVERIFY(room.thread().wait(QDeadlineTimer(kPatience)));
}

void TestEventDispatcher::conversation()
{
    Room room;
    const auto [received, bytes, closed] = room.call([] {
        constexpr qsizetype kLarge = 3'000'000;
        QTcpServer server;
        server.listen(QHostAddress::LocalHost);
        QByteArray atServer;
        qint64 echoed = 0;
        connect(&server, &QTcpServer::newConnection, &server, [&] {
            QTcpSocket *peer = server.nextPendingConnection();
            connect(peer, &QTcpSocket::readyRead, peer, [&, peer] {
                const QByteArray data = peer->readAll();
                atServer += data;
                peer->write(data);
            });
            connect(peer, &QTcpSocket::disconnected, peer, &QObject::deleteLater);
        });
        QTcpSocket client;
        connect(&client, &QTcpSocket::readyRead, &client, [&] { echoed += client.readAll().size(); });
        client.connectToHost(server.serverAddress(), server.serverPort());
        // More than both kernel buffers hold, so that writing waits for room again and again.
        client.write(QByteArray(kLarge, 'w'));
        turnUntil([&] { return echoed == kLarge; });
        client.disconnectFromHost();
        turnUntil([&] { return server.findChildren<QTcpSocket *>().isEmpty(); });
        return std::tuple(atServer == QByteArray(kLarge, 'w'), echoed,
                          client.state() == QAbstractSocket::UnconnectedState);
    });
    QVERIFY(received);
    QCOMPARE(bytes, 3'000'000);
    QVERIFY(closed);
}

void TestEventDispatcher::fiveHundredConnections()
{
    constexpr int kConnections = 500;
    constexpr int kRounds = 4;
    Room serverRoom;
    Room clientRoom;
    std::unique_ptr<QTcpServer> server;
    const quint16 port = serverRoom.call([&] {
        server = std::make_unique<QTcpServer>();
        server->setListenBacklogSize(kConnections);
        server->setMaxPendingConnections(kConnections);
        connect(server.get(), &QTcpServer::newConnection, server.get(), [&] {
            while (QTcpSocket *peer = server->nextPendingConnection()) {
                connect(peer, &QTcpSocket::readyRead, peer, [peer] { peer->write(peer->readAll()); });
                connect(peer, &QTcpSocket::disconnected, peer, &QObject::deleteLater);
            }
        });
        return server->listen(QHostAddress::LocalHost) ? server->serverPort() : quint16(0);
    });
    QVERIFY(port != 0);
    const int complete = clientRoom.call([&] {
        std::vector<std::unique_ptr<QTcpSocket>> clients;
        std::vector<int> rounds(kConnections, 0);
        int done = 0;
        for (int i = 0; i < kConnections; ++i) {
            auto &client = clients.emplace_back(std::make_unique<QTcpSocket>());
            connect(client.get(), &QTcpSocket::connected, client.get(),
                    [&, i] { clients[size_t(i)]->write(QByteArray::number(i)); });
            connect(client.get(), &QTcpSocket::readyRead, client.get(), [&, i] {
                QTcpSocket &self = *clients[size_t(i)];
                if (self.bytesAvailable() < QByteArray::number(i).size())
                    return;
                if (self.readAll() != QByteArray::number(i))
                    return;
                if (++rounds[size_t(i)] == kRounds)
                    ++done;
                else
                    self.write(QByteArray::number(i));
            });
            client->connectToHost(QHostAddress::LocalHost, port);
        }
        turnUntil([&] { return done == kConnections; });
        return done;
    });
    QCOMPARE(complete, kConnections);
    QTRY_VERIFY(serverRoom.call([&] { return server->findChildren<QTcpSocket *>().isEmpty(); }));
    serverRoom.call([&] {
        server.reset();
        return true;
    });
}

#else

class TestEventDispatcher : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void keepsQtsDefault()
    {
        QThread thread;
        QVERIFY(!installEventDispatcher(thread));
        QVERIFY(!thread.eventDispatcher());
    }
};

#endif

QTEST_GUILESS_MAIN(TestEventDispatcher)
#include "tst_eventdispatcher.moc"

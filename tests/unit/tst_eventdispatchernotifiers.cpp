// SPDX-License-Identifier: Apache-2.0
#include "common/transport/eventdispatcher.h"
#include "tests/unit/looproom.h"
#include "tests/unit/socketpair.h"

#include <QPointer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryFile>
#include <QTest>

#include <algorithm>
#include <vector>

using namespace wireroom;
using namespace wireroom::testing;

class TestEventDispatcherNotifiers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void severalNotifiersOnOneDescriptor();
    void urgentData();
    void togglingWithinATurn();
    void disabledNotifierIsSilent();
    void notifierDeletedWhilePending();
    void notifierDeletesItself();
    void manyReadyAtOnce();
    void nestedLoopInNotifier();
    void reusedDescriptor_data();
    void reusedDescriptor();
    void closedButAliveInDuplicate();
    void hangUpIsReported();
    void regularFile();
};

void TestEventDispatcherNotifiers::severalNotifiersOnOneDescriptor()
{
    Room room;
    const auto counts = room.call([] {
        Pair pair;
        Counter read(pair.fd[0], QSocketNotifier::Read);
        Counter write(pair.fd[0], QSocketNotifier::Write);
        Counter exception(pair.fd[0], QSocketNotifier::Exception);
        pair.write(1);
        turn();
        write.notifier->setEnabled(false);
        const bool idle = becomesIdle();
        pair.write(1);
        turn();
        return std::array{read.count, write.count, exception.count, int(idle), int(pair.ok)};
    });
    QCOMPARE(counts, (std::array{2, 1, 0, 1, 1}));
}

void TestEventDispatcherNotifiers::urgentData()
{
    Room room;
    const int count = room.call([] {
        QTcpServer server;
        server.listen(QHostAddress::LocalHost);
        QTcpSocket client;
        client.connectToHost(server.serverAddress(), server.serverPort());
        std::unique_ptr<QTcpSocket> peer;
        turnUntil([&] {
            if (!peer)
                peer.reset(server.nextPendingConnection());
            return peer && client.state() == QAbstractSocket::ConnectedState;
        });
        Counter exception(int(peer->socketDescriptor()), QSocketNotifier::Exception);
        exception.then = [&] {
            exception.notifier->setEnabled(false);
        };
        if (::send(int(client.socketDescriptor()), "!", 1, MSG_OOB) != 1)
            return -1;
        turnUntil([&] { return exception.count > 0; });
        return exception.count;
    });
    QCOMPARE(count, 1);
}

void TestEventDispatcherNotifiers::togglingWithinATurn()
{
    Room room;
    const auto counts = room.call([] {
        Pair pair;
        Counter read(pair.fd[0], QSocketNotifier::Read);
        Counter write(pair.fd[0], QSocketNotifier::Write);
        write.notifier->setEnabled(false);
        turn();
        for (int i = 0; i < 10; ++i) {
            write.notifier->setEnabled(true);
            write.notifier->setEnabled(false);
            read.notifier->setEnabled(false);
            read.notifier->setEnabled(true);
            turn();
        }
        const int silent = read.count + write.count;
        pair.write(1);
        turn();
        return std::array{silent, read.count, write.count};
    });
    QCOMPARE(counts, (std::array{0, 1, 0}));
}

void TestEventDispatcherNotifiers::disabledNotifierIsSilent()
{
    Room room;
    const auto counts = room.call([] {
        Pair pair;
        Counter read(pair.fd[0], QSocketNotifier::Read);
        turn();
        read.notifier->setEnabled(false);
        pair.write(1);
        const bool idle = becomesIdle();
        const int whileDisabled = read.count;
        read.notifier->setEnabled(true);
        turn();
        return std::array{int(idle), whileDisabled, read.count};
    });
    QCOMPARE(counts, (std::array{1, 0, 1}));
}

void TestEventDispatcherNotifiers::notifierDeletedWhilePending()
{
    Room room;
    const auto [activations, replacement] = room.call([] {
        Pair first;
        Pair second;
        auto one = std::make_unique<Counter>(first.fd[0], QSocketNotifier::Read);
        auto two = std::make_unique<Counter>(second.fd[0], QSocketNotifier::Read);
        std::unique_ptr<Counter> fresh;
        int total = 0;
        // Whichever comes first deletes the other one and puts a new notifier in its place, with nothing to
        // read.
        one->then = [&] {
            ++total;
            two->notifier.reset();
            second.read(0);
            fresh = std::make_unique<Counter>(second.fd[0], QSocketNotifier::Read);
        };
        two->then = [&] {
            ++total;
            one->notifier.reset();
            first.read(0);
            fresh = std::make_unique<Counter>(first.fd[0], QSocketNotifier::Read);
        };
        turn();
        first.write(1);
        second.write(1);
        becomesIdle();
        return std::pair(total, fresh ? fresh->count : -1);
    });
    QCOMPARE(activations, 1);
    QCOMPARE(replacement, 0);
}

void TestEventDispatcherNotifiers::notifierDeletesItself()
{
    Room room;
    const auto [count, idle] = room.call([] {
        Pair pair;
        pair.write(1);
        QPointer<QSocketNotifier> notifier = new QSocketNotifier(pair.fd[0], QSocketNotifier::Read);
        QSocketNotifier write(pair.fd[0], QSocketNotifier::Write);
        int activations = 0;
        QObject context;
        connect(notifier, &QSocketNotifier::activated, &context, [&] {
            ++activations;
            notifier->setEnabled(false);
            notifier->deleteLater();
            write.setEnabled(false);
        });
        connect(&write, &QSocketNotifier::activated, &context, [&] { ++activations; });
        turn();
        const bool quiet = becomesIdle();
        delete notifier;
        return std::pair(activations, quiet);
    });
    QCOMPARE(count, 1);
    QVERIFY(idle);
}

void TestEventDispatcherNotifiers::manyReadyAtOnce()
{
    constexpr size_t kPairs = 700;
    Room room;
    const auto [once, idle] = room.call([] {
        std::vector<std::unique_ptr<Pair>> pairs;
        std::vector<std::unique_ptr<Counter>> counters;
        for (size_t i = 0; i < kPairs; ++i) {
            pairs.push_back(std::make_unique<Pair>());
            counters.push_back(std::make_unique<Counter>(pairs.back()->fd[0], QSocketNotifier::Read));
            pairs.back()->write(1);
        }
        const bool quiet = becomesIdle();
        return std::pair(std::count_if(counters.begin(), counters.end(),
                                       [](auto &c) { return c->count == 1 && c->failedReads == 0; }),
                         quiet);
    });
    QCOMPARE(once, qptrdiff(kPairs));
    QVERIFY(idle);
}

void TestEventDispatcherNotifiers::nestedLoopInNotifier()
{
    Room room;
    const auto counts = room.call([] {
        std::array<Pair, 3> pairs;
        std::array<std::unique_ptr<Counter>, 3> counters;
        for (size_t i = 0; i < pairs.size(); ++i) {
            counters[i] = std::make_unique<Counter>(pairs[i].fd[0], QSocketNotifier::Read);
            // The first one to be served serves the other two in its own loop; none may be served again
            // after.
            counters[i]->then = [&] {
                turnUntil([&] { return counters[0]->count + counters[1]->count + counters[2]->count == 3; });
            };
        }
        for (Pair &pair : pairs)
            pair.write(1);
        becomesIdle();
        return std::array{counters[0]->count, counters[1]->count, counters[2]->count,
                          counters[0]->failedReads + counters[1]->failedReads + counters[2]->failedReads};
    });
    QCOMPARE(counts, (std::array{1, 1, 1, 0}));
}

void TestEventDispatcherNotifiers::reusedDescriptor_data()
{
    QTest::addColumn<bool>("unregisterFirst");
    QTest::addColumn<bool>("turnBetween");
    QTest::addColumn<bool>("unregisterLate");
    QTest::newRow("unregistered, closed") << true << false << false;
    QTest::newRow("unregistered, closed, a turn later reused") << true << true << false;
    QTest::newRow("closed, unregistered") << false << false << false;
    QTest::newRow("closed, a turn, unregistered") << false << true << false;
    QTest::newRow("reused before the old one is unregistered") << false << false << true;
}

void TestEventDispatcherNotifiers::reusedDescriptor()
{
    QFETCH(bool, unregisterFirst);
    QFETCH(bool, turnBetween);
    QFETCH(bool, unregisterLate);
    Room room;
    const auto counts = room.call([&] {
        Pair old;
        Pair fresh;
        auto before = std::make_unique<Counter>(old.fd[0], QSocketNotifier::Read);
        turn();
        old.write(1);
        const int number = old.fd[0];
        if (unregisterFirst)
            before->notifier.reset();
        old.close(0);
        if (turnBetween)
            turn();
        if (!unregisterLate)
            before->notifier.reset();
        // The kernel would give the lowest free number anyway; this makes it certain.
        if (::dup2(fresh.fd[0], number) != number)
            return std::array{-1, -1, -1};
        ::close(std::exchange(fresh.fd[0], number));
        Counter after(number, QSocketNotifier::Read);
        before->notifier.reset();
        const bool idle = becomesIdle();
        fresh.write(1);
        turn();
        return std::array{int(idle), before->count, after.count};
    });
    QCOMPARE(counts, (std::array{1, 0, 1}));
}

void TestEventDispatcherNotifiers::closedButAliveInDuplicate()
{
    Room room;
    const auto counts = room.call([] {
        Pair pair;
        Pair other;
        auto read = std::make_unique<Counter>(pair.fd[0], QSocketNotifier::Read);
        Counter bystander(other.fd[0], QSocketNotifier::Read);
        turn();
        const int duplicate = ::dup(pair.fd[0]);
        pair.write(1);
        pair.close(0);
        read->notifier.reset();
        const bool idle = becomesIdle();
        other.write(1);
        turn();
        ::close(duplicate);
        return std::array{int(idle), read->count, bystander.count};
    });
    QCOMPARE(counts, (std::array{1, 0, 1}));
}

void TestEventDispatcherNotifiers::hangUpIsReported()
{
    Room room;
    const auto counts = room.call([] {
        Pair pair;
        Counter read(pair.fd[0], QSocketNotifier::Read, false);
        Counter write(pair.fd[0], QSocketNotifier::Write);
        Counter exception(pair.fd[0], QSocketNotifier::Exception);
        pair.close(1);
        turn();
        for (Counter *counter : {&read, &write, &exception})
            counter->notifier->setEnabled(false);
        return std::array{read.count, write.count, exception.count, int(becomesIdle())};
    });
    QCOMPARE(counts, (std::array{1, 1, 1, 1}));
}

void TestEventDispatcherNotifiers::regularFile()
{
    Room room;
    const auto counts = room.call([] {
        QTemporaryFile file;
        if (!file.open())
            return std::array{-1, -1, -1};
        Counter read(file.handle(), QSocketNotifier::Read, false);
        Counter exception(file.handle(), QSocketNotifier::Exception);
        for (int i = 0; i < 3; ++i)
            turn(QEventLoop::WaitForMoreEvents);
        read.notifier->setEnabled(false);
        return std::array{read.count, exception.count, int(becomesIdle())};
    });
    QCOMPARE(counts, (std::array{3, 0, 1}));
}

QTEST_GUILESS_MAIN(TestEventDispatcherNotifiers)
#include "tst_eventdispatchernotifiers.moc"

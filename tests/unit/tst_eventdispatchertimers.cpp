// SPDX-License-Identifier: Apache-2.0
#include "common/transport/eventdispatcher.h"
#include "tests/unit/looproom.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

using namespace wireroom;
using namespace wireroom::testing;

class TestEventDispatcherTimers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void timerKinds_data();
    void timerKinds();
    void timerInfo_data();
    void timerInfo();
    void unknownTimers();
    void missedTicksAreSkipped();
    void zeroTimerFiresOncePerTurn();
    void timerKilledInItsOwnEvent_data();
    void timerKilledInItsOwnEvent();
    void timerKillsTheNextOne();
    void timerInNestedLoop();
    void timerStartedByTimerWaits();
    void thousandsOfTimers();
};

void TestEventDispatcherTimers::timerKinds_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("interval");
    QTest::addColumn<bool>("singleShot");
    const std::pair<const char *, Qt::TimerType> types[]
        = {{"precise", Qt::PreciseTimer}, {"coarse", Qt::CoarseTimer}, {"very coarse", Qt::VeryCoarseTimer}};
    for (const auto &[name, type] : types) {
        for (const int interval : {0, 1, 7, 19, 20, 41, 100}) {
            QTest::addRow("%s %d ms, once", name, interval) << int(type) << interval << true;
            QTest::addRow("%s %d ms, repeating", name, interval) << int(type) << interval << false;
        }
    }
    QTest::addRow("very coarse 600 ms, once") << int(Qt::VeryCoarseTimer) << 600 << true;
}

void TestEventDispatcherTimers::timerKinds()
{
    QFETCH(int, type);
    QFETCH(int, interval);
    QFETCH(bool, singleShot);
    Room room;
    const auto [count, early] = room.call([&] {
        QElapsedTimer clock;
        QTimer timer;
        timer.setTimerType(Qt::TimerType(type));
        timer.setSingleShot(singleShot);
        int ticks = 0;
        int tooEarly = 0;
        connect(&timer, &QTimer::timeout, &timer, [&] {
            ++ticks;
            if (clock.nsecsElapsed() < qint64(ticks) * interval * 1'000'000)
                ++tooEarly;
        });
        clock.start();
        timer.start(interval);
        turnUntil([&] { return ticks == (singleShot ? 1 : 3); });
        if (singleShot) {
            becomesIdle();
        }
        return std::pair(ticks, tooEarly);
    });
    QCOMPARE(count, singleShot ? 1 : 3);
    QCOMPARE(early, 0);
}

void TestEventDispatcherTimers::timerInfo_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("interval");
    QTest::addColumn<int>("latest");
    QTest::newRow("precise") << int(Qt::PreciseTimer) << 100'000 << 100'000;
    QTest::newRow("coarse") << int(Qt::CoarseTimer) << 2'000 << 2'100;
    QTest::newRow("coarse, long") << int(Qt::CoarseTimer) << 100'000 << 101'000;
    QTest::newRow("very coarse") << int(Qt::VeryCoarseTimer) << 100'000 << 101'000;
    QTest::newRow("zero") << int(Qt::PreciseTimer) << 0 << 0;
    QTest::newRow("longest") << int(Qt::PreciseTimer) << std::numeric_limits<int>::max()
                             << std::numeric_limits<int>::max();
}

void TestEventDispatcherTimers::timerInfo()
{
    QFETCH(int, type);
    QFETCH(int, interval);
    QFETCH(int, latest);
    Room room;
    QString wrong = room.call([&] {
        auto *dispatcher = QAbstractEventDispatcher::instance();
        QObject owner;
        QObject other;
        const int id = owner.startTimer(interval, Qt::TimerType(type));
        const int second = owner.startTimer(5'000, Qt::PreciseTimer);
        const int remaining = dispatcher->remainingTime(id);
        const auto timers = dispatcher->registeredTimers(&owner);
        const auto mine
            = std::find_if(timers.begin(), timers.end(), [&](auto &t) { return t.timerId == id; });
        if (remaining > latest)
            return QStringLiteral("remaining %1").arg(remaining);
        if (timers.size() != 2 || mine == timers.end() || mine->interval != interval
            || mine->timerType != type)
            return QStringLiteral("registeredTimers");
        if (!dispatcher->registeredTimers(&other).isEmpty())
            return QStringLiteral("timers of another object");
        owner.killTimer(second);
        if (dispatcher->registeredTimers(&owner).size() != 1)
            return QStringLiteral("killed timer still there");
        if (!dispatcher->unregisterTimers(&owner) || dispatcher->unregisterTimers(&owner)
            || dispatcher->remainingTime(id) != -1)
            return QStringLiteral("unregisterTimers");
        return QString();
    });
    QCOMPARE(wrong, QString());
}

void TestEventDispatcherTimers::unknownTimers()
{
    Room room;
    QVERIFY(room.call([] {
        auto *dispatcher = QAbstractEventDispatcher::instance();
        return !dispatcher->unregisterTimer(12345) && dispatcher->remainingTime(12345) == -1;
    }));
}

void TestEventDispatcherTimers::missedTicksAreSkipped()
{
    Room room;
    const auto [late, remaining] = room.call([] {
        QTimer timer;
        timer.setTimerType(Qt::PreciseTimer);
        int ticks = 0;
        connect(&timer, &QTimer::timeout, &timer, [&] { ++ticks; });
        timer.start(5);
        QElapsedTimer busy;
        busy.start();
        while (!busy.hasExpired(52)) { }
        turn();
        return std::pair(ticks, timer.remainingTime());
    });
    QCOMPARE(late, 1);
    QVERIFY2(remaining >= 0 && remaining <= 5, qPrintable(QString::number(remaining)));
}

void TestEventDispatcherTimers::zeroTimerFiresOncePerTurn()
{
    Room room;
    const auto counts = room.call([] {
        QTimer first;
        QTimer second;
        std::array<int, 2> ticks{};
        connect(&first, &QTimer::timeout, &first, [&] { ++ticks[0]; });
        connect(&second, &QTimer::timeout, &second, [&] { ++ticks[1]; });
        first.start(0);
        second.start(0);
        for (int i = 0; i < 20; ++i)
            turn(i % 2 ? QEventLoop::AllEvents : QEventLoop::WaitForMoreEvents);
        return ticks;
    });
    QCOMPARE(counts[0], 20);
    QCOMPARE(counts[1], 20);
}

void TestEventDispatcherTimers::timerKilledInItsOwnEvent_data()
{
    QTest::addColumn<QString>("how");
    QTest::addColumn<int>("expected");
    QTest::newRow("stop") << "stop" << 1;
    QTest::newRow("delete") << "delete" << 1;
    QTest::newRow("restart") << "restart" << 2;
}

void TestEventDispatcherTimers::timerKilledInItsOwnEvent()
{
    QFETCH(QString, how);
    QFETCH(int, expected);
    Room room;
    const int count = room.call([&] {
        auto *timer = new QTimer;
        QObject context;
        int ticks = 0;
        connect(timer, &QTimer::timeout, &context, [&] {
            ++ticks;
            if (how == QStringLiteral("delete"))
                delete std::exchange(timer, nullptr);
            else if (how == QStringLiteral("restart") && ticks == 1)
                timer->start(1);
            else
                timer->stop();
        });
        timer->start(0);
        turnUntil([&] { return ticks >= expected; });
        for (int i = 0; i < 5; ++i)
            turn();
        delete timer;
        return ticks;
    });
    QCOMPARE(count, expected);
}

void TestEventDispatcherTimers::timerKillsTheNextOne()
{
    Room room;
    const auto order = room.call([] {
        QTimer first;
        auto second = std::make_unique<QTimer>();
        QTimer third;
        std::vector<int> fired;
        connect(&first, &QTimer::timeout, &first, [&] {
            fired.push_back(1);
            second.reset();
        });
        connect(second.get(), &QTimer::timeout, second.get(), [&] { fired.push_back(2); });
        connect(&third, &QTimer::timeout, &third, [&] { fired.push_back(3); });
        for (QTimer *timer : {&first, second.get(), &third}) {
            timer->setSingleShot(true);
            timer->start(0);
        }
        becomesIdle();
        return fired;
    });
    QCOMPARE(order, (std::vector<int>{1, 3}));
}

void TestEventDispatcherTimers::timerInNestedLoop()
{
    Room room;
    const auto [deepest, outerTicks] = room.call([] {
        QTimer outer;
        QTimer inner;
        int depth = 0;
        int deepestSeen = 0;
        int ticks = 0;
        int innerTicks = 0;
        connect(&inner, &QTimer::timeout, &inner, [&] { ++innerTicks; });
        connect(&outer, &QTimer::timeout, &outer, [&] {
            deepestSeen = std::max(deepestSeen, ++depth);
            ++ticks;
            const int before = innerTicks;
            turnUntil([&] { return innerTicks >= before + 5; });
            --depth;
        });
        outer.start(0);
        inner.start(1);
        turnUntil([&] { return ticks >= 3; });
        return std::pair(deepestSeen, ticks);
    });
    QCOMPARE(deepest, 1);
    QCOMPARE(outerTicks, 3);
}

void TestEventDispatcherTimers::timerStartedByTimerWaits()
{
    Room room;
    const int afterOneTurn = room.call([] {
        QObject context;
        int ticks = 0;
        auto zero = std::make_unique<QTimer>();
        connect(zero.get(), &QTimer::timeout, &context, [&] {
            ++ticks;
            auto *next = new QTimer(&context);
            connect(next, &QTimer::timeout, &context, [&] { ++ticks; });
            next->start(0);
            zero->stop();
        });
        zero->start(0);
        turn();
        return ticks;
    });
    QCOMPARE(afterOneTurn, 1);
}

void TestEventDispatcherTimers::thousandsOfTimers()
{
    constexpr int kTimers = 10'000;
    Room room;
    const QString wrong = room.call([] {
        std::mt19937 random(42);
        std::vector<std::unique_ptr<QTimer>> timers;
        std::vector<int> fired(kTimers, 0);
        std::array<int, 40> lastOf{};
        lastOf.fill(-1);
        int total = 0;
        int disorder = 0;
        for (int i = 0; i < kTimers; ++i) {
            const int interval = int(random() % lastOf.size());
            auto &timer = timers.emplace_back(std::make_unique<QTimer>());
            timer->setSingleShot(true);
            timer->setTimerType(interval % 2 ? Qt::CoarseTimer : Qt::PreciseTimer);
            connect(timer.get(), &QTimer::timeout, timer.get(), [&, i, interval] {
                ++fired[size_t(i)];
                ++total;
                if (lastOf[size_t(interval)] > i)
                    ++disorder;
                lastOf[size_t(interval)] = i;
            });
            timer->start(interval);
        }
        std::vector<int> victims(kTimers);
        std::iota(victims.begin(), victims.end(), 0);
        std::shuffle(victims.begin(), victims.end(), random);
        victims.resize(kTimers / 2);
        for (const int victim : victims) {
            if (victim % 2)
                timers[size_t(victim)].reset();
            else
                timers[size_t(victim)]->stop();
        }
        turnUntil([&] { return total >= kTimers / 2; });
        becomesIdle();
        for (const int victim : victims) {
            if (fired[size_t(victim)] != 0)
                return QStringLiteral("timer %1 fired after it was stopped").arg(victim);
        }
        if (std::count(fired.begin(), fired.end(), 1) != kTimers / 2 || total != kTimers / 2)
            return QStringLiteral("%1 of %2 fired").arg(total).arg(kTimers / 2);
        return disorder ? QStringLiteral("%1 fired out of order").arg(disorder) : QString();
    });
    QCOMPARE(wrong, QString());
}

QTEST_GUILESS_MAIN(TestEventDispatcherTimers)
#include "tst_eventdispatchertimers.moc"

// SPDX-License-Identifier: Apache-2.0
#include "common/base/tokenbucket.h"

#include <QTest>

using namespace wireroom;
using namespace std::chrono_literals;

class TestTokenBucket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdsTheRate_data();
    void holdsTheRate();
    void savesOneSecondAtMost();
    void waitsForWhatWasOverdrawn();
    void givesBack();
    void hasNoLimitAtZero();
    void doesNotDriftInSmallSteps();
};

using Clock = TokenBucket::Clock;

void TestTokenBucket::holdsTheRate_data()
{
    QTest::addColumn<quint64>("perSecond");
    QTest::addColumn<quint64>("piece");
    QTest::newRow("one by one") << quint64(100) << quint64(1);
    QTest::newRow("in pieces") << quint64(100) << quint64(7);
    QTest::newRow("in pieces larger than a second's") << quint64(10) << quint64(64);
    QTest::newRow("one a second") << quint64(1) << quint64(1);
    QTest::newRow("bytes") << quint64(1'000'000) << quint64(65'536);
}

/// Somebody who takes as soon as it may, for a thousand seconds.
void TestTokenBucket::holdsTheRate()
{
    QFETCH(quint64, perSecond);
    QFETCH(quint64, piece);
    const Clock::time_point began{};
    Clock::time_point now = began;
    TokenBucket bucket(perSecond, now);
    quint64 taken = 0;
    while (now - began < 1000s) {
        const auto wait = bucket.wait(now);
        if (wait > 0ms) {
            now += wait;
            QCOMPARE(bucket.wait(now), 0ms);
        }
        bucket.take(piece, now);
        taken += piece;
    }
    const double most = static_cast<double>(perSecond) * 1001 + static_cast<double>(piece);
    const double seconds = std::chrono::duration<double>(now - began).count();
    QVERIFY2(static_cast<double>(taken) <= most + static_cast<double>(perSecond) * (seconds - 1000),
             qPrintable(QString::number(taken)));
    QVERIFY2(static_cast<double>(taken) >= static_cast<double>(perSecond) * 900,
             qPrintable(QString::number(taken)));
}

void TestTokenBucket::savesOneSecondAtMost()
{
    Clock::time_point now{};
    TokenBucket bucket(50, now);
    now += 1h;
    QCOMPARE(bucket.wait(now), 0ms);
    bucket.take(50, now);
    QCOMPARE(bucket.wait(now), 20ms);
}

void TestTokenBucket::waitsForWhatWasOverdrawn()
{
    Clock::time_point now{};
    TokenBucket bucket(10, now);
    bucket.take(110, now);
    QCOMPARE(bucket.wait(now), 10'100ms);
    now += 10'099ms;
    QVERIFY(bucket.wait(now) > 0ms);
    now += 2ms;
    QCOMPARE(bucket.wait(now), 0ms);
}

void TestTokenBucket::givesBack()
{
    Clock::time_point now{};
    TokenBucket bucket(2, now);
    bucket.take(2, now);
    QVERIFY(bucket.wait(now) > 0ms);
    bucket.giveBack(1);
    QCOMPARE(bucket.wait(now), 0ms);
    bucket.giveBack(1000);
    bucket.take(2, now);
    QVERIFY(bucket.wait(now) > 0ms);
}

void TestTokenBucket::hasNoLimitAtZero()
{
    Clock::time_point now{};
    TokenBucket bucket(0, now);
    bucket.take(1'000'000'000, now);
    QCOMPARE(bucket.wait(now), 0ms);
}

void TestTokenBucket::doesNotDriftInSmallSteps()
{
    Clock::time_point now{};
    TokenBucket bucket(1000, now);
    bucket.take(2000, now);
    for (int step = 0; step < 1'000'000; ++step) {
        now += 1us;
        bucket.wait(now);
    }
    QVERIFY(bucket.wait(now) <= 2ms);
    now += 2ms;
    QCOMPARE(bucket.wait(now), 0ms);
}

QTEST_APPLESS_MAIN(TestTokenBucket)
#include "tst_tokenbucket.moc"

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QObject>
#include <QPlainTextEdit>
#include <QTimer>

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace wireroom {

/// Many times, in nanoseconds, of which the longest and others are asked for. A value.
class Times
{
public:
    void add(qint64 ns) { m_ns.push_back(ns); }

    size_t count() const { return m_ns.size(); }

    /// In milliseconds; of none 0. A share of 1 is the longest.
    double quantile(double share) const;

private:
    std::vector<qint64> m_ns;
};

/// How long the event loop of its thread was away: the time between two turns of a timer of one millisecond.
///
/// Owner: main(). Thread: GUI.
class LoopWatch : public QObject
{
    Q_OBJECT

public:
    LoopWatch();
    ~LoopWatch() override;

    /// Forgets what was until now.
    void start();

    const Times &gaps() const { return m_gaps; }

    /// The same gaps without the time for which others had the cores, as far as the system tells: for which
    /// this thread, or one that it may have waited for, had none. What this thread worked counts in any case.
    const Times &ownGaps() const { return m_ownGaps; }

    /// Nothing is added from here on.
    void stop();

    /// Of this thread, from start() until stop() or now.
    double cpuSeconds() const;
    double wallSeconds() const;

private:
    void beat();
    void watchThreads();
    void closeThreads();

    /// Of one thread, as the system tells it.
    struct Schedule
    {
        int descriptor = -1;
        qint64 ranNs = 0;
        qint64 starvedNs = 0;

        /// What was added since the last time.
        std::pair<qint64, qint64> read();
    };

    QTimer m_timer;
    QElapsedTimer m_sinceBeat;
    QElapsedTimer m_wall;
    std::vector<Schedule> m_schedules; ///< of this program's threads, this one first
    double m_cpuBefore = 0;
    double m_cpuSeconds = 0;  ///< when stopped
    double m_wallSeconds = 0; ///< likewise
    Times m_gaps;
    Times m_ownGaps;
};

/// Types into a field like a person who does not wait for what he sees: another thread posts the keys, and
/// the time is taken until the text has changed.
///
/// Owner: main(); the field lives longer. Thread: GUI; the keys come from a thread that ends with this.
class Typist : public QObject
{
    Q_OBJECT

public:
    explicit Typist(QPlainTextEdit *field);
    ~Typist() override;

    /// Does not wait: see isDone().
    void stop() { m_stop = true; }

    /// There will be no key any more, and each has changed the text.
    bool isDone();

    /// The text is what was typed, but for keys that have not changed it yet; none is lost or doubled.
    bool isRight();

    /// Forgets how long keys took until now.
    void forget() { m_latencies = {}; }

    const Times &latencies() const { return m_latencies; }

private:
    void run();

    QPlainTextEdit *m_field;
    QString m_typed;
    Times m_latencies;
    std::mutex m_mutex;
    std::deque<QElapsedTimer> m_posted; ///< keys that have not changed the text yet
    std::atomic<bool> m_stop = false;
    std::atomic<bool> m_ended = false;
    std::thread m_thread;
};

/// The memory that this program has, in KiB; 0 where the system does not tell.
qint64 residentKib();

/// Samples of residentKib(), every tenth of a second, and a line for each five seconds.
///
/// Owner: main(). Thread: GUI.
class MemoryWatch : public QObject
{
    Q_OBJECT

public:
    static constexpr int kWarmUpSeconds = 5;

    void start();

    /// KiB at the start, after 5 s, 10 s and so on.
    const std::vector<qint64> &samples() const { return m_samples; }

    /// The most since the warm-up; 0 before its end.
    qint64 peakKib() const { return m_peak; }

private:
    void sample();

    QTimer m_timer;
    QElapsedTimer m_wall;
    std::vector<qint64> m_samples;
    qint64 m_peak = 0;
};

/// One line each, for a person.
void printLoop(const LoopWatch &loop);
void printTyping(const Times &keys, bool isTyped);
void printMemory(const MemoryWatch &memory, qint64 endKib);

/// Lets the event loop turn until that is so, for 20 seconds at most.
template <typename Condition> bool waitUntil(Condition isSo)
{
    QElapsedTimer wait;
    wait.start();
    while (!isSo() && wait.elapsed() < 20'000)
        QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
    return isSo();
}

} // namespace wireroom

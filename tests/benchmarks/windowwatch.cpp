// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/windowwatch.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QInputDevice>
#include <QKeyEvent>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace wireroom {

namespace {

constexpr auto kKeyInterval = 50ms;
constexpr auto kMemoryInterval = 100ms;

double threadCpuSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    const auto seconds = [](const timeval &time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

} // namespace

double Times::quantile(double share) const
{
    if (m_ns.empty())
        return 0;
    std::vector<qint64> sorted = m_ns;
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
    return static_cast<double>(sorted[static_cast<size_t>(at)]) / 1e6;
}

LoopWatch::LoopWatch()
{
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &LoopWatch::beat);
}

LoopWatch::~LoopWatch()
{
    closeThreads();
}

void LoopWatch::start()
{
    m_gaps = {};
    m_ownGaps = {};
    watchThreads();
    m_cpuBefore = threadCpuSeconds();
    m_sinceBeat.start();
    m_wall.start();
    m_timer.start(1);
}

void LoopWatch::beat()
{
    const qint64 gap = m_sinceBeat.nsecsElapsed();
    m_sinceBeat.start();
    m_gaps.add(gap);
    qint64 ran = 0;
    qint64 starved = 0;
    for (Schedule &schedule : m_schedules) {
        const auto [ranNow, starvedNow] = schedule.read();
        if (&schedule == &m_schedules.front())
            ran = ranNow;
        starved = std::max(starved, starvedNow);
    }
    m_ownGaps.add(std::max(ran, gap - starved));
}

void LoopWatch::watchThreads()
{
    closeThreads();
    const QDir tasks(u"/proc/self/task"_s);
    QStringList places{u"/proc/thread-self"_s};
    for (const QString &thread : tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        places += tasks.filePath(thread);
    for (const QString &place : std::as_const(places)) {
        const int descriptor
            = open(QFile::encodeName(place + u"/schedstat"_s).constData(), O_RDONLY | O_CLOEXEC);
        if (descriptor >= 0)
            m_schedules.push_back({descriptor});
    }
    for (Schedule &schedule : m_schedules)
        schedule.read();
}

void LoopWatch::closeThreads()
{
    for (const Schedule &schedule : m_schedules)
        close(schedule.descriptor);
    m_schedules.clear();
}

std::pair<qint64, qint64> LoopWatch::Schedule::read()
{
    std::array<char, 96> text{};
    if (pread(descriptor, text.data(), text.size() - 1, 0) <= 0)
        return {0, 0}; // the thread has ended
    char *afterRun = nullptr;
    const qint64 ran = std::strtoll(text.data(), &afterRun, 10);
    const qint64 starved = std::strtoll(afterRun, nullptr, 10);
    return {ran - std::exchange(ranNs, ran), starved - std::exchange(starvedNs, starved)};
}

void LoopWatch::stop()
{
    m_cpuSeconds = cpuSeconds();
    m_wallSeconds = wallSeconds();
    m_timer.stop();
}

double LoopWatch::cpuSeconds() const
{
    return m_timer.isActive() ? threadCpuSeconds() - m_cpuBefore : m_cpuSeconds;
}

double LoopWatch::wallSeconds() const
{
    return m_timer.isActive() ? static_cast<double>(m_wall.nsecsElapsed()) / 1e9 : m_wallSeconds;
}

Typist::Typist(QPlainTextEdit *field) : m_field(field), m_typed(field->toPlainText())
{
    connect(field, &QPlainTextEdit::textChanged, this, [this] {
        const std::lock_guard lock(m_mutex);
        if (m_posted.empty())
            return;
        m_latencies.add(m_posted.front().nsecsElapsed());
        m_posted.pop_front();
    });
    QInputDevice::primaryKeyboard(); // is made where it is asked for first
    m_thread = std::thread([this] { run(); });
}

Typist::~Typist()
{
    m_stop = true;
    m_thread.join();
}

bool Typist::isDone()
{
    const std::lock_guard lock(m_mutex);
    return m_ended && m_posted.empty();
}

bool Typist::isRight()
{
    const std::lock_guard lock(m_mutex);
    return m_field->toPlainText() == m_typed.chopped(static_cast<qsizetype>(m_posted.size()));
}

void Typist::run()
{
    auto due = std::chrono::steady_clock::now();
    for (int key = 0; !m_stop; ++key) {
        const char letter = key % 8 == 7 ? ' ' : static_cast<char>('a' + key % 26);
        const QString text = QChar::fromLatin1(letter);
        const int code = QChar::fromLatin1(letter).toUpper().unicode();
        {
            const std::lock_guard lock(m_mutex);
            m_posted.emplace_back().start();
            m_typed += text;
        }
        QCoreApplication::postEvent(m_field, new QKeyEvent(QEvent::KeyPress, code, Qt::NoModifier, text));
        QCoreApplication::postEvent(m_field, new QKeyEvent(QEvent::KeyRelease, code, Qt::NoModifier, text));
        due += kKeyInterval;
        std::this_thread::sleep_until(due);
    }
    m_ended = true;
}

qint64 residentKib()
{
    QFile file(u"/proc/self/statm"_s);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArrayList fields = file.readAll().split(' ');
    return fields.size() < 2 ? 0 : fields[1].toLongLong() * (sysconf(_SC_PAGESIZE) / 1024);
}

void MemoryWatch::start()
{
    m_samples = {residentKib()};
    m_peak = 0;
    m_wall.start();
    connect(&m_timer, &QTimer::timeout, this, &MemoryWatch::sample);
    m_timer.start(kMemoryInterval);
}

void MemoryWatch::sample()
{
    const qint64 now = residentKib();
    const qint64 seconds = m_wall.elapsed() / 1000;
    if (seconds / kWarmUpSeconds >= static_cast<qint64>(m_samples.size()))
        m_samples.push_back(now);
    if (seconds >= kWarmUpSeconds)
        m_peak = std::max(m_peak, now);
}

void printLoop(const LoopWatch &loop)
{
    const Times &gaps = loop.gaps();
    std::printf("event loop away: longest %.1f ms, 99.9%% %.1f ms, 99%% %.1f ms, median %.1f ms; longest "
                "without the time for which others had the cores %.1f ms\n",
                gaps.quantile(1), gaps.quantile(0.999), gaps.quantile(0.99), gaps.quantile(0.5),
                loop.ownGaps().quantile(1));
    std::printf("GUI thread: %.0f %% of a core\n", 100 * loop.cpuSeconds() / loop.wallSeconds());
}

void printTyping(const Times &keys, bool isTyped)
{
    std::printf(
        "typing: %zu keys, %s; from the key to the changed text: longest %.1f ms, 99%% %.1f ms, median "
        "%.1f ms\n",
        keys.count(), isTyped ? "each in the text" : "NOT WHAT THE TEXT IS", keys.quantile(1),
        keys.quantile(0.99), keys.quantile(0.5));
}

void printMemory(const MemoryWatch &memory, qint64 endKib)
{
    const auto mib = [](qint64 kib) {
        return static_cast<double>(kib) / 1024;
    };
    std::printf("memory, MiB, at 0, %d, %d … s:", MemoryWatch::kWarmUpSeconds,
                2 * MemoryWatch::kWarmUpSeconds);
    for (const qint64 sample : memory.samples())
        std::printf(" %.1f", mib(sample));
    std::printf("; at the end %.1f", mib(endKib));
    if (memory.samples().size() > 1) {
        std::printf("; at most %.1f more than after %d s", mib(memory.peakKib() - memory.samples()[1]),
                    MemoryWatch::kWarmUpSeconds);
    }
    std::printf("\n");
}

} // namespace wireroom

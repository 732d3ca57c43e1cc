// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/windowwatch.h"

#include <QCoreApplication>
#include <QFile>
#include <QInputDevice>
#include <QKeyEvent>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
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

LoopWatch::LoopWatch() : m_schedule(open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC))
{
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &LoopWatch::beat);
}

LoopWatch::~LoopWatch()
{
    if (m_schedule >= 0)
        close(m_schedule);
}

void LoopWatch::start()
{
    m_gaps = {};
    m_ownGaps = {};
    m_starvedNs = starvedNs();
    m_cpuBefore = threadCpuSeconds();
    m_sinceBeat.start();
    m_wall.start();
    m_timer.start(1);
}

void LoopWatch::beat()
{
    const qint64 gap = m_sinceBeat.nsecsElapsed();
    m_sinceBeat.start();
    const qint64 starved = starvedNs();
    m_gaps.add(gap);
    m_ownGaps.add(std::max<qint64>(0, gap - (starved - m_starvedNs)));
    m_starvedNs = starved;
}

/// How long this thread could have run and had no core.
qint64 LoopWatch::starvedNs() const
{
    std::array<char, 96> text{};
    if (m_schedule < 0 || pread(m_schedule, text.data(), text.size() - 1, 0) <= 0)
        return 0;
    char *afterRun = nullptr;
    std::strtoll(text.data(), &afterRun, 10);
    return std::strtoll(afterRun, nullptr, 10);
}

double LoopWatch::cpuSeconds() const
{
    return threadCpuSeconds() - m_cpuBefore;
}

double LoopWatch::wallSeconds() const
{
    return static_cast<double>(m_wall.nsecsElapsed()) / 1e9;
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
    stop();
}

void Typist::stop()
{
    m_stop = true;
    if (m_thread.joinable())
        m_thread.join();
}

bool Typist::isDone()
{
    const std::lock_guard lock(m_mutex);
    return m_posted.empty();
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

} // namespace wireroom

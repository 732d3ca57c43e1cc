// SPDX-License-Identifier: Apache-2.0
// How the server's window bears a flood: batches as the server hands them out, made in another thread, shown
// in the real window. Prints the longest time that the event loop was away and the share of a core that the
// GUI thread took.
#include "server-gui/window/serverwindow.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTimer>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

constexpr int kBatchMs = 33;

struct Load
{
    int seconds = 10;
    quint64 messagesPerSecond = 100'000;
    quint64 clients = 10'000;
    quint64 churnPerSecond = 1'000;
    quint64 countersPerBatch = 5'000;
};

/// Makes batches ahead of the one who takes them, so that making them costs the GUI thread nothing.
class Generator
{
public:
    explicit Generator(const Load &load) : m_load(load), m_thread([this] { run(); }) { }

    ~Generator()
    {
        m_stop = true;
        m_taken.notify_all();
        m_thread.join();
    }

    ServerBatch take()
    {
        std::unique_lock lock(m_mutex);
        m_made.wait(lock, [this] { return !m_batches.empty(); });
        ServerBatch batch = std::move(m_batches.front());
        m_batches.pop_front();
        m_taken.notify_one();
        return batch;
    }

private:
    void run()
    {
        put(arrivals(m_load.clients));
        quint64 round = 0;
        while (!m_stop)
            put(next(++round));
    }

    void put(ServerBatch batch)
    {
        std::unique_lock lock(m_mutex);
        m_taken.wait(lock, [this] { return m_stop || m_batches.size() < 8; });
        m_batches.push_back(std::move(batch));
        m_made.notify_one();
    }

    ClientConnected newcomer()
    {
        const ClientId id(m_nextId++);
        m_present.push_back(id);
        return {id, u"10.%1.%2.%3"_s.arg(id.value() % 200).arg(id.value() / 200 % 200).arg(id.value() % 251),
                static_cast<quint16>(1024 + id.value() % 60'000), QDateTime::currentDateTimeUtc(),
                FrameFormat::Auto};
    }

    ClientId anybody() { return m_present[m_random() % m_present.size()]; }

    ServerBatch arrivals(quint64 count)
    {
        ServerBatch batch;
        for (quint64 i = 0; i < count; ++i)
            batch.events.emplace_back(newcomer());
        return batch;
    }

    /// The share of a rate per second that falls to one batch, without losing the remainder.
    static quint64 share(quint64 perSecond, quint64 round)
    {
        return perSecond * kBatchMs * round / 1000 - perSecond * kBatchMs * (round - 1) / 1000;
    }

    ServerBatch next(quint64 round)
    {
        const quint64 churn = share(m_load.churnPerSecond, round);
        ServerBatch batch = arrivals(churn);
        const QDateTime now = QDateTime::currentDateTimeUtc();
        for (quint64 i = 0; i < churn && !m_present.empty(); ++i) {
            std::swap(m_present[m_random() % m_present.size()], m_present.back());
            batch.events.emplace_back(
                ClientDisconnected{m_present.back(), now, u"The client closed the connection."_s});
            m_present.pop_back();
        }
        const quint64 messages = share(m_load.messagesPerSecond, round);
        for (quint64 i = 0; i < messages; ++i) {
            m_totals.framesIn += 1;
            m_totals.bytesIn += 40;
            batch.events.emplace_back(
                MessagePassed{now,
                              anybody(),
                              {kOperator},
                              FrameFormat::U32LE,
                              QByteArray::number(m_totals.framesIn).leftJustified(40, '.')});
        }
        for (quint64 i = 0; i < std::min<quint64>(m_load.countersPerBatch, m_present.size()); ++i) {
            ClientCounters counters;
            counters.id = anybody();
            counters.framesIn = m_random() % 100'000;
            counters.bytesIn = counters.framesIn * 40;
            counters.lastSeen = now;
            batch.counters.push_back(counters);
        }
        m_totals.clients = m_present.size();
        batch.totals = m_totals;
        return batch;
    }

    Load m_load;
    ServerTotals m_totals;
    std::vector<ClientId> m_present;
    quint64 m_nextId = 1;
    std::minstd_rand m_random{7};
    std::mutex m_mutex;
    std::condition_variable m_made;
    std::condition_variable m_taken;
    std::deque<ServerBatch> m_batches;
    std::atomic<bool> m_stop = false;
    std::thread m_thread;
};

double threadCpuSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    const auto seconds = [](const timeval &time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double toMs(qint64 ns)
{
    return static_cast<double>(ns) / 1e6;
}

} // namespace

int main(int argc, char *argv[])
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);

    const QCommandLineOption seconds(u"seconds"_s, u"How long"_s, u"N"_s, u"10"_s);
    const QCommandLineOption messages(u"messages"_s, u"Messages a second"_s, u"N"_s, u"100000"_s);
    const QCommandLineOption clients(u"clients"_s, u"Clients"_s, u"N"_s, u"10000"_s);
    const QCommandLineOption churn(u"churn"_s, u"Clients that come and go a second"_s, u"N"_s, u"1000"_s);
    const QCommandLineOption counters(u"counters"_s, u"Clients whose counters change, a batch"_s, u"N"_s,
                                      u"5000"_s);
    const QCommandLineOption sortColumn(u"sort"_s, u"Column that the clients are sorted by"_s, u"N"_s,
                                        u"0"_s);
    const QCommandLineOption selectAll(u"select-all"_s, u"With all clients selected"_s);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOptions({seconds, messages, clients, churn, counters, sortColumn, selectAll});
    parser.process(application);
    const Load load{parser.value(seconds).toInt(), parser.value(messages).toULongLong(),
                    parser.value(clients).toULongLong(), parser.value(churn).toULongLong(),
                    parser.value(counters).toULongLong()};

    const QTemporaryDir settingsDir;
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settingsDir.path());
    ServerWindow window;
    window.resize(1280, 900);
    window.show();
    auto *table = window.findChild<QTableView *>(u"clients"_s);
    table->sortByColumn(parser.value(sortColumn).toInt(), Qt::DescendingOrder);

    Generator generator(load);
    Q_EMIT window.server()->batchReady(generator.take());
    if (parser.isSet(selectAll))
        table->selectAll();
    QApplication::processEvents();

    std::vector<qint64> gapsNs;
    qint64 worstBatchNs = 0;
    qint64 batchNs = 0;
    int batches = 0;
    QElapsedTimer sinceBeat;
    QTimer beat;
    beat.setTimerType(Qt::PreciseTimer);
    QObject::connect(&beat, &QTimer::timeout, &beat,
                     [&] { gapsNs.push_back(sinceBeat.nsecsElapsed()), sinceBeat.start(); });
    QTimer feed;
    feed.setTimerType(Qt::PreciseTimer);
    QObject::connect(&feed, &QTimer::timeout, &feed, [&] {
        const ServerBatch batch = generator.take();
        QElapsedTimer took;
        took.start();
        Q_EMIT window.server()->batchReady(batch);
        worstBatchNs = std::max(worstBatchNs, took.nsecsElapsed());
        batchNs += took.nsecsElapsed();
        ++batches;
    });
    QTimer::singleShot(load.seconds * 1000, Qt::PreciseTimer, &application, &QApplication::quit);

    QElapsedTimer wall;
    wall.start();
    const double cpuBefore = threadCpuSeconds();
    sinceBeat.start();
    beat.start(1);
    feed.start(kBatchMs);
    QApplication::exec();
    const double cpu = threadCpuSeconds() - cpuBefore;
    const double wallSeconds = static_cast<double>(wall.nsecsElapsed()) / 1e9;

    std::sort(gapsNs.begin(), gapsNs.end());
    const auto quantile = [&gapsNs](double q) {
        return gapsNs.empty() ? 0 : gapsNs[static_cast<size_t>(q * static_cast<double>(gapsNs.size() - 1))];
    };
    std::printf("%.1f s, %d batches (%.1f/s), %d clients shown\n", wallSeconds, batches,
                batches / wallSeconds, table->model()->rowCount());
    std::printf("event loop away: longest %.1f ms, 99.9%% %.1f ms, 99%% %.1f ms, median %.1f ms\n",
                toMs(quantile(1)), toMs(quantile(0.999)), toMs(quantile(0.99)), toMs(quantile(0.5)));
    std::printf("taking a batch: longest %.1f ms, mean %.1f ms\n", toMs(worstBatchNs),
                toMs(batchNs / std::max(batches, 1)));
    std::printf("GUI thread: %.0f %% of a core\n", 100 * cpu / wallSeconds);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/windowbatches.h"

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr size_t kMostAhead = 8;

/// The share of a rate per second that falls to one batch, without losing the remainder.
quint64 share(quint64 perSecond, quint64 round)
{
    return perSecond * WindowLoad::kBatchMs * round / 1000
        - perSecond * WindowLoad::kBatchMs * (round - 1) / 1000;
}

} // namespace

WindowBatches::WindowBatches(const WindowLoad &load) : m_load(load), m_thread([this] { run(); }) { }

WindowBatches::~WindowBatches()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stop = true;
    }
    m_taken.notify_all();
    m_thread.join();
}

ServerBatch WindowBatches::take()
{
    std::unique_lock lock(m_mutex);
    m_made.wait(lock, [this] { return !m_batches.empty(); });
    ServerBatch batch = std::move(m_batches.front());
    m_batches.pop_front();
    m_taken.notify_one();
    return batch;
}

void WindowBatches::run()
{
    put(arrivals(m_load.clients));
    quint64 round = 0;
    while (!m_stop)
        put(next(++round));
}

void WindowBatches::put(ServerBatch batch)
{
    std::unique_lock lock(m_mutex);
    m_taken.wait(lock, [this] { return m_stop || m_batches.size() < kMostAhead; });
    m_batches.push_back(std::move(batch));
    m_made.notify_one();
}

ClientConnected WindowBatches::newcomer()
{
    const ClientId id(m_nextId++);
    m_present.push_back(id);
    return {id, u"10.%1.%2.%3"_s.arg(id.value() % 200).arg(id.value() / 200 % 200).arg(id.value() % 251),
            static_cast<quint16>(1024 + id.value() % 60'000), QDateTime::currentDateTimeUtc(),
            FrameFormat::Auto};
}

ClientId WindowBatches::anybody()
{
    return m_present[m_random() % m_present.size()];
}

ServerBatch WindowBatches::arrivals(quint64 count)
{
    ServerBatch batch;
    for (quint64 i = 0; i < count; ++i)
        batch.events.emplace_back(newcomer());
    return batch;
}

ServerBatch WindowBatches::next(quint64 round)
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

} // namespace wireroom

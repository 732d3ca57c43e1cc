// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/queuekeeper.h"

#include <algorithm>

namespace wireroom {

using Clock = std::chrono::steady_clock;

QueueKeeper::QueueKeeper(const ClientRegistry &registry, EventFeed &feed) : m_registry(registry), m_feed(feed)
{
}

void QueueKeeper::open(const ServerConfig &config)
{
    m_slowBytes = std::min(kSlowBytes, config.maxQueueBytes / 2);
    m_mostBytes = std::max(config.maxQueuesBytes, config.maxPayloadBytes + kOverheadBytes);
    m_bytes = 0;
    m_feed.totals.queuedBytes = 0;
}

void QueueKeeper::changed(Session &session)
{
    // What an I/O thread has not come to yet says nothing about the reader, and what waits for one who is
    // being dropped goes with its socket: neither may cost somebody else the connection.
    if (session.state() != Session::State::Open)
        return;
    count(session, session.backlogBytes());
    judge(session);
    if (m_bytes > m_mostBytes)
        dropWorst();
}

void QueueKeeper::count(Session &session, quint64 bytes)
{
    m_bytes += bytes - session.countedBytes;
    session.countedBytes = bytes;
    m_feed.totals.queuedBytes = m_bytes;
}

void QueueKeeper::judge(Session &session)
{
    if (session.countedBytes <= m_slowBytes / 2) {
        session.behindSince.reset();
        setSlow(session, false);
    } else if (session.countedBytes > m_slowBytes && !session.isSlow()) {
        const auto now = Clock::now();
        if (!session.behindSince)
            session.behindSince = now;
        else if (now - *session.behindSince >= kPatience)
            setSlow(session, true);
    }
}

void QueueKeeper::setSlow(Session &session, bool slow)
{
    if (session.isSlow() == slow)
        return;
    session.setSlow(slow);
    m_feed.add(ClientSlow{session.id(), slow, session.queuedBytes(), QDateTime::currentDateTimeUtc()});
    m_feed.touch(session);
}

void QueueKeeper::tooSlow(Session &session)
{
    setSlow(session, true);
    ++m_feed.totals.slowDropped;
}

void QueueKeeper::forget(Session &session)
{
    count(session, 0);
}

void QueueKeeper::tick()
{
    for (const auto &[id, session] : m_registry.sessions()) {
        if (session->countedBytes > 0 || session->backlogBytes() > 0)
            changed(*session);
    }
}

void QueueKeeper::dropWorst()
{
    while (m_bytes > m_mostBytes) {
        Session *worst = nullptr;
        for (const auto &[id, session] : m_registry.sessions()) {
            if (session->state() == Session::State::Open
                && (!worst || session->countedBytes > worst->countedBytes))
                worst = session.get();
        }
        if (!worst || worst->countedBytes == 0)
            return;
        worst->dropAsSlow();
        // Its memory goes with its socket, at the end of this loop turn.
        count(*worst, 0);
    }
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/eventfeed.h"

#include <utility>

namespace wireroom {

EventFeed::EventFeed(const ClientRegistry &registry, Deliver deliver)
    : m_registry(registry), m_deliver(std::move(deliver)), m_pacer([this] { deliverBatch(); })
{
}

void EventFeed::add(ServerEvent event)
{
    m_events.push_back(std::move(event));
    m_pacer.schedule();
}

void EventFeed::addWaiting(WaitingCount count)
{
    if (!m_hasCounters)
        return;
    m_waiting.push_back(count);
    m_pacer.schedule();
}

void EventFeed::addMessage(MessagePassed message, Session *from)
{
    if (m_mode == MessageFeed::Latest && overMessageLimit())
        skipMessages();
    ++m_messages;
    m_messageBytes += quint64(message.payload.size());
    m_events.emplace_back(std::move(message));
    m_pacer.schedule();
    if (from && m_mode == MessageFeed::Every && overMessageLimit()) {
        from->pause(Session::PauseFeed);
        m_paused.push_back(from->id());
    }
}

void EventFeed::taken()
{
    m_pacer.taken();
    for (const ClientId id : std::exchange(m_paused, {})) {
        if (Session *session = m_registry.find(id))
            session->resume(Session::PauseFeed);
    }
}

void EventFeed::renumbered(Session &session)
{
    session.isDirty = false;
    touch(session);
}

void EventFeed::touch(Session &session)
{
    if (session.isDirty || !m_hasCounters)
        return;
    session.isDirty = true;
    m_touched.push_back(session.id());
    m_pacer.schedule();
}

void EventFeed::skipMessages()
{
    MessagesSkipped skipped;
    std::erase_if(m_events, [&](const ServerEvent &event) {
        if (const auto *earlier = std::get_if<MessagesSkipped>(&event)) {
            skipped.count += earlier->count;
            return true;
        }
        const bool isMessage = std::holds_alternative<MessagePassed>(event);
        skipped.count += isMessage ? 1 : 0;
        return isMessage;
    });
    m_messages = 0;
    m_messageBytes = 0;
    m_events.emplace_back(skipped);
}

void EventFeed::deliverBatch()
{
    ServerBatch batch;
    batch.events = std::exchange(m_events, {});
    batch.counters.reserve(m_touched.size());
    for (const ClientId id : std::exchange(m_touched, {})) {
        if (Session *session = m_registry.find(id)) {
            session->isDirty = false;
            batch.counters.push_back(session->counters());
        }
    }
    batch.waiting = std::exchange(m_waiting, {});
    batch.totals = totals;
    m_messages = 0;
    m_messageBytes = 0;
    m_deliver(std::move(batch));
}

} // namespace wireroom

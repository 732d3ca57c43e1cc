// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/batchpacer.h"
#include "server-gui/core/clientregistry.h"
#include "server-gui/core/serverconfig.h"
#include "server-gui/core/serverevents.h"

#include <functional>

namespace wireroom {

/// Gathers what happens and hands it out in batches, at the pace of BatchPacer; a slow taker costs a bounded
/// amount of memory and nobody's time. Lives with the hub, in the network thread.
class EventFeed
{
public:
    using Deliver = std::function<void(ServerBatch &&)>;

    /// What may wait for the taker: beyond it, messages are skipped (MessageFeed::Latest) or senders paused
    /// (Every).
    static constexpr size_t kMostMessages = 20'000;
    static constexpr quint64 kMostMessageBytes = 32u * 1024 * 1024;
    /// Other events in such numbers come from connections that come and go: accepting pauses beyond it.
    static constexpr size_t kMostEvents = 100'000;

    EventFeed(const ClientRegistry &registry, Deliver deliver);

    void configure(MessageFeed mode, bool withCounters)
    {
        m_mode = mode;
        m_hasCounters = withCounters;
    }

    bool wantsMessages() const { return m_mode != MessageFeed::None; }

    void add(ServerEvent event);
    /// Where that is one too many, `from` is not read from until the taker has caught up.
    void addMessage(MessagePassed message, Session *from);
    void addWaiting(WaitingCount count);

    bool isFlooded() const { return m_events.size() > kMostEvents; }

    /// Its counters belong in the next batch.
    void touch(Session &session);

    /// It has another ID now.
    void renumbered(Session &session);

    /// The taker has the last batch.
    void taken();

    ServerTotals totals;

private:
    bool overMessageLimit() const
    {
        return m_messages >= kMostMessages || m_messageBytes >= kMostMessageBytes;
    }

    void skipMessages();
    void deliverBatch();

    const ClientRegistry &m_registry;
    Deliver m_deliver;
    MessageFeed m_mode = MessageFeed::None;
    bool m_hasCounters = true;
    std::vector<ServerEvent> m_events;
    std::vector<ClientId> m_touched;
    std::vector<WaitingCount> m_waiting;
    std::vector<ClientId> m_paused; ///< senders that wait for the taker
    size_t m_messages = 0;
    quint64 m_messageBytes = 0;
    BatchPacer m_pacer;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/eventfeed.h"

#include <chrono>

namespace wireroom {

/// Counts what waits for all slow readers together, tells who is slow, and drops those for whom most is
/// waiting where it becomes too much. Lives with the hub, in the network thread.
///
/// Is asked only about clients for whom something had to wait: as long as everybody reads, it costs nothing.
class QueueKeeper
{
public:
    /// A client that is further behind than kSlowBytes (or half of what may wait for it) for so long is slow.
    static constexpr quint64 kSlowBytes = Channel::kHighWaterBytes;
    static constexpr std::chrono::milliseconds kPatience{250};
    /// One message of the largest size may always wait, with its prefix and what else was on its way.
    static constexpr quint64 kOverheadBytes = 1024 * 1024;

    QueueKeeper(const ClientRegistry &registry, EventFeed &feed);

    void open(const ServerConfig &config);

    /// What waits for it may have changed.
    void changed(Session &session);
    /// It is going to be dropped: it is shown as slow before.
    void tooSlow(Session &session);
    void forget(Session &session);

    /// About once a second.
    void tick();

private:
    void count(Session &session, quint64 bytes);
    void judge(Session &session);
    void setSlow(Session &session, bool slow);
    void dropWorst();

    const ClientRegistry &m_registry;
    EventFeed &m_feed;
    quint64 m_slowBytes = kSlowBytes;
    quint64 m_mostBytes = 0;
    quint64 m_bytes = 0; ///< the sum of Session::countedBytes
};

} // namespace wireroom

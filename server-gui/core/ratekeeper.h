// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/eventfeed.h"

#include <QTimer>

#include <chrono>
#include <vector>

namespace wireroom {

/// Holds each client to what it may send in a second: one that took more is not read from until it has paid
/// for it. Lives with the hub, in the network thread.
///
/// Looks at the clock once for each read, not for each message; without a limit it does nothing.
class RateKeeper : public QObject
{
public:
    /// A client that is held back is told so at most this often.
    static constexpr std::chrono::milliseconds kTellInterval{1'000};

    explicit RateKeeper(EventFeed &feed);

    void open(const ServerConfig &config);

    void readTurnEnded(Session &session);
    void forget(Session &session);

private:
    using Clock = std::chrono::steady_clock;

    struct Waiting
    {
        Session *session;
        Clock::time_point until;
    };

    void holdBack(Session &session, Clock::time_point now, std::chrono::milliseconds wait);
    void tell(Session &session, bool isFirst);
    void letGo();
    void wakeAt(Clock::time_point until, Clock::time_point now);

    EventFeed &m_feed;
    quint64 m_framesPerSecond = 0;
    quint64 m_bytesPerSecond = 0;
    std::vector<Waiting> m_waiting;
    Clock::time_point m_wakes; ///< while the timer runs
    QTimer m_timer;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/accounts.h"

#include <chrono>
#include <deque>

namespace wireroom {

/// How far a chat client's connection has got. A part of its session, written by the ChatRoom, the Dispatcher
/// and the HistoryDesk; lives in the network thread.
struct ChatMember
{
    using Clock = std::chrono::steady_clock;

    enum class Stage : quint8 {
        Hello,      ///< we wait for its Hello
        Checking,   ///< its password is looked at
        Joining,    ///< its account is on the way to the disk
        CatchingUp, ///< it gets from the history what it missed
        Live,       ///< it gets what is new as soon as it is stored
    };

    struct Unacknowledged
    {
        quint64 seq;
        ClientId from;
    };

    Stage stage = Stage::Hello;
    bool hasSpoken = false;          ///< our first frame, with the tag, was sent
    KnownAccount *account = nullptr; ///< from Joining on; the Accounts' own
    quint64 serial = 0;              ///< tells this connection from an earlier one of the same account
    quint64 sentSeq = 0;             ///< what it is to get up to here was queued
    bool isPageDue = false;          ///< CatchingUp: a page was asked for and has not come
    int queries = 0;                 ///< of its own that are not answered yet
    std::deque<Unacknowledged> unacknowledged;
    Clock::time_point began = Clock::now();
    Clock::time_point heard = began; ///< anything
    Clock::time_point acted = began; ///< something done by hand
    Clock::time_point pinged = began;
    int openPings = 0;
    qint64 roundTripMicroseconds = -1;

    bool hasJoined() const { return stage >= Stage::CatchingUp; }
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"

#include <map>
#include <set>
#include <vector>

namespace wireroom {

/// Who has which of our stored messages: turns receipts into changes of state. Only the newest ones are
/// followed, so memory is bounded. A member of the chat session's; no thread of its own.
class StoredMessages
{
public:
    static constexpr size_t kMostMessages = 10'000;
    static constexpr quint64 kMostBodyBytes = 16u * 1024 * 1024;
    static constexpr size_t kMostReceipts = 250'000;
    /// Receipts for messages that we do not know to be stored yet: after a reconnect they may come before
    /// Stored.
    static constexpr size_t kMostUnclaimed = 20'000;

    /// `state` is what was told of it when it was stored.
    void add(const ChatMessageState &state);

    void receipt(quint64 seq, ClientId who);

    /// What changed since the last call: one state for each message.
    std::vector<ChatMessageState> takeChanges();

private:
    struct Followed
    {
        ChatMessageState state;
        std::set<ClientId> has;
    };

    void drop(std::map<quint64, Followed>::iterator message);

    std::map<quint64, Followed> m_messages; ///< by seq; only those that somebody still misses
    quint64 m_bodyBytes = 0;
    size_t m_receipts = 0;
    std::set<std::pair<quint64, ClientId>> m_unclaimed;
    std::set<quint64> m_changed;
};

} // namespace wireroom

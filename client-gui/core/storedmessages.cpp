// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/storedmessages.h"

namespace wireroom {

void StoredMessages::add(const ChatMessageState &state)
{
    if (state.state != ChatMessageState::State::Stored)
        return;
    if (m_messages.emplace(state.seq, Followed{state, {}}).second)
        m_bodyBytes += quint64(state.body.size());
    while (m_messages.size() > kMostMessages || m_receipts > kMostReceipts
           || (m_bodyBytes > kMostBodyBytes && m_messages.size() > 1))
        drop(m_messages.begin());
    const auto from = m_unclaimed.lower_bound({state.seq, ClientId()});
    auto to = from;
    for (; to != m_unclaimed.end() && to->first == state.seq; ++to)
        receipt(to->first, to->second);
    m_unclaimed.erase(from, to);
}

void StoredMessages::drop(std::map<quint64, Followed>::iterator message)
{
    m_bodyBytes -= quint64(message->second.state.body.size());
    m_receipts -= message->second.has.size();
    m_changed.erase(message->first);
    m_messages.erase(message);
}

void StoredMessages::receipt(quint64 seq, ClientId who)
{
    const auto found = m_messages.find(seq);
    if (found == m_messages.end()) {
        m_unclaimed.emplace(seq, who);
        if (m_unclaimed.size() > kMostUnclaimed)
            m_unclaimed.erase(m_unclaimed.begin());
        return;
    }
    if (!found->second.has.insert(who).second)
        return;
    ++m_receipts;
    m_changed.insert(seq);
}

std::vector<ChatMessageState> StoredMessages::takeChanges()
{
    std::vector<ChatMessageState> changes;
    for (const quint64 seq : std::exchange(m_changed, {})) {
        const auto found = m_messages.find(seq);
        Followed &message = found->second;
        message.state.delivered = std::min<quint64>(message.has.size(), message.state.recipients);
        const bool complete = message.state.delivered == message.state.recipients;
        if (complete)
            message.state.state = ChatMessageState::State::Delivered;
        changes.push_back(message.state);
        if (complete)
            drop(found);
    }
    return changes;
}

} // namespace wireroom

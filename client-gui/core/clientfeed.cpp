// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/clientfeed.h"

namespace wireroom {

ClientFeed::ClientFeed(std::function<void(ClientBatch &&)> deliver)
    : m_deliver(std::move(deliver)), m_pacer([this] { this->deliver(); })
{
}

void ClientFeed::note(const QString &text, bool isError)
{
    m_events.emplace_back(ClientNote{QDateTime::currentDateTimeUtc(), text, isError});
    m_pacer.schedule();
}

void ClientFeed::add(ClientEvent event, qsizetype bytes)
{
    if (!m_every && overLimit())
        skipMessages();
    ++m_messages;
    m_messageBytes += quint64(bytes);
    m_events.push_back(std::move(event));
    m_pacer.schedule();
}

void ClientFeed::skipMessages()
{
    ClientMessagesSkipped skipped;
    std::erase_if(m_events, [&](const ClientEvent &e) {
        if (const auto *earlier = std::get_if<ClientMessagesSkipped>(&e)) {
            skipped.count += earlier->count;
            return true;
        }
        const bool isMessage
            = std::holds_alternative<MessageReceived>(e) || std::holds_alternative<MessageSent>(e);
        skipped.count += isMessage ? 1 : 0;
        return isMessage;
    });
    m_messages = 0;
    m_messageBytes = 0;
    m_events.emplace_back(skipped);
}

void ClientFeed::deliver()
{
    m_messages = 0;
    m_messageBytes = 0;
    ++m_delivered;
    m_deliver(ClientBatch{std::exchange(m_events, {}), totals});
}

void ClientFeed::taken()
{
    ++m_taken;
    m_pacer.taken();
}

} // namespace wireroom

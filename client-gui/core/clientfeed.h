// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"
#include "common/base/batchpacer.h"

#include <functional>

namespace wireroom {

/// Gathers what happens and hands it out in numbered batches, at the pace of BatchPacer; a slow taker costs a
/// bounded amount of memory. Lives with the link, in the network thread.
class ClientFeed
{
public:
    /// What may wait for the taker before messages are skipped, or reading pauses.
    static constexpr size_t kMostMessages = 20'000;
    static constexpr quint64 kMostMessageBytes = 32u * 1024 * 1024;

    /// `deliver` hands out one batch.
    explicit ClientFeed(std::function<void(ClientBatch &&)> deliver);

    /// Nothing is skipped; whoever reads pauses while isFull().
    void setEvery(bool every) { m_every = every; }

    void note(const QString &text, bool isError);

    /// `bytes`: of its body. Only MessageReceived and MessageSent are ever skipped.
    void add(ClientEvent event, qsizetype bytes = 0);

    /// Reading should wait until taken().
    bool isFull() const { return m_every && overLimit(); }

    /// Hands out what there is, at once.
    void deliver();

    /// The taker has one more batch.
    void taken();

    /// The number of the batch that an event added now is in; the first is 1.
    quint64 nextBatch() const { return m_delivered + 1; }

    quint64 takenBatches() const { return m_taken; }

    bool hasEvents() const { return !m_events.empty(); }

    bool isEverythingTaken() const { return !hasEvents() && m_taken == m_delivered; }

    ClientTotals totals;

private:
    bool overLimit() const { return m_messages >= kMostMessages || m_messageBytes >= kMostMessageBytes; }

    void skipMessages();

    std::function<void(ClientBatch &&)> m_deliver;
    std::vector<ClientEvent> m_events;
    size_t m_messages = 0;
    quint64 m_messageBytes = 0;
    quint64 m_delivered = 0;
    quint64 m_taken = 0;
    bool m_every = false;
    BatchPacer m_pacer;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/protocol/messagecodec.h"
#include "server-gui/core/accounts.h"
#include "server-gui/core/clientregistry.h"
#include "server-gui/core/eventfeed.h"

#include <QTimer>

#include <deque>
#include <map>
#include <optional>
#include <span>

namespace wireroom {

/// Sends one of the protocol's own messages to a chat client; the first one carries the tag.
void sendMessage(Session &session, const chat::Message &message);

/// Gives each message its number, has it stored, and only then tells its sender and delivers it; gathers the
/// receipts. Without a history all of that happens at once. Lives with the hub, in the network thread.
///
/// What is on the way to the disk is bounded: senders are paused beyond it. A chat client that falls behind
/// gets nothing more from here: its stage becomes CatchingUp, and the HistoryDesk feeds it at its own pace.
class Dispatcher : public QObject
{
public:
    static constexpr size_t kMostPending = 32'768;
    static constexpr quint64 kMostPendingBytes = 32u * 1024 * 1024;
    /// Deliveries that a client has not acknowledged; beyond it, more are sent only as acknowledgements come.
    static constexpr size_t kMostUnacknowledged = 16'384;

    Dispatcher(ClientRegistry &registry, Accounts &accounts, EventFeed &feed);

    /// `history` may be null: nothing is kept.
    void open(HistoryStore *history, quint64 lastSeq);

    /// The numbers go on, but the history is gone.
    void shut() { m_history = nullptr; }

    bool keepsHistory() const { return m_history != nullptr; }

    /// The newest message that has a number, and that is delivered.
    quint64 lastSeq() const { return m_lastSeq; }

    quint64 committedSeq() const { return m_committedSeq; }

    /// A chat client's message. Where no history is kept it waits for endTurn().
    void post(Session &from, chat::Post &&post);
    /// What was posted in one piece is delivered in one piece. To be called after the last post that a client
    /// sent in one piece, and before anything else that it said is acted upon.
    void endTurn();
    /// The operator's, for chat clients; plain ones in `to` have it already. The answer is its number.
    quint64 postForOperator(chat::Addressees to, chat::BodyKind kind, const QByteArray &body);
    /// A plain client's message to the operator, for the history; its number, or 0 where none is kept.
    quint64 keepPlain(Session &from, const QByteArray &body);

    void committed(const HistoryCommitted &committed);

    /// Of a Live or CatchingUp client: the message goes out, encoded as a Delivery frame.
    void deliver(Session &session, const QByteArray &frames, std::span<const HistoryMessage *const> messages);
    static bool isBehind(Session &session);

    void acknowledge(Session &session, quint64 seq);
    /// Tells the sender, or remembers it for the sender's return.
    void addReceipt(ClientId sender, quint64 seq, ClientId recipient);

private:
    struct Pending
    {
        HistoryMessage message;
        FrameFormat format;
        std::vector<ClientId> unknown;
        quint64 recipients = 0;
        bool isPlain = false;
    };

    /// Of one client, gathered to be sent in one piece.
    struct StoredFrames
    {
        ClientId to;
        QByteArray frames;
    };

    /// For a plain client that may still say Hello.
    struct Held
    {
        ClientId to;
        HistoryMessage message;
    };

    void submit(Pending &&pending);
    void tellRefused(const Pending &pending);
    void finish(Pending &pending, const HistoryCommitted::Repeated *repeated, StoredFrames &stored);
    void send(StoredFrames &stored);
    void deliverBatch(std::span<Pending> batch);
    void deliverToEveryone(std::span<const HistoryMessage *const> run);
    void deliverToSome(const HistoryMessage &message);
    void sendPlain(Session &session, const HistoryMessage &message);
    bool hold(Session &session, const HistoryMessage &message);
    void sendHeld();
    void waitFor(Session &from);
    void resumeWaiting();
    void sendReceipts();
    bool isKnown(ClientId id) const;
    quint64 countOthers(ClientId sender);

    ClientRegistry &m_registry;
    Accounts &m_accounts;
    EventFeed &m_feed;
    HistoryStore *m_history = nullptr;
    quint64 m_lastSeq = 0;
    quint64 m_committedSeq = 0;
    qint64 m_lastTime = 0;
    std::deque<Pending> m_pending;
    quint64 m_pendingBytes = 0;
    std::vector<Pending> m_turn;                              ///< without a history: posted since endTurn()
    std::optional<std::pair<ClientId, quint64>> m_turnOthers; ///< countOthers() of whom it was asked for
    std::vector<ClientId> m_waiting;                          ///< senders paused until the disk keeps up
    std::map<ClientId, std::vector<std::pair<quint64, ClientId>>> m_receipts;
    QTimer m_receiptTimer;
    std::vector<Held> m_held;
    QTimer m_heldTimer;
};

} // namespace wireroom

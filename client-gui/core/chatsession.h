// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatstate.h"
#include "client-gui/core/clientfeed.h"
#include "client-gui/core/linkhandle.h"
#include "client-gui/core/storedmessages.h"
#include "common/transport/connection.h"

#include <QObject>
#include <QTimer>

#include <deque>
#include <map>

namespace wireroom {

/// What a session needs of whoever has the connection. Called in its thread, also from inside its calls.
class ChatSessionHost
{
public:
    virtual ~ChatSessionHost() = default;

    /// What is kept is there: a connection can be made.
    virtual void stateOpened() = 0;

    /// It is not, and never will be: the session is of no use.
    virtual void stateNotOpened(const QString &why) = 0;

    /// `bytes` are that many whole frames.
    virtual void sendFrames(const QByteArray &bytes, quint64 count) = 0;

    virtual bool isReadingPaused() const = 0;

    /// Nobody else can read what is sent on this connection.
    virtual bool isLinkPrivate() const = 0;

    /// The server let us in, and messages can be sent.
    virtual void welcomed() = 0;

    /// CloseReason::Kind::Protocol: trying again is of no use.
    virtual void closeConnection(const CloseReason &reason) = 0;

    /// The answer to leave(): all that was to be sent before the close is queued.
    virtual void readyToClose() = 0;
};

/// One chat client's part of the protocol: greets, posts what waits in the outbox and again after each
/// reconnect, keeps what was read, acknowledges, pings.
///
/// It outlives connections: made for one server and name, it is told of each connection's begin, frames and
/// end. Owner: the link, in the network thread. Owns the state on disk (and its thread). Memory is bounded:
/// kMostInFlight messages and kMostInFlightBytes of the outbox are here, the rest stays on disk.
class ChatSession : public QObject
{
public:
    static constexpr size_t kMostInFlight = 1'000;
    static constexpr quint64 kMostInFlightBytes = 16u * 1024 * 1024;
    static constexpr size_t kMostQueries = 100;
    /// Acknowledgements are at least so far apart.
    static constexpr std::chrono::milliseconds kAckInterval{50};

    ChatSession(const ClientConfig &config, ClientFeed &feed, Inbox<LinkReply> &replies,
                ChatSessionHost &host);
    ~ChatSession() override;

    /// True where it is the client that the configuration names.
    bool isFor(const ClientConfig &config) const;

    /// Deadlines and password may change between connections.
    void setConfig(const ClientConfig &config) { m_config = config; }

    bool isOpen() const { return m_isOpen; }

    // The connection's life.
    void connected();
    void handleFrame(QByteArrayView payload);
    void readTurnEnded();
    void connectionClosed();

    /// Says goodbye: acknowledges what the front end has, waits for what it is still to take where
    /// `waitForTaker`, and answers with readyToClose(). Without a connection, at once.
    void leave(bool waitForTaker);

    /// The front end has taken a batch.
    void batchTaken();

    // What the front end asks for; each is answered once.
    void post(const PostOnLink &command);
    void rename(const RenameOnLink &command);
    void queryHistory(const QueryOnLink &command);

private:
    enum class Phase : quint8 { Closed, Greeting, Welcomed, Online, Leaving };

    /// Posted here, on its way to the disk.
    struct Adding
    {
        quint64 request;
        OutboxMessage message;
    };

    template <typename T> void answer(quint64 request, Result<T> result);

    void handle(ChatStateOpened &reply);
    void handle(const ChatStateNotOpened &reply);
    void handle(const OutboxAdded &reply);
    void handle(OutboxRead &reply);
    void handle(const ProgressSaved &reply);
    void handle(const TokenSaved &reply);
    void handle(const ChatStateFailing &reply);
    void handle(const ChatStateRecovered &reply);

    void handle(chat::Welcome &message);
    void handle(const chat::Refused &message);
    void handle(const chat::Stored &message);
    void handle(chat::Delivery &message);
    void handle(chat::Receipts &message);
    void handle(chat::Presence &message);
    void handle(const chat::Ping &message);
    void handle(const chat::Pong &message);
    void handle(chat::HistoryPage &message);
    void handle(const chat::Notice &message);
    void handle(const chat::Bye &message);

    void handle(const chat::Hello &) { notForClients(); }

    void handle(const chat::Post &) { notForClients(); }

    void handle(const chat::Ack &) { notForClients(); }

    void handle(const chat::Rename &) { notForClients(); }

    void handle(const chat::HistoryQuery &) { notForClients(); }

    void send(const chat::Message &message);
    void sendWaiting();
    void refill();
    bool hasRoom() const;
    void putInFlight(OutboxMessage message);
    OutboxMessage takeFromFlight(std::map<quint64, OutboxMessage>::iterator message);
    void addToOutbox(const PostOnLink &command);
    std::optional<Error> whyNotPosted(const PostOnLink &command) const;
    QString whyNotSendable(const OutboxMessage &message) const;
    void tellFailed(const OutboxMessage &message, const QString &why);
    void goOnline();
    void setName(const QString &name);
    void failQueries(const Error &error);
    void answerRename(const Result<QString> &result);
    void saveProgress();
    void acknowledge();
    void continueLeaving();
    void onTick();
    void notForClients();
    void protocolError(const QString &text);

    ClientConfig m_config;
    ClientFeed &m_feed;
    Inbox<LinkReply> &m_replies;
    ChatSessionHost &m_host;
    std::unique_ptr<ChatState> m_state;
    bool m_isOpen = false;
    Phase m_phase = Phase::Closed;

    QByteArray m_token;
    QString m_name;
    ClientId m_id;
    std::optional<chat::Limits> m_limits; ///< since the first Welcome

    // Posting. What waits is, in order of ref: in flight, then (while m_hasMoreOnDisk) on disk only.
    std::vector<PostOnLink> m_early; ///< posted before the state was open
    std::deque<Adding> m_adding;
    quint64 m_addingBytes = 0;  ///< of m_early too
    quint64 m_waitingBytes = 0; ///< posted in this run and not stored yet
    std::map<quint64, OutboxMessage> m_inFlight;
    quint64 m_inFlightBytes = 0;
    quint64 m_lastRef = 0;   ///< given
    quint64 m_oldRefs = 0;   ///< up to here they are of an earlier run
    quint64 m_loadedRef = 0; ///< the outbox was read up to here
    quint64 m_sentRef = 0;   ///< on this connection
    bool m_isLastRefKnown = true;
    bool m_hasMoreOnDisk = false;
    bool m_isReading = false;
    StoredMessages m_stored;
    std::deque<std::pair<quint64, quint64>> m_failed; ///< batch that tells it, ref

    // Receiving. Each of these is at most the one before.
    quint64 m_receivedSeq = 0;                          ///< handed to the feed
    quint64 m_takenSeq = 0;                             ///< the front end has it
    quint64 m_savedSeq = 0;                             ///< on disk
    quint64 m_ackedSeq = 0;                             ///< the server was told, on this connection
    std::deque<std::pair<quint64, quint64>> m_received; ///< batch, highest seq in it
    bool m_isSaving = false;
    QTimer m_ackTimer;

    std::deque<std::pair<quint64, quint64>> m_queries; ///< query, request
    quint64 m_lastQuery = 0;
    std::optional<RenameOnLink> m_rename;

    QTimer m_greetingTimer;
    QTimer m_leaveTimer;
    QTimer m_tick; ///< half a ping interval
    int m_quietTicks = 0;
    bool m_waitForTaker = false;
    bool m_unknownTypeTold = false;
};

} // namespace wireroom

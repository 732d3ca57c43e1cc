// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/clientconfig.h"
#include "common/base/result.h"
#include "common/protocol/message.h"

#include <QByteArray>
#include <QDateTime>
#include <QDeadlineTimer>
#include <QObject>

#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace wireroom {

class LinkHandle;
struct LinkState;
template <typename T> struct LinkAnswer;

/// Values that travel from the network thread to whoever runs the client. Times are wall clock, UTC.

struct MessageReceived
{
    QDateTime time;
    QByteArray payload;
};

struct MessageSent
{
    QDateTime time;
    QByteArray payload;
};

/// One sentence about what happened to the connection: refused, reset, connected, a frame over the limit.
struct ClientNote
{
    QDateTime time;
    QString text;
    bool isError = false;
};

/// The taker was too slow: so many messages were counted but not handed out.
struct ClientMessagesSkipped
{
    quint64 count = 0;
};

/// The chat server let us in. Comes again after each reconnect, before anything else of that connection.
struct ChatWelcomed
{
    ClientId id; ///< ours, for life
    QString name;
    QString serverName;
    quint64 lastSeq = 0; ///< the server's newest message
    chat::Limits limits;
    std::vector<chat::Presence> roster; ///< everybody known, ourselves included; replaces the one before
};

/// Somebody (perhaps ourselves) came, went, or has another name.
struct ChatPresenceChanged
{
    chat::Presence presence;
};

/// Somebody's message to us, in the order of seq, each exactly once.
struct ChatMessageReceived
{
    chat::Delivery delivery;
};

/// One of our messages and what became of it. Comes for each change; `ref` tells which. Those that waited in
/// the outbox from an earlier run come again as Waiting when the client starts (of a great many, the oldest
/// 1,000; the others as these are stored). A failed one comes again at each start until it was told once.
struct ChatMessageState
{
    enum class State : quint8 {
        Waiting,   ///< in the outbox, on disk
        Stored,    ///< durable at the server; `delivered` of `recipients` have it so far
        Delivered, ///< all `recipients` have it
        Failed,    ///< will not be sent, or reaches nobody; `why`
    };
    quint64 ref = 0;
    State state = State::Waiting;
    chat::Addressees to;
    chat::BodyKind kind = chat::BodyKind::Text;
    QByteArray body;
    qint64 time = 0;               ///< ms since 1970, UTC: written; from Stored on the server's
    quint64 seq = 0;               ///< from Stored on
    std::vector<ClientId> unknown; ///< addressees that do not exist (or cannot be reached without history)
    quint64 recipients = 0;
    quint64 delivered = 0;
    QString why; ///< Failed: a sentence
};

/// Who has which of our messages: also of those from earlier runs, which have no ref here.
struct ChatReceipts
{
    std::vector<std::pair<quint64, ClientId>> list; ///< seq, who
};

/// A Notice of the server's: cannot store, slow down. Also a Refused, as the last event before the state that
/// follows from it: its code tells, for instance, when to offer to join as somebody new.
struct ChatNotice
{
    QString code; ///< chat::notice:: or chat::refusal::
    QString text;
};

using ClientEvent
    = std::variant<MessageReceived, MessageSent, ClientNote, ClientMessagesSkipped, ChatWelcomed,
                   ChatPresenceChanged, ChatMessageReceived, ChatMessageState, ChatReceipts, ChatNotice>;

/// Since the client was created; payload bytes.
struct ClientTotals
{
    quint64 framesIn = 0;
    quint64 framesOut = 0;
    quint64 bytesIn = 0;
    quint64 bytesOut = 0;
    quint64 queuedBytes = 0; ///< waiting to be sent now, prefixes included
};

struct ClientBatch
{
    std::vector<ClientEvent> events;
    ClientTotals totals;
};

/// A client of any server that speaks one of our frame formats: connects, connects again, sends and receives.
///
/// Owner: whoever runs the client. Owns the network thread and the socket there. Thread: use it from the
/// thread it was created in; signals and callbacks come there too. Nothing here blocks, except the
/// destructor, which flushes for at most ClientConfig::flushDeadline and joins the thread.
class ChatClient : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Offline,        ///< not connected, and nothing is tried
        Connecting,     ///< an attempt is under way
        Confirming,     ///< TLS: stopped until a person has decided on tlsQuestion()
        Handshake,      ///< chat: connected, waiting for Welcome
        Online,         ///< messages can be sent
        WaitingToRetry, ///< the next attempt begins at retryDeadline()
        Closing,        ///< flushing before the close
    };
    Q_ENUM(State)

    explicit ChatClient(QObject *parent = nullptr);
    ~ChatClient() override;

    State state() const { return m_state; }

    const ClientConfig &config() const { return m_config; }

    /// The peer's address while Online, e.g. "127.0.0.1" and 4040; empty and 0 otherwise.
    QString peerAddress() const { return m_peerAddress; }

    quint16 peerPort() const { return m_peerPort; }

    /// How the connection is encrypted, if it is; nothing otherwise.
    const std::optional<TlsState> &tls() const { return m_tls; }

    /// What is to be decided while Confirming.
    const std::optional<TlsQuestion> &tlsQuestion() const { return m_tlsQuestion; }

    /// Why it is in its state where there is something to say: the sentence about the last failure; empty
    /// when Online.
    QString stateReason() const { return m_reason; }

    /// WaitingToRetry: when the next attempt begins (monotonic clock), for a countdown.
    QDeadlineTimer retryDeadline() const { return m_retryAt; }

    /// Connects; from any state, what was there is closed first. `auto` as format ends in Offline with an
    /// error note.
    void connectToServer(const ClientConfig &config);

    /// Flushes and closes, ends a wait for a retry. Offline afterwards. A chat client acknowledges what was
    /// taken of it first; it can still post to its outbox, and keeps its profile locked until it is destroyed
    /// or connects as somebody else.
    void disconnectFromServer();

    /// WaitingToRetry: begins the next attempt at once. Otherwise nothing.
    void retryNow();

    /// Confirming: a person has compared the fingerprint, and trusts it for this server from now on. Connects
    /// again; only a server with this certificate is let through. The other answer is disconnectFromServer().
    void trustCertificate(const Fingerprint &fingerprint);

    /// Sends one message. Unless Online it is refused, except with `stream`, whose every message needs a
    /// connection of its own: there it connects (as the last connectToServer said), sends, and says that
    /// nothing more will come. The answer comes when the bytes are queued for the socket.
    void send(const QByteArray &payload, std::function<void(const Result<quint64> &)> done = {});

    /// Chat: posts one message. The answer (its ref) comes once it is in the outbox on disk; ChatMessageState
    /// tells the rest. Also works while there is no connection, from the first connectToServer() on. Errors:
    /// no chat client, an empty list or too many recipients, a body over the server's limit (once known) or a
    /// text that is no UTF-8, a disk that cannot be written, too much that waits for the disk.
    void post(const chat::Addressees &to, chat::BodyKind kind, const QByteArray &body,
              std::function<void(const Result<quint64> &)> done = {});

    /// Chat: takes another name; the answer comes with the ChatPresenceChanged (or the ChatNotice) that the
    /// server sends. Needs a connection. Kept, so that the next connection begins with it.
    void rename(const QString &name, std::function<void(const Result<QString> &)> done = {});

    /// Chat: asks the server for a page of messages. Needs a connection; an error where it is lost before the
    /// answer. The own ID, the query's number and too high limits are put right here.
    void queryHistory(const chat::HistoryQuery &query,
                      std::function<void(const Result<chat::HistoryPage> &)> done);

    /// For a program: reading from the server pauses until what is there was taken, instead of skipping. Off
    /// by default.
    void setReceiveEvery(bool every);

Q_SIGNALS:
    /// After each change of state() or stateReason(). Everything that came before an Offline or a Confirming
    /// was in a batch before it.
    void stateChanged(wireroom::ChatClient::State state);

    /// At most every 33 ms, and only when something happened. The batch is the receiver's to read during the
    /// call.
    void batchReady(const wireroom::ClientBatch &batch);

private:
    void handle(const LinkState &state);
    void handle(const ClientBatch &batch);
    template <typename T> void handle(const LinkAnswer<T> &answer);

    State m_state = State::Offline;
    ClientConfig m_config;
    QString m_peerAddress;
    quint16 m_peerPort = 0;
    QString m_reason;
    std::optional<TlsState> m_tls;
    std::optional<TlsQuestion> m_tlsQuestion;
    QDeadlineTimer m_retryAt;
    std::unique_ptr<LinkHandle> m_link;
};

} // namespace wireroom

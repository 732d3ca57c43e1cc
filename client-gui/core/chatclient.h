// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/clientconfig.h"
#include "common/base/result.h"

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
struct LinkSendAnswer;

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

using ClientEvent = std::variant<MessageReceived, MessageSent, ClientNote, ClientMessagesSkipped>;

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

    /// Why it is in its state where there is something to say: the sentence about the last failure; empty
    /// when Online.
    QString stateReason() const { return m_reason; }

    /// WaitingToRetry: when the next attempt begins (monotonic clock), for a countdown.
    QDeadlineTimer retryDeadline() const { return m_retryAt; }

    /// Connects; from any state, what was there is closed first. `auto` as format ends in Offline with an
    /// error note.
    void connectToServer(const ClientConfig &config);

    /// Flushes and closes, ends a wait for a retry. Offline afterwards.
    void disconnectFromServer();

    /// WaitingToRetry: begins the next attempt at once. Otherwise nothing.
    void retryNow();

    /// Sends one message. Unless Online it is refused, except with `stream`, whose every message needs a
    /// connection of its own: there it connects (as the last connectToServer said), sends, and says that
    /// nothing more will come. The answer comes when the bytes are queued for the socket.
    void send(const QByteArray &payload, std::function<void(const Result<quint64> &)> done = {});

    /// For a program: reading from the server pauses until what is there was taken, instead of skipping. Off
    /// by default.
    void setReceiveEvery(bool every);

Q_SIGNALS:
    /// After each change of state() or stateReason(). Everything that came before an Offline was in a batch
    /// before it.
    void stateChanged(wireroom::ChatClient::State state);

    /// At most every 33 ms, and only when something happened. The batch is the receiver's to read during the
    /// call.
    void batchReady(const wireroom::ClientBatch &batch);

private:
    void handle(const LinkState &state);
    void handle(const ClientBatch &batch);
    void handle(const LinkSendAnswer &answer);

    State m_state = State::Offline;
    ClientConfig m_config;
    QString m_peerAddress;
    quint16 m_peerPort = 0;
    QString m_reason;
    QDeadlineTimer m_retryAt;
    std::unique_ptr<LinkHandle> m_link;
};

} // namespace wireroom

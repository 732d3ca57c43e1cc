// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/framing/frameformat.h"
#include "common/protocol/message.h"
#include "common/transport/tlsgreeting.h"
#include "server-gui/core/ban.h"
#include "server-gui/core/tlsconfig.h"

#include <QByteArray>
#include <QDateTime>
#include <QString>

#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace wireroom {

/// Values that travel from the network thread to whoever runs the server. None of them refers to anything
/// alive. Times are wall clock, UTC.

struct ServerListening
{
    QString address;
    quint16 port = 0;
};

struct ServerStopped
{
};

/// After ServerListening, unless TLS is off: by which certificate clients know this server.
struct TlsReady
{
    TlsMode mode = TlsMode::Offered;
    QString fingerprint;  ///< of the certificate, as Fingerprint::toString() writes it
    QDateTime validUntil; ///< of the certificate
};

/// A client was accepted. Its format is known at once unless the server finds it out (`auto`).
struct ClientConnected
{
    ClientId id;
    QString address;
    quint16 port = 0;
    QDateTime time;
    FrameFormat format = FrameFormat::Auto;
    TlsLink tls = {}; ///< none yet when it was accepted: see ClientSecured
};

/// A client's TLS handshake is done; what it says is encrypted. Before its format is known.
struct ClientSecured
{
    ClientId id;
    TlsLink tls;
    QDateTime time;
};

/// The format of a client is settled: found out from its first bytes, or given because it was written to
/// first.
struct ClientFormatKnown
{
    ClientId id;
    FrameFormat format;
    bool detected = false; ///< false: the default
    QDateTime time = {};
    bool isChat = false; ///< it speaks the chat protocol
};

/// A chat client said who it is, or calls itself something else now. One that came back has the ID of old
/// from here on: the client known as `was` is `id` (where a connection of `id` is still there, the two change
/// places, and that one closes).
struct ClientNamed
{
    ClientId id;
    ClientId was; ///< the same unless it came back
    QString name;
    QDateTime time;
};

/// A chat client that the server knows, connected or not.
struct KnownClient
{
    ClientId id;
    QString name;
    chat::PresenceState state = chat::PresenceState::Offline;
    QDateTime since;     ///< of the state; offline: last seen
    quint64 waiting = 0; ///< messages that it does not have yet, 9,999 at most
};

/// Once after ServerListening, with all that the history knows: who is known and not here.
struct ClientsKnown
{
    std::vector<KnownClient> clients;
};

/// A chat client came, went or stepped aside. Where it is connected no longer, ClientDisconnected came
/// before.
struct PresenceChanged
{
    KnownClient client;
};

/// A chat client that went is not known any more: without a history only the last are
/// (Accounts::kMostAway).
struct ClientForgotten
{
    ClientId id;
};

/// One message. From a plain client it goes to the operator; from a chat client and from the operator to whom
/// `to` says. Of a chat client's: it is stored (where there is a history).
struct MessagePassed
{
    QDateTime time;
    ClientId from;
    std::vector<ClientId>
        to;             ///< kOperator for a plain client's; of the operator's to everyone: who was there
    FrameFormat format; ///< of the sender; of no meaning where the operator is
    QByteArray payload;
    quint64 seq = 0; ///< in the history; 0: not there (yet)
    bool toEveryone = false;
    bool isChat = false;                        ///< by the chat protocol
    chat::BodyKind kind = chat::BodyKind::Text; ///< of a chat client's
};

/// A message of the operator's to chat clients is durable (SendReport::seq).
struct MessageStored
{
    quint64 seq = 0;
    QDateTime time;
};

/// A message of the operator's arrived at a chat client, which has said so.
struct MessageDelivered
{
    quint64 seq = 0;
    ClientId id;
    QDateTime time;
};

/// The history cannot be written, or can again.
struct HistoryState
{
    bool works = true;
    QString text; ///< a sentence
};

struct ClientDisconnected
{
    ClientId id;
    QDateTime time;
    QString reason;
};

/// Somebody was turned away, and why: one too many, a format nobody could tell, a frame over the limit. Where
/// the peer had an ID already, ClientDisconnected follows.
struct PeerRefused
{
    QDateTime time;
    std::optional<ClientId> id;
    QString address;
    quint16 port = 0;
    QString reason;
};

/// A client reads so slowly that it may be dropped; or it has caught up.
struct ClientSlow
{
    ClientId id;
    bool isSlow = true;
    quint64 queuedBytes = 0;
    QDateTime time;
};

/// Somebody is banned from now on, or not any more.
struct BanChanged
{
    Ban ban;
    bool isLifted = false; ///< by hand or by time
    QDateTime time;
};

/// Something worth knowing that changed nothing: "looks like a web browser".
struct ServerNote
{
    QDateTime time;
    std::optional<ClientId> id;
    QString text;
};

struct ServerFailed
{
    Error error;
    bool isOfSettings = false; ///< another setting than where to listen would mend it
};

/// The feed was MessageFeed::Latest and the taker too slow: so many messages were counted but not handed out.
struct MessagesSkipped
{
    quint64 count = 0;
};

/// Somebody gave a wrong password.
struct LoginFailed
{
    QDateTime time;
    ClientId id; ///< of the connection; PeerRefused follows
    QString address;
    quint16 port = 0;
    QString name;
    int failures = 0; ///< of late, from this address
};

using ServerEvent
    = std::variant<ServerListening, ServerStopped, ClientConnected, ClientFormatKnown, MessagePassed,
                   ClientDisconnected, PeerRefused, ServerNote, ServerFailed, MessagesSkipped, ClientNamed,
                   ClientsKnown, PresenceChanged, ClientForgotten, MessageStored, MessageDelivered,
                   HistoryState, TlsReady, ClientSecured, ClientSlow, BanChanged, LoginFailed>;

/// What is counted for one client since it connected. Bytes are payload bytes, without prefixes.
struct ClientCounters
{
    ClientId id;
    quint64 framesIn = 0;
    quint64 framesOut = 0;
    quint64 bytesIn = 0;
    quint64 bytesOut = 0;
    quint64 queuedBytes = 0;           ///< that could not be sent yet, prefixes included
    QDateTime lastSeen;                ///< when its last bytes came
    qint64 roundTripMicroseconds = -1; ///< of the last ping to a chat client; -1: not measured
    quint64 waiting = 0;               ///< messages sent to a chat client that it has not acknowledged yet
    quint64 heldBack = 0;              ///< how often it was not read from for sending too much
    quint64 refused = 0;               ///< messages of a chat client that were not taken
    bool isSlow = false;               ///< as the last ClientSlow said
};

/// Over all clients since the server was created; never goes down.
struct ServerTotals
{
    quint64 framesIn = 0;
    quint64 framesOut = 0;
    quint64 bytesIn = 0;
    quint64 bytesOut = 0;
    quint64 clients = 0;     ///< connected now
    quint64 refused = 0;     ///< connections that were turned away
    quint64 heldBack = 0;    ///< how often a client was not read from for sending too much
    quint64 slowDropped = 0; ///< clients that were dropped because they did not read
    quint64 queuedBytes = 0; ///< that wait for slow readers now
};

/// How many messages wait for a client that is not there.
struct WaitingCount
{
    ClientId id;
    quint64 waiting = 0; ///< 9,999 at most
};

/// What happened since the batch before: events in their order, then the counters of those clients whose
/// counters changed and that are still connected.
struct ServerBatch
{
    std::vector<ServerEvent> events;
    std::vector<ClientCounters> counters;
    std::vector<WaitingCount> waiting; ///< that changed; at most once per second
    ServerTotals totals;
};

/// What became of ChatServer::send.
struct SendReport
{
    std::vector<ClientId> sent;
    std::vector<std::pair<ClientId, QString>>
        failed;                    ///< not sent to these, and why (a 1-byte prefix, a full queue)
    std::vector<ClientId> waiting; ///< chat clients that get it once it is stored, or once they come back
    quint64 seq = 0;               ///< where it is kept: its number in the history
};

/// One client as ChatServer::listClients answers it.
struct ClientSnapshot
{
    ClientConnected client;
    bool formatDetected = false;
    ClientCounters counters;
    std::optional<KnownClient> known; ///< of a chat client
    bool isConnected = true;          ///< false: only `known` means anything
};

} // namespace wireroom

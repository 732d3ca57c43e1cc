// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/framing/frameformat.h"

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

/// A client was accepted. Its format is known at once unless the server finds it out (`auto`).
struct ClientConnected
{
    ClientId id;
    QString address;
    quint16 port = 0;
    QDateTime time;
    FrameFormat format = FrameFormat::Auto;
};

/// The format of a client is settled: found out from its first bytes, or given because it was written to
/// first.
struct ClientFormatKnown
{
    ClientId id;
    FrameFormat format;
    bool detected = false; ///< false: the default
    QDateTime time = {};
};

/// One message. From a client it goes to the operator; from the operator to the clients in `to`.
struct MessagePassed
{
    QDateTime time;
    ClientId from;
    std::vector<ClientId> to;
    FrameFormat format; ///< of the sender; of no meaning where the operator is
    QByteArray payload;
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
};

/// The feed was MessageFeed::Latest and the taker too slow: so many messages were counted but not handed out.
struct MessagesSkipped
{
    quint64 count = 0;
};

using ServerEvent
    = std::variant<ServerListening, ServerStopped, ClientConnected, ClientFormatKnown, MessagePassed,
                   ClientDisconnected, PeerRefused, ServerNote, ServerFailed, MessagesSkipped>;

/// What is counted for one client since it connected. Bytes are payload bytes, without prefixes.
struct ClientCounters
{
    ClientId id;
    quint64 framesIn = 0;
    quint64 framesOut = 0;
    quint64 bytesIn = 0;
    quint64 bytesOut = 0;
    quint64 queuedBytes = 0; ///< that could not be sent yet, prefixes included
    QDateTime lastSeen;      ///< when its last bytes came
};

/// Over all clients since the server was created; never goes down.
struct ServerTotals
{
    quint64 framesIn = 0;
    quint64 framesOut = 0;
    quint64 bytesIn = 0;
    quint64 bytesOut = 0;
    quint64 clients = 0; ///< connected now
};

/// What happened since the batch before: events in their order, then the counters of those clients whose
/// counters changed and that are still connected.
struct ServerBatch
{
    std::vector<ServerEvent> events;
    std::vector<ClientCounters> counters;
    ServerTotals totals;
};

/// What became of ChatServer::send.
struct SendReport
{
    std::vector<ClientId> sent;
    std::vector<std::pair<ClientId, QString>>
        failed; ///< not sent to these, and why (a 1-byte prefix, a full queue)
};

/// One client as ChatServer::listClients answers it.
struct ClientSnapshot
{
    ClientConnected client;
    bool formatDetected = false;
    ClientCounters counters;
};

} // namespace wireroom

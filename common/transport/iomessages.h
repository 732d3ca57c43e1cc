// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/channel.h"
#include "common/transport/descriptor.h"
#include "common/transport/readturn.h"
#include "common/transport/tlsgreeting.h"

#include <QByteArray>

#include <atomic>
#include <memory>
#include <variant>
#include <vector>

namespace wireroom {

struct TlsIdentity;

/// What an I/O thread tells of one connection's sending without a message: the one who sends asks far more
/// often than it needs to be woken. Shared by both threads.
struct alignas(64) SendGauge
{
    std::atomic<quint64> sent = 0;    ///< bytes that the system took, since the connection's begin
    std::atomic<quint64> backlog = 0; ///< bytes that the system did not take at once
};

// To the I/O thread.

struct OpenSocket
{
    Descriptor socket; ///< connected
    Channel::Settings settings;
    std::shared_ptr<SendGauge> gauge;
};

/// Begins a TLS greeting; OpenGreeted makes a connection of it.
struct GreetTls
{
    Descriptor socket; ///< connected
    std::shared_ptr<const TlsIdentity> identity;
};

struct OpenGreeted
{
    Channel::Settings settings;
    std::shared_ptr<SendGauge> gauge;
};

struct SendBytes
{
    QByteArray bytes;
    bool tellDrained = false; ///< an IoDrained is wanted once they fell below the low-water mark
};

struct FinishSending
{
};

/// Frames that the I/O thread need not count as being on their way any more.
struct FramesTaken
{
    quint64 bytes = 0;
};

struct CloseSocket
{
    CloseReason reason;
};

/// Nobody is there any more to be told of it.
struct DropSocket
{
};

struct QuitIo
{
};

struct IoCommand
{
    quint64 serial = 0; ///< the connection's; serials are not used again
    std::variant<std::unique_ptr<OpenSocket>, std::unique_ptr<GreetTls>, std::unique_ptr<OpenGreeted>,
                 SendBytes, FinishSending, FramesTaken, CloseSocket, DropSocket, QuitIo>
        what;
};

// From the I/O thread.

// Of a TLS greeting; a connection has not begun yet.

struct TlsSecured
{
    TlsLink link;
};

struct TlsFirstBytes
{
    QByteArray bytes;
    bool ended = false;
};

// Of a connection.

struct IoDrained
{
};

/// Nothing more is read, and an answer to what came before can still be sent; CloseSocket is waited for.
struct ReadingEnded
{
    CloseReason reason;
};

struct SocketClosed
{
    CloseReason reason;
};

struct IoEvent
{
    quint64 serial = 0;
    std::variant<ReadTurn, IoDrained, ReadingEnded, SocketClosed, TlsSecured, TlsFirstBytes, TlsFailed> what;
};

} // namespace wireroom

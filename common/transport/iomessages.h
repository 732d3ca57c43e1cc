// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/channel.h"
#include "common/transport/descriptor.h"

#include <QByteArray>

#include <atomic>
#include <memory>
#include <variant>
#include <vector>

namespace wireroom {

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
    std::variant<std::unique_ptr<OpenSocket>, SendBytes, FinishSending, FramesTaken, CloseSocket, DropSocket,
                 QuitIo>
        what;
};

// From the I/O thread.

/// The payloads that came in one piece: the small ones in one block, so that many of them cost one
/// allocation; the large ones one by one, so that none is copied twice.
class ReadTurn
{
public:
    /// Takes the payload.
    void append(Payload &payload);

    bool isEmpty() const { return m_block.isEmpty(); }

    /// What it takes of the memory, about.
    quint64 bytes() const { return quint64(m_block.size()) + m_largeBytes; }

    /// Calls `sink(Payload &)` for each payload, in order. Once: the large ones may be taken.
    template <typename Sink> void handOver(Sink &&sink)
    {
        auto large = m_large.begin();
        for (const char *p = m_block.constBegin(); p != m_block.constEnd();) {
            quint32 size = 0;
            std::memcpy(&size, p, sizeof size);
            p += sizeof size;
            if (size == kIsLarge) {
                Payload payload(*large++);
                sink(payload);
            } else {
                Payload payload(QByteArrayView(p, qsizetype(size)));
                p += size;
                sink(payload);
            }
        }
    }

private:
    static constexpr quint32 kLargeBytes = 16 * 1024;
    static constexpr quint32 kIsLarge = ~quint32(0);

    QByteArray m_block; ///< sizes, each followed by its bytes, or kIsLarge alone
    std::vector<QByteArray> m_large;
    quint64 m_largeBytes = 0;
};

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
    std::variant<ReadTurn, IoDrained, ReadingEnded, SocketClosed> what;
};

} // namespace wireroom

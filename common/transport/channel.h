// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/framedecoder.h"

#include <QByteArray>
#include <QString>

#include <chrono>

namespace wireroom {

/// Why a connection is over.
struct CloseReason
{
    enum class Kind : quint8 {
        ByPeer,    ///< ended by the other side
        ByUs,      ///< close() was called
        Protocol,  ///< what came cannot be understood, or is over a limit
        Truncated, ///< ended by the other side, or on the way, in the middle of a frame
        Network,   ///< the way broke, or the other side reset it
    };
    Kind kind = Kind::ByPeer;
    QString text;       ///< a sentence
    bool drops = false; ///< by us: what is queued is forgotten
};

/// Whoever works with a channel. Called in the channel's thread, directly: at full load a signal for each
/// message would cost more than the message. A handler may call anything of the channel from inside, but not
/// delete it.
class ChannelHandler
{
public:
    virtual ~ChannelHandler() = default;

    virtual void frameReceived(Payload &payload) = 0;

    /// Before the bytes that frames lay in (Payload::frame()) are overwritten.
    virtual void chunkEnded() { }

    /// After the last of the frames that came in one piece.
    virtual void readTurnEnded() { }

    /// What waits to be sent fell below Channel::kLowWaterBytes after it had been above kHighWaterBytes; and
    /// once more when the last of what had to wait is sent.
    virtual void drained() { }

    /// The system did not take everything at once, or some of what it did not take has left.
    virtual void backlogChanged() { }

    /// With Settings::waitsAtEnd: nothing more is read, and why. Call close(), or nobody does.
    virtual void readingEnded(const CloseReason &) { }

    /// Once, as the last call; never from inside send() or close(). The channel can be deleted (later).
    virtual void closed(const CloseReason &reason) = 0;
};

/// A TCP connection that speaks one frame format, as the one who works with it sees it: a Connection where
/// its socket lives in the same thread, a RemoteConnection where it lives in an I/O thread.
class Channel
{
public:
    static constexpr quint64 kLowWaterBytes = 256 * 1024;
    static constexpr quint64 kHighWaterBytes = 1024 * 1024;

    struct Settings
    {
        FrameFormat format; ///< not `auto`
        quint64 maxPayloadBytes = kDefaultMaxPayloadBytes;
        std::chrono::milliseconds flushDeadline{3'000};
        /// A frame that was begun must be whole after this, plus a second for each
        /// Connection::kSlowestBytesPerSecond of it; 0: no such limit. Lines are typed by people and `stream`
        /// ends when it ends: not for them.
        std::chrono::milliseconds frameDeadline{0};
        /// So much is taken from the socket in one read turn; 0: all that is there.
        quint64 readPieceBytes = 0;
        /// Keeps a second descriptor, so that a reset can be told from an end.
        bool tellResets = false;
        /// After the peer's end, or bytes that make no sense, the handler closes: it may have something to
        /// send yet. For handlers that cannot answer from inside frameReceived().
        bool waitsAtEnd = false;
    };

    virtual ~Channel() = default;

    /// Queues encoded frames, or the parts of one; they leave at the end of the loop turn. The bytes are
    /// shared, not copied, when they are the first of the turn, or many. Ignored once the channel closes.
    virtual void send(const QByteArray &encoded) = 0;

    /// `stream`: nothing more will be sent; the peer reads the end after what is queued. Receiving goes on.
    virtual void finishSending() = 0;

    /// Bytes queued and not yet taken by the system.
    virtual quint64 queuedBytes() const = 0;

    /// Those of them that the peer keeps waiting: all, where the system has not taken what came before.
    virtual quint64 backlogBytes() const = 0;

    /// True where something has come that the handler has not seen: it is we who are late then, not the peer.
    virtual bool hasUnread() const = 0;

    /// Stops or goes on taking bytes from the socket. While stopped, what the system buffers fill up and the
    /// peer waits.
    virtual void setReadingPaused(bool paused) = 0;

    /// Flushes what is queued for at most Settings::flushDeadline, then closes. The first reason given
    /// counts.
    virtual void close(const CloseReason &reason) = 0;

    /// To be called about once a second: closes when a frame takes too long.
    virtual void checkFrameDeadline() = 0;
};

} // namespace wireroom

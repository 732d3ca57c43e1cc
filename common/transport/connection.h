// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/framedecoder.h"
#include "common/transport/descriptor.h"

#include <QByteArray>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <deque>
#include <memory>

class QSocketNotifier;
class QTcpSocket;

namespace wireroom {

class Connection;
class IoContext;

/// Why a connection is over.
struct CloseReason
{
    enum class Kind : quint8 {
        ByPeer,   ///< ended by the other side
        ByUs,     ///< close() was called
        Protocol, ///< what came cannot be understood, or is over a limit
        Network,  ///< the way broke, or the other side reset it
    };
    Kind kind = Kind::ByPeer;
    QString text; ///< a sentence
};

/// Whoever works with a connection. Called in the connection's thread, directly: at full load a signal for
/// each message would cost more than the message. A handler may call anything of the connection from inside,
/// but not delete it.
class ConnectionHandler
{
public:
    virtual ~ConnectionHandler() = default;

    virtual void frameReceived(Connection &connection, Payload &payload) = 0;

    /// Before the bytes that frames lay in (Payload::frame()) are overwritten.
    virtual void chunkEnded(Connection &) { }

    /// After the last of the frames that came in one piece.
    virtual void readTurnEnded(Connection &) { }

    /// What waits to be sent fell below Connection::kLowWaterBytes after it had been above kHighWaterBytes;
    /// and once more when the last of what had to wait is sent.
    virtual void drained(Connection &) { }

    /// Once, as the last call; never from inside send() or close(). The connection can be deleted (later).
    virtual void closed(Connection &connection, const CloseReason &reason) = 0;
};

/// One TCP connection that speaks one frame format: reads, decodes in place, and sends what was queued in a
/// loop turn as one piece at its end.
///
/// Owner: its handler's owner. Owns the socket. Lives in the thread of its IoContext and its socket. Dead
/// after ConnectionHandler::closed().
class Connection : public QObject
{
public:
    static constexpr quint64 kLowWaterBytes = 256 * 1024;
    static constexpr quint64 kHighWaterBytes = 1024 * 1024;

    struct Settings
    {
        FrameFormat format; ///< not `auto`
        quint64 maxPayloadBytes = kDefaultMaxPayloadBytes;
        std::chrono::milliseconds flushDeadline{3'000};
        /// A frame that was begun must be whole after this, plus a second for each kSlowestBytesPerSecond of
        /// it; 0: no such limit. Lines are typed by people and `stream` ends when it ends: not for them.
        std::chrono::milliseconds frameDeadline{0};
        /// Keeps a second descriptor, so that a reset can be told from an end.
        bool tellResets = false;
    };

    static constexpr qint64 kSlowestBytesPerSecond = 64 * 1024;

    /// `socket` is connected.
    Connection(IoContext &context, std::unique_ptr<QTcpSocket> socket, const Settings &settings,
               ConnectionHandler &handler);
    ~Connection() override;

    FrameFormat format() const { return m_decoder.format(); }

    /// Queues encoded frames; they leave at the end of the loop turn. The bytes are shared, not copied, when
    /// they are the first of the turn. Ignored once the connection closes.
    void send(const QByteArray &encoded);

    /// `stream`: nothing more will be sent; the peer reads the end after what is queued. Receiving goes on.
    void finishSending();

    /// Bytes queued here or in the socket.
    quint64 queuedBytes() const;

    /// Those of them that an earlier loop turn could not send: what a person would call waiting.
    quint64 backlogBytes() const { return queuedBytes() - quint64(m_turn.size()); }

    /// Stops or goes on taking bytes from the socket. While stopped, what the system buffers fill up and the
    /// peer waits.
    void setReadingPaused(bool paused);

    bool isReadingPaused() const { return m_paused; }

    /// Flushes what is queued for at most Settings::flushDeadline, then closes. The first reason given
    /// counts.
    void close(const CloseReason &reason);

    /// To be called about once a second: closes when a frame takes too long.
    void checkFrameDeadline();

    /// For the IoContext.
    void flushTurn();

private:
    enum class State : quint8 { Open, Closing, Closed };

    void onReadyRead();
    void onBytesWritten();
    void onDisconnected();
    void read();
    void noteFrameProgress(bool completedAny);
    void flush();
    void writeMore();
    void writeTail();
    bool wasReset() const;
    void queueLeftovers();
    void finish();
    void finishLater();

    IoContext &m_context;
    ConnectionHandler &m_handler;
    std::unique_ptr<QTcpSocket> m_socket;
    FrameDecoder m_decoder;
    QByteArray m_turn;     ///< queued in this loop turn
    QByteArray m_inFlight; ///< the socket's, not wholly sent yet
    qsizetype m_inFlightSent = 0;
    std::deque<QByteArray> m_queue; ///< waits for m_inFlight
    quint64 m_queueBytes = 0;
    Descriptor m_spare; ///< the same socket once more: outlives the peer's end, at which Qt closes its own
    std::unique_ptr<QSocketNotifier> m_tailNotifier; ///< sends the rest after the peer's end
    std::unique_ptr<QTimer> m_flushTimer;
    std::chrono::steady_clock::time_point m_frameBegan;
    std::chrono::milliseconds m_flushDeadline;
    std::chrono::milliseconds m_frameDeadline;
    CloseReason m_reason;
    State m_state = State::Open;
    bool m_scheduled = false;
    bool m_paused = false;
    bool m_reading = false;
    bool m_aboveHighWater = false;
    bool m_hasWaited = false; ///< the system did not take everything at once
    bool m_finishSending = false;
    bool m_peerEnded = false;
    bool m_insideFrame = false;
};

} // namespace wireroom

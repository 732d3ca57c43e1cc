// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/channel.h"
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

class IoContext;

/// One TCP connection that speaks one frame format: reads, decodes in place, and sends what was queued in a
/// loop turn as one piece at its end.
///
/// Owner: its handler's owner. Owns the socket. Lives in the thread of its IoContext and its socket. Dead
/// after ChannelHandler::closed().
class Connection final : public QObject, public Channel
{
public:
    static constexpr qint64 kSlowestBytesPerSecond = 64 * 1024;

    /// `socket` is connected.
    Connection(IoContext &context, std::unique_ptr<QTcpSocket> socket, const Settings &settings,
               ChannelHandler &handler);
    ~Connection() override;

    FrameFormat format() const { return m_decoder.format(); }

    void send(const QByteArray &encoded) override;
    void finishSending() override;
    quint64 queuedBytes() const override;

    quint64 backlogBytes() const override { return queuedBytes() - quint64(m_turn.size()); }

    void setReadingPaused(bool paused) override;
    void close(const CloseReason &reason) override;
    void checkFrameDeadline() override;

    bool isReadingPaused() const { return m_paused; }

    /// For the IoContext.
    void flushTurn();

private:
    enum class State : quint8 { Open, Closing, Closed };

    void onReadyRead();
    void onBytesWritten();
    void onDisconnected();
    void read();
    void noteFrameProgress(bool completedAny);
    void endReading(const CloseReason &reason);
    void flush();
    void writeMore();
    void writeTail();
    bool wasReset() const;
    void queueLeftovers();
    void finish();
    void finishLater();

    IoContext &m_context;
    ChannelHandler &m_handler;
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
    bool m_waitsAtEnd;
    bool m_readingEnded = false;
    bool m_aboveHighWater = false;
    bool m_hasWaited = false; ///< the system did not take everything at once
    bool m_finishSending = false;
    bool m_peerEnded = false;
    bool m_insideFrame = false;
};

} // namespace wireroom

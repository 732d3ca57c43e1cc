// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/transport/channel.h"
#include "common/transport/descriptor.h"
#include "common/transport/sendqueue.h"

#include <QObject>
#include <QTimer>

#include <chrono>
#include <memory>

class QAbstractSocket;
class QSocketNotifier;
class QSslSocket;

namespace wireroom {

class IoContext;
class TlsSocket;

/// One TCP connection that speaks one frame format: reads, decodes in place, and sends what was queued in a
/// loop turn as one piece at its end.
///
/// With TLS (a TlsSocket at the server's end, a QSslSocket at the client's) the bytes that count as queued
/// are the encrypted ones, once they are. To end sending but not receiving is not part of it: finishSending()
/// closes there. A QSslSocket cannot send after the peer has closed its TCP side, only after an end of TLS.
///
/// Owner: its handler's owner. Owns the socket. Lives in the thread of its IoContext and its socket. Dead
/// after ChannelHandler::closed().
class Connection final : public QObject, public Channel
{
public:
    static constexpr qint64 kSlowestBytesPerSecond = 64 * 1024;

    /// `socket` is connected: one that open() gave, or any QTcpSocket; with TLS the handshake is done.
    Connection(IoContext &context, std::unique_ptr<QAbstractSocket> socket, const Settings &settings,
               ChannelHandler &handler);
    ~Connection() override;

    /// A socket for a connected descriptor, without buffers of its own: what Qt would keep for reading (16
    /// KiB and a copy of every byte) is the IoContext's one buffer. Costs two system calls a turn, a
    /// QTcpSocket three. The error is a sentence.
    static Result<std::unique_ptr<QAbstractSocket>> open(Descriptor descriptor);

    FrameFormat format() const { return m_decoder.format(); }

    void send(const QByteArray &encoded) override;
    void finishSending() override;

    quint64 queuedBytes() const override { return m_out.bytes(); }

    quint64 backlogBytes() const override { return m_out.backlogBytes(); }

    /// Everything was offered to the system.
    bool isFlushed() const { return !m_out.hasTurn(); }

    bool hasUnread() const override;
    void setReadingPaused(bool paused) override;
    void close(const CloseReason &reason) override;
    void checkFrameDeadline() override;

    bool isReadingPaused() const { return m_paused; }

    /// For the IoContext.
    void flushTurn();

private:
    enum class State : quint8 { Open, Closing, Closed };

    void onReadyRead();
    void readLater();
    void onBytesWritten();
    void onDisconnected();
    void onError();
    void read();

    bool isTls() const { return m_tls || m_ssl; }

    bool hasPeerEnded() const;

    void conclude(bool isReset);
    void noteFrameProgress(bool completedAny);
    void endReading(const CloseReason &reason);
    void flush();
    void write();
    void noteWaiting();
    qint64 give(QByteArrayView bytes);
    qsizetype keptBySocket() const;
    void onWriteFailed();
    void allSent();
    void writeTail();
    bool wasReset() const;
    qintptr descriptor() const;
    void sendLeftovers();
    void finish();
    void finishLater();

    IoContext &m_context;
    ChannelHandler &m_handler;
    std::unique_ptr<QAbstractSocket> m_socket;
    TlsSocket *const m_tls;  ///< the same, where it is one
    QSslSocket *const m_ssl; ///< the same, where it is one
    FrameDecoder m_decoder;
    SendQueue m_out;
    Descriptor m_spare; ///< the same socket once more: outlives the peer's end, at which Qt closes its own
    std::unique_ptr<QSocketNotifier> m_tailNotifier; ///< sends the rest after the peer's end
    std::unique_ptr<QTimer> m_flushTimer;
    std::chrono::steady_clock::time_point m_frameBegan;
    std::chrono::milliseconds m_flushDeadline;
    std::chrono::milliseconds m_frameDeadline;
    CloseReason m_reason;
    State m_state = State::Open;
    bool m_isCut = false; ///< closed without what was still to be sent
    bool m_scheduled = false;
    bool m_paused = false;
    bool m_reading = false;
    qint64 m_readBytes; ///< at once
    bool m_readsPieces;
    bool m_waitsAtEnd;
    bool m_readingEnded = false;
    bool m_aboveHighWater = false;
    bool m_hasWaited = false; ///< the system did not take everything at once
    bool m_finishSending = false;
    bool m_peerEnded = false; ///< or the way broke: the socket has no descriptor any more
    bool m_isBroken = false;  ///< found so while writing; m_peerEnded follows in the next loop turn
    const bool m_isDirect;    ///< the socket has no buffers
    bool m_tlsEnded = false;  ///< the peer has said inside TLS that nothing more will come
    bool m_insideFrame = false;
};

} // namespace wireroom

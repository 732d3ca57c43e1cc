// SPDX-License-Identifier: Apache-2.0
#include "common/transport/connection.h"

#include "common/framing/byteexplainer.h"
#include "common/transport/iocontext.h"
#include "common/transport/tlserrors.h"
#include "common/transport/tlssocket.h"

#include <QSocketNotifier>
#include <QSslSocket>
#include <QTcpSocket>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// The socket copies what the system does not take of one write: this much at most.
constexpr qsizetype kWriteBytes = 1024 * 1024;

/// What is encrypted at once: it lies in memory twice until it is sent.
constexpr qsizetype kTlsWriteBytes = 256 * 1024;

} // namespace

Result<std::unique_ptr<QAbstractSocket>> Connection::open(Descriptor descriptor)
{
    // The base class: a QTcpSocket is one that buffers.
    auto socket = std::make_unique<QAbstractSocket>(QAbstractSocket::TcpSocket, nullptr);
    if (!socket->setSocketDescriptor(descriptor.value(), QAbstractSocket::ConnectedState,
                                     QIODevice::ReadWrite | QIODevice::Unbuffered)) {
        return Error{Error::Code::Internal,
                     u"The connection broke at once: %1."_s.arg(socket->errorString())};
    }
    descriptor.release();
    return socket;
}

Connection::Connection(IoContext &context, std::unique_ptr<QAbstractSocket> socket, const Settings &settings,
                       ChannelHandler &handler)
    : m_context(context), m_handler(handler), m_socket(std::move(socket)),
      m_tls(qobject_cast<TlsSocket *>(m_socket.get())), m_ssl(qobject_cast<QSslSocket *>(m_socket.get())),
      m_decoder(settings.format, settings.maxPayloadBytes), m_flushDeadline(settings.flushDeadline),
      m_frameDeadline(settings.format.hasPrefix() ? settings.frameDeadline : std::chrono::milliseconds(0)),
      m_readBytes(IoContext::kReadBufferBytes), m_readsPieces(settings.readPieceBytes > 0),
      m_waitsAtEnd(settings.waitsAtEnd), m_isDirect(m_socket->openMode().testFlag(QIODevice::Unbuffered))
{
    if (m_readsPieces)
        m_readBytes = qint64(std::min(settings.readPieceBytes, quint64(IoContext::kReadBufferBytes)));
    m_socket->setReadBufferSize(IoContext::kReadBufferBytes);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_socket->setSocketOption(QAbstractSocket::KeepAliveOption, 1);
    // The answer to a `stream` message can only be given after the peer's end.
    if (settings.tellResets || settings.format.kind() == FrameFormat::Stream)
        m_spare = Descriptor::duplicate(m_socket->socketDescriptor());

    connect(m_socket.get(), &QAbstractSocket::readyRead, this, &Connection::onReadyRead);
    connect(m_socket.get(), &QAbstractSocket::bytesWritten, this, &Connection::onBytesWritten);
    connect(m_socket.get(), &QAbstractSocket::disconnected, this, &Connection::onDisconnected);
    if (m_ssl) {
        connect(m_ssl, &QSslSocket::encryptedBytesWritten, this, &Connection::onBytesWritten);
        connect(m_ssl, &QSslSocket::errorOccurred, this, &Connection::onError);
        connect(m_ssl, &QSslSocket::alertReceived, this, [this](QSsl::AlertLevel, QSsl::AlertType type) {
            m_tlsEnded |= type == QSsl::AlertType::CloseNotify;
        });
    }
    // A peer that sent before a socket with buffers was wrapped has woken nobody.
    if (m_tls)
        readLater();
    if (!m_isDirect
        && (m_socket->bytesAvailable() > 0 || m_socket->state() != QAbstractSocket::ConnectedState)) {
        QMetaObject::invokeMethod(
            this,
            [this] {
                onReadyRead();
                if (m_socket->state() == QAbstractSocket::UnconnectedState)
                    onDisconnected();
            },
            Qt::QueuedConnection);
    }
}

Connection::~Connection()
{
    if (m_scheduled)
        m_context.unschedule(this);
    m_socket->disconnect(this);
}

void Connection::send(const QByteArray &encoded)
{
    if (m_state != State::Open || m_finishSending || encoded.isEmpty())
        return;
    m_out.add(encoded);
    if (!m_scheduled) {
        m_scheduled = true;
        m_context.scheduleFlush(this);
    }
    if (queuedBytes() > kHighWaterBytes)
        m_aboveHighWater = true;
}

void Connection::finishSending()
{
    if (m_state != State::Open || m_finishSending)
        return;
    flush();
    m_finishSending = true;
    if (isTls() && !hasPeerEnded() && !m_peerEnded)
        close({CloseReason::Kind::ByUs,
               u"It was sent its message, and with TLS that is the connection's end."_s});
    else if (!isTls() && !m_peerEnded && queuedBytes() == 0)
        Descriptor::shutdownSending(descriptor());
}

/// Qt goes on naming the number of one that it has closed, which may be another connection's by then.
qintptr Connection::descriptor() const
{
    return m_isBroken || m_peerEnded ? -1 : m_socket->socketDescriptor();
}

void Connection::flushTurn()
{
    m_scheduled = false;
    flush();
}

/// What was scheduled stays so, even where nothing is left for it to do: the context holds on to it.
void Connection::flush()
{
    if (m_state == State::Closed || !m_out.endTurn(!m_peerEnded))
        return;
    write();
    if (!m_isDirect)
        m_socket->flush();
    else if (!m_out.isWriting())
        allSent();
    noteWaiting();
}

/// Where the system took everything, allSent() has been called by now.
void Connection::noteWaiting()
{
    m_hasWaited = m_out.isWriting();
    if (!m_hasWaited)
        return;
    if (!m_spare && !isTls())
        m_spare = Descriptor::duplicate(descriptor());
    m_handler.backlogChanged();
}

/// Writes what is next, as far as the socket takes it.
void Connection::write()
{
    do {
        while (!m_out.toGive().isEmpty()) {
            const QByteArrayView rest = m_out.toGive();
            const qint64 n = m_isDirect || m_ssl
                ? give(rest.first(std::min(rest.size(), isTls() ? kTlsWriteBytes : kWriteBytes)))
                : m_socket->write(m_out.writing());
            if (n < 0) {
                onWriteFailed();
                return;
            }
            m_out.given(n);
            if (!m_out.setKept(keptBySocket()))
                return;
        }
    } while (m_out.next());
}

/// To the system itself, where nothing older is on its way there; the socket keeps the rest and tells when it
/// is gone, and finds out what is wrong.
qint64 Connection::give(QByteArrayView bytes)
{
    if (isTls() || m_socket->bytesToWrite() > 0)
        return m_socket->write(bytes.data(), bytes.size());
    const qsizetype sent = std::max<qsizetype>(Descriptor::send(descriptor(), bytes.data(), bytes.size()), 0);
    if (sent == bytes.size())
        return sent;
    const qint64 kept = m_socket->write(bytes.data() + sent, bytes.size() - sent);
    return kept < 0 ? kept : sent + kept;
}

/// For a QSslSocket what it was given counts as written once it is encrypted, however much of that waits.
qsizetype Connection::keptBySocket() const
{
    return qsizetype(m_socket->bytesToWrite() + (m_ssl ? m_ssl->encryptedBytesToWrite() : 0));
}

void Connection::onWriteFailed()
{
    // A socket without buffers has closed its descriptor and tells nobody.
    if (m_isDirect && !std::exchange(m_isBroken, true))
        QMetaObject::invokeMethod(this, &Connection::onDisconnected, Qt::QueuedConnection);
}

/// Of what the socket had to keep, something has left.
void Connection::onBytesWritten()
{
    // Under TLS the handshake's own bytes are told of as well.
    if (!m_out.isWriting())
        return;
    // No flush: this may be the socket's own call, and it goes on by itself.
    if (m_out.setKept(keptBySocket()))
        write();
    if (!m_out.isWriting()) {
        allSent();
        return;
    }
    if (m_aboveHighWater && queuedBytes() < kLowWaterBytes) {
        m_aboveHighWater = false;
        if (m_state == State::Open)
            m_handler.drained();
    }
    if (m_hasWaited)
        m_handler.backlogChanged();
}

void Connection::allSent()
{
    if (m_state == State::Closing)
        finishLater();
    else if (m_finishSending && !isTls())
        Descriptor::shutdownSending(descriptor());
    const bool hasWaited = std::exchange(m_hasWaited, false);
    if (std::exchange(m_aboveHighWater, false) || hasWaited) {
        if (m_state == State::Open)
            m_handler.drained();
    }
}

bool Connection::hasUnread() const
{
    return m_socket->bytesAvailable() > 0;
}

void Connection::setReadingPaused(bool paused)
{
    if (m_paused == paused)
        return;
    m_paused = paused;
    if (!paused)
        readLater();
}

void Connection::readLater()
{
    QMetaObject::invokeMethod(this, &Connection::onReadyRead, Qt::QueuedConnection);
}

void Connection::onReadyRead()
{
    if (m_state == State::Open && !m_paused && !m_reading && !m_readingEnded)
        read();
}

void Connection::read()
{
    m_reading = true;
    bool understood = true;
    const qint64 most = m_peerEnded ? qint64(IoContext::kReadBufferBytes) : m_readBytes;
    const bool readsAll = !m_isDirect && (!m_readsPieces || m_peerEnded);
    qint64 n = 1;
    // Without buffers of its own a socket tells again of what is left, and the others have their turn before.
    for (bool isFirst = true;
         understood && n > 0 && m_state == State::Open && (!m_paused || m_peerEnded) && (isFirst || readsAll);
         isFirst = false) {
        bool completedAny = false;
        const auto sink = [&](Payload &payload) {
            completedAny = true;
            if (m_state == State::Open)
                m_handler.frameReceived(payload);
        };
        const auto readTo = [this](char *buffer, qsizetype size) {
            return m_socket->isOpen() ? m_socket->read(buffer, size) : -1;
        };
        if (const std::optional<qint64> direct = m_decoder.readBody(readTo, sink)) {
            n = *direct;
        } else {
            n = readTo(m_context.readBuffer(), most);
            if (n > 0)
                understood = m_decoder.feed(QByteArrayView(m_context.readBuffer(), qsizetype(n)), sink);
        }
        m_handler.chunkEnded();
        if (n > 0 && m_frameDeadline.count() > 0)
            noteFrameProgress(completedAny);
    }
    m_reading = false;
    m_handler.readTurnEnded();
    const bool hasMore = n > 0 && (m_tls ? m_tls->hasMore() : !m_isDirect && !readsAll);
    m_tlsEnded |= m_tls && m_tls->hasEnded();
    // Only now: what came before the fault is still answered.
    if (!understood)
        endReading({CloseReason::Kind::Protocol, m_decoder.error().text});
    else if (n < 0 && m_isDirect)
        onDisconnected();
    else if (hasPeerEnded() && !m_peerEnded && m_state == State::Open && !m_readingEnded && !m_paused
             && !hasMore && m_socket->bytesAvailable() == 0)
        conclude(false);
    else if (hasMore && !m_paused)
        readLater();
}

/// It may go on reading.
bool Connection::hasPeerEnded() const
{
    return m_tlsEnded || (m_tls && m_tls->isCut());
}

void Connection::noteFrameProgress(bool completedAny)
{
    const bool inside = m_decoder.isInsideFrame();
    if (inside && (completedAny || !m_insideFrame))
        m_frameBegan = std::chrono::steady_clock::now();
    m_insideFrame = inside;
}

void Connection::checkFrameDeadline()
{
    // While we do not read, it is not the peer that keeps us waiting.
    if (m_paused || !m_insideFrame || m_state != State::Open) {
        if (m_paused)
            m_frameBegan = std::chrono::steady_clock::now();
        return;
    }
    const auto allowance
        = m_frameDeadline + std::chrono::seconds(m_decoder.expectedBytes() / kSlowestBytesPerSecond);
    const auto waited = std::chrono::steady_clock::now() - m_frameBegan;
    if (waited < allowance || hasUnread())
        return;
    close({CloseReason::Kind::Protocol,
           u"Waited %1 s for the rest of a frame: "_s.arg(
               std::chrono::duration_cast<std::chrono::seconds>(waited).count())
               % m_decoder.describeUnfinished()});
}

void Connection::close(const CloseReason &reason)
{
    if (m_state != State::Open)
        return;
    flush();
    // What flushing tells may close it as well.
    if (m_state != State::Open)
        return;
    m_state = State::Closing;
    m_reason = reason;
    if (reason.drops && queuedBytes() > 0) {
        m_isCut = true;
        m_out.clear();
    }
    if (queuedBytes() == 0) {
        finishLater();
        return;
    }
    m_flushTimer = std::make_unique<QTimer>();
    m_flushTimer->setSingleShot(true);
    connect(m_flushTimer.get(), &QTimer::timeout, this, [this] {
        m_reason.text += u" %1 bytes could not be sent in time."_s.arg(grouped(queuedBytes()));
        finish();
    });
    m_flushTimer->start(m_flushDeadline);
    if (m_peerEnded)
        sendLeftovers();
}

void Connection::endReading(const CloseReason &reason)
{
    if (!m_waitsAtEnd) {
        close(reason);
    } else if (m_state == State::Open && !std::exchange(m_readingEnded, true)) {
        m_insideFrame = false;
        m_handler.readingEnded(reason);
    }
}

void Connection::onDisconnected()
{
    if (m_peerEnded || m_state == State::Closed)
        return;
    m_peerEnded = true;
    const QAbstractSocket::SocketError error = m_socket->error();
    const bool ended
        = error == QAbstractSocket::RemoteHostClosedError || error == QAbstractSocket::UnknownSocketError;
    if (m_state == State::Closing) {
        if (queuedBytes() > 0 && ended && m_spare && !isTls() && !wasReset())
            sendLeftovers();
        else
            finishLater();
        return;
    }
    if (m_readingEnded)
        return;
    const bool reset = wasReset();
    // What had come before the end is still to be read, and may be answered.
    if (!m_reading)
        read();
    // It may be closed over what it read.
    if (m_state != State::Open || m_readingEnded)
        return;
    if (error == QAbstractSocket::SslInvalidUserDataError)
        endReading({CloseReason::Kind::Network, brokenTlsText(m_socket->errorString())});
    else if (!ended)
        endReading({CloseReason::Kind::Network, m_socket->errorString() % u'.'});
    else
        conclude(reset);
}

/// The peer has ended, and everything was read.
void Connection::conclude(bool isReset)
{
    if (isReset) {
        endReading({CloseReason::Kind::Network, u"The other side reset the connection."_s});
    } else if (!m_decoder.finish([this](Payload &payload) { m_handler.frameReceived(payload); })) {
        endReading({CloseReason::Kind::Truncated, m_decoder.error().text});
    } else {
        m_handler.readTurnEnded();
        const bool mayBeCut = isTls() && !m_tlsEnded && format().kind() == FrameFormat::Stream;
        endReading({CloseReason::Kind::ByPeer,
                    mayBeCut ? u"The other side closed the connection without ending TLS: its message may be "
                               "cut."_s
                             : u"The other side closed the connection."_s});
    }
}

/// Of a QSslSocket's TLS alone; where the way broke or the peer closed it, onDisconnected() follows.
void Connection::onError()
{
    const QAbstractSocket::SocketError error = m_ssl->error();
    if (error == QAbstractSocket::RemoteHostClosedError) {
        // The peer may end TLS and leave the connection open, to read the answer.
        if (m_tlsEnded)
            readLater();
    } else if (error == QAbstractSocket::SslInternalError
               || error == QAbstractSocket::SslInvalidUserDataError) {
        // Qt leaves it open, and nothing goes through it any more.
        QMetaObject::invokeMethod(
            this,
            [this, text = brokenTlsText(tlsErrorWords(*m_ssl))] {
                if (m_state == State::Open)
                    m_reason = {CloseReason::Kind::Network, text};
                finish();
            },
            Qt::QueuedConnection);
    }
}

bool Connection::wasReset() const
{
    // Once our own direction is ended there is nothing to ask it by.
    return !m_finishSending && m_spare.wasReset();
}

/// The peer has ended its direction and Qt has closed the socket, but what is still queued can be sent by the
/// spare descriptor, as the peer may go on reading.
void Connection::sendLeftovers()
{
    m_out.stopWriting();
    if (!m_spare || isTls() || m_out.isEmpty() || wasReset()) {
        finishLater();
        return;
    }
    m_tailNotifier = std::make_unique<QSocketNotifier>(m_spare.value(), QSocketNotifier::Write);
    connect(m_tailNotifier.get(), &QSocketNotifier::activated, this, &Connection::writeTail);
}

void Connection::writeTail()
{
    for (QByteArrayView next = m_out.front(); !next.isEmpty(); next = m_out.front()) {
        const qsizetype n = m_spare.send(next.data(), next.size());
        if (n == 0)
            return;
        if (n < 0)
            break;
        m_out.dropFront(n);
    }
    m_tailNotifier->setEnabled(false);
    finishLater();
}

void Connection::finishLater()
{
    QMetaObject::invokeMethod(this, &Connection::finish, Qt::QueuedConnection);
}

void Connection::finish()
{
    if (m_state == State::Closed)
        return;
    m_state = State::Closed;
    m_flushTimer.reset();
    if (m_tailNotifier) {
        m_tailNotifier->setEnabled(false);
        m_tailNotifier.release()->deleteLater();
    }
    m_socket->disconnect(this);
    const bool endsWell = !m_peerEnded && !m_isCut && queuedBytes() == 0;
    if (endsWell && m_ssl) {
        m_context.lingeringClose().add(*m_ssl);
    } else if (endsWell) {
        if (m_tls)
            m_tls->sendEnd();
        Descriptor spare = m_spare ? std::move(m_spare) : Descriptor::duplicate(descriptor());
        if (spare) {
            m_socket->abort();
            m_context.lingeringClose().add(std::move(spare));
        } else {
            m_socket->disconnectFromHost();
        }
    }
    m_socket->abort();
    m_spare.reset();
    m_handler.closed(m_reason);
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/transport/localtlsgreeting.h"

#include "common/framing/formatdetector.h"
#include "common/transport/connection.h"
#include "common/transport/iocontext.h"
#include "common/transport/tlscontext.h"

#include <QSslCipher>
#include <QSslSocket>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// What may come before it is known how the peer speaks: one TLS record and a little.
constexpr qint64 kReadBufferBytes = 32 * 1024;

} // namespace

LocalTlsGreeting::LocalTlsGreeting(IoContext &context, TlsGreetingHandler &handler)
    : m_context(context), m_handler(handler)
{
}

LocalTlsGreeting::~LocalTlsGreeting()
{
    if (m_socket)
        m_socket->disconnect(this);
}

void LocalTlsGreeting::begin(Descriptor socket, const TlsIdentity &identity)
{
    m_socket = std::make_unique<QSslSocket>();
    if (!m_socket->setSocketDescriptor(socket.value())) {
        fail({u"The connection broke at once: %1."_s.arg(m_socket->errorString())});
        return;
    }
    socket.release();
    m_socket->setSslConfiguration(m_context.tls().configuration(identity));
    m_socket->setReadBufferSize(kReadBufferBytes);
    connect(m_socket.get(), &QSslSocket::encrypted, this, &LocalTlsGreeting::onEncrypted);
    connect(m_socket.get(), &QSslSocket::readyRead, this, &LocalTlsGreeting::onReadyRead);
    connect(m_socket.get(), &QSslSocket::disconnected, this, &LocalTlsGreeting::onDisconnected);
    connect(m_socket.get(), &QSslSocket::errorOccurred, this, &LocalTlsGreeting::onError);
    connect(m_socket.get(), &QSslSocket::alertReceived, this, [this](QSsl::AlertLevel, QSsl::AlertType type) {
        m_tlsEnded |= type == QSsl::AlertType::CloseNotify;
    });
    m_socket->startServerEncryption();
}

void LocalTlsGreeting::onEncrypted()
{
    m_isSecured = true;
    const QSslCipher cipher = m_socket->sessionCipher();
    m_handler.secured(
        {m_socket->sessionProtocol() == QSsl::TlsV1_2 ? u"TLS 1.2"_s : u"TLS 1.3"_s, cipher.name()});
    if (m_socket && m_socket->bytesAvailable() > 0)
        onReadyRead();
}

void LocalTlsGreeting::onReadyRead()
{
    if (m_endTold || m_told >= kDetectionBytes || !m_isSecured)
        return;
    const QByteArray first = m_socket->peek(kDetectionBytes);
    if (first.size() > m_told) {
        m_told = first.size();
        m_handler.firstBytes(first, false);
    }
}

void LocalTlsGreeting::onDisconnected()
{
    if (m_endTold)
        return;
    const QByteArray first = m_isSecured ? m_socket->peek(kDetectionBytes) : QByteArray();
    if (!first.isEmpty()) {
        m_endTold = true;
        m_handler.firstBytes(first, true);
    } else if (m_isSecured) {
        fail({u"The other side closed the connection without a word."_s, true});
    } else if (m_socket->error() == QAbstractSocket::SslHandshakeFailedError) {
        fail({u"The TLS handshake failed: %1."_s.arg(tlsErrorWords(*m_socket))});
    } else {
        fail({u"The other side broke off the TLS handshake, perhaps to ask whether to trust us."_s, true});
    }
}

/// Inside TLS; of the handshake's, onDisconnected() tells.
void LocalTlsGreeting::onError()
{
    if (!m_isSecured)
        return;
    const QAbstractSocket::SocketError error = m_socket->error();
    const bool isEnd = error == QAbstractSocket::RemoteHostClosedError && m_tlsEnded;
    const bool isBroken
        = error == QAbstractSocket::SslInternalError || error == QAbstractSocket::SslInvalidUserDataError;
    if (!isEnd && !isBroken)
        return;
    // Later: OpenSSL is in the middle of it.
    QMetaObject::invokeMethod(
        this,
        [this, isBroken] {
            if (!m_socket)
                return;
            if (isBroken)
                fail({u"What came through TLS was broken on the way or forged: %1."_s.arg(
                    tlsErrorWords(*m_socket))});
            else
                onDisconnected();
        },
        Qt::QueuedConnection);
}

void LocalTlsGreeting::fail(const TlsFailed &failed)
{
    m_socket->disconnect(this);
    // It may be the caller.
    m_socket.release()->deleteLater();
    m_handler.greetingFailed(failed);
}

std::unique_ptr<Channel> LocalTlsGreeting::open(const Channel::Settings &settings, ChannelHandler &handler)
{
    auto connection = std::make_unique<Connection>(m_context, take(), settings, handler);
    if (m_tlsEnded)
        connection->noteTlsEnd();
    return connection;
}

std::unique_ptr<QSslSocket> LocalTlsGreeting::take()
{
    m_socket->disconnect(this);
    return std::move(m_socket);
}

void LocalTlsGreeting::close()
{
    if (!m_socket)
        return;
    m_socket->disconnect(this);
    m_context.lingeringClose().add(*m_socket);
    m_socket.release()->deleteLater();
}

} // namespace wireroom

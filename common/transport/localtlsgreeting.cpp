// SPDX-License-Identifier: Apache-2.0
#include "common/transport/localtlsgreeting.h"

#include "common/framing/formatdetector.h"
#include "common/transport/connection.h"
#include "common/transport/iocontext.h"
#include "common/transport/tlserrors.h"
#include "common/transport/tlssocket.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

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
    Result<std::unique_ptr<TlsSocket>> opened = TlsSocket::open(std::move(socket), m_context.tls(), identity);
    if (!opened) {
        m_handler.greetingFailed({opened.error().text});
        return;
    }
    m_socket = std::move(opened).value();
    connect(m_socket.get(), &TlsSocket::readyRead, this, &LocalTlsGreeting::onReadyRead);
    connect(m_socket.get(), &TlsSocket::disconnected, this, &LocalTlsGreeting::onEnd);
}

/// True once they are shaken.
bool LocalTlsGreeting::shakeHands()
{
    switch (m_socket->continueHandshake()) {
    case TlsSocket::Handshake::Going:
        return false;
    case TlsSocket::Handshake::Failed:
        onEnd();
        return false;
    case TlsSocket::Handshake::Done:
        break;
    }
    m_isSecured = true;
    m_handler.secured(m_socket->link());
    return m_socket != nullptr;
}

void LocalTlsGreeting::onReadyRead()
{
    if (m_endTold || m_told >= kDetectionBytes || (!m_isSecured && !shakeHands()))
        return;
    const QByteArray first = m_socket->peekFirst(kDetectionBytes);
    if (m_socket->isOver()) {
        onEnd();
    } else if (first.size() > m_told) {
        m_told = first.size();
        m_handler.firstBytes(first, false);
    }
}

void LocalTlsGreeting::onEnd()
{
    if (std::exchange(m_endTold, true))
        return;
    const bool isBroken = m_socket->error() == QAbstractSocket::SslInvalidUserDataError;
    const QByteArray first = m_isSecured && !isBroken ? m_socket->peekFirst(kDetectionBytes) : QByteArray();
    if (!first.isEmpty())
        m_handler.firstBytes(first, true);
    else if (m_isSecured && isBroken)
        fail({brokenTlsText(m_socket->errorString())});
    else if (m_isSecured)
        fail({u"The other side closed the connection without a word."_s, true});
    else if (isBroken)
        fail({u"The TLS handshake failed: %1."_s.arg(m_socket->errorString())});
    else
        fail({u"The other side broke off the TLS handshake, perhaps to ask whether to trust us."_s, true});
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
    return std::make_unique<Connection>(m_context, take(), settings, handler);
}

std::unique_ptr<TlsSocket> LocalTlsGreeting::take()
{
    m_socket->disconnect(this);
    return std::move(m_socket);
}

void LocalTlsGreeting::close()
{
    if (!m_socket)
        return;
    m_socket->disconnect(this);
    if (m_isSecured)
        m_socket->sendEnd();
    Descriptor spare = Descriptor::duplicate(m_socket->socketDescriptor());
    m_socket->abort();
    if (spare)
        m_context.lingeringClose().add(std::move(spare));
    m_socket.release()->deleteLater();
}

} // namespace wireroom

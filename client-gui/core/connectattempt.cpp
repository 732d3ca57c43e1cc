// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/connectattempt.h"

#include "common/base/hostport.h"

#include <QHostInfo>
#include <QNetworkProxy>
#include <QSslSocket>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

QString noAnswer(const QString &place)
{
    return u"%1 does not answer: the machine is off, or a firewall is in the way."_s.arg(place);
}

/// What happened to an attempt, and what to do about it.
QString attemptError(const QTcpSocket &socket, const QString &place)
{
    switch (socket.error()) {
    case QAbstractSocket::ConnectionRefusedError:
        return u"%1 refused the connection: no server listens there."_s.arg(place);
    case QAbstractSocket::RemoteHostClosedError:
        return u"%1 reset the connection while it was made."_s.arg(place);
    case QAbstractSocket::SocketTimeoutError:
        return noAnswer(place);
    case QAbstractSocket::NetworkError:
        return u"%1 cannot be reached: there is no way to that network from here."_s.arg(place);
    case QAbstractSocket::SocketAccessError:
        return u"No permission to connect to %1."_s.arg(place);
    default:
        return u"Cannot connect to %1: %2."_s.arg(place, socket.errorString());
    }
}

} // namespace

ConnectAttempt::ConnectAttempt(Connected connected, Failed failed)
    : m_connected(std::move(connected)), m_failed(std::move(failed))
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] { fail(noAnswer(place())); });
}

ConnectAttempt::~ConnectAttempt()
{
    cancel();
}

QString ConnectAttempt::place() const
{
    return HostPort{m_config.host, m_config.port}.toString();
}

void ConnectAttempt::begin(const ClientConfig &config)
{
    cancel();
    m_config = config;
    m_addresses = config.addresses;
    const QHostAddress literal(config.host);
    if (m_addresses.isEmpty() && !literal.isNull())
        m_addresses = {literal};
    if (!m_addresses.isEmpty()) {
        tryNextAddress();
        return;
    }
    m_deadline.start(config.connectDeadline);
    m_lookup = QHostInfo::lookupHost(config.host, this, [this](const QHostInfo &host) {
        m_lookup = -1;
        m_addresses = host.addresses();
        if (m_addresses.isEmpty()) {
            fail(u"No host named “%1” is known. Check the spelling, and whether this machine has a network."_s
                     .arg(m_config.host));
        } else {
            tryNextAddress();
        }
    });
}

void ConnectAttempt::cancel()
{
    m_deadline.stop();
    m_addresses.clear();
    if (m_lookup != -1)
        QHostInfo::abortHostLookup(std::exchange(m_lookup, -1));
    if (m_handshake) {
        m_handshake->stop();
        m_handshake.release()->deleteLater();
    }
    if (m_socket) {
        m_socket->disconnect(this);
        m_socket.release()->deleteLater();
    }
}

void ConnectAttempt::tryNextAddress()
{
    if (m_config.tls)
        m_socket = std::make_unique<QSslSocket>();
    else
        m_socket = std::make_unique<QTcpSocket>();
    // Straight to where the person said: the system's proxies are for the web, and Qt blocks while it asks
    // for them.
    m_socket->setProxy(QNetworkProxy::NoProxy);
    connect(m_socket.get(), &QTcpSocket::connected, this, &ConnectAttempt::onConnected);
    connect(m_socket.get(), &QTcpSocket::errorOccurred, this,
            [this] { fail(attemptError(*m_socket, place())); });
    m_deadline.start(m_config.connectDeadline);
    m_socket->connectToHost(m_addresses.takeFirst(), m_config.port);
}

void ConnectAttempt::fail(const QString &why)
{
    fail({ConnectFailure::Kind::Unreachable, why});
}

void ConnectAttempt::fail(const ConnectFailure &failure)
{
    const QList<QHostAddress> others = m_addresses;
    cancel();
    if (others.isEmpty() || failure.kind != ConnectFailure::Kind::Unreachable) {
        m_failed(failure);
        return;
    }
    m_addresses = others;
    tryNextAddress();
}

void ConnectAttempt::onConnected()
{
    m_deadline.stop();
    m_socket->disconnect(this);
    if (!m_config.tls) {
        succeed({});
        return;
    }
    m_handshake = std::make_unique<TlsHandshake>(
        static_cast<QSslSocket &>(*m_socket), m_config, [this](const TlsState &tls) { succeed(tls); },
        [this](const ConnectFailure &failure) { fail(failure); });
    m_handshake->begin();
}

void ConnectAttempt::succeed(const std::optional<TlsState> &tls)
{
    std::unique_ptr<QTcpSocket> socket = std::move(m_socket);
    cancel();
    m_connected(std::move(socket), tls);
}

} // namespace wireroom

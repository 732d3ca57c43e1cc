// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/listener.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Connections that the system may hold until we accept them. With Qt's 50 a burst of 5,000 takes over 30 s,
/// because those beyond it are dropped and try again after 1, 3, 7 s.
constexpr int kBacklog = 4096;

/// How soon to look again after the system had no descriptor for a new connection.
constexpr int kResumeMs = 200;

} // namespace

Listener::Listener(Accept accept, Trouble trouble, QObject *parent)
    : QTcpServer(parent), m_accept(std::move(accept)), m_trouble(std::move(trouble))
{
    setListenBacklogSize(kBacklog);
    m_resume.setSingleShot(true);
    m_resume.setInterval(kResumeMs);
    connect(&m_resume, &QTimer::timeout, this, &QTcpServer::resumeAccepting);
    connect(this, &QTcpServer::acceptError, this, [this] {
        // Qt has paused accepting for good.
        m_resume.start();
        m_trouble(u"A connection cannot be accepted now: %1. Trying again."_s.arg(errorString()));
    });
}

Result<quint16> Listener::open(const ServerConfig &config)
{
    const std::optional<QHostAddress> address = config.hostAddress();
    if (!address) {
        return Error{
            Error::Code::BadInput,
            u"“%1” is not an address to listen on. Write an IP address of this machine, localhost, or * for all."_s
                .arg(config.address)};
    }
    if (listen(*address, config.port))
        return serverPort();

    const QString place = config.address.isEmpty() ? u"*"_s : config.address;
    switch (serverError()) {
    case QAbstractSocket::AddressInUseError:
        return Error{
            Error::Code::InUse,
            u"Port %1 on %2 is in use by another program. Choose another port, or stop that program."_s.arg(
                QString::number(config.port), place)};
    case QAbstractSocket::SocketAccessError:
        return Error{
            Error::Code::NotPermitted,
            u"No permission to listen on port %1. Choose a port from 1024 up, or give the program the right "
            "to."_s.arg(config.port)};
    case QAbstractSocket::SocketAddressNotAvailableError:
        return Error{
            Error::Code::NotFound,
            u"This machine has no address %1. Choose one of its own, localhost, or * for all."_s.arg(place)};
    default:
        return Error{
            Error::Code::Unreachable,
            u"Cannot listen on %1, port %2: %3."_s.arg(place, QString::number(config.port), errorString())};
    }
}

void Listener::shut()
{
    // Resuming a closed server would crash in Qt.
    m_resume.stop();
    close();
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/listener.h"

#include <QSocketNotifier>
#include <QTcpServer>

#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Connections that the system may hold until we accept them. With Qt's 50 a burst of 5,000 takes over 30 s,
/// because those beyond it are dropped and try again after 1, 3, 7 s.
constexpr int kBacklog = 4096;

/// Connections that are accepted before what else happens gets its turn.
constexpr int kAtOnce = 256;

/// How long nobody is told again that descriptors are short.
constexpr int kQuietMs = 10'000;

/// How soon to look again after the system had no descriptor for a new connection.
constexpr int kResumeMs = 200;

} // namespace

Listener::Listener(Accept accept, Trouble trouble, QObject *parent)
    : QObject(parent), m_accept(std::move(accept)), m_trouble(std::move(trouble)),
      m_server(std::make_unique<QTcpServer>())
{
    m_server->setListenBacklogSize(kBacklog);
    m_resume.setSingleShot(true);
    m_resume.setInterval(kResumeMs);
    connect(&m_resume, &QTimer::timeout, this, [this] {
        if (m_notifier && !m_isPaused)
            m_notifier->setEnabled(true);
    });
}

Listener::~Listener() = default;

Result<quint16> Listener::open(const ServerConfig &config)
{
    const std::optional<QHostAddress> address = config.hostAddress();
    if (!address) {
        return Error{
            Error::Code::BadInput,
            u"“%1” is not an address to listen on. Write an IP address of this machine, localhost, or * for all."_s
                .arg(config.address)};
    }
    if (m_server->listen(*address, config.port)) {
        const qintptr socket = m_server->socketDescriptor();
        m_server->pauseAccepting();
        m_spare = Descriptor::duplicate(socket);
        m_notifier = std::make_unique<QSocketNotifier>(socket, QSocketNotifier::Read);
        connect(m_notifier.get(), &QSocketNotifier::activated, this, &Listener::acceptAll);
        return m_server->serverPort();
    }

    const QString place = config.address.isEmpty() ? u"*"_s : config.address;
    switch (m_server->serverError()) {
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
        return Error{Error::Code::Unreachable,
                     u"Cannot listen on %1, port %2: %3."_s.arg(place, QString::number(config.port),
                                                                m_server->errorString())};
    }
}

QHostAddress Listener::serverAddress() const
{
    return m_server->serverAddress();
}

void Listener::acceptAll()
{
    for (int i = 0; i < kAtOnce && !m_isPaused && m_server->isListening(); ++i) {
        Descriptor connection;
        switch (Descriptor::accept(m_server->socketDescriptor(), connection)) {
        case Descriptor::AcceptState::Accepted:
            if (!m_spare)
                m_spare = Descriptor::duplicate(m_server->socketDescriptor());
            m_accept(std::move(connection));
            break;
        case Descriptor::AcceptState::Nothing:
            return;
        case Descriptor::AcceptState::Exhausted:
            if (m_quiet.hasExpired()) {
                m_quiet.setRemainingTime(kQuietMs);
                m_trouble(
                    u"A connection cannot be accepted: the system lets this program open no more descriptors. Who comes now is refused."_s);
            }
            if (!refuseOne())
                return restLater();
            break;
        case Descriptor::AcceptState::Failed:
            return restLater();
        }
    }
}

/// Closed at once, it reads an end instead of waiting for nothing.
bool Listener::refuseOne()
{
    if (!m_spare)
        return false;
    m_spare.reset();
    bool isRefused = false;
    {
        Descriptor connection;
        isRefused = Descriptor::accept(m_server->socketDescriptor(), connection)
            == Descriptor::AcceptState::Accepted;
    }
    m_spare = Descriptor::duplicate(m_server->socketDescriptor());
    return isRefused;
}

/// The socket would call again and again meanwhile.
void Listener::restLater()
{
    m_notifier->setEnabled(false);
    m_resume.start();
}

void Listener::pauseAccepting()
{
    m_isPaused = true;
    if (m_notifier)
        m_notifier->setEnabled(false);
}

void Listener::resumeAccepting()
{
    if (std::exchange(m_isPaused, false) && m_notifier && !m_resume.isActive())
        m_notifier->setEnabled(true);
}

void Listener::shut()
{
    m_resume.stop();
    if (m_notifier) {
        // It may be the notifier that called.
        m_notifier->setEnabled(false);
        m_notifier.release()->deleteLater();
    }
    m_spare.reset();
    m_server->close();
}

} // namespace wireroom

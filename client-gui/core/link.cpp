// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/link.h"

#include "common/base/hostport.h"
#include "common/framing/byteexplainer.h"
#include "common/framing/frameencoder.h"

#include <QHostInfo>
#include <QTcpSocket>
#include <QThread>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// What may wait for the taker before messages are skipped, or reading pauses.
constexpr size_t kMostMessages = 20'000;
constexpr quint64 kMostMessageBytes = 32u * 1024 * 1024;

/// A connection that held for so long was a good one: the next wait is short again. One that a full server
/// closes at once is not.
constexpr qint64 kHeldMs = 5'000;

QDateTime now()
{
    return QDateTime::currentDateTimeUtc();
}

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

Link::Link(Inbox<LinkReply> &replies)
    : m_replies(replies), m_pacer([this] { deliverBatch(); }),
      m_commands([this](std::vector<LinkCommand> &&commands) {
          for (const LinkCommand &command : commands)
              std::visit([this](const auto &c) { handle(c); }, command);
      })
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        if (m_state.state == State::WaitingToRetry)
            attempt();
        else if (m_state.state == State::Connecting)
            attemptFailed(noAnswer(place()));
    });
}

Link::~Link() = default;

QString Link::place() const
{
    return HostPort{m_config.host, m_config.port}.toString();
}

void Link::handle(const ConnectLink &command)
{
    if (command.config.format.isAuto() || command.config.host.trimmed().isEmpty()
        || command.config.port == 0) {
        dropAll();
        const QString why = command.config.format.isAuto()
            ? u"A client must say how it speaks: choose a format other than “auto”."_s
            : u"Say where to connect: a host and a port from 1 to 65535."_s;
        note(why, true);
        setState(State::Offline, why);
        return;
    }
    if (m_connection) {
        // What is queued there goes first.
        m_next = command.config;
        m_connection->close({CloseReason::Kind::ByUs, {}});
        setState(State::Closing);
        return;
    }
    dropAll();
    m_config = command.config;
    m_config.host = m_config.host.trimmed();
    m_policy.reset();
    attempt();
}

void Link::handle(const DisconnectLink &)
{
    m_next.reset();
    m_streamMessage.reset();
    if (m_connection) {
        m_connection->close({CloseReason::Kind::ByUs, {}});
        setState(State::Closing);
        return;
    }
    dropAll();
    setState(State::Offline);
}

void Link::handle(const RetryLink &)
{
    if (m_state.state == State::WaitingToRetry)
        attempt();
}

void Link::handle(const SendOnLink &command)
{
    m_replies.post(LinkSendAnswer{command.request, send(command.payload)});
}

void Link::handle(const ReceiveEvery &command)
{
    m_receiveEvery = command.every;
}

void Link::handle(const LinkBatchTaken &)
{
    m_pacer.taken();
    if (m_connection)
        m_connection->setReadingPaused(false);
}

void Link::handle(const QuitLink &)
{
    m_quitWhenClosed = true;
    handle(DisconnectLink{});
    if (!m_connection)
        QThread::currentThread()->quit();
}

/// Ends an attempt or a wait; a connection is closed by its own ways.
void Link::dropAll()
{
    m_deadline.stop();
    m_addresses.clear();
    if (m_lookup != -1)
        QHostInfo::abortHostLookup(std::exchange(m_lookup, -1));
    if (m_attempt) {
        m_attempt->disconnect(this);
        m_attempt.release()->deleteLater();
    }
}

void Link::attempt()
{
    dropAll();
    setState(State::Connecting);
    m_addresses = m_config.addresses;
    const QHostAddress literal(m_config.host);
    if (m_addresses.isEmpty() && !literal.isNull())
        m_addresses = {literal};
    if (!m_addresses.isEmpty()) {
        tryNextAddress();
        return;
    }
    m_deadline.start(m_config.connectDeadline);
    m_lookup = QHostInfo::lookupHost(m_config.host, this, [this](const QHostInfo &host) {
        m_lookup = -1;
        m_addresses = host.addresses();
        if (m_addresses.isEmpty()) {
            attemptFailed(
                u"No host named “%1” is known. Check the spelling, and whether this machine has a network."_s
                    .arg(m_config.host));
        } else {
            tryNextAddress();
        }
    });
}

/// One after the other and each with its own deadline: Qt's own waits 30 s for an address that does not
/// answer.
void Link::tryNextAddress()
{
    m_attempt = std::make_unique<QTcpSocket>();
    connect(m_attempt.get(), &QTcpSocket::connected, this, &Link::connected);
    connect(m_attempt.get(), &QTcpSocket::errorOccurred, this,
            [this] { attemptFailed(attemptError(*m_attempt, place())); });
    m_deadline.start(m_config.connectDeadline);
    m_attempt->connectToHost(m_addresses.takeFirst(), m_config.port);
}

void Link::attemptFailed(const QString &text)
{
    const QList<QHostAddress> others = m_addresses;
    dropAll();
    if (!others.isEmpty()) {
        m_addresses = others;
        tryNextAddress();
        return;
    }
    note(text, true);
    retryOrRest(text);
}

void Link::retryOrRest(const QString &reason)
{
    if (!m_config.reconnect) {
        m_streamMessage.reset();
        setState(State::Offline, reason);
        return;
    }
    const std::chrono::milliseconds wait = m_policy.next();
    m_state.retryAt = QDeadlineTimer(wait);
    m_deadline.start(wait);
    setState(State::WaitingToRetry, reason);
}

void Link::connected()
{
    m_deadline.stop();
    m_addresses.clear();
    m_attempt->disconnect(this);
    m_state.peerAddress = m_attempt->peerAddress().toString();
    m_state.peerPort = m_attempt->peerPort();
    Connection::Settings settings;
    settings.format = m_config.format;
    settings.maxPayloadBytes = m_config.maxPayloadBytes;
    settings.flushDeadline = m_config.flushDeadline;
    settings.tellResets = true;
    ConnectionHandler &handler = *this;
    m_connection = std::make_unique<Connection>(m_context, std::move(m_attempt), settings, handler);
    m_streamSent = false;
    m_online.start();
    note(u"Connected to %1:%2."_s.arg(m_state.peerAddress, QString::number(m_state.peerPort)), false);
    setState(State::Online);
    if (m_streamMessage)
        (void)send(*std::exchange(m_streamMessage, {}));
}

Result<quint64> Link::send(const QByteArray &payload)
{
    const bool stream = m_config.format.kind() == FrameFormat::Stream;
    if (m_state.state != State::Online) {
        const bool canConnect
            = stream && !m_config.host.isEmpty() && m_state.state != State::Closing && !m_streamMessage;
        if (!canConnect)
            return Error{Error::Code::Unreachable, u"Not connected: the message was not sent."_s};
        m_streamMessage = payload;
        if (m_state.state == State::Offline)
            attempt();
        else
            handle(RetryLink{});
        return quint64(payload.size());
    }
    if (m_streamSent) {
        return Error{
            Error::Code::Unsupported,
            u"The message before is still under way: with “stream” each one needs its own connection."_s};
    }
    if (std::optional<QString> why = whyNotFramed(m_config.format, payload))
        return Error{Error::Code::TooLarge, *why};
    const quint64 queued = m_connection->queuedBytes();
    if (queued > 0 && queued + quint64(payload.size()) > m_config.maxQueueBytes) {
        return Error{
            Error::Code::Busy,
            u"The server does not read: %1 bytes wait to be sent already. The message was not queued."_s.arg(
                grouped(queued))};
    }
    m_connection->send(encodeFrame(m_config.format, payload));
    if (stream) {
        m_streamSent = true;
        m_connection->finishSending();
    }
    ++m_totals.framesOut;
    m_totals.bytesOut += quint64(payload.size());
    addMessage(MessageSent{now(), payload}, payload.size());
    return quint64(payload.size());
}

void Link::frameReceived(Connection &connection, Payload &payload)
{
    const qsizetype bytes = payload.view().size();
    ++m_totals.framesIn;
    m_totals.bytesIn += quint64(bytes);
    addMessage(MessageReceived{now(), payload.take()}, bytes);
    if (m_receiveEvery && isFeedFull())
        connection.setReadingPaused(true);
}

void Link::readTurnEnded(Connection &)
{
    m_pacer.schedule();
}

void Link::closed(Connection &, const CloseReason &reason)
{
    m_connection.release()->deleteLater();
    if (m_online.elapsed() >= kHeldMs)
        m_policy.reset();
    m_state.peerAddress.clear();
    m_state.peerPort = 0;

    // The peer may have ended it just before we did: asked for is asked for.
    if (m_state.state == State::Closing) {
        note(reason.text.isEmpty() ? u"Disconnected."_s
                                   : QString(u"Disconnected. "_s % reason.text.trimmed()),
             false);
        setState(State::Offline);
        if (m_quitWhenClosed) {
            QThread::currentThread()->quit();
        } else if (m_next) {
            const ConnectLink next{*std::exchange(m_next, {})};
            handle(next);
        }
        return;
    }
    note(reason.text, reason.kind != CloseReason::Kind::ByPeer);
    if (m_config.format.kind() == FrameFormat::Stream && reason.kind == CloseReason::Kind::ByPeer) {
        setState(State::Offline,
                 u"With “stream” a connection ends with its message. Sending connects again."_s);
    } else if (reason.kind == CloseReason::Kind::Protocol) {
        // It would come to the same the next time.
        setState(State::Offline, reason.text);
    } else {
        retryOrRest(reason.text);
    }
}

void Link::setState(State state, const QString &reason)
{
    if (state == State::Offline && !m_events.empty())
        deliverBatch();
    m_state.state = state;
    m_state.reason = reason;
    m_replies.post(m_state);
}

void Link::note(const QString &text, bool isError)
{
    m_events.emplace_back(ClientNote{now(), text, isError});
    m_pacer.schedule();
}

bool Link::isFeedFull() const
{
    return m_messages >= kMostMessages || m_messageBytes >= kMostMessageBytes;
}

void Link::addMessage(ClientEvent event, qsizetype bytes)
{
    if (!m_receiveEvery && isFeedFull()) {
        ClientMessagesSkipped skipped;
        std::erase_if(m_events, [&](const ClientEvent &e) {
            if (const auto *earlier = std::get_if<ClientMessagesSkipped>(&e))
                skipped.count += earlier->count;
            else if (!std::holds_alternative<ClientNote>(e))
                ++skipped.count;
            return !std::holds_alternative<ClientNote>(e);
        });
        m_messages = 0;
        m_messageBytes = 0;
        m_events.emplace_back(skipped);
    }
    ++m_messages;
    m_messageBytes += quint64(bytes);
    m_events.push_back(std::move(event));
    m_pacer.schedule();
}

void Link::deliverBatch()
{
    m_totals.queuedBytes = m_connection ? m_connection->queuedBytes() : 0;
    m_messages = 0;
    m_messageBytes = 0;
    m_replies.post(ClientBatch{std::exchange(m_events, {}), m_totals});
}

} // namespace wireroom

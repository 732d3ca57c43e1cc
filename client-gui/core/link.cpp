// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/link.h"

#include "client-gui/core/pinstore.h"
#include "common/base/hostport.h"
#include "common/framing/byteexplainer.h"
#include "common/framing/frameencoder.h"
#include "common/protocol/messagecodec.h"
#include "common/transport/privatelink.h"

#include <QTcpSocket>
#include <QThread>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// A connection that held for so long was a good one: the next wait is short again. One that a full server
/// closes at once is not.
constexpr qint64 kHeldMs = 5'000;

/// Why nobody can connect with that; nothing where one can.
std::optional<QString> faultOf(const ClientConfig &config)
{
    if (!config.chat && config.format.isAuto())
        return u"A client must say how it speaks: choose a format other than “auto”."_s;
    if (config.host.trimmed().isEmpty() || config.port == 0)
        return u"Say where to connect: a host and a port from 1 to 65535."_s;
    if (config.chat && !chat::isAcceptableName(config.chat->name)) {
        return u"A name has 1 to %1 characters, none of them invisible, and no blank at its ends."_s.arg(
            chat::kMaxNameLength);
    }
    return std::nullopt;
}

/// Where there is no session, for this reason if it is a chat client: what is kept of it cannot be opened.
Error cannotChat(const ClientConfig &config, const QString &reason)
{
    return {Error::Code::Unsupported,
            config.chat ? reason : u"This client does not chat: it was not given a name."_s};
}

} // namespace

Link::Link(Inbox<LinkReply> &replies)
    : m_replies(replies),
      m_attempt([this](std::unique_ptr<QTcpSocket> socket,
                       const std::optional<TlsState> &tls) { connected(std::move(socket), tls); },
                [this](const ConnectFailure &failure) { attemptFailed(failure); }),
      m_feed([this](ClientBatch &&batch) {
          batch.totals.queuedBytes = m_connection ? m_connection->queuedBytes() : 0;
          m_replies.post(std::move(batch));
      }),
      m_commands([this](std::vector<LinkCommand> &&commands) {
          for (const LinkCommand &command : commands)
              std::visit([this](const auto &c) { handle(c); }, command);
      })
{
    m_retryTimer.setSingleShot(true);
    connect(&m_retryTimer, &QTimer::timeout, this, &Link::attempt);
}

Link::~Link() = default;

void Link::handle(const ConnectLink &command)
{
    if (const std::optional<QString> fault = faultOf(command.config)) {
        endAttempt();
        m_feed.note(*fault, true);
        setState(State::Offline, *fault);
        return;
    }
    if (m_connection) {
        // What is queued there goes first.
        m_next = command.config;
        closeSoon(true);
        return;
    }
    endAttempt();
    m_config = command.config;
    m_config.host = m_config.host.trimmed();
    if (m_config.chat)
        m_config.format = FrameFormat::U32BE;
    prepareSession();
    m_policy.reset();
    attempt();
}

void Link::handle(const DisconnectLink &)
{
    m_next.reset();
    m_streamMessage.reset();
    if (m_connection) {
        closeSoon(!m_quitWhenClosed);
        return;
    }
    endAttempt();
    setState(State::Offline);
}

void Link::handle(const RetryLink &)
{
    if (m_state.state == State::WaitingToRetry)
        attempt();
}

void Link::handle(const TrustOnLink &command)
{
    // What was shown may be another than what is asked about by now.
    if (m_state.state != State::Confirming || m_state.question->fingerprint != command.fingerprint)
        return;
    const PinStore store(m_config.tls->knownServers);
    if (const std::optional<Error> error
        = store.keep({m_config.host, m_config.port}, command.fingerprint, m_state.question->before)) {
        attemptFailed({ConnectFailure::Kind::Refused, error->text});
        return;
    }
    m_policy.reset();
    attempt();
}

void Link::handle(const SendOnLink &command)
{
    m_replies.post(LinkAnswer<quint64>{command.request, send(command.payload)});
}

void Link::handle(const PostOnLink &command)
{
    if (m_session)
        m_session->post(command);
    else
        m_replies.post(LinkAnswer<quint64>{command.request, cannotChat(m_config, m_state.reason)});
}

void Link::handle(const RenameOnLink &command)
{
    if (m_session)
        m_session->rename(command);
    else
        m_replies.post(LinkAnswer<QString>{command.request, cannotChat(m_config, m_state.reason)});
}

void Link::handle(const QueryOnLink &command)
{
    if (m_session)
        m_session->queryHistory(command);
    else
        m_replies.post(LinkAnswer<chat::HistoryPage>{command.request, cannotChat(m_config, m_state.reason)});
}

void Link::handle(const ReceiveEvery &command)
{
    m_receiveEvery = command.every;
    m_feed.setEvery(m_receiveEvery || m_session);
}

void Link::handle(const LinkBatchTaken &)
{
    m_feed.taken();
    if (m_session)
        m_session->batchTaken();
    if (m_connection && !m_feed.isFull())
        m_connection->setReadingPaused(false);
}

void Link::handle(const QuitLink &)
{
    m_quitWhenClosed = true;
    handle(DisconnectLink{});
    if (!m_connection)
        QThread::currentThread()->quit();
}

/// A chat session is for one server and name, and goes on while these stay.
void Link::prepareSession()
{
    if (m_config.chat && m_session && m_session->isFor(m_config)) {
        m_session->setConfig(m_config);
    } else {
        m_session.reset();
        ChatSessionHost &host = *this;
        if (m_config.chat)
            m_session = std::make_unique<ChatSession>(m_config, m_feed, m_replies, host);
    }
    m_feed.setEvery(m_receiveEvery || m_session);
}

/// Ends an attempt or a wait; a connection is closed by its own ways.
void Link::endAttempt()
{
    m_retryTimer.stop();
    m_attempt.cancel();
}

void Link::attempt()
{
    endAttempt();
    setState(State::Connecting);
    if (!m_session || m_session->isOpen())
        m_attempt.begin(m_config);
}

void Link::stateOpened()
{
    if (m_state.state == State::Connecting)
        m_attempt.begin(m_config);
}

void Link::stateNotOpened(const QString &why)
{
    // It is the one who calls.
    m_session.release()->deleteLater();
    m_feed.note(why, true);
    setState(State::Offline, why);
}

void Link::attemptFailed(const ConnectFailure &failure)
{
    switch (failure.kind) {
    case ConnectFailure::Kind::Unreachable:
        m_feed.note(failure.text, true);
        retryOrRest(failure.text);
        break;
    case ConnectFailure::Kind::Refused:
        m_feed.note(failure.text, true);
        m_streamMessage.reset();
        setState(State::Offline, failure.text);
        break;
    case ConnectFailure::Kind::Unconfirmed:
        m_feed.note(failure.text, false);
        m_state.question = failure.question;
        setState(State::Confirming, failure.text);
        break;
    }
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
    m_retryTimer.start(wait);
    setState(State::WaitingToRetry, reason);
}

void Link::connected(std::unique_ptr<QTcpSocket> socket, const std::optional<TlsState> &tls)
{
    m_state.tls = tls;
    m_state.peerAddress = socket->peerAddress().toString();
    m_state.peerPort = socket->peerPort();
    Connection::Settings settings;
    settings.format = m_config.format;
    settings.maxPayloadBytes = m_config.maxPayloadBytes;
    settings.flushDeadline = m_config.flushDeadline;
    settings.tellResets = true;
    ChannelHandler &handler = *this;
    m_connection = std::make_unique<Connection>(m_context, std::move(socket), settings, handler);
    m_streamSent = false;
    m_online.start();
    const QString peer = HostPort{m_state.peerAddress, m_state.peerPort}.toString();
    if (!tls)
        m_feed.note(u"Connected to %1."_s.arg(peer), false);
    else
        m_feed.note(u"Connected to %1, encrypted with %2 (%3)."_s.arg(peer, tls->protocol, tls->cipher),
                    false);
    if (tls && tls->trustedBy == TlsState::TrustedBy::First) {
        m_feed.note(u"Its certificate was seen for the first time and is known from now on: %1."_s.arg(
                        tls->fingerprint.toString()),
                    false);
    }
    if (m_session) {
        setState(State::Handshake);
        m_session->connected();
        return;
    }
    setState(State::Online);
    if (m_streamMessage)
        (void)send(*std::exchange(m_streamMessage, {}));
}

void Link::welcomed()
{
    setState(State::Online);
}

void Link::sendFrames(const QByteArray &bytes, quint64 count)
{
    if (!m_connection)
        return;
    m_feed.totals.framesOut += count;
    m_feed.totals.bytesOut += quint64(bytes.size()) - count * quint64(m_config.format.prefixBytes());
    m_connection->send(bytes);
}

bool Link::isLinkPrivate() const
{
    return isPrivateLink(m_state.peerAddress, m_state.tls.has_value());
}

bool Link::isReadingPaused() const
{
    return m_connection && m_connection->isReadingPaused();
}

void Link::closeConnection(const CloseReason &reason)
{
    if (m_connection)
        m_connection->close(reason);
}

/// On our own account. With `waitForTaker` a chat session may first wait for the front end.
void Link::closeSoon(bool waitForTaker)
{
    setState(State::Closing);
    if (m_session)
        m_session->leave(waitForTaker);
    else
        readyToClose();
}

void Link::readyToClose()
{
    closeConnection({CloseReason::Kind::ByUs, {}});
}

Result<quint64> Link::send(const QByteArray &payload)
{
    if (m_config.chat)
        return Error{Error::Code::Unsupported, u"A chat client posts its messages."_s};
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
    m_connection->send(frameBeginning(m_config.format, quint64(payload.size())));
    m_connection->send(payload);
    m_connection->send(frameEnd(m_config.format));
    if (stream) {
        m_streamSent = true;
        m_connection->finishSending();
    }
    ++m_feed.totals.framesOut;
    m_feed.totals.bytesOut += quint64(payload.size());
    m_feed.add(MessageSent{QDateTime::currentDateTimeUtc(), payload}, payload.size());
    return quint64(payload.size());
}

void Link::frameReceived(Payload &payload)
{
    const qsizetype bytes = payload.view().size();
    ++m_feed.totals.framesIn;
    m_feed.totals.bytesIn += quint64(bytes);
    if (m_session)
        m_session->handleFrame(payload.view());
    else
        m_feed.add(MessageReceived{QDateTime::currentDateTimeUtc(), payload.take()}, bytes);
    if (m_feed.isFull())
        m_connection->setReadingPaused(true);
}

void Link::readTurnEnded()
{
    if (m_session)
        m_session->readTurnEnded();
}

void Link::closed(const CloseReason &reason)
{
    m_connection.release()->deleteLater();
    if (m_session)
        m_session->connectionClosed();
    if (m_online.elapsed() >= kHeldMs)
        m_policy.reset();
    m_state.peerAddress.clear();
    m_state.peerPort = 0;
    m_state.tls.reset();

    // The peer may have ended it just before we did: asked for is asked for.
    if (m_state.state == State::Closing) {
        m_feed.note(reason.text.isEmpty() ? u"Disconnected."_s
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
    // With TLS a stream's end cannot be sent alone: the connection ends itself with it.
    const bool isOrdinary = reason.kind == CloseReason::Kind::ByPeer
        || (m_streamSent && reason.kind == CloseReason::Kind::ByUs);
    m_feed.note(reason.text, !isOrdinary);
    if (m_config.format.kind() == FrameFormat::Stream && isOrdinary) {
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
    if ((state == State::Offline || state == State::Confirming) && m_feed.hasEvents())
        m_feed.deliver();
    if (state != State::Confirming)
        m_state.question.reset();
    m_state.state = state;
    m_state.reason = reason;
    m_replies.post(m_state);
}

} // namespace wireroom

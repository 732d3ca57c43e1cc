// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/session.h"

#include "common/framing/byteexplainer.h"
#include "common/framing/frameencoder.h"
#include "common/transport/iocontext.h"

#include <QTcpSocket>

#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// A peer that was silent for so long is a listener. Before that it may be about to speak: to send it frames
/// in the default format would spoil a chat client's or a big-endian peer's first words.
constexpr qint64 kSilenceMs = 250;

/// More than this is not held back for it.
constexpr quint64 kMostHeldBytes = 256 * 1024;

} // namespace

Session::Session(ClientId id, Descriptor socket, IoContext &context, const ServerConfig &config,
                 SessionHost &host)
    : m_id(id), m_context(context), m_config(config), m_host(host), m_format(config.format)
{
    const Descriptor::Peer peer = socket.peer();
    m_info = {id, peer.address.toString(), peer.port, QDateTime::currentDateTimeUtc(), config.format};
    m_lastSeenMs = m_info.time.toMSecsSinceEpoch();
    m_counters.id = id;
    m_greeting = std::make_unique<Greeting>(std::move(socket), [this] { look(Greeting::Hurry::No); });
}

Session::~Session() = default;

void Session::begin()
{
    look(Greeting::Hurry::No);
}

void Session::setId(ClientId id)
{
    m_id = id;
    m_info.id = id;
    m_counters.id = id;
}

void Session::lookAgain()
{
    if (m_state == State::Greeting)
        look(Greeting::Hurry::No);
    if (m_state != State::Greeting || m_held.empty())
        return;
    if (mayStillSpeak())
        m_host.undecided(*this);
    else
        settleFormat();
}

bool Session::mayStillSpeak() const
{
    return m_state == State::Greeting
        && QDateTime::currentMSecsSinceEpoch() - m_info.time.toMSecsSinceEpoch() < kSilenceMs;
}

void Session::hold(const QByteArray &payload)
{
    if (m_held.empty() && m_state == State::Greeting)
        m_host.undecided(*this);
    m_heldBytes += quint64(payload.size());
    m_held.push_back(payload);
    if (m_state == State::Open)
        sendHeld();
    else if (m_heldBytes > kMostHeldBytes)
        settleFormat();
}

void Session::sendHeld()
{
    QByteArray frames;
    quint64 count = 0;
    quint64 bytes = 0;
    for (const QByteArray &payload : std::exchange(m_held, {})) {
        if (isChat() || whyNotFramed(m_format, payload))
            continue;
        appendFrame(frames, m_format, payload);
        ++count;
        bytes += quint64(payload.size());
    }
    m_heldBytes = 0;
    if (count > 0)
        send(frames, count, bytes);
}

void Session::look(Greeting::Hurry hurry)
{
    const Greeting::Look look
        = m_greeting->look(m_config.format, m_config.defaultFormat, m_config.maxPayloadBytes, hurry);
    if (m_greeting->hasBytes())
        touch();
    if (look.peerGone) {
        endGreeting(u"The other side closed the connection without a word."_s, false);
        return;
    }
    switch (look.detection.outcome) {
    case Detection::Outcome::NeedMore:
        if (m_greeting->hasBytes())
            m_host.undecided(*this);
        break;
    case Detection::Outcome::Plain:
    case Detection::Outcome::Chat:
        openConnection(look.detection, m_config.format.isAuto(), look.peerEnded);
        break;
    case Detection::Outcome::Tls:
        endGreeting(
            u"The client asks for TLS, which this server does not offer. Connect without encryption."_s,
            true);
        break;
    case Detection::Outcome::Refused:
        endGreeting(look.detection.text, true);
        break;
    }
}

void Session::endGreeting(const QString &reason, bool refusal)
{
    m_state = State::Closing;
    m_context.lingeringClose().add(m_greeting->take());
    m_host.ended(*this, reason, refusal);
}

void Session::openConnection(const Detection &detection, bool detected, bool peerEnded)
{
    Descriptor descriptor = m_greeting->take();
    auto socket = std::make_unique<QTcpSocket>();
    if (!socket->setSocketDescriptor(descriptor.value())) {
        m_state = State::Closing;
        m_host.ended(*this, u"The connection broke at once: %1."_s.arg(socket->errorString()), false);
        return;
    }
    descriptor.release();
    m_format = detection.format;
    m_formatDetected = detected;
    m_state = State::Open;
    if (detection.outcome == Detection::Outcome::Chat)
        m_member = std::make_unique<ChatMember>();
    Connection::Settings settings;
    settings.format = m_format;
    settings.maxPayloadBytes = m_config.maxPayloadBytes;
    settings.flushDeadline = m_config.flushDeadline;
    settings.frameDeadline = m_config.frameDeadline;
    settings.tellResets = peerEnded; // what it asked before its end can still be answered
    ConnectionHandler &handler = *this;
    m_connection = std::make_unique<Connection>(m_context, std::move(socket), settings, handler);
    m_connection->setReadingPaused(m_pauses != 0);
    m_host.formatKnown(*this, detected, detection.text);
    if (!m_held.empty())
        sendHeld();
}

void Session::settleFormat()
{
    if (m_state == State::Greeting)
        look(Greeting::Hurry::Yes);
    if (m_state == State::Greeting)
        openConnection({Detection::Outcome::Plain,
                        m_config.format.isAuto() ? m_config.defaultFormat : m_config.format,
                        {}},
                       false, false);
}

bool Session::isFullFor(quint64 bytes) const
{
    // A message larger than the whole queue still passes, by itself.
    return queuedBytes() > 0 && queuedBytes() + bytes > m_config.maxQueueBytes;
}

QString Session::whyNotSent(quint64 bytes) const
{
    if (m_state != State::Open)
        return u"It is disconnecting."_s;
    if (m_streamSent)
        return u"It was sent its message already: with “stream” a connection carries one."_s;
    if (isFullFor(bytes))
        return u"It does not read: %1 bytes wait for it already."_s.arg(grouped(queuedBytes()));
    return {};
}

void Session::send(const QByteArray &encoded, quint64 frames, quint64 payloadBytes)
{
    m_connection->send(encoded);
    m_counters.framesOut += frames;
    m_counters.bytesOut += payloadBytes;
    if (m_format.kind() == FrameFormat::Stream) {
        m_streamSent = true;
        m_connection->finishSending();
    }
}

void Session::sendControl(const QByteArray &encoded)
{
    if (m_state != State::Open)
        return;
    if (isFullFor(quint64(encoded.size())))
        close(u"Dropped as a slow reader: %1 bytes were waiting for it."_s.arg(grouped(queuedBytes())));
    else
        m_connection->send(encoded);
}

void Session::pause(Pause reason)
{
    m_pauses |= reason;
    if (m_connection)
        m_connection->setReadingPaused(true);
}

void Session::resume(Pause reason)
{
    m_pauses = quint8(m_pauses & ~reason);
    if (m_connection && m_pauses == 0)
        m_connection->setReadingPaused(false);
}

void Session::close(const QString &reason)
{
    if (m_state == State::Greeting) {
        endGreeting(reason, false);
    } else if (m_state == State::Open) {
        m_state = State::Closing;
        m_connection->close({CloseReason::Kind::ByUs, reason});
    }
}

void Session::refuse(const QString &reason)
{
    if (m_state == State::Open) {
        m_state = State::Closing;
        m_connection->close({CloseReason::Kind::Protocol, reason});
    }
}

void Session::checkDeadlines()
{
    if (m_connection && m_state == State::Open)
        m_connection->checkFrameDeadline();
}

void Session::touch()
{
    m_lastSeenMs = QDateTime::currentMSecsSinceEpoch();
}

ClientCounters Session::counters() const
{
    ClientCounters counters = m_counters;
    counters.queuedBytes = backlogBytes();
    if (m_member) {
        counters.roundTripMicroseconds = m_member->roundTripMicroseconds;
        counters.waiting = m_member->unacknowledged.size();
    }
    counters.lastSeen = QDateTime::fromMSecsSinceEpoch(m_lastSeenMs, Qt::UTC);
    return counters;
}

void Session::frameReceived(Connection &, Payload &payload)
{
    if (m_state == State::Open)
        m_host.frameReceived(*this, payload);
}

void Session::chunkEnded(Connection &)
{
    m_host.chunkEnded(*this);
}

void Session::readTurnEnded(Connection &)
{
    touch();
    m_host.readTurnEnded(*this);
}

void Session::drained(Connection &)
{
    m_host.drained(*this);
}

void Session::closed(Connection &, const CloseReason &reason)
{
    m_state = State::Closing;
    m_host.ended(*this, reason.text, reason.kind == CloseReason::Kind::Protocol);
}

} // namespace wireroom

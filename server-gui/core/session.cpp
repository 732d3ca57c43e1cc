// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/session.h"

#include "common/framing/byteexplainer.h"
#include "common/framing/frameencoder.h"

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

Session::Session(ClientId id, Descriptor socket, IoThreads &threads, const ServerConfig &config,
                 SessionHost &host)
    : m_id(id), m_threads(threads), m_config(config), m_host(host), m_format(config.format)
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
        openChannel(look.detection, m_config.format.isAuto(), look.peerEnded);
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
    m_threads.lingeringClose().add(m_greeting->take());
    m_host.ended(*this, reason, refusal);
}

void Session::openChannel(const Detection &detection, bool detected, bool peerEnded)
{
    Channel::Settings settings;
    settings.format = detection.format;
    settings.maxPayloadBytes = m_config.maxPayloadBytes;
    settings.flushDeadline = m_config.flushDeadline;
    settings.frameDeadline = m_config.frameDeadline;
    settings.tellResets = peerEnded; // what it asked before its end can still be answered
    ChannelHandler &handler = *this;
    Result<std::unique_ptr<Channel>> channel = m_threads.open(m_greeting->take(), settings, handler);
    if (!channel) {
        m_state = State::Closing;
        m_host.ended(*this, channel.error().text, false);
        return;
    }
    m_channel = std::move(channel).value();
    m_format = detection.format;
    m_formatDetected = detected;
    m_state = State::Open;
    if (detection.outcome == Detection::Outcome::Chat)
        m_member = std::make_unique<ChatMember>();
    m_channel->setReadingPaused(m_pauses != 0);
    m_host.formatKnown(*this, detected, detection.text);
    if (!m_held.empty())
        sendHeld();
}

void Session::settleFormat()
{
    if (m_state == State::Greeting)
        look(Greeting::Hurry::Yes);
    if (m_state == State::Greeting)
        openChannel({Detection::Outcome::Plain,
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
    m_channel->send(encoded);
    m_counters.framesOut += frames;
    m_counters.bytesOut += payloadBytes;
    if (m_format.kind() == FrameFormat::Stream) {
        m_streamSent = true;
        m_channel->finishSending();
    }
}

void Session::sendControl(const QByteArray &encoded)
{
    if (m_state != State::Open)
        return;
    if (isFullFor(quint64(encoded.size())))
        close(u"Dropped as a slow reader: %1 bytes were waiting for it."_s.arg(grouped(queuedBytes())));
    else
        m_channel->send(encoded);
}

void Session::pause(Pause reason)
{
    m_pauses |= reason;
    if (m_channel)
        m_channel->setReadingPaused(true);
}

void Session::resume(Pause reason)
{
    m_pauses = quint8(m_pauses & ~reason);
    if (m_channel && m_pauses == 0)
        m_channel->setReadingPaused(false);
}

void Session::close(const QString &reason)
{
    if (m_state == State::Greeting) {
        endGreeting(reason, false);
    } else if (m_state == State::Open) {
        m_state = State::Closing;
        m_channel->close({CloseReason::Kind::ByUs, reason});
    }
}

void Session::refuse(const QString &reason)
{
    if (m_state == State::Open) {
        m_state = State::Closing;
        m_channel->close({CloseReason::Kind::Protocol, reason});
    }
}

void Session::checkDeadlines()
{
    if (m_channel && m_state == State::Open)
        m_channel->checkFrameDeadline();
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

void Session::frameReceived(Payload &payload)
{
    if (m_state == State::Open)
        m_host.frameReceived(*this, payload);
}

void Session::chunkEnded()
{
    m_host.chunkEnded(*this);
}

void Session::readTurnEnded()
{
    touch();
    m_host.readTurnEnded(*this);
}

void Session::drained()
{
    m_host.drained(*this);
}

void Session::closed(const CloseReason &reason)
{
    m_state = State::Closing;
    m_host.ended(*this, reason.text, reason.kind == CloseReason::Kind::Protocol);
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/session.h"

#include "common/framing/byteexplainer.h"
#include "common/framing/frameencoder.h"
#include "common/protocol/messagecodec.h"

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// A peer that was silent for so long is a listener. Before that it may be about to speak: to send it frames
/// in the default format would spoil a chat client's or a big-endian peer's first words.
constexpr std::chrono::milliseconds kSilence{250};

/// A client that is held to a rate is read from in pieces, so that it cannot take much more at once than it
/// may: about a second's worth of the smallest frames.
quint64 readPiece(const ServerConfig &config)
{
    constexpr quint64 kSmallest = 512;
    constexpr quint64 kFrameBytes = 8;
    quint64 piece = 0;
    if (config.maxFramesPerSecond > 0)
        piece = config.maxFramesPerSecond * kFrameBytes;
    if (config.maxBytesPerSecond > 0)
        piece = piece > 0 ? std::min(piece, config.maxBytesPerSecond) : config.maxBytesPerSecond;
    return piece > 0 ? std::max(piece, kSmallest) : 0;
}

/// More than this is not held back for it.
constexpr quint64 kMostHeldBytes = 256 * 1024;

/// What a peer reads that asked for TLS in vain: a fatal alert, handshake_failure (RFC 8446, 6).
constexpr QByteArrayView kTlsRefusal("\x15\x03\x01\x00\x02\x02\x28", 7);

} // namespace

Session::Session(ClientId id, Descriptor socket, IoThreads &threads, const ServerConfig &config,
                 SessionHost &host)
    : m_id(id), m_threads(threads), m_config(config), m_host(host), m_format(config.format)
{
    const Descriptor::Peer peer = socket.peer();
    m_address = peer.address;
    m_info = {id, peer.address.toString(), peer.port, QDateTime::currentDateTimeUtc(), config.format};
    m_lastSeenMs = m_info.time.toMSecsSinceEpoch();
    m_counters.id = id;
    m_movedAt = m_began;
    m_greeting = std::make_unique<Greeting>(std::move(socket), [this] { look(FirstBytes::Hurry::No); });
}

Session::~Session() = default;

void Session::begin()
{
    look(FirstBytes::Hurry::No);
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
        look(FirstBytes::Hurry::No);
    if (m_state != State::Greeting || m_held.empty())
        return;
    if (mayStillSpeak())
        m_host.undecided(*this);
    else
        settleFormat();
}

bool Session::mayStillSpeak() const
{
    return m_state == State::Greeting && !awaitsTls()
        && std::chrono::steady_clock::now() - m_silentSince < kSilence;
}

bool Session::awaitsTls() const
{
    return m_state == State::Greeting && m_tlsState != Tls::Secured
        && (m_tlsState != Tls::No || m_config.tls.mode == TlsMode::Required);
}

void Session::hold(const QByteArray &payload)
{
    if (awaitsTls() || mustSayWho())
        return; // it is a chat client, or none
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

void Session::look(FirstBytes::Hurry hurry)
{
    if (m_tlsState == Tls::Wanted || m_tlsState == Tls::Handshake)
        return;
    if (m_tlsState == Tls::Secured) {
        if (!m_first.isEmpty())
            decide(m_inside.judge(m_first, m_firstEnded, m_config, FirstBytes::Tls::No, hurry), m_firstEnded);
        return;
    }
    const bool wasSilent = !m_greeting->hasBytes();
    const Greeting::Look look = m_greeting->look(m_config, hurry);
    if (m_greeting->hasBytes()) {
        touch();
        if (wasSilent)
            m_firstByte = std::chrono::steady_clock::now();
    }
    if (look.peerGone)
        endGreeting(u"The other side closed the connection without a word."_s, false);
    else
        decide(look.detection, look.peerEnded);
}

void Session::decide(const Detection &detection, bool peerEnded)
{
    switch (detection.outcome) {
    case Detection::Outcome::NeedMore:
        if (m_tlsState == Tls::Secured || m_greeting->hasBytes())
            m_host.undecided(*this);
        break;
    case Detection::Outcome::Plain:
        if (mustSayWho()) {
            endGreeting(
                u"This server takes chat clients only, and its first bytes are not the chat protocol's."_s,
                true);
            break;
        }
        [[fallthrough]];
    case Detection::Outcome::Chat:
        if (awaitsTls())
            refusePlain(detection);
        else
            openChannel(detection, m_config.format.isAuto(), peerEnded);
        break;
    case Detection::Outcome::Tls:
        if (m_tlsState == Tls::Secured) {
            endGreeting(u"The client asks for TLS inside TLS."_s, true);
        } else if (m_config.tls.mode == TlsMode::Off) {
            refuseTls();
        } else {
            m_tlsState = Tls::Wanted;
            m_host.tlsWanted(*this);
        }
        break;
    case Detection::Outcome::Refused:
        endGreeting(detection.text, true);
        break;
    }
}

void Session::refuseTls()
{
    m_greeting->socket().send(kTlsRefusal.data(), kTlsRefusal.size());
    endGreeting(u"The client asks for TLS, which this server does not offer. Connect without encryption."_s,
                true);
}

/// In words that it understands, where it is known how it speaks; a program that reads frames would take them
/// for a message.
void Session::refusePlain(const Detection &detection)
{
    const QString why = u"This server takes only encrypted connections. Connect with TLS."_s;
    QByteArray words;
    if (detection.outcome == Detection::Outcome::Chat)
        words
            = chat::encodeMessageFrame(chat::Refused{chat::refusal::TlsRequired, why}, chat::FirstFrame::Yes);
    else if (detection.format.kind() == FrameFormat::Lines)
        appendFrame(words, detection.format, why.toUtf8());
    // It is the first that is sent: there is room for it.
    m_greeting->socket().send(words.constData(), words.size());
    endGreeting(u"It did not begin with TLS, and this server takes only encrypted connections."_s, true);
}

void Session::beginTls(std::shared_ptr<const TlsIdentity> identity)
{
    m_tlsState = Tls::Handshake;
    TlsGreetingHandler &handler = *this;
    m_tls = m_threads.greet(m_greeting->take(), std::move(identity), handler);
}

void Session::failTls(const QString &reason)
{
    if (m_state == State::Greeting)
        endGreeting(reason, true);
}

void Session::secured(const TlsLink &link)
{
    m_tlsState = Tls::Secured;
    m_info.tls = link;
    m_silentSince = std::chrono::steady_clock::now();
    m_host.secured(*this);
}

void Session::firstBytes(const QByteArray &first, bool ended)
{
    if (m_state != State::Greeting)
        return;
    m_first = first;
    m_firstEnded = ended;
    touch();
    look(FirstBytes::Hurry::No);
}

void Session::greetingFailed(const TlsFailed &failed)
{
    if (m_state != State::Greeting)
        return;
    m_state = State::Closing;
    m_host.ended(*this, failed.reason, m_tlsState != Tls::Secured && !failed.isByPeer);
}

void Session::endGreeting(const QString &reason, bool refusal)
{
    m_state = State::Closing;
    if (m_tls)
        m_tls->close();
    else
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
    settings.readPieceBytes = readPiece(m_config);
    settings.tellResets = peerEnded; // what it asked before its end can still be answered
    ChannelHandler &handler = *this;
    Result<std::unique_ptr<Channel>> channel
        = m_tls ? m_tls->open(settings, handler) : m_threads.open(m_greeting->take(), settings, handler);
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
    if (m_config.maxFramesPerSecond > 0 || m_config.maxBytesPerSecond > 0) {
        const auto now = TokenBucket::Clock::now();
        m_rate.reset(new Rate{TokenBucket(m_config.maxFramesPerSecond, now),
                              TokenBucket(m_config.maxBytesPerSecond, now),
                              0,
                              0,
                              {}});
    }
    m_channel->setReadingPaused(m_pauses != 0);
    m_host.formatKnown(*this, detected, detection.text);
    if (!m_held.empty())
        sendHeld();
}

void Session::settleFormat()
{
    if (awaitsTls())
        return;
    if (m_state == State::Greeting)
        look(FirstBytes::Hurry::Yes);
    if (m_state == State::Greeting && !mustSayWho())
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
    if (awaitsTls())
        return u"It is not encrypted yet."_s;
    if (m_state == State::Greeting)
        return u"It has not said who it is yet."_s;
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
    if (m_channel->backlogBytes() > 0)
        m_host.backlogChanged(*this);
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
    if (isFullFor(quint64(encoded.size()))) {
        dropAsSlow();
        return;
    }
    m_channel->send(encoded);
    if (m_channel->backlogBytes() > 0)
        m_host.backlogChanged(*this);
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
    if (m_state == State::Greeting) {
        endGreeting(reason, true);
    } else if (m_state == State::Open) {
        m_state = State::Closing;
        m_channel->close({CloseReason::Kind::Protocol, reason});
    }
}

void Session::dropAsSlow()
{
    if (m_state != State::Open)
        return;
    m_host.tooSlow(*this);
    m_state = State::Closing;
    m_channel->close(
        {CloseReason::Kind::ByUs,
         u"Dropped as a slow reader: %1 bytes were waiting for it."_s.arg(grouped(queuedBytes())), true});
}

void Session::checkDeadlines(std::chrono::steady_clock::time_point now)
{
    if (m_state == State::Greeting && mustSayWho() && now - m_began >= m_config.detectionDeadline) {
        endGreeting(u"It did not say in time that it is a chat client: %1 s."_s.arg(
                        std::chrono::duration_cast<std::chrono::seconds>(m_config.detectionDeadline).count()),
                    true);
        return;
    }
    if (awaitsTls() && m_tlsState == Tls::No && now - m_began >= m_config.tls.handshakeDeadline) {
        endGreeting(u"It did not begin with TLS in time, and this server takes only encrypted connections."_s,
                    true);
        return;
    }
    if (m_channel && m_state == State::Open)
        m_channel->checkFrameDeadline();
    if (m_config.idleDeadline.count() > 0 && !isChat())
        checkIdle(now);
}

void Session::checkIdle(std::chrono::steady_clock::time_point now)
{
    const quint64 frames = m_counters.framesIn + m_counters.framesOut;
    if (frames != m_movedFrames || isPaused()) {
        m_movedFrames = frames;
        m_movedAt = now;
    } else if (now - m_movedAt >= m_config.idleDeadline) {
        close(u"No message went to it or came from it for %1 s."_s.arg(
            std::chrono::duration_cast<std::chrono::seconds>(m_config.idleDeadline).count()));
    }
}

void Session::uncountFrame()
{
    if (m_rate && m_rate->turnFrames > 0)
        --m_rate->turnFrames;
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
    if (m_rate) {
        ++m_rate->turnFrames;
        m_rate->turnBytes += quint64(payload.view().size());
    }
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

void Session::backlogChanged()
{
    m_host.backlogChanged(*this);
}

void Session::closed(const CloseReason &reason)
{
    m_state = State::Closing;
    const bool isRefusal
        = reason.kind == CloseReason::Kind::Protocol || reason.kind == CloseReason::Kind::Truncated;
    m_host.ended(*this, reason.text, isRefusal);
}

} // namespace wireroom

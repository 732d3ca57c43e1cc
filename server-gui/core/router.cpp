// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/router.h"

#include "common/framing/byteexplainer.h"
#include "common/framing/frameencoder.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

using Clock = std::chrono::steady_clock;

Router::Router(ClientRegistry &registry, Accounts &accounts, Dispatcher &dispatcher, EventFeed &feed)
    : m_registry(registry), m_accounts(accounts), m_dispatcher(dispatcher), m_feed(feed)
{
    m_behindTimer.setInterval(kPatience / 5);
    connect(&m_behindTimer, &QTimer::timeout, this, &Router::checkBehind);
}

void Router::want(FrameFormat format)
{
    if (std::find(m_turnFormats.begin(), m_turnFormats.end(), format) == m_turnFormats.end())
        m_turnFormats.push_back(format);
}

void Router::beginTurn(Session &from)
{
    m_inTurn = true;
    m_turnPolicy = m_policy;
    m_turnHolds = false;
    m_turnUnframed = 0;
    if (m_turnPolicy == PlainPolicy::Echo) {
        want(from.format());
    } else if (m_turnPolicy == PlainPolicy::Relay) {
        for (const auto &[id, session] : m_registry.sessions()) {
            if (session.get() == &from)
                continue;
            if (session->mayStillSpeak()) {
                m_turnHolds = true;
                continue;
            }
            session->settleFormat();
            if (session->state() == Session::State::Open && !session->isChat())
                want(session->format());
        }
    }
}

void Router::frameReceived(Session &from, Payload &payload)
{
    if (!m_inTurn)
        beginTurn(from);
    const QByteArrayView view = payload.view();
    const auto bytes = quint64(view.size());
    from.countReceived(bytes);
    ++m_feed.totals.framesIn;
    m_feed.totals.bytesIn += bytes;

    for (const FrameFormat format : m_turnFormats) {
        Batch &batch = m_batches[format.kind()];
        if (bytes > format.largestPayloadBytes()) {
            ++m_turnUnframed;
            continue;
        }
        // In the sender's own format it is copied with its neighbours at once.
        const QByteArrayView frame = payload.frame();
        if (format == from.format() && batch.frames == 0 && payload.assembledFrame()) {
            batch.bytes = *payload.assembledFrame();
        } else if (format != from.format() || frame.isEmpty()) {
            batch.takeRun();
            appendFrame(batch.bytes, format, view);
        } else if (!batch.run.isEmpty() && frame.begin() == batch.run.end()) {
            batch.run = QByteArrayView(batch.run.begin(), frame.end());
        } else {
            batch.takeRun();
            batch.run = frame;
        }
        ++batch.frames;
        batch.payloadBytes += bytes;
    }
    if (m_turnHolds)
        m_turnPayloads.push_back(view.toByteArray());
    if (!m_feed.wantsMessages() && !m_dispatcher.keepsHistory())
        return;
    const QByteArray kept = payload.take();
    const quint64 seq = m_dispatcher.keepPlain(from, kept);
    if (m_feed.wantsMessages()) {
        MessagePassed message{QDateTime::currentDateTimeUtc(), from.id(), {kOperator}, from.format(), kept};
        message.seq = seq;
        m_feed.addMessage(std::move(message), &from);
    }
}

void Router::Batch::takeRun()
{
    if (!run.isEmpty())
        bytes.append(std::exchange(run, {}));
}

void Router::chunkEnded(Session &from)
{
    if (m_inTurn)
        m_batches[from.format().kind()].takeRun();
}

void Router::readTurnEnded(Session &from)
{
    m_feed.touch(from);
    if (!m_inTurn)
        return;
    m_inTurn = false;
    if (m_turnPolicy == PlainPolicy::Echo) {
        Batch &batch = m_batches[from.format().kind()];
        m_feed.totals.framesOut += batch.frames;
        m_feed.totals.bytesOut += batch.payloadBytes;
        from.send(batch.bytes, batch.frames, batch.payloadBytes);
        if (from.queuedBytes() > Channel::kHighWaterBytes)
            from.pause(Session::PauseEcho);
    } else if (m_turnPolicy == PlainPolicy::Relay) {
        relayTurn(from);
        m_turnPayloads.clear();
    }
    for (const FrameFormat format : m_turnFormats)
        m_batches[format.kind()] = {};
    m_turnFormats.clear();
    if (m_turnUnframed > 0) {
        m_feed.add(ServerNote{
            QDateTime::currentDateTimeUtc(), from.id(),
            u"%1 messages are too large for the prefix of some client and were not relayed there."_s.arg(
                grouped(m_turnUnframed))});
    }
}

void Router::relayTurn(Session &from)
{
    for (const auto &[id, session] : m_registry.sessions()) {
        if (session.get() == &from || session->isChat())
            continue;
        if (m_turnHolds && session->state() == Session::State::Greeting) {
            for (const QByteArray &payload : m_turnPayloads)
                session->hold(payload);
            continue;
        }
        if (session->state() != Session::State::Open)
            continue;
        const Batch &batch = m_batches[session->format().kind()];
        if (batch.frames == 0)
            continue;
        if (session->isFullFor(quint64(batch.bytes.size()))) {
            session->dropAsSlow();
            continue;
        }
        if (!session->whyNotSent(quint64(batch.bytes.size())).isEmpty())
            continue;
        session->send(batch.bytes, batch.frames, batch.payloadBytes);
        m_feed.totals.framesOut += batch.frames;
        m_feed.totals.bytesOut += batch.payloadBytes;
        m_feed.touch(*session);
        if (session->queuedBytes() > Channel::kHighWaterBytes)
            keepPace(from, *session);
    }
}

void Router::keepPace(Session &from, Session &behind)
{
    auto known = std::find_if(m_behind.begin(), m_behind.end(),
                              [&](const Behind &b) { return b.id == behind.id(); });
    if (known == m_behind.end())
        known = m_behind.insert(m_behind.end(), {behind.id(), Clock::now()});
    if (!isWaitedFor(*known))
        return;
    from.pause(Session::PauseRelay);
    if (std::find(m_waiting.begin(), m_waiting.end(), from.id()) == m_waiting.end())
        m_waiting.push_back(from.id());
    m_behindTimer.start();
}

/// As long as it is an I/O thread that is late, not the reader: that one always comes to it. So what is on
/// its way to such a thread is bounded, too.
bool Router::isWaitedFor(Behind &behind) const
{
    const Session *const session = m_registry.find(behind.id);
    if (session && session->onTheirWayBytes() > Channel::kHighWaterBytes)
        behind.since = Clock::now();
    return Clock::now() - behind.since < kPatience;
}

void Router::checkBehind()
{
    // Each is asked, as some begin to count only now.
    if (std::count_if(m_behind.begin(), m_behind.end(), [this](Behind &b) { return isWaitedFor(b); }) > 0)
        return;
    m_behindTimer.stop();
    for (const ClientId id : std::exchange(m_waiting, {})) {
        if (Session *session = m_registry.find(id))
            session->resume(Session::PauseRelay);
    }
}

void Router::drained(Session &session)
{
    m_feed.touch(session);
    session.resume(Session::PauseEcho);
    std::erase_if(m_behind, [&](const Behind &b) { return b.id == session.id(); });
    checkBehind();
}

void Router::forget(Session &session)
{
    std::erase_if(m_behind, [&](const Behind &b) { return b.id == session.id(); });
    checkBehind();
}

Result<SendReport> Router::send(const Recipients &to, const QByteArray &payload)
{
    std::vector<ClientId> known;
    if (m_dispatcher.keepsHistory()) {
        for (const auto &[id, account] : m_accounts.all())
            known.push_back(id);
    }
    const Result<ClientRegistry::Meant> meant = m_registry.resolve(to, known);
    if (!meant)
        return meant.error();

    SendReport report;
    std::vector<Session *> plain;
    std::vector<Session *> held;
    for (Session *session : meant.value().sessions) {
        if (to.isEveryone() && session->mayStillSpeak()) {
            held.push_back(session);
            continue;
        }
        session->settleFormat();
        if (!session->isChat())
            plain.push_back(session);
        else if (session->member()->hasJoined())
            report.waiting.push_back(session->id());
        else
            report.failed.emplace_back(session->id(), u"It has not said who it is yet."_s);
    }
    report.waiting.insert(report.waiting.end(), meant.value().away.begin(), meant.value().away.end());
    std::sort(report.waiting.begin(), report.waiting.end());
    if (report.waiting.size() + plain.size() + held.size() > size_t(chat::kMaxRecipients)
        && !(to.isEveryone() && to.ranges().empty()))
        return Error{
            Error::Code::TooLarge,
            u"That names %1 clients, and one message goes to %2 at most. Write to all, or to fewer."_s
                .arg(report.waiting.size() + plain.size() + held.size())
                .arg(chat::kMaxRecipients)};
    sendPlain(plain, payload, report);
    for (Session *session : held) {
        session->hold(payload);
        report.sent.push_back(session->id());
    }
    std::sort(report.sent.begin(), report.sent.end());

    const bool isForAll = to.isEveryone() && to.ranges().empty();
    const bool isKept = m_dispatcher.keepsHistory() && (isForAll || !report.sent.empty());
    if (isKept || !report.waiting.empty()) {
        std::vector<ClientId> ids = report.sent;
        ids.insert(ids.end(), report.waiting.begin(), report.waiting.end());
        std::sort(ids.begin(), ids.end());
        report.seq = m_dispatcher.postForOperator(
            isForAll ? chat::Addressees() : chat::Addressees(std::move(ids)),
            payload.isValidUtf8() ? chat::BodyKind::Text : chat::BodyKind::Bytes, payload);
    }
    if ((!report.sent.empty() || report.seq > 0) && m_feed.wantsMessages()) {
        MessagePassed message{QDateTime::currentDateTimeUtc(), kOperator, report.sent, FrameFormat::Auto,
                              payload};
        message.to.insert(message.to.end(), report.waiting.begin(), report.waiting.end());
        std::sort(message.to.begin(), message.to.end());
        message.seq = report.seq;
        message.toEveryone = isForAll;
        message.isChat = !report.waiting.empty();
        m_feed.addMessage(std::move(message), nullptr);
    }
    return report;
}

void Router::sendPlain(const std::vector<Session *> &sessions, const QByteArray &payload, SendReport &report)
{
    std::array<QByteArray, FrameFormat::Stream + 1> encoded;
    for (Session *session : sessions) {
        QString why = session->whyNotSent(quint64(payload.size()));
        if (why.isEmpty())
            why = whyNotFramed(session->format(), payload).value_or(QString());
        if (!why.isEmpty()) {
            report.failed.emplace_back(session->id(), why);
            continue;
        }
        QByteArray &frame = encoded[session->format().kind()];
        if (frame.isNull())
            frame = encodeFrame(session->format(), payload);
        session->send(frame, 1, quint64(payload.size()));
        m_feed.touch(*session);
        report.sent.push_back(session->id());
    }
    m_feed.totals.framesOut += report.sent.size();
    m_feed.totals.bytesOut += report.sent.size() * quint64(payload.size());
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/ratekeeper.h"

#include "common/framing/byteexplainer.h"
#include "server-gui/core/dispatcher.h"

#include <QStringList>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Those who may go on within so much time go on together.
constexpr std::chrono::milliseconds kStep{5};

} // namespace

RateKeeper::RateKeeper(EventFeed &feed) : m_feed(feed)
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &RateKeeper::letGo);
}

void RateKeeper::open(const ServerConfig &config)
{
    m_framesPerSecond = config.maxFramesPerSecond;
    m_bytesPerSecond = config.maxBytesPerSecond;
}

void RateKeeper::readTurnEnded(Session &session)
{
    Session::Rate *rate = session.rate();
    if (!rate || session.state() != Session::State::Open)
        return;
    const auto now = Clock::now();
    rate->frames.take(std::exchange(rate->turnFrames, 0), now);
    rate->bytes.take(std::exchange(rate->turnBytes, 0), now);
    const auto wait = std::max(rate->frames.wait(now), rate->bytes.wait(now));
    if (wait.count() > 0 && !session.isPausedFor(Session::PauseRate))
        holdBack(session, now, wait);
}

void RateKeeper::forget(Session &session)
{
    if (session.isPausedFor(Session::PauseRate))
        std::erase_if(m_waiting, [&](const Waiting &waiting) { return waiting.session == &session; });
}

void RateKeeper::holdBack(Session &session, Clock::time_point now, std::chrono::milliseconds wait)
{
    session.pause(Session::PauseRate);
    session.countHeldBack();
    ++m_feed.totals.heldBack;
    m_feed.touch(session);
    m_waiting.push_back({&session, now + wait});
    wakeAt(now + wait, now);
    Session::Rate &rate = *session.rate();
    const bool isFirst = !rate.told;
    if (!isFirst && now - *rate.told < kTellInterval)
        return;
    rate.told = now;
    tell(session, isFirst);
}

void RateKeeper::tell(Session &session, bool isFirst)
{
    QStringList limits;
    if (m_framesPerSecond > 0)
        limits << u"%1 messages"_s.arg(grouped(m_framesPerSecond));
    if (m_bytesPerSecond > 0)
        limits << u"%1 bytes"_s.arg(grouped(m_bytesPerSecond));
    const QString limit = limits.join(u" and "_s);
    if (session.isChat()) {
        sendMessage(session,
                    chat::Notice{chat::notice::SlowDown,
                                 u"This server takes %1 a second from each client. Nothing is lost, but what "
                                 "is more waits."_s.arg(limit)});
    }
    if (isFirst) {
        m_feed.add(ServerNote{QDateTime::currentDateTimeUtc(), session.id(),
                              u"Held back: it sends more than %1 a second."_s.arg(limit)});
    }
}

void RateKeeper::letGo()
{
    const auto now = Clock::now();
    const auto later = std::stable_partition(m_waiting.begin(), m_waiting.end(), [&](const Waiting &waiting) {
        return waiting.until > now + kStep;
    });
    const std::vector<Waiting> due(later, m_waiting.end());
    m_waiting.erase(later, m_waiting.end());
    for (const Waiting &waiting : due)
        waiting.session->resume(Session::PauseRate);
    const auto first = std::min_element(m_waiting.begin(), m_waiting.end(),
                                        [](const Waiting &a, const Waiting &b) { return a.until < b.until; });
    if (first != m_waiting.end())
        wakeAt(first->until, now);
}

void RateKeeper::wakeAt(Clock::time_point until, Clock::time_point now)
{
    if (m_timer.isActive() && m_wakes <= until)
        return;
    m_wakes = until;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    m_timer.start(std::max(wait, std::chrono::milliseconds(0)));
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/attemptlimiter.h"

#include <algorithm>

namespace wireroom {

std::chrono::milliseconds AttemptLimiter::delay(const QString &key, Clock::time_point now) const
{
    const auto found = m_keys.constFind(key);
    if (found == m_keys.constEnd() || found->notBefore <= now)
        return {};
    return std::chrono::ceil<std::chrono::milliseconds>(found->notBefore - now);
}

void AttemptLimiter::begin(const QString &key, Clock::time_point now)
{
    // What is outdated here was followed by a later failure, or forgiven.
    while (!m_order.empty()) {
        const auto &[when, oldest] = m_order.front();
        const auto found = m_keys.constFind(oldest);
        const bool isOutdated = found == m_keys.constEnd() || found->last != when;
        if (!isOutdated && now - when < kForgotten && m_keys.size() < kMostKeys
            && qsizetype(m_order.size()) < 2 * kMostKeys)
            break;
        if (!isOutdated)
            m_keys.erase(found);
        m_order.pop_front();
    }
    Failures &failures = m_keys[key];
    const bool isOver
        = failures.count > kFree ? now - failures.last >= kForgotten : now - failures.windowBegan >= kWindow;
    if (failures.count == 0 || isOver)
        failures = {0, now, {}, {}};
    ++failures.count;
    failures.last = now;
    if (failures.count >= kFree) {
        const int doublings = std::min(failures.count - kFree, 6);
        failures.notBefore
            = now + std::min<std::chrono::seconds>(std::chrono::seconds(1 << doublings), kLongestDelay);
    }
    m_order.emplace_back(now, key);
}

void AttemptLimiter::undo(const QString &key)
{
    const auto found = m_keys.find(key);
    if (found == m_keys.end())
        return;
    if (--found->count <= 0)
        m_keys.erase(found);
    else if (found->count < kFree)
        found->notBefore = {};
}

int AttemptLimiter::failures(const QString &key) const
{
    const auto found = m_keys.constFind(key);
    return found == m_keys.constEnd() ? 0 : found->count;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtGlobal>

#include <algorithm>
#include <chrono>

namespace wireroom {

/// So many units per second on average, and what was saved of one second at once. A value; the time is passed
/// in, so that a test can tell it.
///
/// What is there can be overdrawn: whoever took too much waits until the debt is paid, so that the average
/// holds however large the pieces are.
class TokenBucket
{
public:
    using Clock = std::chrono::steady_clock;

    /// `perSecond` 0: no limit.
    TokenBucket(quint64 perSecond, Clock::time_point now)
        : m_perSecond(static_cast<double>(perSecond)), m_tokens(m_perSecond), m_filled(now)
    {
    }

    void take(quint64 units, Clock::time_point now)
    {
        fill(now);
        m_tokens -= static_cast<double>(units);
    }

    /// What was taken need not count.
    void giveBack(quint64 units) { m_tokens = std::min(m_tokens + static_cast<double>(units), m_perSecond); }

    /// How long until a unit can be taken; 0: now.
    std::chrono::milliseconds wait(Clock::time_point now)
    {
        if (m_perSecond == 0)
            return {};
        fill(now);
        if (m_tokens >= 1)
            return {};
        return std::chrono::ceil<std::chrono::milliseconds>(
            std::chrono::duration<double>((1 - m_tokens) / m_perSecond));
    }

private:
    void fill(Clock::time_point now)
    {
        const std::chrono::duration<double> passed = now - m_filled;
        m_filled = now;
        m_tokens = std::min(m_tokens + passed.count() * m_perSecond, m_perSecond);
    }

    double m_perSecond;
    double m_tokens;
    Clock::time_point m_filled;
};

} // namespace wireroom

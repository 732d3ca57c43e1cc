// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QHash>
#include <QString>

#include <chrono>
#include <deque>

namespace wireroom {

/// Holds up those who give wrong passwords: kFree wrong ones within a minute cost nothing, after each further
/// one no other is looked at for 1 s, 2 s, 4 s … a minute, until none came for kForgotten.
///
/// Whom it holds up is a key: an address, a name. At most kMostKeys of them are remembered, those that failed
/// last. A value of its owner's, in its thread; the time is told to it.
class AttemptLimiter
{
public:
    using Clock = std::chrono::steady_clock;

    static constexpr int kFree = 10;
    static constexpr std::chrono::seconds kWindow{60};
    static constexpr std::chrono::seconds kLongestDelay{60};
    static constexpr std::chrono::seconds kForgotten{600};
    static constexpr qsizetype kMostKeys = 10'000;

    /// How long the next attempt has to wait; 0: it may be made now.
    std::chrono::milliseconds delay(const QString &key, Clock::time_point now) const;

    /// An attempt begins; as long as its outcome is not known, it counts as failed.
    void begin(const QString &key, Clock::time_point now);
    /// It was right, or nobody will ever know.
    void undo(const QString &key);

    /// It was right: what was before is forgiven.
    void forgive(const QString &key) { m_keys.remove(key); }

    /// Failures of late, those at work included.
    int failures(const QString &key) const;

    qsizetype size() const { return m_keys.size(); }

private:
    struct Failures
    {
        int count = 0;
        Clock::time_point windowBegan;
        Clock::time_point notBefore;
        Clock::time_point last;
    };

    QHash<QString, Failures> m_keys;
    std::deque<std::pair<Clock::time_point, QString>> m_order; ///< of failure; some are outdated
};

} // namespace wireroom

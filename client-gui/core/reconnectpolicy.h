// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

namespace wireroom {

/// How long to wait before the next attempt to connect: 1 s, doubling to 60 s, each ±20 % so that clients of
/// a server that comes back do not all knock at once. A value of its owner's; any one thread.
class ReconnectPolicy
{
public:
    static constexpr std::chrono::milliseconds kFirst{1'000};
    static constexpr std::chrono::milliseconds kLongest{60'000};
    static constexpr double kSpread = 0.2;

    /// `random` gives numbers in [0, 1); the system's generator where there is none.
    explicit ReconnectPolicy(std::function<double()> random = {});

    /// The wait before the next attempt.
    std::chrono::milliseconds next();

    /// After a connection that held.
    void reset() { m_base = kFirst; }

private:
    std::function<double()> m_random;
    std::chrono::milliseconds m_base = kFirst;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/reconnectpolicy.h"

#include <QRandomGenerator>

#include <algorithm>

namespace wireroom {

ReconnectPolicy::ReconnectPolicy(std::function<double()> random)
    : m_random(random ? std::move(random) : [] { return QRandomGenerator::global()->generateDouble(); })
{
}

std::chrono::milliseconds ReconnectPolicy::next()
{
    const double factor = 1 - kSpread + 2 * kSpread * m_random();
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(m_base * factor);
    m_base = std::min(2 * m_base, kLongest);
    return wait;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/handshakes.h"

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Of the deadline, for those whose place others wait for.
constexpr int kShareUnderPressure = 10;

} // namespace

Handshakes::Handshakes(std::function<void(ClientId)> begin,
                       std::function<void(ClientId, const QString &)> cut)
    : m_begin(std::move(begin)), m_cut(std::move(cut))
{
}

void Handshakes::add(ClientId id, const QString &address, Clock::time_point firstByte, Clock::time_point now)
{
    Entry entry{id, address, firstByte, now};
    if (hasPlace(address) || makePlace(address, now))
        start(std::move(entry), now);
    else
        m_waiting.push_back(std::move(entry));
}

void Handshakes::remove(ClientId id, Clock::time_point now)
{
    const auto isIt = [id](const Entry &entry) {
        return entry.id == id;
    };
    std::erase_if(m_waiting, isIt);
    const auto found = std::find_if(m_running.begin(), m_running.end(), isIt);
    if (found == m_running.end())
        return;
    release(found);
    startOneWaiting(now);
}

void Handshakes::tick(Clock::time_point now)
{
    const QString seconds = QString::number(
        std::chrono::duration_cast<std::chrono::milliseconds>(m_limits.deadline).count() / 1000);
    std::vector<ClientId> late;
    for (const Entry &entry : m_waiting) {
        if (now - entry.firstByte >= m_limits.deadline)
            late.push_back(entry.id);
    }
    for (const ClientId id : std::exchange(late, {})) {
        remove(id, now);
        m_cut(id,
              u"Too many TLS handshakes went on at once: there was no place for this one within %1 s."_s.arg(
                  seconds));
    }
    for (const Entry &entry : m_running) {
        if (now - entry.firstByte >= m_limits.deadline)
            late.push_back(entry.id);
    }
    for (const ClientId id : late) {
        remove(id, now);
        m_cut(id, u"The TLS handshake was not done after %1 s."_s.arg(seconds));
    }
    // Others have held their places for long by now.
    for (bool goesOn = true; goesOn && !m_waiting.empty();) {
        goesOn = makePlace(m_waiting.back().address, now);
        startOneWaiting(now);
    }
}

bool Handshakes::hasPlace(const QString &address) const
{
    const auto found = m_perAddress.find(address);
    return m_running.size() < size_t(m_limits.inAll)
        && (found == m_perAddress.end() || found->second < m_limits.perAddress);
}

bool Handshakes::makePlace(const QString &address, Clock::time_point now)
{
    const auto found = m_perAddress.find(address);
    const bool ofThisAddress = found != m_perAddress.end() && found->second >= m_limits.perAddress;
    const auto victim = std::find_if(m_running.begin(), m_running.end(), [&](const Entry &entry) {
        return !ofThisAddress || entry.address == address;
    });
    if (victim == m_running.end() || now - victim->since < m_limits.deadline / kShareUnderPressure)
        return false;
    const ClientId id = victim->id;
    release(victim);
    m_cut(id, u"The TLS handshake took long while others waited for its place."_s);
    return hasPlace(address);
}

void Handshakes::start(Entry entry, Clock::time_point now)
{
    entry.since = now;
    ++m_perAddress[entry.address];
    const ClientId id = entry.id;
    m_running.push_back(std::move(entry));
    m_begin(id);
}

void Handshakes::startOneWaiting(Clock::time_point now)
{
    const auto next = std::find_if(m_waiting.rbegin(), m_waiting.rend(),
                                   [this](const Entry &entry) { return hasPlace(entry.address); });
    if (next == m_waiting.rend())
        return;
    Entry entry = std::move(*next);
    m_waiting.erase(std::next(next).base());
    start(std::move(entry), now);
}

std::vector<Handshakes::Entry>::iterator Handshakes::release(std::vector<Entry>::iterator entry)
{
    const auto count = m_perAddress.find(entry->address);
    if (--count->second == 0)
        m_perAddress.erase(count);
    return m_running.erase(entry);
}

} // namespace wireroom

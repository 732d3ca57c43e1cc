// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/admission.h"

#include <QtEndian>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

Admission::Place Admission::placeOf(const QHostAddress &address)
{
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    if (isV4)
        return v4; // no IPv6 network in use begins with 32 zero bits
    const Q_IPV6ADDR v6 = address.toIPv6Address();
    return qFromBigEndian<quint64>(v6.c);
}

void Admission::open(const ServerConfig &config, int maxClients)
{
    *this = {};
    m_maxClients = maxClients;
    m_maxPerAddress = config.maxPerAddress;
    m_maxUnauthenticated = config.maxUnauthenticated;
    m_maxUnauthenticatedPerAddress = config.maxUnauthenticatedPerAddress;
}

QString Admission::whyNot(const QHostAddress &address) const
{
    if (m_clients >= m_maxClients)
        return u"%1 clients are connected, and no more are let in (the limit can be set)."_s.arg(
            m_maxClients);
    if (m_maxPerAddress > 0 && m_clientsOf.value(placeOf(address)) >= m_maxPerAddress)
        return u"%1 clients are connected from this address, and no more are let in from one (the limit can be set)."_s
            .arg(m_maxPerAddress);
    return {};
}

std::optional<ClientId> Admission::add(ClientId id, const QHostAddress &address, bool isUnauthenticated,
                                       Clock::time_point now)
{
    const Place place = placeOf(address);
    ++m_clients;
    ++m_clientsOf[place];
    if (!isUnauthenticated)
        return {};
    std::optional<ClientId> leaves;
    if (m_unauthenticatedOf.value(place) >= m_maxUnauthenticatedPerAddress) {
        leaves = oldestOf(place);
        if (leaves && now - m_unauthenticated.at(*leaves).since < kGrace)
            leaves.reset();
    }
    if (!leaves && unauthenticated() >= m_maxUnauthenticated)
        leaves = oldestOf(mostCrowded());
    if (leaves)
        authenticated(*leaves);
    m_unauthenticated.emplace(id, Unauthenticated{place, now});
    ++m_unauthenticatedOf[place];
    return leaves;
}

std::optional<ClientId> Admission::oldestOf(Place place) const
{
    const auto oldest = std::find_if(m_unauthenticated.begin(), m_unauthenticated.end(),
                                     [place](const auto &entry) { return entry.second.place == place; });
    return oldest == m_unauthenticated.end() ? std::nullopt : std::optional(oldest->first);
}

Admission::Place Admission::mostCrowded() const
{
    // Of equals, that of the one who has been silent for longest.
    Place most = 0;
    int count = 0;
    for (const auto &[id, entry] : m_unauthenticated) {
        if (const int there = m_unauthenticatedOf.value(entry.place); there > count) {
            most = entry.place;
            count = there;
        }
    }
    return most;
}

std::vector<ClientId> Admission::takeSurplus(Clock::time_point now)
{
    std::vector<ClientId> surplus;
    QHash<Place, int> left = m_unauthenticatedOf;
    for (const auto &[id, entry] : m_unauthenticated) {
        if (now - entry.since < kGrace)
            break; // the others are younger
        if (left.value(entry.place) > m_maxUnauthenticatedPerAddress) {
            surplus.push_back(id);
            --left[entry.place];
        }
    }
    for (const ClientId id : surplus)
        authenticated(id);
    return surplus;
}

void Admission::authenticated(ClientId id)
{
    const auto found = m_unauthenticated.find(id);
    if (found == m_unauthenticated.end())
        return;
    decrease(m_unauthenticatedOf, found->second.place);
    m_unauthenticated.erase(found);
}

void Admission::remove(ClientId id, const QHostAddress &address)
{
    authenticated(id);
    --m_clients;
    decrease(m_clientsOf, placeOf(address));
}

void Admission::decrease(QHash<Place, int> &counts, Place place)
{
    const auto found = counts.find(place);
    if (found != counts.end() && --*found <= 0)
        counts.erase(found);
}

} // namespace wireroom

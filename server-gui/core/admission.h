// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ids.h"
#include "server-gui/core/serverconfig.h"

#include <QHash>
#include <QHostAddress>

#include <chrono>
#include <map>
#include <optional>
#include <vector>

namespace wireroom {

/// Who may come in, by how many are there: of all, from one address, and of those that have not said who they
/// are. A table without sockets; lives with the hub, in the network thread.
class Admission
{
public:
    /// What counts as one address: an IPv4 address, or the first 64 bits of an IPv6 one, which is what one
    /// subscriber has.
    using Place = quint64;
    using Clock = std::chrono::steady_clock;

    /// So long a newcomer's first bytes may be on their way: until then it makes room for nobody of its own
    /// address. Many who reconnect at once come in.
    static constexpr std::chrono::milliseconds kGrace{250};
    static Place placeOf(const QHostAddress &address);

    /// `maxClients` is what is in force.
    void open(const ServerConfig &config, int maxClients);

    /// Why one more from there cannot be let in; empty where it can.
    QString whyNot(const QHostAddress &address) const;

    /// It was let in; IDs rise. `isUnauthenticated`: it has yet to say who it is. The answer: who has to make
    /// room for it, having kept silent for longest, of its own address or else of that with the most of them:
    /// who comes alone is not crowded out by those who come in numbers.
    std::optional<ClientId> add(ClientId id, const QHostAddress &address, bool isUnauthenticated,
                                Clock::time_point now = Clock::now());
    /// Who is too many for its address, and has had its time. To be asked about once a second; they count as
    /// gone from there.
    std::vector<ClientId> takeSurplus(Clock::time_point now);
    /// It has said who it is, or what it is; still under the ID that it was let in with.
    void authenticated(ClientId id);
    /// It has gone. `id` matters as long as it is unauthenticated.
    void remove(ClientId id, const QHostAddress &address);

    int clients() const { return m_clients; }

    int unauthenticated() const { return int(m_unauthenticated.size()); }

private:
    std::optional<ClientId> oldestOf(Place place) const;
    Place mostCrowded() const;
    static void decrease(QHash<Place, int> &counts, Place place);

    int m_maxClients = 0;
    int m_maxPerAddress = 0;
    int m_maxUnauthenticated = 0;
    int m_maxUnauthenticatedPerAddress = 0;
    int m_clients = 0;
    QHash<Place, int> m_clientsOf;

    struct Unauthenticated
    {
        Place place;
        Clock::time_point since;
    };

    std::map<ClientId, Unauthenticated> m_unauthenticated; ///< the oldest first
    QHash<Place, int> m_unauthenticatedOf;
};

} // namespace wireroom

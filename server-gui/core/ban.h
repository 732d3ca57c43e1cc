// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ids.h"
#include "common/base/result.h"

#include <QDateTime>
#include <QHostAddress>
#include <QString>

#include <chrono>
#include <optional>
#include <vector>

namespace wireroom {

/// Who is meant by a ban: a chat client by its ID, an address, or a network. A value.
class BanTarget
{
public:
    explicit BanTarget(ClientId id) : m_id(id) { }

    explicit BanTarget(const QHostAddress &address);

    /// `7`, `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`; the error is a sentence.
    static Result<BanTarget> parse(QStringView text);

    /// Nothing where it is an address or a network.
    std::optional<ClientId> id() const { return m_id; }

    bool isNetwork() const;
    bool covers(const QHostAddress &address) const;

    /// How many bits of an address decide; of IPv6 where isV6().
    int prefixLength() const { return m_prefix; }

    bool isV6() const { return m_address.protocol() == QAbstractSocket::IPv6Protocol; }

    /// The network of so many bits that an address belongs to.
    static BanTarget networkOf(const QHostAddress &address, int prefixLength);

    /// As parse() reads it.
    QString toString() const;

    friend bool operator==(const BanTarget &, const BanTarget &) = default;

private:
    BanTarget() = default;

    std::optional<ClientId> m_id;
    QHostAddress m_address; ///< IPv4 as IPv4; the bits behind the prefix are 0
    int m_prefix = 0;
};

/// Who is not let in, why and for how long. A value; times are UTC.
struct Ban
{
    BanTarget who;
    QString reason; ///< may be empty
    QDateTime since;
    QDateTime until; ///< invalid: until it is lifted

    bool isOver(const QDateTime &now) const { return until.isValid() && until <= now; }

    /// For the one who is banned.
    QString sentence() const;

    friend bool operator==(const Ban &, const Ban &) = default;
};

/// What became of ChatServer::ban.
struct BanReport
{
    Ban ban;
    std::vector<ClientId> closed; ///< whose connections were ended over it
};

/// `90s`, `30m`, `2h`, `7d`, `4w`; nothing where it is no such time, or over a hundred years.
std::optional<std::chrono::seconds> parseBanTime(QStringView text);

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/ban.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kBits4 = 32;
constexpr int kBits6 = 128;

/// IPv4 as IPv4, also where it was written inside IPv6.
QHostAddress plainAddress(const QHostAddress &address)
{
    if (address.protocol() == QAbstractSocket::IPv4Protocol)
        return address;
    if (address.isInSubnet(QHostAddress(u"::ffff:0:0"_s), kBits6 - kBits4))
        return QHostAddress(address.toIPv4Address());
    QHostAddress v6 = address;
    v6.setScopeId({});
    return v6;
}

QHostAddress masked(const QHostAddress &address, int prefix)
{
    if (address.protocol() == QAbstractSocket::IPv4Protocol) {
        const quint32 mask = prefix == 0 ? 0 : ~quint32(0) << (kBits4 - prefix);
        return QHostAddress(address.toIPv4Address() & mask);
    }
    Q_IPV6ADDR bytes = address.toIPv6Address();
    for (int i = 0; i < 16; ++i) {
        const int bits = std::clamp(prefix - 8 * i, 0, 8);
        bytes.c[i] = quint8(bytes.c[i] & (0xff << (8 - bits)));
    }
    return QHostAddress(bytes);
}

Error notUnderstood(QStringView text)
{
    return {
        Error::Code::BadInput,
        u"“%1” is neither an ID, an address nor a network. Write 7, 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32."_s
            .arg(text)};
}

} // namespace

BanTarget::BanTarget(const QHostAddress &address)
    : m_address(plainAddress(address)), m_prefix(isV6() ? kBits6 : kBits4)
{
}

BanTarget BanTarget::networkOf(const QHostAddress &address, int prefixLength)
{
    BanTarget target(address);
    target.m_prefix = std::clamp(prefixLength, 0, target.m_prefix);
    target.m_address = masked(target.m_address, target.m_prefix);
    return target;
}

Result<BanTarget> BanTarget::parse(QStringView text)
{
    const QStringView trimmed = text.trimmed();
    bool isNumber = false;
    const quint64 id = trimmed.toULongLong(&isNumber);
    if (isNumber && id == 0)
        return Error{Error::Code::BadInput, u"The operator (0) cannot be banned."_s};
    if (isNumber)
        return BanTarget(ClientId(id));

    const qsizetype slash = trimmed.indexOf(u'/');
    const QStringView written = slash < 0 ? trimmed : trimmed.first(slash);
    // A short form such as 10.1 means something else to everybody.
    QHostAddress address;
    if ((!written.contains(u':') && written.count(u'.') != 3) || !address.setAddress(written.toString()))
        return notUnderstood(trimmed);
    BanTarget target(address);
    if (slash < 0)
        return target;
    const int prefix = trimmed.sliced(slash + 1).toInt(&isNumber);
    if (!isNumber || prefix < 1 || prefix > target.m_prefix)
        return Error{Error::Code::BadInput,
                     u"Behind the slash of “%1” stands a number of bits from 1 to %2."_s.arg(trimmed).arg(
                         target.m_prefix)};
    return networkOf(address, prefix);
}

bool BanTarget::isNetwork() const
{
    return !m_id && m_prefix < (isV6() ? kBits6 : kBits4);
}

bool BanTarget::covers(const QHostAddress &address) const
{
    if (m_id)
        return false;
    const QHostAddress plain = plainAddress(address);
    return plain.protocol() == m_address.protocol() && masked(plain, m_prefix) == m_address;
}

QString BanTarget::toString() const
{
    if (m_id)
        return m_id->toString();
    return isNetwork() ? u"%1/%2"_s.arg(m_address.toString()).arg(m_prefix) : m_address.toString();
}

QString Ban::sentence() const
{
    QString text = u"Banned from this server"_s;
    if (until.isValid())
        text += u" until "_s % until.toUTC().toString(u"yyyy-MM-dd HH:mm"_s) % u" UTC";
    return reason.isEmpty() ? QString(text % u'.') : QString(text % u": " % reason);
}

std::optional<std::chrono::seconds> parseBanTime(QStringView text)
{
    using namespace std::chrono;
    constexpr seconds kMost = hours(24) * 36'525;
    if (text.size() < 2)
        return {};
    bool isNumber = text.at(text.size() - 2).isDigit();
    const int count = isNumber ? text.chopped(1).toInt(&isNumber) : 0;
    if (!isNumber || count <= 0)
        return {};
    seconds unit{0};
    switch (text.back().unicode()) {
    case u's':
        unit = seconds(1);
        break;
    case u'm':
        unit = minutes(1);
        break;
    case u'h':
        unit = hours(1);
        break;
    case u'd':
        unit = hours(24);
        break;
    case u'w':
        unit = hours(24 * 7);
        break;
    default:
        return {};
    }
    const seconds time = unit * qint64(count);
    return time <= kMost ? std::optional(time) : std::nullopt;
}

} // namespace wireroom

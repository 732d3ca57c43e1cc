// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/serverconfig.h"

#include <QStandardPaths>

#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr std::pair<PlainPolicy, QLatin1StringView> kPolicies[] = {
    {PlainPolicy::None, "none"_L1},
    {PlainPolicy::Echo, "echo"_L1},
    {PlainPolicy::Relay, "relay"_L1},
};

} // namespace

QString toString(PlainPolicy policy)
{
    return kPolicies[size_t(policy)].second;
}

std::optional<PlainPolicy> plainPolicyFromString(QStringView text)
{
    for (const auto &[policy, name] : kPolicies) {
        if (text.trimmed().compare(name, Qt::CaseInsensitive) == 0)
            return policy;
    }
    return std::nullopt;
}

std::optional<QHostAddress> ServerConfig::hostAddress() const
{
    const QString text = address.trimmed();
    if (text.isEmpty() || text == u'*')
        return QHostAddress(QHostAddress::Any);
    if (text.compare("localhost"_L1, Qt::CaseInsensitive) == 0)
        return QHostAddress(QHostAddress::LocalHost);
    const QHostAddress parsed(text.startsWith(u'[') && text.endsWith(u']') ? text.sliced(1, text.size() - 2)
                                                                           : text);
    return parsed.isNull() ? std::nullopt : std::optional(parsed);
}

QString ServerConfig::defaultDataDir()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) % u"/wireroom/server"_s;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/base/hostport.h"

#include <QStringBuilder>

namespace wireroom {

std::optional<HostPort> HostPort::fromString(QStringView text)
{
    text = text.trimmed();
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon < 0)
        return std::nullopt;
    QStringView host = text.first(colon);
    if (host.startsWith(u'[') && host.endsWith(u']'))
        host = host.sliced(1, host.size() - 2);
    else if (host.contains(u':'))
        return std::nullopt;
    bool ok = false;
    const uint port = text.sliced(colon + 1).toUInt(&ok);
    if (!ok || port > 65535)
        return std::nullopt;
    return HostPort{host.toString(), quint16(port)};
}

QString HostPort::toString() const
{
    const QString shown = host.contains(u':') ? QString(u'[' % host % u']') : host;
    return shown % u':' % QString::number(port);
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/logentry.h"

#include "common/widgets/numbertext.h"

#include <QCoreApplication>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Up to here a size is shown to the byte, as those who count prefixes need it.
constexpr qsizetype kExactBytes = 99'999;

} // namespace

bool LogEntry::concerns(const Recipients &clients) const
{
    if (toEveryone)
        return true;
    if (clientId != 0 && clients.contains(ClientId(clientId)))
        return true;
    return std::any_of(moreClientIds.begin(), moreClientIds.end(),
                       [&clients](quint64 id) { return clients.contains(ClientId(id)); });
}

bool LogEntry::noteDelivered(quint64 id)
{
    if (reach.delivered >= reach.recipients
        || std::find(reach.ids.begin(), reach.ids.end(), id) != reach.ids.end())
        return false;
    if (reach.ids.size() < Reach::kMostIds)
        reach.ids.push_back(id);
    reach.isStored = true;
    ++reach.delivered;
    return true;
}

QString LogEntry::timeText(const QDate &today) const
{
    const QDateTime local = time.toLocalTime();
    if (local.date() == today)
        return local.toString(u"HH:mm:ss.zzz"_s);
    return local.toString(local.date().year() == today.year() ? u"MM-dd HH:mm"_s : u"yyyy-MM-dd"_s);
}

QString LogEntry::sizeText() const
{
    if (!isMessage())
        return {};
    const auto bytes = static_cast<quint64>(payload.size());
    return payload.size() <= kExactBytes ? countText(bytes) + u"\u00a0B"_s : byteCountText(bytes);
}

QString LogEntry::reachText(bool hasHistory) const
{
    if (kind != Kind::Outgoing || (reach.recipients == 0 && !reach.isStored))
        return {};
    const auto tr = [](const char *text) {
        return QCoreApplication::translate("wireroom::LogEntry", text);
    };
    if (reach.recipients == 0)
        return hasHistory ? tr("stored") : QString();
    QString delivered = reach.recipients == 1 && reach.delivered == 1
        ? tr("delivered")
        : tr("delivered %1 of %2").arg(countText(reach.delivered), countText(reach.recipients));
    if (!hasHistory || reach.delivered > 0)
        return delivered;
    return reach.isStored ? tr("stored, %1").arg(delivered) : tr("not stored yet");
}

} // namespace wireroom

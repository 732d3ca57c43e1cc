// SPDX-License-Identifier: Apache-2.0
#include "common/base/recipients.h"

#include <QStringList>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Sorts, and joins what touches or overlaps.
std::vector<Recipients::Range> normalised(std::vector<Recipients::Range> ranges)
{
    std::sort(ranges.begin(), ranges.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    std::vector<Recipients::Range> joined;
    for (const Recipients::Range &range : ranges) {
        if (!joined.empty() && range.first - 1 <= joined.back().last)
            joined.back().last = std::max(joined.back().last, range.last);
        else
            joined.push_back(range);
    }
    return joined;
}

Error notUnderstood(QStringView part, QLatin1StringView why)
{
    return {Error::Code::BadInput,
            u"“%1” %2. Write IDs like 1,3,5-8, or “all”, or “all except 2”."_s.arg(part, why)};
}

std::optional<quint64> idFrom(QStringView text)
{
    bool ok = false;
    const quint64 value = text.trimmed().toULongLong(&ok);
    return ok && value > 0 ? std::optional(value) : std::nullopt;
}

Result<std::vector<Recipients::Range>> parseRanges(QStringView text)
{
    std::vector<Recipients::Range> ranges;
    for (QStringView part : text.split(u',')) {
        part = part.trimmed();
        if (part.isEmpty())
            return notUnderstood(text.trimmed(), "has an ID missing"_L1);
        const qsizetype dash = part.indexOf(u'-');
        const std::optional<quint64> first = idFrom(dash < 0 ? part : part.first(dash));
        const std::optional<quint64> last = dash < 0 ? first : idFrom(part.sliced(dash + 1));
        if (!first || !last)
            return notUnderstood(part, "is not an ID (a number from 1)"_L1);
        if (*last < *first)
            return notUnderstood(part, "runs backwards"_L1);
        ranges.push_back({*first, *last});
    }
    return normalised(std::move(ranges));
}

} // namespace

Recipients Recipients::everyone()
{
    Recipients all;
    all.m_everyone = true;
    return all;
}

Recipients Recipients::only(const std::vector<ClientId> &ids)
{
    Recipients some;
    for (const ClientId id : ids)
        some.m_ranges.push_back({id.value(), id.value()});
    some.m_ranges = normalised(std::move(some.m_ranges));
    return some;
}

Result<Recipients> Recipients::parse(QStringView text)
{
    text = text.trimmed();
    if (text.isEmpty())
        return Error{Error::Code::BadInput, u"No recipient. Write IDs like 1,3,5-8, or “all”."_s};

    Recipients recipients;
    if (text.startsWith(u'!')) {
        recipients.m_everyone = true;
        text = text.sliced(1);
    } else if (text.startsWith("all"_L1, Qt::CaseInsensitive)) {
        recipients.m_everyone = true;
        const QStringView rest = text.sliced(3).trimmed();
        if (rest.isEmpty())
            return recipients;
        for (const QLatin1StringView word : {"except "_L1, "but "_L1}) {
            if (rest.startsWith(word, Qt::CaseInsensitive)) {
                text = rest.sliced(word.size());
                break;
            }
        }
    }
    Result<std::vector<Range>> ranges = parseRanges(text);
    if (!ranges)
        return ranges.error();
    recipients.m_ranges = std::move(ranges).value();
    return recipients;
}

bool Recipients::contains(ClientId id) const
{
    const auto after
        = std::upper_bound(m_ranges.begin(), m_ranges.end(), id.value(),
                           [](quint64 value, const Range &range) { return value < range.first; });
    const bool listed = after != m_ranges.begin() && id.value() <= std::prev(after)->last;
    return listed != m_everyone;
}

QString Recipients::toString() const
{
    QStringList parts;
    for (const Range &range : m_ranges) {
        parts << (range.first == range.last
                      ? QString::number(range.first)
                      : QString(QString::number(range.first) % u'-' % QString::number(range.last)));
    }
    const QString list = parts.join(u',');
    if (!m_everyone)
        return list;
    return m_ranges.empty() ? u"all"_s : QString(u"all except "_s % list);
}

} // namespace wireroom

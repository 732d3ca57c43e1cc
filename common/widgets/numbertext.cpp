// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/numbertext.h"

#include <QLocale>

#include <array>
#include <cmath>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

QString scaled(double bytes)
{
    static constexpr std::array units{"B"_L1, "kB"_L1, "MB"_L1, "GB"_L1, "TB"_L1, "PB"_L1, "EB"_L1};
    size_t unit = 0;
    // 999.5 would be rounded to 1000, which belongs to the next unit.
    while (bytes >= 999.5 && unit + 1 < units.size()) {
        bytes /= 1000;
        ++unit;
    }
    const int decimals = unit > 0 && bytes < 99.95 ? 1 : 0;
    return QLocale().toString(bytes, 'f', decimals) + u'\u00a0' + units[unit];
}

} // namespace

QString countText(quint64 count)
{
    return QLocale().toString(count);
}

QString byteCountText(quint64 bytes)
{
    return scaled(static_cast<double>(bytes));
}

QString rateText(double messagesPerSecond, double bytesPerSecond)
{
    const bool fraction
        = messagesPerSecond < 9.95 && std::abs(messagesPerSecond - std::round(messagesPerSecond)) >= 0.05;
    return QLocale().toString(messagesPerSecond, 'f', fraction ? 1 : 0) + u"\u00a0msg/s · "_s
        + scaled(bytesPerSecond) + "/s"_L1;
}

QString durationText(std::chrono::milliseconds duration)
{
    using namespace std::chrono;
    const auto total = duration_cast<seconds>(duration).count();
    const auto twoDigits = [](long long value) {
        return QString::number(value).rightJustified(2, u'0');
    };
    if (total < 1)
        return u"now"_s;
    if (total < 60)
        return u"%1 s"_s.arg(total);
    if (total < 3600)
        return u"%1 min %2 s"_s.arg(total / 60).arg(twoDigits(total % 60));
    if (total < 86400)
        return u"%1 h %2 min"_s.arg(total / 3600).arg(twoDigits(total % 3600 / 60));
    return u"%1 d %2 h"_s.arg(total / 86400).arg(total % 86400 / 3600);
}

} // namespace wireroom

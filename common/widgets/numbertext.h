// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

#include <chrono>

namespace wireroom {

/// Numbers in words, in the user's locale.

/// "1,204".
QString countText(quint64 count);

/// "0 B", "980 B", "3.1 MB": decimal units, three digits at most.
QString byteCountText(quint64 bytes);

/// "1,204 msg/s · 3.1 MB/s".
QString rateText(double messagesPerSecond, double bytesPerSecond);

/// "now", "7 s", "3 min 20 s", "2 h 05 min", "4 d 3 h".
QString durationText(std::chrono::milliseconds duration);

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/jsonline.h"
#include "server-gui/core/ban.h"

namespace wireroom {

// How the daemon says who is banned; as in eventtext.h.

void addBan(JsonLine &line, const Ban &ban);

/// “192.0.2.7 is banned until …: why”, without a full stop.
QString banText(const Ban &ban);

QByteArray banAnswer(const BanReport &report, bool json);
QByteArray unbanAnswer(const Ban &ban, bool json);
QByteArray bansAnswer(const std::vector<Ban> &bans, bool json);

} // namespace wireroom

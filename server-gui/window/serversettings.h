// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/configfile.h"

#include <memory>

namespace wireroom {

/// The server window's settings file: INI below the user's configuration directory (QSettings::setPath moves
/// it).
std::unique_ptr<QSettings> openServerSettings();

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverconfig.h"

#include <QSettings>

#include <memory>

namespace wireroom {

/// The server window's settings file: INI below the user's configuration directory (QSettings::setPath moves
/// it).
std::unique_ptr<QSettings> openServerSettings();

/// What is stored, with the defaults for what is missing or makes no sense. The data directory is never
/// empty.
ServerConfig loadServerConfig(const QSettings &settings);

void saveServerConfig(QSettings &settings, const ServerConfig &config);

} // namespace wireroom

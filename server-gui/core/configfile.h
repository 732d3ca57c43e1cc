// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "server-gui/core/serverconfig.h"

#include <QSettings>

namespace wireroom {

// A server's configuration in an INI file: the window's settings, and what `wireroom-serverd --config` reads.

/// What is stored, with the defaults for what is missing or makes no sense: for a window that shows it. The
/// data directory is never empty.
ServerConfig loadServerConfig(const QSettings &settings);

void saveServerConfig(QSettings &settings, const ServerConfig &config);

/// The same for a program that nobody watches: a file that is missing, a key that is unknown or a value that
/// makes no sense is an error that names it. What belongs to the window is passed over.
Result<ServerConfig> readConfigFile(const QString &path);

} // namespace wireroom

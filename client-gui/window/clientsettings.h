// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/clientconfig.h"

#include <QSettings>

#include <memory>

namespace wireroom {

/// The client window's settings file: INI below the user's configuration directory (QSettings::setPath moves
/// it).
std::unique_ptr<QSettings> openClientSettings();

/// What is stored, with the defaults for what is missing or makes no sense: chat, as long as nothing else was
/// chosen.
ClientConfig loadClientConfig(const QSettings &settings);

void saveClientConfig(QSettings &settings, const ClientConfig &config);

/// The name for chat: the last one, else what this computer calls its user.
QString loadChatName(const QSettings &settings);
void saveChatName(QSettings &settings, const QString &name);

} // namespace wireroom

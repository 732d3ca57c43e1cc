// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QFile>
#include <QString>

namespace wireroom {

/// What a file of this user's has as permissions, whatever the umask.
inline constexpr QFile::Permissions kPrivateFile = QFile::ReadOwner | QFile::WriteOwner;

/// Makes the folder and those above it that are missing, each for this user alone (0700); one that is there
/// stays as it is. Another client may be doing the same. False where that cannot be.
bool makePrivateFolder(const QString &path);

} // namespace wireroom

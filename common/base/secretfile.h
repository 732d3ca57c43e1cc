// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"

#include <QString>

namespace wireroom {

/// The first line of a file that is nobody else's business: the password that --password-file names. Refused,
/// with what to do about it, where others may read or change it: its mode is 0600 or 0400 (0640 and 0440
/// where it is root's, as system services have it).
Result<QString> readSecretFile(const QString &path);

} // namespace wireroom

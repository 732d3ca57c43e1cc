// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

namespace wireroom {

/// What two names are compared by: without case, compatibility forms and characters that are not to be seen
/// (Unicode's toNFKC_Casefold). `Ａnn`, `ANN` and `a‌nn` are one name. Empty where nothing is to be seen.
QString foldedName(const QString &name);

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"

#include <QString>

#include <optional>

namespace wireroom {

// What a window needs to know of certificates, which live a storey below.

/// Why these PEM files are no certificate with its key; a sentence. Reads them, and blocks for that long.
std::optional<Error> faultOfTlsFiles(const QString &certificateFile, const QString &keyFile);

/// A certificate's fingerprint, as TlsReady has it, in two lines to be compared by people.
QString fingerprintLines(const QString &fingerprint);

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"

#include <QString>

#include <functional>

class QIODevice;

namespace wireroom {

struct LogEntry;

enum class ExportFormat : quint8 {
    Csv,       ///< RFC 4180 with a header line: time,direction,from,to,bytes,encoding,message
    JsonLines, ///< one object a line, payload under "text", or under "hex" where it is not UTF-8
    Text,      ///< one line a message, as the log shows it but uncut
};

/// Hands out the entries to be written, one a call; nullptr after the last.
using EntrySource = std::function<const LogEntry *()>;

/// One entry as a line of that format, with its line end.
QByteArray exportLine(ExportFormat format, const LogEntry &entry);

/// What precedes the entries: the header line of a CSV file, nothing elsewhere.
QByteArray exportHeader(ExportFormat format);

/// Writes all entries to a device; the number written.
Result<quint64> exportEntries(ExportFormat format, const EntrySource &next, QIODevice &device);

/// The same to a file, which appears only when it is whole.
Result<quint64> exportToFile(ExportFormat format, const EntrySource &next, const QString &path);

} // namespace wireroom

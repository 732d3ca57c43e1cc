// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/messageexport.h"

#include "common/base/payloadtext.h"
#include "common/widgets/messagelogmodel.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Gathers lines before they are written, so that the device is not called for each.
constexpr qsizetype kChunkBytes = 256 * 1024;

/// More characters than any payload has, also when each is written as an escape.
constexpr qsizetype kUncut = std::numeric_limits<qsizetype>::max() / 16;

QString kindWord(LogEntry::Kind kind)
{
    switch (kind) {
    case LogEntry::Kind::Incoming:
        return u"in"_s;
    case LogEntry::Kind::Outgoing:
        return u"out"_s;
    case LogEntry::Kind::Note:
        return u"note"_s;
    case LogEntry::Kind::Error:
        return u"error"_s;
    }
    return {};
}

QByteArray csvField(QByteArray field)
{
    const bool quote
        = field.contains(',') || field.contains('"') || field.contains('\n') || field.contains('\r');
    if (!quote)
        return field;
    field.replace('"', "\"\"");
    return '"' + field + '"';
}

QByteArray csvLine(const LogEntry &entry)
{
    const bool text = isShownAsText(entry.payload);
    const QList<QByteArray> fields{
        entry.time.toUTC().toString(Qt::ISODateWithMs).toUtf8(),
        kindWord(entry.kind).toUtf8(),
        csvField(entry.from.toUtf8()),
        csvField(entry.to.toUtf8()),
        QByteArray::number(entry.payload.size()),
        text ? "text" : "hex",
        text ? csvField(entry.payload) : entry.payload.toHex(),
    };
    return fields.join(',') + "\r\n";
}

QByteArray jsonLine(const LogEntry &entry)
{
    QJsonObject object{
        {u"time"_s, entry.time.toUTC().toString(Qt::ISODateWithMs)},
        {u"direction"_s, kindWord(entry.kind)},
        {u"bytes"_s, entry.payload.size()},
    };
    if (!entry.from.isEmpty())
        object.insert(u"from"_s, entry.from);
    if (!entry.to.isEmpty())
        object.insert(u"to"_s, entry.to);
    if (isShownAsText(entry.payload))
        object.insert(u"text"_s, QString::fromUtf8(entry.payload));
    else
        object.insert(u"hex"_s, QString::fromLatin1(entry.payload.toHex()));
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

QByteArray textLine(const LogEntry &entry)
{
    QString line = entry.time.toLocalTime().toString(u"yyyy-MM-dd HH:mm:ss.zzz"_s) + u"  "_s;
    if (entry.isMessage()) {
        line += entry.from;
        if (!entry.to.isEmpty())
            line += u" → "_s + entry.to;
        line += u"  (%1 B)  "_s.arg(entry.payload.size());
    } else {
        line += entry.kind == LogEntry::Kind::Error ? u"error: "_s : u"note: "_s;
    }
    const bool text = isShownAsText(entry.payload);
    line += text ? payloadLine(entry.payload, true, kUncut) : payloadHex(entry.payload);
    return (line + u'\n').toUtf8();
}

Error writeError(const QIODevice &device)
{
    return Error{Error::Code::NotPermitted, device.errorString()};
}

} // namespace

QByteArray exportLine(ExportFormat format, const LogEntry &entry)
{
    switch (format) {
    case ExportFormat::Csv:
        return csvLine(entry);
    case ExportFormat::JsonLines:
        return jsonLine(entry);
    case ExportFormat::Text:
        return textLine(entry);
    }
    return {};
}

QByteArray exportHeader(ExportFormat format)
{
    return format == ExportFormat::Csv ? "time,direction,from,to,bytes,encoding,message\r\n"_ba
                                       : QByteArray();
}

Result<quint64> exportEntries(ExportFormat format, const EntrySource &next, QIODevice &device)
{
    QByteArray chunk = exportHeader(format);
    quint64 written = 0;
    while (const LogEntry *entry = next()) {
        chunk += exportLine(format, *entry);
        ++written;
        if (chunk.size() < kChunkBytes)
            continue;
        if (device.write(chunk) != chunk.size())
            return writeError(device);
        chunk.clear();
    }
    if (device.write(chunk) != chunk.size())
        return writeError(device);
    return written;
}

Result<quint64> exportToFile(ExportFormat format, const EntrySource &next, const QString &path)
{
    QSaveFile file(path);
    const auto failed = [&path](const QString &why) {
        return Error{Error::Code::NotPermitted, u"Cannot write %1: %2."_s.arg(path, why)};
    };
    if (!file.open(QIODevice::WriteOnly))
        return failed(file.errorString());
    const Result<quint64> written = exportEntries(format, next, file);
    if (!written)
        return failed(written.error().text);
    if (!file.commit())
        return failed(file.errorString());
    return written;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/transcript.h"

#include "client-gui/chattext.h"

#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

#ifdef Q_OS_UNIX
#include <unistd.h>
#endif

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// What is read at once, from the end backwards.
constexpr qint64 kBlockBytes = 64 * 1024;

bool syncToDisk([[maybe_unused]] const QFile &file)
{
#ifdef Q_OS_UNIX
    return ::fsync(file.handle()) == 0;
#else
    return true;
#endif
}

} // namespace

Result<std::unique_ptr<Transcript>> Transcript::open(const QString &path)
{
    std::unique_ptr<Transcript> transcript(new Transcript(path));
    if (!transcript->m_file.open(QIODevice::ReadWrite | QIODevice::Unbuffered))
        return transcript->fileError(u"Cannot write"_s);
    if (std::optional<Error> error = transcript->findEnd())
        return *error;
    return transcript;
}

/// Looks for the last whole line, and leaves the file behind it.
std::optional<Error> Transcript::findEnd()
{
    QByteArray tail;
    qint64 from = m_file.size();
    qsizetype end = -1;   // of the last whole line
    qsizetype begin = -1; // of the same
    while (from > 0 && begin < 0) {
        const qint64 n = std::min(from, kBlockBytes);
        from -= n;
        if (!m_file.seek(from))
            return fileError(u"Cannot read"_s);
        const QByteArray block = m_file.read(n);
        if (block.size() != n)
            return fileError(u"Cannot read"_s);
        tail.prepend(block);
        end = tail.lastIndexOf('\n');
        if (end > 0)
            begin = tail.lastIndexOf('\n', end - 1);
    }
    if (end >= 0) {
        const QByteArray line = tail.sliced(begin + 1, end - begin - 1);
        m_lastSeq = QJsonDocument::fromJson(line).object().value("seq"_L1).toVariant().toULongLong();
    }
    const bool isOurs = end >= 0 ? m_lastSeq > 0 : tail.isEmpty() || tail.startsWith('{');
    if (!isOurs) {
        return Error{
            Error::Code::BadInput,
            u"%1 is no transcript: its last line is no message with a “seq”. Name another file."_s.arg(
                QDir::toNativeSeparators(m_file.fileName()))};
    }
    const qint64 size = from + end + 1;
    if (size != m_file.size() && !m_file.resize(size))
        return fileError(u"Cannot cut the torn last line off"_s);
    if (!m_file.seek(size))
        return fileError(u"Cannot write"_s);
    return std::nullopt;
}

std::optional<Error> Transcript::append(const std::vector<const chat::Delivery *> &deliveries)
{
    QByteArray lines;
    quint64 lastSeq = m_lastSeq;
    for (const chat::Delivery *delivery : deliveries) {
        if (delivery->seq <= lastSeq)
            continue;
        lastSeq = delivery->seq;
        JsonLine line;
        addDelivery(line, *delivery);
        lines += line.toJson() + '\n';
    }
    if (m_failed || lines.isEmpty())
        return std::nullopt;
    const qint64 before = m_file.pos();
    if (m_file.write(lines) != lines.size() || !syncToDisk(m_file)) {
        m_failed = true;
        const Error error = fileError(u"Cannot write"_s);
        m_file.resize(before);
        return error;
    }
    m_lastSeq = lastSeq;
    return std::nullopt;
}

Error Transcript::fileError(const QString &what) const
{
    return {Error::Code::NotPermitted,
            u"%1 %2: %3."_s.arg(what, QDir::toNativeSeparators(m_file.fileName()), m_file.errorString())};
}

} // namespace wireroom

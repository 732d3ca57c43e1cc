// SPDX-License-Identifier: Apache-2.0
#include "common/base/secretfile.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QUtf8StringView>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr qint64 kLongestSecret = 1'024;

bool isPrivate(const QFileInfo &file)
{
#ifdef Q_OS_WIN
    Q_UNUSED(file)
    return true;
#else
    constexpr QFile::Permissions kOthers = QFile::ReadOther | QFile::WriteOther | QFile::WriteGroup;
    return !(file.permissions() & kOthers)
        && (!(file.permissions() & QFile::ReadGroup) || file.ownerId() == 0);
#endif
}

} // namespace

Result<QString> readSecretFile(const QString &path)
{
    const QString shown = QDir::toNativeSeparators(path);
    const QFileInfo info(path);
    if (!info.exists())
        return Error{Error::Code::NotFound, u"There is no file %1."_s.arg(shown)};
    if (info.isDir())
        return Error{Error::Code::BadInput, u"%1 is a directory, not a file with a password."_s.arg(shown)};
    if (!isPrivate(info)) {
        return Error{
            Error::Code::NotPermitted,
            u"Others on this machine may read or change %1, so it is no secret. Make it yours alone: "
            "chmod 600 %1"_s.arg(shown)};
    }
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{Error::Code::NotPermitted,
                     u"The file %1 cannot be read: %2."_s.arg(shown, file.errorString())};
    QByteArray line = file.readLine(kLongestSecret + 1);
    const bool isTooLong = line.size() > kLongestSecret - 1 && !line.endsWith('\n');
    while (line.endsWith('\n') || line.endsWith('\r'))
        line.chop(1);
    if (line.isEmpty())
        return Error{Error::Code::BadInput, u"The first line of %1 is empty."_s.arg(shown)};
    if (isTooLong || line.contains('\0') || !QUtf8StringView(line.constData(), line.size()).isValidUtf8())
        return Error{Error::Code::BadInput,
                     u"The first line of %1 is no password: it is too long, or no text."_s.arg(shown)};
    return QString::fromUtf8(line);
}

} // namespace wireroom

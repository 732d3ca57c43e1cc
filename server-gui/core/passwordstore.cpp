// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/passwordstore.h"

#include "server-gui/core/passwordhash.h"

#include <QDir>
#include <QFile>
#include <QRandomGenerator>
#include <QSaveFile>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr qint64 kLargestFile = 4'096;

QString fileIn(const QString &dataDir)
{
    return QDir(dataDir).filePath(u"password"_s);
}

} // namespace

Result<RoomPassword> loadRoomPassword(const QString &dataDir)
{
    if (dataDir.isEmpty() || !QFile::exists(fileIn(dataDir)))
        return RoomPassword{};
    QFile file(fileIn(dataDir));
    RoomPassword password;
    bool isNumber = false;
    if (file.open(QIODevice::ReadOnly)) {
        const QList<QByteArray> lines = file.read(kLargestFile).split('\n');
        password.epoch = lines.first().toULongLong(&isNumber);
        password.hash = lines.value(1).trimmed();
    }
    if (!isNumber || password.epoch == 0 || !isPasswordHash(password.hash)) {
        return Error{
            Error::Code::BadInput,
            u"The file %1 should hold the room password's hash, and does not. Remove it, and set the "
            "password again."_s.arg(QDir::toNativeSeparators(file.fileName()))};
    }
    return password;
}

Result<RoomPassword> saveRoomPassword(const QString &dataDir, const RoomPassword &password)
{
    if (dataDir.isEmpty())
        return password;
    const QString name = fileIn(dataDir);
    bool isSaved = false;
    if (password.hash.isEmpty()) {
        isSaved = !QFile::exists(name) || QFile::remove(name);
    } else if (QDir().mkpath(dataDir)) {
        QSaveFile file(name);
        isSaved = file.open(QIODevice::WriteOnly) && file.setPermissions(QFile::ReadOwner | QFile::WriteOwner)
            && file.write(QByteArray::number(password.epoch) + '\n' + password.hash + '\n') > 0
            && file.commit();
    }
    if (!isSaved) {
        return Error{Error::Code::BadInput,
                     u"The file %1, which holds the room password's hash, cannot be written (is the disk "
                     "full?)."_s.arg(QDir::toNativeSeparators(name))};
    }
    return password;
}

RoomPassword newRoomPassword(const QByteArray &hash)
{
    if (hash.isEmpty())
        return {};
    // As wide as a database's signed column.
    return {hash, std::max<quint64>(1, QRandomGenerator::system()->generate64() >> 1)};
}

} // namespace wireroom

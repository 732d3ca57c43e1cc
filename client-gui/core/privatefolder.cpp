// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/privatefolder.h"

#include <QDir>
#include <QFileInfo>

namespace wireroom {

bool makePrivateFolder(const QString &path)
{
    if (QFileInfo(path).isDir())
        return true;
    return makePrivateFolder(QFileInfo(path).path())
        && (QDir().mkdir(path, kPrivateFile | QFile::ExeOwner) || QFileInfo(path).isDir());
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QIODevice>

namespace wireroom {

/// All that an open file holds; where that is more than `most` bytes, the first of them, and more than
/// `most`. In pieces: a read() of Qt's takes and keeps room for all that it might read. Blocks; errors are
/// the file's.
inline QByteArray readUpTo(QIODevice &file, qsizetype most)
{
    constexpr qint64 kPieceBytes = 4 * 1024;
    QByteArray bytes;
    for (QByteArray piece; bytes.size() <= most && !(piece = file.read(kPieceBytes)).isEmpty();)
        bytes += piece;
    return bytes;
}

} // namespace wireroom

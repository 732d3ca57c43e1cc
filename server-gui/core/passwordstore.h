// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"

#include <QByteArray>

namespace wireroom {

/// The password that a room has. A value.
struct RoomPassword
{
    QByteArray hash;   ///< Argon2's text form; empty: none is needed
    quint64 epoch = 0; ///< another number for each password that there ever was; 0: none
};

/// The file `password` (0600) in a data directory: two lines, the epoch and the hash. Empty directory:
/// nothing is kept. A file that is there and makes no sense is an error: nobody is let in by accident.
Result<RoomPassword> loadRoomPassword(const QString &dataDir);

/// Without a hash, the file is removed. The error names the file.
Result<RoomPassword> saveRoomPassword(const QString &dataDir, const RoomPassword &password);

/// A new epoch for this hash.
RoomPassword newRoomPassword(const QByteArray &hash);

} // namespace wireroom

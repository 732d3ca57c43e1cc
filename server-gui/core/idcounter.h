// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ids.h"
#include "common/base/result.h"

#include <QElapsedTimer>
#include <QLockFile>
#include <QString>

#include <memory>

namespace wireroom {

/// Gives out client IDs, none twice, over restarts and crashes.
///
/// The file `next-id` in the data directory holds a number that no ID reaches which was given out: IDs are
/// reserved there in blocks before they are used, and a clean end gives back what is left. A crash skips the
/// rest of a block. The block doubles while clients come fast, so that a flood of connections costs few
/// writes. A lock beside it keeps a second server out. Lives with the hub, in the network thread.
class IdCounter
{
public:
    /// Reads the counter. An empty directory name: nothing is kept and IDs start at 1. Fails when the
    /// directory cannot be made or written or the file holds no number (BadInput), or when another server
    /// uses it (InUse).
    static Result<std::unique_ptr<IdCounter>> open(const QString &dataDir);

    ~IdCounter();

    /// From now on higher than `id`, which the history knows.
    void skipTo(quint64 id);

    /// The next ID. An error when it cannot be reserved (a full disk): nothing may be given out then.
    Result<ClientId> next();

private:
    IdCounter() = default;
    bool reserveUpTo(quint64 value);

    QString m_file;
    std::unique_ptr<QLockFile> m_lock;
    quint64 m_next = 1;
    quint64 m_reserved = 1; ///< the first number that is not reserved
    quint64 m_block = 0;
    QElapsedTimer m_sinceReservation;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/ban.h"

#include <QHash>

#include <map>

namespace wireroom {

/// Who is not let in, kept in the data directory's file `bans.json`. Lives with the hub, in the network
/// thread; writes the file at each change, which a person makes.
class Bans
{
public:
    static constexpr qsizetype kMost = 100'000;

    /// Replaces everything by what the file says; without a directory nothing is kept. A file that cannot be
    /// understood is an error: nobody comes in by accident.
    std::optional<Error> open(const QString &dataDir);

    /// In the place of an earlier one of the same target. Nothing changes where it cannot be written down.
    std::optional<Error> add(const Ban &ban);
    Result<Ban> lift(const BanTarget &who);
    /// Those that are over are gone; returns them.
    std::vector<Ban> removeOver(const QDateTime &now);

    /// The one that holds now; null where there is none. For an address, that of the smallest network.
    const Ban *find(ClientId id, const QDateTime &now) const;
    const Ban *find(const QHostAddress &address, const QDateTime &now) const;

    /// The newest first.
    std::vector<Ban> list() const;

private:
    using All = QHash<QString, Ban>; ///< by BanTarget::toString()

    void setAll(All all);
    std::optional<Error> save(const All &all) const;

    QString m_file; ///< empty: not kept
    All m_all;
    // The lengths of prefixes that occur, the longest first.
    std::vector<int> m_lengths4;
    std::vector<int> m_lengths6;
};

} // namespace wireroom

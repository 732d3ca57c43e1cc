// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"

namespace wireroom {

/// Where a history is, read from HistoryConfig::url. A value.
struct HistoryLocation
{
    enum class Kind : quint8 { Sqlite, PostgreSql };

    Kind kind = Kind::Sqlite;
    QString path = {}; ///< of the SQLite file
    /// Of the PostgreSQL server; `host` may be the folder of its Unix socket.
    QString host = {};
    int port = -1;
    QString user = {};
    QString password = {};
    QString database = {};
    QString options = {}; ///< as libpq wants them, parted by semicolons

    /// A path, `sqlite:PATH`, `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE` (also
    /// `postgres:`). The error never quotes a password.
    static Result<HistoryLocation> fromUrl(const QString &url);

    /// For people: the path, or the URL without the password.
    QString toString() const;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historydatabase.h"

namespace wireroom {

/// What was done to a database's tables when it was opened.
struct HistoryMigration
{
    int from = 0; ///< schema number; 0: it was empty
    int to = 0;
    QString backup = {}; ///< a file; empty: none was needed
};

/// Brings the tables of an open database to the newest schema: those numbered files in `folder` (NNN_*.sql)
/// that it does not have yet, all in one transaction. Of a SQLite database that holds something, every page
/// is checked and a copy is made beside it first. Fails on a database that is damaged, newer than the files,
/// or not a history; nothing is changed then.
Result<HistoryMigration> migrateHistory(HistoryDatabase &database, const QString &folder);

/// The schema files that belong to this program.
QString historySchemaFolder(const HistoryDatabase &database);

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historydatabase.h"
#include "server-gui/core/historystore.h"

namespace wireroom {

/// Puts messages into the table `messages`, inside the transaction of its user: SQLite row by row,
/// PostgreSQL all in one statement, since there each statement costs a round trip.
///
/// Owner: the writer, as long as the connection is open. Thread: the writer's.
class HistoryInsert
{
public:
    explicit HistoryInsert(HistoryDatabase &database) : m_database(database) { }

    bool prepare();
    bool add(const HistoryMessage &message);
    /// Everything added so far is in the table.
    bool flush();
    /// Forgets what was added and is not in the table.
    void clear();

private:
    bool addRow(const HistoryMessage &message);

    HistoryDatabase &m_database;
    std::optional<QSqlQuery> m_insert;
    /// PostgreSQL: one array a column, as text.
    std::vector<QString> m_columns;
};

} // namespace wireroom

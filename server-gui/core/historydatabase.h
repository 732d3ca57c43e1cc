// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historylocation.h"

#include <QLockFile>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>

#include <memory>
#include <optional>

namespace wireroom {

/// One connection to the history's database, and what differs between SQLite and PostgreSQL.
///
/// Owner: the writer or the reader. Thread: all of its life in one. Every member that returns bool says
/// whether it worked; after false, lastError() and explain() tell why.
class HistoryDatabase
{
public:
    enum class Access : quint8 {
        Write, ///< one at a time: takes a lock that keeps other programs out
        Read,
    };

    HistoryDatabase(HistoryLocation location, Access access);
    ~HistoryDatabase();
    Q_DISABLE_COPY_MOVE(HistoryDatabase)

    /// Connects. A writer's makes the file if there is none, readable by its owner alone.
    std::optional<Error> open();
    /// Queries on it must be gone. Keeps the lock file.
    void close();

    bool isOpen() const { return m_connection.isOpen(); }

    bool isSqlite() const { return m_location.kind == HistoryLocation::Kind::Sqlite; }

    const HistoryLocation &location() const { return m_location; }

    bool begin();
    /// Durable after true, unless setDurable(false).
    bool commit();
    /// Does nothing where no transaction is open.
    void rollback();

    /// False: commits need not be on the disk yet. The next one that must be takes them along.
    bool setDurable(bool durable);

    bool run(const QString &sql);
    /// Executes a prepared query.
    bool run(QSqlQuery &query);
    /// A forward-only query, prepared.
    std::optional<QSqlQuery> prepare(const QString &sql);
    /// A forward-only query, executed.
    std::optional<QSqlQuery> select(const QString &sql);
    /// The first value of the first row; 0 where there is none or it is NULL.
    std::optional<qint64> number(const QString &sql);

    std::optional<qint64> meta(QLatin1StringView name);
    bool setMeta(QLatin1StringView name, qint64 value);

    const QSqlError &lastError() const { return m_error; }

    /// The last error is about the values, so that trying again will not help.
    bool refusedValues() const;
    /// A sentence: what the last error was, and what to do about it.
    QString explain() const;

    /// SQL: whether the comma-joined IDs in `column` contain one of these; there must be one.
    QString containsAny(QLatin1StringView column, const QList<qint64> &ids) const;
    /// SQL: the rows (value) of the comma-joined IDs in `column`, as a table to join; its name is r.
    QString splitIds(QLatin1StringView column) const;

private:
    std::optional<Error> lockFile();
    std::optional<Error> openSqlite();
    std::optional<Error> openPostgreSql();
    std::optional<Error> lockPostgreSql();
    Error cannotOpen() const;
    QString withoutPassword(QString text) const;

    HistoryLocation m_location;
    Access m_access;
    QString m_name; ///< of the connection, among all of the program
    std::unique_ptr<QLockFile> m_lock;
    QSqlDatabase m_connection;
    QSqlError m_error;
    bool m_inTransaction = false;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historyschema.h"

#include <QDir>
#include <QFile>
#include <QVariant>

#include <map>

using namespace Qt::StringLiterals;

static void initializeResources()
{
    Q_INIT_RESOURCE(historyschema);
}

namespace wireroom {

namespace {

Error failed(const HistoryDatabase &database)
{
    return Error{Error::Code::Internal,
                 u"The tables of the history cannot be brought up to date: %1"_s.arg(database.explain())};
}

std::map<int, QString> schemaFiles(const QString &folder)
{
    std::map<int, QString> files;
    const QDir dir(folder);
    const QStringList names = dir.entryList({u"*.sql"_s}, QDir::Files);
    for (const QString &name : names)
        files[name.section(u'_', 0, 0).toInt()] = dir.filePath(name);
    return files;
}

/// The schema number; 0 for an empty database.
Result<int> schemaOf(HistoryDatabase &database)
{
    const auto found = database.number(
        database.isSqlite() ? u"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'"_s
                            : u"SELECT count(*) FROM pg_tables WHERE schemaname = 'wireroom'"_s);
    if (!found)
        return failed(database);
    if (*found > 0) {
        const auto schema = database.meta("schema"_L1);
        if (!schema)
            return failed(database);
        if (*schema > 0)
            return static_cast<int>(*schema);
    }
    if (database.isSqlite()) {
        const auto others = database.number(u"SELECT count(*) FROM sqlite_master"_s);
        if (!others)
            return failed(database);
        if (*others > 0) {
            return Error{
                Error::Code::BadInput,
                u"The file %1 is a database of something else, not a history. Name another place for the "
                "history."_s.arg(database.location().toString())};
        }
    }
    return 0;
}

std::optional<Error> checkIntegrity(HistoryDatabase &database)
{
    auto check = database.select(u"PRAGMA integrity_check(3)"_s);
    if (!check)
        return failed(database);
    QStringList faults;
    while (check->next())
        faults.append(check->value(0).toString());
    if (faults == QStringList{u"ok"_s})
        return {};
    return Error{
        Error::Code::BadInput,
        u"The history %1 is damaged and was left as it is (%2). Put a backup in its place, or move it away."_s
            .arg(database.location().toString(), faults.join("; "_L1).simplified())};
}

/// Makes the copy and returns its name.
Result<QString> backUp(HistoryDatabase &database, int schema)
{
    const QString name = database.location().path % u".schema-"_s % QString::number(schema) % u".backup"_s;
    QFile::remove(name);
    QFile file(name);
    // SQLite fills an empty file that is there, and leaves its rights alone.
    if (file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFile::ReadOwner | QFile::WriteOwner)) {
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        file.close();
        auto query = database.prepare(u"VACUUM INTO ?"_s);
        if (query) {
            query->addBindValue(name);
            if (database.run(*query))
                return name;
        }
        QFile::remove(name);
        return failed(database);
    }
    return Error{
        Error::Code::NotPermitted,
        u"The history is of an older version, and no backup of it can be written to %1 (%2). Make room or "
        u"give "
        "yourself the right to write there."_s.arg(QDir::toNativeSeparators(name), file.errorString())};
}

/// A statement ends where a line ends in a semicolon; lines that begin with two dashes say something.
QStringList statementsOf(const QString &script)
{
    QStringList statements;
    QString statement;
    for (const QStringView line : QStringView(script).tokenize(u'\n')) {
        if (line.startsWith("--"_L1))
            continue;
        statement += line % u'\n';
        if (line.endsWith(u';')) {
            statements.append(statement.trimmed().chopped(1));
            statement.clear();
        }
    }
    return statements;
}

bool apply(HistoryDatabase &database, int from, const std::map<int, QString> &files)
{
    if (!database.begin())
        return false;
    if (from == 0 && !database.isSqlite() && !database.run(u"CREATE SCHEMA IF NOT EXISTS wireroom"_s))
        return false;
    for (auto file = files.upper_bound(from); file != files.end(); ++file) {
        QFile script(file->second);
        if (!script.open(QIODevice::ReadOnly))
            return false;
        const QStringList statements = statementsOf(QString::fromUtf8(script.readAll()));
        for (const QString &statement : statements) {
            if (!database.run(statement))
                return false;
        }
        if (file->first == 1 && !database.run(u"INSERT INTO meta VALUES ('schema', 1)"_s))
            return false;
    }
    return database.setMeta("schema"_L1, files.rbegin()->first) && database.commit();
}

/// PostgreSQL's index of groups of three characters. Not every server has the extension or lets everybody
/// install it: then a search reads the table, and it is tried again at the next start.
void indexTrigrams(HistoryDatabase &database)
{
    const auto indexes = database.number(
        u"SELECT count(*) FROM pg_indexes WHERE schemaname = 'wireroom' AND indexname = 'search_text_trigrams'"_s);
    if (indexes && *indexes == 0 && database.run(u"CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA wireroom"_s))
        database.run(u"CREATE INDEX search_text_trigrams ON search_text USING gin (text gin_trgm_ops)"_s);
}

} // namespace

Result<HistoryMigration> migrateHistory(HistoryDatabase &database, const QString &folder)
{
    const std::map<int, QString> files = schemaFiles(folder);
    if (files.empty())
        return Error{Error::Code::Internal, u"There are no schema files in %1."_s.arg(folder)};
    const auto schema = schemaOf(database);
    if (!schema)
        return schema.error();
    HistoryMigration migration{.from = schema.value(), .to = files.rbegin()->first};
    if (migration.from > migration.to) {
        return Error{
            Error::Code::Unsupported,
            u"The history %1 was written by a newer version of Wireroom (its tables have number %2, this "
            "version knows %3). Use that version, or name another place."_s.arg(
                database.location().toString(), QString::number(migration.from),
                QString::number(migration.to))};
    }
    if (migration.from == migration.to) {
        if (!database.isSqlite())
            indexTrigrams(database);
        return migration;
    }
    if (migration.from > 0 && database.isSqlite()) {
        if (auto error = checkIntegrity(database))
            return *error;
        auto backup = backUp(database, migration.from);
        if (!backup)
            return backup.error();
        migration.backup = std::move(backup).value();
    }
    if (!apply(database, migration.from, files)) {
        database.rollback();
        return failed(database);
    }
    if (!database.isSqlite())
        indexTrigrams(database);
    return migration;
}

QString historySchemaFolder(const HistoryDatabase &database)
{
    initializeResources();
    return database.isSqlite() ? u":/sql/sqlite"_s : u":/sql/postgresql"_s;
}

} // namespace wireroom

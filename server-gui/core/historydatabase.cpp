// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historydatabase.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSqlDriver>
#include <QVariant>

#include <atomic>
#include <chrono>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace wireroom {

namespace {

constexpr auto kOwnerOnly = QFile::ReadOwner | QFile::WriteOwner;

/// How long a writer waits for the one before it to be gone from a PostgreSQL server.
constexpr auto kLockPatience = 2'000ms;

/// PostgreSQL's code for a lock that was not to be had in time.
constexpr auto kLockNotAvailable = "55P03"_L1;

/// Result codes of SQLite, without their extensions.
namespace sqlite {
constexpr int Busy = 5;
constexpr int Locked = 6;
constexpr int ReadOnly = 8;
constexpr int InputOutput = 10;
constexpr int Corrupt = 11;
constexpr int Full = 13;
constexpr int CannotOpen = 14;
constexpr int TooBig = 18;
constexpr int Constraint = 19;
constexpr int Mismatch = 20;
constexpr int NotADatabase = 26;
} // namespace sqlite

QString freshName()
{
    static std::atomic<int> count = 0;
    return u"wireroom-history-"_s % QString::number(++count);
}

QString joined(const QList<qint64> &ids)
{
    QString text;
    for (const qint64 id : ids)
        text += (text.isEmpty() ? QString() : u","_s) % QString::number(id);
    return text;
}

int sqliteCode(const QSqlError &error)
{
    return error.nativeErrorCode().toInt() & 0xff;
}

} // namespace

HistoryDatabase::HistoryDatabase(HistoryLocation location, Access access)
    : m_location(std::move(location)), m_access(access), m_name(freshName())
{
}

HistoryDatabase::~HistoryDatabase()
{
    close();
}

std::optional<Error> HistoryDatabase::open()
{
    const QString driver = isSqlite() ? u"QSQLITE"_s : u"QPSQL"_s;
    if (!QSqlDatabase::isDriverAvailable(driver)) {
        return Error{Error::Code::Unsupported,
                     u"Qt's driver for this database, %1, is not installed (Debian: %2)."_s.arg(
                         driver, isSqlite() ? u"libqt6sql6-sqlite"_s : u"libqt6sql6-psql"_s)};
    }
    if (isSqlite() && m_access == Access::Write && !m_lock) {
        if (auto error = lockFile())
            return error;
    }
    m_connection = QSqlDatabase::addDatabase(driver, m_name);
    auto error = isSqlite() ? openSqlite() : openPostgreSql();
    if (error)
        close();
    return error;
}

void HistoryDatabase::close()
{
    m_inTransaction = false;
    if (!m_connection.isValid())
        return;
    m_connection.close();
    m_connection = {};
    QSqlDatabase::removeDatabase(m_name);
}

std::optional<Error> HistoryDatabase::lockFile()
{
    m_lock = std::make_unique<QLockFile>(m_location.path + ".lock"_L1);
    m_lock->setStaleLockTime(0);
    if (m_lock->tryLock(0)) {
        QFile::setPermissions(m_location.path + ".lock"_L1, kOwnerOnly);
        return {};
    }
    const bool taken = m_lock->error() == QLockFile::LockFailedError;
    m_lock.reset();
    if (taken) {
        return Error{Error::Code::InUse,
                     u"Another server uses the history %1. Stop it, or name another place."_s.arg(
                         m_location.toString())};
    }
    return Error{
        Error::Code::NotPermitted,
        u"The folder of the history %1 cannot be written to. Make it, give yourself the right to write "
        "there, or name another place."_s.arg(m_location.toString())};
}

std::optional<Error> HistoryDatabase::openSqlite()
{
    if (m_access == Access::Write) {
        // SQLite gives its further files the rights of the first. A file that is there keeps its own: it may
        // be somebody else's.
        QFile file(m_location.path);
        if (file.open(QIODevice::ReadWrite | QIODevice::NewOnly, kOwnerOnly))
            file.close();
    }
    m_connection.setDatabaseName(m_location.path);
    m_connection.setConnectOptions(u"QSQLITE_BUSY_TIMEOUT=5000"_s);
    if (!m_connection.open()) {
        m_error = m_connection.lastError();
        return cannotOpen();
    }
    if (!run(u"PRAGMA temp_store=MEMORY"_s) || !run(u"PRAGMA cache_size=-32768"_s))
        return cannotOpen();
    if (m_access == Access::Read)
        return run(u"PRAGMA query_only=1"_s) ? std::nullopt : std::optional(cannotOpen());

    // Another program's database is refused when its tables are looked at, and left as it is.
    const auto foreign = number(u"SELECT count(*) > 0 AND sum(name = 'meta') = 0 FROM sqlite_master"_s);
    if (!foreign)
        return cannotOpen();
    if (*foreign != 0)
        return {};
    auto mode = select(u"PRAGMA journal_mode=WAL"_s);
    if (!mode || !mode->next())
        return cannotOpen();
    if (mode->value(0).toString() != "wal"_L1) {
        return Error{
            Error::Code::Unsupported,
            u"The file system of the history %1 does not allow what SQLite needs (shared memory). Name a "
            "place on a local disk."_s.arg(m_location.toString())};
    }
    mode.reset();
    if (!setDurable(true) || !run(u"PRAGMA wal_autocheckpoint=4000"_s))
        return cannotOpen();
    return {};
}

std::optional<Error> HistoryDatabase::openPostgreSql()
{
    m_connection.setHostName(m_location.host);
    if (m_location.port > 0)
        m_connection.setPort(m_location.port);
    m_connection.setUserName(m_location.user);
    m_connection.setPassword(m_location.password);
    m_connection.setDatabaseName(m_location.database);
    // A server that has vanished must not keep a commit waiting for good.
    m_connection.setConnectOptions((m_location.options
                                    % u";keepalives_idle=10;keepalives_interval=5;keepalives_count=3;"
                                      "tcp_user_timeout=20000"));
    if (!m_connection.open()) {
        m_error = m_connection.lastError();
        return cannotOpen();
    }
    if (!run(u"SET client_min_messages TO warning"_s) || !run(u"SET search_path TO wireroom, public"_s)
        || !setDurable(true))
        return cannotOpen();
    auto encoding = select(u"SHOW server_encoding"_s);
    if (!encoding || !encoding->next())
        return cannotOpen();
    // SQL_ASCII takes every byte as it comes.
    const QString name = encoding->value(0).toString();
    if (name != "UTF8"_L1 && name != "SQL_ASCII"_L1) {
        return Error{
            Error::Code::Unsupported,
            u"The database %1 has the encoding %2, which does not have all characters. Make one with "
            "ENCODING 'UTF8'."_s.arg(m_location.toString(), name)};
    }
    return m_access == Access::Write ? lockPostgreSql() : std::nullopt;
}

std::optional<Error> HistoryDatabase::lockPostgreSql()
{
    // The server must notice soon when this machine is gone, because another one may take over.
    for (const auto setting : {"idle TO 10"_L1, "interval TO 5"_L1, "count TO 3"_L1}) {
        if (!run("SET tcp_keepalives_"_L1 % setting))
            return cannotOpen();
    }
    // The lock is the connection's and ends with it, but a moment after who had it has closed it. The number
    // is "Wireroom".
    if (!run(u"SET lock_timeout TO '%1ms'"_s.arg(kLockPatience.count())))
        return cannotOpen();
    const bool locked = run(u"SELECT pg_advisory_lock(6298691333891518317)"_s);
    if (!locked && m_error.nativeErrorCode() == kLockNotAvailable) {
        return Error{Error::Code::InUse,
                     u"Another server uses the history %1. Stop it, or name another database."_s.arg(
                         m_location.toString())};
    }
    if (!locked || !run(u"SET lock_timeout TO 0"_s))
        return cannotOpen();
    return {};
}

Error HistoryDatabase::cannotOpen() const
{
    const int code = isSqlite() ? sqliteCode(m_error) : 0;
    if (code == sqlite::NotADatabase) {
        return Error{
            Error::Code::BadInput,
            u"The file %1 is no history: it is not a database of SQLite. Move it away, or name another place "
            "for the history."_s.arg(m_location.toString())};
    }
    const bool transient = !isSqlite() || code == sqlite::Busy || code == sqlite::Locked;
    return Error{transient ? Error::Code::Unreachable : Error::Code::NotPermitted,
                 u"The history cannot be opened: %1"_s.arg(explain())};
}

bool HistoryDatabase::begin()
{
    const bool repeatable = !isSqlite() && m_access == Access::Read;
    m_inTransaction
        = run(repeatable ? u"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"_s
                         : (m_access == Access::Write && isSqlite() ? u"BEGIN IMMEDIATE"_s : u"BEGIN"_s));
    return m_inTransaction;
}

bool HistoryDatabase::commit()
{
    if (!run(u"COMMIT"_s))
        return false;
    m_inTransaction = false;
    return true;
}

void HistoryDatabase::rollback()
{
    if (!m_inTransaction)
        return;
    m_inTransaction = false;
    const QSqlError cause = m_error;
    if (isOpen())
        run(u"ROLLBACK"_s);
    m_error = cause;
}

bool HistoryDatabase::setDurable(bool durable)
{
    if (isSqlite())
        return run(durable ? u"PRAGMA synchronous=FULL"_s : u"PRAGMA synchronous=NORMAL"_s);
    return run(durable ? u"SET synchronous_commit TO on"_s : u"SET synchronous_commit TO off"_s);
}

bool HistoryDatabase::run(const QString &sql)
{
    QSqlQuery query(m_connection);
    query.setForwardOnly(true);
    if (query.exec(sql))
        return true;
    m_error = query.lastError();
    return false;
}

bool HistoryDatabase::run(QSqlQuery &query)
{
    if (query.exec())
        return true;
    m_error = query.lastError();
    return false;
}

std::optional<QSqlQuery> HistoryDatabase::prepare(const QString &sql)
{
    QSqlQuery query(m_connection);
    query.setForwardOnly(true);
    if (query.prepare(sql))
        return query;
    m_error = query.lastError();
    return {};
}

std::optional<QSqlQuery> HistoryDatabase::select(const QString &sql)
{
    QSqlQuery query(m_connection);
    query.setForwardOnly(true);
    if (query.exec(sql))
        return query;
    m_error = query.lastError();
    return {};
}

std::optional<qint64> HistoryDatabase::number(const QString &sql)
{
    auto query = select(sql);
    if (!query)
        return {};
    return query->next() ? query->value(0).toLongLong() : 0;
}

std::optional<qint64> HistoryDatabase::meta(QLatin1StringView name)
{
    return number(u"SELECT value FROM meta WHERE name = '%1'"_s.arg(name));
}

bool HistoryDatabase::setMeta(QLatin1StringView name, qint64 value)
{
    return run(u"UPDATE meta SET value = %1 WHERE name = '%2'"_s.arg(QString::number(value), name));
}

bool HistoryDatabase::refusedValues() const
{
    if (isSqlite()) {
        const int code = sqliteCode(m_error);
        return code == sqlite::Constraint || code == sqlite::TooBig || code == sqlite::Mismatch;
    }
    // SQLSTATE: data exception, integrity violation, program limit exceeded.
    const QString state = m_error.nativeErrorCode();
    return state.startsWith("22"_L1) || state.startsWith("23"_L1) || state.startsWith("54"_L1);
}

QString HistoryDatabase::explain() const
{
    const QString place = m_location.toString();
    // What PostgreSQL's library asks back is said below, too.
    static const QRegularExpression question(u"Is the server running [^?]*\\?"_s);
    QString words = withoutPassword(m_error.databaseText().remove(question).simplified());
    if (words.isEmpty())
        words = withoutPassword(m_error.text().simplified());
    while (words.endsWith(u'.'))
        words.chop(1);
    if (!isSqlite()) {
        return u"the database %1 answers: %2. Look whether the server runs and lets this user in."_s.arg(
            place, words);
    }
    switch (sqliteCode(m_error)) {
    case sqlite::Full:
        return u"the disk that holds %1 is full. Free some space there."_s.arg(place);
    case sqlite::InputOutput:
        return u"the disk that holds %1 reports an error (%2). Look at the disk and at its free space."_s.arg(
            place, words);
    case sqlite::ReadOnly:
    case sqlite::CannotOpen:
        return u"%1 cannot be written (%2). Give this user the right to write the file and its folder."_s.arg(
            place, words);
    case sqlite::Busy:
    case sqlite::Locked:
        return u"another program keeps %1 locked. End it."_s.arg(place);
    case sqlite::Corrupt:
    case sqlite::NotADatabase:
        return u"%1 is damaged (%2). Put a backup in its place, or move it away."_s.arg(place, words);
    default:
        return u"the database %1 answers: %2."_s.arg(place, words);
    }
}

QString HistoryDatabase::withoutPassword(QString text) const
{
    return m_location.password.isEmpty() ? text : text.replace(m_location.password, u"..."_s);
}

QString HistoryDatabase::containsAny(QLatin1StringView column, const QList<qint64> &ids) const
{
    if (ids.size() == 1) {
        return u"%1(',' || %2 || ',', ',%3,') > 0"_s.arg(isSqlite() ? "instr"_L1 : "strpos"_L1, column,
                                                         QString::number(ids.front()));
    }
    return u"EXISTS (SELECT 1 FROM %1 WHERE r.value IN (%2))"_s.arg(splitIds(column), joined(ids));
}

QString HistoryDatabase::splitIds(QLatin1StringView column) const
{
    if (isSqlite())
        return u"json_each('[' || %1 || ']') AS r"_s.arg(column);
    return u"unnest(string_to_array(%1, ',')::bigint[]) AS r(value)"_s.arg(column);
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/outbox.h"

#include <QDir>
#include <QFile>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QVariant>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Of the file; raised when its tables change.
constexpr int kSchemaVersion = 1;

/// What `kept` knows a value by.
const auto kLastRef = u"last ref"_s;
const auto kLastSeq = u"last seq"_s;
const auto kName = u"name"_s;
const auto kJoined = u"joined"_s;

/// "3,4"; null for everyone.
QVariant toColumn(const chat::Addressees &to)
{
    if (!to)
        return {};
    QString ids = u""_s; // an empty text is not null, as no recipients are not everyone
    for (const ClientId id : *to)
        ids += (ids.isEmpty() ? QString() : u","_s) % id.toString();
    return ids;
}

chat::Addressees addresseesFrom(const QVariant &value)
{
    if (value.isNull())
        return std::nullopt;
    const QString text = value.toString();
    std::vector<ClientId> ids;
    for (const QStringView part : QStringView(text).split(u',', Qt::SkipEmptyParts))
        ids.emplace_back(part.toULongLong());
    return ids;
}

} // namespace

bool OutboxChanges::isEmpty() const
{
    return add.empty() && fail.empty() && forget.empty() && !failAll && !lastRef && !lastSeq && !name
        && !joined;
}

/// The connection and its statements. A statement must be gone before its connection.
class Outbox::Database
{
public:
    explicit Database(const QString &file)
        : path(file), m_name(u"outbox-%1"_s.arg(reinterpret_cast<quintptr>(this), 0, 16)),
          m_database(QSqlDatabase::addDatabase(u"QSQLITE"_s, m_name))
    {
        m_database.setDatabaseName(file.isEmpty() ? u":memory:"_s : path);
    }

    ~Database()
    {
        insert.reset();
        m_database.close();
        m_database = {};
        QSqlDatabase::removeDatabase(m_name);
    }
    Q_DISABLE_COPY_MOVE(Database)

    bool open() { return m_database.open() || note(m_database.lastError()); }

    bool begin() { return m_database.transaction() || note(m_database.lastError()); }

    bool commit()
    {
        if (m_database.commit())
            return true;
        note(m_database.lastError());
        return false;
    }

    void rollBack() { m_database.rollback(); }

    QSqlQuery query() const
    {
        QSqlQuery query(m_database);
        query.setForwardOnly(true);
        return query;
    }

    /// Runs one statement with its values.
    bool run(const QString &sql, const QVariantList &values = {})
    {
        QSqlQuery q = query();
        bool ok = q.prepare(sql);
        for (const QVariant &value : values)
            q.addBindValue(value);
        ok = ok && q.exec();
        return ok || note(q.lastError());
    }

    bool keep(const QString &what, const QVariant &value)
    {
        return run(u"INSERT OR REPLACE INTO kept (what, value) VALUES (?, ?)"_s, {what, value});
    }

    QVariant kept(const QString &what)
    {
        QSqlQuery q = query();
        q.prepare(u"SELECT value FROM kept WHERE what = ?"_s);
        q.addBindValue(what);
        return q.exec() && q.next() ? q.value(0) : QVariant();
    }

    bool note(const QSqlError &error)
    {
        m_cause = error.databaseText().isEmpty() ? error.text() : error.databaseText();
        return false;
    }

    Error error(Error::Code code, const QString &what) const
    {
        return {code, u"%1 %2: %3."_s.arg(what, QDir::toNativeSeparators(path), m_cause)};
    }

    const QString path;
    std::optional<QSqlQuery> insert;

private:
    QString m_name;
    QSqlDatabase m_database;
    QString m_cause;
};

Outbox::Outbox(std::unique_ptr<Database> database) : m_database(std::move(database)) { }

Outbox::~Outbox() = default;

Result<std::unique_ptr<Outbox>> Outbox::open(const QString &path)
{
    if (!path.isEmpty()) {
        // SQLite's further files take the rights of this one.
        QFile file(path);
        constexpr auto mine = QFile::ReadOwner | QFile::WriteOwner;
        if (!file.open(QIODevice::ReadWrite) || !file.setPermissions(mine)) {
            return Error{Error::Code::NotPermitted,
                         u"Cannot write %1: %2."_s.arg(QDir::toNativeSeparators(path), file.errorString())};
        }
    }
    auto database = std::make_unique<Database>(path);
    const auto failed = [&] {
        return database->error(Error::Code::NotPermitted, u"Cannot open the outbox"_s);
    };
    // Nobody else may have it, so no memory needs to be shared with other processes.
    if (!database->open() || !database->run(u"PRAGMA locking_mode = EXCLUSIVE"_s)
        || !database->run(u"PRAGMA journal_mode = WAL"_s) || !database->run(u"PRAGMA synchronous = FULL"_s))
        return failed();

    int version = -1;
    {
        QSqlQuery check = database->query();
        if (!check.exec(u"PRAGMA quick_check(1)"_s) || !check.next() || check.value(0).toString() != u"ok") {
            return Error{Error::Code::BadInput,
                         u"The outbox %1 is damaged. Move it away to go on without what waits in it."_s.arg(
                             QDir::toNativeSeparators(path))};
        }
        if (check.exec(u"PRAGMA user_version"_s) && check.next())
            version = check.value(0).toInt();
    }
    if (version > kSchemaVersion) {
        return Error{Error::Code::Unsupported,
                     u"The outbox %1 was written by a newer version of this program."_s.arg(
                         QDir::toNativeSeparators(path))};
    }
    if (version != kSchemaVersion) {
        const bool made = database->begin()
            && database->run(u"CREATE TABLE waiting (ref INTEGER PRIMARY KEY, recipients TEXT, kind INTEGER "
                             "NOT NULL, body BLOB, time INTEGER NOT NULL, why TEXT)"_s)
            && database->run(u"CREATE TABLE kept (what TEXT PRIMARY KEY, value) WITHOUT ROWID"_s)
            && database->run(u"PRAGMA user_version = %1"_s.arg(kSchemaVersion)) && database->commit();
        if (!made)
            return failed();
    }
    QSqlQuery insert = database->query();
    if (!insert.prepare(u"INSERT INTO waiting (ref, recipients, kind, body, time, why) "
                        "VALUES (?, ?, ?, ?, ?, ?)"_s)) {
        database->note(insert.lastError());
        return failed();
    }
    database->insert = std::move(insert);

    std::unique_ptr<Outbox> outbox(new Outbox(std::move(database)));
    Kept &kept = outbox->m_kept;
    kept.isNew = version != kSchemaVersion;
    kept.joined = outbox->m_database->kept(kJoined).toBool();
    kept.lastRef = outbox->m_database->kept(kLastRef).toULongLong();
    kept.lastSeq = outbox->m_database->kept(kLastSeq).toULongLong();
    kept.name = outbox->m_database->kept(kName).toString();
    return outbox;
}

std::optional<Error> Outbox::write(const OutboxChanges &changes)
{
    if (changes.isEmpty())
        return std::nullopt;
    Database &db = *m_database;
    Kept kept = m_kept;
    bool ok = db.begin();
    if (ok && changes.failAll)
        ok = db.run(u"UPDATE waiting SET why = ? WHERE why IS NULL"_s, {*changes.failAll});
    for (const OutboxMessage &message : changes.add) {
        if (!ok)
            break;
        QSqlQuery &insert = *db.insert;
        insert.bindValue(0, qlonglong(message.ref));
        insert.bindValue(1, toColumn(message.to));
        insert.bindValue(2, int(message.kind));
        insert.bindValue(3, message.body);
        insert.bindValue(4, message.time);
        insert.bindValue(5, message.why.isEmpty() ? QVariant() : message.why);
        ok = insert.exec() || db.note(insert.lastError());
        insert.finish();
        kept.lastRef = std::max(kept.lastRef, message.ref);
    }
    for (const auto &[ref, why] : changes.fail)
        ok = ok && db.run(u"UPDATE waiting SET why = ? WHERE ref = ?"_s, {why, qlonglong(ref)});
    if (ok && !changes.forget.empty()) {
        QSqlQuery forget = db.query();
        ok = forget.prepare(u"DELETE FROM waiting WHERE ref = ?"_s);
        for (const quint64 ref : changes.forget) {
            forget.bindValue(0, qlonglong(ref));
            ok = ok && forget.exec();
        }
        if (!ok)
            db.note(forget.lastError());
    }
    if (changes.lastRef)
        kept.lastRef = std::max(kept.lastRef, *changes.lastRef);
    if (kept.lastRef != m_kept.lastRef)
        ok = ok && db.keep(kLastRef, qlonglong(kept.lastRef));
    if (changes.lastSeq) {
        kept.lastSeq = *changes.lastSeq;
        ok = ok && db.keep(kLastSeq, qlonglong(kept.lastSeq));
    }
    if (changes.name) {
        kept.name = *changes.name;
        ok = ok && db.keep(kName, kept.name);
    }
    if (changes.joined) {
        kept.joined = *changes.joined;
        ok = ok && db.keep(kJoined, kept.joined);
    }
    if (ok && db.commit()) {
        m_kept = kept;
        return std::nullopt;
    }
    db.rollBack();
    return db.error(Error::Code::NotPermitted, u"Cannot write the outbox"_s);
}

Result<OutboxPage> Outbox::read(quint64 afterRef, size_t limit, quint64 limitBytes)
{
    QSqlQuery query = m_database->query();
    bool ok = query.prepare(
        u"SELECT ref, recipients, kind, body, time, why FROM waiting WHERE ref > ? ORDER BY ref"_s);
    query.addBindValue(qlonglong(afterRef));
    ok = ok && query.exec();
    OutboxPage page;
    quint64 bytes = 0;
    while (ok && query.next()) {
        QByteArray body = query.value(3).toByteArray();
        const quint64 size = quint64(body.size());
        if (page.messages.size() >= limit || (!page.messages.empty() && bytes + size > limitBytes)) {
            page.more = true;
            break;
        }
        bytes += size;
        page.messages.push_back({.ref = query.value(0).toULongLong(),
                                 .to = addresseesFrom(query.value(1)),
                                 .kind = query.value(2).toInt() == int(chat::BodyKind::Text)
                                     ? chat::BodyKind::Text
                                     : chat::BodyKind::Bytes,
                                 .body = std::move(body),
                                 .time = query.value(4).toLongLong(),
                                 .why = query.value(5).toString()});
    }
    if (query.lastError().isValid()) {
        m_database->note(query.lastError());
        return m_database->error(Error::Code::NotPermitted, u"Cannot read the outbox"_s);
    }
    return page;
}

} // namespace wireroom

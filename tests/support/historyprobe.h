// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historylocation.h"
#include "server-gui/core/historystore.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace wireroom {

/// Where one test keeps its history, empty at first: a SQLite file in a folder of its own, or the database
/// that WIREROOM_POSTGRESQL names. Also a way to do there what a store does not do.
class HistoryPlace
{
public:
    /// The global rows of a test: SQLite, and PostgreSQL where the environment names a server. Without Qt's
    /// driver for that the program ends here, with the code that means "skipped".
    static void addRows()
    {
        QTest::addColumn<QString>("postgresql");
        QTest::newRow("SQLite") << QString();
        const QString url = qEnvironmentVariable("WIREROOM_POSTGRESQL");
        if (url.isEmpty())
            return;
        if (!QSqlDatabase::isDriverAvailable(QStringLiteral("QPSQL")))
            std::exit(77);
        QTest::newRow("PostgreSQL") << url;
    }

    /// As the global row says.
    HistoryPlace()
    {
        QFETCH_GLOBAL(const QString, postgresql);
        m_postgresql = postgresql;
        if (!isSqlite())
            run({QStringLiteral("DROP SCHEMA IF EXISTS wireroom CASCADE")});
    }

    bool isSqlite() const { return m_postgresql.isEmpty(); }

    /// Of the SQLite file.
    QString path() const { return m_dir.filePath(QStringLiteral("history.db")); }

    QString url() const { return isSqlite() ? path() : m_postgresql; }

    HistoryConfig config() const { return {.url = url()}; }

    /// Executes statements on a connection of their own.
    bool run(const QStringList &statements) const { return ask(statements).has_value(); }

    /// For each kind of database its own.
    bool run(const QString &sqlite, const QString &postgresql) const
    {
        return run(QStringList{isSqlite() ? sqlite : postgresql});
    }

    /// The first value of the first row; -1 where there is none.
    qint64 number(const QString &select) const { return ask({select}).value_or(-1); }

    /// Everything that follows from the messages is done: indexes and full text.
    bool isSettled() const
    {
        return number(QStringLiteral(
                   "SELECT count(*) FROM meta WHERE name IN ('indexed', 'text_indexed') AND value < (SELECT "
                   "max(seq) FROM messages)"))
            == 0;
    }

    /// From now on messages are stored but not indexed, or not by their text.
    bool holdIndex() const
    {
        return run(QStringLiteral("CREATE TRIGGER hold BEFORE INSERT ON conversations BEGIN SELECT "
                                  "RAISE(ABORT, 'held'); END"),
                   QStringLiteral("ALTER TABLE conversations ADD CONSTRAINT hold CHECK (false) NOT VALID"));
    }

    bool holdTextIndex() const
    {
        return run(QStringLiteral("CREATE TRIGGER hold BEFORE UPDATE ON meta WHEN NEW.name = 'text_indexed' "
                                  "BEGIN SELECT RAISE(ABORT, 'held'); END"),
                   QStringLiteral("ALTER TABLE search_text ADD CONSTRAINT hold CHECK (false) NOT VALID"));
    }

private:
    std::optional<qint64> ask(const QStringList &statements) const
    {
        const QString name = QStringLiteral("beside");
        std::optional<qint64> answer;
        {
            QSqlDatabase connection = open(name);
            bool works = connection.isOpen();
            for (const QString &statement : statements) {
                QSqlQuery query(connection);
                works = works && query.exec(statement);
                if (!works)
                    qWarning("%s: %s", qPrintable(statement), qPrintable(query.lastError().text()));
                answer
                    = works ? std::optional(query.next() ? query.value(0).toLongLong() : -1) : std::nullopt;
            }
        }
        QSqlDatabase::removeDatabase(name);
        return answer;
    }

    QSqlDatabase open(const QString &name) const
    {
        const HistoryLocation location = HistoryLocation::fromUrl(url()).value();
        QSqlDatabase connection = QSqlDatabase::addDatabase(
            isSqlite() ? QStringLiteral("QSQLITE") : QStringLiteral("QPSQL"), name);
        connection.setDatabaseName(isSqlite() ? location.path : location.database);
        if (!isSqlite()) {
            connection.setHostName(location.host);
            connection.setPort(location.port);
            connection.setUserName(location.user);
            connection.setPassword(location.password);
        }
        if (connection.open() && !isSqlite()) {
            QSqlQuery(connection).exec(QStringLiteral("SET client_min_messages TO warning"));
            QSqlQuery(connection).exec(QStringLiteral("SET search_path TO wireroom, public"));
        }
        return connection;
    }

    QString m_postgresql;
    QTemporaryDir m_dir;
};

/// A HistoryStore that keeps what it answers, for tests. Everything waits for conditions, nothing for time.
class HistoryProbe
{
public:
    static constexpr int kPatienceMs = 20'000;

    /// Looks again whenever something was answered, and so goes on as soon as can be.
    static bool wait(const std::function<bool()> &condition)
    {
        const QDeadlineTimer end(kPatienceMs);
        QTimer again;
        again.start(50);
        while (!condition()) {
            if (end.hasExpired())
                return false;
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        }
        return true;
    }

    explicit HistoryProbe(const HistoryConfig &config)
        : m_store(std::make_unique<HistoryStore>(
            config, [this](HistoryReply &&reply) { m_replies.push_back(std::move(reply)); }))
    {
    }

    explicit HistoryProbe(const HistoryPlace &place) : HistoryProbe(place.config()) { }

    HistoryStore *operator->() const { return m_store.get(); }

    /// Ends it in an orderly way.
    void close() { m_store.reset(); }

    template <typename T> std::vector<T> all() const
    {
        std::vector<T> found;
        for (const HistoryReply &reply : m_replies) {
            if (const T *r = std::get_if<T>(&reply))
                found.push_back(*r);
        }
        return found;
    }

    template <typename T> bool waitFor(size_t count = 1) const
    {
        return wait([&] { return all<T>().size() >= count; });
    }

    /// What it said when it was open; nothing when it could not be opened.
    std::optional<HistoryOpened> opened() const
    {
        if (!wait([&] { return !m_replies.empty(); }))
            return {};
        const auto *answer = std::get_if<HistoryOpened>(&m_replies.front());
        return answer ? std::optional(*answer) : std::nullopt;
    }

    /// Why it could not be opened.
    std::optional<Error> refusal() const
    {
        if (!wait([&] { return !m_replies.empty(); }))
            return {};
        const auto *answer = std::get_if<HistoryNotOpened>(&m_replies.front());
        return answer ? std::optional(answer->error) : std::nullopt;
    }

    void append(const std::vector<HistoryMessage> &messages) const
    {
        for (const HistoryMessage &message : messages)
            m_store->append(message);
    }

    quint64 upToSeq() const
    {
        quint64 seq = 0;
        for (const HistoryCommitted &committed : all<HistoryCommitted>())
            seq = std::max(seq, committed.upToSeq);
        return seq;
    }

    bool waitUpTo(quint64 seq) const
    {
        return wait([&] { return upToSeq() >= seq; });
    }

    std::vector<HistoryCommitted::Repeated> repeated() const
    {
        std::vector<HistoryCommitted::Repeated> list;
        for (const HistoryCommitted &committed : all<HistoryCommitted>())
            list.insert(list.end(), committed.repeated.begin(), committed.repeated.end());
        return list;
    }

    std::vector<ClientId> savedAccounts() const
    {
        std::vector<ClientId> list;
        for (const HistoryCommitted &committed : all<HistoryCommitted>())
            list.insert(list.end(), committed.accounts.begin(), committed.accounts.end());
        return list;
    }

    /// Reads a page and waits for it. It is not among the answers of all().
    Result<HistoryMessages> read(HistoryRequest request = {})
    {
        request.request = ++m_lastRequest;
        m_store->read(request);
        const auto isAnswer = [&request](const HistoryReply &reply) {
            const auto *read = std::get_if<HistoryPageRead>(&reply);
            return read && read->request == request.request;
        };
        auto answer = m_replies.end();
        const auto isThere = [&] {
            answer = std::find_if(m_replies.begin(), m_replies.end(), isAnswer);
            return answer != m_replies.end();
        };
        if (!wait(isThere))
            return Error{Error::Code::Internal, QStringLiteral("no answer")};
        const HistoryReply taken = *answer;
        m_replies.erase(answer);
        return std::get<HistoryPageRead>(taken).page;
    }

    /// The seqs of a page; nothing where it cannot be read.
    QList<quint64> seqs(const HistoryRequest &request = {})
    {
        QList<quint64> list;
        const auto page = read(request);
        if (!page) {
            qWarning("%s", qPrintable(page.error().text));
            return list;
        }
        for (const HistoryMessage &message : page.value().messages)
            list.append(message.seq);
        return list;
    }

private:
    std::vector<HistoryReply> m_replies;
    quint64 m_lastRequest = 0;
    std::unique_ptr<HistoryStore> m_store;
};

inline HistoryMessage historyMessage(quint64 seq, quint64 from = 1, const chat::Addressees &to = {},
                                     const QByteArray &body = "text", quint64 ref = 0)
{
    return {.seq = seq,
            .time = 1'700'000'000'000 + qint64(seq % 1'000'000),
            .from = ClientId(from),
            .ref = ref,
            .to = to,
            .body = body};
}

/// Messages to everyone with the seqs first to last.
inline std::vector<HistoryMessage> historyMessages(quint64 first, quint64 last)
{
    std::vector<HistoryMessage> list;
    for (quint64 seq = first; seq <= last; ++seq)
        list.push_back(historyMessage(seq, 1 + seq % 3, {}, "message " + QByteArray::number(seq)));
    return list;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/protocol/message.h"

#include <QString>

#include <memory>
#include <optional>
#include <vector>

class QSqlDatabase;
class QSqlQuery;

namespace wireroom {

/// One own message as it waits on disk.
struct OutboxMessage
{
    quint64 ref = 0;
    chat::Addressees to;
    chat::BodyKind kind = chat::BodyKind::Text;
    QByteArray body;
    qint64 time = 0;  ///< ms since 1970, UTC: written
    QString why = {}; ///< not empty: will not be sent, and why; kept until its writer was told
    friend bool operator==(const OutboxMessage &, const OutboxMessage &) = default;
};

/// What one transaction changes.
struct OutboxChanges
{
    std::vector<OutboxMessage> add;
    std::vector<std::pair<quint64, QString>> fail; ///< ref, why
    std::vector<quint64> forget;                   ///< refs
    std::optional<QString> failAll;                ///< why; those that were there before
    std::optional<quint64> lastRef;                ///< raises it
    std::optional<quint64> lastSeq;
    std::optional<QString> name;
    std::optional<bool> joined;
    bool isEmpty() const;
};

struct OutboxPage
{
    std::vector<OutboxMessage> messages; ///< ascending ref
    bool more = false;
};

/// What a client keeps on disk besides its token: the messages that wait, the last ref given, how far was
/// read, and the name it took last. A SQLite file (WAL, synchronous=FULL), or in memory.
///
/// A plain object of one thread: created, used and destroyed there. Every call blocks on the disk.
class Outbox
{
public:
    struct Kept
    {
        bool isNew = true;   ///< the file was not there before
        bool joined = false; ///< the server has let us in under it
        quint64 lastRef = 0;
        quint64 lastSeq = 0;
        QString name;
    };

    /// Opens or makes the file (0600). Empty path: memory only. The error names the file and the cause.
    static Result<std::unique_ptr<Outbox>> open(const QString &path);
    ~Outbox();
    Q_DISABLE_COPY_MOVE(Outbox)

    /// As of the last write() that succeeded.
    const Kept &kept() const { return m_kept; }

    /// All or nothing, and durable when it returns nothing.
    std::optional<Error> write(const OutboxChanges &changes);

    /// Those above `afterRef`: at most so many, and bodies of about so many bytes; one at least.
    Result<OutboxPage> read(quint64 afterRef, size_t limit, quint64 limitBytes);

private:
    class Database;

    explicit Outbox(std::unique_ptr<Database> database);

    std::unique_ptr<Database> m_database;
    Kept m_kept;
};

} // namespace wireroom

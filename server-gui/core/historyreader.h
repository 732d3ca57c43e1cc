// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/inbox.h"
#include "server-gui/core/historydatabase.h"
#include "server-gui/core/historystore.h"

#include <QHash>
#include <QTimer>

#include <deque>

namespace wireroom {

class HistoryScope;

/// Reads the history: pages, searches, counts; each from one snapshot of the database.
///
/// Owner: the store, in a thread of its own. Answers through `reply`, which must be thread-safe; what is
/// asked before the database is there waits. It ends its thread's event loop after Stop.
class HistoryReader
{
public:
    struct Opened
    {
        Result<bool> uncleanEnd; ///< as HistoryWriter tells it
    };

    struct CountWaiting
    {
        QHash<ClientId, quint64> ackedSeqs; ///< what the database may not know yet
    };

    struct Stop
    {
    };

    using Command = std::variant<Opened, HistoryRequest, CountWaiting, Stop>;
    using Reply = std::function<void(HistoryReply &&)>;

    HistoryReader(const QString &url, Reply reply);
    ~HistoryReader();
    Q_DISABLE_COPY_MOVE(HistoryReader)

    /// Any thread.
    void post(Command command) { m_inbox.post(std::move(command)); }

private:
    void take(std::vector<Command> &&commands);
    void handle(const Opened &opened);
    void handle(const HistoryRequest &request);
    void handle(const CountWaiting &count);
    void handle(Stop);

    std::optional<Error> connect();
    std::optional<Error> begin();
    Error failed();
    void check();

    Result<HistoryMessages> read(const HistoryRequest &request);
    bool find(const HistoryRequest &request, qint64 limit, std::vector<qint64> &seqs);
    bool load(const HistoryRequest &request, std::vector<qint64> seqs, HistoryMessages &page);
    bool keepWithinBytes(quint64 limitBytes, std::vector<qint64> &seqs);

    QString m_url;
    Reply m_reply;
    std::optional<Result<bool>> m_opened;
    std::deque<Command> m_waiting; ///< for the database
    std::unique_ptr<HistoryDatabase> m_database;
    QTimer m_check;
    Inbox<Command> m_inbox;
};

} // namespace wireroom

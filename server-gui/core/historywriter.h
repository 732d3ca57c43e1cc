// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/inbox.h"
#include "server-gui/core/historydatabase.h"
#include "server-gui/core/historygroup.h"
#include "server-gui/core/historymaintenance.h"
#include "server-gui/core/historystore.h"

#include <QElapsedTimer>
#include <QHash>
#include <QTimer>

#include <deque>

namespace wireroom {

/// Writes the history: groups of messages and accounts, each group in one transaction; whatever follows from
/// them (indexes, retention) when nothing else is to do.
///
/// Owner: the store, in a thread of its own. Answers through `reply` and `opened`, which must be
/// thread-safe. It ends its thread's event loop after Stop, having written what came before.
class HistoryWriter
{
public:
    struct Stop
    {
    };

    using Command = std::variant<HistoryMessage, Account, HistoryProgress, Stop>;
    using Reply = std::function<void(HistoryReply &&)>;

    /// Called once: the database is there (true: it was not closed the last time), or why it is not.
    using Opened = std::function<void(Result<bool>)>;

    HistoryWriter(const HistoryConfig &config, Opened opened, Reply reply);
    ~HistoryWriter();
    Q_DISABLE_COPY_MOVE(HistoryWriter)

    /// Any thread.
    void post(Command command) { m_inbox.post(std::move(command)); }

private:
    enum class State : quint8 {
        Opening,
        Working,
        Failing, ///< the first group, or what is due, is tried again every HistoryStore::kRetry
        Ended,   ///< it could not be opened, or was stopped
    };

    void take(std::vector<Command> &&commands);
    void accept(HistoryMessage &&message);
    void accept(Account &&account);
    void accept(const HistoryProgress &progress);

    void accept(Stop) { m_stopAsked = true; }

    void open();
    std::optional<Error> openDatabase(HistoryOpened &opened);
    bool readState(HistoryOpened &opened);
    bool readAccounts(HistoryOpened &opened);
    bool prepare();
    void closeDatabase();
    void stop();

    bool isProgressDue() const;
    std::vector<HistoryProgress> dueProgress() const;
    void forgetAccount(ClientId id);
    void turn();
    bool writeGroup();
    void isolate();
    void fail();
    void retry();
    void recover();

    void maintain();

    HistoryConfig m_config;
    Opened m_opened;
    Reply m_reply;
    State m_state = State::Opening;
    bool m_stopAsked = false;
    std::unique_ptr<HistoryDatabase> m_database;

    std::deque<HistoryWork> m_queue;
    QHash<ClientId, HistoryProgress> m_progress;
    QElapsedTimer m_sinceProgress;          ///< was written
    QHash<ClientId, int> m_accountsWaiting; ///< in m_queue; their progress has its time after them
    HistoryGroup::Attempt m_attempt = HistoryGroup::Attempt::First;
    size_t m_alone = 0; ///< so many are written one by one, since the database refuses one of them

    /// What is prepared on the connection.
    struct Prepared;
    std::unique_ptr<Prepared> m_prepared;
    qint64 m_newest = 0; ///< seq in the database
    QElapsedTimer m_sinceGroup;
    bool m_uncleanEnd = false;
    bool m_maintenanceFailed = false;

    QTimer m_turn;
    QTimer m_retry;
    QTimer m_progressDue;
    QTimer m_maintenance;
    Inbox<Command> m_inbox;
};

} // namespace wireroom

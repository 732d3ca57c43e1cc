// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historyinsert.h"
#include "server-gui/core/historystore.h"

#include <deque>

namespace wireroom {

/// How far a client has got.
struct HistoryProgress
{
    ClientId id;
    quint64 ackedSeq = 0;
    qint64 lastSeen = 0;
};

/// What is written together: a message or an account.
using HistoryWork = std::variant<HistoryMessage, Account>;

/// Writes a group of messages and accounts in one transaction.
///
/// Owner: the writer, as long as the connection is open. Thread: the writer's.
class HistoryGroup
{
public:
    explicit HistoryGroup(HistoryDatabase &database) : m_database(database), m_insert(database) { }

    bool prepare();

    enum class Attempt : quint8 {
        First,
        /// Some or all of it may be there already, from an attempt whose commit failed: looks.
        Again,
    };

    /// Writes from the front of `works` as many as fit into a group's time, at least one, and all of
    /// `progress`. After true it is durable, `written` tells how many, and `committed` what to answer
    /// (nothing in it: nothing). After false nothing is known but the database's error.
    bool write(const std::deque<HistoryWork> &works, size_t most,
               const std::vector<HistoryProgress> &progress, Attempt attempt, size_t &written,
               HistoryCommitted &committed);

private:
    bool add(const HistoryWork &work, Attempt attempt, HistoryCommitted &committed);
    bool addMessage(const HistoryMessage &message, Attempt attempt, HistoryCommitted &committed);
    bool addAccount(const Account &account, HistoryCommitted &committed);
    bool addProgress(const HistoryProgress &progress);

    struct Place
    {
        quint64 seq = 0; ///< 0: not there
        qint64 time = 0;
    };

    std::optional<Place> find(QSqlQuery &query);

    HistoryDatabase &m_database;
    HistoryInsert m_insert;
    std::optional<QSqlQuery> m_findRef;
    std::optional<QSqlQuery> m_findSeq;
    std::optional<QSqlQuery> m_account;
    std::optional<QSqlQuery> m_progress;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historywaiting.h"

#include "server-gui/core/historyrow.h"
#include "server-gui/core/historyscope.h"

#include <QVariant>

#include <algorithm>
#include <limits>
#include <unordered_map>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr auto kMost = static_cast<qint64>(HistoryStore::kMostCounted);

/// What waits for one account.
struct Waiting
{
    ClientId id;
    qint64 joinedSeq = 0;
    qint64 afterSeq = 0; ///< it has everything up to here
    qint64 direct = 0;   ///< of the messages that name it
};

/// Counts for all accounts together: what is addressed to everyone is read once, not once for each.
class WaitingCount
{
public:
    WaitingCount(HistoryDatabase &database, qint64 indexed) : m_database(database), m_indexed(indexed) { }

    bool loadAccounts(const QHash<ClientId, quint64> &ackedSeqs)
    {
        auto rows = m_database.select(u"SELECT id, joined_seq, acked_seq FROM clients ORDER BY id"_s);
        if (!rows)
            return false;
        while (rows->next()) {
            Waiting account;
            account.id = ClientId(rows->value(0).toULongLong());
            account.joinedSeq = rows->value(1).toLongLong();
            account.afterSeq
                = std::max(rows->value(2).toLongLong(), static_cast<qint64>(ackedSeqs.value(account.id)));
            m_lowestAfter = std::min(m_lowestAfter, account.afterSeq);
            m_accounts.push_back(account);
        }
        return true;
    }

    bool loadEveryone()
    {
        return addEveryone(
                   u"SELECT m.seq, m.sender FROM messages m WHERE m.recipients IS NULL AND m.seq > %1 "
                   "ORDER BY m.seq DESC LIMIT %2"_s.arg(std::max(m_indexed, m_lowestAfter))
                       .arg(kMost))
            && addEveryone(u"SELECT x.seq, m.sender FROM conversations x JOIN messages m ON m.seq = x.seq "
                           "WHERE x.conversation = '*' AND x.seq > %1 AND x.seq <= %2 "
                           "ORDER BY x.seq DESC LIMIT %3"_s.arg(m_lowestAfter)
                               .arg(m_indexed)
                               .arg(kMost - static_cast<qint64>(m_everyone.size())));
    }

    bool countDirect()
    {
        auto query = m_database.prepare(
            u"SELECT count(*) FROM (SELECT x.seq FROM mailbox x WHERE x.client = ? AND x.seq > ? "
            "AND x.received = 1 LIMIT %1) AS w"_s.arg(kMost));
        if (!query)
            return false;
        std::unordered_map<quint64, Waiting *> byId;
        for (Waiting &account : m_accounts) {
            query->bindValue(0, static_cast<qlonglong>(account.id.value()));
            query->bindValue(1, account.afterSeq);
            if (!m_database.run(*query) || !query->next())
                return false;
            account.direct = query->value(0).toLongLong();
            byId.emplace(account.id.value(), &account);
        }
        auto rows = m_database.select(
            u"SELECT m.seq, m.recipients FROM messages m WHERE m.recipients IS NOT NULL AND m.seq > %1"_s.arg(
                std::max(m_indexed, m_lowestAfter)));
        if (!rows)
            return false;
        while (rows->next()) {
            const qint64 seq = rows->value(0).toLongLong();
            const chat::Addressees to = recipientsFromColumn(rows->value(1).toString(), false);
            for (const ClientId id : *to) {
                const auto found = byId.find(id.value());
                if (found != byId.end() && seq > found->second->afterSeq)
                    ++found->second->direct;
            }
        }
        return true;
    }

    /// Nothing: an error of the database.
    std::optional<qint64> countFor(const Waiting &account)
    {
        const auto newerThan = [](const std::vector<qint64> &descending, qint64 seq) {
            return std::lower_bound(descending.begin(), descending.end(), seq, std::greater<>())
                - descending.begin();
        };
        const qint64 from = std::max(account.afterSeq, account.joinedSeq);
        const qint64 all = newerThan(m_everyone, from);
        const auto own = m_bySender.find(account.id.value());
        const qint64 mine = own == m_bySender.end() ? 0 : newerThan(own->second, from);
        if (all == kMost && mine > 0)
            return countOneByOne(account);
        return std::min(all - mine + account.direct, kMost);
    }

    const std::vector<Waiting> &accounts() const { return m_accounts; }

private:
    bool addEveryone(const QString &select)
    {
        auto rows = m_database.select(select);
        if (!rows)
            return false;
        while (rows->next()) {
            m_everyone.push_back(rows->value(0).toLongLong());
            m_bySender[rows->value(1).toULongLong()].push_back(m_everyone.back());
        }
        return true;
    }

    /// Where the newest messages to everyone are not enough, because some are its own.
    std::optional<qint64> countOneByOne(const Waiting &account)
    {
        HistoryRequest request;
        request.viewer = account.id;
        request.deliveriesOnly = true;
        request.joinedSeq = static_cast<quint64>(account.joinedSeq);
        request.after = static_cast<quint64>(account.afterSeq);
        const HistoryScope scope(m_database, request, m_indexed);
        return m_database.number(u"SELECT count(*) FROM (%1) AS w"_s.arg(scope.seqs(kMost)));
    }

    HistoryDatabase &m_database;
    qint64 m_indexed;
    std::vector<Waiting> m_accounts;
    qint64 m_lowestAfter = std::numeric_limits<qint64>::max();
    std::vector<qint64> m_everyone;                              ///< the newest kMost to everyone, descending
    std::unordered_map<quint64, std::vector<qint64>> m_bySender; ///< of those, descending
};

} // namespace

bool countWaiting(HistoryDatabase &database, const QHash<ClientId, quint64> &ackedSeqs,
                  HistoryWaiting &waiting)
{
    const auto indexed = database.meta("indexed"_L1);
    if (!indexed)
        return false;
    WaitingCount count(database, *indexed);
    if (!count.loadAccounts(ackedSeqs) || !count.loadEveryone() || !count.countDirect())
        return false;
    for (const Waiting &account : count.accounts()) {
        const auto messages = count.countFor(account);
        if (!messages)
            return false;
        waiting.counts.push_back({account.id, static_cast<quint64>(*messages)});
    }
    return true;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historygroup.h"

#include <QElapsedTimer>
#include <QVariant>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Bodies in one group, besides the last.
constexpr qsizetype kGroupBytes = 8 * 1024 * 1024;

QVariant number(quint64 value)
{
    return static_cast<qint64>(value);
}

} // namespace

bool HistoryGroup::prepare()
{
    m_findRef = m_database.prepare(u"SELECT seq, time FROM messages WHERE sender = ? AND ref = ?"_s);
    m_findSeq = m_database.prepare(u"SELECT seq, time FROM messages WHERE seq = ?"_s);
    m_account = m_database.prepare(
        u"INSERT INTO clients (id, name, token_hash, created, last_seen, joined_seq, acked_seq, "
        "password_epoch) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = "
        "excluded.name, "
        "token_hash = excluded.token_hash, created = excluded.created, last_seen = excluded.last_seen, "
        "joined_seq = excluded.joined_seq, acked_seq = excluded.acked_seq, "
        "password_epoch = excluded.password_epoch"_s);
    m_progress = m_database.prepare(u"UPDATE clients SET acked_seq = ?, last_seen = ? WHERE id = ?"_s);
    return m_findRef && m_findSeq && m_account && m_progress && m_insert.prepare();
}

bool HistoryGroup::write(const std::deque<HistoryWork> &works, size_t most,
                         const std::vector<HistoryProgress> &progress, Attempt attempt, size_t &written,
                         HistoryCommitted &committed)
{
    QElapsedTimer took;
    took.start();
    written = 0;
    committed = {};
    m_insert.clear();
    if (!m_database.begin())
        return false;
    qsizetype bytes = 0;
    while (written < std::min(most, works.size())) {
        const HistoryWork &work = works[written];
        if (!add(work, attempt, committed))
            return false;
        if (const auto *message = std::get_if<HistoryMessage>(&work))
            bytes += message->body.size();
        ++written;
        if (bytes > kGroupBytes || (written % 32 == 0 && took.hasExpired(HistoryStore::kGroupTime.count())))
            break;
    }
    for (const HistoryProgress &one : progress) {
        if (!addProgress(one))
            return false;
    }
    return m_insert.flush() && m_database.commit();
}

bool HistoryGroup::add(const HistoryWork &work, Attempt attempt, HistoryCommitted &committed)
{
    if (const auto *account = std::get_if<Account>(&work))
        return addAccount(*account, committed);
    const auto &message = std::get<HistoryMessage>(work);
    committed.upToSeq = message.seq;
    return addMessage(message, attempt, committed);
}

bool HistoryGroup::addMessage(const HistoryMessage &message, Attempt attempt, HistoryCommitted &committed)
{
    const bool again = attempt == Attempt::Again;
    if (again || (message.mayBeRepeated && message.ref > 0)) {
        // What is looked for may be of this very group.
        if (!m_insert.flush())
            return false;
    }
    if (again) {
        m_findSeq->bindValue(0, number(message.seq));
        const auto place = find(*m_findSeq);
        if (!place)
            return false;
        if (place->seq > 0)
            return true;
    }
    if (message.ref > 0 && (again || message.mayBeRepeated)) {
        m_findRef->bindValue(0, number(message.from.value()));
        m_findRef->bindValue(1, number(message.ref));
        const auto place = find(*m_findRef);
        if (!place)
            return false;
        if (place->seq > 0) {
            committed.repeated.push_back({message.seq, place->seq, place->time});
            return true;
        }
    }
    return m_insert.add(message);
}

std::optional<HistoryGroup::Place> HistoryGroup::find(QSqlQuery &query)
{
    if (!m_database.run(query))
        return {};
    Place place;
    if (query.next())
        place = {query.value(0).toULongLong(), query.value(1).toLongLong()};
    query.finish();
    return place;
}

bool HistoryGroup::addAccount(const Account &account, HistoryCommitted &committed)
{
    int column = 0;
    m_account->bindValue(column++, number(account.id.value()));
    m_account->bindValue(column++, account.name.isNull() ? u""_s : account.name);
    m_account->bindValue(column++, account.tokenHash.isNull() ? QByteArray("") : account.tokenHash);
    m_account->bindValue(column++, account.created);
    m_account->bindValue(column++, account.lastSeen);
    m_account->bindValue(column++, number(account.joinedSeq));
    m_account->bindValue(column++, number(account.ackedSeq));
    m_account->bindValue(column++, number(account.passwordEpoch));
    if (!m_database.run(*m_account))
        return false;
    committed.accounts.push_back(account.id);
    return true;
}

bool HistoryGroup::addProgress(const HistoryProgress &progress)
{
    m_progress->bindValue(0, number(progress.ackedSeq));
    m_progress->bindValue(1, progress.lastSeen);
    m_progress->bindValue(2, number(progress.id.value()));
    return m_database.run(*m_progress);
}

} // namespace wireroom

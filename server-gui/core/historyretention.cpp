// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historyretention.h"

#include "server-gui/core/historyrow.h"

#include <QDateTime>
#include <QVariant>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// In one transaction, so that it takes a few milliseconds.
constexpr int kMostDeleted = 256;
constexpr qint64 kMostDeletedBytes = 1024 * 1024;

} // namespace

std::optional<int> HistoryRetention::deleteSome()
{
    const auto doomed = choose();
    if (!doomed)
        return {};
    if (doomed->messages == 0)
        return 0;
    if (!m_database.begin() || !remove(*doomed) || !m_database.commit())
        return {};
    m_marks.bytes -= doomed->bytes;
    return doomed->messages;
}

std::optional<HistoryRetention::Doomed> HistoryRetention::choose()
{
    const qint64 oldest = m_config.maxAge.count() > 0
        ? QDateTime::currentMSecsSinceEpoch() - std::chrono::milliseconds(m_config.maxAge).count()
        : 0;
    const qint64 tooMany = m_config.maxBytes > 0 ? m_marks.bytes - static_cast<qint64>(m_config.maxBytes) : 0;
    // What is not indexed yet has its time later.
    auto rows = m_database.select(
        u"SELECT seq, time, length(body) FROM messages WHERE seq <= %1 ORDER BY seq LIMIT %2"_s
            .arg(std::min(m_marks.indexed, m_marks.textIndexed))
            .arg(kMostDeleted));
    if (!rows)
        return {};
    Doomed doomed;
    while (rows->next() && doomed.bytes < kMostDeletedBytes
           && (rows->value(1).toLongLong() < oldest || doomed.bytes < tooMany)) {
        doomed.upTo = rows->value(0).toLongLong();
        doomed.bytes += rows->value(2).toLongLong();
        ++doomed.messages;
    }
    return doomed;
}

bool HistoryRetention::remove(const Doomed &doomed)
{
    const QString where = u"m.seq <= %1"_s.arg(doomed.upTo);
    // An account's last ref and the numbers given so far outlive the messages that tell them.
    return m_database.run(
               u"UPDATE clients SET last_ref = d.ref FROM (SELECT m.sender, max(m.ref) AS ref FROM messages "
               u"m "
               "WHERE %1 GROUP BY m.sender) AS d WHERE d.sender = clients.id AND d.ref > last_ref"_s.arg(
                   where))
        && m_database.run(
            u"UPDATE meta SET value = (SELECT max(seq) FROM messages) WHERE name = 'high_water'"_s)
        && removeTexts(doomed.upTo)
        && m_database.run(
            u"DELETE FROM conversations WHERE (conversation, seq) IN (SELECT m.conversation, m.seq "
            "FROM messages m WHERE %1)"_s.arg(where))
        // Two statements: for one with both SQLite reads the whole table.
        && m_database.run(u"DELETE FROM mailbox WHERE (client, seq) IN (SELECT r.value, m.seq FROM messages "
                          u"m CROSS JOIN %1 "
                          "WHERE %2 AND m.recipients IS NOT NULL)"_s.arg(
                              m_database.isSqlite() ? m_database.splitIds("m.recipients"_L1)
                                                    : "LATERAL "_L1 % m_database.splitIds("m.recipients"_L1),
                              where))
        && m_database.run(u"DELETE FROM mailbox WHERE (client, seq) IN (SELECT m.sender, m.seq FROM messages "
                          "m WHERE %1 AND m.recipients IS NOT NULL)"_s.arg(where))
        && m_database.run(u"DELETE FROM messages AS m WHERE "_s % where)
        && m_database.setMeta("bytes"_L1, m_marks.bytes - doomed.bytes);
}

bool HistoryRetention::removeTexts(qint64 upTo)
{
    if (!m_database.isSqlite())
        return m_database.run(u"DELETE FROM search_text WHERE seq <= %1"_s.arg(upTo));
    // The index does not hold the text; it forgets it by being told it once more.
    auto forget
        = m_database.prepare(u"INSERT INTO search_text (search_text, rowid, text) VALUES ('delete', ?, ?)"_s);
    auto texts
        = m_database.select(u"SELECT seq, body FROM messages WHERE seq <= %1 AND kind = 0"_s.arg(upTo));
    if (!forget || !texts)
        return false;
    while (texts->next()) {
        forget->bindValue(0, texts->value(0));
        forget->bindValue(1, foldedText(texts->value(1).toByteArray()));
        if (!m_database.run(*forget))
            return false;
    }
    return true;
}

} // namespace wireroom

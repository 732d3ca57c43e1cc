// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historysearch.h"

#include "server-gui/core/historyrow.h"

#include <QVariant>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Messages that are fetched to be looked at together.
constexpr size_t kChunk = 500;

/// What the index is asked for; the rest of a long text is looked at in the messages themselves.
constexpr qsizetype kMostTrigrams = 24;

} // namespace

HistorySearch::HistorySearch(HistoryDatabase &database, const HistoryScope &scope, const QString &text,
                             qint64 textIndexed)
    : m_database(database), m_scope(scope), m_text(foldedText(text)), m_textIndexed(textIndexed)
{
}

bool HistorySearch::find(qint64 limit, std::vector<qint64> &seqs)
{
    m_limit = limit;
    m_seqs.clear();
    std::optional<qint64> few;
    const QString count = m_scope.count(kMostScanned + 1);
    if (!count.isEmpty()) {
        few = m_database.number(count);
        if (!few)
            return false;
    }
    bool works = true;
    if (few && *few <= kMostScanned)
        works = lookAtAll();
    else if (trigrams(m_text, 1).empty())
        works = lookAtFirst();
    else if (m_scope.isDescending())
        works = lookAtUnindexed() && (isFull() || askIndex());
    else
        works = askIndex() && (isFull() || lookAtUnindexed());
    seqs = std::move(m_seqs);
    return works;
}

bool HistorySearch::lookAtAll()
{
    auto rows = m_database.select(m_scope.allSeqs());
    if (!rows)
        return false;
    QStringList all;
    while (rows->next())
        all.append(rows->value(0).toString());
    for (qsizetype begin = 0; begin < all.size() && !isFull(); begin += kChunk) {
        auto bodies = m_database.select(
            u"SELECT m.seq, m.body FROM messages m WHERE m.kind = 0 AND m.seq IN (%1) ORDER BY m.seq %2"_s
                .arg(all.mid(begin, kChunk).join(u','), m_scope.order()));
        if (!bodies || !check(*bodies))
            return false;
    }
    return true;
}

bool HistorySearch::lookAtFirst()
{
    auto rows = m_database.select(u"SELECT m.seq, m.body FROM (SELECT * FROM messages f WHERE 1 = 1%1 "
                                  u"ORDER BY f.seq %2 LIMIT %3) AS m "
                                  "WHERE m.kind = 0 AND %4 ORDER BY m.seq %2"_s.arg(
                                      m_scope.bounds("f.seq"_L1), m_scope.order(),
                                      QString::number(2 * kMostScanned), m_scope.predicate()));
    return rows && check(*rows);
}

bool HistorySearch::lookAtUnindexed()
{
    auto rows = m_database.select(
        u"SELECT m.seq, m.body FROM messages m WHERE m.kind = 0 AND %1%2 ORDER BY m.seq %3"_s.arg(
            m_scope.predicate(), m_scope.bounds("m.seq"_L1, static_cast<quint64>(m_textIndexed)),
            m_scope.order()));
    return rows && check(*rows);
}

bool HistorySearch::askIndex()
{
    auto rows = candidates();
    return rows && check(*rows);
}

std::optional<QSqlQuery> HistorySearch::candidates()
{
    if (m_database.isSqlite()) {
        QString match;
        const QStringList groups = trigrams(m_text, kMostTrigrams);
        for (QString group : groups)
            match += (match.isEmpty() ? u"\""_s : u" AND \""_s) % group.replace(u'"', u"\"\""_s) % u'"';
        auto query
            = m_database.prepare(u"SELECT m.seq, m.body FROM search_text t CROSS JOIN messages m ON m.seq = "
                                 u"t.rowid WHERE t.search_text MATCH ?%1 "
                                 "AND %2 ORDER BY t.rowid %3"_s.arg(m_scope.bounds("t.rowid"_L1),
                                                                    m_scope.predicate(), m_scope.order()));
        if (!query)
            return {};
        query->bindValue(0, match);
        return m_database.run(*query) ? std::move(query) : std::nullopt;
    }
    QString like = m_text;
    like.replace(u'\\', u"\\\\"_s).replace(u'%', u"\\%"_s).replace(u'_', u"\\_"_s);
    auto query = m_database.prepare(u"SELECT m.seq, m.body FROM search_text t JOIN messages m ON m.seq = "
                                    u"t.seq WHERE t.text LIKE ?%1 AND %2 "
                                    "ORDER BY t.seq %3 LIMIT %4"_s.arg(m_scope.bounds("t.seq"_L1),
                                                                       m_scope.predicate(), m_scope.order(),
                                                                       QString::number(m_limit)));
    if (!query)
        return {};
    query->bindValue(0, QString(u'%' % like % u'%'));
    return m_database.run(*query) ? std::move(query) : std::nullopt;
}

bool HistorySearch::check(QSqlQuery &rows)
{
    while (!isFull() && rows.next()) {
        if (foldedText(rows.value(1).toByteArray()).contains(m_text))
            m_seqs.push_back(rows.value(0).toLongLong());
    }
    return true;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historyscope.h"

#include "server-gui/core/historyrow.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Each ID is a source of its own; with more of them than this it is faster to look at every message.
constexpr size_t kMostSources = 16;

QList<qint64> numbers(const std::vector<ClientId> &ids)
{
    QList<qint64> list;
    for (const ClientId id : ids)
        list.append(static_cast<qint64>(id.value()));
    return list;
}

QString joined(const QList<qint64> &ids)
{
    QStringList texts;
    for (const qint64 id : ids)
        texts.append(QString::number(id));
    return texts.join(u',');
}

/// SQLite and PostgreSQL know no larger number.
QString bounded(quint64 seq)
{
    return QString::number(std::min(seq, quint64(std::numeric_limits<qint64>::max())));
}

} // namespace

HistoryScope::HistoryScope(const HistoryDatabase &database, const HistoryRequest &request, qint64 indexed)
    : m_descending(request.before || !request.after), m_before(request.before), m_after(request.after),
      m_indexed(indexed)
{
    QStringList conditions;
    const ClientId asker = request.viewer.value_or(kOperator);
    const auto viewer = static_cast<qint64>(asker.value());
    const QString mine = database.containsAny("m.recipients"_L1, {viewer});
    if (request.viewer && request.deliveriesOnly) {
        conditions.append(u"((m.recipients IS NULL AND m.sender <> %1 AND m.seq > %2) OR %3)"_s.arg(
            QString::number(viewer), bounded(request.joinedSeq), mine));
    } else if (request.viewer && !request.with) {
        conditions.append(
            u"(m.recipients IS NULL OR m.sender = %1 OR %2)"_s.arg(QString::number(viewer), mine));
    }
    if (request.concerning) {
        const QList<qint64> ids = numbers(*request.concerning);
        conditions.append(ids.empty() ? u"m.recipients IS NULL"_s
                                      : u"(m.recipients IS NULL OR m.sender IN (%1) OR %2)"_s.arg(
                                          joined(ids), database.containsAny("m.recipients"_L1, ids)));
    }

    if (request.with) {
        const QString conversation = request.with->empty() ? u"*"_s : conversationColumn(asker, request.with);
        const QString is = u"conversation = '%1'"_s.arg(conversation);
        const bool all = conditions.empty();
        m_indexes.push_back(
            {all ? u"SELECT x.seq FROM conversations x WHERE x."_s % is
                 : QString(u"SELECT x.seq FROM conversations x JOIN messages m ON m.seq = x.seq WHERE x." % is
                           % u" AND " % conditions.join(" AND "_L1)),
             0, !all});
        conditions.append(u"m."_s % is);
    } else if (request.viewer) {
        addEveryone(request);
        addMailbox(viewer, request.deliveriesOnly);
    } else if (request.concerning && request.concerning->size() <= kMostSources) {
        addEveryone(request);
        for (const ClientId id : *request.concerning)
            addMailbox(static_cast<qint64>(id.value()), false);
    }
    m_predicate = conditions.empty() ? u"1 = 1"_s : conditions.join(" AND "_L1);
}

void HistoryScope::addEveryone(const HistoryRequest &request)
{
    const QString everyone = u"SELECT x.seq FROM conversations x%1 WHERE x.conversation = '*'"_s;
    if (!request.viewer || !request.deliveriesOnly) {
        m_indexes.push_back({everyone.arg(QString())});
        return;
    }
    m_indexes.push_back({everyone.arg(" JOIN messages m ON m.seq = x.seq"_L1) % u" AND m.sender <> "
                             % request.viewer->toString(),
                         request.joinedSeq, true});
}

void HistoryScope::addMailbox(qint64 client, bool onlyReceived)
{
    m_indexes.push_back({u"SELECT x.seq FROM mailbox x WHERE x.client = %1%2"_s.arg(
        QString::number(client), onlyReceived ? u" AND x.received = 1"_s : QString())});
}

QString HistoryScope::bounds(QLatin1StringView column, quint64 lowest) const
{
    QString sql;
    if (m_before)
        sql += u" AND "_s % column % u" < " % bounded(*m_before);
    // One bound, because SQLite goes to where the first of several says and looks at all from there.
    if (m_after || lowest > 0)
        sql += u" AND "_s % column % u" > " % bounded(std::max(m_after.value_or(0), lowest));
    return sql;
}

QString HistoryScope::bounds(const Index &index) const
{
    // PostgreSQL does not see that what bounds one side of the join bounds the other.
    return bounds("x.seq"_L1, index.lowest) % (index.isJoined ? bounds("m.seq"_L1, index.lowest) : QString());
}

QStringList HistoryScope::sources() const
{
    QStringList sources;
    for (const Index &index : m_indexes)
        sources.append(index.select % bounds(index));
    const auto indexed = m_indexes.empty() ? 0 : static_cast<quint64>(m_indexed);
    sources.append(u"SELECT m.seq FROM messages m WHERE "_s % m_predicate % bounds("m.seq"_L1, indexed));
    return sources;
}

QString HistoryScope::seqs(qint64 limit) const
{
    const QString end = u" %1 LIMIT %2"_s.arg(order(), QString::number(limit));
    QStringList parts;
    const QStringList all = sources();
    for (const QString &source : all) {
        parts.append(
            u"SELECT seq FROM (%1 ORDER BY 1%2) AS s%3"_s.arg(source, end, QString::number(parts.size())));
    }
    return parts.join(" UNION "_L1) % u" ORDER BY 1" % end;
}

QString HistoryScope::allSeqs() const
{
    return sources().join(" UNION "_L1) % u" ORDER BY 1 " % order();
}

QString HistoryScope::count(qint64 most) const
{
    QStringList parts;
    for (const Index &index : m_indexes) {
        parts.append(u"(SELECT count(*) FROM (%1%2 LIMIT %3) AS s%4)"_s.arg(
            index.select, bounds(index), QString::number(most), QString::number(parts.size())));
    }
    return parts.empty() ? QString() : u"SELECT "_s % parts.join(" + "_L1);
}

} // namespace wireroom

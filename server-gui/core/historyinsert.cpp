// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historyinsert.h"

#include "server-gui/core/historyrow.h"

#include <QVariant>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr size_t kColumns = 8;

void appendElement(QString &array, const QString &element)
{
    array += array.isEmpty() ? u'{' : u',';
    array += element;
}

QString quoted(const QString &text)
{
    return text.isNull() ? u"NULL"_s : QString(u'"' % text % u'"');
}

} // namespace

bool HistoryInsert::prepare()
{
    clear();
    if (m_database.isSqlite()) {
        m_insert = m_database.prepare(u"INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)"_s);
    } else {
        m_insert = m_database.prepare(
            u"INSERT INTO messages SELECT seq, time, sender, ref, conversation, recipients, kind, "
            "decode(body, 'hex') FROM unnest(CAST(? AS bigint[]), CAST(? AS bigint[]), CAST(? AS bigint[]), "
            "CAST(? AS bigint[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS smallint[]), CAST(? AS "
            "text[])) "
            "AS v(seq, time, sender, ref, conversation, recipients, kind, body)"_s);
    }
    return m_insert.has_value();
}

bool HistoryInsert::add(const HistoryMessage &message)
{
    if (m_database.isSqlite())
        return addRow(message);
    m_columns.resize(kColumns);
    auto column = m_columns.begin();
    appendElement(*column++, QString::number(message.seq));
    appendElement(*column++, QString::number(message.time));
    appendElement(*column++, QString::number(message.from.value()));
    appendElement(*column++,
                  message.ref == 0 ? u"NULL"_s : QString::number(static_cast<qint64>(message.ref)));
    appendElement(*column++, quoted(conversationColumn(message.from, message.to)));
    appendElement(*column++, quoted(recipientsColumn(message.to)));
    appendElement(*column++, QString::number(static_cast<int>(message.kind)));
    appendElement(*column++, QString(u'"' % QLatin1StringView(message.body.toHex()) % u'"'));
    return true;
}

bool HistoryInsert::addRow(const HistoryMessage &message)
{
    int column = 0;
    m_insert->bindValue(column++, static_cast<qint64>(message.seq));
    m_insert->bindValue(column++, message.time);
    m_insert->bindValue(column++, static_cast<qint64>(message.from.value()));
    m_insert->bindValue(column++,
                        message.ref == 0 ? QVariant(QMetaType::fromType<qint64>())
                                         : QVariant(static_cast<qint64>(message.ref)));
    m_insert->bindValue(column++, conversationColumn(message.from, message.to));
    m_insert->bindValue(column++, recipientsColumn(message.to));
    m_insert->bindValue(column++, static_cast<int>(message.kind));
    // A null QByteArray would be NULL.
    m_insert->bindValue(column++, message.body.isNull() ? QByteArray("") : message.body);
    return m_database.run(*m_insert);
}

bool HistoryInsert::flush()
{
    if (m_columns.empty())
        return true;
    for (size_t column = 0; column < m_columns.size(); ++column)
        m_insert->bindValue(static_cast<int>(column), QString(m_columns[column] % u'}'));
    m_columns.clear();
    return m_database.run(*m_insert);
}

void HistoryInsert::clear()
{
    m_columns.clear();
}

} // namespace wireroom

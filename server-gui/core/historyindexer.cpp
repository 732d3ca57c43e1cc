// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historyindexer.h"

#include "server-gui/core/historyrow.h"

#include <QElapsedTimer>
#include <QVariant>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kFewestTexts = 32;
constexpr int kMostTexts = 2'048;

/// Twice as many where the last took less than half the time that may be, half as many where it took more.
int adapted(int size, qint64 tookMs, std::chrono::milliseconds may, int fewest, int most)
{
    if (tookMs > may.count())
        return std::max(size / 2, fewest);
    return 2 * tookMs < may.count() ? std::min(size * 2, most) : size;
}

QString window(qint64 from, qint64 upTo)
{
    return u"m.seq > %1 AND m.seq <= %2"_s.arg(from).arg(upTo);
}

/// The seq of the message that so many messages reach from behind `from`; 0 where there is none.
std::optional<qint64> reach(HistoryDatabase &database, qint64 from, int messages)
{
    return database.number(
        u"SELECT max(seq) FROM (SELECT seq FROM messages WHERE seq > %1 ORDER BY seq LIMIT %2) AS s"_s
            .arg(from)
            .arg(messages));
}

} // namespace

bool HistoryMarks::load(HistoryDatabase &database)
{
    const auto values = {std::pair{&indexed, "indexed"_L1}, std::pair{&textIndexed, "text_indexed"_L1},
                         std::pair{&bytes, "bytes"_L1}, std::pair{&highestId, "highest_id"_L1}};
    for (const auto &[value, name] : values) {
        const auto read = database.meta(name);
        if (!read)
            return false;
        *value = *read;
    }
    return true;
}

bool HistoryIndexer::prepare()
{
    m_insertText = m_database.prepare(
        m_database.isSqlite()
            ? u"INSERT INTO search_text (rowid, text) VALUES (?, ?)"_s
            : u"INSERT INTO search_text SELECT seq, text FROM unnest(CAST(? AS bigint[]), CAST(? AS text[])) "
              "AS v(seq, text)"_s);
    return m_insertText.has_value();
}

bool HistoryIndexer::indexSome(std::chrono::milliseconds may)
{
    QElapsedTimer took;
    took.start();
    if (!m_database.begin())
        return false;
    const auto upTo = reach(m_database, m_marks.indexed, m_size);
    if (!upTo)
        return false;
    if (*upTo == 0) {
        m_database.rollback();
        return true;
    }
    HistoryMarks marks = m_marks;
    marks.indexed = *upTo;
    const QString where = window(m_marks.indexed, *upTo);
    auto sums
        = m_database.select(u"SELECT sum(length(m.body)), max(m.sender) FROM messages m WHERE "_s % where);
    if (!sums || !sums->next())
        return false;
    marks.bytes += sums->value(0).toLongLong();
    marks.highestId = std::max(marks.highestId, sums->value(1).toLongLong());
    sums.reset();
    // In the order of the keys, so that each page is found once.
    if (!m_database.run(
            u"INSERT INTO conversations SELECT m.conversation, m.seq FROM messages m WHERE %1 ORDER BY 1, 2"_s
                .arg(where))
        || !m_database.run(
            u"INSERT INTO mailbox SELECT r.value, m.seq, 1 FROM messages m CROSS JOIN %1 WHERE %2 AND "
            "m.recipients IS NOT NULL ORDER BY 1, 2 ON CONFLICT DO NOTHING"_s.arg(
                m_database.isSqlite() ? m_database.splitIds("m.recipients"_L1)
                                      : "LATERAL "_L1 % m_database.splitIds("m.recipients"_L1),
                where))
        || !m_database.run(u"INSERT INTO mailbox SELECT m.sender, m.seq, 0 FROM messages m WHERE %1 AND "
                           "m.recipients IS NOT NULL ORDER BY 1, 2 ON CONFLICT DO NOTHING"_s.arg(where))
        || !m_database.setMeta("indexed"_L1, marks.indexed) || !m_database.setMeta("bytes"_L1, marks.bytes)
        || !m_database.setMeta("highest_id"_L1, marks.highestId) || !m_database.commit())
        return false;
    m_marks = marks;
    m_size = adapted(m_size, took.elapsed(), may, kFewestIndexed, kMostIndexed);
    return true;
}

bool HistoryIndexer::indexSomeText(std::chrono::milliseconds may)
{
    QElapsedTimer took;
    took.start();
    if (!m_database.begin())
        return false;
    const auto reached = reach(m_database, m_marks.textIndexed, m_textSize);
    if (!reached)
        return false;
    const qint64 upTo = *reached == 0 ? m_marks.indexed : std::min(*reached, m_marks.indexed);
    if (!addText(upTo) || !m_database.setMeta("text_indexed"_L1, upTo) || !m_database.commit())
        return false;
    m_marks.textIndexed = upTo;
    m_textSize = adapted(m_textSize, took.elapsed(), may, kFewestTexts, kMostTexts);
    return true;
}

bool HistoryIndexer::addText(qint64 upTo)
{
    auto texts = m_database.select(
        u"SELECT m.seq, m.body FROM messages m WHERE %1 AND m.kind = 0 ORDER BY m.seq"_s.arg(
            window(m_marks.textIndexed, upTo)));
    return texts && addTextRows(*texts);
}

bool HistoryIndexer::addTextRows(QSqlQuery &texts)
{
    QString seqs;
    QString folded;
    while (texts.next()) {
        const QString text = foldedText(texts.value(1).toByteArray());
        if (m_database.isSqlite()) {
            m_insertText->bindValue(0, texts.value(0));
            m_insertText->bindValue(1, text);
            if (!m_database.run(*m_insertText))
                return false;
            continue;
        }
        QString element = text;
        element.replace(u'\\', u"\\\\"_s).replace(u'"', u"\\\""_s);
        seqs += (seqs.isEmpty() ? u'{' : u',') % texts.value(0).toString();
        folded += (folded.isEmpty() ? u"{\""_s : u",\""_s) % element % u'"';
    }
    if (seqs.isEmpty())
        return true;
    m_insertText->bindValue(0, QString(seqs % u'}'));
    m_insertText->bindValue(1, QString(folded % u'}'));
    return m_database.run(*m_insertText);
}

} // namespace wireroom

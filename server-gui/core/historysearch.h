// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historyscope.h"

namespace wireroom {

/// Finds the messages that contain a text.
///
/// Where few messages are in question each is looked at. Else the full-text index names those that may
/// contain it, and each of them is looked at, together with those that are not in the index yet. A text of
/// one or two characters, for which there is no index, is looked for in the kMostScanned first messages only.
/// Owner and thread: the reader, for one request.
class HistorySearch
{
public:
    static constexpr qint64 kMostScanned = 50'000;

    HistorySearch(HistoryDatabase &database, const HistoryScope &scope, const QString &text,
                  qint64 textIndexed);

    /// At most so many, in the scope's order. False: an error of the database.
    bool find(qint64 limit, std::vector<qint64> &seqs);

private:
    bool lookAtAll();
    bool lookAtFirst();
    bool lookAtUnindexed();
    bool askIndex();
    std::optional<QSqlQuery> candidates();
    bool check(QSqlQuery &rows);

    bool isFull() const { return static_cast<qint64>(m_seqs.size()) >= m_limit; }

    HistoryDatabase &m_database;
    const HistoryScope &m_scope;
    QString m_text;
    qint64 m_textIndexed;
    qint64 m_limit = 0;
    std::vector<qint64> m_seqs;
};

} // namespace wireroom

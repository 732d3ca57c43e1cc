// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historydatabase.h"
#include "server-gui/core/historystore.h"

namespace wireroom {

/// Which messages a request is about, in SQL: numbers and words of ours only, nothing that somebody typed.
///
/// The messages up to the mark `indexed` are found in conversations and mailbox, in the order of their seq;
/// those behind it by looking at each. Owner and thread: the reader, for one request.
class HistoryScope
{
public:
    HistoryScope(const HistoryDatabase &database, const HistoryRequest &request, qint64 indexed);

    /// From the newest one down; false: from the oldest one up.
    bool isDescending() const { return m_descending; }

    /// The seqs in their order, at most so many.
    QString seqs(qint64 limit) const;
    /// The same without a limit.
    QString allSeqs() const;
    /// How many seqs there may be, counted up to `most` for each source; empty: that is not known without
    /// looking at each message.
    QString count(qint64 most) const;

    /// On a row m of messages: what is asked for, without and with the bounds of seq.
    QString predicate() const { return m_predicate; }

    /// The bounds of seq, and behind `lowest`: begins with AND, or is empty.
    QString bounds(QLatin1StringView column, quint64 lowest = 0) const;

    /// "DESC" or "ASC".
    QLatin1StringView order() const
    {
        return m_descending ? QLatin1StringView("DESC") : QLatin1StringView("ASC");
    }

private:
    void addEveryone(const HistoryRequest &request);
    void addMailbox(qint64 client, bool onlyReceived);
    QStringList sources() const;

    bool m_descending = true;
    std::optional<quint64> m_before;
    std::optional<quint64> m_after;
    qint64 m_indexed;
    QString m_predicate;

    struct Index
    {
        QString select = {};   ///< of seq, without bounds
        quint64 lowest = 0;    ///< only behind this one
        bool isJoined = false; ///< with messages m
    };

    QString bounds(const Index &index) const;

    std::vector<Index> m_indexes; ///< none: every message is looked at
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historydatabase.h"

#include <chrono>

namespace wireroom {

/// How far the tables are that follow `messages`; kept in `meta`.
struct HistoryMarks
{
    qint64 indexed = 0;     ///< conversations and mailbox know every message up to this one
    qint64 textIndexed = 0; ///< so does the full-text search
    qint64 bytes = 0;       ///< of the bodies of indexed messages
    qint64 highestId = 0;   ///< of the senders of indexed messages

    bool load(HistoryDatabase &database);
};

/// Brings the tables that follow `messages` up to date, a little at a time.
///
/// A commit touches only `messages`, because a page of each of a hundred conversations, mailboxes and search
/// terms to write would cost many times as much. This does the rest when the writer has nothing better to do;
/// the reader looks through the messages that are not indexed yet.
/// Owner: the writer, as long as the connection is open. Thread: the writer's.
class HistoryIndexer
{
public:
    HistoryIndexer(HistoryDatabase &database, HistoryMarks &marks) : m_database(database), m_marks(marks) { }

    bool prepare();

    /// Indexes some of what lies behind marks.indexed, about as much as can be done in that time; false: an
    /// error.
    bool indexSome(std::chrono::milliseconds may);
    /// The same for the texts, up to marks.indexed.
    bool indexSomeText(std::chrono::milliseconds may);

    /// How many messages one indexSome() takes; it learns what can be done.
    static constexpr int kFewestIndexed = 512;
    static constexpr int kMostIndexed = 8'192;

private:
    bool addText(qint64 upTo);
    bool addTextRows(QSqlQuery &texts);

    HistoryDatabase &m_database;
    HistoryMarks &m_marks;
    std::optional<QSqlQuery> m_insertText;
    int m_size = kFewestIndexed;
    int m_textSize = 64;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historyindexer.h"
#include "server-gui/core/historystore.h"

namespace wireroom {

/// Deletes the oldest messages that are too old or too many, a little at a time.
///
/// Owner: the writer, as long as the connection is open. Thread: the writer's.
class HistoryRetention
{
public:
    HistoryRetention(HistoryDatabase &database, HistoryMarks &marks, const HistoryConfig &config)
        : m_database(database), m_marks(marks), m_config(config)
    {
    }

    bool isNeeded() const { return m_config.maxAge.count() > 0 || m_config.maxBytes > 0; }

    /// Deletes some; the answer is how many (0: nothing to do for now), nothing where an error came.
    std::optional<int> deleteSome();

private:
    struct Doomed
    {
        qint64 upTo = 0;
        qint64 bytes = 0;
        int messages = 0;
    };

    std::optional<Doomed> choose();
    bool remove(const Doomed &doomed);
    bool removeTexts(qint64 upTo);

    HistoryDatabase &m_database;
    HistoryMarks &m_marks;
    HistoryConfig m_config;
};

} // namespace wireroom

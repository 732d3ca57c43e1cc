// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historyindexer.h"
#include "server-gui/core/historyretention.h"

namespace wireroom {

/// What follows from the messages that are stored: the indexes, and that old ones are deleted. One step at a
/// time, between the groups that the writer writes.
///
/// Owner: the writer, as long as the connection is open. Thread: the writer's.
class HistoryMaintenance
{
public:
    HistoryMaintenance(HistoryDatabase &database, const HistoryConfig &config)
        : m_database(database), m_indexer(database, m_marks), m_retention(database, m_marks, config)
    {
    }

    bool prepare() { return m_indexer.prepare() && m_marks.load(m_database); }

    const HistoryMarks &marks() const { return m_marks; }

    /// There is something to do, or may be soon; `newest`: the seq of the newest message.
    bool isBehind(qint64 newest) const { return m_marks.textIndexed < newest || m_retention.isNeeded(); }

    /// It is time for a step although messages wait.
    bool isUrgent(qint64 newest) const;

    /// What else is to do.
    enum class Traffic : quint8 {
        Quiet, ///< nothing, for a while
        Some,
        Pressing, ///< messages wait right now
    };

    enum class Done : quint8 {
        Nothing, ///< there was nothing to do
        Something,
        Failed, ///< the database's error tells why; to be tried again much later
        Broken, ///< the same, and the connection must not be used any more
    };

    struct Step
    {
        Done done = Done::Nothing;
        std::chrono::milliseconds rest{0}; ///< Something: until the next step
    };

    /// Corrects `newest` where there is no such message.
    Step step(qint64 &newest, Traffic traffic);

private:
    Done doStep(qint64 &newest, std::chrono::milliseconds may);

    HistoryDatabase &m_database;
    HistoryMarks m_marks;
    HistoryIndexer m_indexer;
    HistoryRetention m_retention;
};

} // namespace wireroom

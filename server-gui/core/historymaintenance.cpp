// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historymaintenance.h"

#include <QElapsedTimer>

#include <algorithm>

using namespace std::chrono_literals;

namespace wireroom {

namespace {

/// In long steps each message costs less than half of what it does in short ones: they are taken when nothing
/// is to do, or so much that messages wait anyway. Else a message should not have to wait long.
constexpr auto kLongStep = 40ms;
constexpr auto kShortStep = 10ms;

/// How long it rests after a step, in steps.
constexpr int kRestShare = 4;
constexpr int kRestShareBehind = 1;

/// More texts than that to index make it rest less while no message waits: each search looks through them.
constexpr qint64 kManyTexts = 20'000;

/// Beyond so many seqs that are not indexed, indexing does not wait for a pause: a reader looks through all
/// of them for each page.
constexpr qint64 kMostUnindexed = 100'000;

/// Beyond so many, indexing takes half of the time: it is then as fast as messages come.
constexpr qint64 kFarTooManyUnindexed = 300'000;

} // namespace

bool HistoryMaintenance::isUrgent(qint64 newest) const
{
    return newest - m_marks.indexed >= kMostUnindexed;
}

HistoryMaintenance::Step HistoryMaintenance::step(qint64 &newest, Traffic traffic)
{
    QElapsedTimer took;
    took.start();
    // Whatever is lost of it in a crash is done again.
    Done done = Done::Failed;
    if (m_database.setDurable(false))
        done = doStep(newest, traffic == Traffic::Some ? kShortStep : kLongStep);
    m_database.rollback();
    if (!m_database.setDurable(true))
        return {Done::Broken};
    // What was done may be there, if only the answer to its commit was lost.
    if (done == Done::Failed)
        m_marks.load(m_database);
    if (done != Done::Something || traffic == Traffic::Quiet)
        return {done};
    const bool behind = (traffic == Traffic::Some && newest - m_marks.textIndexed > kManyTexts)
        || newest - m_marks.indexed > kFarTooManyUnindexed;
    const int share = behind ? kRestShareBehind : kRestShare;
    return {done, std::max(1ms, share * std::chrono::milliseconds(took.elapsed()))};
}

HistoryMaintenance::Done HistoryMaintenance::doStep(qint64 &newest, std::chrono::milliseconds may)
{
    bool works = true;
    if (m_marks.indexed < newest) {
        const qint64 before = m_marks.indexed;
        works = m_indexer.indexSome(may);
        // The newest seqs may be of messages that were repeated, and so are not there.
        if (works && m_marks.indexed == before)
            newest = before;
    } else if (m_marks.textIndexed < m_marks.indexed) {
        works = m_indexer.indexSomeText(may);
    } else if (m_retention.isNeeded()) {
        const auto deleted = m_retention.deleteSome();
        if (deleted && *deleted == 0)
            return Done::Nothing;
        works = deleted.has_value();
    } else {
        return Done::Nothing;
    }
    return works ? Done::Something : Done::Failed;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/transport/sendqueue.h"

#include <algorithm>
#include <utility>

namespace wireroom {

namespace {

/// Small pieces that pile up behind a slow reader leave in sends of about this size.
constexpr qsizetype kJoinBytes = 256 * 1024;

} // namespace

void SendQueue::add(const QByteArray &encoded)
{
    // What is large is not copied behind what came before it, nor anything behind it.
    if (!m_turn.isEmpty() && std::max(m_turn.size(), encoded.size()) >= kJoinBytes) {
        m_turnBehindBytes += quint64(m_turn.size());
        putBehind(std::exchange(m_turn, {}));
    }
    if (m_turn.isEmpty())
        m_turn = encoded;
    else
        m_turn.append(encoded);
}

quint64 SendQueue::bytes() const
{
    return quint64(m_turn.size()) + quint64(m_writing.size() - m_sent) + m_behindBytes;
}

bool SendQueue::endTurn(bool mayWrite)
{
    if (m_turn.isEmpty())
        return false;
    m_turnBehindBytes = 0;
    const bool isNext = mayWrite && !isWriting();
    if (!isNext || !m_behind.empty()) {
        putBehind(std::exchange(m_turn, {}));
        return isNext && next();
    }
    m_writing = std::exchange(m_turn, {});
    return true;
}

void SendQueue::putBehind(QByteArray &&bytes)
{
    m_behindBytes += quint64(bytes.size());
    m_behind.push_back(std::move(bytes));
}

bool SendQueue::setKept(qsizetype count)
{
    m_sent = m_given - count;
    return count == 0;
}

bool SendQueue::next()
{
    clearWriting();
    if (m_behind.empty())
        return false;
    m_writing = std::move(m_behind.front());
    m_behind.pop_front();
    while (!m_behind.empty() && m_writing.size() + m_behind.front().size() <= kJoinBytes) {
        m_writing.append(m_behind.front());
        m_behind.pop_front();
    }
    m_behindBytes -= quint64(m_writing.size());
    return true;
}

void SendQueue::clear()
{
    m_turn = QByteArray();
    clearWriting();
    m_behind.clear();
    m_behindBytes = 0;
    m_turnBehindBytes = 0;
}

void SendQueue::stopWriting()
{
    if (!isWriting())
        return;
    QByteArray rest = m_writing.sliced(std::max<qsizetype>(m_sent, 0));
    clearWriting();
    if (rest.isEmpty())
        return;
    m_behindBytes += quint64(rest.size());
    m_behind.push_front(std::move(rest));
}

void SendQueue::dropFront(qsizetype count)
{
    m_behindBytes -= quint64(count);
    if (count == m_behind.front().size())
        m_behind.pop_front();
    else
        m_behind.front().remove(0, count);
}

void SendQueue::clearWriting()
{
    // Not {}, which is a char pointer first of all: Qt would let go of the shared bytes inside its library,
    // where the thread sanitizer does not see that it does so in order.
    m_writing = QByteArray();
    m_given = 0;
    m_sent = 0;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <list>

namespace wireroom {

/// What one connection has still to send, in three stages: the bytes of this loop turn; those being written,
/// of which the socket may have taken a part; and what waits behind them. Bytes are shared, not copied, where
/// they are the first of their turn, or many.
///
/// No socket, no thread: a member of its Connection, and dead with it.
class SendQueue
{
public:
    /// Adds to this turn.
    void add(const QByteArray &encoded);

    bool hasTurn() const { return !m_turn.isEmpty(); }

    /// Something is being written.
    bool isWriting() const { return !m_writing.isEmpty(); }

    bool isEmpty() const { return bytes() == 0; }

    /// Not yet taken by the system, this turn's included.
    quint64 bytes() const;

    /// Those that wait because something older does.
    quint64 backlogBytes() const { return isWriting() ? bytes() : m_behindBytes - m_turnBehindBytes; }

    /// Ends the turn. Its bytes are written next where `mayWrite` and nothing older is; else they wait.
    /// True where they are to be written now.
    bool endTurn(bool mayWrite);

    /// What is being written, whole.
    const QByteArray &writing() const { return m_writing; }

    /// Of that, what the socket was not given yet.
    QByteArrayView toGive() const { return QByteArrayView(m_writing).sliced(m_given); }

    /// The socket took so many more of them.
    void given(qsizetype count) { m_given += count; }

    /// Of what it was given the socket still has so many; more than that where encrypting made it more.
    /// True where it has none.
    bool setKept(qsizetype count);

    /// What was written is sent: goes on to what waits, small pieces joined. False where nothing does.
    bool next();

    /// Forgets all of it.
    void clear();

    /// What is being written goes back to the front of what waits, but for what is sent.
    void stopWriting();

    /// The oldest of what waits; empty where nothing does.
    QByteArrayView front() const { return m_behind.empty() ? QByteArrayView() : m_behind.front(); }

    /// So many bytes of the oldest are sent.
    void dropFront(qsizetype count);

private:
    void putBehind(QByteArray &&bytes);
    void clearWriting();

    QByteArray m_turn;
    QByteArray m_writing;
    qsizetype m_given = 0;          ///< of m_writing
    qsizetype m_sent = 0;           ///< of m_writing; below 0 where encrypting made the bytes more
    std::list<QByteArray> m_behind; ///< a deque takes 600 bytes when empty
    quint64 m_behindBytes = 0;
    quint64 m_turnBehindBytes = 0; ///< of them in this turn, before what is in m_turn
};

} // namespace wireroom

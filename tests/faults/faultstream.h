// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/faults/faultoptions.h"

#include <QByteArray>

#include <deque>
#include <random>
#include <vector>

namespace wireroom::faults {

/// The way of a connection's bytes in one direction: bytes in, and what leaves when. No socket, no clock: all
/// times are the caller's milliseconds.
///
/// What is drawn depends on the seed and on places in the stream, not on how the system cut the stream into
/// pieces (but for the jitter, of which each piece that comes has its own): the same seed and the same bytes
/// give the same faults. Owner: the connection; any one thread.
class FaultStream
{
public:
    /// What happens to the connection behind the bytes that were taken.
    enum class End : quint8 {
        None,
        Passed,    ///< the sender has ended, and so does this direction
        HalfClose, ///< this direction ends; what comes still is swallowed
        Cut,       ///< both directions end
        Reset,     ///< the connection is torn down
    };

    struct Fault
    {
        QLatin1StringView name;
        quint64 at = 0; ///< bytes of this direction before it
        std::vector<std::pair<QLatin1StringView, quint64>> details = {};
        friend bool operator==(const Fault &, const Fault &) = default;
    };

    struct Step
    {
        QByteArray bytes;
        End end = End::None;
    };

    /// `stream`: a number of its own for each connection and direction.
    FaultStream(const DirectionFaults &faults, quint64 seed, quint64 stream);

    void push(QByteArray bytes, qint64 now);
    /// The sender has ended.
    void finish(qint64 now);

    /// What is to be written now, in one piece; nothing where it is too early.
    Step take(qint64 now);

    /// When take() gives the next piece; nothing: not before push().
    std::optional<qint64> nextAt() const;

    /// Swallows all that comes from now on, and does not pass on the end.
    void swallow(bool swallows) { m_isHole = swallows; }

    /// From here on all is swallowed, whatever else was planned.
    void stop();

    quint64 waitingBytes() const { return m_waitingBytes; }

    /// Those that were done since the last call.
    std::vector<Fault> takeFaults() { return std::exchange(m_done, {}); }

private:
    struct Chunk
    {
        QByteArray bytes;
        qint64 due = 0;
    };

    struct Break
    {
        quint64 at = 0;
        End end = End::None;
        QLatin1StringView name;
    };

    quint64 draw(ByteRange range);
    bool passHole(QByteArray &bytes, qint64 now);
    void flip(QByteArray &bytes);
    void planFlip();
    void planBreak(const std::optional<ByteRange> &range, End end, QLatin1StringView name);
    qint64 dueTime(qint64 now, qsizetype bytes);
    qsizetype allowed(qint64 now) const;

    DirectionFaults m_faults;
    std::mt19937_64 m_random;
    std::mt19937_64 m_flips;
    std::mt19937_64 m_pieces;
    std::deque<Chunk> m_chunks;
    quint64 m_waitingBytes = 0;
    quint64 m_in = 0;  ///< bytes that came
    quint64 m_out = 0; ///< bytes that were taken
    std::optional<quint64> m_nextFlip;
    std::optional<quint64> m_holeAt;
    std::optional<qint64> m_holeUntil;
    bool m_isHole = false;
    std::optional<Break> m_break; ///< the first one that comes
    quint64 m_pieceEnd = 0;
    qint64 m_lastDue = 0;
    qint64 m_glueUntil = 0;
    double m_notBefore = 0; ///< split and drip: the next piece
    bool m_isDripTold = false;
    bool m_isFinished = false;
    bool m_isStopped = false;
    qint64 m_finishDue = 0;
    std::vector<Fault> m_done;
};

} // namespace wireroom::faults

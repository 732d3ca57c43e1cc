// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/faultstream.h"

#include <algorithm>
#include <array>
#include <cmath>

using namespace Qt::StringLiterals;

namespace wireroom::faults {

namespace {

/// As much as leaves in one piece.
constexpr qsizetype kMostAtOnce = 64 * 1024;

/// Between the pieces of a split stream, so that they do not meet again on the way.
constexpr double kSplitMs = 1;

std::mt19937_64 engine(quint64 seed, quint64 stream, quint64 purpose)
{
    std::array<quint32, 5> words{quint32(seed), quint32(seed >> 32), quint32(stream), quint32(stream >> 32),
                                 quint32(purpose)};
    std::seed_seq sequence(words.begin(), words.end());
    return std::mt19937_64(sequence);
}

} // namespace

FaultStream::FaultStream(const DirectionFaults &faults, quint64 seed, quint64 stream)
    : m_faults(faults), m_random(engine(seed, stream, 1)), m_flips(engine(seed, stream, 2)),
      m_pieces(engine(seed, stream, 3))
{
    if (faults.blackHole)
        m_holeAt = draw(*faults.blackHole);
    planBreak(faults.halfClose, End::HalfClose, "half-close"_L1);
    planBreak(faults.cut, End::Cut, "cut"_L1);
    planBreak(faults.reset, End::Reset, "reset"_L1);
    planFlip();
}

quint64 FaultStream::draw(ByteRange range)
{
    return range.least + m_random() % (range.most - range.least + 1);
}

void FaultStream::planBreak(const std::optional<ByteRange> &range, End end, QLatin1StringView name)
{
    if (!range)
        return;
    const quint64 at = draw(*range);
    if (!m_break || at < m_break->at)
        m_break = Break{at, end, name};
}

void FaultStream::planFlip()
{
    if (m_faults.flipChance <= 0)
        return;
    // How many bytes go well until one does not.
    const double uniform = (double(m_flips() >> 11) + 0.5) / double(quint64(1) << 53);
    const double spared
        = m_faults.flipChance >= 1 ? 0 : std::floor(std::log(uniform) / std::log1p(-m_faults.flipChance));
    m_nextFlip = (m_nextFlip ? *m_nextFlip + 1 : 0) + quint64(std::min(spared, 1e15));
}

void FaultStream::flip(QByteArray &bytes)
{
    while (m_nextFlip && *m_nextFlip < m_in + quint64(bytes.size())) {
        const quint64 bit = m_flips() % 8;
        const auto index = qsizetype(*m_nextFlip - m_in);
        bytes[index] = char(quint8(bytes[index]) ^ quint8(1u << bit));
        m_done.push_back({"bit-flip"_L1, *m_nextFlip, {{"bit"_L1, bit}}});
        planFlip();
    }
}

/// False where nothing is left.
bool FaultStream::passHole(QByteArray &bytes, qint64 now)
{
    const quint64 start = m_in;
    m_in += quint64(bytes.size());
    if (m_holeUntil && now >= *m_holeUntil) {
        m_holeUntil.reset();
        m_isHole = false;
    }
    if (!m_isHole && m_holeAt && m_in > *m_holeAt) {
        m_done.push_back({"black-hole"_L1, *m_holeAt, {{"ms"_L1, quint64(m_faults.blackHoleMs)}}});
        bytes.truncate(qsizetype(*m_holeAt - start));
        m_holeAt.reset();
        m_isHole = true;
        if (m_faults.blackHoleMs > 0)
            m_holeUntil = now + m_faults.blackHoleMs;
        return !bytes.isEmpty();
    }
    return !m_isHole;
}

qint64 FaultStream::dueTime(qint64 now, qsizetype bytes)
{
    qint64 due = now;
    if (m_faults.delayMs > 0 || m_faults.jitterMs > 0) {
        due += m_faults.delayMs + qint64(m_random() % quint64(m_faults.jitterMs + 1));
        m_done.push_back({"delay"_L1, m_in, {{"bytes"_L1, quint64(bytes)}, {"ms"_L1, quint64(due - now)}}});
    }
    if (m_faults.glueMs > 0) {
        if (m_glueUntil <= due)
            m_glueUntil = due + m_faults.glueMs;
        due = m_glueUntil;
    }
    // Nothing overtakes what came before.
    m_lastDue = std::max(m_lastDue, due);
    return m_lastDue;
}

void FaultStream::push(QByteArray bytes, qint64 now)
{
    if (m_isStopped || m_isFinished || bytes.isEmpty())
        return;
    flip(bytes);
    const qint64 due = dueTime(now, bytes.size());
    if (!passHole(bytes, now))
        return;
    if (m_chunks.empty())
        m_notBefore = std::max(m_notBefore, double(now));
    m_waitingBytes += quint64(bytes.size());
    m_chunks.push_back({std::move(bytes), due});
}

void FaultStream::finish(qint64 now)
{
    if (m_isFinished || m_isHole)
        return;
    m_isFinished = true;
    m_finishDue = std::max(m_lastDue, now + m_faults.delayMs);
}

void FaultStream::stop()
{
    m_isStopped = true;
    m_chunks.clear();
    m_waitingBytes = 0;
    m_break.reset();
}

/// By split and drip.
qsizetype FaultStream::allowed(qint64 now) const
{
    qsizetype most = kMostAtOnce;
    if (m_faults.splitMost > 0)
        most = qsizetype(m_pieceEnd - m_out);
    if (m_faults.dripPerSecond > 0) {
        const double credit = (double(now) - m_notBefore) * double(m_faults.dripPerSecond) / 1000;
        const auto burst = std::max<qsizetype>(1, qsizetype(m_faults.dripPerSecond / 20));
        most = std::min({most, burst, 1 + qsizetype(credit)});
    }
    return most;
}

FaultStream::Step FaultStream::take(qint64 now)
{
    Step step;
    if (m_isStopped)
        return step;
    if (m_break && m_break->at <= m_out) {
        const Break done = *std::exchange(m_break, {});
        m_done.push_back({done.name, m_out});
        stop();
        step.end = done.end;
        return step;
    }
    if (m_chunks.empty()) {
        if (m_isFinished && now >= m_finishDue) {
            m_isStopped = true;
            step.end = End::Passed;
        }
        return step;
    }
    const bool isSlowed = m_faults.splitMost > 0 || m_faults.dripPerSecond > 0;
    if (isSlowed && double(now) < m_notBefore)
        return step;
    if (m_faults.splitMost > 0 && m_pieceEnd <= m_out)
        m_pieceEnd = m_out + 1 + m_pieces() % quint64(m_faults.splitMost);
    qsizetype room = allowed(now);
    if (m_break)
        room = qsizetype(std::min(quint64(room), m_break->at - m_out));
    quint64 chunks = 0;
    while (room > 0 && !m_chunks.empty() && m_chunks.front().due <= now) {
        QByteArray &front = m_chunks.front().bytes;
        const qsizetype count = std::min(room, front.size());
        step.bytes.append(front.constData(), count);
        room -= count;
        ++chunks;
        if (count == front.size())
            m_chunks.pop_front();
        else
            front.remove(0, count);
    }
    const auto count = quint64(step.bytes.size());
    if (count == 0)
        return step;
    if (m_faults.splitMost > 0) {
        m_done.push_back({"split"_L1, m_out, {{"bytes"_L1, count}}});
        m_notBefore = double(now) + kSplitMs;
    } else if (m_faults.glueMs > 0 && chunks > 1) {
        m_done.push_back({"glue"_L1, m_out, {{"bytes"_L1, count}, {"pieces"_L1, chunks}}});
    }
    if (m_faults.dripPerSecond > 0) {
        if (!std::exchange(m_isDripTold, true))
            m_done.push_back({"drip"_L1, m_out, {{"perSecond"_L1, quint64(m_faults.dripPerSecond)}}});
        m_notBefore = std::max(m_notBefore + double(count) * 1000 / double(m_faults.dripPerSecond),
                               m_faults.splitMost > 0 ? double(now) + kSplitMs : 0);
    }
    m_out += count;
    m_waitingBytes -= count;
    return step;
}

std::optional<qint64> FaultStream::nextAt() const
{
    if (m_isStopped)
        return {};
    if (m_break && m_break->at <= m_out)
        return 0;
    if (m_chunks.empty())
        return m_isFinished ? std::optional(m_finishDue) : std::nullopt;
    const bool isSlowed = m_faults.splitMost > 0 || m_faults.dripPerSecond > 0;
    return std::max(m_chunks.front().due, isSlowed ? qint64(std::ceil(m_notBefore)) : 0);
}

} // namespace wireroom::faults

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace wireroom::load {

/// The time in which something is measured, after a warm-up of a fifth of it, and what processor time another
/// process uses meanwhile.
class Clock
{
public:
    /// `pid`: of that process; 0: of none.
    Clock(double seconds, int pid);

    /// Call it often: it notices when the measuring begins and ends.
    void look(uint64_t time);

    bool isOver(uint64_t time) const { return time >= m_end; }

    bool counts(uint64_t time) const { return time >= m_measured && time < m_end; }

    double seconds() const { return double(m_end - m_measured) / 1e9; }

    /// What the process used while it was measured, once that is over.
    double cpuSeconds() const { return m_cpuAtEnd - m_cpuAtBegin; }

    uint64_t end() const { return m_end; }

private:
    double cpuOfProcess() const;

    int m_pid;
    uint64_t m_measured;
    uint64_t m_end;
    double m_cpuAtBegin = -1; ///< negative: not taken yet
    double m_cpuAtEnd = -1;
};

} // namespace wireroom::load

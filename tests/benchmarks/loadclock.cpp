// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/loadclock.h"

#include "tests/benchmarks/loadsocket.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace wireroom::load {

namespace {

constexpr double kWarmUp = 0.2; ///< of the time

} // namespace

Clock::Clock(double seconds, int pid)
    : m_pid(pid), m_measured(now() + uint64_t(seconds * kWarmUp * 1e9)),
      m_end(m_measured + uint64_t(seconds * 1e9))
{
}

void Clock::look(uint64_t time)
{
    if (m_cpuAtBegin < 0 && time >= m_measured)
        m_cpuAtBegin = cpuOfProcess();
    if (m_cpuAtEnd < 0 && time >= m_end)
        m_cpuAtEnd = cpuOfProcess();
}

double Clock::cpuOfProcess() const
{
    if (m_pid == 0)
        return 0;
    std::ifstream file("/proc/" + std::to_string(m_pid) + "/stat");
    std::string line;
    std::getline(file, line);
    // The name in brackets may have blanks; utime and stime are the 12th and 13th field behind it.
    const size_t name = line.rfind(')');
    if (name == std::string::npos)
        fail("there is no process " + std::to_string(m_pid));
    std::istringstream fields(line.substr(name + 1));
    std::string field;
    double ticks = 0;
    for (int i = 1; i <= 13 && fields >> field; ++i)
        ticks += i >= 12 ? std::stod(field) : 0;
    return ticks / double(sysconf(_SC_CLK_TCK));
}

} // namespace wireroom::load

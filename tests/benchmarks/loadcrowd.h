// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/benchmarks/loadsocket.h"
#include "tests/benchmarks/loadworks.h"

#include <memory>
#include <vector>

namespace wireroom::load {

/// Connections that are answered once, so that the server has all of what it keeps for a client, and then say
/// nothing. They stay as long as this lives.
class Crowd
{
public:
    /// Ready when each was answered and nothing comes any more.
    Crowd(const Options &options, uint32_t count);

    /// Reads what comes, and answers where the server asks whether they are alive.
    void attend(int milliseconds);

    size_t size() const { return m_sockets.size(); }

private:
    void join(uint32_t number);
    void listen(int milliseconds);

    const Options &m_options;
    const Messages m_messages;
    std::vector<std::unique_ptr<Socket>> m_sockets;
    Poller m_poller;
    std::vector<char> m_waits;
    std::vector<char> m_isReady;
    size_t m_ready = 0;
    uint64_t m_lastHeard = 0;
};

} // namespace wireroom::load

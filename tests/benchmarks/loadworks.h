// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/benchmarks/loadwire.h"

#include <cstdint>

namespace wireroom::load {

/// What is to be done; each work looks at what it needs.
struct Options
{
    uint16_t port = 0;
    const Wire *wire = nullptr;
    double seconds = 2;
    size_t size = 128; ///< payload bytes
    uint32_t connections = 100;
    uint32_t depth = 1;   ///< echo: messages on their way for each connection
    uint32_t idle = 0;    ///< further connections, which spoke once and say nothing more
    uint32_t senders = 1; ///< relay
    uint32_t receivers = 50;
    uint32_t window = 64;     ///< relay: how far a sender may be ahead of the slowest receiver
    int pid = 0;              ///< the server's, whose processor time is to be told
    bool isEncrypted = false; ///< all connections speak TLS
    double rate = 0;          ///< relay: deliveries a second; 0: as fast as it goes
};

/// What was measured after a warm-up of a fifth of the time.
struct Result
{
    uint64_t messages = 0; ///< that came, verified
    double seconds = 0;
    double cpuSeconds = 0; ///< that the server used
    Histogram latency;     ///< from sent to received
    uint64_t lost = 0;     ///< sent and not come, seconds after the end
    uint64_t wrong = 0;    ///< damaged, doubled or out of order
};

/// `connections` each send a message, wait for it to come back, and send the next.
Result echo(const Options &options);

/// `senders` send to a room; all of `receivers` get everything. With more than one sender they are the
/// receivers, too.
Result relay(const Options &options);

/// `connections` at a time connect, get one message echoed, and close.
Result reconnect(const Options &options);

/// Connects `connections`, each of which is answered once; when nothing comes any more, prints a line, and
/// holds them until standard input ends.
void hold(const Options &options);

} // namespace wireroom::load

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/benchmarks/loadtls.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wireroom::load {

/// Nanoseconds of the monotonic clock.
uint64_t now();

/// Prints what went wrong and ends the program.
[[noreturn]] void fail(const std::string &what);

/// A non-blocking TCP connection to loopback with buffers in both directions. What it writes goes out when it
/// is flushed; what came lies in `in` until it is taken.
class Socket
{
public:
    /// Connects and with TLS shakes hands, waiting; Nagle's delay is off.
    Socket(uint16_t port, bool isEncrypted);
    ~Socket();
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;

    int descriptor() const { return m_descriptor; }

    void write(std::string_view bytes) { m_out.append(bytes); }

    size_t unsent() const { return m_out.size() - m_sent; }

    /// Sends what the system takes; true while something is left.
    bool flush();

    /// Reads what there is, at most once around; false at the end of the stream.
    bool receive();

    std::string_view received() const { return {m_in.data() + m_taken, m_filled - m_taken}; }

    void take(size_t bytes);

    /// Ends with a reset, so that no port stays in TIME_WAIT.
    void reset();

private:
    static int connected(uint16_t port);
    ssize_t receiveOnce();

    int m_descriptor;
    Channel m_channel;
    std::string m_out;
    size_t m_sent = 0;
    std::vector<char> m_in;
    size_t m_taken = 0;
    size_t m_filled = 0;
    size_t m_readBytes = 8 * 1024; ///< grows where much comes: many connections that say little cost little
};

/// Waits for readable (and where asked, writable) sockets.
class Poller
{
public:
    Poller();
    ~Poller();
    Poller(const Poller &) = delete;
    Poller &operator=(const Poller &) = delete;

    void add(const Socket &socket, uint32_t number);
    void remove(const Socket &socket);
    void wantWritable(const Socket &socket, uint32_t number, bool wanted);

    struct Ready
    {
        uint32_t number;
        bool readable;
        bool writable;
    };

    /// The ready ones, or none after `milliseconds`.
    const std::vector<Ready> &wait(int milliseconds);

private:
    int m_descriptor;
    std::vector<Ready> m_ready;
};

std::vector<std::unique_ptr<Socket>> connectSome(uint16_t port, bool isEncrypted, uint32_t count);

/// Flushes the socket with this number; `waits` remembers which ones wait to be writable.
void flush(Poller &poller, Socket &socket, uint32_t number, std::vector<char> &waits);

} // namespace wireroom::load

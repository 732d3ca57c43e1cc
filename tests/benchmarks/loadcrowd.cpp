// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/loadcrowd.h"

#include <string>
#include <utility>

namespace wireroom::load {

namespace {

/// So many are let in at a time: a rush on the server is not what this is for.
constexpr size_t kAtATime = 64;

constexpr uint64_t kPatienceNs = 30'000'000'000;

/// Once nothing came for so long, nothing more is expected.
constexpr uint64_t kQuietNs = 300'000'000;

} // namespace

Crowd::Crowd(const Options &options, uint32_t count)
    : m_options(options), m_messages(options.size, options.wire->form()), m_waits(count), m_isReady(count)
{
    m_lastHeard = now();
    for (uint32_t i = 0; i < count; ++i) {
        join(i);
        // Also because what the server tells those that are there of the new ones would pile up.
        do
            listen(0);
        while (m_sockets.size() - m_ready >= kAtATime);
    }
    while (m_ready < count || now() < m_lastHeard + kQuietNs)
        listen(20);
}

void Crowd::join(uint32_t number)
{
    m_sockets.push_back(std::make_unique<Socket>(m_options.port, m_options.isEncrypted));
    Socket &socket = *m_sockets.back();
    if (m_options.wire->answersGreeting()) {
        socket.write(m_options.wire->greeting(number, true));
    } else {
        std::string payload;
        std::string frame;
        m_messages.append(payload, number, 0, now());
        m_options.wire->append(frame, payload, 0);
        socket.write(frame);
    }
    m_poller.add(socket, number);
    flush(m_poller, socket, number, m_waits);
}

void Crowd::listen(int milliseconds)
{
    attend(milliseconds);
    if (now() > m_lastHeard + kPatienceNs)
        fail("the server does not answer each connection");
}

void Crowd::attend(int milliseconds)
{
    for (const Poller::Ready &event : m_poller.wait(milliseconds)) {
        Socket &socket = *m_sockets[event.number];
        if (event.readable && !socket.receive())
            fail("the server closed a connection");
        Wire::Item item;
        while ((item = m_options.wire->parse(socket.received())).bytes > 0) {
            socket.write(item.answer);
            if ((item.isReady || item.payload) && !std::exchange(m_isReady[event.number], true))
                ++m_ready;
            socket.take(item.bytes);
        }
        flush(m_poller, socket, event.number, m_waits);
        m_lastHeard = now();
    }
}

} // namespace wireroom::load

// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/loadworks.h"

#include "tests/benchmarks/loadclock.h"
#include "tests/benchmarks/loadcrowd.h"
#include "tests/benchmarks/loadsocket.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace wireroom::load {

namespace {

/// How long what was sent may still be on its way after the end.
constexpr uint64_t kDrainNs = 5'000'000'000;

constexpr uint64_t kGreetingNs = 60'000'000'000;
constexpr std::chrono::milliseconds kSettle{700};
constexpr std::chrono::microseconds kSettleEach{100};

} // namespace

Result echo(const Options &options)
{
    const Messages messages(options.size, options.wire->form());
    const Crowd idle(options, options.idle);
    const auto sockets = connectSome(options.port, options.isEncrypted, options.connections);
    Poller poller;
    std::vector<uint32_t> sent(sockets.size());
    std::vector<uint32_t> came(sockets.size());
    std::vector<char> waits(sockets.size());
    std::string payload;
    std::string frame;
    const auto send = [&](uint32_t i, uint64_t time) {
        payload.clear();
        frame.clear();
        messages.append(payload, i, sent[i], time);
        options.wire->append(frame, payload, sent[i]++);
        sockets[i]->write(frame);
    };
    Result result;
    Clock clock(options.seconds, options.pid);
    for (uint32_t i = 0; i < sockets.size(); ++i) {
        poller.add(*sockets[i], i);
        for (uint32_t k = 0; k < options.depth; ++k)
            send(i, now());
        flush(poller, *sockets[i], i, waits);
    }
    uint64_t open = uint64_t(options.connections) * options.depth;
    while (open > 0) {
        uint64_t time = now();
        clock.look(time);
        if (time > clock.end() + kDrainNs)
            break;
        for (const Poller::Ready &ready : poller.wait(100)) {
            Socket &socket = *sockets[ready.number];
            if (ready.readable && !socket.receive())
                fail("the server closed a connection");
            time = now();
            Wire::Item item;
            while ((item = options.wire->parse(socket.received())).bytes > 0) {
                if (item.payload) {
                    Messages::Head head;
                    const bool isRight = messages.read(*item.payload, head) && head.sender == ready.number
                        && head.count == came[ready.number];
                    result.wrong += isRight ? 0 : 1;
                    ++came[ready.number];
                    if (clock.counts(time)) {
                        ++result.messages;
                        result.latency.add(time - head.time);
                    }
                    if (clock.isOver(time))
                        --open;
                    else
                        send(ready.number, time);
                }
                socket.take(item.bytes);
            }
            flush(poller, socket, ready.number, waits);
        }
    }
    result.lost = open;
    clock.look(now());
    result.seconds = clock.seconds();
    result.cpuSeconds = clock.cpuSeconds();
    return result;
}

namespace {

/// A room: senders, receivers, and who has what.
class Room
{
public:
    explicit Room(const Options &options)
        : m_options(options), m_messages(options.size, options.wire->form()), m_isMutual(options.senders > 1),
          m_sockets(connectSome(options.port, options.isEncrypted,
                                m_isMutual ? options.senders : options.receivers + 1)),
          m_waits(m_sockets.size()), m_sent(options.senders), m_slowest(options.senders),
          m_atSlowest(options.senders), m_came(m_sockets.size(), std::vector<uint32_t>(options.senders))
    {
        for (uint32_t i = 0; i < m_sockets.size(); ++i) {
            m_sockets[i]->write(options.wire->greeting(i, isReceiver(i)));
            m_poller.add(*m_sockets[i], i);
            flush(m_poller, *m_sockets[i], i, m_waits);
        }
        // Whom the server has not accepted yet would not get what is sent meanwhile.
        if (options.wire->answersGreeting())
            awaitGreetings();
        else
            std::this_thread::sleep_for(kSettle + kSettleEach * int(m_sockets.size()));
        for (uint32_t s = 0; s < options.senders; ++s)
            m_atSlowest[s] = receiversOf();
    }

    Result run()
    {
        Clock clock(m_options.seconds, m_options.pid);
        m_clock = &clock;
        const double interval = m_options.rate > 0 ? 1e9 * receiversOf() / m_options.rate : 0;
        auto next = double(now());
        uint64_t time = now();
        while (!clock.isOver(time)) {
            clock.look(time);
            if (interval > 0) {
                for (; next <= double(time); next += interval)
                    send(0, uint64_t(next)); // late is late: its time is when it was due
                flush(m_poller, *m_sockets[0], 0, m_waits);
            } else {
                fill(time);
            }
            receive(interval > 0 ? 0 : 100);
            time = now();
        }
        clock.look(time);
        while (isOpen() && now() < clock.end() + kDrainNs)
            receive(100);
        for (uint32_t s = 0; s < m_options.senders; ++s) {
            for (uint32_t r = 0; r < m_sockets.size(); ++r)
                m_result.lost += isReceiver(r) && r != s ? m_sent[s] - m_came[r][s] : 0;
        }
        m_result.seconds = clock.seconds();
        m_result.cpuSeconds = clock.cpuSeconds();
        return std::move(m_result);
    }

private:
    /// The first one sends alone; among several, each gets what the others send.
    bool isReceiver(uint32_t i) const { return m_isMutual || i > 0; }

    uint32_t receiversOf() const { return m_isMutual ? m_options.senders - 1 : m_options.receivers; }

    void awaitGreetings()
    {
        size_t ready = 0;
        std::vector<char> isReady(m_sockets.size());
        const uint64_t end = now() + kGreetingNs;
        while (ready < m_sockets.size()) {
            if (now() > end)
                fail("the server does not answer the greeting");
            for (const Poller::Ready &event : m_poller.wait(100)) {
                Socket &socket = *m_sockets[event.number];
                if (!socket.receive())
                    fail("the server closed a connection while greeting");
                Wire::Item item;
                while ((item = m_options.wire->parse(socket.received())).bytes > 0) {
                    socket.write(item.answer);
                    if (item.isReady && !std::exchange(isReady[event.number], true))
                        ++ready;
                    socket.take(item.bytes);
                }
                flush(m_poller, socket, event.number, m_waits);
            }
        }
    }

    void send(uint32_t s, uint64_t time)
    {
        m_payload.clear();
        m_frame.clear();
        m_messages.append(m_payload, s, m_sent[s], time);
        m_options.wire->append(m_frame, m_payload, m_sent[s]++);
        m_sockets[s]->write(m_frame);
    }

    void fill(uint64_t time)
    {
        for (uint32_t s = 0; s < m_options.senders; ++s) {
            if (m_sent[s] - m_slowest[s] >= m_options.window)
                continue;
            while (m_sent[s] - m_slowest[s] < m_options.window)
                send(s, time);
            flush(m_poller, *m_sockets[s], s, m_waits);
        }
    }

    void receive(int milliseconds)
    {
        for (const Poller::Ready &ready : m_poller.wait(milliseconds)) {
            Socket &socket = *m_sockets[ready.number];
            if (ready.readable && !socket.receive())
                fail("the server closed a connection");
            const uint64_t time = now();
            const bool counts = m_clock->counts(time);
            Wire::Item item;
            while ((item = m_options.wire->parse(socket.received())).bytes > 0) {
                if (item.payload)
                    take(ready.number, *item.payload, time, counts);
                if (!item.answer.empty())
                    socket.write(item.answer);
                socket.take(item.bytes);
            }
            flush(m_poller, socket, ready.number, m_waits);
        }
    }

    void take(uint32_t receiver, std::string_view payload, uint64_t time, bool counts)
    {
        Messages::Head head;
        if (!m_messages.read(payload, head) || head.sender >= m_options.senders) {
            ++m_result.wrong;
            return;
        }
        if (head.sender == receiver)
            return; // some servers send everything to everybody
        uint32_t &came = m_came[receiver][head.sender];
        if (head.count != came)
            ++m_result.wrong;
        if (came++ == m_slowest[head.sender] && --m_atSlowest[head.sender] == 0)
            findSlowest(head.sender);
        if (counts) {
            ++m_result.messages;
            m_result.latency.add(time - head.time);
        }
    }

    void findSlowest(uint32_t s)
    {
        uint32_t slowest = m_sent[s];
        uint32_t count = 0;
        for (uint32_t r = 0; r < m_sockets.size(); ++r) {
            if (!isReceiver(r) || r == s)
                continue;
            if (m_came[r][s] < slowest) {
                slowest = m_came[r][s];
                count = 0;
            }
            count += m_came[r][s] == slowest ? 1 : 0;
        }
        m_slowest[s] = slowest;
        m_atSlowest[s] = count;
    }

    bool isOpen() const
    {
        for (uint32_t s = 0; s < m_options.senders; ++s) {
            if (m_slowest[s] != m_sent[s])
                return true;
        }
        return false;
    }

    const Options &m_options;
    const Messages m_messages;
    const bool m_isMutual;
    const std::vector<std::unique_ptr<Socket>> m_sockets;
    Poller m_poller;
    std::vector<char> m_waits;
    std::vector<uint32_t> m_sent;              ///< by sender
    std::vector<uint32_t> m_slowest;           ///< by sender: how many the slowest receiver has
    std::vector<uint32_t> m_atSlowest;         ///< by sender: how many receivers have no more than that
    std::vector<std::vector<uint32_t>> m_came; ///< by receiver and sender
    const Clock *m_clock = nullptr;
    std::string m_payload;
    std::string m_frame;
    Result m_result;
};

} // namespace

Result relay(const Options &options)
{
    return Room(options).run();
}

Result reconnect(const Options &options)
{
    const Messages messages(options.size, options.wire->form());
    Poller poller;
    std::vector<std::unique_ptr<Socket>> sockets(options.connections);
    uint32_t count = 0;
    const auto begin = [&](uint32_t i) {
        const uint64_t time = now();
        sockets[i] = std::make_unique<Socket>(options.port, options.isEncrypted);
        std::string payload;
        std::string frame;
        messages.append(payload, i, ++count, time);
        options.wire->append(frame, payload, 0);
        sockets[i]->write(frame);
        sockets[i]->flush();
        poller.add(*sockets[i], i);
    };
    Result result;
    Clock clock(options.seconds, options.pid);
    for (uint32_t i = 0; i < options.connections; ++i)
        begin(i);
    size_t open = sockets.size();
    for (uint64_t began = now(); open > 0 && began < clock.end() + kDrainNs; began = now()) {
        clock.look(began);
        for (const Poller::Ready &ready : poller.wait(100)) {
            Socket &socket = *sockets[ready.number];
            if (!socket.receive())
                fail("the server closed a connection");
            const Wire::Item item = options.wire->parse(socket.received());
            if (!item.payload)
                continue;
            const uint64_t time = now();
            Messages::Head head;
            if (!messages.read(*item.payload, head) || head.sender != ready.number)
                ++result.wrong;
            if (clock.counts(time)) {
                ++result.messages;
                result.latency.add(time - head.time);
            }
            poller.remove(socket);
            socket.reset();
            sockets[ready.number].reset();
            if (clock.isOver(time))
                --open;
            else
                begin(ready.number);
        }
    }
    result.lost = open;
    clock.look(now());
    result.seconds = clock.seconds();
    result.cpuSeconds = clock.cpuSeconds();
    return result;
}

void hold(const Options &options)
{
    Crowd crowd(options, options.connections);
    std::printf("{\"held\":%zu}\n", crowd.size());
    std::fflush(stdout);
    pollfd input{STDIN_FILENO, POLLIN, 0};
    char byte = 0;
    while (poll(&input, 1, 0) == 0 || read(STDIN_FILENO, &byte, 1) > 0)
        crowd.attend(20);
}

} // namespace wireroom::load

// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/loadsocket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>

namespace wireroom::load {

namespace {

constexpr size_t kMostBytes = 256 * 1024;

} // namespace

uint64_t now()
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return uint64_t(time.tv_sec) * 1'000'000'000 + uint64_t(time.tv_nsec);
}

void fail(const std::string &what)
{
    std::fprintf(stderr, "bench_load: %s\n", what.c_str());
    std::exit(1);
}

Socket::Socket(uint16_t port, bool isEncrypted)
    : m_descriptor(connected(port)), m_channel(m_descriptor, isEncrypted)
{
    fcntl(m_descriptor, F_SETFL, fcntl(m_descriptor, F_GETFL) | O_NONBLOCK);
}

int Socket::connected(uint16_t port)
{
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        fail(std::string("no socket: ") + std::strerror(errno) + " (ulimit -n?)");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    while (connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) < 0) {
        if (errno != EINTR)
            fail(std::string("cannot connect: ") + std::strerror(errno));
    }
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

Socket::~Socket()
{
    close(m_descriptor);
}

bool Socket::flush()
{
    while (m_sent < m_out.size()) {
        const ssize_t count = m_channel.send(m_out.data() + m_sent, m_out.size() - m_sent);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno != EAGAIN)
            fail(std::string("the server broke the connection off: ") + std::strerror(errno));
        if (count < 0)
            break;
        m_sent += size_t(count);
    }
    if (m_sent == m_out.size()) {
        m_out.clear();
        m_sent = 0;
    } else if (m_sent > kMostBytes) {
        m_out.erase(0, m_sent);
        m_sent = 0;
    }
    return !m_out.empty();
}

bool Socket::receive()
{
    ssize_t count = 0;
    do
        count = receiveOnce();
    while (count > 0 && m_channel.hasPending());
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

ssize_t Socket::receiveOnce()
{
    if (m_taken == m_filled)
        m_taken = m_filled = 0;
    if (m_in.size() - m_filled < m_readBytes) {
        if (m_taken > 0) {
            std::memmove(m_in.data(), m_in.data() + m_taken, m_filled - m_taken);
            m_filled -= m_taken;
            m_taken = 0;
        }
        if (m_in.size() - m_filled < m_readBytes)
            m_in.resize(std::max(2 * m_in.size(), m_filled + m_readBytes));
    }
    const size_t space = m_in.size() - m_filled;
    const ssize_t count = m_channel.receive(m_in.data() + m_filled, space);
    if (count > 0)
        m_filled += size_t(count);
    if (count == ssize_t(space))
        m_readBytes = std::min(2 * m_readBytes, kMostBytes);
    return count;
}

void Socket::take(size_t bytes)
{
    m_taken += bytes;
}

void Socket::reset()
{
    const linger hard{1, 0};
    setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

Poller::Poller() : m_descriptor(epoll_create1(EPOLL_CLOEXEC)) { }

Poller::~Poller()
{
    close(m_descriptor);
}

void Poller::add(const Socket &socket, uint32_t number)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = number;
    epoll_ctl(m_descriptor, EPOLL_CTL_ADD, socket.descriptor(), &event);
}

void Poller::remove(const Socket &socket)
{
    epoll_ctl(m_descriptor, EPOLL_CTL_DEL, socket.descriptor(), nullptr);
}

void Poller::wantWritable(const Socket &socket, uint32_t number, bool wanted)
{
    epoll_event event{};
    event.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.u32 = number;
    epoll_ctl(m_descriptor, EPOLL_CTL_MOD, socket.descriptor(), &event);
}

const std::vector<Poller::Ready> &Poller::wait(int milliseconds)
{
    std::array<epoll_event, 512> events;
    const int count = epoll_wait(m_descriptor, events.data(), int(events.size()), milliseconds);
    m_ready.clear();
    for (int i = 0; i < count; ++i) {
        const epoll_event &event = events[size_t(i)];
        m_ready.push_back(
            {event.data.u32, (event.events & ~uint32_t(EPOLLOUT)) != 0, (event.events & EPOLLOUT) != 0});
    }
    return m_ready;
}

std::vector<std::unique_ptr<Socket>> connectSome(uint16_t port, bool isEncrypted, uint32_t count)
{
    std::vector<std::unique_ptr<Socket>> sockets;
    for (uint32_t i = 0; i < count; ++i)
        sockets.push_back(std::make_unique<Socket>(port, isEncrypted));
    return sockets;
}

void flush(Poller &poller, Socket &socket, uint32_t number, std::vector<char> &waits)
{
    const bool left = socket.flush();
    if (left != bool(waits[number])) {
        waits[number] = left;
        poller.wantWritable(socket, number, left);
    }
}

} // namespace wireroom::load

// SPDX-License-Identifier: Apache-2.0
//
// bench_rawserver PORT echo|relay: the least that a server must do, with one thread and epoll: the limit that
// others are measured against. It knows frames (u32le), and neither names, limits nor logs.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Peer
{
    int descriptor = -1;
    std::string in;  ///< the beginning of a frame
    std::string out; ///< what the system did not take
    bool isOpen = false;
};

class Server
{
public:
    Server(uint16_t port, bool relays)
        : m_relays(relays), m_poll(epoll_create1(0)),
          m_listener(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0))
    {
        const int on = 1;
        setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(m_listener, reinterpret_cast<sockaddr *>(&address), sizeof address) < 0
            || listen(m_listener, 4096) < 0) {
            std::perror("bench_rawserver");
            std::exit(1);
        }
        watch(m_listener, EPOLLIN, EPOLL_CTL_ADD);
    }

    void run()
    {
        std::array<epoll_event, 512> events;
        for (;;) {
            const int count = epoll_wait(m_poll, events.data(), int(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const int descriptor = events[size_t(i)].data.fd;
                if (descriptor == m_listener) {
                    accept();
                    continue;
                }
                Peer &peer = m_peers[size_t(descriptor)];
                if (peer.isOpen && events[size_t(i)].events & EPOLLOUT)
                    write(peer, {});
                if (peer.isOpen && events[size_t(i)].events & ~uint32_t(EPOLLOUT))
                    read(peer);
            }
        }
    }

private:
    void watch(int descriptor, uint32_t what, int how) const
    {
        epoll_event event{};
        event.events = what;
        event.data.fd = descriptor;
        epoll_ctl(m_poll, how, descriptor, &event);
    }

    void accept()
    {
        for (int descriptor = -1; (descriptor = accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
            const int on = 1;
            setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (m_peers.size() <= size_t(descriptor))
                m_peers.resize(size_t(descriptor) + 64);
            Peer &peer = m_peers[size_t(descriptor)];
            peer = {};
            peer.descriptor = descriptor;
            peer.isOpen = true;
            m_open.push_back(descriptor);
            watch(descriptor, EPOLLIN, EPOLL_CTL_ADD);
        }
    }

    void read(Peer &peer)
    {
        const ssize_t count = recv(peer.descriptor, m_buffer.data(), m_buffer.size(), 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (count <= 0) {
            drop(peer);
            return;
        }
        const std::string_view bytes(m_buffer.data(), size_t(count));
        if (m_relays)
            relay(peer, bytes);
        else
            write(peer, bytes);
    }

    /// Only whole frames go on, so that those of several senders do not run into each other.
    void relay(Peer &from, std::string_view bytes)
    {
        std::string_view whole = bytes;
        if (!from.in.empty()) {
            from.in.append(bytes);
            whole = from.in;
        }
        size_t end = 0;
        while (whole.size() - end >= 4) {
            uint32_t length = 0;
            std::memcpy(&length, whole.data() + end, 4);
            if (whole.size() - end < 4 + size_t(length))
                break;
            end += 4 + size_t(length);
        }
        if (end > 0) {
            const int sender = from.descriptor;
            for (size_t i = 0; i < m_open.size(); ++i) {
                if (m_open[i] != sender)
                    write(m_peers[size_t(m_open[i])], whole.substr(0, end));
            }
        }
        std::string rest(whole.substr(end));
        from.in = std::move(rest);
    }

    void write(Peer &peer, std::string_view bytes)
    {
        const bool waited = !peer.out.empty();
        if (waited) {
            peer.out.append(bytes);
            bytes = peer.out;
        }
        const ssize_t count
            = bytes.empty() ? 0 : send(peer.descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN) {
            drop(peer);
            return;
        }
        std::string rest(bytes.substr(count > 0 ? size_t(count) : 0));
        peer.out = std::move(rest);
        if (waited != !peer.out.empty())
            watch(peer.descriptor, peer.out.empty() ? uint32_t(EPOLLIN) : uint32_t(EPOLLIN | EPOLLOUT),
                  EPOLL_CTL_MOD);
    }

    void drop(Peer &peer)
    {
        close(peer.descriptor);
        std::erase(m_open, peer.descriptor);
        peer = {};
    }

    bool m_relays;
    int m_poll;
    int m_listener;
    std::vector<Peer> m_peers; ///< by descriptor
    std::vector<int> m_open;
    std::array<char, 256 * 1024> m_buffer;
};

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3) {
        std::fputs("Usage: bench_rawserver PORT echo|relay\n", stderr);
        return 64;
    }
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    static Server server(uint16_t(std::atoi(argv[1])), std::string_view(argv[2]) == "relay");
    server.run();
}

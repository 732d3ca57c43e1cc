// SPDX-License-Identifier: Apache-2.0
#include "common/transport/descriptor.h"

#include <QtEndian>

#include <array>

#ifdef Q_OS_WIN
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace wireroom {

namespace {

#ifdef Q_OS_WIN
using Socket = SOCKET;
constexpr int kSendFlags = 0;
constexpr int kShutdownSending = SD_SEND;

bool wouldBlock()
{
    return WSAGetLastError() == WSAEWOULDBLOCK;
}
#else
using Socket = int;
#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
#else
constexpr int kSendFlags = MSG_DONTWAIT; // without MSG_NOSIGNAL, SIGPIPE is ignored by the programs
#endif
constexpr int kShutdownSending = SHUT_WR;

bool wouldBlock()
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}
#endif

} // namespace

void Descriptor::reset()
{
    if (m_value == -1)
        return;
#ifdef Q_OS_WIN
    ::closesocket(Socket(m_value));
#else
    ::close(Socket(m_value));
#endif
    m_value = -1;
}

Descriptor Descriptor::duplicate(qintptr socket)
{
#ifdef Q_OS_WIN
    Q_UNUSED(socket);
    return {};
#else
    return Descriptor(::fcntl(Socket(socket), F_DUPFD_CLOEXEC, 0));
#endif
}

Descriptor::AcceptState Descriptor::accept(qintptr socket, Descriptor &connection)
{
#ifdef Q_OS_WIN
    const SOCKET accepted = ::accept(Socket(socket), nullptr, nullptr);
    if (accepted != INVALID_SOCKET) {
        connection = Descriptor(qintptr(accepted));
        return AcceptState::Accepted;
    }
    const int error = WSAGetLastError();
    if (error == WSAEMFILE || error == WSAENOBUFS)
        return AcceptState::Exhausted;
    return error == WSAEWOULDBLOCK || error == WSAECONNRESET ? AcceptState::Nothing : AcceptState::Failed;
#else
#ifdef SOCK_CLOEXEC
    const int accepted = ::accept4(Socket(socket), nullptr, nullptr, SOCK_CLOEXEC);
#else
    const int accepted = ::accept(Socket(socket), nullptr, nullptr);
    if (accepted >= 0)
        ::fcntl(accepted, F_SETFD, FD_CLOEXEC);
#endif
    if (accepted >= 0) {
        connection = Descriptor(accepted);
        return AcceptState::Accepted;
    }
    switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return AcceptState::Exhausted;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
        return AcceptState::Failed;
    default: // also what happened to the connection before it was accepted
        return AcceptState::Nothing;
    }
#endif
}

Descriptor::Peer Descriptor::peer() const
{
    sockaddr_storage storage{};
#ifdef Q_OS_WIN
    int size = sizeof storage;
#else
    socklen_t size = sizeof storage;
#endif
    auto *const address = reinterpret_cast<sockaddr *>(&storage);
    if (::getpeername(Socket(m_value), address, &size) != 0)
        return {};
    Peer peer;
    peer.address.setAddress(address);
    bool isMapped = false;
    const quint32 mapped = peer.address.toIPv4Address(&isMapped);
    if (isMapped)
        peer.address.setAddress(mapped);
    peer.port = storage.ss_family == AF_INET6
        ? qFromBigEndian(reinterpret_cast<sockaddr_in6 *>(&storage)->sin6_port)
        : qFromBigEndian(reinterpret_cast<sockaddr_in *>(&storage)->sin_port);
    return peer;
}

Descriptor::Peek Descriptor::peek(char *buffer, qsizetype size) const
{
#ifdef Q_OS_WIN
    const int n = ::recv(Socket(m_value), buffer, int(size), MSG_PEEK);
#else
    const ssize_t n = ::recv(Socket(m_value), buffer, size_t(size), MSG_PEEK | MSG_DONTWAIT);
#endif
    if (n < 0)
        return {0, wouldBlock() ? PeekState::Open : PeekState::Failed};
    if (n == 0)
        return {0, PeekState::Ended};
#ifdef POLLRDHUP
    // While bytes are there a look shows no end; Linux tells it apart.
    pollfd poll{Socket(m_value), POLLRDHUP, 0};
    if (::poll(&poll, 1, 0) == 1 && (poll.revents & (POLLRDHUP | POLLHUP | POLLERR)))
        return {qsizetype(n), PeekState::Ended};
#endif
    return {qsizetype(n), PeekState::Open};
}

Descriptor::Peek Descriptor::receive(qintptr socket, char *buffer, qsizetype size)
{
#ifdef Q_OS_WIN
    const int n = ::recv(Socket(socket), buffer, int(size), 0);
#else
    const ssize_t n = ::recv(Socket(socket), buffer, size_t(size), MSG_DONTWAIT);
#endif
    if (n < 0)
        return {0, wouldBlock() ? PeekState::Open : PeekState::Failed};
    return {qsizetype(n), n == 0 ? PeekState::Ended : PeekState::Open};
}

qsizetype Descriptor::send(qintptr socket, const char *bytes, qsizetype count)
{
#ifdef Q_OS_WIN
    const int n = ::send(Socket(socket), bytes, int(qMin<qsizetype>(count, 1 << 20)), kSendFlags);
#else
    const ssize_t n = ::send(Socket(socket), bytes, size_t(count), kSendFlags);
#endif
    return n >= 0 ? qsizetype(n) : wouldBlock() ? 0 : -1;
}

bool Descriptor::discardInput() const
{
    std::array<char, 16 * 1024> buffer;
    // As much as a full receive buffer holds, so that a peer that never stops cannot keep the caller here.
    for (int i = 0; i < 64; ++i) {
#ifdef Q_OS_WIN
        const int n = ::recv(Socket(m_value), buffer.data(), int(buffer.size()), 0);
#else
        const ssize_t n = ::recv(Socket(m_value), buffer.data(), buffer.size(), MSG_DONTWAIT);
#endif
        if (n == 0)
            return false;
        if (n < 0)
            return wouldBlock();
    }
    return true;
}

void Descriptor::shutdownSending(qintptr socket)
{
    ::shutdown(Socket(socket), kShutdownSending);
}

bool Descriptor::wasReset() const
{
    if (m_value == -1)
        return false;
#ifdef Q_OS_WIN
    return false;
#else
    // After an orderly end the other direction still takes (no) bytes; after a reset nothing is left to send
    // on.
    return ::send(Socket(m_value), "", 0, kSendFlags) < 0 && (errno == EPIPE || errno == ECONNRESET);
#endif
}

quint64 raiseDescriptorLimit()
{
#ifdef Q_OS_WIN
    return 0;
#else
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    if (limit.rlim_cur < limit.rlim_max) {
        const rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
            limit.rlim_cur = before;
    }
    return limit.rlim_cur == RLIM_INFINITY ? 0 : quint64(limit.rlim_cur);
#endif
}

} // namespace wireroom

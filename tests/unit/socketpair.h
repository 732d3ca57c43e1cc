// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QSocketNotifier>

#include <array>
#include <functional>
#include <memory>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace wireroom::testing {

/// Two connected stream sockets, closed at the end if nobody did before.
struct Pair
{
    Pair() { ok = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd.data()) == 0; }

    ~Pair()
    {
        close(0);
        close(1);
    }
    Q_DISABLE_COPY_MOVE(Pair)

    void close(size_t end)
    {
        if (fd[end] >= 0)
            ::close(std::exchange(fd[end], -1));
    }

    void write(size_t end) { ok = ok && ::write(fd[end], "x", 1) == 1; }

    void read(size_t end)
    {
        char byte;
        ok = ok && ::read(fd[end], &byte, 1) == 1;
    }

    std::array<int, 2> fd{-1, -1};
    bool ok = false;
};

/// A notifier that counts, and drops one byte each time if it reads.
struct Counter
{
    Counter(int fd, QSocketNotifier::Type type, bool consume = true)
        : notifier(std::make_unique<QSocketNotifier>(fd, type))
    {
        QObject::connect(notifier.get(), &QSocketNotifier::activated, notifier.get(),
                         [this, fd, type, consume] {
                             ++count;
                             char byte;
                             if (type == QSocketNotifier::Read && consume && ::read(fd, &byte, 1) < 0)
                                 ++failedReads;
                             if (then)
                                 then();
                         });
    }

    int count = 0;
    int failedReads = 0;
    std::function<void()> then;
    std::unique_ptr<QSocketNotifier> notifier;
};

} // namespace wireroom::testing

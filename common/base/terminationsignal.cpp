// SPDX-License-Identifier: Apache-2.0
#include "common/base/terminationsignal.h"

#include <QSocketNotifier>
#include <QTimer>

#include <csignal>
#include <cstdlib>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <unistd.h>
#endif

namespace wireroom {

namespace {

volatile std::sig_atomic_t s_caught = 0;
#ifdef Q_OS_UNIX
int s_pipe[2] = {-1, -1};
#endif

void onSignal(int number)
{
    if (s_caught)
        std::_Exit(128 + number);
    s_caught = 1;
#ifdef Q_OS_UNIX
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = ::write(s_pipe[1], &byte, 1);
#endif
}

} // namespace

TerminationSignal::TerminationSignal(QObject *parent) : QObject(parent)
{
    s_caught = 0;
#ifdef Q_OS_UNIX
    std::signal(SIGPIPE, SIG_IGN);
    if (::pipe(s_pipe) == 0) {
        for (const int fd : s_pipe)
            ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        auto *notifier = new QSocketNotifier(s_pipe[0], QSocketNotifier::Read, this);
        connect(notifier, &QSocketNotifier::activated, this, [this, notifier] {
            notifier->setEnabled(false);
            Q_EMIT requested();
        });
    }
#else
    // A handler may do next to nothing there; looking ten times a second is what is left.
    auto *timer = new QTimer(this);
    connect(timer, &QTimer::timeout, this, [this, timer] {
        if (s_caught) {
            timer->stop();
            Q_EMIT requested();
        }
    });
    timer->start(100);
#endif
    std::signal(SIGTERM, onSignal);
    std::signal(SIGINT, onSignal);
}

TerminationSignal::~TerminationSignal()
{
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGINT, SIG_DFL);
#ifdef Q_OS_UNIX
    for (int &fd : s_pipe) {
        ::close(fd);
        fd = -1;
    }
#endif
}

} // namespace wireroom

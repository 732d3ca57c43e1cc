// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDir>
#include <QFile>
#include <QTest>

#include <array>
#include <atomic>
#include <vector>

#ifdef Q_OS_LINUX
#include <cerrno>
#include <csignal>

#include <sys/syscall.h>
#include <unistd.h>
#endif

/// The system's numbers of this process' threads that have this name (Linux; 15 characters of it).
inline std::vector<int> threadsNamed(const QByteArray &wanted)
{
    std::vector<int> numbers;
    const QDir tasks(QStringLiteral("/proc/self/task"));
    for (const QString &task : tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile name(tasks.filePath(task + QStringLiteral("/comm")));
        if (name.open(QFile::ReadOnly) && name.readAll().trimmed() == wanted)
            numbers.push_back(task.toInt());
    }
    return numbers;
}

#ifdef Q_OS_LINUX

/// Holds one thread up, in a signal handler that reads from a pipe, for as long as this lives: what happens
/// where that thread is late. One at a time.
class HeldThread
{
public:
    explicit HeldThread(int thread)
    {
        if (pipe(s_pipe.data()) == 0 && signal(SIGUSR1, &wait) != SIG_ERR)
            syscall(SYS_tgkill, getpid(), thread, SIGUSR1);
    }

    HeldThread(const HeldThread &) = delete;
    HeldThread &operator=(const HeldThread &) = delete;

    ~HeldThread()
    {
        close(s_pipe[1]);
        while (s_holds)
            QTest::qWait(1);
        close(s_pipe[0]);
    }

    /// False for a moment at first.
    static bool holds() { return s_holds; }

private:
    static void wait(int)
    {
        s_holds = true;
        char byte = 0;
        while (read(s_pipe[0], &byte, 1) < 0 && errno == EINTR) { }
        s_holds = false;
    }

    static inline std::array<int, 2> s_pipe{};
    static inline std::atomic<bool> s_holds = false;
};

#endif

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/inbox.h"

#include <QByteArray>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace wireroom {

/// Hashes passwords in a thread of its own, one at a time, and no more than a quarter of the time: after each
/// it rests for three times as long as that took. Guessers cost the others nothing then.
///
/// Owner: the PasswordGate, in the network thread, where the answers come, too. The thread begins with the
/// first job and ends with this object, which waits for the hash at work.
class PasswordThread
{
public:
    /// Jobs that wait; some eight seconds of them.
    static constexpr size_t kMostWaiting = 24;

    struct Done
    {
        quint64 job;
        bool isRight;    ///< of check()
        QByteArray hash; ///< of hash(); empty where there was not memory enough
    };

    explicit PasswordThread(std::function<void(const Done &)> handler);
    ~PasswordThread();

    /// False where too many wait.
    bool check(quint64 job, const QByteArray &bytes, const QByteArray &hash);
    /// Makes a hash; before everything that waits.
    void hash(quint64 job, const QByteArray &bytes);
    /// Nobody waits for it any more.
    void forget(quint64 job);

    quint64 jobsDone() const { return m_jobsDone; }

private:
    struct Job
    {
        quint64 job;
        QByteArray bytes;
        QByteArray hash; ///< empty: make one
    };

    void start();
    void run();

    Inbox<Done> m_answers;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Job> m_jobs;
    bool m_ends = false;
    std::atomic<quint64> m_jobsDone = 0;
    std::thread m_thread;
};

} // namespace wireroom

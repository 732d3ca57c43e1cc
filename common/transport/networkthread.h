// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/eventdispatcher.h"
#include "common/transport/tlsthread.h"

#include <QString>
#include <QThread>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

namespace wireroom {

/// A thread with an event loop for sockets, and the one object that lives in it: made there before the
/// constructor returns, destroyed there when the loop ends.
///
/// Owner: a façade, in its own thread. The worker ends the loop with QThread::quit(); join() waits for that.
template <typename Worker> class NetworkThread
{
public:
    NetworkThread(const QString &name, std::function<std::unique_ptr<Worker>()> make)
        : m_thread(std::move(make))
    {
        m_thread.setObjectName(name);
        installEventDispatcher(m_thread);
        m_thread.start();
        m_thread.waitUntil(Phase::Ready);
    }
    Q_DISABLE_COPY_MOVE(NetworkThread)

    /// For its thread-safe members only; not after join().
    Worker &worker() { return *m_thread.worker; }

    void join()
    {
        m_thread.waitUntil(Phase::Ended);
        m_thread.wait();
    }

private:
    enum class Phase { Starting, Ready, Ended };

    class Thread : public QThread
    {
    public:
        explicit Thread(std::function<std::unique_ptr<Worker>()> make) : m_make(std::move(make)) { }

        // Standard primitives rather than Qt's, so that the thread sanitizer sees what happens before what.
        void waitUntil(Phase phase)
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [&] { return m_phase >= phase; });
        }

        Worker *worker = nullptr;

    protected:
        void run() override
        {
            std::unique_ptr<Worker> owned = m_make();
            worker = owned.get();
            enter(Phase::Ready);
            exec();
            owned.reset();
            releaseTlsOfThread();
            enter(Phase::Ended);
        }

    private:
        void enter(Phase phase)
        {
            const std::lock_guard lock(m_mutex);
            m_phase = phase;
            m_changed.notify_all();
        }

        std::function<std::unique_ptr<Worker>()> m_make;
        std::mutex m_mutex;
        std::condition_variable m_changed;
        Phase m_phase = Phase::Starting;
    };

    Thread m_thread;
};

} // namespace wireroom

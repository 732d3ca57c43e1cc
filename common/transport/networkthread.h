// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/eventdispatcher.h"

#include <QSemaphore>
#include <QString>
#include <QThread>

#include <functional>
#include <memory>

namespace wireroom {

/// A thread with an event loop for sockets, and the one object that lives in it: made there before the constructor
/// returns, destroyed there when the loop ends.
///
/// Owner: a façade, in its own thread. The worker ends the loop with QThread::quit(); join() waits for that.
template<typename Worker> class NetworkThread
{
public:
    NetworkThread(const QString &name, std::function<std::unique_ptr<Worker>()> make)
        : m_thread(std::move(make))
    {
        m_thread.setObjectName(name);
        installEventDispatcher(m_thread);
        m_thread.start();
        m_thread.ready.acquire();
    }
    Q_DISABLE_COPY_MOVE(NetworkThread)

    /// For its thread-safe members only; not after join().
    Worker &worker() { return *m_thread.worker; }

    void join() { m_thread.wait(); }

private:
    class Thread : public QThread
    {
    public:
        explicit Thread(std::function<std::unique_ptr<Worker>()> make)
            : m_make(std::move(make))
        {
        }

        QSemaphore ready;
        Worker *worker = nullptr;

    protected:
        void run() override
        {
            const std::unique_ptr<Worker> owned = m_make();
            worker = owned.get();
            ready.release();
            exec();
        }

    private:
        std::function<std::unique_ptr<Worker>()> m_make;
    };

    Thread m_thread;
};

} // namespace wireroom

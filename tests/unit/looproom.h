// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/eventdispatcher.h"

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QThread>
#include <QTimer>

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace wireroom::testing {

using namespace std::chrono_literals;

/// How long anything may take before the test counts as failed.
inline constexpr auto kPatience = 30s;

/// A running thread with the dispatcher under test. call() runs a function there and returns its result.
class Room : private QObject
{
public:
    Room()
    {
        m_installed = installEventDispatcher(m_thread);
        moveToThread(&m_thread);
        m_thread.start();
    }

    ~Room() override
    {
        m_thread.quit();
        m_thread.wait();
    }

    bool installed() const { return m_installed; }

    QThread &thread() { return m_thread; }

    template <typename Function> auto call(Function function)
    {
        std::optional<decltype(function())> result;
        post([&] {
            auto value = function();
            const std::lock_guard lock(m_mutex);
            result = std::move(value);
            m_done.notify_all();
        });
        std::unique_lock lock(m_mutex);
        m_done.wait(lock, [&] { return result.has_value(); });
        return *result;
    }

    void post(std::function<void()> job)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_jobs.push_back(std::move(job));
        }
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
    }

protected:
    void customEvent(QEvent *) override
    {
        std::function<void()> job;
        {
            const std::lock_guard lock(m_mutex);
            job = std::move(m_jobs.front());
            m_jobs.pop_front();
        }
        job();
    }

private:
    QThread m_thread;
    bool m_installed = false;
    std::mutex m_mutex;
    std::condition_variable m_done;
    std::deque<std::function<void()>> m_jobs;
};

inline bool turn(QEventLoop::ProcessEventsFlags flags = QEventLoop::AllEvents)
{
    return QAbstractEventDispatcher::instance()->processEvents(flags);
}

/// Turns the current thread's loop until the condition holds; false if it never does.
template <typename Condition> bool turnUntil(Condition condition)
{
    QTimer guard;
    guard.start(kPatience);
    const QDeadlineTimer deadline(kPatience);
    while (!condition() && !deadline.hasExpired())
        turn(QEventLoop::WaitForMoreEvents);
    return condition();
}

/// Turns until nothing is left to do; false if that never happens, as with an event that is never consumed.
inline bool becomesIdle()
{
    for (int i = 0; i < 100; ++i) {
        if (!turn())
            return true;
    }
    return false;
}

} // namespace wireroom::testing

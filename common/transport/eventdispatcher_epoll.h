// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractEventDispatcher>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wireroom {

/// An event dispatcher on epoll, for I/O threads with thousands of sockets: a turn costs what is ready, not
/// what is registered. Complete (sockets, timers, posted events, nested loops), so everything Qt works on it
/// unchanged.
///
/// The thread it is installed on owns it and deletes it when it finishes; it owns an epoll instance, a second
/// one for turns without sockets, and an eventfd. All functions belong to that thread but wakeUp() and
/// interrupt(), which any thread may call.
///
/// Sockets: level-triggered. Registering and unregistering only note the wish; the kernel hears of the net
/// change right before the next wait, so switching a notifier on and off within a turn costs nothing while
/// another one of its descriptor stays on. Of two notifiers of one type on one descriptor the newer one
/// counts.
///
/// Timers: never early. A coarse timer is at most 5 % late, a very coarse one at most half a second, each on
/// top of the loop being busy, so that many of them share a turn. Repeating timers keep their phase: what was
/// missed is skipped, not made up for.
class EpollEventDispatcher final : public QAbstractEventDispatcher
{
    Q_OBJECT

public:
    /// Null if the process has no descriptors left.
    static std::unique_ptr<EpollEventDispatcher> create();

    /// Waits for wakeUp() calls that other threads have begun.
    ~EpollEventDispatcher() override;

    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;

    void registerSocketNotifier(QSocketNotifier *notifier) override;
    void unregisterSocketNotifier(QSocketNotifier *notifier) override;

    void registerTimer(int timerId, qint64 interval, Qt::TimerType timerType, QObject *object) override;
    bool unregisterTimer(int timerId) override;
    bool unregisterTimers(QObject *object) override;
    QList<TimerInfo> registeredTimers(QObject *object) const override;
    int remainingTime(int timerId) override;

    void wakeUp() override;
    void interrupt() override;

private:
    /// A point of, or a span on, the monotonic clock.
    using Nanoseconds = std::chrono::nanoseconds;

    /// A descriptor that is closed with its owner.
    class OwnedFd
    {
    public:
        explicit OwnedFd(int fd = -1) : m_fd(fd) { }

        OwnedFd(OwnedFd &&other) noexcept : m_fd(std::exchange(other.m_fd, -1)) { }

        OwnedFd &operator=(OwnedFd &&other) noexcept
        {
            std::swap(m_fd, other.m_fd);
            return *this;
        }

        ~OwnedFd();

        bool isValid() const { return m_fd >= 0; }

        int get() const { return m_fd; }

    private:
        int m_fd;
    };

    /// What is wanted of one descriptor number, and what the kernel knows of it. Masks are of EPOLLIN,
    /// EPOLLOUT and EPOLLPRI.
    struct Watch
    {
        std::array<QSocketNotifier *, 3> notifiers{}; ///< by QSocketNotifier::Type
        quint32 applied = 0;                          ///< the interest that epoll has
        quint32 ready = 0;                            ///< reported by the last wait and not yet delivered
        quint32 generation = 0; ///< tells this registration's events from those of a file that had the number
        bool changed = false;   ///< is in m_changed
        bool recheck = false;   ///< the number may stand for another file than the one epoll was told about

        quint32 wanted() const;
    };

    /// When a timer is due; the serial keeps timers that are due together in the order they were scheduled.
    using Due = std::pair<Nanoseconds, quint64>;

    struct Timer
    {
        qint64 interval = 0; ///< in milliseconds, as asked for
        Qt::TimerType type = Qt::CoarseTimer;
        QObject *object = nullptr;
        Nanoseconds nominal{}; ///< when it should fire, before coarseness
        Due due;               ///< when it will fire
    };

    EpollEventDispatcher(OwnedFd epoll, OwnedFd wakeEpoll, OwnedFd wakeFd);

    void noteChange(int fd);
    void applyChanges();
    void applyChange(int fd);
    void rebuildEpoll();
    int waitTime(bool withNotifiers, bool withTimers) const;
    bool waitAndActivate(bool withNotifiers, bool withTimers, bool mayWait);
    void activateNotifiers(int fd);

    void schedule(Timer &timer);
    bool activateTimers();

    OwnedFd m_epoll;
    OwnedFd m_wakeEpoll; ///< knows the eventfd alone: what a turn without sockets waits on
    OwnedFd m_wakeFd;
    std::atomic<bool> m_wakePending
        = false; ///< another thread has written, or is about to write, the eventfd
    std::atomic<bool> m_interrupted = false;
    std::atomic<int> m_wakers = 0; ///< other threads inside wakeUp()
    bool m_selfWoken = false;      ///< wakeUp() was called in our own thread
    bool m_ghostSeen = false;      ///< epoll reports a file that has no descriptor here any more

    std::vector<Watch> m_watches; ///< by descriptor
    std::vector<int> m_changed;
    std::set<int> m_alwaysReady; ///< descriptors epoll refuses because they never block (regular files)

    std::unordered_map<int, Timer> m_timers; ///< by ID
    std::map<Due, int> m_queue;              ///< IDs in the order they are due; not those being delivered
    std::set<std::pair<quintptr, int>> m_timersOf; ///< object and ID
    quint64 m_serial = 0;
};

} // namespace wireroom

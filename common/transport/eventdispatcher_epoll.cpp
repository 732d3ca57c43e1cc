// SPDX-License-Identifier: Apache-2.0
#include "common/transport/eventdispatcher_epoll.h"

#include <QCoreApplication>
#include <QSocketNotifier>
#include <QThread>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <limits>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace wireroom {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

/// One wait's harvest: enough that a busy server rarely asks twice, little enough for the stack of a nested
/// loop.
constexpr int kEventsPerWait = 256;

/// By QSocketNotifier::Type.
constexpr std::array<quint32, 3> kInterests{EPOLLIN, EPOLLOUT, EPOLLPRI};
/// What epoll reports unasked; every notifier of the descriptor hears of it.
constexpr quint32 kBroken = EPOLLHUP | EPOLLERR;
/// What a regular file always is.
constexpr quint32 kNeverBlocks = EPOLLIN | EPOLLOUT;

/// Marks the eventfd's events; no descriptor's key has all bits set.
constexpr quint64 kWakeKey = std::numeric_limits<quint64>::max();

constexpr int fdOf(quint64 key)
{
    return int(key & 0xffffffffu);
}

constexpr quint64 keyOf(int fd, quint32 generation)
{
    return quint64(generation) << 32 | quint32(fd);
}

bool control(int epoll, int operation, int fd, quint32 interest, quint64 key)
{
    epoll_event event{};
    event.events = interest;
    event.data.u64 = key;
    return epoll_ctl(epoll, operation, fd, &event) == 0;
}

/// Edge-triggered: each write of the eventfd is reported once and its counter need never be read.
bool addWakeFd(int epoll, int wakeFd)
{
    return control(epoll, EPOLL_CTL_ADD, wakeFd, EPOLLIN | EPOLLET, kWakeKey);
}

std::chrono::nanoseconds now()
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

/// The longest grid timers are moved to; its halves are the shorter ones, so timers of all intervals meet.
constexpr qint64 kCoarsestMs = 512;

/// The grid, in milliseconds, on which a timer may fire; 0 if it is to be precise.
qint64 gridFor(qint64 interval, Qt::TimerType type)
{
    if (type == Qt::PreciseTimer || interval < 20)
        return 0;
    if (type == Qt::VeryCoarseTimer && interval >= kCoarsestMs)
        return kCoarsestMs;
    return std::min(qint64(std::bit_floor(quint64(interval) / 20)), kCoarsestMs);
}

} // namespace

EpollEventDispatcher::OwnedFd::~OwnedFd()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

quint32 EpollEventDispatcher::Watch::wanted() const
{
    quint32 mask = 0;
    for (size_t type = 0; type < notifiers.size(); ++type) {
        if (notifiers[type])
            mask |= kInterests[type];
    }
    return mask;
}

std::unique_ptr<EpollEventDispatcher> EpollEventDispatcher::create()
{
    OwnedFd epoll(epoll_create1(EPOLL_CLOEXEC));
    OwnedFd wakeEpoll(epoll_create1(EPOLL_CLOEXEC));
    OwnedFd wakeFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!epoll.isValid() || !wakeEpoll.isValid() || !wakeFd.isValid() || !addWakeFd(epoll.get(), wakeFd.get())
        || !addWakeFd(wakeEpoll.get(), wakeFd.get()))
        return nullptr;
    return std::unique_ptr<EpollEventDispatcher>(
        new EpollEventDispatcher(std::move(epoll), std::move(wakeEpoll), std::move(wakeFd)));
}

EpollEventDispatcher::EpollEventDispatcher(OwnedFd epoll, OwnedFd wakeEpoll, OwnedFd wakeFd)
    : m_epoll(std::move(epoll)), m_wakeEpoll(std::move(wakeEpoll)), m_wakeFd(std::move(wakeFd))
{
}

EpollEventDispatcher::~EpollEventDispatcher()
{
    while (m_wakers.load(std::memory_order_acquire) != 0)
        QThread::yieldCurrentThread();
}

bool EpollEventDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    m_interrupted = false;
    const bool wokenBefore = std::exchange(m_selfWoken, false);
    QCoreApplication::sendPostedEvents();
    if (m_interrupted)
        return false;

    // Who asks for a turn must get back once posted events were delivered. QEventLoop::exec() looks at
    // nothing but its exit flag, which comes with an interrupt(): there the turn may go on to wait and spare
    // an empty one.
    const bool mayWait = flags.testFlag(QEventLoop::WaitForMoreEvents) && !m_selfWoken
        && (flags.testFlag(QEventLoop::EventLoopExec) || !wokenBefore);
    if (mayWait)
        Q_EMIT aboutToBlock();

    const bool withTimers = !flags.testFlag(QEventLoop::X11ExcludeTimers);
    bool handled = waitAndActivate(!flags.testFlag(QEventLoop::ExcludeSocketNotifiers), withTimers, mayWait);
    if (withTimers)
        handled |= activateTimers();
    return handled || wokenBefore;
}

// ---- sockets ----

void EpollEventDispatcher::registerSocketNotifier(QSocketNotifier *notifier)
{
    Q_ASSERT(notifier && notifier->socket() >= 0 && notifier->thread() == QThread::currentThread());
    const int fd = int(notifier->socket());
    if (size_t(fd) >= m_watches.size())
        m_watches.resize(size_t(fd) + 1);
    Watch &watch = m_watches[size_t(fd)];
    // A notifier that was never unregistered: its file is closed, and the number another's, which epoll does
    // not know although what is wanted of it is the same.
    if (watch.notifiers[notifier->type()])
        watch.recheck = true;
    watch.notifiers[notifier->type()] = notifier;
    watch.ready &= ~kInterests[notifier->type()];
    noteChange(fd);
}

void EpollEventDispatcher::unregisterSocketNotifier(QSocketNotifier *notifier)
{
    Q_ASSERT(notifier && notifier->thread() == QThread::currentThread());
    const int fd = int(notifier->socket());
    if (size_t(fd) >= m_watches.size() || m_watches[size_t(fd)].notifiers[notifier->type()] != notifier)
        return;
    Watch &watch = m_watches[size_t(fd)];
    watch.notifiers[notifier->type()] = nullptr;
    watch.ready &= ~kInterests[notifier->type()];
    // The last one is not put off: the descriptor may be closed next, and its number be another thread's by
    // the end of the turn. Where it is closed already this fails, and that is as good.
    if (watch.applied != 0 && watch.wanted() == 0) {
        control(m_epoll.get(), EPOLL_CTL_DEL, fd, 0, 0);
        watch.applied = 0;
    }
    noteChange(fd);
}

void EpollEventDispatcher::noteChange(int fd)
{
    if (!std::exchange(m_watches[size_t(fd)].changed, true))
        m_changed.push_back(fd);
}

void EpollEventDispatcher::applyChanges()
{
    if (m_ghostSeen)
        rebuildEpoll();
    for (const int fd : m_changed)
        applyChange(fd);
    m_changed.clear();
}

void EpollEventDispatcher::applyChange(int fd)
{
    Watch &watch = m_watches[size_t(fd)];
    watch.changed = false;
    const bool recheck = std::exchange(watch.recheck, false);
    const quint32 wanted = watch.wanted();
    m_alwaysReady.erase(fd);
    if (wanted == 0 || (wanted == watch.applied && !recheck))
        return;

    const bool known = watch.applied != 0;
    bool done = known && control(m_epoll.get(), EPOLL_CTL_MOD, fd, wanted, keyOf(fd, watch.generation));
    if (!done && (!known || errno == ENOENT)) {
        const quint64 key = keyOf(fd, ++watch.generation);
        done = control(m_epoll.get(), EPOLL_CTL_ADD, fd, wanted, key)
            || (errno == EEXIST && control(m_epoll.get(), EPOLL_CTL_MOD, fd, wanted, key));
    }
    watch.applied = done ? wanted : 0;
    if (done || errno == EBADF)
        return;
    if (errno != EPERM)
        qWarning("The system refuses to watch descriptor %d: %s", fd, qPrintable(qt_error_string(errno)));
    else if (wanted & kNeverBlocks)
        m_alwaysReady.insert(fd);
}

/// A file that was closed here but lives on in a duplicate stays in epoll, reports, and cannot be removed by
/// its number. Only a new epoll instance is rid of it.
void EpollEventDispatcher::rebuildEpoll()
{
    OwnedFd fresh(epoll_create1(EPOLL_CLOEXEC));
    if (!fresh.isValid() || !addWakeFd(fresh.get(), m_wakeFd.get()))
        return;
    m_epoll = std::move(fresh);
    m_ghostSeen = false;
    for (size_t fd = 0; fd < m_watches.size(); ++fd) {
        if (std::exchange(m_watches[fd].applied, 0) != 0)
            noteChange(int(fd));
    }
}

int EpollEventDispatcher::waitTime(bool withNotifiers, bool withTimers) const
{
    if (m_selfWoken || (withNotifiers && !m_alwaysReady.empty()))
        return 0;
    if (!withTimers || m_queue.empty())
        return -1;
    // Rounded up: a millisecond of waiting too little would be spent spinning.
    const qint64 left = std::chrono::ceil<milliseconds>(m_queue.begin()->first.first - now()).count();
    return int(std::clamp<qint64>(left, 0, std::numeric_limits<int>::max()));
}

bool EpollEventDispatcher::waitAndActivate(bool withNotifiers, bool withTimers, bool mayWait)
{
    if (withNotifiers)
        applyChanges();
    std::array<epoll_event, kEventsPerWait> events;
    int count = 0;
    do {
        count = epoll_wait(withNotifiers ? m_epoll.get() : m_wakeEpoll.get(), events.data(), kEventsPerWait,
                           mayWait ? waitTime(withNotifiers, withTimers) : 0);
    } while (count < 0 && errno == EINTR);

    // Everything is noted before anything is delivered: what a slot unregisters is no longer ready then.
    for (int i = 0; i < count; ++i) {
        const quint64 key = events[size_t(i)].data.u64;
        if (key == kWakeKey) {
            m_wakePending.exchange(false); // not a store: it must see what came before the flag was set
            continue;
        }
        Watch &watch = m_watches[size_t(fdOf(key))];
        if (watch.applied == 0 || key != keyOf(fdOf(key), watch.generation)) {
            m_ghostSeen = true;
            continue;
        }
        const quint32 happened = events[size_t(i)].events;
        watch.ready = (happened & kBroken) ? watch.applied : watch.applied & happened;
    }
    if (mayWait)
        Q_EMIT awake();

    for (int i = 0; i < count; ++i) {
        if (events[size_t(i)].data.u64 != kWakeKey)
            activateNotifiers(fdOf(events[size_t(i)].data.u64));
    }
    bool handled = count > 0;
    if (withNotifiers && !m_alwaysReady.empty()) {
        const std::vector<int> files(m_alwaysReady.begin(), m_alwaysReady.end());
        for (const int fd : files)
            m_watches[size_t(fd)].ready = m_watches[size_t(fd)].wanted() & kNeverBlocks;
        for (const int fd : files)
            activateNotifiers(fd);
        handled = true;
    }
    return handled;
}

void EpollEventDispatcher::activateNotifiers(int fd)
{
    for (size_t type = 0; type < kInterests.size(); ++type) {
        // Looked up each time: a slot may have registered a higher number, which moves the watches.
        Watch &watch = m_watches[size_t(fd)];
        if (!(watch.ready & kInterests[type]))
            continue;
        watch.ready &= ~kInterests[type];
        QEvent event(QEvent::SockAct);
        QCoreApplication::sendEvent(watch.notifiers[type], &event);
    }
}

// ---- timers ----

void EpollEventDispatcher::registerTimer(int timerId, qint64 interval, Qt::TimerType timerType,
                                         QObject *object)
{
    Q_ASSERT(timerId > 0 && interval >= 0 && object && object->thread() == QThread::currentThread());
    unregisterTimer(timerId);
    // A quarter of what the clock can hold, 73 years: no sum overflows.
    const qint64 longest = std::chrono::duration_cast<milliseconds>(Nanoseconds::max()).count() / 4;
    Timer &timer = m_timers[timerId];
    timer.interval = std::clamp<qint64>(interval, 0, longest);
    timer.type = timerType;
    timer.object = object;
    // At least a nanosecond on, so that a zero timer started by a timer's slot waits for the next turn.
    timer.nominal = now() + std::max<Nanoseconds>(milliseconds(timer.interval), 1ns);
    schedule(timer);
    m_queue.emplace(timer.due, timerId);
    m_timersOf.emplace(quintptr(object), timerId);
}

bool EpollEventDispatcher::unregisterTimer(int timerId)
{
    const auto found = m_timers.find(timerId);
    if (found == m_timers.end())
        return false;
    m_queue.erase(found->second.due);
    m_timersOf.erase({quintptr(found->second.object), timerId});
    m_timers.erase(found);
    return true;
}

bool EpollEventDispatcher::unregisterTimers(QObject *object)
{
    bool any = false;
    for (const TimerInfo &info : registeredTimers(object))
        any |= unregisterTimer(info.timerId);
    return any;
}

QList<QAbstractEventDispatcher::TimerInfo> EpollEventDispatcher::registeredTimers(QObject *object) const
{
    QList<TimerInfo> infos;
    for (auto it = m_timersOf.lower_bound({quintptr(object), 0});
         it != m_timersOf.end() && it->first == quintptr(object); ++it) {
        const Timer &timer = m_timers.at(it->second);
        infos.emplace_back(it->second, int(std::min<qint64>(timer.interval, std::numeric_limits<int>::max())),
                           timer.type);
    }
    return infos;
}

int EpollEventDispatcher::remainingTime(int timerId)
{
    const auto found = m_timers.find(timerId);
    if (found == m_timers.end())
        return -1;
    const qint64 left = std::chrono::ceil<milliseconds>(found->second.due.first - now()).count();
    return int(std::clamp<qint64>(left, 0, std::numeric_limits<int>::max()));
}

/// Turns the nominal time into the time the timer will fire, on its grid.
void EpollEventDispatcher::schedule(Timer &timer)
{
    Nanoseconds due = timer.nominal;
    if (const qint64 grid = gridFor(timer.interval, timer.type); grid > 0) {
        const qint64 ms = std::chrono::ceil<milliseconds>(due).count();
        due = milliseconds((ms + grid - 1) / grid * grid);
    }
    timer.due = {due, ++m_serial};
}

bool EpollEventDispatcher::activateTimers()
{
    if (m_queue.empty())
        return false;
    bool any = false;
    // What is scheduled from here on is later than this moment, so each timer fires once and the loop ends.
    const Nanoseconds moment = now();
    while (!m_queue.empty() && m_queue.begin()->first.first <= moment) {
        const int id = m_queue.begin()->second;
        m_queue.erase(m_queue.begin());
        Timer &timer = m_timers.at(id);
        const auto interval = std::max<Nanoseconds>(milliseconds(timer.interval), 1ns);
        timer.nominal += ((moment - timer.nominal) / interval + 1) * interval;
        schedule(timer);

        // Out of the queue while its event is delivered: a loop that the slot runs must not fire it again. A
        // slot that starts another timer under the same ID has queued that one already, which comes to the
        // same.
        QTimerEvent event(id);
        QCoreApplication::sendEvent(timer.object, &event);
        any = true;
        if (const auto found = m_timers.find(id); found != m_timers.end())
            m_queue.emplace(found->second.due, id);
    }
    return any;
}

// ---- waking up ----

void EpollEventDispatcher::wakeUp()
{
    if (QThread::currentThread() == thread()) {
        m_selfWoken = true;
        return;
    }
    m_wakers.fetch_add(1, std::memory_order_relaxed);
    if (!m_wakePending.exchange(true))
        eventfd_write(m_wakeFd.get(), 1);
    m_wakers.fetch_sub(1, std::memory_order_release);
}

void EpollEventDispatcher::interrupt()
{
    m_interrupted = true;
    wakeUp();
}

} // namespace wireroom

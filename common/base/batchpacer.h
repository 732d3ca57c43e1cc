// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QElapsedTimer>
#include <QTimer>

#include <algorithm>
#include <functional>

namespace wireroom {

/// When to hand out what has gathered: at most every 33 ms (a frame of a 30 Hz picture, what a person sees as
/// at once), and not while the batch before is still with its taker.
///
/// A member of whoever gathers; lives in that thread and dies with it.
class BatchPacer : public QObject
{
public:
    static constexpr qint64 kIntervalMs = 33;

    /// `deliver` hands out everything there is, in this thread.
    explicit BatchPacer(std::function<void()> deliver) : m_deliver(std::move(deliver))
    {
        m_timer.setSingleShot(true);
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            m_outstanding = true;
            m_hasMore = false;
            m_sinceLast.start();
            m_deliver();
        });
    }

    /// There is something to hand out. Cheap: called for every message.
    void schedule()
    {
        if (m_hasMore)
            return;
        m_hasMore = true;
        if (!m_outstanding)
            startTimer();
    }

    /// The taker has the last batch.
    void taken()
    {
        m_outstanding = false;
        if (m_hasMore)
            startTimer();
    }

private:
    void startTimer()
    {
        const qint64 wait = m_sinceLast.isValid() ? kIntervalMs - m_sinceLast.elapsed() : 0;
        m_timer.start(int(std::max<qint64>(0, wait)));
    }

    std::function<void()> m_deliver;
    QTimer m_timer;
    QElapsedTimer m_sinceLast;
    bool m_hasMore = false;
    bool m_outstanding = false;
};

} // namespace wireroom

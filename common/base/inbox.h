// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QCoreApplication>
#include <QEvent>
#include <QObject>

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace wireroom {

/// The only way for anything to get from one thread to another: any thread posts values, one thread takes
/// them all.
///
/// There is one wake-up per batch: after the first post, further posts cost a lock and a push until the batch
/// was taken. Owner: the object of the taking thread that handles the values; create and destroy it in that
/// thread, and stop whoever posts before it is destroyed. Values left in it at its end are destroyed
/// unhandled.
template <typename T> class Inbox
{
public:
    /// `handler` is called in the thread that creates the inbox, with everything posted since its last call,
    /// in order.
    explicit Inbox(std::function<void(std::vector<T> &&)> handler)
        : m_receiver(*this), m_handler(std::move(handler))
    {
    }
    Q_DISABLE_COPY_MOVE(Inbox)

    void post(T value)
    {
        bool wake = false;
        {
            const std::lock_guard lock(m_mutex);
            wake = m_values.empty();
            m_values.push_back(std::move(value));
        }
        if (wake)
            QCoreApplication::postEvent(&m_receiver, new QEvent(QEvent::User));
    }

private:
    class Receiver : public QObject
    {
    public:
        explicit Receiver(Inbox &inbox) : m_inbox(inbox) { }

        void take()
        {
            std::vector<T> values;
            {
                const std::lock_guard lock(m_inbox.m_mutex);
                values.swap(m_inbox.m_values);
            }
            if (!values.empty())
                m_inbox.m_handler(std::move(values));
        }

    protected:
        void customEvent(QEvent *) override { take(); }

    private:
        Inbox &m_inbox;
    };

    std::mutex m_mutex;
    std::vector<T> m_values;
    Receiver m_receiver;
    std::function<void(std::vector<T> &&)> m_handler;
};

} // namespace wireroom

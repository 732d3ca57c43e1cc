// SPDX-License-Identifier: Apache-2.0
#include "common/transport/lingeringclose.h"

#include <QSocketNotifier>
#include <QSslSocket>

#include <algorithm>
#include <chrono>

using namespace std::chrono_literals;

namespace wireroom {

namespace {

constexpr auto kLongest = 1s;

/// Beyond so many at once (somebody hammers the port) politeness would cost the descriptors others need.
constexpr size_t kMost = 256;

} // namespace

struct LingeringClose::Entry
{
    Descriptor socket;
    std::unique_ptr<QSocketNotifier> notifier; ///< destroyed before the descriptor is closed
    QDeadlineTimer deadline{kLongest};

    explicit Entry(Descriptor descriptor)
        : socket(std::move(descriptor)),
          notifier(std::make_unique<QSocketNotifier>(socket.value(), QSocketNotifier::Read))
    {
    }

    ~Entry() { notifier.reset(); }
};

LingeringClose::LingeringClose(QObject *parent) : QObject(parent)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &LingeringClose::closeOverdue);
}

LingeringClose::~LingeringClose() = default;

void LingeringClose::add(Descriptor socket)
{
    Descriptor::shutdownSending(socket.value());
    if (m_entries.size() >= kMost || !socket.discardInput())
        return;
    auto entry = std::make_unique<Entry>(std::move(socket));
    connect(entry->notifier.get(), &QSocketNotifier::activated, this, [this, raw = entry.get()] {
        if (!raw->socket.discardInput())
            remove(raw);
    });
    m_entries.push_back(std::move(entry));
    if (!m_timer.isActive())
        m_timer.start(kLongest);
}

void LingeringClose::add(QSslSocket &socket)
{
    Descriptor spare = Descriptor::duplicate(socket.socketDescriptor());
    socket.disconnectFromHost();
    socket.flush();
    if (!spare)
        return;
    socket.abort();
    add(std::move(spare));
}

void LingeringClose::remove(const Entry *entry)
{
    const auto found
        = std::find_if(m_entries.begin(), m_entries.end(), [&](const auto &e) { return e.get() == entry; });
    if (found == m_entries.end())
        return;
    // The notifier is in the middle of its signal.
    (*found)->notifier->setEnabled(false);
    (*found)->notifier.release()->deleteLater();
    m_entries.erase(found);
}

void LingeringClose::closeOverdue()
{
    const auto pending = std::find_if(m_entries.begin(), m_entries.end(),
                                      [](const auto &e) { return !e->deadline.hasExpired(); });
    m_entries.erase(m_entries.begin(), pending);
    if (!m_entries.empty())
        m_timer.start(int(std::max<qint64>(1, m_entries.front()->deadline.remainingTime())));
}

} // namespace wireroom

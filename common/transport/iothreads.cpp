// SPDX-License-Identifier: Apache-2.0
#include "common/transport/iothreads.h"

#include "common/transport/connection.h"
#include "common/transport/remoteconnection.h"

#include <QCoreApplication>
#include <QEvent>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

IoThreads::Worker::Worker(Inbox<IoWorker::Events> &events)
    : thread(u"wireroom-io"_s, [&events] { return std::make_unique<IoWorker>(events); })
{
}

IoThreads::IoThreads(QObject *parent)
    : QObject(parent), m_events([this](std::vector<IoWorker::Events> &&batches) {
          for (IoWorker::Events &batch : batches)
              handle(std::move(batch));
      })
{
}

IoThreads::~IoThreads()
{
    setCount(1);
}

void IoThreads::setCount(int count)
{
    const size_t wanted = count > 1 ? size_t(count) : 0;
    if (wanted == m_workers.size())
        return;
    for (const auto &worker : m_workers) {
        worker->commands.push_back({0, QuitIo{}});
        worker->thread.worker().commands().post(std::move(worker->commands));
    }
    for (const auto &worker : m_workers)
        worker->thread.join();
    m_workers.clear();
    while (m_workers.size() < wanted)
        m_workers.push_back(std::make_unique<Worker>(m_events));
}

Result<std::unique_ptr<Channel>> IoThreads::open(Descriptor descriptor, const Channel::Settings &settings,
                                                 ChannelHandler &handler)
{
    if (m_workers.empty()) {
        auto socket = Connection::open(std::move(descriptor));
        if (!socket)
            return socket.error();
        return std::unique_ptr<Channel>(
            std::make_unique<Connection>(m_context, std::move(socket).value(), settings, handler));
    }
    const auto idlest
        = std::min_element(m_workers.begin(), m_workers.end(),
                           [](const auto &a, const auto &b) { return a->connections < b->connections; });
    ++(*idlest)->connections;
    auto gauge = std::make_shared<SendGauge>();
    auto connection = std::make_unique<RemoteConnection>(*this, size_t(idlest - m_workers.begin()),
                                                         ++m_lastSerial, gauge, handler);
    m_connections.emplace(m_lastSerial, connection.get());
    auto open = std::make_unique<OpenSocket>();
    open->socket = std::move(descriptor);
    open->settings = settings;
    // An answer to what came before the end is ready a little after it, and needs a way then.
    open->settings.tellResets = true;
    open->settings.waitsAtEnd = true;
    open->gauge = std::move(gauge);
    command(*connection, std::move(open));
    return std::unique_ptr<Channel>(std::move(connection));
}

void IoThreads::command(const RemoteConnection &connection, decltype(IoCommand::what) &&what)
{
    m_workers[connection.worker()]->commands.push_back({connection.serial(), std::move(what)});
    endTurnLater();
}

void IoThreads::scheduleFlush(RemoteConnection &connection)
{
    m_toFlush.push_back(&connection);
    endTurnLater();
}

void IoThreads::handOverHeldLater(const RemoteConnection &connection)
{
    QMetaObject::invokeMethod(
        this,
        [this, serial = connection.serial()] {
            if (const auto found = m_connections.find(serial); found != m_connections.end())
                found->second->handOverHeld();
        },
        Qt::QueuedConnection);
}

void IoThreads::forget(const RemoteConnection &connection)
{
    std::erase(m_toFlush, &connection);
    m_connections.erase(connection.serial());
    --m_workers[connection.worker()]->connections;
}

void IoThreads::handle(IoWorker::Events &&events)
{
    for (IoEvent &event : events) {
        // It may be gone since.
        const auto found = m_connections.find(event.serial);
        if (found == m_connections.end())
            continue;
        std::visit([&](auto &&what) { found->second->handle(std::move(what)); }, std::move(event.what));
    }
}

void IoThreads::endTurnLater()
{
    if (!std::exchange(m_turnEnds, true))
        QCoreApplication::postEvent(this, new QEvent(QEvent::User), Qt::LowEventPriority);
}

void IoThreads::customEvent(QEvent *)
{
    m_turnEnds = false;
    for (RemoteConnection *connection : m_toFlush)
        connection->flushTurn();
    m_toFlush.clear();
    for (const auto &worker : m_workers) {
        if (!worker->commands.empty())
            worker->thread.worker().commands().post(std::exchange(worker->commands, {}));
    }
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/transport/iothreads.h"

#include "common/transport/connection.h"
#include "common/transport/localtlsgreeting.h"
#include "common/transport/remoteconnection.h"
#include "common/transport/remotetlsgreeting.h"

#include <QCoreApplication>
#include <QEvent>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

Channel::Settings remoteSettings(Channel::Settings settings)
{
    // An answer to what came before the end is ready a little after it, and needs a way then.
    settings.tellResets = true;
    settings.waitsAtEnd = true;
    return settings;
}

} // namespace

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
    auto gauge = std::make_shared<SendGauge>();
    const size_t worker = engageIdlest();
    auto connection = std::make_unique<RemoteConnection>(*this, worker, ++m_lastSerial, gauge, handler);
    m_connections.emplace(m_lastSerial, connection.get());
    auto open = std::make_unique<OpenSocket>();
    open->socket = std::move(descriptor);
    open->settings = remoteSettings(settings);
    open->gauge = std::move(gauge);
    command(*connection, std::move(open));
    return std::unique_ptr<Channel>(std::move(connection));
}

std::unique_ptr<TlsGreeting> IoThreads::greet(Descriptor socket, std::shared_ptr<const TlsIdentity> identity,
                                              TlsGreetingHandler &handler)
{
    if (m_workers.empty()) {
        auto greeting = std::make_unique<LocalTlsGreeting>(m_context, handler);
        greeting->begin(std::move(socket), *identity);
        return greeting;
    }
    auto greeting = std::make_unique<RemoteTlsGreeting>(*this, engageIdlest(), ++m_lastSerial, handler);
    m_greetings.emplace(m_lastSerial, greeting.get());
    auto greet = std::make_unique<GreetTls>();
    greet->socket = std::move(socket);
    greet->identity = std::move(identity);
    command(greeting->worker(), greeting->serial(), std::move(greet));
    return greeting;
}

std::unique_ptr<Channel> IoThreads::openGreeted(const RemoteTlsGreeting &greeting, Channel::Settings settings,
                                                ChannelHandler &handler)
{
    m_greetings.erase(greeting.serial());
    auto gauge = std::make_shared<SendGauge>();
    auto connection
        = std::make_unique<RemoteConnection>(*this, greeting.worker(), greeting.serial(), gauge, handler);
    m_connections.emplace(greeting.serial(), connection.get());
    auto open = std::make_unique<OpenGreeted>();
    open->settings = remoteSettings(settings);
    open->gauge = std::move(gauge);
    command(*connection, std::move(open));
    return connection;
}

/// The worker with the fewest connections, which gets one more.
size_t IoThreads::engageIdlest()
{
    const auto idlest
        = std::min_element(m_workers.begin(), m_workers.end(),
                           [](const auto &a, const auto &b) { return a->connections < b->connections; });
    ++(*idlest)->connections;
    return size_t(idlest - m_workers.begin());
}

void IoThreads::command(const RemoteConnection &connection, decltype(IoCommand::what) &&what)
{
    command(connection.worker(), connection.serial(), std::move(what));
}

void IoThreads::command(size_t worker, quint64 serial, decltype(IoCommand::what) &&what)
{
    m_workers[worker]->commands.push_back({serial, std::move(what)});
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

void IoThreads::forget(const RemoteTlsGreeting &greeting)
{
    m_greetings.erase(greeting.serial());
    --m_workers[greeting.worker()]->connections;
}

void IoThreads::handle(IoWorker::Events &&events)
{
    for (IoEvent &event : events) {
        // It may be gone since.
        if (const auto found = m_connections.find(event.serial); found != m_connections.end())
            std::visit([&](auto &&what) { found->second->handle(std::move(what)); }, std::move(event.what));
        else if (const auto greeting = m_greetings.find(event.serial); greeting != m_greetings.end())
            std::visit([&](auto &&what) { greeting->second->handle(std::move(what)); },
                       std::move(event.what));
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

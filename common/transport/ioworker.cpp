// SPDX-License-Identifier: Apache-2.0
#include "common/transport/ioworker.h"

#include "common/transport/connection.h"
#include "common/transport/localtlsgreeting.h"
#include "common/transport/tlsidentity.h"
#include "common/transport/tlssocket.h"

#include <QAbstractSocket>
#include <QCoreApplication>
#include <QEvent>
#include <QThread>

#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

/// A connection of this thread, and what is known of the other thread's end.
class IoWorker::Socket : public ChannelHandler
{
public:
    Socket(IoWorker &worker, quint64 serial, std::unique_ptr<QAbstractSocket> socket,
           const Channel::Settings &settings, std::shared_ptr<SendGauge> gauge)
        : m_worker(worker), m_serial(serial), m_gauge(std::move(gauge)), m_turn(settings.format)
    {
        ChannelHandler &handler = *this;
        m_connection = std::make_unique<Connection>(m_worker.m_context, std::move(socket), settings, handler);
    }

    Connection &connection() { return *m_connection; }

    void send(const SendBytes &send)
    {
        m_given += quint64(send.bytes.size());
        m_tellDrained |= send.tellDrained;
        m_connection->send(send.bytes);
    }

    void taken(quint64 bytes)
    {
        m_onTheWay -= bytes;
        if (m_onTheWay <= kMostOnTheWayBytes / 2)
            m_connection->setReadingPaused(false);
    }

    bool isFlushed() const { return m_connection->isFlushed(); }

    void gauge()
    {
        const quint64 queued = m_connection->queuedBytes();
        m_gauge->backlog.store(m_connection->backlogBytes(), std::memory_order_relaxed);
        m_gauge->sent.store(m_given - queued, std::memory_order_relaxed);
        if (m_tellDrained && queued < Channel::kLowWaterBytes)
            tellDrained();
    }

    void frameReceived(Payload &payload) override
    {
        m_turn.append(payload);
        pauseWhereMuchIsOnTheWay(m_turn.bytes());
    }

    void chunkEnded() override { m_turn.endChunk(); }

    void readTurnEnded() override
    {
        m_onTheWay += m_turn.bytes();
        pauseWhereMuchIsOnTheWay(0);
        const FrameFormat format = m_connection->format();
        m_worker.tell({m_serial, std::exchange(m_turn, ReadTurn(format))});
    }

    void drained() override
    {
        gauge();
        tellDrained();
    }

    void backlogChanged() override { gauge(); }

    void readingEnded(const CloseReason &reason) override { m_worker.tell({m_serial, ReadingEnded{reason}}); }

    void closed(const CloseReason &reason) override
    {
        m_worker.tell({m_serial, SocketClosed{reason}});
        m_worker.bury(m_serial);
    }

private:
    void pauseWhereMuchIsOnTheWay(quint64 more)
    {
        if (m_onTheWay + more > kMostOnTheWayBytes)
            m_connection->setReadingPaused(true);
    }

    void tellDrained()
    {
        m_tellDrained = false;
        m_worker.tell({m_serial, IoDrained{}});
    }

    IoWorker &m_worker;
    quint64 m_serial;
    std::shared_ptr<SendGauge> m_gauge;
    std::unique_ptr<Connection> m_connection;
    ReadTurn m_turn;
    quint64 m_given = 0;    ///< bytes to be sent, since the begin
    quint64 m_onTheWay = 0; ///< bytes of frames that the other thread has not taken yet
    bool m_tellDrained = false;
};

/// A TLS greeting of this thread, for one that decides in another.
class IoWorker::Greeting : public TlsGreetingHandler
{
public:
    Greeting(IoWorker &worker, quint64 serial)
        : m_worker(worker), m_serial(serial), m_greeting(worker.m_context, *this)
    {
    }

    LocalTlsGreeting &greeting() { return m_greeting; }

    void secured(const TlsLink &link) override { m_worker.tell({m_serial, TlsSecured{link}}); }

    void firstBytes(const QByteArray &first, bool ended) override
    {
        m_worker.tell({m_serial, TlsFirstBytes{first, ended}});
    }

    void greetingFailed(const TlsFailed &failed) override
    {
        m_worker.tell({m_serial, failed});
        m_worker.bury(m_serial);
    }

private:
    IoWorker &m_worker;
    quint64 m_serial;
    LocalTlsGreeting m_greeting;
};

IoWorker::IoWorker(Inbox<Events> &events)
    : m_events(events), m_commands([this](std::vector<Commands> &&batches) {
          for (Commands &batch : batches) {
              for (IoCommand &command : batch)
                  std::visit([&](auto &&what) { handle(command.serial, std::move(what)); },
                             std::move(command.what));
          }
      })
{
    m_tick.setInterval(1000);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        for (const auto &[serial, socket] : m_sockets)
            socket->connection().checkFrameDeadline();
    });
    m_tick.start();
}

IoWorker::~IoWorker() = default;

IoWorker::Socket *IoWorker::find(quint64 serial) const
{
    const auto found = m_sockets.find(serial);
    return found == m_sockets.end() ? nullptr : found->second.get();
}

void IoWorker::handle(quint64 serial, std::unique_ptr<OpenSocket> &&open)
{
    auto socket = Connection::open(std::move(open->socket));
    if (!socket) {
        tell({serial, SocketClosed{{CloseReason::Kind::Network, socket.error().text}}});
        return;
    }
    m_sockets.emplace(serial,
                      std::make_unique<Socket>(*this, serial, std::move(socket).value(), open->settings,
                                               std::move(open->gauge)));
}

void IoWorker::handle(quint64 serial, std::unique_ptr<GreetTls> &&greet)
{
    const auto [place, isNew] = m_greetings.emplace(serial, std::make_unique<Greeting>(*this, serial));
    place->second->greeting().begin(std::move(greet->socket), *greet->identity);
}

void IoWorker::handle(quint64 serial, std::unique_ptr<OpenGreeted> &&open)
{
    const auto found = m_greetings.find(serial);
    if (found == m_greetings.end()) {
        // It failed while it was being decided about.
        tell({serial, SocketClosed{{CloseReason::Kind::ByPeer, u"The other side closed the connection."_s}}});
        return;
    }
    std::unique_ptr<TlsSocket> socket = found->second->greeting().take();
    bury(serial);
    m_sockets.emplace(
        serial,
        std::make_unique<Socket>(*this, serial, std::move(socket), open->settings, std::move(open->gauge)));
}

void IoWorker::handle(quint64 serial, SendBytes &&send)
{
    Socket *socket = find(serial);
    if (!socket)
        return;
    socket->send(send);
    m_sentTo.push_back(socket);
    endTurnLater();
}

void IoWorker::handle(quint64 serial, FinishSending &&)
{
    if (Socket *socket = find(serial))
        socket->connection().finishSending();
}

void IoWorker::handle(quint64 serial, FramesTaken &&taken)
{
    if (Socket *socket = find(serial))
        socket->taken(taken.bytes);
}

void IoWorker::handle(quint64 serial, CloseSocket &&close)
{
    if (Socket *socket = find(serial))
        socket->connection().close(close.reason);
    if (const auto found = m_greetings.find(serial); found != m_greetings.end()) {
        found->second->greeting().close();
        bury(serial);
    }
}

void IoWorker::handle(quint64 serial, DropSocket &&)
{
    bury(serial);
}

void IoWorker::handle(quint64, QuitIo &&)
{
    QThread::currentThread()->quit();
}

void IoWorker::bury(quint64 serial)
{
    if (auto node = m_greetings.extract(serial)) {
        m_deadGreetings.push_back(std::move(node.mapped()));
        endTurnLater();
    }
    if (auto node = m_sockets.extract(serial)) {
        m_dead.push_back(std::move(node.mapped()));
        endTurnLater();
    }
}

void IoWorker::tell(IoEvent &&event)
{
    m_turn.push_back(std::move(event));
    endTurnLater();
}

void IoWorker::endTurnLater()
{
    // Lower than what the IoContext flushes by.
    if (!std::exchange(m_turnEnds, true))
        QCoreApplication::postEvent(this, new QEvent(QEvent::User), Qt::LowEventPriority - 1);
}

void IoWorker::customEvent(QEvent *)
{
    m_turnEnds = false;
    // Those that were written to after this event was posted are flushed in the next turn.
    std::vector<Socket *> later;
    for (Socket *socket : std::exchange(m_sentTo, {})) {
        if (socket->isFlushed())
            socket->gauge();
        else
            later.push_back(socket);
    }
    m_sentTo = std::move(later);
    m_deadGreetings.clear();
    if (m_sentTo.empty())
        m_dead.clear();
    else
        endTurnLater();
    if (!m_turn.empty())
        m_events.post(std::exchange(m_turn, {}));
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/transport/remoteconnection.h"

#include "common/transport/iothreads.h"
#include "common/transport/ioworker.h"

#include <utility>

namespace wireroom {

RemoteConnection::RemoteConnection(IoThreads &threads, size_t worker, quint64 serial,
                                   std::shared_ptr<SendGauge> gauge, ChannelHandler &handler)
    : m_threads(threads), m_handler(handler), m_worker(worker), m_serial(serial), m_gauge(std::move(gauge))
{
}

RemoteConnection::~RemoteConnection()
{
    if (m_state != State::Closed)
        m_threads.command(*this, DropSocket{});
    m_threads.forget(*this);
}

void RemoteConnection::send(const QByteArray &encoded)
{
    if (m_state != State::Open || m_finishSending || encoded.isEmpty())
        return;
    if (m_turn.isEmpty())
        m_turn = encoded;
    else
        m_turn.append(encoded);
    m_given += quint64(encoded.size());
    if (!std::exchange(m_scheduled, true))
        m_threads.scheduleFlush(*this);
    if (queuedBytes() > kHighWaterBytes)
        m_tellDrained = true;
}

/// Also before any other command, so that their order is kept.
void RemoteConnection::flushTurn()
{
    m_scheduled = false;
    if (!m_turn.isEmpty()) {
        m_threads.command(*this, SendBytes{std::exchange(m_turn, {}), std::exchange(m_tellDrained, false)});
    }
}

void RemoteConnection::finishSending()
{
    if (m_state != State::Open || std::exchange(m_finishSending, true))
        return;
    flushTurn();
    m_threads.command(*this, FinishSending{});
}

void RemoteConnection::setReadingPaused(bool paused)
{
    m_paused = paused;
    if (!m_paused && !m_held.empty() && !std::exchange(m_resumes, true))
        m_threads.handOverHeldLater(*this);
}

void RemoteConnection::close(const CloseReason &reason)
{
    if (m_state != State::Open)
        return;
    m_state = State::Closing;
    m_held.clear();
    flushTurn();
    m_threads.command(*this, CloseSocket{reason});
}

void RemoteConnection::handOverHeld()
{
    m_resumes = false;
    while (!m_paused && !m_held.empty()) {
        ReadTurn turn = std::move(m_held.front());
        m_held.pop_front();
        handOver(std::move(turn));
    }
}

void RemoteConnection::handle(ReadTurn &&turn)
{
    if (m_state != State::Open)
        return;
    if (m_paused || !m_held.empty())
        m_held.push_back(std::move(turn));
    else
        handOver(std::move(turn));
}

void RemoteConnection::handOver(ReadTurn &&turn)
{
    m_taken += turn.bytes();
    turn.handOver([this](Payload &payload) {
        if (m_state == State::Open)
            m_handler.frameReceived(payload);
    });
    m_handler.chunkEnded();
    m_handler.readTurnEnded();
    if (m_state == State::Open && m_taken >= IoWorker::kMostOnTheWayBytes / 4)
        m_threads.command(*this, FramesTaken{std::exchange(m_taken, 0)});
}

void RemoteConnection::handle(IoDrained &&)
{
    if (m_state == State::Open)
        m_handler.drained();
}

void RemoteConnection::handle(ReadingEnded &&ended)
{
    handOverAllHeld();
    close(ended.reason);
}

void RemoteConnection::handle(SocketClosed &&closed)
{
    handOverAllHeld();
    m_state = State::Closed;
    m_handler.closed(closed.reason);
}

/// After the end there is nothing to wait for.
void RemoteConnection::handOverAllHeld()
{
    for (ReadTurn &turn : std::exchange(m_held, {})) {
        if (m_state == State::Open)
            handOver(std::move(turn));
    }
}

} // namespace wireroom

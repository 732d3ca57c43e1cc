// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/iomessages.h"

#include <deque>
#include <memory>

namespace wireroom {

class IoThreads;

/// A connection whose socket lives in an I/O thread, for the one who works with it in the hub's thread.
///
/// What is sent in a loop turn goes to the I/O thread at its end. Frames that come while reading is paused
/// are held here, not taken, until the I/O thread does not read any more either.
///
/// Owner: its handler's owner. Lives in the thread of its IoThreads. Dead after ChannelHandler::closed().
class RemoteConnection final : public Channel
{
public:
    RemoteConnection(IoThreads &threads, size_t worker, quint64 serial, std::shared_ptr<SendGauge> gauge,
                     ChannelHandler &handler);
    ~RemoteConnection() override;

    void send(const QByteArray &encoded) override;
    void finishSending() override;

    quint64 queuedBytes() const override { return m_given - m_gauge->sent.load(std::memory_order_relaxed); }

    quint64 backlogBytes() const override { return m_gauge->backlog.load(std::memory_order_relaxed); }

    bool hasUnread() const override { return m_paused || !m_held.empty(); }

    void setReadingPaused(bool paused) override;
    void close(const CloseReason &reason) override;

    void checkFrameDeadline() override { } // the I/O thread's own matter

    // For the IoThreads.
    size_t worker() const { return m_worker; }

    quint64 serial() const { return m_serial; }

    void flushTurn();
    void handOverHeld();
    void handle(ReadTurn &&turn);
    void handle(IoDrained &&drained);
    void handle(ReadingEnded &&ended);
    void handle(SocketClosed &&closed);

    /// What only a TLS greeting has, and came on the way when it ended.
    template <typename Other> void handle(Other &&) { }

private:
    enum class State : quint8 { Open, Closing, Closed };

    void handOver(ReadTurn &&turn);
    void handOverAllHeld();

    IoThreads &m_threads;
    ChannelHandler &m_handler;
    size_t m_worker;
    quint64 m_serial;
    std::shared_ptr<SendGauge> m_gauge;
    QByteArray m_turn;   ///< queued in this loop turn
    quint64 m_given = 0; ///< bytes queued since the begin
    std::deque<ReadTurn> m_held;
    quint64 m_taken = 0; ///< bytes of frames; the I/O thread does not know yet
    State m_state = State::Open;
    bool m_scheduled = false;
    bool m_tellDrained = false;
    bool m_finishSending = false;
    bool m_paused = false;
    bool m_resumes = false; ///< handOverHeld() is on its way
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/inbox.h"
#include "common/transport/iocontext.h"
#include "common/transport/iomessages.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <unordered_map>
#include <vector>

namespace wireroom {

/// One I/O thread's share of the sockets: reads, decodes, writes and flushes for the RemoteConnections of
/// another thread. What happens in a loop turn is posted at its end, as one batch.
///
/// Bounded: a connection is not read from while too many bytes of its frames are on their way.
///
/// Owner: its NetworkThread. Created, used and destroyed there; commands() is for any thread.
class IoWorker : public QObject
{
public:
    using Commands = std::vector<IoCommand>;
    using Events = std::vector<IoEvent>;

    /// Frames of one connection that may be on their way: as much as a Connection lets its socket hold.
    static constexpr quint64 kMostOnTheWayBytes = quint64(IoContext::kReadBufferBytes);

    explicit IoWorker(Inbox<Events> &events);
    ~IoWorker() override;

    Inbox<Commands> &commands() { return m_commands; }

protected:
    void customEvent(QEvent *event) override;

private:
    class Socket;
    class Greeting;

    void handle(quint64 serial, std::unique_ptr<OpenSocket> &&open);
    void handle(quint64 serial, std::unique_ptr<GreetTls> &&greet);
    void handle(quint64 serial, std::unique_ptr<OpenGreeted> &&open);
    void handle(quint64 serial, SendBytes &&send);
    void handle(quint64 serial, FinishSending &&finish);
    void handle(quint64 serial, FramesTaken &&taken);
    void handle(quint64 serial, CloseSocket &&close);
    void handle(quint64 serial, DropSocket &&drop);
    void handle(quint64 serial, QuitIo &&quit);

    Socket *find(quint64 serial) const;
    void bury(quint64 serial);
    void tell(IoEvent &&event);
    void endTurnLater();

    Inbox<Events> &m_events;
    IoContext m_context;
    std::unordered_map<quint64, std::unique_ptr<Socket>> m_sockets;
    std::unordered_map<quint64, std::unique_ptr<Greeting>> m_greetings;
    // Deleted at the end of the loop turn.
    std::vector<std::unique_ptr<Socket>> m_dead;
    std::vector<std::unique_ptr<Greeting>> m_deadGreetings;
    std::vector<Socket *> m_sentTo; ///< since the last end of a turn
    Events m_turn;
    bool m_turnEnds = false; ///< the event for it is on its way
    QTimer m_tick;
    Inbox<Commands> m_commands;
};

} // namespace wireroom

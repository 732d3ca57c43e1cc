// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/inbox.h"
#include "common/base/result.h"
#include "common/transport/iocontext.h"
#include "common/transport/ioworker.h"
#include "common/transport/networkthread.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace wireroom {

class RemoteConnection;
class RemoteTlsGreeting;
struct TlsIdentity;

/// Where a thread's connections have their sockets: in this very thread, or split over further I/O threads.
///
/// All that a loop turn has for an I/O thread goes there at its end, in one piece, and so does what comes
/// back. Owner: the hub; lives in its thread and outlives all its channels. The I/O threads end with it.
class IoThreads : public QObject
{
public:
    explicit IoThreads(QObject *parent = nullptr);
    ~IoThreads() override;

    /// 1: none but this thread. To be called while no channel is there.
    void setCount(int count);

    /// Descriptors that each connection takes.
    int descriptorsEach() const { return m_workers.empty() ? 1 : 2; }

    /// Of this thread, for descriptors that never became a connection.
    LingeringClose &lingeringClose() { return m_context.lingeringClose(); }

    /// `socket` is connected. The error is a sentence.
    Result<std::unique_ptr<Channel>> open(Descriptor socket, const Channel::Settings &settings,
                                          ChannelHandler &handler);

    /// Begins a TLS handshake as a server. greetingFailed() may come from inside.
    std::unique_ptr<TlsGreeting> greet(Descriptor socket, std::shared_ptr<const TlsIdentity> identity,
                                       TlsGreetingHandler &handler);

    // For the RemoteConnections and the RemoteTlsGreetings.
    void command(const RemoteConnection &connection, decltype(IoCommand::what) &&what);
    void command(size_t worker, quint64 serial, decltype(IoCommand::what) &&what);
    std::unique_ptr<Channel> openGreeted(const RemoteTlsGreeting &greeting, Channel::Settings settings,
                                         ChannelHandler &handler);
    void forget(const RemoteTlsGreeting &greeting);
    void scheduleFlush(RemoteConnection &connection);
    void handOverHeldLater(const RemoteConnection &connection);
    void forget(const RemoteConnection &connection);

protected:
    void customEvent(QEvent *event) override;

private:
    struct Worker
    {
        explicit Worker(Inbox<IoWorker::Events> &events);

        IoWorker::Commands commands; ///< of this loop turn
        int connections = 0;
        NetworkThread<IoWorker> thread;
    };

    size_t engageIdlest();
    void handle(IoWorker::Events &&events);
    void endTurnLater();

    IoContext m_context;
    std::unordered_map<quint64, RemoteConnection *> m_connections;
    std::unordered_map<quint64, RemoteTlsGreeting *> m_greetings;
    quint64 m_lastSerial = 0; ///< a greeting's is its connection's as well
    std::vector<RemoteConnection *> m_toFlush;
    bool m_turnEnds = false; ///< the event for it is on its way
    Inbox<IoWorker::Events> m_events;
    std::vector<std::unique_ptr<Worker>> m_workers;
};

} // namespace wireroom

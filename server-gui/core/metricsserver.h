// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/hostport.h"
#include "common/base/result.h"
#include "server-gui/core/chatserver.h"

#include <QTcpServer>

#include <optional>

class QTcpSocket;

namespace wireroom {

/// Answers `GET /metrics` on a loopback port, for a Prometheus on this machine; HTTP/1.0, one answer for each
/// connection.
///
/// Owner: the daemon or the server window. Thread: main. Nobody who is slow or asks for too much holds it up:
/// kMostConnections, kLongestRequest, kDeadline.
class MetricsServer : public QObject
{
public:
    static constexpr int kMostConnections = 16;
    static constexpr qint64 kLongestRequest = 8 * 1024;
    static constexpr std::chrono::milliseconds kDeadline{5'000};

    /// `server` outlives it.
    explicit MetricsServer(ChatServer &server);

    /// HOST:PORT with an address of this machine alone; the error says in words why it is none.
    static Result<HostPort> placeFromString(const QString &text);

    /// The error says in words why not: an address that others reach, too, or a port that is taken.
    std::optional<Error> listen(const QString &place);

    HostPort place() const;

private:
    void onNewConnection();
    void onReadyRead(QTcpSocket *socket);

    ChatServer &m_server;
    QTcpServer m_listener;
    int m_connections = 0;
};

} // namespace wireroom

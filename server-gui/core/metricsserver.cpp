// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/metricsserver.h"

#include <QPointer>
#include <QTcpSocket>
#include <QTimer>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

void answer(QTcpSocket *socket, const QByteArray &status, const QByteArray &body)
{
    socket->write("HTTP/1.0 " + status
                  + "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: "
                  + QByteArray::number(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
    socket->disconnectFromHost();
}

} // namespace

MetricsServer::MetricsServer(ChatServer &server) : m_server(server)
{
    m_listener.setMaxPendingConnections(kMostConnections);
    connect(&m_listener, &QTcpServer::newConnection, this, &MetricsServer::onNewConnection);
}

Result<HostPort> MetricsServer::placeFromString(const QString &text)
{
    std::optional<HostPort> place = HostPort::fromString(text);
    if (!place)
        return Error{Error::Code::BadInput,
                     u"Metrics need a HOST:PORT such as 127.0.0.1:9404, not “%1”."_s.arg(text)};
    if (place->host.compare("localhost"_L1, Qt::CaseInsensitive) == 0)
        place->host = u"127.0.0.1"_s;
    if (!QHostAddress(place->host).isLoopback()) {
        return Error{
            Error::Code::BadInput,
            u"Metrics are for this machine alone, at 127.0.0.1:PORT or [::1]:PORT, not at “%1”."_s.arg(text)};
    }
    return *place;
}

std::optional<Error> MetricsServer::listen(const QString &text)
{
    const Result<HostPort> place = placeFromString(text);
    if (!place)
        return place.error();
    if (!m_listener.listen(QHostAddress(place.value().host), place.value().port)) {
        return Error{Error::Code::InUse,
                     u"No metrics at %1: %2."_s.arg(place.value().toString(), m_listener.errorString())};
    }
    return std::nullopt;
}

HostPort MetricsServer::place() const
{
    return {m_listener.serverAddress().toString(), m_listener.serverPort()};
}

void MetricsServer::onNewConnection()
{
    while (QTcpSocket *socket = m_listener.nextPendingConnection()) {
        if (m_connections >= kMostConnections) {
            socket->abort();
            socket->deleteLater();
            continue;
        }
        ++m_connections;
        socket->setReadBufferSize(kLongestRequest);
        connect(socket, &QObject::destroyed, this, [this] { --m_connections; });
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] { onReadyRead(socket); });
        QTimer::singleShot(kDeadline, socket, [socket] { socket->abort(); });
    }
}

void MetricsServer::onReadyRead(QTcpSocket *socket)
{
    const QByteArray request = socket->peek(kLongestRequest);
    const bool isWhole = request.contains("\r\n\r\n") || request.contains("\n\n");
    if (!isWhole && request.size() < kLongestRequest)
        return;
    socket->disconnect(this);
    connect(socket, &QObject::destroyed, this, [this] { --m_connections; });
    socket->skip(request.size());
    const QList<QByteArray> words = request.left(request.indexOf('\n')).simplified().split(' ');
    if (!isWhole) {
        answer(socket, "431 Request Header Fields Too Large", "The request is too long.\n");
    } else if (words.size() < 2 || words.size() > 3) {
        answer(socket, "400 Bad Request", "This is no HTTP request.\n");
    } else if (words[0] != "GET") {
        answer(socket, "405 Method Not Allowed", "There is GET alone.\n");
    } else if (words[1] != "/metrics") {
        answer(socket, "404 Not Found", "The metrics are at /metrics.\n");
    } else {
        m_server.readMetrics([socket = QPointer(socket)](const Result<ServerMetrics> &metrics) {
            if (socket)
                answer(socket, "200 OK", toPrometheus(metrics.value()));
        });
    }
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/chatserver.h"

#include <QTest>

#include <optional>

namespace wireroom {

/// A ChatServer that keeps what it reports, for tests. Everything waits for conditions, nothing for time.
class RunningServer : public QObject
{
public:
    RunningServer()
    {
        config.port = 0;
        config.messageFeed = MessageFeed::Every;
        // The same tests once more, with the sockets in I/O threads.
        if (const int threads = qEnvironmentVariableIntValue("WIREROOM_IO_THREADS"); threads > 0)
            config.ioThreads = threads;
        connect(&server, &ChatServer::batchReady, this, [this](const ServerBatch &batch) {
            for (const ServerEvent &event : batch.events)
                events.push_back(event);
            for (const ClientCounters &c : batch.counters)
                counters[c.id.value()] = c;
            totals = batch.totals;
        });
    }

    /// True once it listens; false when it said that it cannot.
    bool start()
    {
        server.start(config);
        return QTest::qWaitFor(
                   [&] { return server.state() == ChatServer::State::Listening || last<ServerFailed>(); },
                   10'000)
            && server.state() == ChatServer::State::Listening;
    }

    bool stop()
    {
        server.stop();
        return QTest::qWaitFor([&] { return server.state() == ChatServer::State::Stopped; }, 10'000);
    }

    quint16 port() const { return server.listeningPort(); }

    template <typename T> std::vector<T> all() const
    {
        std::vector<T> found;
        for (const ServerEvent &event : events) {
            if (const T *e = std::get_if<T>(&event))
                found.push_back(*e);
        }
        return found;
    }

    template <typename T> std::optional<T> last() const
    {
        const std::vector<T> found = all<T>();
        return found.empty() ? std::nullopt : std::optional(found.back());
    }

    template <typename T> bool waitFor(size_t count = 1, int timeoutMs = 10'000)
    {
        return QTest::qWaitFor([&] { return all<T>().size() >= count; }, timeoutMs);
    }

    /// What clients sent, in order.
    QList<QByteArray> received() const
    {
        QList<QByteArray> payloads;
        for (const MessagePassed &message : all<MessagePassed>()) {
            if (!message.from.isOperator())
                payloads << message.payload;
        }
        return payloads;
    }

    /// Sends and waits for the answer.
    Result<SendReport> send(const QString &to, const QByteArray &payload)
    {
        std::optional<Result<SendReport>> answer;
        server.send(Recipients::parse(to).value(), payload, [&](const auto &result) { answer = result; });
        if (!QTest::qWaitFor([&] { return answer.has_value(); }, 10'000))
            return Error{Error::Code::Internal, QStringLiteral("no answer")};
        return *answer;
    }

    ServerConfig config;
    ChatServer server;
    std::vector<ServerEvent> events;
    std::map<quint64, ClientCounters> counters;
    ServerTotals totals;
};

} // namespace wireroom

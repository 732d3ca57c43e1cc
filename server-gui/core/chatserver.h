// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/recipients.h"
#include "common/base/result.h"
#include "server-gui/core/ban.h"
#include "server-gui/core/historystore.h"
#include "server-gui/core/serverconfig.h"
#include "server-gui/core/serverevents.h"
#include "server-gui/core/servermetrics.h"

#include <QObject>

#include <functional>
#include <memory>

namespace wireroom {

class HubLink;
struct HubListening;
struct HubStopped;
template <typename T> struct HubAnswer;

/// The server, as every front end uses it: listens, knows its clients, sends, and tells what happens in
/// batches.
///
/// Owner: whoever runs the server. Owns the network thread and all that lives there. Thread: use it from the
/// thread that it was created in; signals and callbacks come there too. Nothing here blocks, except the
/// destructor, which stops the server (flushing for at most ServerConfig::flushDeadline) and joins the
/// thread.
class ChatServer : public QObject
{
    Q_OBJECT

public:
    enum class State { Stopped, Starting, Listening, Stopping };
    Q_ENUM(State)

    template <typename T> using Callback = std::function<void(const Result<T> &)>;

    explicit ChatServer(QObject *parent = nullptr);
    ~ChatServer() override;

    State state() const { return m_state; }

    /// The configuration of the last start().
    const ServerConfig &config() const { return m_config; }

    /// Where it listens; empty and 0 unless Listening.
    QString listeningAddress() const { return m_address; }

    quint16 listeningPort() const { return m_port; }

    /// How many clients are let in: as configured, or fewer where the system allows fewer descriptors.
    int maxClients() const { return m_maxClients; }

    /// Begins to listen. Ends in ServerListening and State::Listening, or in ServerFailed (port in use, bad
    /// address, no permission, data directory in use) and State::Stopped. Does nothing unless Stopped.
    void start(const ServerConfig &config);

    /// Stops listening, flushes what is queued, closes every client, then State::Stopped. Does nothing when
    /// Stopped.
    void stop();

    /// From now on; the answer comes once it is in force.
    void setPlainPolicy(PlainPolicy policy, Callback<PlainPolicy> done = {});

    /// Sends one message as the operator. An ID that nobody has (or of a plain client that is not connected)
    /// refuses the whole call before anything is sent; the error names it. Plain clients are sent it at once,
    /// chat clients as soon as it is stored, and those of them who are offline when they come back.
    void send(const Recipients &to, const QByteArray &payload, Callback<SendReport> done = {});

    /// Closes the connections of those clients after flushing. The answer: who they were. Unknown IDs refuse
    /// it all.
    void disconnectClients(const Recipients &who, Callback<std::vector<ClientId>> done = {});

    /// Those who are connected, then the known ones who are not.
    void listClients(Callback<std::vector<ClientSnapshot>> done);

    /// Reads a page of the history as the operator (viewer and request of the request are of no meaning).
    /// Unsupported where none is kept.
    void readHistory(const HistoryRequest &request, Callback<HistoryMessages> done);

    /// Does not let them in from now on, for so long (0: until it is lifted), and ends their connections.
    /// Only while it listens; of IDs only a chat client's can be banned.
    void ban(const BanTarget &who, const QString &reason, std::chrono::seconds time,
             Callback<BanReport> done = {});
    void unban(const BanTarget &who, Callback<Ban> done = {});
    /// The newest first.
    void listBans(Callback<std::vector<Ban>> done);
    /// Whoever comes next may take the name of a chat client that is not here. The answer: that client, and
    /// what it is called now.
    void releaseName(const QString &name, Callback<KnownClient> done = {});

    /// From now on chat clients need this password to join (empty: none): it is kept as a hash in the data
    /// directory, of the running server or else the one named here. Those who are here stay. The answer:
    /// whether one is needed.
    void setRoomPassword(const QString &dataDir, const QString &password, Callback<bool> done = {});

    /// Answered in every state; shows also that the network thread is alive.
    void readMetrics(Callback<ServerMetrics> done);

Q_SIGNALS:
    /// After each change of state, before the batch that tells why.
    void stateChanged(wireroom::ChatServer::State state);

    /// At most every 33 ms (about a display's frame), and only when something happened. The batch is the
    /// receiver's to read during the call.
    void batchReady(const wireroom::ServerBatch &batch);

private:
    void handle(const HubListening &listening);
    void handle(const HubStopped &stopped);
    void handle(const ServerBatch &batch);
    void handle(const HubAnswer<PlainPolicy> &answer);
    void handle(const HubAnswer<SendReport> &answer);
    void handle(const HubAnswer<std::vector<ClientId>> &answer);
    void handle(const HubAnswer<std::vector<ClientSnapshot>> &answer);
    void handle(const HubAnswer<HistoryMessages> &answer);
    void handle(const HubAnswer<BanReport> &answer);
    void handle(const HubAnswer<Ban> &answer);
    void handle(const HubAnswer<std::vector<Ban>> &answer);
    void handle(const HubAnswer<KnownClient> &answer);
    void handle(const HubAnswer<bool> &answer);
    void handle(const HubAnswer<ServerMetrics> &answer);
    void setState(State state);

    State m_state = State::Stopped;
    ServerConfig m_config;
    QString m_address;
    quint16 m_port = 0;
    int m_maxClients = 0;
    std::unique_ptr<HubLink> m_link;
};

} // namespace wireroom

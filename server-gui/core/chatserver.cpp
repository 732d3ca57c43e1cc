// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/chatserver.h"

#include "common/transport/networkthread.h"
#include "server-gui/core/hub.h"

#include <unordered_map>

using namespace Qt::StringLiterals;

namespace wireroom {

/// The façade's side of the network thread: the thread, the way there, the way back, and who waits for which
/// answer.
class HubLink
{
public:
    explicit HubLink(std::function<void(std::vector<HubReply> &&)> handler)
        : m_replies(std::move(handler)),
          m_thread(u"wireroom-network"_s, [this] { return std::make_unique<Hub>(m_replies); })
    {
    }

    void post(HubCommand command) { m_thread.worker().commands().post(std::move(command)); }

    /// Blocks until the hub has stopped and its thread has ended.
    void end()
    {
        post(QuitHub{});
        m_thread.join();
    }

    template <typename Answer>
    using Waiting = std::unordered_map<quint64, std::function<void(const Result<Answer> &)>>;

    template <typename T> quint64 remember(Waiting<T> &waiting, ChatServer::Callback<T> done)
    {
        const quint64 request = ++m_lastRequest;
        if (done)
            waiting.emplace(request, std::move(done));
        return request;
    }

    template <typename T> static void answer(Waiting<T> &waiting, const HubAnswer<T> &answer)
    {
        if (auto node = waiting.extract(answer.request))
            node.mapped()(answer.result);
    }

    Waiting<PlainPolicy> policies;
    Waiting<SendReport> sends;
    Waiting<std::vector<ClientId>> disconnects;
    Waiting<std::vector<ClientSnapshot>> lists;
    Waiting<HistoryMessages> pages;
    Waiting<BanReport> bans;
    Waiting<Ban> lifts;
    Waiting<std::vector<Ban>> banLists;
    Waiting<KnownClient> releases;
    Waiting<bool> passwords;
    Waiting<ServerMetrics> metrics;

private:
    quint64 m_lastRequest = 0;
    Inbox<HubReply> m_replies;
    NetworkThread<Hub> m_thread;
};

ChatServer::ChatServer(QObject *parent) : QObject(parent)
{
    m_link = std::make_unique<HubLink>([this](std::vector<HubReply> &&replies) {
        for (HubReply &reply : replies)
            std::visit([this](auto &r) { handle(r); }, reply);
    });
}

ChatServer::~ChatServer()
{
    m_link->end();
}

void ChatServer::start(const ServerConfig &config)
{
    if (m_state != State::Stopped)
        return;
    m_config = config;
    m_maxClients = config.maxClients;
    setState(State::Starting);
    m_link->post(StartHub{config});
}

void ChatServer::stop()
{
    if (m_state != State::Starting && m_state != State::Listening)
        return;
    setState(State::Stopping);
    m_link->post(StopHub{});
}

void ChatServer::setPlainPolicy(PlainPolicy policy, Callback<PlainPolicy> done)
{
    m_config.plainPolicy = policy;
    m_link->post(SetPolicy{m_link->remember(m_link->policies, std::move(done)), policy});
}

void ChatServer::send(const Recipients &to, const QByteArray &payload, Callback<SendReport> done)
{
    m_link->post(SendMessage{m_link->remember(m_link->sends, std::move(done)), to, payload});
}

void ChatServer::disconnectClients(const Recipients &who, Callback<std::vector<ClientId>> done)
{
    m_link->post(DisconnectClients{m_link->remember(m_link->disconnects, std::move(done)), who});
}

void ChatServer::listClients(Callback<std::vector<ClientSnapshot>> done)
{
    m_link->post(ListClients{m_link->remember(m_link->lists, std::move(done))});
}

void ChatServer::readHistory(const HistoryRequest &request, Callback<HistoryMessages> done)
{
    m_link->post(ReadHistory{m_link->remember(m_link->pages, std::move(done)), request});
}

void ChatServer::ban(const BanTarget &who, const QString &reason, std::chrono::seconds time,
                     Callback<BanReport> done)
{
    m_link->post(BanSomebody{m_link->remember(m_link->bans, std::move(done)), who, reason, time});
}

void ChatServer::unban(const BanTarget &who, Callback<Ban> done)
{
    m_link->post(LiftBan{m_link->remember(m_link->lifts, std::move(done)), who});
}

void ChatServer::listBans(Callback<std::vector<Ban>> done)
{
    m_link->post(ListBans{m_link->remember(m_link->banLists, std::move(done))});
}

void ChatServer::releaseName(const QString &name, Callback<KnownClient> done)
{
    m_link->post(ReleaseName{m_link->remember(m_link->releases, std::move(done)), name});
}

void ChatServer::setRoomPassword(const QString &dataDir, const QString &password, Callback<bool> done)
{
    m_config.password.reset(); // what is kept is in force at the next start, too
    m_link->post(SetPassword{m_link->remember(m_link->passwords, std::move(done)), dataDir, password});
}

void ChatServer::readMetrics(Callback<ServerMetrics> done)
{
    m_link->post(ReadMetrics{m_link->remember(m_link->metrics, std::move(done))});
}

void ChatServer::handle(const HubListening &listening)
{
    m_address = listening.address;
    m_port = listening.port;
    m_maxClients = listening.maxClients;
    // A stop that was asked for meanwhile is on its way.
    if (m_state == State::Starting)
        setState(State::Listening);
}

void ChatServer::handle(const HubStopped &)
{
    m_address.clear();
    m_port = 0;
    setState(State::Stopped);
}

void ChatServer::handle(const ServerBatch &batch)
{
    Q_EMIT batchReady(batch);
    m_link->post(BatchTaken{});
}

void ChatServer::handle(const HubAnswer<PlainPolicy> &answer)
{
    m_link->answer(m_link->policies, answer);
}

void ChatServer::handle(const HubAnswer<SendReport> &answer)
{
    m_link->answer(m_link->sends, answer);
}

void ChatServer::handle(const HubAnswer<std::vector<ClientId>> &answer)
{
    m_link->answer(m_link->disconnects, answer);
}

void ChatServer::handle(const HubAnswer<std::vector<ClientSnapshot>> &answer)
{
    m_link->answer(m_link->lists, answer);
}

void ChatServer::handle(const HubAnswer<HistoryMessages> &answer)
{
    m_link->answer(m_link->pages, answer);
}

void ChatServer::handle(const HubAnswer<BanReport> &answer)
{
    m_link->answer(m_link->bans, answer);
}

void ChatServer::handle(const HubAnswer<Ban> &answer)
{
    m_link->answer(m_link->lifts, answer);
}

void ChatServer::handle(const HubAnswer<std::vector<Ban>> &answer)
{
    m_link->answer(m_link->banLists, answer);
}

void ChatServer::handle(const HubAnswer<KnownClient> &answer)
{
    m_link->answer(m_link->releases, answer);
}

void ChatServer::handle(const HubAnswer<bool> &answer)
{
    m_link->answer(m_link->passwords, answer);
}

void ChatServer::handle(const HubAnswer<ServerMetrics> &answer)
{
    m_link->answer(m_link->metrics, answer);
}

void ChatServer::setState(State state)
{
    if (m_state == state)
        return;
    m_state = state;
    Q_EMIT stateChanged(state);
}

} // namespace wireroom

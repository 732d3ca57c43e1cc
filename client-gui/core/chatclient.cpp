// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/chatclient.h"

#include "client-gui/core/link.h"
#include "common/transport/networkthread.h"

#include <tuple>
#include <unordered_map>

using namespace Qt::StringLiterals;

namespace wireroom {

/// The façade's side of the network thread: the thread, the way there, the way back, and who waits for which
/// answer.
class LinkHandle
{
public:
    explicit LinkHandle(std::function<void(std::vector<LinkReply> &&)> handler)
        : m_replies(std::move(handler)),
          m_thread(u"wireroom-network"_s, [this] { return std::make_unique<Link>(m_replies); })
    {
    }

    void post(LinkCommand command) { m_thread.worker().commands().post(std::move(command)); }

    /// Blocks until the connection is closed and the thread has ended.
    void end()
    {
        post(QuitLink{});
        m_thread.join();
    }

    template <typename T> using Callback = std::function<void(const Result<T> &)>;

    /// The number that the answer will have.
    template <typename T> quint64 await(Callback<T> done)
    {
        ++m_lastRequest;
        if (done)
            std::get<Waiting<T>>(m_waiting).emplace(m_lastRequest, std::move(done));
        return m_lastRequest;
    }

    template <typename T> void answer(const LinkAnswer<T> &answer)
    {
        if (auto node = std::get<Waiting<T>>(m_waiting).extract(answer.request))
            node.mapped()(answer.result);
    }

private:
    template <typename T> using Waiting = std::unordered_map<quint64, Callback<T>>;

    std::tuple<Waiting<quint64>, Waiting<QString>, Waiting<chat::HistoryPage>> m_waiting;
    quint64 m_lastRequest = 0;
    Inbox<LinkReply> m_replies;
    NetworkThread<Link> m_thread;
};

ChatClient::ChatClient(QObject *parent) : QObject(parent)
{
    m_link = std::make_unique<LinkHandle>([this](std::vector<LinkReply> &&replies) {
        for (const LinkReply &reply : replies)
            std::visit([this](const auto &r) { handle(r); }, reply);
    });
}

ChatClient::~ChatClient()
{
    m_link->end();
}

void ChatClient::connectToServer(const ClientConfig &config)
{
    m_config = config;
    m_link->post(ConnectLink{config});
}

void ChatClient::disconnectFromServer()
{
    m_link->post(DisconnectLink{});
}

void ChatClient::retryNow()
{
    m_link->post(RetryLink{});
}

void ChatClient::trustCertificate(const Fingerprint &fingerprint)
{
    m_link->post(TrustOnLink{fingerprint});
}

void ChatClient::send(const QByteArray &payload, std::function<void(const Result<quint64> &)> done)
{
    m_link->post(SendOnLink{m_link->await<quint64>(std::move(done)), payload});
}

void ChatClient::post(const chat::Addressees &to, chat::BodyKind kind, const QByteArray &body,
                      std::function<void(const Result<quint64> &)> done)
{
    m_link->post(PostOnLink{m_link->await<quint64>(std::move(done)), to, kind, body});
}

void ChatClient::rename(const QString &name, std::function<void(const Result<QString> &)> done)
{
    m_link->post(RenameOnLink{m_link->await<QString>(std::move(done)), name});
}

void ChatClient::queryHistory(const chat::HistoryQuery &query,
                              std::function<void(const Result<chat::HistoryPage> &)> done)
{
    m_link->post(QueryOnLink{m_link->await<chat::HistoryPage>(std::move(done)), query});
}

void ChatClient::setReceiveEvery(bool every)
{
    m_link->post(ReceiveEvery{every});
}

void ChatClient::handle(const LinkState &state)
{
    m_state = state.state;
    m_reason = state.reason;
    m_peerAddress = state.peerAddress;
    m_peerPort = state.peerPort;
    m_retryAt = state.retryAt;
    m_tls = state.tls;
    m_tlsQuestion = state.question;
    Q_EMIT stateChanged(m_state);
}

void ChatClient::handle(const ClientBatch &batch)
{
    Q_EMIT batchReady(batch);
    m_link->post(LinkBatchTaken{});
}

template <typename T> void ChatClient::handle(const LinkAnswer<T> &answer)
{
    m_link->answer(answer);
}

} // namespace wireroom

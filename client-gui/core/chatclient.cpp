// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/chatclient.h"

#include "client-gui/core/link.h"
#include "common/transport/networkthread.h"

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

    std::unordered_map<quint64, std::function<void(const Result<quint64> &)>> sends;
    quint64 lastRequest = 0;

private:
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

void ChatClient::send(const QByteArray &payload, std::function<void(const Result<quint64> &)> done)
{
    const quint64 request = ++m_link->lastRequest;
    if (done)
        m_link->sends.emplace(request, std::move(done));
    m_link->post(SendOnLink{request, payload});
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
    Q_EMIT stateChanged(m_state);
}

void ChatClient::handle(const ClientBatch &batch)
{
    Q_EMIT batchReady(batch);
    m_link->post(LinkBatchTaken{});
}

void ChatClient::handle(const LinkSendAnswer &answer)
{
    if (auto node = m_link->sends.extract(answer.request))
        node.mapped()(answer.result);
}

} // namespace wireroom

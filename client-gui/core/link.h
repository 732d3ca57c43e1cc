// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatsession.h"
#include "client-gui/core/clientfeed.h"
#include "client-gui/core/connectattempt.h"
#include "client-gui/core/linkhandle.h"
#include "client-gui/core/reconnectpolicy.h"
#include "common/transport/connection.h"
#include "common/transport/iocontext.h"

#include <QElapsedTimer>
#include <QTimer>

#include <memory>
#include <optional>

namespace wireroom {

/// The client's end of the wire: when to connect, the connection, and what is reported of both. What the
/// frames mean is the chat session's where there is one.
///
/// Created, used and destroyed in the network thread, by its main function.
class Link : public QObject, private ChannelHandler, private ChatSessionHost
{
public:
    explicit Link(Inbox<LinkReply> &replies);
    ~Link() override;

    /// Where ChatClient posts its commands.
    Inbox<LinkCommand> &commands() { return m_commands; }

private:
    using State = ChatClient::State;

    void handle(const ConnectLink &command);
    void handle(const DisconnectLink &command);
    void handle(const RetryLink &command);
    void handle(const TrustOnLink &command);
    void handle(const SendOnLink &command);
    void handle(const PostOnLink &command);
    void handle(const RenameOnLink &command);
    void handle(const QueryOnLink &command);
    void handle(const ReceiveEvery &command);
    void handle(const LinkBatchTaken &command);
    void handle(const QuitLink &command);

    void prepareSession();
    void attempt();
    void endAttempt();
    void attemptFailed(const ConnectFailure &failure);
    void connected(std::unique_ptr<QTcpSocket> socket, const std::optional<TlsState> &tls);
    void retryOrRest(const QString &reason);
    void closeSoon(bool waitForTaker);
    Result<quint64> send(const QByteArray &payload);
    void setState(State state, const QString &reason = {});

    void frameReceived(Payload &payload) override;
    void readTurnEnded() override;
    void closed(const CloseReason &reason) override;

    void stateOpened() override;
    void stateNotOpened(const QString &why) override;
    void sendFrames(const QByteArray &bytes, quint64 count) override;
    bool isReadingPaused() const override;
    bool isLinkPrivate() const override;
    void welcomed() override;
    void closeConnection(const CloseReason &reason) override;
    void readyToClose() override;

    Inbox<LinkReply> &m_replies;
    ClientConfig m_config;
    LinkState m_state;
    bool m_quitWhenClosed = false;
    IoContext m_context;
    ReconnectPolicy m_policy;
    QElapsedTimer m_online;
    ConnectAttempt m_attempt;
    QTimer m_retryTimer;
    std::unique_ptr<Connection> m_connection;  ///< from Handshake or Online to Closing
    std::optional<ClientConfig> m_next;        ///< while Closing: where to connect afterwards
    std::optional<QByteArray> m_streamMessage; ///< `stream`: to be sent once connected
    bool m_streamSent = false;
    bool m_receiveEvery = false;
    ClientFeed m_feed;
    std::unique_ptr<ChatSession> m_session; ///< since the first connect as a chat client
    Inbox<LinkCommand> m_commands;
};

} // namespace wireroom

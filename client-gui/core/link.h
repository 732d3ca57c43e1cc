// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/linkhandle.h"
#include "client-gui/core/reconnectpolicy.h"
#include "common/base/batchpacer.h"
#include "common/transport/connection.h"
#include "common/transport/iocontext.h"

#include <QElapsedTimer>
#include <QTimer>

#include <memory>
#include <optional>

class QTcpSocket;

namespace wireroom {

/// The client's end of the wire: the attempts to connect, the connection, and what is reported of both.
///
/// Created, used and destroyed in the network thread, by its main function.
class Link : public QObject, private ConnectionHandler
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
    void handle(const SendOnLink &command);
    void handle(const ReceiveEvery &command);
    void handle(const LinkBatchTaken &command);
    void handle(const QuitLink &command);

    void attempt();
    void tryNextAddress();
    void attemptFailed(const QString &text);
    void connected();
    void dropAll();
    void retryOrRest(const QString &reason);
    Result<quint64> send(const QByteArray &payload);

    void setState(State state, const QString &reason = {});
    void note(const QString &text, bool isError);
    void addMessage(ClientEvent event, qsizetype bytes);
    bool isFeedFull() const;
    void deliverBatch();
    QString place() const;

    void frameReceived(Connection &connection, Payload &payload) override;
    void readTurnEnded(Connection &connection) override;
    void closed(Connection &connection, const CloseReason &reason) override;

    Inbox<LinkReply> &m_replies;
    ClientConfig m_config;
    LinkState m_state;
    bool m_quitWhenClosed = false;
    IoContext m_context;
    ReconnectPolicy m_policy;
    QElapsedTimer m_online;
    int m_lookup = -1;                         ///< while the host's addresses are asked for
    QList<QHostAddress> m_addresses;           ///< still to be tried
    std::unique_ptr<QTcpSocket> m_attempt;     ///< while Connecting
    std::unique_ptr<Connection> m_connection;  ///< while Online or Closing
    std::optional<ClientConfig> m_next;        ///< while Closing: where to connect afterwards
    std::optional<QByteArray> m_streamMessage; ///< `stream`: to be sent once connected
    bool m_streamSent = false;
    QTimer m_deadline; ///< of the attempt, or of the wait for the next one

    std::vector<ClientEvent> m_events;
    ClientTotals m_totals;
    size_t m_messages = 0;
    quint64 m_messageBytes = 0;
    bool m_receiveEvery = false;
    BatchPacer m_pacer;
    Inbox<LinkCommand> m_commands;
};

} // namespace wireroom

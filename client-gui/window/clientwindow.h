// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"
#include "client-gui/window/chatmessage.h"
#include "client-gui/window/conversation.h"
#include "common/widgets/theme.h"

#include <QMainWindow>
#include <QPointer>

#include <optional>

class QAction;
class QStackedWidget;

namespace wireroom {

class ChatPanel;
class ConnectionPanel;
class ErrorBanner;
class MessageLogModel;
class MessageLogView;
class MessageNotifier;
class MessagePanel;
class TotalsBar;
class UnencryptedPassword;
class TrustDialog;

/// What a command line says instead of the stored settings. It counts for this run and is not stored.
struct ClientOverrides
{
    std::optional<QString> host;
    std::optional<quint16> port;
    std::optional<FrameFormat> format;
    std::optional<QString> name;     ///< chat, as this
    std::optional<QString> stateDir; ///< chat: ChatIdentity::stateDir
    bool tls = false;                ///< encrypted
    std::optional<ThemeChoice> theme;
};

/// The client's window: where to connect, and either a chat or the messages of a plain connection with a line
/// to write to the server.
///
/// Owner: main(). Owns the client; both end together, after what is queued was flushed. Thread: GUI.
/// Everything shown comes from the client's batches; settings and geometry are stored when the window closes.
class ClientWindow : public QMainWindow
{
    Q_OBJECT

public:
    explicit ClientWindow(const ClientOverrides &overrides = {}, QWidget *parent = nullptr);
    ~ClientWindow() override;

    ChatClient *client() const { return m_client; }

    /// As if Connect had been pressed.
    void connectToServer();

protected:
    void closeEvent(QCloseEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void build();
    void buildStatusBar();
    void buildMenus();
    void connectParts();
    void loadSettings(const ClientOverrides &overrides);
    void saveSettings();

    void handleBatch(const ClientBatch &batch);
    void handleState();
    void updateForFields();
    void askForTrust();
    void focusMessage();
    void updateHint();
    void updateTitle();
    void showPage();
    void showProblem(const QString &text, const QString &code);
    void takeWayOut();
    void connectAs(const ClientConfig &config);
    void showMessageArrived(const Conversation &conversation, const ChatMessage &message);
    ClientConfig askedConfig() const;
    QString passwordPlace() const;
    bool keepsPasswordBack() const;

    ChatClient *m_client;
    MessageLogModel *m_log;
    QString m_stateDir;    ///< of chat
    ClientConfig m_stored; ///< as the settings file has it
    ClientConfig m_given;  ///< as this run began: stored, with what the command line said instead
    QString m_storedName;  ///< for chat, likewise
    QString m_givenName;
    ThemeChoice m_theme = ThemeChoice::System;

    ConnectionPanel *m_connectionPanel = nullptr;
    MessageLogView *m_logView = nullptr;
    MessagePanel *m_messagePanel = nullptr;
    ChatPanel *m_chatPanel = nullptr;
    QStackedWidget *m_pages = nullptr;
    ErrorBanner *m_problem = nullptr;
    QString m_password; ///< as long as the window lives, no longer
    QString m_passwordPlace;
    UnencryptedPassword *m_unencrypted = nullptr;
    QString m_problemCode; ///< of chat::notice:: or chat::refusal::
    MessageNotifier *m_notifier = nullptr;
    QPointer<TrustDialog> m_trust; ///< while the client is Confirming
    TotalsBar *m_totals = nullptr;
    QAction *m_connectAction = nullptr;
    QAction *m_disconnectAction = nullptr;
    QAction *m_retryAction = nullptr;
    QAction *m_nameAction = nullptr;
    QList<QAction *> m_chatActions; ///< of no use to a plain connection
};

} // namespace wireroom

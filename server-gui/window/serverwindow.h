// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/widgets/theme.h"
#include "server-gui/core/chatserver.h"
#include "server-gui/core/historyoptions.h"
#include "server-gui/core/identityoptions.h"
#include "server-gui/core/metricsserver.h"
#include "server-gui/core/tlsoptions.h"
#include "server-gui/window/namebook.h"

#include <QMainWindow>
#include <QPointer>

#include <optional>

class QAction;
class QLabel;
class QSplitter;

namespace wireroom {

class BansDialog;
class ClientsPanel;
class ErrorBanner;
class HistoryPager;
class ListenPanel;
class MessageLogModel;
class MessageLogView;
class RefusalModel;
class SendPanel;
class SettingsDialog;
class TotalsBar;

/// What a command line says instead of the stored settings. It counts for this run and is not stored.
struct ServerOverrides
{
    std::optional<QString> address;
    std::optional<quint16> port;
    std::optional<FrameFormat> format;
    std::optional<PlainPolicy> plainPolicy;
    std::optional<int> maxClients;
    std::optional<QString> dataDir;
    HistoryOptions history;
    IdentityOptions identity;
    TlsOptions tls;
    std::optional<ThemeChoice> theme;
};

/// The server's window: where to listen, the clients, the messages, and a line to write to them.
///
/// Owner: main(). Owns the server; both end together, after what is queued was flushed. Thread: GUI.
/// Everything shown comes from the server's batches; settings and geometry are stored when the window closes.
class ServerWindow : public QMainWindow
{
    Q_OBJECT

public:
    explicit ServerWindow(const ServerOverrides &overrides = {}, QWidget *parent = nullptr);
    ~ServerWindow() override;

    ChatServer *server() const { return m_server; }

    /// As if Start had been pressed.
    void start();

Q_SIGNALS:
    /// The server could not start, or had to stop; the sentence that the window shows.
    void failed(const QString &sentence);

protected:
    void closeEvent(QCloseEvent *event) override;

private:
    void build();
    void connectParts();
    void buildMenus();
    void buildStatusBar();
    void loadSettings(const ServerOverrides &overrides);
    void saveSettings();

    void handleBatch(const ServerBatch &batch);
    void handleState(ChatServer::State state);
    void handleFailure(const ServerFailed &failure);
    void handleHistory(const HistoryState &state);
    void disconnectClients(const std::vector<ClientId> &clients);
    void disconnectAll();
    SettingsDialog *openSettings();
    void openBans();
    void banClient(ClientId id);
    void showClientCount();
    void updateHints();
    QString intendedAddress() const;
    QString reachableAddress() const;

    ChatServer *m_server;
    std::optional<MetricsServer> m_metrics; ///< while the server runs, where its settings ask for it
    MessageLogModel *m_log;
    RefusalModel *m_refusals;
    QPointer<BansDialog> m_bans; ///< while it is open
    NameBook m_names;
    ServerConfig m_config;
    ServerConfig m_stored; ///< as the settings file has it
    ServerConfig m_given;  ///< as this run began: stored, with what the command line said instead
    ThemeChoice m_theme = ThemeChoice::System;

    ListenPanel *m_listenPanel = nullptr;
    ErrorBanner *m_banner = nullptr;
    ErrorBanner *m_historyBanner = nullptr; ///< while messages cannot be stored
    ClientsPanel *m_clientsPanel = nullptr;
    MessageLogView *m_logView = nullptr;
    HistoryPager *m_pager = nullptr;
    SendPanel *m_sendPanel = nullptr;
    QSplitter *m_splitter = nullptr;
    QLabel *m_clientsLabel = nullptr;
    TotalsBar *m_totals = nullptr;
    ServerTotals m_serverTotals;
    QAction *m_startAction = nullptr;
    QAction *m_stopAction = nullptr;
    QAction *m_disconnectAllAction = nullptr;
};

} // namespace wireroom

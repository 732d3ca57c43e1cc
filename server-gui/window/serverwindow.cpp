// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/serverwindow.h"

#include "common/base/hostport.h"
#include "common/widgets/errorbanner.h"
#include "common/widgets/icons.h"
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/messagelogview.h"
#include "common/widgets/numbertext.h"
#include "common/widgets/rule.h"
#include "common/widgets/totalsbar.h"
#include "common/widgets/windowmenus.h"
#include "server-gui/window/bansdialog.h"
#include "server-gui/window/clientspanel.h"
#include "server-gui/window/clienttablemodel.h"
#include "server-gui/window/historypager.h"
#include "server-gui/window/listenpanel.h"
#include "server-gui/window/recipientnames.h"
#include "server-gui/window/refusalmodel.h"
#include "server-gui/window/sendpanel.h"
#include "server-gui/window/serverlog.h"
#include "server-gui/window/serversettings.h"
#include "server-gui/window/settingsdialog.h"

#include <QAction>
#include <QCloseEvent>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QSplitter>
#include <QStatusBar>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr QSize kMinimumSize{640, 520};
constexpr QSize kFirstSize{1320, 800};

const QString kGeometryKey = u"window/geometry"_s;
const QString kSplitterKey = u"window/splitter"_s;
const QString kClientsKey = u"window/clients"_s;
const QString kLogKey = u"window/log"_s;
const QString kThemeKey = u"window/theme"_s;

} // namespace

ServerWindow::ServerWindow(const ServerOverrides &overrides, QWidget *parent)
    : QMainWindow(parent), m_server(new ChatServer(this)), m_log(new MessageLogModel(this)),
      m_refusals(new RefusalModel(this))
{
    setObjectName(u"serverWindow"_s);
    setWindowTitle(u"Wireroom Server"_s);
    setWindowIcon(serverApplicationIcon());
    setMinimumSize(kMinimumSize);
    resize(kFirstSize);

    build();
    buildStatusBar();
    loadSettings(overrides);
    buildMenus();
    connectParts();

    handleState(m_server->state());
    m_listenPanel->focusStart();
}

ServerWindow::~ServerWindow()
{
    // The batches of the server's end find no window any more.
    m_server->disconnect(this);
    m_metrics.reset();
    delete m_server;
}

void ServerWindow::build()
{
    auto *central = new QWidget(this);
    m_listenPanel = new ListenPanel(central);
    m_banner = new ErrorBanner(central);
    m_historyBanner = new ErrorBanner(central);
    m_historyBanner->setObjectName(u"historyBanner"_s);
    m_historyBanner->setAccessibleName(u"Problem of the history"_s);
    m_clientsPanel = new ClientsPanel(central);
    m_logView = new MessageLogView(m_log, MessageLogView::Clients::Many, central);
    m_logView->table()->setObjectName(u"messages"_s);
    m_logView->table()->setAccessibleName(u"Messages"_s);
    m_logView->setReadClients([this](const QString &typed) { return recipientsFromTyped(typed, m_names); },
                              u"Show only what concerns these clients: names, or IDs such as 1,3,5-8"_s);
    m_pager = new HistoryPager(m_server, m_logView, m_names, this);
    m_sendPanel = new SendPanel(
        m_server, m_names, [this](ClientId id) { return m_clientsPanel->model()->isConnected(id); }, central);

    m_splitter = new QSplitter(Qt::Vertical, central);
    m_splitter->setObjectName(u"splitter"_s);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_clientsPanel);
    m_splitter->addWidget(m_logView);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 1);

    auto *layout = new QVBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_listenPanel);
    layout->addWidget(m_historyBanner);
    layout->addWidget(m_banner);
    layout->addWidget(new Rule(central));
    layout->addWidget(m_splitter, 1);
    layout->addWidget(new Rule(central));
    layout->addWidget(m_sendPanel);
    setCentralWidget(central);
}

void ServerWindow::buildStatusBar()
{
    m_clientsLabel = new QLabel(this);
    m_clientsLabel->setObjectName(u"clientsCount"_s);
    m_totals = new TotalsBar(statusBar(),
                             u"Messages and payload bytes of all clients since the window was opened"_s,
                             m_clientsLabel);
    connect(m_totals, &TotalsBar::shown, this, &ServerWindow::showClientCount);
    showClientCount();
}

void ServerWindow::buildMenus()
{
    QMenu *server = menuBar()->addMenu(u"&Server"_s);
    m_startAction = addMenuAction(server, u"startAction"_s, u"&Start"_s, QKeySequence(u"Ctrl+R"_s),
                                  [this] { start(); });
    m_startAction->setIcon(icon(IconName::Start));
    m_stopAction = addMenuAction(server, u"stopAction"_s, u"S&top"_s, QKeySequence(u"Ctrl+Shift+R"_s),
                                 [this] { m_server->stop(); });
    m_stopAction->setIcon(icon(IconName::Stop));
    server->addSeparator();
    server->addAction(m_clientsPanel->sendAction());
    server->addActions({m_clientsPanel->disconnectAction(), m_clientsPanel->banAction()});
    m_disconnectAllAction = addMenuAction(server, u"disconnectAllAction"_s, u"Disconnect &All …"_s,
                                          QKeySequence(u"Ctrl+Shift+Del"_s), [this] { disconnectAll(); });
    server->addSeparator();
    server->addAction(m_logView->exportAction());
    addMenuAction(server, u"bansAction"_s, u"&Bans and Refusals …"_s, QKeySequence(u"Ctrl+B"_s),
                  [this] { openBans(); });
    addMenuAction(server, u"settingsAction"_s, u"S&ettings …"_s, QKeySequence(u"Ctrl+,"_s), [this] {
        openSettings();
    })->setIcon(icon(IconName::Settings));
    addMenuAction(server, u"identityAction"_s, u"&Who May Join …"_s, QKeySequence(u"Ctrl+J"_s),
                  [this] { openSettings()->showAccess(); });
    server->addSeparator();
    addMenuAction(server, u"quitAction"_s, u"&Quit"_s, QKeySequence(u"Ctrl+Q"_s), [this] { close(); });

    addEditMenu(this, m_logView, {m_clientsPanel->filterAction()}, [this] { m_sendPanel->focusMessage(); });
    addViewMenu(this, m_logView, m_theme,
                [](ThemeChoice theme) { openServerSettings()->setValue(kThemeKey, toString(theme)); });
    addHelpMenu(
        this, u"Wireroom Server"_s,
        u"A private chat hub, and a TCP message server that any program can talk to: length-prefixed frames, "
        "lines or streams, with or without TLS."_s,
        {{u"Enter, in the clients"_s, u"Write to the selected clients"_s},
         {u"Menu, in a table"_s, u"What can be done with the selected rows"_s},
         {u"Esc, in the clients"_s, u"Select none"_s}});
}

void ServerWindow::connectParts()
{
    connect(m_listenPanel, &ListenPanel::startRequested, this, &ServerWindow::start);
    connect(m_listenPanel, &ListenPanel::stopRequested, m_server, &ChatServer::stop);
    connect(m_listenPanel, &ListenPanel::policyChosen, m_server,
            [this](PlainPolicy policy) { m_server->setPlainPolicy(policy); });
    connect(m_listenPanel, &ListenPanel::addressEdited, this, &ServerWindow::updateHints);

    connect(m_banner, &ErrorBanner::actionRequested, this, [this] { openSettings(); });
    connect(m_server, &ChatServer::batchReady, this, &ServerWindow::handleBatch);
    connect(m_server, &ChatServer::stateChanged, this, &ServerWindow::handleState);

    connect(m_clientsPanel, &ClientsPanel::selectionChosen, m_sendPanel, &SendPanel::followSelection);
    connect(m_clientsPanel, &ClientsPanel::banRequested, this, &ServerWindow::banClient);
    connect(m_clientsPanel, &ClientsPanel::disconnectRequested, this, &ServerWindow::disconnectClients);
    connect(
        m_clientsPanel, &ClientsPanel::showOnlyRequested, this,
        [this](const std::vector<ClientId> &clients) { m_logView->showClients(Recipients::only(clients)); });

    connect(m_logView, &MessageLogView::replyRequested, this, [this](quint64 id) {
        m_sendPanel->addressTo({ClientId(id)});
        m_sendPanel->focusMessage();
    });
}

void ServerWindow::loadSettings(const ServerOverrides &overrides)
{
    const auto settings = openServerSettings();
    m_stored = loadServerConfig(*settings);
    m_config = m_stored;
    m_config.address = overrides.address.value_or(m_config.address);
    m_config.port = overrides.port.value_or(m_config.port);
    m_config.format = overrides.format.value_or(m_config.format);
    m_config.plainPolicy = overrides.plainPolicy.value_or(m_config.plainPolicy);
    m_config.maxClients = overrides.maxClients.value_or(m_config.maxClients);
    m_config.dataDir = overrides.dataDir.value_or(m_config.dataDir);
    overrides.history.applyTo(m_config);
    overrides.identity.applyTo(m_config);
    overrides.tls.applyTo(m_config);
    m_listenPanel->setConfig(m_config);
    m_given = m_config;

    m_theme = overrides.theme.value_or(
        themeFromString(settings->value(kThemeKey).toString()).value_or(ThemeChoice::System));
    applyTheme(m_theme);

    restoreGeometry(settings->value(kGeometryKey).toByteArray());
    if (!m_splitter->restoreState(settings->value(kSplitterKey).toByteArray()))
        m_splitter->setSizes({kFirstSize.height() * 9 / 20, kFirstSize.height() * 11 / 20});
    m_clientsPanel->restoreState(settings->value(kClientsKey).toByteArray());
    m_logView->restoreState(settings->value(kLogKey).toByteArray());
    m_sendPanel->load(*settings);
}

void ServerWindow::saveSettings()
{
    m_listenPanel->applyTo(m_config);
    ServerConfig config = m_config;
    const auto keepUnlessEdited = [&](auto field) {
        if (config.*field == m_given.*field)
            config.*field = m_stored.*field;
    };
    keepUnlessEdited(&ServerConfig::address);
    keepUnlessEdited(&ServerConfig::port);
    keepUnlessEdited(&ServerConfig::format);
    keepUnlessEdited(&ServerConfig::plainPolicy);
    keepUnlessEdited(&ServerConfig::maxClients);
    keepUnlessEdited(&ServerConfig::dataDir);
    keepUnlessEdited(&ServerConfig::history);
    keepUnlessEdited(&ServerConfig::historyDays);
    keepUnlessEdited(&ServerConfig::historyBytes);
    keepUnlessEdited(&ServerConfig::serverName);
    keepUnlessEdited(&ServerConfig::tls);
    keepUnlessEdited(&ServerConfig::passwordUnencrypted);
    keepUnlessEdited(&ServerConfig::freeNamesDays);

    const auto settings = openServerSettings();
    saveServerConfig(*settings, config);
    settings->setValue(kGeometryKey, saveGeometry());
    settings->setValue(kSplitterKey, m_splitter->saveState());
    settings->setValue(kClientsKey, m_clientsPanel->saveState());
    settings->setValue(kLogKey, m_logView->saveState());
    m_sendPanel->save(*settings);
}

void ServerWindow::closeEvent(QCloseEvent *event)
{
    saveSettings();
    QMainWindow::closeEvent(event);
}

void ServerWindow::start()
{
    if (m_server->state() != ChatServer::State::Stopped)
        return;
    m_banner->setText({});
    m_listenPanel->applyTo(m_config);
    if (const std::optional<Error> error = takePassword(m_config))
        return handleFailure({*error, false});
    m_metrics.reset();
    if (!m_config.metrics.isEmpty()) {
        if (const std::optional<Error> error = m_metrics.emplace(*m_server).listen(m_config.metrics)) {
            m_metrics.reset();
            return handleFailure({*error, true});
        }
        ServerBatch batch;
        batch.events.push_back(
            ServerNote{QDateTime::currentDateTime(),
                       {},
                       u"Metrics at http://%1/metrics"_s.arg(m_metrics->place().toString())});
        m_log->append(logEntries(batch, m_names));
    }
    m_server->start(m_config);
}

void ServerWindow::handleBatch(const ServerBatch &batch)
{
    m_clientsPanel->take(batch);
    // Before its rows: what they tell belongs to what is read of the history then.
    if (std::any_of(batch.events.begin(), batch.events.end(),
                    [](const ServerEvent &event) { return std::holds_alternative<ServerListening>(event); }))
        m_pager->begin();
    const quint64 names = m_names.revision();
    m_log->append(logEntries(batch, m_names));
    if (m_names.revision() != names)
        m_sendPanel->namesChanged();
    m_totals->setTotals({.framesIn = batch.totals.framesIn,
                         .framesOut = batch.totals.framesOut,
                         .bytesIn = batch.totals.bytesIn,
                         .bytesOut = batch.totals.bytesOut});
    m_refusals->take(batch);
    if (m_bans)
        m_bans->showTotals(batch.totals);
    m_serverTotals = batch.totals;
    for (const ServerEvent &event : batch.events) {
        if (const auto *failure = std::get_if<ServerFailed>(&event))
            handleFailure(*failure);
        else if (const auto *tls = std::get_if<TlsReady>(&event))
            m_listenPanel->showTls(tls, m_server->listeningAddress());
        else if (const auto *history = std::get_if<HistoryState>(&event))
            handleHistory(*history);
        else if (const auto *stored = std::get_if<MessageStored>(&event))
            m_log->setStored(stored->seq);
        else if (const auto *delivered = std::get_if<MessageDelivered>(&event))
            m_log->setDelivered(delivered->seq, delivered->id.value());
        else if (std::holds_alternative<BanChanged>(event) && m_bans)
            m_bans->refresh();
    }
}

void ServerWindow::openBans()
{
    if (!m_bans) {
        m_bans = new BansDialog(
            m_server, m_refusals, [this](ClientId id) { return m_names.shown(id); }, this);
        m_bans->setAttribute(Qt::WA_DeleteOnClose);
        m_bans->showTotals(m_serverTotals);
    }
    m_bans->show();
    m_bans->raise();
    m_bans->activateWindow();
}

void ServerWindow::banClient(ClientId id)
{
    BanDialog::Proposal proposal;
    if (!m_names.name(id).isEmpty()) {
        proposal.id = id;
        proposal.name = m_names.shown(id);
    }
    const ClientTableModel *clients = m_clientsPanel->model();
    const QString address
        = clients->index(clients->rowOf(id), ClientTableModel::AddressColumn).data().toString();
    if (const auto place = HostPort::fromString(address))
        proposal.address = QHostAddress(place->host);
    BansDialog::ask(m_server, proposal, this);
}

void ServerWindow::handleFailure(const ServerFailed &failure)
{
    m_banner->setText(failure.error.text, failure.isOfSettings ? u"&Settings …"_s : QString());
    if (m_server->state() == ChatServer::State::Stopped)
        m_listenPanel->showFailure();
    Q_EMIT failed(failure.error.text);
}

void ServerWindow::handleHistory(const HistoryState &state)
{
    m_historyBanner->setText(state.works ? QString() : state.text);
}

void ServerWindow::handleState(ChatServer::State state)
{
    m_listenPanel->showState(state, m_server->listeningAddress(), m_server->listeningPort(),
                             m_server->config().history != ServerConfig::kNoHistory);
    const ServerConfig &config = m_server->config();
    if (state == ChatServer::State::Listening && config.tls.modeInForce(config.dataDir) == TlsMode::Off)
        m_listenPanel->showTls(nullptr, m_server->listeningAddress());
    m_startAction->setEnabled(state == ChatServer::State::Stopped);
    m_stopAction->setEnabled(state != ChatServer::State::Stopped);
    m_disconnectAllAction->setEnabled(state == ChatServer::State::Listening);
    if (state == ChatServer::State::Stopped) {
        m_metrics.reset();
        m_historyBanner->setText({});
        m_pager->end();
    }
    if (state == ChatServer::State::Listening) {
        setWindowTitle(u"%1 – Wireroom Server"_s.arg(
            HostPort{m_server->listeningAddress(), m_server->listeningPort()}.toString()));
    } else {
        setWindowTitle(u"Wireroom Server"_s);
    }
    if (m_bans)
        m_bans->refresh();
    updateHints();
}

void ServerWindow::updateHints()
{
    if (m_server->state() == ChatServer::State::Listening) {
        const QString reachable = reachableAddress();
        const quint16 port = m_server->listeningPort();
        m_clientsPanel->setEmptyState(
            IconName::Clients, u"Waiting for clients"_s,
            u"To chat:  wireroom-cli --name ann %1\nFrom any program, for example:  nc %2 %3"_s.arg(
                HostPort{reachable, port}.toString(), reachable, QString::number(port)));
        m_logView->setEmptyState(IconName::Message, u"No messages yet"_s,
                                 u"What clients write appears here. Write to them below: to all, or to names "
                                 "and IDs, also of chat clients that are away."_s);
    } else {
        m_clientsPanel->setEmptyState(IconName::Start, u"Not listening"_s,
                                      u"Press Start to listen on %1."_s.arg(intendedAddress()));
        m_logView->setEmptyState(IconName::Message, u"No messages yet"_s,
                                 m_config.history == ServerConfig::kNoHistory
                                     ? u"Once the server is started, what clients write appears here."_s
                                     : u"Once the server is started, what clients write and have written "
                                       "before appears here."_s);
    }
}

QString ServerWindow::intendedAddress() const
{
    ServerConfig config;
    m_listenPanel->applyTo(config);
    const QString address
        = config.address.isEmpty() || config.address == "*"_L1 ? u"every address"_s : config.address;
    if (config.port == 0)
        return u"%1, on a free port"_s.arg(address);
    if (address != config.address)
        return u"every address, port %1"_s.arg(config.port);
    return HostPort{address, config.port}.toString();
}

QString ServerWindow::reachableAddress() const
{
    const QString address = m_server->listeningAddress();
    const bool every
        = address.isEmpty() || address == "*"_L1 || address == "0.0.0.0"_L1 || address == "::"_L1;
    return every ? u"127.0.0.1"_s : address;
}

void ServerWindow::disconnectClients(const std::vector<ClientId> &clients)
{
    if (clients.empty())
        return;
    const auto go = [this, who = Recipients::only(clients)] {
        m_server->disconnectClients(who,
                                    [window = QPointer(this)](const Result<std::vector<ClientId>> &result) {
                                        if (window && !result)
                                            window->m_banner->setText(result.error().text);
                                    });
    };
    if (clients.size() == 1) {
        go();
        return;
    }
    auto *question = new QMessageBox(QMessageBox::NoIcon, u"Disconnect Clients"_s,
                                     u"Disconnect %1 clients?"_s.arg(countText(clients.size())),
                                     QMessageBox::Cancel, this);
    question->setObjectName(u"confirmDisconnect"_s);
    question->setInformativeText(u"What is queued for them is sent first."_s);
    question->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton *yes = question->addButton(u"&Disconnect"_s, QMessageBox::AcceptRole);
    question->setDefaultButton(yes);
    setPrimary(yes);
    question->button(QMessageBox::Cancel)->setIcon({});
    connect(question, &QMessageBox::accepted, this, go);
    question->open();
}

void ServerWindow::disconnectAll()
{
    m_server->listClients([window = QPointer(this)](const Result<std::vector<ClientSnapshot>> &result) {
        if (!window || !result)
            return;
        std::vector<ClientId> clients;
        for (const ClientSnapshot &snapshot : result.value()) {
            if (snapshot.isConnected)
                clients.push_back(snapshot.client.id);
        }
        window->disconnectClients(clients);
    });
}

SettingsDialog *ServerWindow::openSettings()
{
    ServerConfig inForce = m_server->config();
    inForce.maxClients = m_server->maxClients();
    const bool runs = m_server->state() != ChatServer::State::Stopped;
    const auto setPassword
        = [this](const QString &password, const std::function<void(const Result<bool> &)> &done) {
              m_server->setRoomPassword(m_config.dataDir, password,
                                        [window = QPointer(this), done](const Result<bool> &result) {
                                            // What is kept counts at the next start, too.
                                            if (window && result) {
                                                window->m_config.password.reset();
                                                window->m_config.passwordFile.clear();
                                            }
                                            done(result);
                                        });
          };
    auto *dialog = new SettingsDialog(m_config, runs ? &inForce : nullptr, setPassword, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        // It may have been changed meanwhile.
        const auto [password, passwordFile] = std::pair(m_config.password, m_config.passwordFile);
        m_config = dialog->config();
        m_config.password = password;
        m_config.passwordFile = passwordFile;
        m_listenPanel->applyTo(m_config);
        saveSettings();
    });
    dialog->open();
    return dialog;
}

void ServerWindow::showClientCount()
{
    const auto clients = static_cast<quint64>(m_clientsPanel->model()->connectedCount());
    m_clientsLabel->setText(clients == 1 ? u"1 client"_s : QString(countText(clients) % u" clients"));
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/clientwindow.h"

#include "client-gui/window/clientlog.h"
#include "client-gui/window/clientsettings.h"
#include "client-gui/window/connectionpanel.h"
#include "client-gui/window/messagepanel.h"
#include "common/base/hostport.h"
#include "common/widgets/icons.h"
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/messagelogview.h"
#include "common/widgets/numbertext.h"
#include "common/widgets/rule.h"
#include "common/widgets/totalsbar.h"
#include "common/widgets/windowmenus.h"

#include <QAction>
#include <QCloseEvent>
#include <QMenuBar>
#include <QStatusBar>
#include <QTableView>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr QSize kMinimumSize{560, 400};
constexpr QSize kFirstSize{960, 680};

const QString kGeometryKey = u"window/geometry"_s;
const QString kLogKey = u"window/log"_s;
const QString kThemeKey = u"window/theme"_s;

} // namespace

ClientWindow::ClientWindow(const ClientOverrides &overrides, QWidget *parent)
    : QMainWindow(parent), m_client(new ChatClient(this)), m_log(new MessageLogModel(this))
{
    setObjectName(u"clientWindow"_s);
    setWindowTitle(u"Wireroom"_s);
    setWindowIcon(clientApplicationIcon());
    setMinimumSize(kMinimumSize);
    resize(kFirstSize);

    build();
    buildStatusBar();
    loadSettings(overrides);
    buildMenus();
    connectParts();

    handleState();
    m_connectionPanel->focusConnect();
}

ClientWindow::~ClientWindow()
{
    // The batches of the client's end find no window any more.
    m_client->disconnect(this);
    delete m_client;
}

void ClientWindow::build()
{
    auto *central = new QWidget(this);
    m_connectionPanel = new ConnectionPanel(central);
    m_logView = new MessageLogView(m_log, MessageLogView::Clients::One, central);
    m_logView->table()->setObjectName(u"messages"_s);
    m_logView->table()->setAccessibleName(u"Messages"_s);
    m_messagePanel = new MessagePanel(m_client, central);

    auto *layout = new QVBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_connectionPanel);
    layout->addWidget(new Rule(central));
    layout->addWidget(m_logView, 1);
    layout->addWidget(new Rule(central));
    layout->addWidget(m_messagePanel);
    setCentralWidget(central);
}

void ClientWindow::buildStatusBar()
{
    m_totals = new TotalsBar(statusBar(), u"Messages and payload bytes since the window was opened"_s);
}

void ClientWindow::buildMenus()
{
    QMenu *connection = menuBar()->addMenu(u"&Connection"_s);
    m_connectAction = addMenuAction(connection, u"connectAction"_s, u"&Connect"_s, QKeySequence(u"Ctrl+R"_s),
                                    [this] { connectToServer(); });
    m_connectAction->setIcon(icon(IconName::Connect));
    m_disconnectAction
        = addMenuAction(connection, u"disconnectAction"_s, u"&Disconnect"_s, QKeySequence(u"Ctrl+Shift+R"_s),
                        [this] { m_client->disconnectFromServer(); });
    m_disconnectAction->setIcon(icon(IconName::Disconnect));
    m_retryAction = addMenuAction(connection, u"retryAction"_s, u"&Retry Now"_s, QKeySequence(u"F5"_s),
                                  [this] { m_client->retryNow(); });
    connection->addSeparator();
    connection->addAction(m_logView->exportAction());
    connection->addSeparator();
    addMenuAction(connection, u"quitAction"_s, u"&Quit"_s, QKeySequence(u"Ctrl+Q"_s), [this] { close(); });

    addEditMenu(this, m_logView, {}, [this] { m_messagePanel->focusMessage(); });
    addViewMenu(this, m_logView, m_theme,
                [](ThemeChoice theme) { openClientSettings()->setValue(kThemeKey, toString(theme)); });
    addHelpMenu(
        this, u"Wireroom"_s,
        u"A TCP message client for any server that speaks length-prefixed frames, lines or streams."_s,
        {{u"Enter, in host or port"_s, u"Connect"_s},
         {u"Menu, in the messages"_s, u"What can be done with the selected rows"_s}});
}

void ClientWindow::connectParts()
{
    connect(m_connectionPanel, &ConnectionPanel::connectRequested, this, &ClientWindow::connectToServer);
    connect(m_connectionPanel, &ConnectionPanel::disconnectRequested, m_client,
            &ChatClient::disconnectFromServer);
    connect(m_connectionPanel, &ConnectionPanel::retryRequested, m_client, &ChatClient::retryNow);
    connect(m_connectionPanel, &ConnectionPanel::edited, this, &ClientWindow::updateForFields);
    connect(m_messagePanel, &MessagePanel::connectionNeeded, this, &ClientWindow::connectToServer);

    connect(m_client, &ChatClient::batchReady, this, &ClientWindow::handleBatch);
    connect(m_client, &ChatClient::stateChanged, this, &ClientWindow::handleState);
}

void ClientWindow::loadSettings(const ClientOverrides &overrides)
{
    const auto settings = openClientSettings();
    m_stored = loadClientConfig(*settings);
    m_given = m_stored;
    m_given.host = overrides.host.value_or(m_given.host);
    m_given.port = overrides.port.value_or(m_given.port);
    m_given.format = overrides.format.value_or(m_given.format);
    m_connectionPanel->setConfig(m_given);

    m_theme = overrides.theme.value_or(
        themeFromString(settings->value(kThemeKey).toString()).value_or(ThemeChoice::System));
    applyTheme(m_theme);

    restoreGeometry(settings->value(kGeometryKey).toByteArray());
    m_logView->restoreState(settings->value(kLogKey).toByteArray());
    m_messagePanel->load(*settings);
}

void ClientWindow::saveSettings()
{
    ClientConfig config = askedConfig();
    const auto keepUnlessEdited = [&](auto field) {
        if (config.*field == m_given.*field)
            config.*field = m_stored.*field;
    };
    keepUnlessEdited(&ClientConfig::host);
    keepUnlessEdited(&ClientConfig::port);
    keepUnlessEdited(&ClientConfig::format);

    const auto settings = openClientSettings();
    saveClientConfig(*settings, config);
    settings->setValue(kGeometryKey, saveGeometry());
    settings->setValue(kLogKey, m_logView->saveState());
    m_messagePanel->save(*settings);
}

void ClientWindow::closeEvent(QCloseEvent *event)
{
    saveSettings();
    QMainWindow::closeEvent(event);
}

ClientConfig ClientWindow::askedConfig() const
{
    ClientConfig config;
    m_connectionPanel->applyTo(config);
    return config;
}

void ClientWindow::connectToServer()
{
    if (m_connectionPanel->canConnect())
        m_client->connectToServer(askedConfig());
}

void ClientWindow::handleBatch(const ClientBatch &batch)
{
    m_log->append(logEntries(batch));
    m_totals->setTotals({.framesIn = batch.totals.framesIn,
                         .framesOut = batch.totals.framesOut,
                         .bytesIn = batch.totals.bytesIn,
                         .bytesOut = batch.totals.bytesOut});
}

void ClientWindow::handleState()
{
    const ChatClient::State state = m_client->state();
    const bool online = state == ChatClient::State::Online;
    // Who just asked for the connection wants to write next; who is editing something else does not.
    const QWidget *focus = focusWidget();
    const bool writesNext
        = online && focus && m_connectionPanel->isAncestorOf(focus) && !m_connectionPanel->isEdited();

    m_connectionPanel->showState(*m_client);
    m_disconnectAction->setEnabled(state != ChatClient::State::Offline);
    m_retryAction->setEnabled(state == ChatClient::State::WaitingToRetry);
    setWindowTitle(
        online ? u"%1 – Wireroom"_s.arg(HostPort{m_client->peerAddress(), m_client->peerPort()}.toString())
               : u"Wireroom"_s);
    updateForFields();
    if (writesNext)
        m_messagePanel->focusMessage();
}

/// What depends on the state and on what stands in the fields.
void ClientWindow::updateForFields()
{
    m_connectAction->setEnabled(m_connectionPanel->canConnect());
    // What is under way goes on as it was asked for; only what comes next is the fields'.
    const bool offline = m_client->state() == ChatClient::State::Offline;
    m_messagePanel->showState(m_client->state(), offline ? askedConfig().format : m_client->config().format);
    updateHint();
}

void ClientWindow::updateHint()
{
    const ClientConfig config = askedConfig();
    const QString place = HostPort{config.host, config.port}.toString();
    const bool stream = config.format.kind() == FrameFormat::Stream;
    switch (m_client->state()) {
    case ChatClient::State::Online:
        m_logView->setEmptyState(IconName::Message, u"No messages yet"_s,
                                 u"Write to the server below. What it sends appears here."_s);
        break;
    case ChatClient::State::Connecting:
    case ChatClient::State::Handshake:
        m_logView->setEmptyState(IconName::Connect, u"Connecting"_s,
                                 u"Messages appear here once the server has answered."_s);
        break;
    case ChatClient::State::WaitingToRetry:
        m_logView->setEmptyState(
            IconName::Connect, u"Not connected yet"_s,
            u"Start the server, or change host and port and press Connect. Now tries again at once."_s);
        break;
    case ChatClient::State::Closing:
        m_logView->setEmptyState(IconName::Message, u"Disconnecting"_s,
                                 u"What is still queued is sent first."_s);
        break;
    case ChatClient::State::Offline:
        if (config.host.isEmpty()) {
            m_logView->setEmptyState(IconName::Connect, u"Not connected"_s,
                                     u"Fill in the server's name or address above."_s);
        } else if (stream) {
            m_logView->setEmptyState(
                IconName::Connect, u"Not connected"_s,
                u"Write a message below: it goes to %1 on a connection of its own."_s.arg(place));
        } else {
            m_logView->setEmptyState(
                IconName::Connect, u"Not connected"_s,
                u"Press Connect to reach %1 with %2."_s.arg(place, config.format.toString()));
        }
        break;
    }
}

} // namespace wireroom

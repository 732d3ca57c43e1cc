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
#include "common/widgets/trafficplot.h"
#include "common/widgets/windowhelp.h"

#include <QAction>
#include <QCloseEvent>
#include <QLabel>
#include <QMenuBar>
#include <QPainter>
#include <QStatusBar>
#include <QTableView>
#include <QVBoxLayout>

#include <chrono>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace wireroom {

namespace {

constexpr auto kTrafficInterval = 1s;
/// Totals that change faster than this can only be watched, not read.
constexpr auto kTotalsInterval = 100ms;
constexpr QSize kMinimumSize{560, 400};
constexpr QSize kFirstSize{960, 680};

const QString kGeometryKey = u"window/geometry"_s;
const QString kLogKey = u"window/log"_s;
const QString kThemeKey = u"window/theme"_s;

/// A line between the window's parts.
class Rule : public QWidget
{
public:
    explicit Rule(QWidget *parent) : QWidget(parent) { setFixedHeight(1); }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter(this).fillRect(rect(), themeColors(palette()).border);
    }
};

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
    showTotals();
    m_clock.start();
    m_trafficTimer.start(kTrafficInterval);
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
    m_totalsLabel = new QLabel(this);
    m_totalsLabel->setObjectName(u"totals"_s);
    m_totalsLabel->setToolTip(u"Messages and payload bytes since the window was opened"_s);
    m_totalsLabel->setContentsMargins(kGrid + kGrid / 2, 0, kGrid, 0);
    m_plot = new TrafficPlot(this);
    m_plot->setObjectName(u"traffic"_s);
    m_plot->setToolTip(u"Messages and bytes per second, both directions, over the last minute"_s);

    statusBar()->setSizeGripEnabled(false);
    statusBar()->addWidget(m_totalsLabel);
    statusBar()->addPermanentWidget(m_plot);
}

void ClientWindow::buildMenus()
{
    const auto add
        = [this](QMenu *menu, const QString &name, const QString &text, const QKeySequence &keys, auto what) {
              QAction *action = menu->addAction(text, this, what);
              action->setObjectName(name);
              action->setShortcut(keys);
              return action;
          };

    QMenu *connection = menuBar()->addMenu(u"&Connection"_s);
    m_connectAction = add(connection, u"connectAction"_s, u"&Connect"_s, QKeySequence(u"Ctrl+R"_s),
                          [this] { connectToServer(); });
    m_connectAction->setIcon(icon(IconName::Connect));
    m_disconnectAction = add(connection, u"disconnectAction"_s, u"&Disconnect"_s,
                             QKeySequence(u"Ctrl+Shift+R"_s), [this] { m_client->disconnectFromServer(); });
    m_disconnectAction->setIcon(icon(IconName::Disconnect));
    m_retryAction = add(connection, u"retryAction"_s, u"&Retry Now"_s, QKeySequence(u"F5"_s),
                        [this] { m_client->retryNow(); });
    connection->addSeparator();
    connection->addAction(m_logView->exportAction());
    connection->addSeparator();
    add(connection, u"quitAction"_s, u"&Quit"_s, QKeySequence(u"Ctrl+Q"_s), [this] { close(); });

    QMenu *edit = menuBar()->addMenu(u"&Edit"_s);
    edit->addAction(m_logView->copyAction());
    edit->addAction(m_logView->copyHexAction());
    edit->addSeparator();
    edit->addAction(m_logView->findAction());
    edit->addSeparator();
    add(edit, u"writeAction"_s, u"&Write a Message"_s, QKeySequence(u"Ctrl+M"_s), [this] {
        m_messagePanel->focusMessage();
    })->setIcon(icon(IconName::Message));

    QMenu *view = menuBar()->addMenu(u"&View"_s);
    addThemeActions(view, m_theme, [this](ThemeChoice theme) {
        m_theme = theme;
        applyTheme(theme);
        openClientSettings()->setValue(kThemeKey, toString(theme));
    });
    view->addSeparator();
    view->addAction(m_logView->detailAction());
    view->addAction(m_logView->clearAction());

    QMenu *help = menuBar()->addMenu(u"&Help"_s);
    add(help, u"shortcutsAction"_s, u"&Keyboard Shortcuts"_s, QKeySequence(u"F1"_s), [this] {
        showShortcuts(this,
                      {{u"Enter"_s, u"Send the message"_s},
                       {u"Shift+Enter"_s, u"Begin a new line in the message"_s},
                       {u"Up, Down"_s, u"Fetch messages sent before"_s},
                       {u"Enter, in host or port"_s, u"Connect"_s},
                       {u"Menu, in the messages"_s, u"What can be done with the selected rows"_s}});
    });
    help->addSeparator();
    add(help, u"aboutAction"_s, u"&About Wireroom"_s, {}, [this] {
        showAbout(
            this, u"Wireroom"_s,
            u"A TCP message client for any server that speaks length-prefixed frames, lines or streams."_s);
    });
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

    m_totalsTimer.setSingleShot(true);
    m_totalsTimer.setInterval(kTotalsInterval);
    connect(&m_totalsTimer, &QTimer::timeout, this, &ClientWindow::showTotals);
    connect(&m_trafficTimer, &QTimer::timeout, this, [this] {
        m_plot->addTotals(std::chrono::milliseconds(m_clock.elapsed()),
                          m_totals.framesIn + m_totals.framesOut, m_totals.bytesIn + m_totals.bytesOut);
    });
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
    m_totals = batch.totals;
    if (!m_totalsTimer.isActive())
        m_totalsTimer.start();
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

void ClientWindow::showTotals()
{
    m_totalsLabel->setText(
        u"In %1 · %2    Out %3 · %4"_s.arg(countText(m_totals.framesIn), byteCountText(m_totals.bytesIn),
                                           countText(m_totals.framesOut), byteCountText(m_totals.bytesOut)));
}

} // namespace wireroom

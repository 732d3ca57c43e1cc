// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/clientwindow.h"

#include "client-gui/window/chatpanel.h"
#include "client-gui/window/clientlog.h"
#include "client-gui/window/clientsettings.h"
#include "client-gui/window/connectionpanel.h"
#include "client-gui/window/messagenotifier.h"
#include "client-gui/window/messagepanel.h"
#include "client-gui/window/trustdialog.h"
#include "client-gui/window/unencryptedpassword.h"
#include "common/base/hostport.h"
#include "common/base/payloadtext.h"
#include "common/protocol/messagecodec.h"
#include "common/widgets/errorbanner.h"
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
#include <QStackedWidget>
#include <QStatusBar>
#include <QTableView>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr QSize kMinimumSize{600, 400};
constexpr QSize kFirstSize{960, 680};

const QString kGeometryKey = u"window/geometry"_s;
const QString kLogKey = u"window/log"_s;
const QString kThemeKey = u"window/theme"_s;
const QString kNotifyKey = u"window/notify"_s;

/// `Ann 2` after `Ann`, `Ann 3` after `Ann 2`.
QString otherName(const QString &name)
{
    const qsizetype blank = name.lastIndexOf(u' ');
    bool isNumber = false;
    const int number = name.mid(blank + 1).toInt(&isNumber);
    const bool goesOn = blank > 0 && isNumber && number > 1 && number < 1000;
    return u"%1 %2"_s.arg(goesOn ? name.first(blank) : name).arg(goesOn ? number + 1 : 2);
}

/// Of a message, in a notification.
constexpr qsizetype kNotifiedChars = 160;

} // namespace

ClientWindow::ClientWindow(const ClientOverrides &overrides, QWidget *parent)
    : QMainWindow(parent), m_client(new ChatClient(this)), m_log(new MessageLogModel(this)),
      m_notifier(new MessageNotifier(this))
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
    m_problem = new ErrorBanner(central);
    auto *plain = new QWidget(central);
    m_logView = new MessageLogView(m_log, MessageLogView::Clients::One, plain);
    m_logView->table()->setObjectName(u"messages"_s);
    m_logView->table()->setAccessibleName(u"Messages"_s);
    m_messagePanel = new MessagePanel(m_client, plain);
    auto *rows = new QVBoxLayout(plain);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    rows->addWidget(m_logView, 1);
    rows->addWidget(new Rule(plain));
    rows->addWidget(m_messagePanel);
    m_chatPanel = new ChatPanel(m_client, central);
    m_pages = new QStackedWidget(central);
    m_pages->addWidget(plain);
    m_pages->addWidget(m_chatPanel);

    auto *layout = new QVBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_connectionPanel);
    layout->addWidget(new Rule(central));
    layout->addWidget(m_problem);
    layout->addWidget(m_pages, 1);
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
    m_nameAction = addMenuAction(connection, u"nameAction"_s, u"Change &Name …"_s, {},
                                 [this] { m_chatPanel->askForName(); });
    connection->addAction(m_logView->exportAction());
    connection->addSeparator();
    m_unencrypted = new UnencryptedPassword(this);
    connection->addAction(m_unencrypted->action());
    connection->addSeparator();
    addMenuAction(connection, u"quitAction"_s, u"&Quit"_s, QKeySequence(u"Ctrl+Q"_s), [this] { close(); });

    const auto chatAction = [this](const QString &name, const QString &text, const QKeySequence &keys,
                                   IconName picture, void (ChatPanel::*what)()) {
        auto *action = new QAction(icon(picture), text, this);
        action->setObjectName(name);
        action->setShortcut(keys);
        connect(action, &QAction::triggered, m_chatPanel, what);
        m_chatActions << action;
        return action;
    };
    const QList<QAction *> finds{chatAction(u"searchAction"_s, u"&Search Messages"_s, QKeySequence::Find,
                                            IconName::Search, &ChatPanel::focusSearch),
                                 chatAction(u"toAction"_s, u"Choose &Recipients"_s, QKeySequence(u"Ctrl+T"_s),
                                            IconName::Clients, &ChatPanel::focusTo)};
    addEditMenu(this, m_logView, finds, [this] { focusMessage(); });
    QMenu *view = addViewMenu(this, m_logView, m_theme, [](ThemeChoice theme) {
        openClientSettings()->setValue(kThemeKey, toString(theme));
    });
    view->addSeparator();
    QAction *notify = view->addAction(u"&Notify of New Messages"_s);
    notify->setObjectName(u"notifyAction"_s);
    notify->setCheckable(true);
    notify->setChecked(m_notifier->isEnabled());
    connect(notify, &QAction::toggled, this, [this](bool on) {
        m_notifier->setEnabled(on);
        openClientSettings()->setValue(kNotifyKey, on);
    });
    m_chatActions << notify << m_nameAction << m_unencrypted->action();
    addHelpMenu(this, u"Wireroom"_s,
                u"Chat with a Wireroom server, encrypted where it offers that, or messages to and from any "
                "server that speaks length-prefixed frames, lines or streams."_s,
                {{u"Enter, in host or port"_s, u"Connect"_s},
                 {u"Ctrl+click, in the conversations"_s, u"Write to several people"_s},
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
    connect(m_problem, &ErrorBanner::actionRequested, this, &ClientWindow::takeWayOut);
    connect(m_unencrypted, &UnencryptedPassword::allowed, this, [this](const QString &place) {
        if (m_problemCode == chat::refusal::NeedsTls && place == passwordPlace())
            connectAs(askedConfig());
    });

    const ChatController *chat = m_chatPanel->controller();
    connect(chat, &ChatController::noticed, this,
            [this](const QString &code, const QString &text) { showProblem(text, code); });
    connect(chat, &ChatController::messageArrived, this, &ClientWindow::showMessageArrived);
    connect(chat, &ChatController::threadsChanged, this, &ClientWindow::updateTitle);
    connect(&chat->roster(), &Roster::changed, this, &ClientWindow::updateTitle);
    connect(m_notifier, &MessageNotifier::activated, this, [this] {
        showNormal();
        raise();
        activateWindow();
    });

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
    if (overrides.format) {
        m_given.format = *overrides.format;
        m_given.chat.reset();
    }
    if (overrides.name)
        m_given.chat.emplace();
    if (overrides.tls)
        m_given.tls.emplace();
    m_stateDir = overrides.stateDir.value_or(ChatIdentity::defaultStateDir());
    m_storedName = loadChatName(*settings);
    m_givenName = overrides.name.value_or(m_storedName);
    m_connectionPanel->setConfig(m_given);
    m_connectionPanel->setName(m_givenName);
    showPage();
    m_notifier->setEnabled(settings->value(kNotifyKey, true).toBool());

    m_theme = overrides.theme.value_or(
        themeFromString(settings->value(kThemeKey).toString()).value_or(ThemeChoice::System));
    applyTheme(m_theme);

    restoreGeometry(settings->value(kGeometryKey).toByteArray());
    m_logView->restoreState(settings->value(kLogKey).toByteArray());
    m_messagePanel->load(*settings);
    m_chatPanel->load(*settings);
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
    const bool isAsGiven = config.chat.has_value() == m_given.chat.has_value()
        && (config.chat || config.format == m_given.format);
    if (isAsGiven) {
        config.format = m_stored.format;
        config.chat = m_stored.chat;
    }

    if (config.tls.has_value() == m_given.tls.has_value())
        config.tls = m_stored.tls;

    const auto settings = openClientSettings();
    saveClientConfig(*settings, config);
    const QString name = m_connectionPanel->name();
    saveChatName(*settings, name == m_givenName ? m_storedName : name);
    settings->setValue(kGeometryKey, saveGeometry());
    settings->setValue(kLogKey, m_logView->saveState());
    m_messagePanel->save(*settings);
    m_chatPanel->save(*settings);
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
    if (config.chat) {
        config.chat->stateDir = m_stateDir;
        const QString place = passwordPlace();
        if (!m_password.isEmpty() && m_passwordPlace == place)
            config.chat->password = m_password;
        config.chat->passwordUnencrypted = m_unencrypted && m_unencrypted->isAllowed(place);
    }
    return config;
}

/// A password is for one server, and is not sent to another.
QString ClientWindow::passwordPlace() const
{
    ClientConfig config;
    m_connectionPanel->applyTo(config);
    return HostPort{config.host.trimmed().toCaseFolded(), config.port}.toString();
}

void ClientWindow::connectToServer()
{
    const ClientConfig config = askedConfig();
    if (m_connectionPanel->canConnect() && (!config.chat || chat::isAcceptableName(config.chat->name)))
        connectAs(config);
}

void ClientWindow::connectAs(const ClientConfig &config)
{
    const ClientConfig &before = m_client->config();
    const auto nameOf = [](const ClientConfig &c) {
        return c.chat ? c.chat->name : QString();
    };
    const bool isOther
        = before.host != config.host || before.port != config.port || nameOf(before) != nameOf(config);
    showProblem({}, {});
    m_client->connectToServer(config);
    if (config.chat && (isOther || config.chat->joinAsNew)) {
        m_chatPanel->controller()->reset();
        m_chatPanel->open({});
    }
}

/// What the server said that is more than an answer to something; with what can be done about it.
void ClientWindow::showProblem(const QString &text, const QString &code)
{
    if (code == chat::notice::NoHistory)
        return;
    m_problemCode = code;
    if (code == chat::notice::StoresAgain || text.isEmpty())
        m_problem->setText({});
    else if (code == chat::refusal::UnknownToken)
        m_problem->setText(text, u"Join as Somebody New"_s);
    else if (code == chat::refusal::Replaced)
        m_problem->setText(text, u"Connect Here Again"_s);
    else if (code == chat::refusal::Password)
        m_problem->ask(text, u"Password"_s, u"Join"_s, ErrorBanner::Secret::Yes);
    else if (code == chat::refusal::NeedsTls && keepsPasswordBack())
        m_problem->setText(text, u"Send It Unencrypted …"_s);
    else if (code == chat::refusal::NameTaken && m_client->state() != ChatClient::State::Online)
        m_problem->ask(text, u"Another name"_s, u"Join as This"_s, ErrorBanner::Secret::No,
                       otherName(m_client->config().chat ? m_client->config().chat->name : QString()));
    else
        m_problem->setText(text);
}

/// Whether it was this side that would not send it: the server may take it all the same.
bool ClientWindow::keepsPasswordBack() const
{
    const std::optional<ChatIdentity> &chat = m_client->config().chat;
    return chat && chat->password && !chat->passwordUnencrypted;
}

void ClientWindow::takeWayOut()
{
    if (m_problemCode == chat::refusal::NeedsTls)
        return m_unencrypted->ask();
    if (m_problemCode == chat::refusal::Password) {
        m_password = m_problem->answer();
        m_passwordPlace = passwordPlace();
    } else if (m_problemCode == chat::refusal::NameTaken) {
        const QString name = m_problem->answer().trimmed();
        if (!chat::isAcceptableName(name))
            return;
        m_connectionPanel->setName(name);
    }
    ClientConfig config = askedConfig();
    if (config.chat)
        config.chat->joinAsNew = m_problemCode == chat::refusal::UnknownToken;
    connectAs(config);
}

void ClientWindow::showMessageArrived(const Conversation &conversation, const ChatMessage &message)
{
    const Roster &roster = m_chatPanel->controller()->roster();
    const QString from = roster.name(message.from);
    const QString text = message.kind == chat::BodyKind::Text
        ? payloadLine(message.body, true, kNotifiedChars)
        : u"%1 bytes"_s.arg(message.body.size());
    m_notifier->notify(conversation.isPerson() ? from : u"%1 → %2"_s.arg(from, roster.title(conversation)),
                       text);
}

void ClientWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() != QEvent::ActivationChange)
        return;
    m_chatPanel->setActive(isActiveWindow());
    if (isActiveWindow())
        m_notifier->forget();
}

/// Chat or plain, as the fields say; while there is a connection, as it is.
void ClientWindow::showPage()
{
    const bool isOffline = m_client->state() == ChatClient::State::Offline;
    const bool isChat = (isOffline ? askedConfig() : m_client->config()).chat.has_value();
    m_pages->setCurrentIndex(isChat ? 1 : 0);
    for (QAction *action : std::as_const(m_chatActions))
        action->setVisible(isChat);
    for (QAction *action : {m_logView->copyAction(), m_logView->copyHexAction(), m_logView->findAction(),
                            m_logView->exportAction(), m_logView->detailAction(), m_logView->clearAction()})
        action->setVisible(!isChat);
}

void ClientWindow::updateTitle()
{
    const bool online = m_client->state() == ChatClient::State::Online;
    const QString place = HostPort{m_client->peerAddress(), m_client->peerPort()}.toString();
    const ChatController &chat = *m_chatPanel->controller();
    QString title = u"Wireroom"_s;
    if (online && m_client->config().chat) {
        title = u"%1 at %2 – Wireroom"_s.arg(chat.roster().name(chat.roster().me()), place);
        if (const int unread = chat.unread(); unread > 0)
            title = u"(%1) %2"_s.arg(unread).arg(title);
    } else if (online) {
        title = u"%1 – Wireroom"_s.arg(place);
    }
    title.replace("[*]"_L1, "[*][*]"_L1); // Qt would take it for its own sign
    if (title != windowTitle())
        setWindowTitle(title);
}

void ClientWindow::handleBatch(const ClientBatch &batch)
{
    m_log->append(logEntries(batch));
    if (m_client->config().chat)
        m_chatPanel->controller()->handleBatch(batch);
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
    m_nameAction->setEnabled(online && m_client->config().chat);
    updateTitle();
    updateForFields();
    if (writesNext)
        focusMessage();
    askForTrust();
}

/// While the client waits for that decision, and no longer.
void ClientWindow::askForTrust()
{
    const std::optional<TlsQuestion> &question = m_client->tlsQuestion();
    if (m_trust && question && m_trust->fingerprint() == question->fingerprint)
        return;
    if (m_trust) {
        m_trust->disconnect(this);
        m_trust->disconnect(m_client);
        m_trust->close();
    }
    if (!question)
        return;
    const ClientConfig &config = m_client->config();
    m_trust = new TrustDialog(HostPort{config.host, config.port}.toString(), *question, this);
    m_trust->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_trust, &QDialog::accepted, this,
            [this, fingerprint = question->fingerprint] { m_client->trustCertificate(fingerprint); });
    connect(m_trust, &QDialog::rejected, m_client, &ChatClient::disconnectFromServer);
    m_trust->open();
}

/// What depends on the state and on what stands in the fields.
void ClientWindow::updateForFields()
{
    m_connectAction->setEnabled(m_connectionPanel->canConnect());
    // What is under way goes on as it was asked for; only what comes next is the fields'.
    const bool offline = m_client->state() == ChatClient::State::Offline;
    m_messagePanel->showState(m_client->state(), offline ? askedConfig().format : m_client->config().format);
    showPage();
    const ClientConfig config = askedConfig();
    m_unencrypted->setPlace(passwordPlace());
    m_unencrypted->action()->setEnabled(!config.host.isEmpty() && !config.tls);
    m_chatPanel->showState(m_client->state(),
                           config.host.isEmpty() ? QString() : HostPort{config.host, config.port}.toString());
    updateHint();
}

void ClientWindow::focusMessage()
{
    if (m_pages->currentIndex() == 0)
        m_messagePanel->focusMessage();
    else
        m_chatPanel->focusMessage();
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
    case ChatClient::State::Confirming:
        m_logView->setEmptyState(IconName::Connect, u"Not connected yet"_s,
                                 u"This server's certificate must be confirmed first."_s);
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

// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/composer.h"
#include "common/widgets/errorbanner.h"
#include "common/widgets/frameformateditor.h"
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/messagelogview.h"
#include "common/widgets/statuslabel.h"
#include "server-gui/window/clienttablemodel.h"
#include "server-gui/window/serverwindow.h"
#include "tests/support/windowtest.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// The real window with a real server on a port that the system chooses, clicked and typed at, and plain
/// sockets as its clients.
class TestServerWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void namesItsControls();
    void everyControlHasNames();
    void tabGoesThroughTheWindow();
    void startsAndStops();
    void startsByKeyboard();
    void saysWhatToDoNext();
    void showsAClientAndItsMessages();
    void sendsToWhomIsTyped();
    void refusesWrongRecipients_data();
    void refusesWrongRecipients();
    void saysWhenNobodyIsThere();
    void tellsWhatCouldNotBeSent();
    void selectionFillsTo();
    void typedToIsKept();
    void leavingClientNeverTurnsToIntoAll();
    void disconnectsByContextMenu();
    void asksBeforeDisconnectingSeveral();
    void copiesAddressAndId();
    void showsOnlyOneClientsMessages();
    void filtersAndSortsClients();
    void changesThePolicyWhileListening();
    void portInUseIsExplained();
    void badAddressIsExplained();
    void saysThatMessagesCannotBeStored();
    void historyThatCannotBeOpenedIsExplained();
    void keepsSettings();
    void doesNotStoreWhatTheCommandLineSaid();
    void settingsDialogValidates();
    void opensMetrics();
    void keepsHistorySettings();
    void historyPlaceIsChecked_data();
    void historyPlaceIsChecked();
    void startsWithoutHistory();
    void fitsSmallScreens();

private:
    template <typename T> T *named(const QString &accessibleName) const
    {
        return findNamed<T>(*m_window, accessibleName);
    }

    QAbstractButton *button(const QString &name) const { return named<QAbstractButton>(name); }

    QLabel *label(const QString &objectName) const { return m_window->findChild<QLabel *>(objectName); }

    QAction *action(const QString &objectName) const { return m_window->findChild<QAction *>(objectName); }

    QTableView *clients() const { return named<QTableView>(u"Clients"_s); }

    MessageLogModel *log() const { return m_window->findChild<MessageLogModel *>(); }

    bool logContains(LogEntry::Kind kind, const QString &text) const { return hasEntry(*log(), kind, text); }

    bool isShown(const QString &text) const { return isTextShown(*m_window, text); }

    ServerOverrides somewhere() const;
    void openWindow(const ServerOverrides &overrides);
    void startListening();
    void waitForServer();
    std::unique_ptr<QTcpSocket> connectClient(const QByteArray &firstMessage = {});
    void type(const QString &to, const QString &text);
    QString clientCell(int row, int column) const;
    void selectClients(const QList<int> &rows);
    QString composerError() const;
    QString bannerText() const;

    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<ServerWindow> m_window;
};

ServerOverrides TestServerWindow::somewhere() const
{
    ServerOverrides overrides;
    overrides.address = u"127.0.0.1"_s;
    overrides.port = quint16{0};
    overrides.dataDir = m_dir->filePath(u"data"_s);
    return overrides;
}

void TestServerWindow::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QVERIFY(m_dir->isValid());
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_dir->filePath(u"settings"_s));
    openWindow(somewhere());
}

void TestServerWindow::cleanup()
{
    m_window.reset();
    m_dir.reset();
}

void TestServerWindow::openWindow(const ServerOverrides &overrides)
{
    m_window.reset();
    m_window = std::make_unique<ServerWindow>(overrides);
    m_window->show();
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
}

void TestServerWindow::startListening()
{
    QTest::mouseClick(button(u"Start"_s), Qt::LeftButton);
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Listening);
    QVERIFY(m_window->server()->listeningPort() != 0);
}

/// Until the server has done what it was asked for before; a client's bytes could overtake it.
void TestServerWindow::waitForServer()
{
    bool answered = false;
    m_window->server()->listClients([&answered](const auto &) { answered = true; });
    QTRY_VERIFY(answered);
}

std::unique_ptr<QTcpSocket> TestServerWindow::connectClient(const QByteArray &firstMessage)
{
    const int before = clients()->model()->rowCount();
    auto socket = std::make_unique<QTcpSocket>();
    socket->connectToHost(QHostAddress(QHostAddress::LocalHost), m_window->server()->listeningPort());
    if (!firstMessage.isNull())
        socket->write(u32le(firstMessage));
    [&] {
        QTRY_COMPARE(clients()->model()->rowCount(), before + 1);
    }();
    return socket;
}

void TestServerWindow::type(const QString &to, const QString &text)
{
    auto *toField = named<QLineEdit>(u"To"_s);
    toField->setFocus();
    toField->selectAll();
    QTest::keyClick(toField, Qt::Key_Delete);
    QTest::keyClicks(toField, to);
    auto *message = named<QPlainTextEdit>(u"Message"_s);
    message->setFocus();
    message->selectAll();
    QTest::keyClicks(message, text);
}

QString TestServerWindow::clientCell(int row, int column) const
{
    return clients()->model()->index(row, column).data().toString();
}

void TestServerWindow::selectClients(const QList<int> &rows)
{
    Qt::KeyboardModifiers modifiers = Qt::NoModifier;
    for (const int row : rows) {
        const QModelIndex index = clients()->model()->index(row, ClientTableModel::AddressColumn);
        QTest::mouseClick(clients()->viewport(), Qt::LeftButton, modifiers,
                          clients()->visualRect(index).center());
        modifiers = Qt::ControlModifier;
    }
}

QString TestServerWindow::composerError() const
{
    return m_window->findChild<Composer *>()->errorText();
}

QString TestServerWindow::bannerText() const
{
    const QLabel *text = label(u"errorBannerText"_s);
    return text->isVisible() ? text->text() : QString();
}

void TestServerWindow::namesItsControls()
{
    QVERIFY(named<QComboBox>(u"Address"_s));
    QVERIFY(named<QSpinBox>(u"Port"_s));
    QVERIFY(named<FrameFormatEditor>(u"Format"_s));
    QVERIFY(named<QPushButton>(u"Start"_s));
    QVERIFY(named<QPushButton>(u"Stop"_s));
    QVERIFY(named<QTableView>(u"Clients"_s));
    QVERIFY(named<QTableView>(u"Messages"_s));
    QVERIFY(named<QLineEdit>(u"To"_s));
    QVERIFY(named<QPlainTextEdit>(u"Message"_s));
    QVERIFY(named<QPushButton>(u"Send"_s));
}

void TestServerWindow::everyControlHasNames()
{
    verifyControlNames(*m_window, 10);
}

void TestServerWindow::tabGoesThroughTheWindow()
{
    verifyTabOrder(named<QComboBox>(u"Address"_s)->lineEdit(),
                   {u"Address"_s, u"Port"_s, u"Format"_s, u"Start"_s, u"Clients"_s, u"Messages"_s, u"To"_s,
                    u"Message"_s});
}

void TestServerWindow::startsAndStops()
{
    QVERIFY(!button(u"Stop"_s)->isEnabled());
    QVERIFY(!button(u"Send"_s)->isEnabled());
    startListening();
    const QString where = u"127.0.0.1:%1"_s.arg(m_window->server()->listeningPort());
    QTRY_VERIFY(named<QWidget>(u"Listening on "_s + where));
    QTRY_VERIFY(logContains(LogEntry::Kind::Note, u"Listening on "_s + where));
    QVERIFY(!button(u"Start"_s)->isEnabled());
    QVERIFY(!named<QSpinBox>(u"Port"_s)->isEnabled());
    QVERIFY(named<QComboBox>(u"Plain messages"_s)->isEnabled());

    const auto client = connectClient();
    QTest::mouseClick(button(u"Stop"_s), Qt::LeftButton);
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Stopped);
    QTRY_COMPARE(clients()->model()->rowCount(), 0);
    QTRY_COMPARE(client->state(), QAbstractSocket::UnconnectedState);
    QVERIFY(named<QWidget>(u"Stopped"_s));
    QVERIFY(button(u"Start"_s)->isEnabled());

    startListening();
}

void TestServerWindow::startsByKeyboard()
{
    QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier);
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Listening);
    QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Stopped);

    QLineEdit *address = named<QComboBox>(u"Address"_s)->lineEdit();
    address->setFocus();
    QTest::keyClick(address, Qt::Key_Return);
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Listening);
}

void TestServerWindow::saysWhatToDoNext()
{
    named<QSpinBox>(u"Port"_s)->setValue(4321);
    QVERIFY(isShown(u"Press Start to listen on 127.0.0.1:4321"_s));
    named<QSpinBox>(u"Port"_s)->setValue(0);
    startListening();
    QTRY_VERIFY(isShown(u"Waiting for clients"_s));
    QVERIFY(isShown(u"nc 127.0.0.1 %1"_s.arg(m_window->server()->listeningPort())));
    const auto client = connectClient();
    QTRY_VERIFY(!isShown(u"Waiting for clients"_s));
}

void TestServerWindow::showsAClientAndItsMessages()
{
    startListening();
    const auto client = connectClient("grüß dich");
    QCOMPARE(clientCell(0, ClientTableModel::IdColumn), u"1"_s);
    QCOMPARE(clientCell(0, ClientTableModel::AddressColumn), u"127.0.0.1:%1"_s.arg(client->localPort()));
    QTRY_COMPARE(clientCell(0, ClientTableModel::FormatColumn), u"u32le, detected"_s);
    QTRY_COMPARE(clientCell(0, ClientTableModel::FramesInColumn), u"1"_s);
    QTRY_VERIFY(logContains(LogEntry::Kind::Incoming, u"grüß dich"_s));
    QTRY_COMPARE(label(u"clientsCount"_s)->text(), u"1 client"_s);

    client->disconnectFromHost();
    QTRY_COMPARE(clients()->model()->rowCount(), 0);
    QTRY_VERIFY(logContains(LogEntry::Kind::Note, u"Client 1 disconnected"_s));
    QTRY_COMPARE(label(u"clientsCount"_s)->text(), u"0 clients"_s);
}

void TestServerWindow::sendsToWhomIsTyped()
{
    startListening();
    const auto one = connectClient("a");
    const auto two = connectClient("b");
    const auto three = connectClient("c");

    type(u"1,3"_s, u"hello"_s);
    QTest::keyClick(named<QPlainTextEdit>(u"Message"_s), Qt::Key_Return);
    QTRY_COMPARE(one->bytesAvailable(), 9);
    QTRY_COMPARE(three->bytesAvailable(), 9);
    QCOMPARE(one->readAll(), u32le("hello"));
    QTRY_VERIFY(logContains(LogEntry::Kind::Outgoing, u"hello"_s));
    QTRY_COMPARE(named<QPlainTextEdit>(u"Message"_s)->toPlainText(), QString());

    type(u"all except 1"_s, u"others"_s);
    QTest::mouseClick(button(u"Send"_s), Qt::LeftButton);
    QTRY_COMPARE(two->bytesAvailable(), 10);
    QCOMPARE(two->readAll(), u32le("others"));
    QTRY_COMPARE(three->bytesAvailable(), 9 + 10);
    QCOMPARE(one->bytesAvailable(), 0);
}

void TestServerWindow::refusesWrongRecipients_data()
{
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("named");
    QTest::newRow("unknown ID") << u"99"_s << u"99"_s;
    QTest::newRow("one known, one unknown") << u"1,77"_s << u"77"_s;
    QTest::newRow("no number") << u"1,bob"_s << u"bob"_s;
    QTest::newRow("backwards") << u"8-5"_s << u"8-5"_s;
    QTest::newRow("empty") << QString() << QString();
}

void TestServerWindow::refusesWrongRecipients()
{
    QFETCH(QString, to);
    QFETCH(QString, named);
    startListening();
    const auto client = connectClient("here");

    type(to, u"must not arrive"_s);
    QTest::mouseClick(button(u"Send"_s), Qt::LeftButton);
    QTRY_VERIFY(!composerError().isEmpty());
    QVERIFY2(composerError().contains(named), qPrintable(composerError()));
    QCOMPARE(this->named<QPlainTextEdit>(u"Message"_s)->toPlainText(), u"must not arrive"_s);

    type(u"1"_s, u"arrives"_s);
    QTest::mouseClick(button(u"Send"_s), Qt::LeftButton);
    QTRY_COMPARE(client->bytesAvailable(), 11);
    QCOMPARE(client->readAll(), u32le("arrives"));
    QVERIFY(composerError().isEmpty());
}

void TestServerWindow::saysWhenNobodyIsThere()
{
    startListening();
    type(u"all except 1"_s, u"anybody?"_s);
    QTest::mouseClick(button(u"Send"_s), Qt::LeftButton);
    QTRY_VERIFY(!composerError().isEmpty());
    QCOMPARE(named<QPlainTextEdit>(u"Message"_s)->toPlainText(), u"anybody?"_s);
    // What is for everyone is kept for who comes.
    type(u"all"_s, u"anybody?"_s);
    QTest::mouseClick(button(u"Send"_s), Qt::LeftButton);
    QTRY_VERIFY(isShown(u"Stored; there is no client yet to read it."_s));
    QVERIFY(composerError().isEmpty());
    QVERIFY(named<QPlainTextEdit>(u"Message"_s)->toPlainText().isEmpty());
}

void TestServerWindow::tellsWhatCouldNotBeSent()
{
    named<FrameFormatEditor>(u"Format"_s)->setValue(FrameFormat::U8);
    startListening();
    const auto client = connectClient();
    type(u"1"_s, QString(300, u'x'));
    QTest::mouseClick(button(u"Send"_s), Qt::LeftButton);
    QTRY_VERIFY(composerError().startsWith("Not sent to 1"_L1));
    QCOMPARE(client->bytesAvailable(), 0);
}

void TestServerWindow::selectionFillsTo()
{
    startListening();
    const auto one = connectClient();
    const auto two = connectClient();
    const auto three = connectClient();
    auto *to = named<QLineEdit>(u"To"_s);
    QCOMPARE(to->text(), u"all"_s);
    selectClients({0});
    QCOMPARE(to->text(), u"1"_s);
    selectClients({0, 2});
    QCOMPARE(to->text(), u"1,3"_s);
    selectClients({0, 1, 2});
    QCOMPARE(to->text(), u"1-3"_s);
    QTest::keyClick(clients(), Qt::Key_Escape);
    QCOMPARE(to->text(), u"all"_s);
}

void TestServerWindow::typedToIsKept()
{
    startListening();
    const auto one = connectClient();
    type(u"all except 1"_s, u"x"_s);
    selectClients({0});
    QCOMPARE(named<QLineEdit>(u"To"_s)->text(), u"all except 1"_s);
    type(QString(), u"x"_s);
    selectClients({0});
    QTest::keyClick(clients(), Qt::Key_Escape);
    selectClients({0});
    QCOMPARE(named<QLineEdit>(u"To"_s)->text(), u"1"_s);
}

void TestServerWindow::leavingClientNeverTurnsToIntoAll()
{
    startListening();
    const auto one = connectClient();
    const auto two = connectClient("still here");
    selectClients({0});
    QCOMPARE(named<QLineEdit>(u"To"_s)->text(), u"1"_s);
    one->disconnectFromHost();
    QTRY_COMPARE(clients()->model()->rowCount(), 1);
    QCOMPARE(named<QLineEdit>(u"To"_s)->text(), u"1"_s);

    auto *message = named<QPlainTextEdit>(u"Message"_s);
    message->setFocus();
    QTest::keyClicks(message, u"for your eyes only"_s);
    QTest::keyClick(message, Qt::Key_Return);
    QTRY_VERIFY(!composerError().isEmpty());
    QCOMPARE(two->bytesAvailable(), 0);
}

void TestServerWindow::disconnectsByContextMenu()
{
    startListening();
    const auto one = connectClient();
    const auto two = connectClient();
    const QPoint where
        = clients()->visualRect(clients()->model()->index(1, ClientTableModel::AddressColumn)).center();
    QTest::mouseClick(clients()->viewport(), Qt::RightButton, {}, where);
    QContextMenuEvent event(QContextMenuEvent::Mouse, where, clients()->viewport()->mapToGlobal(where));
    QApplication::sendEvent(clients()->viewport(), &event);
    QTRY_VERIFY(m_window->findChild<QMenu *>(u"clientMenu"_s));
    auto *menu = m_window->findChild<QMenu *>(u"clientMenu"_s);
    QTRY_VERIFY(menu->isVisible());
    QTest::mouseClick(menu, Qt::LeftButton, {},
                      menu->actionGeometry(action(u"disconnectClientAction"_s)).center());

    QTRY_COMPARE(two->state(), QAbstractSocket::UnconnectedState);
    QTRY_COMPARE(clients()->model()->rowCount(), 1);
    QCOMPARE(clientCell(0, ClientTableModel::IdColumn), u"1"_s);
    QCOMPARE(one->state(), QAbstractSocket::ConnectedState);
}

void TestServerWindow::asksBeforeDisconnectingSeveral()
{
    startListening();
    const auto one = connectClient();
    const auto two = connectClient();
    const auto three = connectClient();
    const auto question = [this] {
        return m_window->findChild<QMessageBox *>(u"confirmDisconnect"_s);
    };

    selectClients({0, 2});
    QTest::keyClick(clients(), Qt::Key_Delete);
    QTRY_VERIFY(question());
    QTest::mouseClick(question()->button(QMessageBox::Cancel), Qt::LeftButton);
    QTRY_VERIFY(!question());
    QCOMPARE(clients()->model()->rowCount(), 3);
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));

    QTest::keyClick(clients(), Qt::Key_Delete);
    QTRY_VERIFY(question());
    QTest::keyClick(question(), Qt::Key_Return);
    QTRY_COMPARE(clients()->model()->rowCount(), 1);
    QCOMPARE(clientCell(0, ClientTableModel::IdColumn), u"2"_s);

    selectClients({0});
    QTest::keyClick(clients(), Qt::Key_Delete);
    QTRY_COMPARE(clients()->model()->rowCount(), 0);
}

void TestServerWindow::copiesAddressAndId()
{
    startListening();
    const auto one = connectClient();
    const auto two = connectClient();
    selectClients({0, 1});
    action(u"copyClientIdAction"_s)->trigger();
    QCOMPARE(QApplication::clipboard()->text(), u"1,2"_s);
    selectClients({1});
    clients()->setFocus();
    QTest::keyClick(clients(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), u"127.0.0.1:%1"_s.arg(two->localPort()));
}

void TestServerWindow::showsOnlyOneClientsMessages()
{
    startListening();
    const auto one = connectClient("from one");
    const auto two = connectClient("from two");
    QTRY_VERIFY(logContains(LogEntry::Kind::Incoming, u"from two"_s));
    selectClients({0});
    action(u"showOnlyClientAction"_s)->trigger();
    QTRY_VERIFY(!logContains(LogEntry::Kind::Incoming, u"from two"_s));
    QVERIFY(logContains(LogEntry::Kind::Incoming, u"from one"_s));
}

void TestServerWindow::filtersAndSortsClients()
{
    startListening();
    const auto one = connectClient("x");
    const auto two = connectClient();
    const auto three = connectClient("xyz");
    QTRY_COMPARE(clientCell(2, ClientTableModel::FormatColumn), u"u32le, detected"_s);

    QHeaderView *header = clients()->horizontalHeader();
    const auto clickHeader = [header](int column) {
        QTest::mouseClick(header->viewport(), Qt::LeftButton, {},
                          QPoint(header->sectionViewportPosition(column) + 16, header->height() / 2));
    };
    clickHeader(ClientTableModel::IdColumn);
    QTRY_COMPARE(clientCell(0, ClientTableModel::IdColumn), u"3"_s);
    clickHeader(ClientTableModel::IdColumn);
    QTRY_COMPARE(clientCell(0, ClientTableModel::IdColumn), u"1"_s);

    QTest::keyClick(m_window.get(), Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
    auto *filter = named<QLineEdit>(u"Filter clients"_s);
    QTRY_VERIFY(filter->hasFocus());
    QTest::keyClicks(filter, u"detected"_s);
    QTRY_COMPARE(clients()->model()->rowCount(), 2);
    QTRY_COMPARE(label(u"clientsShown"_s)->text(), u"2 of 3"_s);
    QTest::keyClick(filter, Qt::Key_Escape);
    QTRY_COMPARE(clients()->model()->rowCount(), 3);
}

void TestServerWindow::changesThePolicyWhileListening()
{
    startListening();
    const auto one = connectClient("nothing comes back");
    const auto two = connectClient("neither here");
    QTRY_VERIFY(logContains(LogEntry::Kind::Incoming, u"neither here"_s));

    auto *policy = named<QComboBox>(u"Plain messages"_s);
    policy->setFocus();
    QTest::keyClick(policy, Qt::Key_Down);
    QCOMPARE(policy->currentText(), u"Echo"_s);
    waitForServer();
    one->write(u32le("echo"));
    QTRY_COMPARE(one->bytesAvailable(), 8);
    QCOMPARE(one->readAll(), u32le("echo"));

    QTest::keyClick(policy, Qt::Key_Down);
    QCOMPARE(policy->currentText(), u"Relay"_s);
    waitForServer();
    one->write(u32le("relay"));
    QTRY_COMPARE(two->bytesAvailable(), 9);
    QCOMPARE(two->readAll(), u32le("relay"));
    QCOMPARE(one->bytesAvailable(), 0);
}

void TestServerWindow::portInUseIsExplained()
{
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost));
    named<QSpinBox>(u"Port"_s)->setValue(other.serverPort());
    QSignalSpy failed(m_window.get(), &ServerWindow::failed);
    QTest::mouseClick(button(u"Start"_s), Qt::LeftButton);
    QTRY_VERIFY(!bannerText().isEmpty());
    QVERIFY2(bannerText().contains(QString::number(other.serverPort())), qPrintable(bannerText()));
    QCOMPARE(failed.size(), 1);
    QCOMPARE(failed[0][0].toString(), bannerText());
    QCOMPARE(m_window->server()->state(), ChatServer::State::Stopped);
    QVERIFY(button(u"Start"_s)->isEnabled());
    QVERIFY(named<QWidget>(u"Not listening"_s));
    QTRY_VERIFY(logContains(LogEntry::Kind::Error, bannerText()));

    other.close();
    startListening();
    QVERIFY(bannerText().isEmpty());
}

void TestServerWindow::badAddressIsExplained()
{
    QLineEdit *address = named<QComboBox>(u"Address"_s)->lineEdit();
    address->setFocus();
    address->selectAll();
    QTest::keyClicks(address, u"nonsense"_s);
    QTest::keyClick(address, Qt::Key_Return);
    QTRY_VERIFY(bannerText().contains(u"nonsense"_s));
    QTest::mouseClick(m_window->findChild<QAbstractButton *>(u"errorBannerClose"_s), Qt::LeftButton);
    QVERIFY(bannerText().isEmpty());
}

void TestServerWindow::saysThatMessagesCannotBeStored()
{
    startListening();
    auto *banner = named<ErrorBanner>(u"Problem of the history"_s);
    QVERIFY(!banner->isVisible());
    const auto tell = [this](bool works, const QString &text) {
        ServerBatch batch;
        batch.events.emplace_back(HistoryState{works, text});
        Q_EMIT m_window->server()->batchReady(batch);
    };
    tell(false, u"Messages cannot be stored: the disk is full."_s);
    QVERIFY(banner->isVisible());
    QCOMPARE(banner->text(), u"Messages cannot be stored: the disk is full."_s);
    QVERIFY(logContains(LogEntry::Kind::Error, u"the disk is full"_s));
    // Another problem does not hide it, nor does it go with that one.
    m_window->findChild<ErrorBanner *>(u"errorBanner"_s)->setText(u"Something else."_s);
    m_window->findChild<ErrorBanner *>(u"errorBanner"_s)->setText({});
    QVERIFY(banner->isVisible());
    tell(true, u"Messages are stored again."_s);
    QVERIFY(!banner->isVisible());
    QVERIFY(logContains(LogEntry::Kind::Note, u"Messages are stored again."_s));
    tell(false, u"Messages cannot be stored."_s);
    QTest::mouseClick(button(u"Stop"_s), Qt::LeftButton);
    QTRY_VERIFY(!banner->isVisible());
}

void TestServerWindow::historyThatCannotBeOpenedIsExplained()
{
    const QString file = m_dir->filePath(u"data/history.db"_s);
    QVERIFY(QDir().mkpath(QFileInfo(file).path()));
    QFile foreign(file);
    QVERIFY(foreign.open(QIODevice::WriteOnly));
    foreign.write(QByteArray(5000, 'x'));
    foreign.close();
    QTest::mouseClick(button(u"Start"_s), Qt::LeftButton);
    QTRY_VERIFY2(bannerText().contains(u"history.db"_s), qPrintable(bannerText()));
    QVERIFY2(bannerText().contains(u"Move it away"_s), qPrintable(bannerText()));
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Stopped);
    QTest::mouseClick(button(u"&Settings …"_s), Qt::LeftButton);
    QTRY_VERIFY(m_window->findChild<QDialog *>(u"settingsDialog"_s));
    m_window->findChild<QDialog *>(u"settingsDialog"_s)->reject();
    // It was not touched, and once it is away, the server starts.
    QCOMPARE(foreign.size(), 5000);
    QVERIFY(foreign.remove());
    startListening();
    QVERIFY(bannerText().isEmpty());
}

void TestServerWindow::keepsSettings()
{
    named<QComboBox>(u"Address"_s)->setEditText(u"::1"_s);
    named<QSpinBox>(u"Port"_s)->setValue(4567);
    named<FrameFormatEditor>(u"Format"_s)->setValue(FrameFormat::Lines);
    named<QComboBox>(u"Plain messages"_s)->setCurrentIndex(2);
    clients()->setColumnWidth(ClientTableModel::AddressColumn, 222);
    clients()->sortByColumn(ClientTableModel::BytesInColumn, Qt::DescendingOrder);
    m_window->resize(900, 610);
    QTRY_COMPARE(m_window->size(), QSize(900, 610));
    m_window->close();

    openWindow({});
    QCOMPARE(named<QComboBox>(u"Address"_s)->currentText(), u"::1"_s);
    QCOMPARE(named<QSpinBox>(u"Port"_s)->value(), 4567);
    QCOMPARE(named<FrameFormatEditor>(u"Format"_s)->value(), FrameFormat(FrameFormat::Lines));
    QCOMPARE(named<QComboBox>(u"Plain messages"_s)->currentText(), u"Relay"_s);
    QCOMPARE(clients()->columnWidth(ClientTableModel::AddressColumn), 222);
    QCOMPARE(clients()->horizontalHeader()->sortIndicatorSection(), int(ClientTableModel::BytesInColumn));
    QTRY_COMPARE(m_window->size(), QSize(900, 610));
}

void TestServerWindow::doesNotStoreWhatTheCommandLineSaid()
{
    ServerOverrides overrides = somewhere();
    overrides.format = FrameFormat::U16BE;
    openWindow(overrides);
    QCOMPARE(named<FrameFormatEditor>(u"Format"_s)->value(), FrameFormat(FrameFormat::U16BE));
    named<QComboBox>(u"Plain messages"_s)->setCurrentIndex(1);
    m_window->close();

    openWindow({});
    QCOMPARE(named<FrameFormatEditor>(u"Format"_s)->value(), FrameFormat(FrameFormat::Auto));
    QCOMPARE(named<QSpinBox>(u"Port"_s)->value(), int(ServerConfig().port));
    QCOMPARE(named<QComboBox>(u"Plain messages"_s)->currentText(), u"Echo"_s);
}

void TestServerWindow::opensMetrics()
{
    const auto choose = [&](const QString &place) {
        action(u"settingsAction"_s)->trigger();
        auto *dialog = m_window->findChild<QDialog *>(u"settingsDialog"_s);
        dialog->findChild<QLineEdit *>(u"metrics"_s)->setText(place);
        dialog->accept();
        const bool isTaken = !dialog->isVisible();
        dialog->reject();
        return isTaken
            && QTest::qWaitFor([&] { return !m_window->findChild<QDialog *>(u"settingsDialog"_s); });
    };
    QVERIFY(!choose(u"0.0.0.0:0"_s));
    QTRY_VERIFY(!m_window->findChild<QDialog *>(u"settingsDialog"_s));

    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost));
    QVERIFY(choose(u"127.0.0.1:%1"_s.arg(other.serverPort())));
    QTest::mouseClick(button(u"Start"_s), Qt::LeftButton);
    QVERIFY2(bannerText().contains(u"No metrics at 127.0.0.1"_s), qPrintable(bannerText()));
    QCOMPARE(m_window->server()->state(), ChatServer::State::Stopped);

    QVERIFY(choose(u"127.0.0.1:0"_s));
    startListening();
    QVERIFY(bannerText().isEmpty());
    QString url;
    for (int row = 0; row < log()->rowCount(); ++row) {
        const QString text = QString::fromUtf8(log()->entry(row).payload);
        if (text.startsWith(u"Metrics at "_s))
            url = text.mid(11);
    }
    QVERIFY(!url.isEmpty());
    const auto ask = [&] {
        QTcpSocket socket;
        socket.connectToHost(QUrl(url).host(), quint16(QUrl(url).port()));
        socket.write("GET /metrics HTTP/1.0\r\n\r\n");
        QByteArray answer;
        connect(&socket, &QTcpSocket::readyRead, this, [&] { answer += socket.readAll(); });
        const bool isOver
            = QTest::qWaitFor([&] { return socket.state() == QAbstractSocket::UnconnectedState; });
        return isOver ? answer : QByteArray("still open");
    };
    const QByteArray answer = ask();
    QVERIFY2(answer.contains("wireroom_clients 0\n"), answer.constData());
    QTest::mouseClick(button(u"Stop"_s), Qt::LeftButton);
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Stopped);
    QCOMPARE(ask(), QByteArray());
}

void TestServerWindow::settingsDialogValidates()
{
    action(u"settingsAction"_s)->trigger();
    auto *dialog = m_window->findChild<QDialog *>(u"settingsDialog"_s);
    QVERIFY(dialog);
    auto *dataDir = dialog->findChild<QLineEdit *>(u"dataDir"_s);
    auto *problem = dialog->findChild<QLabel *>(u"settingsProblem"_s);
    QCOMPARE(dataDir->text(), m_dir->filePath(u"data"_s));
    dialog->findChild<QSpinBox *>(u"maxClients"_s)->setValue(1);

    for (const QString &wrong : {QString(), u"somewhere/here"_s, QCoreApplication::applicationFilePath()}) {
        dataDir->setText(wrong);
        QTest::keyClick(dataDir, Qt::Key_Return);
        QVERIFY2(dialog->isVisible(), qPrintable(wrong));
        QVERIFY(problem->isVisible() && !problem->text().isEmpty());
    }
    dataDir->setText(m_dir->filePath(u"other"_s));
    QTest::keyClick(dataDir, Qt::Key_Return);
    QTRY_VERIFY(!m_window->findChild<QDialog *>(u"settingsDialog"_s));

    startListening();
    QCOMPARE(m_window->server()->config().maxClients, 1);
    QCOMPARE(m_window->server()->config().dataDir, m_dir->filePath(u"other"_s));
    const auto first = connectClient();
    QTcpSocket second;
    second.connectToHost(QHostAddress(QHostAddress::LocalHost), m_window->server()->listeningPort());
    QTRY_VERIFY(logContains(LogEntry::Kind::Error, u"turned away"_s));
    QTRY_COMPARE(second.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(first->state(), QAbstractSocket::ConnectedState);
}

void TestServerWindow::keepsHistorySettings()
{
    action(u"settingsAction"_s)->trigger();
    auto *dialog = m_window->findChild<QDialog *>(u"settingsDialog"_s);
    auto *pages = dialog->findChild<QTabWidget *>(u"settingsPages"_s);
    QVERIFY(pages->count() >= 3);
    for (int page = 0; page < pages->count(); ++page) {
        QTest::mouseClick(pages->tabBar(), Qt::LeftButton, {}, pages->tabBar()->tabRect(page).center());
        QCOMPARE(pages->currentIndex(), page);
        verifyControlNames(*dialog, 6);
    }
    const QString place = m_dir->filePath(u"elsewhere.db"_s);
    auto *name = dialog->findChild<QLineEdit *>(u"serverName"_s);
    QTest::keyClicks(name, u"Front desk"_s);
    dialog->findChild<QLineEdit *>(u"historyPlace"_s)->setText(place);
    dialog->findChild<QSpinBox *>(u"historyDays"_s)->setValue(30);
    dialog->findChild<QSpinBox *>(u"historyMib"_s)->setValue(5);
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_VERIFY(!m_window->findChild<QDialog *>(u"settingsDialog"_s));
    startListening();
    const ServerConfig config = m_window->server()->config();
    QCOMPARE(config.serverName, u"Front desk"_s);
    QCOMPARE(config.history, place);
    QCOMPARE(config.historyDays, 30);
    QCOMPARE(config.historyBytes, quint64(5) * 1024 * 1024);
    QVERIFY(QFile::exists(place));
    m_window->close();

    // The next time it is as it was; and what a command line says is not stored.
    ServerOverrides overrides = somewhere();
    overrides.history.history = ServerConfig::kNoHistory;
    overrides.history.historyBytes = 77;
    openWindow(overrides);
    startListening();
    QCOMPARE(m_window->server()->config().history, ServerConfig::kNoHistory);
    QCOMPARE(m_window->server()->config().historyBytes, quint64(77));
    QCOMPARE(m_window->server()->config().serverName, u"Front desk"_s);
    m_window->close();
    openWindow(somewhere());
    startListening();
    QCOMPARE(m_window->server()->config().history, place);
    QCOMPARE(m_window->server()->config().historyBytes, quint64(5) * 1024 * 1024);
}

void TestServerWindow::historyPlaceIsChecked_data()
{
    QTest::addColumn<QString>("place");
    QTest::addColumn<bool>("isTaken");
    QTest::newRow("in the data directory") << QString() << true;
    QTest::newRow("a file") << u"/tmp/some.db"_s << true;
    QTest::newRow("a file by URL") << u"sqlite:/tmp/some.db"_s << true;
    QTest::newRow("a database") << u"postgresql://me@db.example/chat"_s << true;
    QTest::newRow("a path that depends on where we are") << u"some.db"_s << false;
    QTest::newRow("the same by URL") << u"sqlite:some.db"_s << false;
    QTest::newRow("a directory") << u"/tmp"_s << false;
    QTest::newRow("a server without a database") << u"postgresql://db.example"_s << false;
    QTest::newRow("another database") << u"mysql://db.example/chat"_s << false;
}

void TestServerWindow::historyPlaceIsChecked()
{
    QFETCH(QString, place);
    QFETCH(bool, isTaken);
    action(u"settingsAction"_s)->trigger();
    auto *dialog = m_window->findChild<QDialog *>(u"settingsDialog"_s);
    auto *field = dialog->findChild<QLineEdit *>(u"historyPlace"_s);
    auto *problem = dialog->findChild<QLabel *>(u"settingsProblem"_s);
    field->setText(place);
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(!dialog->isVisible(), isTaken);
    if (isTaken)
        return;
    QVERIFY(problem->isVisible() && !problem->text().isEmpty());
    // Where none is kept, its place does not matter.
    QTest::mouseClick(dialog->findChild<QCheckBox *>(u"keepsHistory"_s), Qt::LeftButton, {}, QPoint(8, 8));
    QVERIFY(!problem->isVisible());
    QVERIFY(!field->isEnabled());
    QTest::keyClick(dialog, Qt::Key_Return);
    QTRY_VERIFY(!m_window->findChild<QDialog *>(u"settingsDialog"_s));
}

void TestServerWindow::startsWithoutHistory()
{
    ServerOverrides overrides = somewhere();
    overrides.history.history = ServerConfig::kNoHistory;
    openWindow(overrides);
    startListening();
    QVERIFY(m_window->findChild<StatusLabel *>(u"status"_s)->toolTip().contains(u"no history is kept"_s));
    QVERIFY(!QFile::exists(m_dir->filePath(u"data/history.db"_s)));
    type(u"all"_s, u"anybody?"_s);
    QTest::mouseClick(button(u"Send"_s), Qt::LeftButton);
    QTRY_VERIFY(composerError().contains(u"Nobody is connected"_s));
    auto *filter = named<QLineEdit>(u"Filter messages"_s);
    QTest::keyClicks(filter, u"zzz"_s);
    QTRY_VERIFY(log()->isFiltered());
    QVERIFY(!button(u"Back to all messages"_s)->isVisible());
}

void TestServerWindow::fitsSmallScreens()
{
    const QStringList names{u"Address"_s, u"Port"_s,    u"Format"_s,  u"Plain messages"_s,
                            u"Start"_s,   u"Stop"_s,    u"Clients"_s, u"Messages"_s,
                            u"To"_s,      u"Message"_s, u"Send"_s};
    m_window->findChild<MessageLogView *>()->setOlder(OlderBar::State::More);
    QCoreApplication::processEvents();
    const QSize needed = m_window->minimumSizeHint();
    QVERIFY2(needed.height() <= m_window->minimumHeight() && needed.width() <= m_window->minimumWidth(),
             qPrintable(u"%1 x %2"_s.arg(needed.width()).arg(needed.height())));
    for (const QSize &size : {QSize(800, 600), m_window->minimumSize()}) {
        verifyFits(*m_window, size, names);
        // Nothing lies upon its neighbour.
        for (qsizetype i = 1; i < 6; ++i) {
            const auto *left = named<QWidget>(names[i - 1]);
            const auto *right = named<QWidget>(names[i]);
            QTRY_VERIFY2(left->geometry().right() < right->geometry().left(), qPrintable(names[i]));
        }
    }
}

QTEST_MAIN(TestServerWindow)
#include "tst_serverwindow.moc"

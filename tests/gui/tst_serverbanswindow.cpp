// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/bandialog.h"
#include "server-gui/window/clienttablemodel.h"
#include "server-gui/window/refusalmodel.h"
#include "server-gui/window/serverwindow.h"
#include "tests/support/chatpeer.h"
#include "tests/support/windowtest.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QRadioButton>
#include <QSettings>
#include <QSpinBox>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// Bans, refusals and limits in the real window with a real server, clicked.
class TestServerBansWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void bansAChatClientAndLiftsIt();
    void bansAnAddressOfTheTurnedAway();
    void bansWhatIsTyped();
    void refusesWhatCannotBeBanned();
    void plainClientsAreBannedByAddress();
    void namesItsControls();
    void refusalsAreGathered();
    void refusalsAreBounded();
    void limitsAreSetAndShown();
    void exactLimitsSurviveTheDialog();
    void revealsWhoIsHeldBack();

private:
    template <typename T> T *child(const QString &objectName) const
    {
        return m_window->findChild<T *>(objectName);
    }

    template <typename T> T *inDialog(const QString &objectName) const
    {
        const auto *dialog = child<QDialog>(u"bansDialog"_s);
        return dialog ? dialog->findChild<T *>(objectName) : nullptr;
    }

    void click(QAbstractButton *button)
    {
        QVERIFY(button && button->isEnabled() && button->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
    }

    void choose(QRadioButton *button)
    {
        QVERIFY(button && button->isVisible());
        QTest::mouseClick(button, Qt::LeftButton, {}, QPoint(8, button->height() / 2));
        QVERIFY(button->isChecked());
    }

    void openPage(QTabWidget *tabs, int page)
    {
        QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, tabs->tabBar()->tabRect(page).center());
        QCOMPARE(tabs->currentIndex(), page);
    }

    void clickRow(QTableView *table, int row)
    {
        QVERIFY(row >= 0 && row < table->model()->rowCount());
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                          table->visualRect(table->model()->index(row, 0)).center());
    }

    void openWindow();

    quint16 port() const { return m_window->server()->listeningPort(); }

    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<ServerWindow> m_window;
};

void TestServerBansWindow::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_dir->filePath(u"settings"_s));
    openWindow();
}

void TestServerBansWindow::cleanup()
{
    m_window.reset();
    m_dir.reset();
}

void TestServerBansWindow::openWindow()
{
    m_window.reset();
    ServerOverrides overrides;
    overrides.address = u"127.0.0.1"_s;
    overrides.port = quint16{0};
    overrides.dataDir = m_dir->filePath(u"data"_s);
    m_window = std::make_unique<ServerWindow>(overrides);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    m_window->start();
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Listening);
}

void TestServerBansWindow::bansAChatClientAndLiftsIt()
{
    ChatPeer ann;
    QVERIFY(ann.join(port(), u"Ann"_s));
    auto *clients = child<QTableView>(u"clients"_s);
    QTRY_COMPARE(clients->model()->rowCount(), 1);
    // Only a chat client can be banned by its ID, and it is one from its name on.
    QTRY_COMPARE(clients->model()->index(0, ClientTableModel::NameColumn).data().toString(), u"Ann"_s);
    clickRow(clients, 0);
    QTRY_VERIFY(child<QAction>(u"banClientAction"_s)->isEnabled());
    child<QAction>(u"banClientAction"_s)->trigger();
    auto *ban = child<QDialog>(u"banDialog"_s);
    QVERIFY(ban && ban->isVisible());
    verifyControlNames(*ban, 6);
    QVERIFY(ban->findChild<QRadioButton *>(u"banById"_s)->isChecked());
    QVERIFY(ban->findChild<QRadioButton *>(u"banById"_s)->text().contains(u"Ann (1)"));
    QVERIFY(ban->findChild<QRadioButton *>(u"banByAddress"_s)->text().contains(u"127.0.0.1"));
    QTest::keyClicks(ban->findChild<QLineEdit *>(u"banReason"_s), u"too loud"_s);
    click(ban->findChild<QPushButton *>(u"banAccept"_s));

    QVERIFY(ann.waitForEnd());
    const auto refused = ann.waitFor<chat::Refused>();
    QVERIFY(refused && refused->code == chat::refusal::Banned);
    QVERIFY2(refused->text.contains(u"too loud"), qPrintable(refused->text));
    QTRY_VERIFY(
        hasEntry(*m_window->findChild<MessageLogModel *>(), LogEntry::Kind::Note, u"Ann (1) is banned"_s));

    child<QAction>(u"bansAction"_s)->trigger();
    auto *bans = inDialog<QTableView>(u"bans"_s);
    QVERIFY(bans);
    QTRY_COMPARE(bans->model()->rowCount(), 1);
    QCOMPARE(bans->model()->index(0, 0).data().toString(), u"Ann (1)"_s);
    QVERIFY(!inDialog<QPushButton>(u"liftBan"_s)->isEnabled());
    clickRow(bans, 0);
    click(inDialog<QPushButton>(u"liftBan"_s));
    QTRY_COMPARE(bans->model()->rowCount(), 0);
    ChatPeer again;
    QVERIFY(again.join(port(), u"Ann"_s, ann.welcome.token));
    QCOMPARE(again.id(), ann.id());
}

void TestServerBansWindow::bansAnAddressOfTheTurnedAway()
{
    Peer nonsense;
    QVERIFY(nonsense.socket.bind(QHostAddress(u"127.0.0.7"_s)) && nonsense.connectTo(port()));
    nonsense.sendRaw(QByteArray::fromHex("ffffffffffffffff"));
    QVERIFY(nonsense.waitForEnd());
    child<QAction>(u"bansAction"_s)->trigger();
    auto *refusals = inDialog<QTableView>(u"refusals"_s);
    openPage(inDialog<QTabWidget>(u"bansPages"_s), 1);
    QTRY_COMPARE(refusals->model()->rowCount(), 1);
    QCOMPARE(refusals->model()->index(0, RefusalModel::AddressColumn).data().toString(), u"127.0.0.7"_s);
    QTRY_VERIFY(inDialog<QLabel>(u"refusalTotals"_s)->text().contains(u"1 turned away"));
    clickRow(refusals, 0);
    click(inDialog<QPushButton>(u"banRefused"_s));
    auto *ban = child<QDialog>(u"banDialog"_s);
    QVERIFY(ban && ban->isVisible());
    QVERIFY(!ban->findChild<QRadioButton *>(u"banById"_s));
    click(ban->findChild<QPushButton *>(u"banAccept"_s));
    QTRY_COMPARE(inDialog<QTableView>(u"bans"_s)->model()->rowCount(), 1);
    Peer banned;
    QVERIFY(banned.socket.bind(QHostAddress(u"127.0.0.7"_s)) && banned.connectTo(port()));
    QVERIFY(banned.waitForEnd());
    QTRY_COMPARE(refusals->model()->rowCount(), 2);
    click(inDialog<QPushButton>(u"clearRefusals"_s));
    QCOMPARE(refusals->model()->rowCount(), 0);
}

void TestServerBansWindow::bansWhatIsTyped()
{
    child<QAction>(u"bansAction"_s)->trigger();
    click(inDialog<QPushButton>(u"banNew"_s));
    auto *ban = child<QDialog>(u"banDialog"_s);
    auto *who = ban->findChild<QLineEdit *>(u"banNetwork"_s);
    QTest::keyClicks(who, u"everybody"_s);
    click(ban->findChild<QPushButton *>(u"banAccept"_s));
    QVERIFY(ban->isVisible());
    QVERIFY(ban->findChild<QLabel *>(u"banProblem"_s)->isVisible());
    who->selectAll();
    QTest::keyClicks(who, u"127.0.1.9/24"_s);
    QVERIFY(!ban->findChild<QLabel *>(u"banProblem"_s)->isVisible());
    ban->findChild<QComboBox *>(u"banTime"_s)->setCurrentIndex(4);
    QTest::keyClick(who, Qt::Key_Return);
    auto *bans = inDialog<QTableView>(u"bans"_s);
    QTRY_COMPARE(bans->model()->rowCount(), 1);
    QCOMPARE(bans->model()->index(0, 0).data().toString(), u"127.0.1.0/24"_s);
    QCOMPARE(bans->model()->index(0, 1).data().toString(), u"lifted"_s);

    // They are there the next time.
    openWindow();
    child<QAction>(u"bansAction"_s)->trigger();
    QTRY_COMPARE(inDialog<QTableView>(u"bans"_s)->model()->rowCount(), 1);
}

void TestServerBansWindow::refusesWhatCannotBeBanned()
{
    child<QAction>(u"bansAction"_s)->trigger();
    click(inDialog<QPushButton>(u"banNew"_s));
    auto *ban = child<QDialog>(u"banDialog"_s);
    QTest::keyClicks(ban->findChild<QLineEdit *>(u"banNetwork"_s), u"77"_s);
    click(ban->findChild<QPushButton *>(u"banAccept"_s));
    QTRY_VERIFY(child<QMessageBox>(u"banRefused"_s));
    QVERIFY(child<QMessageBox>(u"banRefused"_s)->text().contains(u"77"));
    child<QMessageBox>(u"banRefused"_s)->close();
    QCOMPARE(inDialog<QTableView>(u"bans"_s)->model()->rowCount(), 0);

    // Nothing to be done without a server.
    m_window->server()->stop();
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Stopped);
    QTRY_VERIFY(!inDialog<QPushButton>(u"banNew"_s)->isEnabled());
    QVERIFY(isTextShown(*child<QDialog>(u"bansDialog"_s), u"while the server listens"_s));
}

void TestServerBansWindow::plainClientsAreBannedByAddress()
{
    Peer plain;
    QVERIFY(plain.connectTo(port()));
    plain.send("hello");
    auto *clients = child<QTableView>(u"clients"_s);
    QTRY_COMPARE(clients->model()->rowCount(), 1);
    clickRow(clients, 0);
    child<QAction>(u"banClientAction"_s)->trigger();
    auto *ban = child<QDialog>(u"banDialog"_s);
    QVERIFY(!ban->findChild<QRadioButton *>(u"banById"_s));
    QVERIFY(ban->findChild<QRadioButton *>(u"banByAddress"_s)->isChecked());
    choose(ban->findChild<QRadioButton *>(u"banByNetwork"_s));
    QCOMPARE(ban->findChild<QLineEdit *>(u"banNetwork"_s)->text(), u"127.0.0.0/24"_s);
    click(ban->findChild<QPushButton *>(u"banAccept"_s));
    QVERIFY(plain.waitForEnd());
    Peer another;
    QVERIFY(another.socket.bind(QHostAddress(u"127.0.0.77"_s)) && another.connectTo(port()));
    QVERIFY(another.waitForEnd());
}

void TestServerBansWindow::namesItsControls()
{
    child<QAction>(u"bansAction"_s)->trigger();
    for (int page = 0; page < 2; ++page) {
        openPage(inDialog<QTabWidget>(u"bansPages"_s), page);
        verifyControlNames(*child<QDialog>(u"bansDialog"_s), 4);
    }
    // A second time it is the same one.
    child<QAction>(u"bansAction"_s)->trigger();
    QCOMPARE(m_window->findChildren<QDialog *>(u"bansDialog"_s).size(), 1);
}

namespace {

ServerBatch refusals(std::initializer_list<std::pair<QString, QString>> list, qint64 time)
{
    ServerBatch batch;
    for (const auto &[address, reason] : list)
        batch.events.push_back(PeerRefused{QDateTime::fromMSecsSinceEpoch(time), {}, address, 1234, reason});
    return batch;
}

QStringList shownRow(const RefusalModel &model, int row)
{
    QStringList cells;
    for (const int column :
         {RefusalModel::AddressColumn, RefusalModel::CountColumn, RefusalModel::ReasonColumn})
        cells << model.index(row, column).data().toString();
    return cells;
}

} // namespace

void TestServerBansWindow::refusalsAreGathered()
{
    RefusalModel model;
    const QAbstractItemModelTester tester(&model);
    model.take(refusals({{u"192.0.2.1"_s, u"banned"_s},
                         {u"192.0.2.2"_s, u"banned"_s},
                         {u"192.0.2.1"_s, u"banned"_s},
                         {u"192.0.2.1"_s, u"full"_s}},
                        1'000));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(shownRow(model, 0), (QStringList{u"192.0.2.1"_s, u"2"_s, u"banned"_s}));
    QCOMPARE(shownRow(model, 1), (QStringList{u"192.0.2.2"_s, u"1"_s, u"banned"_s}));
    model.take(refusals({{u"192.0.2.1"_s, u"full"_s}, {u"192.0.2.3"_s, u"\u001b[1m<b>x"_s}}, 2'000));
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(shownRow(model, 2), (QStringList{u"192.0.2.1"_s, u"2"_s, u"full"_s}));
    QVERIFY(!shownRow(model, 3).at(2).contains(u'\u001b'));
    QVERIFY(
        model.index(3, RefusalModel::ReasonColumn).data(Qt::ToolTipRole).toString().contains(u"&lt;b&gt;"));
    QCOMPARE(model.index(2, 0).data(RefusalModel::SortRole).toLongLong(), 2'000);
    QCOMPARE(model.addressAt(3), QHostAddress(u"192.0.2.3"_s));
    QVERIFY(model.addressAt(-1).isNull() && model.addressAt(4).isNull());
}

void TestServerBansWindow::refusalsAreBounded()
{
    RefusalModel model;
    const QAbstractItemModelTester tester(&model);
    for (int i = 0; i < 2'000; ++i) {
        // One who comes again and again stays.
        model.take(
            refusals({{u"10.0.%1.%2"_s.arg(i / 250).arg(i % 250), u"full"_s}, {u"192.0.2.1"_s, u"full"_s}},
                     1'000 + i));
        QVERIFY(model.rowCount() <= RefusalModel::kMost);
    }
    bool isThere = false;
    for (int row = 0; row < model.rowCount(); ++row)
        isThere = isThere || shownRow(model, row) == QStringList{u"192.0.2.1"_s, u"2,000"_s, u"full"_s};
    QVERIFY(isThere);
}

void TestServerBansWindow::limitsAreSetAndShown()
{
    child<QAction>(u"settingsAction"_s)->trigger();
    auto *dialog = child<QDialog>(u"settingsDialog"_s);
    openPage(dialog->findChild<QTabWidget *>(u"settingsPages"_s), 1);
    QCOMPARE(dialog->findChild<QLabel *>(u"maxFramesPerSecondInForce"_s)->text(), u"in force: no limit"_s);
    QCOMPARE(dialog->findChild<QLabel *>(u"maxQueuesMibInForce"_s)->text(), u"in force: 512"_s);
    QVERIFY(!dialog->findChild<QSpinBox *>(u"maxUnauthenticated"_s)->isEnabled());
    const auto type = [dialog](const QString &name, const QString &value) {
        auto *box = dialog->findChild<QSpinBox *>(name);
        box->setFocus();
        box->selectAll();
        QTest::keyClicks(box, value);
    };
    type(u"maxFramesPerSecond"_s, u"100"_s);
    type(u"maxPerAddress"_s, u"7"_s);
    type(u"idleDeadlineSeconds"_s, u"60"_s);
    auto *chatOnly = dialog->findChild<QCheckBox *>(u"chatOnly"_s);
    QTest::mouseClick(chatOnly, Qt::LeftButton, {}, QPoint(8, chatOnly->height() / 2));
    QVERIFY(dialog->findChild<QSpinBox *>(u"maxUnauthenticated"_s)->isEnabled());
    type(u"maxUnauthenticated"_s, u"32"_s);
    QTest::mouseClick(dialog->findChild<QPushButton *>(u"settingsOK"_s), Qt::LeftButton);
    QTRY_VERIFY(!child<QDialog>(u"settingsDialog"_s));
    QVERIFY(!m_window->server()->config().chatOnly);

    openWindow();
    const ServerConfig config = m_window->server()->config();
    QCOMPARE(config.maxFramesPerSecond, quint64(100));
    QCOMPARE(config.maxPerAddress, 7);
    QCOMPARE(config.idleDeadline, std::chrono::seconds(60));
    QVERIFY(config.chatOnly);
    QCOMPARE(config.maxUnauthenticated, 32);
    child<QAction>(u"settingsAction"_s)->trigger();
    QCOMPARE(child<QDialog>(u"settingsDialog"_s)->findChild<QLabel *>(u"maxFramesPerSecondInForce"_s)->text(),
             u"in force: 100"_s);
}

/// What is not shown exactly is not changed by looking at it.
void TestServerBansWindow::exactLimitsSurviveTheDialog()
{
    m_window.reset();
    {
        QSettings settings(QSettings::IniFormat, QSettings::UserScope, u"Wireroom"_s, u"wireroom-server"_s);
        settings.setValue(u"server/maxQueueBytes"_s, 1'500);
        settings.setValue(u"limits/bytesPerSecond"_s, 1'500);
        settings.setValue(u"limits/helloDeadlineMs"_s, 1'500);
    }
    openWindow();
    child<QAction>(u"settingsAction"_s)->trigger();
    auto *dialog = child<QDialog>(u"settingsDialog"_s);
    QCOMPARE(dialog->findChild<QSpinBox *>(u"maxQueueKib"_s)->value(), 2);
    QTest::mouseClick(dialog->findChild<QPushButton *>(u"settingsOK"_s), Qt::LeftButton);
    openWindow();
    QCOMPARE(m_window->server()->config().maxQueueBytes, quint64(1'500));
    QCOMPARE(m_window->server()->config().maxBytesPerSecond, quint64(1'500));
    QCOMPARE(m_window->server()->config().helloDeadline, std::chrono::milliseconds(1'500));
}

void TestServerBansWindow::revealsWhoIsHeldBack()
{
    m_window.reset();
    {
        QSettings settings(QSettings::IniFormat, QSettings::UserScope, u"Wireroom"_s, u"wireroom-server"_s);
        settings.setValue(u"limits/framesPerSecond"_s, 5);
    }
    openWindow();
    auto *clients = child<QTableView>(u"clients"_s);
    QVERIFY(clients->isColumnHidden(ClientTableModel::HeldBackColumn));
    Peer flood;
    QVERIFY(flood.connectTo(port()));
    for (int i = 0; i < 20; ++i)
        flood.send("hello");
    QTRY_VERIFY(!clients->isColumnHidden(ClientTableModel::HeldBackColumn));
    QVERIFY(clients->isColumnHidden(ClientTableModel::RefusedColumn));
    QTRY_VERIFY(clients->model()->index(0, ClientTableModel::HeldBackColumn).data().toString().toInt() > 0);
}

QTEST_MAIN(TestServerBansWindow)
#include "tst_serverbanswindow.moc"

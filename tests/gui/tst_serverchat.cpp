// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/composer.h"
#include "common/widgets/errorbanner.h"
#include "common/widgets/messagelogview.h"
#include "server-gui/window/clienttablemodel.h"
#include "server-gui/window/serverwindow.h"
#include "tests/support/chatpeer.h"
#include "tests/support/windowtest.h"

#include <QAbstractButton>
#include <QAction>
#include <QDialog>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSettings>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <set>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

using Model = ClientTableModel;

} // namespace

/// The real window with chat clients that do what the test says, clicked and typed at.
class TestServerChat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void namesAppear();
    void whoLeftTurnsGrey();
    void messageWaitsAndArrives();
    void writesByName();
    void whoComesBackKeepsItsRow();
    void showsTheHistoryAfterARestart();
    void asksForOlderMessages();
    void searchFindsWhatIsNotShown();
    void searchFollowsClients();
    void selectionShowsOnlyItsMessages();
    void messagesAreThereOnce();
    void stopAndStartKeepsTheLog();
    void anotherHistoryIsShownInstead();
    void tellsThatItCannotStore();

private:
    template <typename T> T *named(const QString &accessibleName) const
    {
        return findNamed<T>(*m_window, accessibleName);
    }

    QAbstractButton *button(const QString &name) const { return named<QAbstractButton>(name); }

    const Model *clients() const
    {
        return qobject_cast<const Model *>(named<QTableView>(u"Clients"_s)->model());
    }

    MessageLogModel *log() const { return m_window->findChild<MessageLogModel *>(); }

    quint16 port() const { return m_window->server()->listeningPort(); }

    void openWindow(const QString &dataDir = u"data"_s);
    void start();
    QString cell(ClientId id, int column) const;
    int logRow(const QByteArray &payload) const;
    QString reach(const QByteArray &payload) const;
    void select(ClientId id);
    void write(const QString &to, const QString &text);
    void filter(const QString &field, const QString &text);
    QStringList shownMessages() const;

    QString lastMessage() const { return shownMessages().value(shownMessages().size() - 1); }

    void fillHistory(int count);
    static void leave(ChatPeer &peer);

    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<ServerWindow> m_window;
};

void TestServerChat::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QVERIFY(m_dir->isValid());
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_dir->filePath(u"settings"_s));
    openWindow();
    start();
}

void TestServerChat::cleanup()
{
    m_window.reset();
    m_dir.reset();
}

void TestServerChat::openWindow(const QString &dataDir)
{
    m_window.reset();
    ServerOverrides overrides;
    overrides.address = u"127.0.0.1"_s;
    overrides.port = quint16{0};
    overrides.dataDir = m_dir->filePath(dataDir);
    m_window = std::make_unique<ServerWindow>(overrides);
    m_window->resize(1200, 760);
    m_window->show();
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
}

void TestServerChat::start()
{
    QTest::mouseClick(button(u"Start"_s), Qt::LeftButton);
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Listening);
}

QString TestServerChat::cell(ClientId id, int column) const
{
    const int row = clients()->rowOf(id);
    return row < 0 ? u"no row"_s : clients()->index(row, column).data().toString();
}

/// -1 where it is not shown.
int TestServerChat::logRow(const QByteArray &payload) const
{
    for (int row = 0; row < log()->rowCount(); ++row) {
        if (log()->entry(row).payload == payload)
            return row;
    }
    return -1;
}

QString TestServerChat::reach(const QByteArray &payload) const
{
    const int row = logRow(payload);
    return row < 0
        ? u"no row"_s
        : log()->index(row, MessageLogModel::MessageColumn).data(MessageLogModel::ReachRole).toString();
}

void TestServerChat::select(ClientId id)
{
    auto *table = named<QTableView>(u"Clients"_s);
    const QModelIndex index = table->model()->index(clients()->rowOf(id), Model::NameColumn);
    table->scrollTo(index);
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(index).center());
}

/// As a person does; an empty `to` leaves what stands there.
void TestServerChat::write(const QString &to, const QString &text)
{
    if (!to.isEmpty()) {
        auto *field = named<QLineEdit>(u"To"_s);
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, to);
    }
    auto *message = named<QPlainTextEdit>(u"Message"_s);
    message->setFocus();
    QTest::keyClicks(message, text);
    QTest::mouseClick(button(u"Send"_s), Qt::LeftButton);
    QTRY_VERIFY2(message->toPlainText().isEmpty(),
                 qPrintable(m_window->findChild<Composer *>()->errorText()));
}

void TestServerChat::filter(const QString &field, const QString &text)
{
    auto *edit = named<QLineEdit>(field);
    edit->setFocus();
    edit->selectAll();
    if (text.isEmpty())
        QTest::keyClick(edit, Qt::Key_Backspace);
    QTest::keyClicks(edit, text);
    QTest::keyClick(edit, Qt::Key_Return);
}

QStringList TestServerChat::shownMessages() const
{
    QStringList shown;
    for (int row = 0; row < log()->rowCount(); ++row) {
        if (log()->entry(row).isMessage())
            shown.append(QString::fromUtf8(log()->entry(row).payload));
    }
    return shown;
}

/// Messages "note 1" to "note N" of a client that leaves again.
void TestServerChat::fillHistory(int count)
{
    ChatPeer peer;
    QVERIFY(peer.join(port(), u"writer"_s));
    for (int i = 1; i <= count; ++i)
        peer.post(quint64(i), {}, "note " + QByteArray::number(i));
    QVERIFY(peer.waitFor<chat::Stored>(size_t(count)));
    leave(peer);
    QTRY_COMPARE(cell(peer.id(), Model::NameColumn), u"writer"_s);
    QTRY_COMPARE(cell(peer.id(), Model::StateColumn), u"Offline"_s);
}

void TestServerChat::leave(ChatPeer &peer)
{
    peer.send(chat::Bye{});
    QVERIFY(peer.waitForEnd());
}

void TestServerChat::namesAppear()
{
    ChatPeer ann;
    QVERIFY(ann.join(port(), u"ann"_s));
    QTRY_COMPARE(cell(ann.id(), Model::NameColumn), u"ann"_s);
    QTRY_COMPARE(cell(ann.id(), Model::StateColumn), u"Online"_s);
    QCOMPARE(cell(ann.id(), Model::FormatColumn), u"chat"_s);
    // In one row, or in another where it was slower to say so.
    QVERIFY(hasEntry(*log(), LogEntry::Kind::Note, u"ann (1)"_s));
    ann.send(chat::Rename{u"Anna"_s});
    QTRY_COMPARE(cell(ann.id(), Model::NameColumn), u"Anna"_s);
    // The first ping was sent with the welcome.
    const auto ping = ann.waitFor<chat::Ping>();
    QVERIFY(ping);
    ann.send(chat::Pong{ping->clock});
    QTRY_VERIFY(cell(ann.id(), Model::RoundTripColumn).endsWith(u" ms"_s));

    ann.post(1, {}, "hello, room");
    QTRY_VERIFY(logRow("hello, room") >= 0);
    QCOMPARE(log()->entry(logRow("hello, room")).from, u"Anna (1)"_s);
    QTRY_COMPARE(cell(ann.id(), Model::FramesInColumn), u"1"_s);
}

void TestServerChat::whoLeftTurnsGrey()
{
    ChatPeer ann;
    Peer plain;
    QVERIFY(ann.join(port(), u"ann"_s));
    QVERIFY(plain.connectTo(port()));
    plain.send("hi");
    QTRY_COMPARE(clients()->connectedCount(), 2);
    QTRY_VERIFY(isTextShown(*m_window, u"2 clients"_s));
    leave(ann);
    plain.socket.disconnectFromHost();
    QTRY_COMPARE(cell(ann.id(), Model::StateColumn), u"Offline"_s);
    QTRY_COMPARE(clients()->connectedCount(), 0);
    QCOMPARE(clients()->rowCount(), 1);
    QTRY_VERIFY(isTextShown(*m_window, u"0 connected, 1 offline"_s));
    QVERIFY(clients()->index(0, Model::NameColumn).data(Qt::ForegroundRole).isValid());
    select(ann.id());
    QVERIFY(!m_window->findChild<QAction *>(u"disconnectClientAction"_s)->isEnabled());
    QVERIFY(m_window->findChild<QAction *>(u"sendToClientAction"_s)->isEnabled());
}

void TestServerChat::messageWaitsAndArrives()
{
    ChatPeer first;
    QVERIFY(first.join(port(), u"ann"_s));
    const ClientId id = first.id();
    leave(first);
    QTRY_COMPARE(cell(id, Model::StateColumn), u"Offline"_s);

    select(id);
    QCOMPARE(named<QLineEdit>(u"To"_s)->text(), u"ann (1)"_s);
    write({}, u"see you tomorrow"_s);
    QTRY_VERIFY(isTextShown(*m_window, u"Stored; waits for 1 client."_s));
    QTRY_COMPARE(reach("see you tomorrow"), u"stored, delivered 0 of 1"_s);
    QTRY_COMPARE(cell(id, Model::WaitingColumn), u"1"_s);

    ChatPeer again;
    QVERIFY(again.join(port(), u"ann"_s, first.welcome.token, {}));
    QCOMPARE(again.id(), id);
    const auto delivery = again.waitFor<chat::Delivery>();
    QVERIFY(delivery);
    QCOMPARE(delivery->body, QByteArray("see you tomorrow"));
    QCOMPARE(reach("see you tomorrow"), u"stored, delivered 0 of 1"_s); // It has not said so yet.
    again.send(chat::Ack{delivery->seq});
    QTRY_COMPARE(reach("see you tomorrow"), u"delivered"_s);
    QTRY_COMPARE(cell(id, Model::WaitingColumn), u"–"_s);
}

void TestServerChat::writesByName()
{
    ChatPeer ann;
    ChatPeer bo;
    QVERIFY(ann.join(port(), u"Ann"_s));
    QVERIFY(bo.join(port(), u"Bo"_s));
    QTRY_COMPARE(cell(bo.id(), Model::StateColumn), u"Online"_s);
    write(u"bo"_s, u"for Bo alone"_s);
    QVERIFY(bo.waitFor<chat::Delivery>());
    write(u"all"_s, u"for both"_s);
    QVERIFY(bo.waitFor<chat::Delivery>(2));
    QVERIFY(ann.waitFor<chat::Delivery>());
    QCOMPARE(ann.delivered(), QList<QByteArray>{"for both"});
    QTRY_COMPARE(reach("for both"), u"stored, delivered 0 of 2"_s);
    ann.send(chat::Ack{ann.all<chat::Delivery>().back().seq});
    QTRY_COMPARE(reach("for both"), u"delivered 1 of 2"_s);
    bo.send(chat::Ack{bo.all<chat::Delivery>().back().seq});
    QTRY_COMPARE(reach("for both"), u"delivered 2 of 2"_s);

    auto *to = named<QLineEdit>(u"To"_s);
    to->selectAll();
    QTest::keyClicks(to, u"zoe"_s);
    auto *message = named<QPlainTextEdit>(u"Message"_s);
    QTest::keyClicks(message, u"x"_s);
    QTest::keyClick(message, Qt::Key_Return);
    QTRY_COMPARE(m_window->findChild<Composer *>()->errorText(), u"No client is called “zoe”."_s);
}

void TestServerChat::whoComesBackKeepsItsRow()
{
    ChatPeer ann;
    QVERIFY(ann.join(port(), u"ann"_s));
    QTRY_COMPARE(cell(ann.id(), Model::StateColumn), u"Online"_s);
    select(ann.id());
    // On a second connection, while the first one is still there.
    ChatPeer second;
    QVERIFY(second.join(port(), u"ann the second"_s, ann.welcome.token));
    QVERIFY(ann.waitForEnd());
    QTRY_COMPARE(cell(ann.id(), Model::NameColumn), u"ann the second"_s);
    QTRY_COMPARE(clients()->rowCount(), 1);
    QCOMPARE(clients()->connectedCount(), 1);
    QTRY_COMPARE(cell(ann.id(), Model::StateColumn), u"Online"_s);
    const QModelIndexList selected = named<QTableView>(u"Clients"_s)->selectionModel()->selectedRows();
    QCOMPARE(selected.size(), 1);
    QCOMPARE(selected.front().row(), clients()->rowOf(ann.id()));
    QTRY_COMPARE(named<QLineEdit>(u"To"_s)->text(), u"ann the second (1)"_s);
}

void TestServerChat::showsTheHistoryAfterARestart()
{
    fillHistory(3);
    write(u"writer"_s, u"read them all"_s);
    QTRY_COMPARE(reach("read them all"), u"stored, delivered 0 of 1"_s);
    m_window->close();
    openWindow();
    QVERIFY(shownMessages().isEmpty());
    start();
    QTRY_COMPARE(shownMessages(), (QStringList{u"note 1"_s, u"note 2"_s, u"note 3"_s, u"read them all"_s}));
    QCOMPARE(log()->entry(logRow("note 2")).from, u"writer (1)"_s);
    QCOMPARE(reach("read them all"), u"stored, delivered 0 of 1"_s);
    QTRY_COMPARE(cell(ClientId(1), Model::NameColumn), u"writer"_s);
    QTRY_COMPARE(cell(ClientId(1), Model::WaitingColumn), u"1"_s);
    QTRY_VERIFY(!button(u"Show older messages"_s)->isVisible());
}

void TestServerChat::asksForOlderMessages()
{
    fillHistory(350);
    m_window->close();
    openWindow();
    start();
    QTRY_COMPARE(shownMessages().size(), 100);
    QCOMPARE(shownMessages().value(0), u"note 251"_s);
    QTRY_VERIFY(button(u"Show older messages"_s)->isVisible());
    QTest::mouseClick(button(u"Show older messages"_s), Qt::LeftButton);
    QTRY_COMPARE(shownMessages().size(), 200);
    // By scrolling to the first row, and what was read there stays in its place.
    QScrollBar *bar = named<QTableView>(u"Messages"_s)->verticalScrollBar();
    QTRY_VERIFY(bar->maximum() > 0);
    bar->setValue(bar->minimum());
    QTRY_COMPARE(shownMessages().size(), 300);
    QVERIFY(bar->value() > bar->minimum());
    bar->setValue(bar->minimum());
    QTRY_COMPARE(shownMessages().size(), 350);
    QCOMPARE(shownMessages().value(0), u"note 1"_s);
    QTRY_VERIFY(!button(u"Show older messages"_s)->isVisible());
    QCOMPARE(lastMessage(), u"note 350"_s);
}

void TestServerChat::searchFindsWhatIsNotShown()
{
    fillHistory(250);
    m_window->close();
    openWindow();
    start();
    QTRY_COMPARE(shownMessages().size(), 100);
    filter(u"Filter messages"_s, u"note 1"_s);
    QTRY_COMPARE(shownMessages().value(0), u"note 1"_s);
    QStringList expected{u"note 1"_s};
    for (int i = 10; i < 200; ++i) {
        if (i < 20 || i >= 100)
            expected.append(u"note %1"_s.arg(i));
    }
    QTRY_COMPARE(shownMessages(), expected);
    QTRY_VERIFY(isTextShown(*m_window, u"The whole history was searched."_s));
    QTRY_VERIFY(isTextShown(*m_window, u"111 found"_s));

    // What is written meanwhile is there, too.
    ChatPeer ann;
    QVERIFY(ann.join(port(), u"ann"_s));
    ann.post(1, {}, "note 1 is wrong");
    ann.post(2, {}, "something else");
    QTRY_COMPARE(lastMessage(), u"note 1 is wrong"_s);

    QTest::mouseClick(button(u"Back to all messages"_s), Qt::LeftButton);
    QTRY_COMPARE(shownMessages().size(), 102);
    QCOMPARE(shownMessages().value(0), u"note 151"_s);
    QCOMPARE(lastMessage(), u"something else"_s);
    QVERIFY(!button(u"Back to all messages"_s)->isVisible());

    filter(u"Filter messages"_s, u"nobody wrote this"_s);
    QTRY_VERIFY(isTextShown(*m_window, u"Nor does one in the history."_s));
}

void TestServerChat::searchFollowsClients()
{
    ChatPeer ann;
    ChatPeer bo;
    QVERIFY(ann.join(port(), u"ann"_s));
    QVERIFY(bo.join(port(), u"bo"_s));
    ann.post(1, std::vector{kOperator}, "tea, please");
    bo.post(1, std::vector{kOperator}, "tea as well");
    bo.post(2, std::vector{ann.id()}, "no tea for you");
    QTRY_COMPARE(shownMessages().size(), 3);
    const ClientId annId = ann.id();
    m_window->close();
    openWindow();
    start();
    QTRY_COMPARE(shownMessages().size(), 3);
    QTRY_VERIFY(clients()->rowOf(annId) >= 0);
    m_window->findChild<QAction *>(u"clearMessagesAction"_s)->trigger();
    QCOMPARE(log()->storedRows(), 0);
    filter(u"Filter messages"_s, u"tea"_s);
    QTRY_COMPARE(shownMessages(), (QStringList{u"tea, please"_s, u"tea as well"_s, u"no tea for you"_s}));
    filter(u"Filter messages by client"_s, u"ann"_s);
    QTRY_COMPARE(shownMessages(), (QStringList{u"tea, please"_s, u"no tea for you"_s}));
    filter(u"Filter messages by client"_s, u"all except 1"_s);
    QTRY_COMPARE(shownMessages(), (QStringList{u"tea as well"_s, u"no tea for you"_s}));
    filter(u"Filter messages"_s, {});
    filter(u"Filter messages by client"_s, {});
    QTRY_VERIFY(shownMessages().isEmpty());
    QTest::mouseClick(button(u"Show older messages"_s), Qt::LeftButton);
    QTRY_COMPARE(shownMessages().size(), 3);
}

void TestServerChat::selectionShowsOnlyItsMessages()
{
    ChatPeer ann;
    QVERIFY(ann.join(port(), u"ann"_s));
    ann.post(1, std::vector{kOperator}, "an early word");
    QVERIFY(ann.waitFor<chat::Stored>());
    fillHistory(150);
    m_window->close();
    openWindow();
    start();
    QTRY_COMPARE(shownMessages().size(), 100);
    QTRY_VERIFY(clients()->rowOf(ann.id()) >= 0);
    select(ann.id());
    m_window->findChild<QAction *>(u"showOnlyClientAction"_s)->trigger();
    // What the other wrote to everyone concerns it, as well; its own word is far behind.
    QTRY_VERIFY(button(u"Show older messages"_s)->isVisible()
                || shownMessages().contains(u"an early word"_s));
    if (!shownMessages().contains(u"an early word"_s))
        QTest::mouseClick(button(u"Show older messages"_s), Qt::LeftButton);
    QTRY_COMPARE(shownMessages().value(0), u"an early word"_s);
    QCOMPARE(shownMessages().size(), 151);
}

void TestServerChat::messagesAreThereOnce()
{
    // Live ones, while the first page is on its way, and pages over them.
    fillHistory(20);
    m_window->close();
    openWindow();
    start();
    ChatPeer ann;
    QVERIFY(ann.join(port(), u"ann"_s));
    for (quint64 ref = 1; ref <= 60; ++ref) {
        ann.post(ref, {}, "live " + QByteArray::number(ref));
        if (ref % 20 == 0) {
            m_window->findChild<QAction *>(u"clearMessagesAction"_s)->trigger();
            filter(u"Filter messages"_s, u"live"_s);
            QTest::mouseClick(button(u"Back to all messages"_s), Qt::LeftButton);
        }
    }
    QVERIFY(ann.waitFor<chat::Stored>(60));
    write(u"all"_s, u"the last one"_s);
    QTRY_COMPARE(lastMessage(), u"the last one"_s);
    QTRY_VERIFY2(shownMessages().contains(u"live 60"_s), qPrintable(shownMessages().join(u',')));
    while (shownMessages().size() < 81) {
        const auto before = shownMessages().size();
        QTRY_VERIFY(button(u"Show older messages"_s)->isVisible());
        QTest::mouseClick(button(u"Show older messages"_s), Qt::LeftButton);
        QTRY_VERIFY(shownMessages().size() > before);
    }
    const QStringList shown = shownMessages();
    QCOMPARE(std::set<QString>(shown.begin(), shown.end()).size(), size_t(81));
    QCOMPARE(shown.size(), 81);
}

void TestServerChat::stopAndStartKeepsTheLog()
{
    fillHistory(5);
    QTRY_COMPARE(shownMessages().size(), 5);
    QTest::mouseClick(button(u"Stop"_s), Qt::LeftButton);
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Stopped);
    QCOMPARE(clients()->rowCount(), 0);
    QCOMPARE(shownMessages().size(), 5);
    start();
    QTRY_COMPARE(clients()->rowCount(), 1);
    write(u"1"_s, u"once more"_s);
    QTRY_COMPARE(reach("once more"), u"stored, delivered 0 of 1"_s);
    QCOMPARE(shownMessages().size(), 6);
    filter(u"Filter messages"_s, u"note"_s);
    QTRY_COMPARE(shownMessages().size(), 5);
    QTRY_VERIFY(isTextShown(*m_window, u"The whole history was searched."_s));
    QCOMPARE(shownMessages().size(), 5);
}

void TestServerChat::anotherHistoryIsShownInstead()
{
    fillHistory(5);
    QTRY_COMPARE(shownMessages().size(), 5);
    QTest::mouseClick(button(u"Stop"_s), Qt::LeftButton);
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Stopped);
    m_window->findChild<QAction *>(u"settingsAction"_s)->trigger();
    auto *dialog = m_window->findChild<QDialog *>(u"settingsDialog"_s);
    auto *place = dialog->findChild<QLineEdit *>(u"historyPlace"_s);
    place->setText(m_dir->filePath(u"another.db"_s));
    QTest::keyClick(place, Qt::Key_Return);
    start();
    QTRY_VERIFY(shownMessages().isEmpty());
    QTRY_COMPARE(clients()->rowCount(), 0);
    fillHistory(2);
    QTRY_COMPARE(shownMessages(), (QStringList{u"note 1"_s, u"note 2"_s}));
}

void TestServerChat::tellsThatItCannotStore()
{
    ChatPeer ann;
    QVERIFY(ann.join(port(), u"ann"_s));
    const QString connection = u"locks the history"_s;
    {
        QSqlDatabase other = QSqlDatabase::addDatabase(u"QSQLITE"_s, connection);
        other.setDatabaseName(m_dir->filePath(u"data/history.db"_s));
        QVERIFY(other.open());
        QSqlQuery query(other);
        QVERIFY(query.exec(u"BEGIN IMMEDIATE"_s));
        ann.post(1, {}, "is this kept?");
        auto *banner = named<ErrorBanner>(u"Problem of the history"_s);
        QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible(), 30'000);
        QVERIFY2(banner->text().contains(u"cannot be stored"_s), qPrintable(banner->text()));
        QVERIFY(logRow("is this kept?") < 0);
        QVERIFY(query.exec(u"ROLLBACK"_s));
        QTRY_VERIFY_WITH_TIMEOUT(!banner->isVisible(), 30'000);
        QTRY_VERIFY(logRow("is this kept?") >= 0);
        QVERIFY(hasEntry(*log(), LogEntry::Kind::Note, u"Messages are stored again."_s));
        other.close();
    }
    QSqlDatabase::removeDatabase(connection);
}

QTEST_MAIN(TestServerChat)
#include "tst_serverchat.moc"

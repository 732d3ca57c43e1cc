// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/chatpanel.h"
#include "client-gui/window/chatview.h"
#include "client-gui/window/clientwindow.h"
#include "client-gui/window/sidebarmodel.h"
#include "common/widgets/composer.h"
#include "common/widgets/errorbanner.h"
#include "common/widgets/frameformateditor.h"
#include "tests/support/runningserver.h"
#include "tests/support/windowtest.h"

#include <QDirIterator>
#include <QFileInfo>
#include <QInputDialog>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QToolButton>

#include <memory>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

/// A server with a history that outlives it.
struct Room
{
    explicit Room(quint16 port = 0) { start(port); }

    bool start(quint16 port = 0)
    {
        server = std::make_unique<RunningServer>();
        server->config.port = port;
        server->config.dataDir = dir.path();
        return server->start();
    }

    QTemporaryDir dir;
    std::unique_ptr<RunningServer> server;
};

/// One person before a client window of their own, with a home of their own.
class Person
{
public:
    Person(const QString &name, quint16 port) : m_name(name), m_port(port) { openWindow(); }

    void openWindow()
    {
        ClientOverrides overrides;
        overrides.port = m_port;
        overrides.name = m_name;
        overrides.stateDir = m_home.path();
        m_window = std::make_unique<ClientWindow>(overrides);
        m_window->resize(900, 640);
        m_window->show();
    }

    void closeWindow() { m_window.reset(); }

    bool connect()
    {
        activate();
        QTest::mouseClick(named<QPushButton>(u"Connect"_s), Qt::LeftButton);
        return QTest::qWaitFor([&] { return client()->state() == ChatClient::State::Online; }, 10'000)
            && QTest::qWaitFor([&] { return id() != ClientId(); }, 10'000);
    }

    void activate() const
    {
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }

    template <typename T> T *named(const QString &accessibleName) const
    {
        return findNamed<T>(*m_window, accessibleName);
    }

    ChatPanel *panel() const { return m_window->findChild<ChatPanel *>(); }

    ChatView *view() const { return m_window->findChild<ChatView *>(); }

    ChatClient *client() const { return m_window->client(); }

    ClientWindow *window() const { return m_window.get(); }

    ClientId id() const { return panel()->controller()->roster().me(); }

    QListView *conversations() const { return named<QListView>(u"Conversations"_s); }

    /// As a person does: click into the field, type, Enter.
    void write(const QString &text) const
    {
        activate();
        auto *message = named<QPlainTextEdit>(u"Message"_s);
        QTest::mouseClick(message->viewport(), Qt::LeftButton);
        QTest::keyClicks(message, text);
        QTest::keyClick(message, Qt::Key_Return);
    }

    /// Clicks the conversation with that title.
    bool choose(const QString &title, Qt::KeyboardModifiers modifiers = {}) const
    {
        activate();
        QListView *list = conversations();
        const auto find = [&] {
            for (int row = 0; row < list->model()->rowCount(); ++row) {
                if (list->model()->index(row, 0).data().toString() == title)
                    return list->model()->index(row, 0);
            }
            return QModelIndex();
        };
        if (!QTest::qWaitFor([&] { return find().isValid(); }, 10'000))
            return false;
        list->scrollTo(find());
        QTest::mouseClick(list->viewport(), Qt::LeftButton, modifiers, list->visualRect(find()).center());
        return true;
    }

    QVariant sidebar(const QString &title, int role) const
    {
        const QAbstractItemModel *model = conversations()->model();
        for (int row = 0; row < model->rowCount(); ++row) {
            if (model->index(row, 0).data().toString() == title)
                return model->index(row, 0).data(role);
        }
        return {};
    }

    /// The texts of the conversation that is open.
    QStringList texts() const
    {
        QStringList texts;
        for (int row = 0; row < view()->model()->rowCount(); ++row)
            texts << view()->model()->index(row, 0).data().toString();
        return texts;
    }

    /// What the last message of the open conversation says of itself.
    QString lastState() const
    {
        const int rows = view()->model()->rowCount();
        return rows == 0 ? QString()
                         : view()->model()->index(rows - 1, 0).data(ThreadModel::StateTextRole).toString();
    }

    QString home() const { return m_home.path(); }

private:
    QString m_name;
    quint16 m_port;
    QTemporaryDir m_home;
    std::unique_ptr<ClientWindow> m_window;
};

} // namespace

/// Client windows that chat through a real server, clicked and typed at.
class TestChatWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void init()
    {
        m_config = std::make_unique<QTemporaryDir>();
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_config->path());
    }

    void holdsAConversation();
    void writesToTheAbsent();
    void writesToSeveral();
    void opensTypedRecipients_data();
    void opensTypedRecipients();
    void countsUnread();
    void renames();
    void waitsForTheServer();
    void tellsWhoDoesNotExist();
    void loadsOlderPages();
    void searches();
    void joinsAsNew();
    void givesWayToAnotherWindow();
    void saysThatItCannotStore();
    void asksForAName();
    void keepsTheName();
    void namesItsControls();
    void sendsBytes();

private:
    std::unique_ptr<QTemporaryDir> m_config;
};

void TestChatWindow::holdsAConversation()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    Person bob(u"Bob"_s, room.server->port());
    QVERIFY(ann.connect() && bob.connect());

    ann.write(u"hello everybody"_s);
    QTRY_COMPARE(bob.texts(), QStringList{u"hello everybody"_s});
    QTRY_VERIFY2(ann.lastState().startsWith(u"Delivered to 1 of 1"_s), qPrintable(ann.lastState()));
    QVERIFY(ann.lastState().contains(u"Bob"_s));

    // Between the two only.
    QVERIFY(bob.choose(u"Ann"_s));
    bob.write(u"just for you"_s);
    QVERIFY(ann.choose(u"Bob"_s));
    QTRY_COMPARE(ann.texts(), QStringList{u"just for you"_s});
    QTRY_VERIFY2(bob.lastState().startsWith(u"Delivered to 1 of 1"_s), qPrintable(bob.lastState()));

    // The operator is one to talk with, too.
    QVERIFY(ann.choose(u"Operator"_s));
    ann.write(u"is anybody there?"_s);
    QTRY_VERIFY(room.server->received().contains("is anybody there?"));
    QVERIFY(bool(room.server->send(ann.id().toString(), "yes, the operator")));
    QTRY_COMPARE(ann.texts(), (QStringList{u"is anybody there?"_s, u"yes, the operator"_s}));
    QTRY_VERIFY2(ann.view()
                     ->model()
                     ->index(0, 0)
                     .data(ThreadModel::StateTextRole)
                     .toString()
                     .startsWith(u"Delivered to 1 of 1"_s),
                 qPrintable(ann.lastState()));
    QVERIFY(ann.choose(u"Everyone"_s));
    QTRY_COMPARE(ann.texts(), QStringList{u"hello everybody"_s});
}

void TestChatWindow::writesToTheAbsent()
{
    Room room;
    const quint16 port = room.server->port();
    Person ann(u"Ann"_s, port);
    auto bob = std::make_unique<Person>(u"Bob"_s, port);
    QVERIFY(ann.connect() && bob->connect());
    const ClientId bobId = bob->id();
    bob->closeWindow();
    QTRY_VERIFY(ann.sidebar(u"Bob"_s, SidebarModel::DetailRole).toString().contains(u"last seen"_s));
    QCOMPARE(ann.sidebar(u"Bob"_s, SidebarModel::PresenceRole).toInt(), int(chat::PresenceState::Offline));

    QVERIFY(ann.choose(u"Bob"_s));
    ann.write(u"read this when you are back"_s);
    QTRY_COMPARE(ann.lastState(), u"Stored, delivered to none of 1 yet"_s);

    // The server is started again meanwhile.
    QVERIFY(room.server->stop());
    QTRY_VERIFY(ann.client()->state() != ChatClient::State::Online);
    QVERIFY(room.start(port));
    QTRY_VERIFY_WITH_TIMEOUT(ann.client()->state() == ChatClient::State::Online, 20'000);

    bob->openWindow();
    QVERIFY(bob->connect());
    QCOMPARE(bob->id(), bobId);
    QTRY_COMPARE(bob->sidebar(u"Ann"_s, SidebarModel::UnreadRole).toInt(), 1);
    QVERIFY(bob->choose(u"Ann"_s));
    QTRY_COMPARE(bob->texts(), QStringList{u"read this when you are back"_s});
    QTRY_VERIFY2(ann.lastState().startsWith(u"Delivered to 1 of 1"_s), qPrintable(ann.lastState()));
    QCOMPARE(ann.texts(), QStringList{u"read this when you are back"_s});
    QTRY_COMPARE(bob->sidebar(u"Ann"_s, SidebarModel::UnreadRole).toInt(), 0);
}

void TestChatWindow::writesToSeveral()
{
    Room room;
    const quint16 port = room.server->port();
    Person ann(u"Ann"_s, port), bob(u"Bob"_s, port), cid(u"Cid"_s, port);
    QVERIFY(ann.connect() && bob.connect() && cid.connect());
    QVERIFY(ann.choose(u"Bob"_s));
    QVERIFY(ann.choose(u"Cid"_s, Qt::ControlModifier));
    QCOMPARE(ann.panel()->conversation().with, (std::vector{bob.id(), cid.id()}));
    ann.write(u"the three of us"_s);
    QTRY_VERIFY2(ann.lastState().startsWith(u"Delivered to 2 of 2"_s), qPrintable(ann.lastState()));
    QVERIFY(bob.choose(u"Ann and Cid"_s));
    QCOMPARE(bob.texts(), QStringList{u"the three of us"_s});
    bob.write(u"agreed"_s);
    QVERIFY(cid.choose(u"Ann and Bob"_s));
    QTRY_COMPARE(cid.texts(), (QStringList{u"the three of us"_s, u"agreed"_s}));
    QTRY_COMPARE(ann.texts(), (QStringList{u"the three of us"_s, u"agreed"_s}));
}

void TestChatWindow::opensTypedRecipients_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("title"); ///< empty: refused
    QTest::addColumn<QString>("says");
    QTest::newRow("an ID") << u"2"_s << u"Bob"_s << QString();
    QTest::newRow("a name") << u"bob"_s << u"Bob"_s << QString();
    QTest::newRow("the beginning of a name") << u"bo"_s << u"Bob"_s << QString();
    QTest::newRow("several") << u"2, 0"_s << u"Operator and Bob"_s << QString();
    QTest::newRow("a range") << u"2-3"_s << u"Bob and Client 3"_s << QString();
    QTest::newRow("everyone") << u"all"_s << u"Everyone"_s << QString();
    QTest::newRow("oneself") << u"1"_s << u"Notes to myself"_s << QString();
    QTest::newRow("an ID that is not there") << u"77"_s << u"Client 77"_s << QString();
    QTest::newRow("nobody's name") << u"zoe"_s << QString() << u"zoe"_s;
    QTest::newRow("too many") << u"1-99999999"_s << QString() << u"more recipients"_s;
}

void TestChatWindow::opensTypedRecipients()
{
    QFETCH(const QString, typed);
    QFETCH(const QString, title);
    QFETCH(const QString, says);
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    Person bob(u"Bob"_s, room.server->port());
    QVERIFY(ann.connect() && bob.connect());
    QTRY_VERIFY(ann.sidebar(u"Bob"_s, SidebarModel::PresenceRole).isValid());
    ann.activate();
    auto *to = ann.named<QLineEdit>(u"To"_s);
    QTest::mouseClick(to, Qt::LeftButton);
    QTest::keyClicks(to, typed);
    QTest::keyClick(to, Qt::Key_Return);
    if (title.isEmpty()) {
        QVERIFY(isTextShown(*ann.window(), says));
        QCOMPARE(to->text(), typed);
        return;
    }
    QVERIFY(isTextShown(*ann.window(), title));
    QVERIFY(to->text().isEmpty());
    QVERIFY(ann.named<QPlainTextEdit>(u"Message"_s)->hasFocus());
}

void TestChatWindow::countsUnread()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    Person bob(u"Bob"_s, room.server->port());
    QVERIFY(ann.connect() && bob.connect());
    QVERIFY(ann.choose(u"Bob"_s));
    bob.write(u"one"_s);
    bob.write(u"two"_s);
    QTRY_COMPARE(ann.sidebar(u"Everyone"_s, SidebarModel::UnreadRole).toInt(), 2);
    QTRY_VERIFY(ann.window()->windowTitle().startsWith(u"(2) "_s));
    QVERIFY(ann.choose(u"Everyone"_s));
    QTRY_COMPARE(ann.sidebar(u"Everyone"_s, SidebarModel::UnreadRole).toInt(), 0);
    QTRY_VERIFY(!ann.window()->windowTitle().startsWith(u'('));
    QCOMPARE(ann.texts(), (QStringList{u"one"_s, u"two"_s}));
}

void TestChatWindow::renames()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    Person bob(u"Bob"_s, room.server->port());
    QVERIFY(ann.connect() && bob.connect());
    ann.activate();
    auto *own = ann.window()->findChild<QPushButton *>(u"ownName"_s);
    QTRY_VERIFY(own->isVisible());
    QTimer::singleShot(0, [] {
        auto *dialog = qobject_cast<QInputDialog *>(QApplication::activeModalWidget());
        QVERIFY(dialog);
        dialog->setTextValue(u"Annabel"_s);
        dialog->accept();
    });
    QTest::mouseClick(own, Qt::LeftButton);
    QTRY_VERIFY(bob.sidebar(u"Annabel"_s, SidebarModel::PresenceRole).isValid());
    QTRY_VERIFY(own->text().startsWith(u"Annabel"_s));
}

void TestChatWindow::waitsForTheServer()
{
    Room room;
    const quint16 port = room.server->port();
    Person ann(u"Ann"_s, port);
    Person bob(u"Bob"_s, port);
    QVERIFY(ann.connect() && bob.connect());
    QVERIFY(room.server->stop());
    QTRY_VERIFY(ann.client()->state() != ChatClient::State::Online);
    ann.write(u"written while the server is away"_s);
    QTRY_COMPARE(ann.lastState(), u"Waiting to be sent"_s);
    QVERIFY(room.start(port));
    QTRY_COMPARE_WITH_TIMEOUT(bob.texts(), QStringList{u"written while the server is away"_s}, 20'000);
    // Bob may have come back after it was stored: then it was for nobody yet.
    QTRY_VERIFY2(ann.lastState().startsWith(u"Delivered to 1"_s), qPrintable(ann.lastState()));
    QCOMPARE(ann.texts().size(), 1);
}

void TestChatWindow::tellsWhoDoesNotExist()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    QVERIFY(ann.connect());
    auto *to = ann.named<QLineEdit>(u"To"_s);
    QTest::keyClicks(to, u"77"_s);
    QTest::keyClick(to, Qt::Key_Return);
    ann.write(u"anybody?"_s);
    QTRY_VERIFY2(ann.lastState().contains(u"77"_s), qPrintable(ann.lastState()));
}

void TestChatWindow::loadsOlderPages()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    QVERIFY(ann.connect());
    ann.panel()->controller()->post({}, chat::BodyKind::Text, "first of all", [](const auto &) {});
    for (int i = 1; i <= 600; ++i)
        ann.panel()->controller()->post({}, chat::BodyKind::Text, "message " + QByteArray::number(i),
                                        [](const auto &) {});
    QTRY_COMPARE_WITH_TIMEOUT(room.server->received().size(), 601, 20'000);

    Person bob(u"Bob"_s, room.server->port());
    QVERIFY(bob.connect());
    QTRY_VERIFY(!bob.texts().isEmpty());
    QTRY_COMPARE(bob.texts().last(), u"message 600"_s);
    QVERIFY(bob.texts().size() < 400);
    QVERIFY(bob.view()->isFollowing());

    // What is read stays in its place while older messages come in above it.
    QScrollBar *bar = bob.view()->verticalScrollBar();
    QTRY_VERIFY(bar->maximum() > 0);
    bar->setValue(bar->minimum());
    const QString read = bob.view()->indexAt(QPoint(100, 140)).data().toString();
    const qsizetype before = bob.texts().size();
    QTRY_VERIFY(bob.texts().size() > before);
    QTRY_COMPARE(bob.view()->indexAt(QPoint(100, 140)).data().toString(), read);
    QVERIFY(!bob.view()->isFollowing());
    QTRY_VERIFY_WITH_TIMEOUT((bar->setValue(bar->minimum()), bob.texts().first() == u"first of all"_s),
                             20'000);
    QStringList expected{u"first of all"_s};
    for (int i = 1; i <= 600; ++i)
        expected << u"message %1"_s.arg(i);
    QCOMPARE(bob.texts(), expected);

    auto *newest = bob.window()->findChild<QToolButton *>(u"newestMessage"_s);
    QVERIFY(newest->isVisible());
    bob.activate();
    QTest::mouseClick(newest, Qt::LeftButton);
    QTRY_COMPARE(bar->value(), bar->maximum());
    QVERIFY(bob.view()->isFollowing());
}

void TestChatWindow::searches()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    Person bob(u"Bob"_s, room.server->port());
    QVERIFY(ann.connect() && bob.connect());
    ann.panel()->controller()->post({}, chat::BodyKind::Text, "the needle lies here", [](const auto &) {});
    for (int i = 1; i <= 400; ++i)
        ann.panel()->controller()->post({}, chat::BodyKind::Text, "hay " + QByteArray::number(i),
                                        [](const auto &) {});
    QTRY_COMPARE_WITH_TIMEOUT(room.server->received().size(), 401, 20'000);

    bob.activate();
    auto *search = bob.named<QLineEdit>(u"Search messages"_s);
    QTest::mouseClick(search, Qt::LeftButton);
    QTest::keyClicks(search, u"NEEDLE"_s);
    auto *found = bob.named<QListView>(u"Found messages"_s);
    QTRY_COMPARE(found->model()->rowCount(), 1);
    QVERIFY(isTextShown(*bob.window(), u"1 message contains"_s));
    QTest::mouseClick(found->viewport(), Qt::LeftButton, {},
                      found->visualRect(found->model()->index(0, 0)).center());
    QTRY_VERIFY(bob.view()->isVisible());
    QTRY_VERIFY(bob.texts().contains(u"the needle lies here"_s));
    QTRY_COMPARE(bob.view()->currentIndex().data().toString(), u"the needle lies here"_s);
    QVERIFY(bob.view()->viewport()->rect().intersects(bob.view()->visualRect(bob.view()->currentIndex())));

    QTest::keyClicks(search, u" nowhere"_s);
    QTRY_VERIFY(isTextShown(*bob.window(), u"No message contains"_s));
    QTest::keyClick(search, Qt::Key_Escape);
    QTRY_VERIFY(bob.view()->isVisible());
}

void TestChatWindow::joinsAsNew()
{
    auto room = std::make_unique<Room>();
    const quint16 port = room->server->port();
    Person ann(u"Ann"_s, port);
    QVERIFY(ann.connect());
    ann.write(u"kept by the old server"_s);
    QTRY_COMPARE(room->server->received().size(), 1);
    // Another server in its place, which knows nobody.
    QVERIFY(room->server->stop());
    room = std::make_unique<Room>(port);
    auto *banner = ann.window()->findChild<ErrorBanner *>();
    QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible(), 20'000);
    QVERIFY2(banner->text().contains(u"token"_s), qPrintable(banner->text()));
    QTRY_COMPARE(ann.client()->state(), ChatClient::State::Offline);
    ann.activate();
    QTest::mouseClick(ann.named<QPushButton>(u"Join as Somebody New"_s), Qt::LeftButton);
    QTRY_COMPARE(ann.client()->state(), ChatClient::State::Online);
    QVERIFY(!banner->isVisible());
    ann.write(u"hello, new server"_s);
    QTRY_COMPARE(room->server->received(), QList<QByteArray>{"hello, new server"});
}

void TestChatWindow::givesWayToAnotherWindow()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    QVERIFY(ann.connect());
    ChatClient *client = ann.client();
    // The same person at another computer: her files were copied there.
    QTemporaryDir other;
    const QString from = client->config().chat->stateDir;
    QDirIterator files(from, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString file = files.next();
        const QString to = other.path() + u"/"_s + QDir(from).relativeFilePath(file);
        QDir().mkpath(QFileInfo(to).path());
        if (!file.endsWith("lock"_L1))
            QFile::copy(file, to);
    }
    ChatClient copy;
    ClientConfig config = client->config();
    config.chat->stateDir = other.path();
    copy.connectToServer(config);
    QTRY_COMPARE(copy.state(), ChatClient::State::Online);
    auto *banner = ann.window()->findChild<ErrorBanner *>();
    QTRY_VERIFY(banner->isVisible());
    QCOMPARE(client->state(), ChatClient::State::Offline);
    copy.disconnectFromServer();
    QTRY_COMPARE(copy.state(), ChatClient::State::Offline);
    ann.activate();
    QTest::mouseClick(ann.named<QPushButton>(u"Connect Here Again"_s), Qt::LeftButton);
    QTRY_COMPARE(client->state(), ChatClient::State::Online);
}

void TestChatWindow::saysThatItCannotStore()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    QVERIFY(ann.connect());
    ChatController *controller = ann.panel()->controller();
    auto *banner = ann.window()->findChild<ErrorBanner *>();
    ClientBatch batch;
    batch.events = {ChatNotice{chat::notice::CannotStore, u"The disk is full."_s}};
    controller->handleBatch(batch);
    QVERIFY(banner->isVisible());
    QCOMPARE(banner->text(), u"The disk is full."_s);
    batch.events = {ChatNotice{chat::notice::StoresAgain, u"It stores again."_s}};
    controller->handleBatch(batch);
    QVERIFY(!banner->isVisible());
}

void TestChatWindow::asksForAName()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    ann.activate();
    auto *name = ann.named<QLineEdit>(u"Name"_s);
    name->clear();
    QTest::mouseClick(ann.named<QPushButton>(u"Connect"_s), Qt::LeftButton);
    QCOMPARE(ann.client()->state(), ChatClient::State::Offline);
    QVERIFY(name->hasFocus());
    QTest::keyClicks(name, u"Zoe"_s);
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_COMPARE(ann.client()->state(), ChatClient::State::Online);
    QTRY_COMPARE(room.server->all<ClientNamed>().size(), size_t(1));
    QCOMPARE(room.server->last<ClientNamed>()->name, u"Zoe"_s);
    // The token is nobody else's business.
    QDirIterator files(ann.home(), QDir::Files, QDirIterator::Subdirectories);
    int kept = 0;
    while (files.hasNext()) {
        const QFileInfo file(files.next());
        ++kept;
        QVERIFY2(!(file.permissions() & (QFile::ReadGroup | QFile::ReadOther)), qPrintable(file.filePath()));
    }
    QVERIFY(kept > 0);
}

void TestChatWindow::keepsTheName()
{
    ClientWindow first;
    auto *name = findNamed<QLineEdit>(first, u"Name"_s);
    QVERIFY(!name->text().isEmpty()); // a guess
    name->setText(u"Ann of before"_s);
    first.close();
    ClientWindow second;
    QCOMPARE(findNamed<QLineEdit>(second, u"Name"_s)->text(), u"Ann of before"_s);
    auto *format = second.findChild<FrameFormatEditor *>();
    QVERIFY(format->isChat());
    format->setValue(FrameFormat::Lines);
    second.close();
    ClientWindow third;
    QVERIFY(!third.findChild<FrameFormatEditor *>()->isChat());
    third.show();
    QVERIFY(!findNamed<QLineEdit>(third, u"Name"_s)->isVisible());
    third.findChild<FrameFormatEditor *>()->setChat();
    QVERIFY(findNamed<QLineEdit>(third, u"Name"_s)->isVisible());
    QCOMPARE(findNamed<QLineEdit>(third, u"Name"_s)->text(), u"Ann of before"_s);
}

void TestChatWindow::namesItsControls()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    QVERIFY(ann.connect());
    verifyControlNames(*ann.window(), 9);
}

void TestChatWindow::sendsBytes()
{
    Room room;
    Person ann(u"Ann"_s, room.server->port());
    Person bob(u"Bob"_s, room.server->port());
    QVERIFY(ann.connect() && bob.connect());
    auto *composer = ann.panel()->findChild<Composer *>();
    composer->setMode(PayloadMode::Hex);
    ann.write(u"00 ff"_s);
    QTRY_COMPARE(bob.texts().size(), 1);
    QVERIFY2(bob.texts().first().startsWith(u"2 bytes"_s), qPrintable(bob.texts().first()));
    QCOMPARE(bob.view()->model()->index(0, 0).data(ThreadModel::BodyRole).toByteArray(),
             QByteArray("\x00\xff", 2));
}

QTEST_MAIN(TestChatWindow)
#include "tst_chatwindow.moc"

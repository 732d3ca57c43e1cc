// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/clientsettings.h"
#include "client-gui/window/clientwindow.h"
#include "common/widgets/composer.h"
#include "common/widgets/frameformateditor.h"
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/messagelogview.h"
#include "common/widgets/statuslabel.h"
#include "common/widgets/theme.h"
#include "tests/support/runningserver.h"
#include "tests/support/windowtest.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTableView>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

using State = ChatClient::State;

/// A port of this machine where nobody listens.
quint16 freePort()
{
    QTcpServer server;
    return server.listen(QHostAddress::LocalHost) ? server.serverPort() : quint16{0};
}

} // namespace

/// The real window, clicked and typed at, with plain sockets or a real server at the other end.
class TestClientWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void namesItsControls();
    void everyControlHasNames();
    void tabGoesThroughTheWindow();
    void menusShowShortcuts();
    void saysWhatToDoNext();
    void connectsAndDisconnects();
    void sendsAndReceives();
    void talksToServer_data();
    void talksToServer();
    void showsManyMessagesInOrder();
    void sendsHex();
    void keepsWhatCouldNotBeSent();
    void sendsStreamsWithoutConnection();
    void isDrivenByKeyboard();
    void splitsPastedAddresses_data();
    void splitsPastedAddresses();
    void refusedThenNow();
    void fieldsCanBeCorrectedWhileWaiting();
    void disconnectStopsTrying();
    void connectsAgainWhenServerReturns();
    void explainsOversizedMessages();
    void keepsSettings();
    void doesNotStoreWhatTheCommandLineSaid();
    void storedNonsenseIsIgnored();
    void choosesTheme();
    void fitsSmallScreens_data();
    void fitsSmallScreens();

private:
    template <typename T> T *named(const QString &accessibleName) const
    {
        return findNamed<T>(*m_window, accessibleName);
    }

    QPushButton *button(const QString &name) const { return named<QPushButton>(name); }

    QPlainTextEdit *message() const { return named<QPlainTextEdit>(u"Message"_s); }

    /// Of a plain connection; chat has one of its own.
    Composer *composer() const
    {
        return m_window->findChild<QWidget *>(u"messagePanel"_s)->findChild<Composer *>();
    }

    StatusLabel *status() const { return m_window->findChild<StatusLabel *>(u"status"_s); }

    QAction *action(const QString &objectName) const { return m_window->findChild<QAction *>(objectName); }

    MessageLogModel *log() const { return m_window->findChild<MessageLogModel *>(); }

    bool logContains(LogEntry::Kind kind, const QString &text) const { return hasEntry(*log(), kind, text); }

    bool isShown(const QString &text) const { return isTextShown(*m_window, text); }

    State state() const { return m_window->client()->state(); }

    void openWindow(const ClientOverrides &overrides);
    void fill(QWidget *field, const QString &text);
    void press(const QString &buttonName);
    void pressConnect(quint16 port);
    bool waitForRetry(qint64 olderDeadline = 0);
    QString composerError() const;

    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<ClientWindow> m_window;
};

void TestClientWindow::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QVERIFY(m_dir->isValid());
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_dir->path());
    // A window that was never used before begins with chat.
    openClientSettings()->setValue(u"connection/format"_s, u"u32le"_s);
    openWindow({});
}

void TestClientWindow::cleanup()
{
    m_window.reset();
    m_dir.reset();
}

void TestClientWindow::openWindow(const ClientOverrides &overrides)
{
    m_window.reset();
    m_window = std::make_unique<ClientWindow>(overrides);
    m_window->show();
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
}

/// As a person does: click into the field, select what is there, type over it.
void TestClientWindow::fill(QWidget *field, const QString &text)
{
    QTest::mouseClick(field, Qt::LeftButton);
    QTest::keyClick(field, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(field, text);
}

void TestClientWindow::press(const QString &buttonName)
{
    QPushButton *target = button(buttonName);
    QVERIFY(target);
    QVERIFY2(target->isEnabled() && target->isVisible(), qPrintable(buttonName));
    QTest::mouseClick(target, Qt::LeftButton);
}

void TestClientWindow::pressConnect(quint16 port)
{
    fill(named<QSpinBox>(u"Port"_s), QString::number(port));
    press(u"Connect"_s);
}

/// Until the client waits for an attempt later than the one that was due at `olderDeadline`.
bool TestClientWindow::waitForRetry(qint64 olderDeadline)
{
    return QTest::qWaitFor(
        [&] {
            return state() == State::WaitingToRetry
                && m_window->client()->retryDeadline().deadline() != olderDeadline;
        },
        20'000);
}

QString TestClientWindow::composerError() const
{
    return composer()->errorText();
}

void TestClientWindow::namesItsControls()
{
    QVERIFY(named<QLineEdit>(u"Host"_s));
    QVERIFY(named<QSpinBox>(u"Port"_s));
    QVERIFY(named<FrameFormatEditor>(u"Format"_s));
    QVERIFY(named<QPushButton>(u"Connect"_s));
    QVERIFY(named<QPushButton>(u"Disconnect"_s));
    QVERIFY(named<QTableView>(u"Messages"_s));
    QVERIFY(named<QPlainTextEdit>(u"Message"_s));
    QVERIFY(named<QPushButton>(u"Send"_s));
}

void TestClientWindow::everyControlHasNames()
{
    verifyControlNames(*m_window, 7);
}

void TestClientWindow::tabGoesThroughTheWindow()
{
    verifyTabOrder(
        named<QLineEdit>(u"Host"_s),
        {u"Host"_s, u"Port"_s, u"Format"_s, u"Encrypted (TLS)"_s, u"Connect"_s, u"Messages"_s, u"Message"_s});
}

void TestClientWindow::menusShowShortcuts()
{
    QStringList titles;
    QStringList keys;
    const auto menus = m_window->menuBar()->actions();
    for (const QAction *menu : menus) {
        titles.append(menu->text().remove(u'&'));
        const auto actions = menu->menu()->actions();
        for (const QAction *entry : actions) {
            const QString shortcut = entry->shortcut().toString();
            if (shortcut.isEmpty() || !entry->isVisible())
                continue;
            QVERIFY2(!keys.contains(shortcut), qPrintable(shortcut));
            keys.append(shortcut);
        }
    }
    QCOMPARE(titles, QStringList({u"Connection"_s, u"Edit"_s, u"View"_s, u"Help"_s}));
    for (const QString &shortcut : {u"Ctrl+R"_s, u"Ctrl+Shift+R"_s, u"F5"_s, u"Ctrl+Q"_s, u"Ctrl+C"_s,
                                    u"Ctrl+F"_s, u"Ctrl+M"_s, u"Ctrl+D"_s, u"Ctrl+L"_s, u"F1"_s}) {
        QVERIFY2(keys.contains(shortcut), qPrintable(shortcut));
    }
}

void TestClientWindow::saysWhatToDoNext()
{
    fill(named<QSpinBox>(u"Port"_s), u"4321"_s);
    QTRY_VERIFY(isShown(u"Press Connect to reach 127.0.0.1:4321"_s));
    fill(named<QLineEdit>(u"Host"_s), u" "_s);
    QTRY_VERIFY(isShown(u"Fill in the server's name or address"_s));
    fill(named<QLineEdit>(u"Host"_s), u"::1"_s);
    QTRY_VERIFY(isShown(u"Press Connect to reach [::1]:4321"_s));

    named<FrameFormatEditor>(u"Format"_s)->setValue(FrameFormat::Stream);
    QTRY_VERIFY(isShown(u"on a connection of its own"_s));
    QVERIFY(button(u"Send"_s)->isEnabled());
    named<FrameFormatEditor>(u"Format"_s)->setValue(FrameFormat::U32LE);
    QVERIFY(!button(u"Send"_s)->isEnabled());
}

void TestClientWindow::connectsAndDisconnects()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QVERIFY(named<QWidget>(u"Offline"_s));
    QVERIFY(!button(u"Disconnect"_s)->isEnabled());
    QVERIFY(!button(u"Send"_s)->isEnabled());
    QVERIFY(!button(u"Now"_s)->isVisible());

    pressConnect(server.serverPort());
    const QString where = u"Connected to 127.0.0.1:%1"_s.arg(server.serverPort());
    QTRY_VERIFY(named<QWidget>(where));
    QCOMPARE(status()->level(), StatusLevel::Ok);
    QTRY_VERIFY(logContains(LogEntry::Kind::Note, where));
    QVERIFY(m_window->windowTitle().startsWith(u"127.0.0.1:%1"_s.arg(server.serverPort())));
    QVERIFY(!button(u"Connect"_s)->isEnabled());
    QVERIFY(!named<QLineEdit>(u"Host"_s)->isEnabled());
    QVERIFY(!named<FrameFormatEditor>(u"Format"_s)->isEnabled());
    QVERIFY(button(u"Send"_s)->isEnabled());
    QTRY_VERIFY(message()->hasFocus());

    QTRY_VERIFY(server.hasPendingConnections());
    const std::unique_ptr<QTcpSocket> peer(server.nextPendingConnection());
    press(u"Disconnect"_s);
    QTRY_COMPARE(state(), State::Offline);
    QTRY_COMPARE(peer->state(), QAbstractSocket::UnconnectedState);
    QVERIFY(named<QWidget>(u"Offline"_s));
    QVERIFY(logContains(LogEntry::Kind::Note, u"Disconnected"_s));
    QVERIFY(named<QLineEdit>(u"Host"_s)->isEnabled());
    QVERIFY(button(u"Connect"_s)->isEnabled());
    QVERIFY(button(u"Connect"_s)->hasFocus());

    press(u"Connect"_s);
    QTRY_COMPARE(state(), State::Online);
}

void TestClientWindow::sendsAndReceives()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    pressConnect(server.serverPort());
    QTRY_VERIFY(server.hasPendingConnections());
    const std::unique_ptr<QTcpSocket> peer(server.nextPendingConnection());
    QTRY_COMPARE(state(), State::Online);

    fill(message(), u"gr"_s);
    QTest::sendKeyEvent(QTest::Click, message(), Qt::Key_Udiaeresis, u"ü"_s, Qt::NoModifier);
    QTest::sendKeyEvent(QTest::Click, message(), Qt::Key_ssharp, u"ß"_s, Qt::NoModifier);
    press(u"Send"_s);
    const QByteArray first = u32le("grüß");
    QTRY_COMPARE(peer->bytesAvailable(), first.size());
    QCOMPARE(peer->readAll(), first);
    QTRY_COMPARE(message()->toPlainText(), QString());
    QTRY_VERIFY(logContains(LogEntry::Kind::Outgoing, u"grüß"_s));

    QTest::keyClicks(message(), u"two"_s);
    QTest::keyClick(message(), Qt::Key_Return, Qt::ShiftModifier);
    QTest::keyClicks(message(), u"lines"_s);
    QTest::keyClick(message(), Qt::Key_Return);
    QTRY_COMPARE(peer->bytesAvailable(), 4 + 9);
    QCOMPARE(peer->readAll(), u32le("two\nlines"));

    const QByteArray answer = u32le("back at you");
    peer->write(answer.first(6));
    peer->flush();
    peer->write(answer.sliced(6) + u32le(QByteArray("\x00\xff", 2)));
    QTRY_VERIFY(logContains(LogEntry::Kind::Incoming, u"back at you"_s));
    QTRY_COMPARE(log()->entry(log()->rowCount() - 1).payload, QByteArray("\x00\xff", 2));
    auto *totals = m_window->findChild<QLabel *>(u"totals"_s);
    QTRY_COMPARE(totals->text().simplified(), u"In 2 · 13 B Out 2 · 15 B"_s);
}

void TestClientWindow::talksToServer_data()
{
    QTest::addColumn<FrameFormat>("format");
    for (const FrameFormat format : FrameFormat::all()) {
        if (!format.isAuto() && format.kind() != FrameFormat::Stream)
            QTest::newRow(qPrintable(format.toString())) << format;
    }
}

void TestClientWindow::talksToServer()
{
    QFETCH(FrameFormat, format);
    QTemporaryDir data;
    RunningServer server;
    server.config.dataDir = data.path();
    server.config.format = format;
    QVERIFY(server.start());

    named<FrameFormatEditor>(u"Format"_s)->setValue(format);
    pressConnect(server.port());
    QTRY_COMPARE(state(), State::Online);
    fill(message(), u"hello over there"_s);
    press(u"Send"_s);
    QTRY_COMPARE(server.received(), QList<QByteArray>{"hello over there"});

    QVERIFY(server.send(u"all"_s, "hello yourself"));
    QTRY_VERIFY(logContains(LogEntry::Kind::Incoming, u"hello yourself"_s));
}

void TestClientWindow::showsManyMessagesInOrder()
{
    constexpr int kCount = 5'000;
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    pressConnect(server.serverPort());
    QTRY_VERIFY(server.hasPendingConnections());
    const std::unique_ptr<QTcpSocket> peer(server.nextPendingConnection());
    QByteArray frames;
    for (int i = 0; i < kCount; ++i)
        frames += u32le(QByteArray::number(i));
    peer->write(frames);

    QTRY_COMPARE_WITH_TIMEOUT(log()->totals().rows, quint64{kCount + 1}, 20'000);
    int expected = 0;
    for (int row = 0; row < log()->rowCount(); ++row) {
        if (log()->entry(row).kind != LogEntry::Kind::Incoming)
            continue;
        QCOMPARE(log()->entry(row).payload, QByteArray::number(expected));
        ++expected;
    }
    QCOMPARE(expected, kCount);
}

void TestClientWindow::sendsHex()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    pressConnect(server.serverPort());
    QTRY_VERIFY(server.hasPendingConnections());
    const std::unique_ptr<QTcpSocket> peer(server.nextPendingConnection());
    QTRY_COMPARE(state(), State::Online);

    auto *mode = composer()->findChild<QComboBox *>();
    QVERIFY(mode);
    mode->setFocus();
    while (composer()->mode() != PayloadMode::Hex && mode->currentIndex() < mode->count() - 1)
        QTest::keyClick(mode, Qt::Key_Down);
    QCOMPARE(composer()->mode(), PayloadMode::Hex);

    fill(message(), u"00 fg"_s);
    press(u"Send"_s);
    QTRY_VERIFY(!composerError().isEmpty());
    QCOMPARE(message()->toPlainText(), u"00 fg"_s);

    fill(message(), u"00 ff 0d0a"_s);
    press(u"Send"_s);
    QTRY_COMPARE(peer->bytesAvailable(), 8);
    QCOMPARE(peer->readAll(), u32le(QByteArray("\x00\xff\r\n", 4)));
    QVERIFY(composerError().isEmpty());
}

void TestClientWindow::keepsWhatCouldNotBeSent()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    named<FrameFormatEditor>(u"Format"_s)->setValue(FrameFormat::U8);
    pressConnect(server.serverPort());
    QTRY_COMPARE(state(), State::Online);
    const QString tooLong(300, u'x');
    fill(message(), tooLong);
    press(u"Send"_s);
    QTRY_VERIFY(!composerError().isEmpty());
    QVERIFY2(composerError().contains(u"255"_s), qPrintable(composerError()));
    QCOMPARE(message()->toPlainText(), tooLong);
    QCOMPARE(state(), State::Online);
}

void TestClientWindow::sendsStreamsWithoutConnection()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    named<FrameFormatEditor>(u"Format"_s)->setValue(FrameFormat::Stream);
    fill(named<QSpinBox>(u"Port"_s), QString::number(server.serverPort()));

    for (const QByteArray &text : {QByteArray("first"), QByteArray("second")}) {
        fill(message(), QString::fromUtf8(text));
        press(u"Send"_s);
        QTRY_VERIFY(server.hasPendingConnections());
        const std::unique_ptr<QTcpSocket> peer(server.nextPendingConnection());
        // The end of the message is the end of the connection, so that the socket closes by itself.
        QTRY_COMPARE(peer->state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(peer->readAll(), text);
        QTRY_VERIFY(logContains(LogEntry::Kind::Outgoing, QString::fromUtf8(text)));
        QTRY_COMPARE(state(), State::Offline);
        QTRY_COMPARE(message()->toPlainText(), QString());
        QCOMPARE(status()->level(), StatusLevel::Off);
    }
}

void TestClientWindow::isDrivenByKeyboard()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const auto typeOver = [](const QString &text) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(QApplication::focusWidget(), text);
    };

    QTRY_VERIFY(button(u"Connect"_s)->hasFocus());
    for (int i = 0; i < 4; ++i)
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Backtab, Qt::ShiftModifier);
    QVERIFY(named<QLineEdit>(u"Host"_s)->hasFocus());
    typeOver(u"localhost"_s);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QVERIFY(named<QSpinBox>(u"Port"_s)->hasFocus());
    typeOver(QString::number(server.serverPort()));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QTRY_COMPARE(state(), State::Online);
    QVERIFY(status()->detail().contains(u"localhost"_s));

    // The cursor is where one goes on.
    QTRY_VERIFY(message()->hasFocus());
    QTRY_VERIFY(server.hasPendingConnections());
    std::unique_ptr<QTcpSocket> peer(server.nextPendingConnection());
    QTest::keyClicks(message(), u"no mouse"_s);
    QTest::keyClick(message(), Qt::Key_Return);
    QTRY_COMPARE(peer->bytesAvailable(), 4 + 8);
    QTRY_COMPARE(message()->toPlainText(), QString());
    QTest::keyClick(message(), Qt::Key_Up);
    QCOMPARE(message()->toPlainText(), u"no mouse"_s);

    QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE(state(), State::Offline);
    QVERIFY(message()->hasFocus());
    QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier);
    QTRY_COMPARE(state(), State::Online);
}

void TestClientWindow::splitsPastedAddresses_data()
{
    QTest::addColumn<QString>("pasted");
    QTest::addColumn<QString>("host");
    QTest::addColumn<int>("port");
    QTest::newRow("name and port") << u" chat.example.org:7000 "_s << u"chat.example.org"_s << 7000;
    QTest::newRow("IPv6 and port") << u"[::1]:7001"_s << u"::1"_s << 7001;
    QTest::newRow("IPv6 in brackets") << u"[fe80::1]"_s << u"fe80::1"_s << 4040;
    QTest::newRow("IPv6") << u"fe80::1"_s << u"fe80::1"_s << 4040;
    QTest::newRow("port 0") << u"localhost:0"_s << u"localhost:0"_s << 4040;
}

void TestClientWindow::splitsPastedAddresses()
{
    QFETCH(QString, pasted);
    QFETCH(QString, host);
    QFETCH(int, port);
    fill(named<QLineEdit>(u"Host"_s), pasted);
    QTest::keyClick(named<QLineEdit>(u"Host"_s), Qt::Key_Tab);
    QCOMPARE(named<QLineEdit>(u"Host"_s)->text(), host);
    QCOMPARE(named<QSpinBox>(u"Port"_s)->value(), port);
}

void TestClientWindow::refusedThenNow()
{
    const quint16 port = freePort();
    pressConnect(port);
    QVERIFY(waitForRetry());
    QTRY_VERIFY(button(u"Now"_s)->isVisible());
    QCOMPARE(status()->level(), StatusLevel::Warning);
    QVERIFY(status()->text().startsWith("Trying again "_L1));
    QVERIFY2(status()->detail().contains(u"127.0.0.1:%1 refused the connection"_s.arg(port)),
             qPrintable(status()->detail()));
    QVERIFY(logContains(LogEntry::Kind::Error, status()->detail()));
    QVERIFY(action(u"retryAction"_s)->isEnabled());

    // Each failure doubles the wait: soon it is so long that only Now can be what connects.
    for (int i = 0; i < 4; ++i) {
        const qint64 due = m_window->client()->retryDeadline().deadline();
        press(u"Now"_s);
        QVERIFY(waitForRetry(due));
    }
    const QString before = status()->text();
    QVERIFY(before.startsWith("Trying again in "_L1));
    QTRY_VERIFY(status()->text() != before);
    QVERIFY(status()->text().startsWith("Trying again in "_L1));

    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost, port));
    const QDeadlineTimer due = m_window->client()->retryDeadline();
    press(u"Now"_s);
    QTRY_COMPARE(state(), State::Online);
    QVERIFY(!due.hasExpired());
    QVERIFY(!button(u"Now"_s)->isVisible());
    QVERIFY(!action(u"retryAction"_s)->isEnabled());
}

void TestClientWindow::fieldsCanBeCorrectedWhileWaiting()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    pressConnect(freePort());
    QVERIFY(waitForRetry());
    QVERIFY(button(u"Connect"_s)->isEnabled());
    fill(named<QSpinBox>(u"Port"_s), QString::number(server.serverPort()));
    QTest::keyClick(named<QSpinBox>(u"Port"_s), Qt::Key_Return);
    QTRY_VERIFY(named<QWidget>(u"Connected to 127.0.0.1:%1"_s.arg(server.serverPort())));
}

void TestClientWindow::disconnectStopsTrying()
{
    pressConnect(freePort());
    QVERIFY(waitForRetry());
    press(u"Disconnect"_s);
    QTRY_COMPARE(state(), State::Offline);
    QVERIFY(named<QWidget>(u"Offline"_s));
    QVERIFY(!button(u"Now"_s)->isVisible());
    QVERIFY(!button(u"Disconnect"_s)->isEnabled());
    QVERIFY(button(u"Connect"_s)->isEnabled());
}

void TestClientWindow::connectsAgainWhenServerReturns()
{
    auto server = std::make_unique<QTcpServer>();
    QVERIFY(server->listen(QHostAddress::LocalHost));
    const quint16 port = server->serverPort();
    pressConnect(port);
    QTRY_COMPARE(state(), State::Online);
    QTRY_VERIFY(server->hasPendingConnections());
    fill(message(), u"written while"_s);

    server.reset();
    QVERIFY(waitForRetry());
    QVERIFY(!status()->detail().isEmpty());
    QVERIFY(!button(u"Send"_s)->isEnabled());
    // One can go on writing.
    QVERIFY(message()->hasFocus());
    QTest::keyClicks(message(), u" it is away"_s);

    QTcpServer again;
    QVERIFY(again.listen(QHostAddress::LocalHost, port));
    QTRY_COMPARE_WITH_TIMEOUT(state(), State::Online, 20'000);
    QTRY_VERIFY(again.hasPendingConnections());
    const std::unique_ptr<QTcpSocket> peer(again.nextPendingConnection());
    QTest::keyClick(message(), Qt::Key_Return);
    const QByteArray frame = u32le("written while it is away");
    QTRY_COMPARE(peer->bytesAvailable(), frame.size());
    QCOMPARE(peer->readAll(), frame);
}

void TestClientWindow::explainsOversizedMessages()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    pressConnect(server.serverPort());
    QTRY_VERIFY(server.hasPendingConnections());
    const std::unique_ptr<QTcpSocket> peer(server.nextPendingConnection());
    peer->write(QByteArray("\xff\xff\xff\x7f", 4));
    QTRY_COMPARE(state(), State::Offline);
    QCOMPARE(status()->text(), u"Offline"_s);
    QCOMPARE(status()->level(), StatusLevel::Error);
    QVERIFY(!status()->detail().isEmpty());
    QTRY_VERIFY(logContains(LogEntry::Kind::Error, status()->detail()));
}

void TestClientWindow::keepsSettings()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    fill(named<QLineEdit>(u"Host"_s), u"localhost"_s);
    named<FrameFormatEditor>(u"Format"_s)->setValue(FrameFormat::Lines);
    pressConnect(server.serverPort());
    QTRY_COMPARE(state(), State::Online);
    fill(message(), u"remember me"_s);
    QTest::keyClick(message(), Qt::Key_Return);
    QTRY_COMPARE(message()->toPlainText(), QString());
    auto *view = m_window->findChild<MessageLogView *>();
    const bool detail = !view->isDetailVisible();
    QTest::keyClick(m_window.get(), Qt::Key_D, Qt::ControlModifier);
    QCOMPARE(view->isDetailVisible(), detail);
    m_window->resize(777, 555);
    QTRY_COMPARE(m_window->size(), QSize(777, 555));
    m_window->close();

    openWindow({});
    QCOMPARE(named<QLineEdit>(u"Host"_s)->text(), u"localhost"_s);
    QCOMPARE(named<QSpinBox>(u"Port"_s)->value(), int(server.serverPort()));
    QCOMPARE(named<FrameFormatEditor>(u"Format"_s)->value(), FrameFormat(FrameFormat::Lines));
    QTRY_COMPARE(m_window->size(), QSize(777, 555));
    QCOMPARE(m_window->findChild<MessageLogView *>()->isDetailVisible(), detail);
    message()->setFocus();
    QTest::keyClick(message(), Qt::Key_Up);
    QCOMPARE(message()->toPlainText(), u"remember me"_s);
}

void TestClientWindow::doesNotStoreWhatTheCommandLineSaid()
{
    ClientOverrides overrides;
    overrides.host = u"elsewhere"_s;
    overrides.port = quint16{4999};
    overrides.format = FrameFormat::U16BE;
    openWindow(overrides);
    QCOMPARE(named<QLineEdit>(u"Host"_s)->text(), u"elsewhere"_s);
    QCOMPARE(named<QSpinBox>(u"Port"_s)->value(), 4999);
    QCOMPARE(named<FrameFormatEditor>(u"Format"_s)->value(), FrameFormat(FrameFormat::U16BE));
    fill(named<QSpinBox>(u"Port"_s), u"5000"_s);
    m_window->close();

    openWindow({});
    QCOMPARE(named<QLineEdit>(u"Host"_s)->text(), ClientConfig().host);
    QCOMPARE(named<QSpinBox>(u"Port"_s)->value(), 5000);
    QCOMPARE(named<FrameFormatEditor>(u"Format"_s)->value(), ClientConfig().format);
}

void TestClientWindow::storedNonsenseIsIgnored()
{
    m_window->close();
    {
        QSettings settings(QSettings::IniFormat, QSettings::UserScope, u"Wireroom"_s, u"wireroom"_s);
        settings.setValue(u"connection/host"_s, u"  "_s);
        settings.setValue(u"connection/port"_s, u"70000"_s);
        settings.setValue(u"connection/format"_s, u"auto"_s);
        settings.setValue(u"window/theme"_s, u"purple"_s);
        settings.setValue(u"window/geometry"_s, QByteArray("nonsense"));
        settings.setValue(u"window/log"_s, QByteArray("nonsense"));
        settings.setValue(u"composer/mode"_s, 77);
    }
    openWindow({});
    QCOMPARE(named<QLineEdit>(u"Host"_s)->text(), ClientConfig().host);
    QCOMPARE(named<QSpinBox>(u"Port"_s)->value(), int(ClientConfig().port));
    QCOMPARE(named<FrameFormatEditor>(u"Format"_s)->value(), ClientConfig().format);
    QCOMPARE(composer()->mode(), PayloadMode::Text);
}

void TestClientWindow::choosesTheme()
{
    const auto choose = [this](const QString &text) {
        const auto actions = m_window->findChildren<QAction *>();
        for (QAction *candidate : actions) {
            if (candidate->text().remove(u'&').startsWith(text))
                return candidate->trigger(), true;
        }
        return false;
    };
    QVERIFY(choose(u"Dark"_s));
    QTRY_VERIFY(isDark(m_window->palette()));
    m_window->close();
    openWindow({});
    QVERIFY(isDark(m_window->palette()));
    QVERIFY(choose(u"Light"_s));
    QTRY_VERIFY(!isDark(m_window->palette()));
}

void TestClientWindow::fitsSmallScreens_data()
{
    QTest::addColumn<QSize>("size");
    QTest::newRow("800x600") << QSize(800, 600);
    QTest::newRow("640x480") << QSize(640, 480);
}

void TestClientWindow::fitsSmallScreens()
{
    QFETCH(const QSize, size);
    verifyFits(*m_window, size,
               {u"Host"_s, u"Port"_s, u"Format"_s, u"Connect"_s, u"Disconnect"_s, u"Messages"_s, u"Message"_s,
                u"Send"_s});
}

QTEST_MAIN(TestClientWindow)
#include "tst_clientwindow.moc"

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/chatpanel.h"
#include "client-gui/window/clientwindow.h"
#include "common/widgets/errorbanner.h"
#include "tests/support/chatpeer.h"
#include "tests/support/runningserver.h"
#include "tests/support/scriptedchatserver.h"
#include "tests/support/windowtest.h"

#include <QAction>
#include <QCheckBox>
#include <QDirIterator>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>

#include <memory>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// What the client window asks for when the server does not let it in as it is.
class TestClientIdentity : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home->filePath(u"settings"_s));
        m_server = std::make_unique<RunningServer>();
    }

    void cleanup() { m_window.reset(); }

    void asksForThePassword()
    {
        m_server->config.password = u"open sesame"_s;
        QVERIFY(m_server->start());
        openWindow(u"Ann"_s);
        press(u"Connect"_s);
        auto *banner = m_window->findChild<ErrorBanner *>();
        QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible(), 10'000);
        QCOMPARE(banner->text(), u"This server asks for a password."_s);
        auto *field = findNamed<QLineEdit>(*m_window, u"Password"_s);
        QVERIFY(field && field->isVisible());
        QCOMPARE(field->echoMode(), QLineEdit::Password);
        QVERIFY(!findNamed<QPushButton>(*m_window, u"Join"_s)->isEnabled());
        verifyControlNames(*m_window, 5);

        QTest::mouseClick(field, Qt::LeftButton);
        QTest::keyClicks(field, u"open"_s);
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(banner->text(), u"The password is wrong."_s, 10'000);
        QVERIFY(field->text().isEmpty());
        QVERIFY(m_server->waitFor<LoginFailed>());

        QTest::mouseClick(field, Qt::LeftButton);
        QTest::keyClicks(field, u"open sesame"_s);
        press(u"Join"_s);
        QTRY_VERIFY_WITH_TIMEOUT(isOnline(), 10'000);
        QVERIFY(!banner->isVisible());

        // It is known as long as the window is there, and written nowhere.
        QVERIFY(m_server->stop());
        m_window->close();
        QDirIterator files(m_home->path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        int count = 0;
        while (files.hasNext()) {
            QFile file(files.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            QVERIFY2(!file.readAll().contains("sesame"), qPrintable(file.fileName()));
            ++count;
        }
        QVERIFY(count > 0);
    }

    void givesItAgainWhenTheRoomIsNew()
    {
        m_server->config.password = u"open sesame"_s;
        QVERIFY(m_server->start());
        openWindow(u"Ann"_s);
        press(u"Connect"_s);
        QTRY_VERIFY_WITH_TIMEOUT(findNamed<QLineEdit>(*m_window, u"Password"_s)
                                     && findNamed<QLineEdit>(*m_window, u"Password"_s)->isVisible(),
                                 10'000);
        QTest::keyClicks(findNamed<QLineEdit>(*m_window, u"Password"_s), u"open sesame"_s);
        press(u"Join"_s);
        QTRY_VERIFY_WITH_TIMEOUT(isOnline(), 10'000);
        // Somebody else, at the same server: the password is known.
        press(u"Disconnect"_s);
        QTRY_VERIFY(m_window->client()->state() == ChatClient::State::Offline);
        auto *name = findNamed<QLineEdit>(*m_window, u"Name"_s);
        QVERIFY(name);
        name->selectAll();
        QTest::keyClicks(name, u"Bob"_s);
        press(u"Connect"_s);
        QTRY_VERIFY_WITH_TIMEOUT(isOnline(), 10'000);
        QTRY_COMPARE(m_server->last<ClientNamed>()->name, u"Bob"_s);
        QCOMPARE(m_server->all<LoginFailed>().size(), size_t(0));
    }

    void offersAnotherName()
    {
        QVERIFY(m_server->start());
        ChatPeer first;
        QVERIFY(first.join(m_server->port(), u"Ann"_s));
        openWindow(u"ann"_s);
        press(u"Connect"_s);
        auto *banner = m_window->findChild<ErrorBanner *>();
        QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible(), 10'000);
        QVERIFY2(banner->text().contains(u"belongs to somebody else"_s), qPrintable(banner->text()));
        auto *field = findNamed<QLineEdit>(*m_window, u"Another name"_s);
        QVERIFY(field && field->isVisible());
        QCOMPARE(field->text(), u"ann 2"_s);
        QCOMPARE(field->echoMode(), QLineEdit::Normal);
        press(u"Join as This"_s);
        QTRY_VERIFY_WITH_TIMEOUT(isOnline(), 10'000);
        QVERIFY(!banner->isVisible());
        QTRY_COMPARE(m_server->last<ClientNamed>()->name, u"ann 2"_s);
        QCOMPARE(findNamed<QLineEdit>(*m_window, u"Name"_s)->text(), u"ann 2"_s);
    }

    void sendsThePasswordUnencryptedWhereItMay()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        openWindow(u"Ann"_s, server.port());
        QVERIFY(!unencrypted()->isChecked() && unencrypted()->isEnabled());
        press(u"Connect"_s);
        QVERIFY(server.next<chat::Hello>());
        server.send(chat::Refused{chat::refusal::Password, u"This server asks for a password."_s});
        QTRY_VERIFY(findNamed<QLineEdit>(*m_window, u"Password"_s)
                    && findNamed<QLineEdit>(*m_window, u"Password"_s)->isVisible());
        QTest::keyClicks(findNamed<QLineEdit>(*m_window, u"Password"_s), u"open sesame"_s);
        press(u"Join"_s);
        QVERIFY(server.waitForConnections(2) && server.next<chat::Hello>());
        // As the client says itself of a server on another machine.
        server.send(chat::Refused{chat::refusal::NeedsTls, u"Others could read it."_s});
        auto *banner = m_window->findChild<ErrorBanner *>();
        QTRY_COMPARE(banner->text(), u"Others could read it."_s);
        QVERIFY(!m_window->client()->config().chat->passwordUnencrypted);

        // The warning, and no.
        press(u"Send It Unencrypted …"_s);
        QTRY_VERIFY(question() && question()->isVisible());
        QVERIFY(question()->text().contains(place(server.port())));
        QVERIFY(question()->informativeText().contains(u"can read the password"_s));
        QCOMPARE(question()->defaultButton(), question()->button(QMessageBox::Cancel));
        QTest::mouseClick(question()->button(QMessageBox::Cancel), Qt::LeftButton);
        QTRY_VERIFY(!question());
        QVERIFY(!unencrypted()->isChecked());
        QCOMPARE(server.connections, 2);

        // Yes.
        press(u"Send It Unencrypted …"_s);
        QTRY_VERIFY(question() && question()->isVisible());
        QTest::mouseClick(question()->findChild<QPushButton *>(u"sendUnencrypted"_s), Qt::LeftButton);
        QVERIFY(server.waitForConnections(3));
        const std::optional<chat::Hello> hello = server.letIn();
        QVERIFY(hello && hello->password == u"open sesame"_s);
        QTRY_VERIFY(isOnline());
        QVERIFY(m_window->client()->config().chat->passwordUnencrypted);
        QVERIFY(unencrypted()->isChecked());
        QVERIFY(!banner->isVisible());

        // It is remembered, for that server alone.
        m_window->close();
        openWindow(u"Ann"_s, server.port());
        QVERIFY(unencrypted()->isChecked());
        auto *tls = m_window->findChild<QCheckBox *>(u"tls"_s);
        tls->setChecked(true);
        QVERIFY(!unencrypted()->isEnabled());
        tls->setChecked(false);
        QVERIFY(unencrypted()->isEnabled());
        findNamed<QLineEdit>(*m_window, u"Host"_s)->setText(u"elsewhere.example"_s);
        QVERIFY(!unencrypted()->isChecked());
        findNamed<QLineEdit>(*m_window, u"Host"_s)->setText(u"127.0.0.1"_s);
        QVERIFY(unencrypted()->isChecked());

        // Off again, without a question.
        unencrypted()->trigger();
        QVERIFY(!unencrypted()->isChecked() && !question());
        press(u"Connect"_s);
        QVERIFY(server.waitForConnections(4));
        QVERIFY(!m_window->client()->config().chat->passwordUnencrypted);
        m_window->close();
        openWindow(u"Ann"_s, server.port());
        QVERIFY(!unencrypted()->isChecked());

        // The menu's switch asks likewise.
        unencrypted()->trigger();
        QVERIFY(!unencrypted()->isChecked());
        QTRY_VERIFY(question() && question()->isVisible());
        QTest::mouseClick(question()->findChild<QPushButton *>(u"sendUnencrypted"_s), Qt::LeftButton);
        QTRY_VERIFY(unencrypted()->isChecked());
        QCOMPARE(server.connections, 4);
    }

    /// Where the server does not take it, there is nothing to switch on.
    void offersNothingWhereTheServerWantsTls()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        openWindow(u"Ann"_s, server.port());
        press(u"Connect"_s);
        QVERIFY(server.next<chat::Hello>());
        server.send(chat::Refused{chat::refusal::NeedsTls, u"Over encrypted connections only."_s});
        QTRY_COMPARE(m_window->findChild<ErrorBanner *>()->text(), u"Over encrypted connections only."_s);
        QVERIFY(!m_window->findChild<QPushButton *>(u"errorBannerAction"_s)->isVisible());
    }

private:
    void openWindow(const QString &name) { openWindow(name, m_server->port()); }

    void openWindow(const QString &name, quint16 port)
    {
        ClientOverrides overrides;
        overrides.host = u"127.0.0.1"_s;
        overrides.port = port;
        overrides.name = name;
        overrides.stateDir = m_home->filePath(u"state"_s);
        m_window = std::make_unique<ClientWindow>(overrides);
        m_window->resize(900, 640);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }

    void press(const QString &name)
    {
        auto *button = findNamed<QPushButton>(*m_window, name);
        QVERIFY2(button && button->isVisible() && button->isEnabled(), qPrintable(name));
        QTest::mouseClick(button, Qt::LeftButton);
    }

    QAction *unencrypted() const { return m_window->findChild<QAction *>(u"unencryptedPasswordAction"_s); }

    QMessageBox *question() const { return m_window->findChild<QMessageBox *>(u"confirmUnencrypted"_s); }

    static QString place(quint16 port) { return u"127.0.0.1:%1"_s.arg(port); }

    bool isOnline() const { return m_window->client()->state() == ChatClient::State::Online; }

    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<RunningServer> m_server;
    std::unique_ptr<ClientWindow> m_window;
};

QTEST_MAIN(TestClientIdentity)
#include "tst_clientidentity.moc"

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/chatpanel.h"
#include "client-gui/window/clientwindow.h"
#include "common/widgets/errorbanner.h"
#include "tests/support/chatpeer.h"
#include "tests/support/runningserver.h"
#include "tests/support/windowtest.h"

#include <QDirIterator>
#include <QLineEdit>
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

private:
    void openWindow(const QString &name)
    {
        ClientOverrides overrides;
        overrides.port = m_server->port();
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

    bool isOnline() const { return m_window->client()->state() == ChatClient::State::Online; }

    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<RunningServer> m_server;
    std::unique_ptr<ClientWindow> m_window;
};

QTEST_MAIN(TestClientIdentity)
#include "tst_clientidentity.moc"

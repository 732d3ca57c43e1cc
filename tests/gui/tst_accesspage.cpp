// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/accesspage.h"
#include "server-gui/window/serverwindow.h"
#include "server-gui/window/settingsdialog.h"
#include "tests/support/chatpeer.h"
#include "tests/support/windowtest.h"

#include <QAction>
#include <QCheckBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTabWidget>
#include <QTemporaryDir>

#include <memory>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// The settings' page that says who may join, clicked and typed at in the server's window.
class TestAccessPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home->filePath(u"config"_s));
        openWindow();
    }

    void cleanup() { m_window.reset(); }

    void setsChangesAndRemoves_data()
    {
        QTest::addColumn<bool>("isRunning");
        QTest::newRow("while it runs") << true;
        QTest::newRow("before it runs") << false;
    }

    void setsChangesAndRemoves()
    {
        QFETCH(const bool, isRunning);
        if (isRunning)
            QVERIFY(start());
        SettingsDialog *dialog = open();
        QVERIFY(dialog);
        QCOMPARE(state(dialog), u"none"_s);
        QVERIFY(!button(dialog, u"Set the password"_s)->isEnabled());
        QVERIFY(!button(dialog, u"Remove the password"_s)->isEnabled());
        verifyControlNames(*dialog, 5);
        QVERIFY(findNamed<QLineEdit>(*dialog, u"New password"_s)->hasFocus());

        auto *field = findNamed<QLineEdit>(*dialog, u"New password"_s);
        QCOMPARE(field->echoMode(), QLineEdit::Password);
        QTest::mouseClick(field, Qt::LeftButton);
        QTest::keyClicks(field, u"open sesame"_s);
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(state(dialog), u"A password is asked for"_s, 20'000);
        QVERIFY(dialog->isVisible() && field->text().isEmpty());
        QVERIFY(isRunning || start());
        QCOMPARE(tryToJoin(u"Ann"_s, {}), chat::refusal::Password);
        QCOMPARE(tryToJoin(u"Ann"_s, u"open sesame"_s), QString());

        QVERIFY(field->hasFocus());
        QTest::keyClicks(field, u"another"_s);
        QTest::mouseClick(button(dialog, u"Change the password"_s), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(field->text().isEmpty(), 20'000);
        QCOMPARE(tryToJoin(u"Bob"_s, u"open sesame"_s), chat::refusal::Password);
        QCOMPARE(tryToJoin(u"Bob"_s, u"another"_s), QString());

        QTest::mouseClick(button(dialog, u"Remove the password"_s), Qt::LeftButton);
        QTRY_COMPARE(state(dialog), u"none"_s);
        QCOMPARE(tryToJoin(u"Cid"_s, {}), QString());
    }

    void saysWhyItCannotBeKept()
    {
        openWindow(u"/proc/nowhere"_s);
        SettingsDialog *dialog = open();
        QVERIFY(dialog);
        auto *field = findNamed<QLineEdit>(*dialog, u"New password"_s);
        QTest::keyClicks(field, u"x"_s);
        QTest::mouseClick(button(dialog, u"Set the password"_s), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(isTextShown(*dialog, u"cannot be written"_s), 20'000);
        QCOMPARE(state(dialog), u"none"_s);
        QCOMPARE(field->text(), u"x"_s);
    }

    /// Nobody shall believe that the room is closed when it is not.
    void doesNotCloseOverAPasswordThatIsNotSet()
    {
        SettingsDialog *dialog = open();
        QVERIFY(dialog);
        auto *field = findNamed<QLineEdit>(*dialog, u"New password"_s);
        QTest::keyClicks(field, u"typed only"_s);
        QTest::mouseClick(button(dialog, u"OK"_s), Qt::LeftButton);
        QVERIFY(dialog->isVisible() && isTextShown(*dialog, u"press “Set”"_s));
        field->clear();
        QVERIFY(!isTextShown(*dialog, u"press “Set”"_s));
        QTest::mouseClick(button(dialog, u"OK"_s), Qt::LeftButton);
        QTRY_VERIFY(!m_window->findChild<SettingsDialog *>());
        QVERIFY(start());
        QCOMPARE(tryToJoin(u"Ann"_s, {}), QString());
    }

    /// What the command line said is over then.
    void replacesTheOneOfTheCommandLine()
    {
        openWindow(m_home->filePath(u"data"_s), u"old"_s);
        SettingsDialog *dialog = open();
        QVERIFY(dialog);
        QCOMPARE(state(dialog), u"A password is asked for"_s);
        QTest::keyClicks(findNamed<QLineEdit>(*dialog, u"New password"_s), u"new"_s);
        QTest::mouseClick(button(dialog, u"Change the password"_s), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(findNamed<QLineEdit>(*dialog, u"New password"_s)->text().isEmpty(), 20'000);
        QTest::mouseClick(button(dialog, u"OK"_s), Qt::LeftButton);
        QTRY_VERIFY(!m_window->findChild<SettingsDialog *>());
        QVERIFY(start());
        QCOMPARE(tryToJoin(u"Ann"_s, u"old"_s), chat::refusal::Password);
        QCOMPARE(tryToJoin(u"Ann"_s, u"new"_s), QString());
        dialog = open();
        QVERIFY(dialog);
        QCOMPARE(state(dialog), u"A password is asked for"_s);
    }

    void opensAtThePage()
    {
        SettingsDialog *dialog = open();
        QVERIFY(dialog);
        auto *pages = dialog->findChild<QTabWidget *>(u"settingsPages"_s);
        QCOMPARE(pages->tabText(pages->currentIndex()), u"Access"_s);
        dialog->reject();
        QTRY_VERIFY(!m_window->findChild<SettingsDialog *>());
        m_window->findChild<QAction *>(u"settingsAction"_s)->trigger();
        pages = m_window->findChild<QTabWidget *>(u"settingsPages"_s);
        QCOMPARE(pages->tabText(pages->currentIndex()), u"General"_s);
    }

    void keepsTheSettings()
    {
        SettingsDialog *dialog = open();
        QVERIFY(dialog);
        auto *unencrypted = dialog->findChild<QCheckBox *>(u"passwordUnencrypted"_s);
        auto *days = dialog->findChild<QSpinBox *>(u"freeNamesDays"_s);
        QVERIFY(!unencrypted->isChecked() && days->value() == 0);
        QTest::mouseClick(unencrypted, Qt::LeftButton, {}, QPoint(8, unencrypted->height() / 2));
        days->setFocus();
        days->selectAll();
        QTest::keyClicks(days, u"30"_s);
        QTest::mouseClick(button(dialog, u"OK"_s), Qt::LeftButton);
        QTRY_VERIFY(!m_window->findChild<SettingsDialog *>());
        m_window->close();
        m_window.reset();
        openWindow();
        QVERIFY(start());
        QVERIFY(m_window->server()->config().passwordUnencrypted);
        QCOMPARE(m_window->server()->config().freeNamesDays, 30);
        dialog = open();
        QVERIFY(dialog->findChild<QCheckBox *>(u"passwordUnencrypted"_s)->isChecked());
        QCOMPARE(dialog->findChild<QSpinBox *>(u"freeNamesDays"_s)->value(), 30);
    }

private:
    void openWindow() { openWindow(m_home->filePath(u"data"_s)); }

    void openWindow(const QString &dataDir, const std::optional<QString> &password = {})
    {
        ServerOverrides overrides;
        overrides.address = u"127.0.0.1"_s;
        overrides.port = 0;
        overrides.dataDir = dataDir;
        overrides.identity.password = password;
        m_window = std::make_unique<ServerWindow>(overrides);
        m_window->show();
    }

    bool start()
    {
        m_window->start();
        return QTest::qWaitFor([this] { return m_window->server()->state() == ChatServer::State::Listening; },
                               10'000);
    }

    static QString state(const QWidget *dialog)
    {
        return dialog->findChild<QLabel *>(u"passwordState"_s)->text();
    }

    SettingsDialog *open()
    {
        m_window->findChild<QAction *>(u"identityAction"_s)->trigger();
        auto *dialog = m_window->findChild<SettingsDialog *>();
        return dialog && QTest::qWaitForWindowExposed(dialog) ? dialog : nullptr;
    }

    static QPushButton *button(const QWidget *dialog, const QString &name)
    {
        return findNamed<QPushButton>(*dialog, name);
    }

    QString tryToJoin(const QString &name, const std::optional<QString> &password)
    {
        ChatPeer peer;
        if (!peer.peer.connectTo(m_window->server()->listeningPort()))
            return u"no connection"_s;
        peer.send(chat::Hello{chat::kVersion, name, {}, 0, password});
        const bool isAnswered = QTest::qWaitFor(
            [&] { return !peer.all<chat::Welcome>().empty() || !peer.all<chat::Refused>().empty(); }, 20'000);
        if (!isAnswered)
            return u"no answer"_s;
        return peer.all<chat::Welcome>().empty() ? peer.all<chat::Refused>().back().code : QString();
    }

    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<ServerWindow> m_window;
};

QTEST_MAIN(TestAccessPage)
#include "tst_accesspage.moc"

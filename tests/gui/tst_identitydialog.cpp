// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/identitydialog.h"
#include "server-gui/window/serverwindow.h"
#include "tests/support/chatpeer.h"
#include "tests/support/windowtest.h"

#include <QAction>
#include <QCheckBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTemporaryDir>

#include <memory>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// The dialog that says who may join, clicked and typed at in the server's window.
class TestIdentityDialog : public QObject
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
        IdentityDialog *dialog = open();
        QVERIFY(isTextShown(*dialog, u"join without a password"_s));
        QVERIFY(!button(dialog, u"Set the password"_s)->isEnabled());
        QVERIFY(!button(dialog, u"Remove the password"_s)->isEnabled());
        verifyControlNames(*dialog, 5);
        QVERIFY(findNamed<QLineEdit>(*dialog, u"New password"_s)->hasFocus());

        auto *field = findNamed<QLineEdit>(*dialog, u"New password"_s);
        QCOMPARE(field->echoMode(), QLineEdit::Password);
        QTest::mouseClick(field, Qt::LeftButton);
        QTest::keyClicks(field, u"open sesame"_s);
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(isTextShown(*dialog, u"need the password"_s), 20'000);
        QVERIFY(dialog->isVisible() && field->text().isEmpty());
        QVERIFY(isRunning || start());
        QCOMPARE(tryToJoin(u"Ann"_s, {}), chat::refusal::Password);
        QCOMPARE(tryToJoin(u"Ann"_s, u"open sesame"_s), QString());

        QTest::keyClicks(field, u"another"_s);
        QTest::mouseClick(button(dialog, u"Change the password"_s), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(field->text().isEmpty(), 20'000);
        QCOMPARE(tryToJoin(u"Bob"_s, u"open sesame"_s), chat::refusal::Password);
        QCOMPARE(tryToJoin(u"Bob"_s, u"another"_s), QString());

        QTest::mouseClick(button(dialog, u"Remove the password"_s), Qt::LeftButton);
        QTRY_VERIFY(isTextShown(*dialog, u"join without a password"_s));
        QCOMPARE(tryToJoin(u"Cid"_s, {}), QString());
    }

    void saysWhyItCannotBeKept()
    {
        ServerConfig config;
        config.dataDir = u"/proc/nowhere"_s;
        IdentityDialog dialog(m_window->server(), config);
        dialog.show();
        auto *field = findNamed<QLineEdit>(dialog, u"New password"_s);
        QTest::keyClicks(field, u"x"_s);
        QTest::mouseClick(button(&dialog, u"Set the password"_s), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(isTextShown(dialog, u"cannot be written"_s), 20'000);
        QVERIFY(isTextShown(dialog, u"join without a password"_s));
        QCOMPARE(field->text(), u"x"_s);
    }

    void keepsTheSettings()
    {
        IdentityDialog *dialog = open();
        auto *unencrypted = dialog->findChild<QCheckBox *>();
        auto *days = dialog->findChild<QSpinBox *>();
        QVERIFY(!unencrypted->isChecked() && days->value() == 0);
        QTest::mouseClick(unencrypted, Qt::LeftButton, {}, QPoint(8, unencrypted->height() / 2));
        days->setFocus();
        days->selectAll();
        QTest::keyClicks(days, u"30"_s);
        QTest::mouseClick(button(dialog, u"OK"_s), Qt::LeftButton);
        QTRY_VERIFY(!m_window->findChild<IdentityDialog *>());
        m_window->close();
        m_window.reset();
        openWindow();
        QVERIFY(start());
        QVERIFY(m_window->server()->config().passwordUnencrypted);
        QCOMPARE(m_window->server()->config().freeNamesDays, 30);
        dialog = open();
        QVERIFY(dialog->findChild<QCheckBox *>()->isChecked());
        QCOMPARE(dialog->findChild<QSpinBox *>()->value(), 30);
    }

private:
    void openWindow()
    {
        ServerOverrides overrides;
        overrides.address = u"127.0.0.1"_s;
        overrides.port = 0;
        overrides.dataDir = m_home->filePath(u"data"_s);
        m_window = std::make_unique<ServerWindow>(overrides);
        m_window->show();
    }

    bool start()
    {
        m_window->start();
        return QTest::qWaitFor([this] { return m_window->server()->state() == ChatServer::State::Listening; },
                               10'000);
    }

    IdentityDialog *open()
    {
        m_window->findChild<QAction *>(u"identityAction"_s)->trigger();
        auto *dialog = m_window->findChild<IdentityDialog *>();
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

QTEST_MAIN(TestIdentityDialog)
#include "tst_identitydialog.moc"

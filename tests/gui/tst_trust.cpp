// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/pinstore.h"
#include "client-gui/window/clientsettings.h"
#include "client-gui/window/clientwindow.h"
#include "client-gui/window/encryptionmark.h"
#include "client-gui/window/trustdialog.h"
#include "common/widgets/statuslabel.h"
#include "tests/support/scriptedchatserver.h"
#include "tests/support/windowtest.h"

#include <QApplication>
#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QNetworkInterface>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;
using State = ChatClient::State;

/// The real window with TLS, clicked and typed at.
class TestTrust : public QObject
{
    Q_OBJECT

private:
    TestCertificates m_certificates;
    TestCertificate m_one;
    TestCertificate m_other;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<ScriptedChatServer> m_server;
    std::unique_ptr<ClientWindow> m_window;

    QString knownServers() const { return ClientTls::defaultKnownServers(); }

    std::optional<Fingerprint> known() const
    {
        const auto found = PinStore(knownServers()).find({u"127.0.0.1"_s, m_server->port()});
        return found ? found.value() : std::nullopt;
    }

    State state() const { return m_window->client()->state(); }

    QPushButton *button(const QString &name) const { return findNamed<QPushButton>(*m_window, name); }

    QCheckBox *box() const { return findNamed<QCheckBox>(*m_window, u"Encrypted (TLS)"_s); }

    EncryptionMark *mark() const { return m_window->findChild<EncryptionMark *>(); }

    StatusLabel *status() const { return m_window->findChild<StatusLabel *>(u"status"_s); }

    /// The question, once it is there.
    TrustDialog *dialog() const
    {
        TrustDialog *found = nullptr;
        const auto isThere = [&] {
            found = m_window->findChild<TrustDialog *>();
            return found && found->isVisible();
        };
        return QTest::qWaitFor(isThere, 20'000) && QTest::qWaitForWindowActive(found) ? found : nullptr;
    }

    static QString shown(const TrustDialog &dialog, const QString &name)
    {
        const auto *label = dialog.findChild<QLabel *>(name);
        return label ? label->text() : QString();
    }

    void open(const ClientOverrides &overrides = {})
    {
        m_window.reset();
        m_window = std::make_unique<ClientWindow>(overrides);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        findNamed<QSpinBox>(*m_window, u"Port"_s)->setValue(m_server->port());
    }

    void click(QWidget *widget) const
    {
        QVERIFY(widget && widget->isVisible() && widget->isEnabled());
        QTest::mouseClick(widget, Qt::LeftButton, {}, widget->rect().center());
    }

    void connectEncrypted()
    {
        if (!box()->isChecked())
            box()->click();
        click(button(u"Connect"_s));
    }

private Q_SLOTS:

    void initTestCase()
    {
        if (!TestCertificates::isAvailable())
            QSKIP("There is no openssl command to make certificates with: NOTHING WAS TESTED.");
        m_one = m_certificates.selfSigned();
        m_other = m_certificates.selfSigned();
        QVERIFY(!m_one.isNull() && !m_other.isNull());
    }

    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        QVERIFY(m_dir->isValid());
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_dir->filePath(u"data"_s)));
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_dir->path());
        QVERIFY(knownServers().startsWith(m_dir->path()));
        m_server = std::make_unique<ScriptedChatServer>();
        m_server->plays = true;
        m_server->setCertificate(m_one);
        QVERIFY(m_server->listen());
        open();
    }

    void cleanup()
    {
        m_window.reset();
        m_server.reset();
        m_dir.reset();
    }

    void trustsWhatAPersonTrusts()
    {
        QVERIFY(!box()->isChecked());
        connectEncrypted();
        TrustDialog *question = dialog();
        QVERIFY(question);
        QCOMPARE(shown(*question, u"fingerprint"_s), Fingerprint::of(m_one.certificate).toLines());
        QVERIFY(shown(*question, u"fingerprintBefore"_s).isEmpty());
        QVERIFY(shown(*question, u"trustWhy"_s).contains(u"127.0.0.1:%1"_s.arg(m_server->port())));
        QVERIFY(isTextShown(*question, u"Wireroom test"_s));
        QVERIFY(isTextShown(*question, u"signed by itself"_s));
        const auto *groups = question->findChild<QLabel *>(u"fingerprint"_s);
        QVERIFY(groups->textInteractionFlags() & Qt::TextSelectableByMouse);
        QVERIFY(QFontInfo(groups->font()).fixedPitch());
        QCOMPARE(status()->text(), u"Waiting for your decision"_s);
        QVERIFY(!mark()->isVisible());
        QVERIFY(!known());

        click(question->findChild<QPushButton *>(u"trustConnect"_s));
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Online, 20'000);
        QVERIFY(known() == Fingerprint::of(m_one.certificate));
        QTRY_VERIFY(!m_window->findChild<TrustDialog *>());
        QVERIFY(mark()->isVisible());
        QVERIFY(isTextShown(*mark(), u"Encrypted"_s));
        QVERIFY2(mark()->toolTip().contains(Fingerprint::of(m_one.certificate).toLines())
                     && mark()->toolTip().contains(u"TLSv1.3, TLS_"_s),
                 qPrintable(mark()->toolTip()));
        QVERIFY(!box()->isEnabled());

        // And not asked again.
        click(button(u"Disconnect"_s));
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Offline, 20'000);
        QVERIFY(!mark()->isVisible());
        click(button(u"Connect"_s));
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Online, 20'000);
        QVERIFY(!m_window->findChild<TrustDialog *>());
    }

    void enterTrustsAtFirst()
    {
        connectEncrypted();
        TrustDialog *question = dialog();
        QVERIFY(question);
        QTest::keyClick(question->focusWidget(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Online, 20'000);
        // The key went nowhere else.
        QVERIFY(!isTextShown(*m_window, u"is empty"_s));
    }

    void noIsNo_data()
    {
        QTest::addColumn<bool>("byKey");
        QTest::newRow("Cancel") << false;
        QTest::newRow("Escape") << true;
    }

    void noIsNo()
    {
        QFETCH(bool, byKey);
        connectEncrypted();
        TrustDialog *question = dialog();
        QVERIFY(question);
        if (byKey)
            QTest::keyClick(question, Qt::Key_Escape);
        else
            click(question->findChild<QPushButton *>(u"trustCancel"_s));
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Offline, 20'000);
        QTRY_VERIFY(!m_window->findChild<TrustDialog *>());
        QVERIFY(!QFile::exists(knownServers()));
        QCOMPARE(m_server->connections, 1);
        // It asks again the next time.
        click(button(u"Connect"_s));
        QVERIFY(dialog());
    }

    void warnsOfAChange()
    {
        QVERIFY(!PinStore(knownServers())
                     .keep({u"127.0.0.1"_s, m_server->port()}, Fingerprint::of(m_other.certificate), {}));
        connectEncrypted();
        TrustDialog *question = dialog();
        QVERIFY(question);
        QCOMPARE(shown(*question, u"fingerprintBefore"_s), Fingerprint::of(m_other.certificate).toLines());
        QCOMPARE(shown(*question, u"fingerprint"_s), Fingerprint::of(m_one.certificate).toLines());
        QVERIFY(shown(*question, u"trustTitle"_s).contains(u"has changed"_s));
        // Enter is no yes here.
        QTest::keyClick(question->focusWidget(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Offline, 20'000);
        QVERIFY(known() == Fingerprint::of(m_other.certificate));

        click(button(u"Connect"_s));
        question = dialog();
        QVERIFY(question);
        click(question->findChild<QPushButton *>(u"trustConnect"_s));
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Online, 20'000);
        QVERIFY(known() == Fingerprint::of(m_one.certificate));
    }

    void asksInTheMiddleOfIt()
    {
        connectEncrypted();
        TrustDialog *question = dialog();
        QVERIFY(question);
        click(question->findChild<QPushButton *>(u"trustConnect"_s));
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Online, 20'000);
        QTRY_VERIFY(!m_window->findChild<TrustDialog *>());
        m_server->setCertificate(m_other);
        m_server->cut();
        question = dialog();
        QVERIFY(question);
        QCOMPARE(shown(*question, u"fingerprintBefore"_s), Fingerprint::of(m_one.certificate).toLines());
        // The end of the client is the end of the question.
        m_window->client()->disconnectFromServer();
        QTRY_VERIFY(!m_window->findChild<TrustDialog *>());
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Offline, 20'000);
    }

    void asksByKeyboard()
    {
        connectEncrypted();
        TrustDialog *question = dialog();
        QVERIFY(question);
        for (const QWidget *control : question->findChildren<QPushButton *>()) {
            QVERIFY(!control->objectName().isEmpty());
            QVERIFY(!control->accessibleName().isEmpty());
        }
        QTest::keyClick(question, Qt::Key_T, Qt::AltModifier);
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Online, 20'000);
    }

    void closesWithAQuestionOpen()
    {
        connectEncrypted();
        QVERIFY(dialog());
        m_window->close();
        m_window.reset();
        QVERIFY(!QFile::exists(knownServers()));
        open();
    }

    void keepsTheChoice()
    {
        box()->click();
        m_window->close();
        open();
        QVERIFY(box()->isChecked());
        box()->click();
        m_window->close();
        open();
        QVERIFY(!box()->isChecked());
        // For this run only.
        m_window.reset();
        ClientOverrides encrypted;
        encrypted.tls = true;
        open(encrypted);
        QVERIFY(box()->isChecked());
        m_window->close();
        open();
        QVERIFY(!box()->isChecked());
    }

    void showsTheServersWordsAsText()
    {
        TlsQuestion question{Fingerprint::of(m_one.certificate), {},
                             u"<b>bank</b><img src=x>"_s,        QDateTime::currentDateTime(),
                             QDateTime::currentDateTime(),       u"<i>it</i>"_s};
        TrustDialog asked(u"<u>host</u>:1"_s, question, nullptr);
        int shownLiterally = 0;
        for (const QLabel *label : asked.findChildren<QLabel *>()) {
            if (label->text().contains(u'<')) {
                QCOMPARE(label->textFormat(), Qt::PlainText);
                ++shownLiterally;
            }
        }
        QVERIFY(shownLiterally >= 4);
    }

    void saysNothingOfPlainLoopback()
    {
        ScriptedChatServer plain;
        plain.plays = true;
        QVERIFY(plain.listen());
        findNamed<QSpinBox>(*m_window, u"Port"_s)->setValue(plain.port());
        click(button(u"Connect"_s));
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Online, 20'000);
        QVERIFY(!mark()->isVisible());
    }

    void warnsOfPlainElsewhere()
    {
        QHostAddress own;
        for (const QHostAddress &address : QNetworkInterface::allAddresses()) {
            if (address.protocol() == QAbstractSocket::IPv4Protocol && !address.isLoopback())
                own = address;
        }
        if (own.isNull())
            QSKIP("This machine has no address but its loopback.");
        ScriptedChatServer plain;
        plain.plays = true;
        QVERIFY(plain.listen(0, own));
        findNamed<QLineEdit>(*m_window, u"Host"_s)->setText(own.toString());
        findNamed<QSpinBox>(*m_window, u"Port"_s)->setValue(plain.port());
        click(button(u"Connect"_s));
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Online, 20'000);
        QVERIFY(mark()->isVisible());
        QVERIFY(isTextShown(*mark(), u"Not encrypted"_s));
    }

    void fitsSmallWindows()
    {
        connectEncrypted();
        TrustDialog *question = dialog();
        QVERIFY(question);
        click(question->findChild<QPushButton *>(u"trustConnect"_s));
        QTRY_COMPARE_WITH_TIMEOUT(state(), State::Online, 20'000);
        QTRY_VERIFY(!m_window->findChild<TrustDialog *>());
        m_window->resize(600, 400);
        QTRY_COMPARE(m_window->size(), QSize(600, 400));
        for (const QWidget *widget : std::initializer_list<const QWidget *>{box(), mark()}) {
            QVERIFY(widget->isVisible());
            QVERIFY(widget->width() >= widget->sizeHint().width());
            QVERIFY(
                m_window->rect().contains(QRect(widget->mapTo(m_window.get(), QPoint()), widget->size())));
        }
    }
};

QTEST_MAIN(TestTrust)

#include "tst_trust.moc"

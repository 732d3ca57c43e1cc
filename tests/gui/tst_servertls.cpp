// SPDX-License-Identifier: Apache-2.0
#include "common/transport/fingerprint.h"
#include "server-gui/window/clienttablemodel.h"
#include "server-gui/window/serverwindow.h"
#include "server-gui/window/tlsbadge.h"
#include "tests/support/peer.h"
#include "tests/support/tlsfiles.h"
#include "tests/support/windowtest.h"

#include <QClipboard>
#include <QComboBox>
#include <QCryptographicHash>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QSslCertificate>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;

class TestServerTls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void showsAndCopiesItsFingerprint();
    void saysWhereNobodyCanEncrypt();
    void showsWhoIsEncrypted();
    void keepsItsSettings();
    void doesNotStoreWhatTheCommandLineSaid();
    void checksItsFiles();

private:
    template <typename T> T *child(const QString &name) const { return m_window->findChild<T *>(name); }

    void openWindow(const TlsOptions &tls = {}, const QString &address = u"127.0.0.1"_s);
    void startListening();
    QDialog *openSettings();

    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<ServerWindow> m_window;
};

void TestServerTls::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QVERIFY(m_dir->isValid());
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_dir->filePath(u"settings"_s));
    openWindow();
}

void TestServerTls::cleanup()
{
    m_window.reset();
    m_dir.reset();
}

void TestServerTls::openWindow(const TlsOptions &tls, const QString &address)
{
    m_window.reset();
    ServerOverrides overrides;
    overrides.address = address;
    overrides.port = quint16{0};
    overrides.dataDir = m_dir->filePath(u"data"_s);
    overrides.history.history = ServerConfig::kNoHistory;
    overrides.tls = tls;
    m_window = std::make_unique<ServerWindow>(overrides);
    m_window->show();
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
}

void TestServerTls::startListening()
{
    QTest::mouseClick(child<QPushButton>(u"start"_s), Qt::LeftButton);
    QTRY_COMPARE(m_window->server()->state(), ChatServer::State::Listening);
}

QDialog *TestServerTls::openSettings()
{
    m_window->findChild<QAction *>(u"settingsAction"_s)->trigger();
    return child<QDialog>(u"settingsDialog"_s);
}

void TestServerTls::showsAndCopiesItsFingerprint()
{
    auto *badge = child<TlsBadge>(u"tlsBadge"_s);
    QVERIFY(!badge->isVisible());
    startListening();
    QTRY_VERIFY(badge->isVisible());
    QCOMPARE(badge->text(), u"Encryption offered"_s);
    QVERIFY(!badge->accessibleName().isEmpty());
    // In line with the fields below.
    QCOMPARE(badge->width(), badge->sizeHint().width());
    const auto *filter = child<QLineEdit>(u"clientsFilter"_s);
    QTRY_COMPARE(badge->mapTo(m_window.get(), QPoint(badge->width(), 0)).x(),
                 filter->mapTo(m_window.get(), QPoint(filter->width(), 0)).x());

    Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
    QVERIFY(peer.connectTo(m_window->server()->listeningPort()));
    const Fingerprint fingerprint = Fingerprint::of(peer.tls->peerCertificate());

    badge->setFocus();
    QTest::keyClick(badge, Qt::Key_Space);
    auto *groups = badge->findChild<QLabel *>(u"fingerprint"_s);
    QVERIFY(groups && groups->isVisible());
    QCOMPARE(groups->text(), fingerprint.toLines());
    QVERIFY(groups->textInteractionFlags().testFlag(Qt::TextSelectableByMouse));
    auto *copy = badge->findChild<QPushButton *>(u"copyFingerprint"_s);
    QTest::mouseClick(copy, Qt::LeftButton);
    QCOMPARE(QGuiApplication::clipboard()->text(), fingerprint.toString());
    QTest::keyClick(copy, Qt::Key_Escape);
    QTRY_VERIFY(!badge->findChild<QLabel *>(u"fingerprint"_s));

    QTest::mouseClick(child<QPushButton>(u"stop"_s), Qt::LeftButton);
    QTRY_VERIFY(!badge->isVisible());
}

void TestServerTls::saysWhereNobodyCanEncrypt()
{
    TlsOptions off;
    off.mode = TlsMode::Off;
    openWindow(off, u"*"_s);
    startListening();
    auto *badge = child<TlsBadge>(u"tlsBadge"_s);
    QTRY_VERIFY(badge->isVisible());
    QCOMPARE(badge->text(), u"Not encrypted"_s);
    QVERIFY(!badge->isEnabled());

    // Where only this machine can connect it does not matter.
    openWindow(off);
    startListening();
    QVERIFY(!child<TlsBadge>(u"tlsBadge"_s)->isVisible());
}

void TestServerTls::showsWhoIsEncrypted()
{
    startListening();
    Peer secured(FrameFormat::U32LE, Peer::Tls::Yes);
    QVERIFY(secured.connectTo(m_window->server()->listeningPort()));
    secured.send("here");
    auto *clients = child<QTableView>(u"clients"_s);
    QVERIFY(clients);
    QTRY_COMPARE(clients->model()->rowCount(), 1);
    const QModelIndex first = clients->model()->index(0, ClientTableModel::FormatColumn);
    QTRY_VERIFY(first.data(ClientTableModel::EncryptedRole).toBool());
    QTRY_VERIFY(first.data(Qt::ToolTipRole).toString().contains(u"Encrypted with TLS 1.3"_s));
    Peer plain;
    QVERIFY(plain.connectTo(m_window->server()->listeningPort()));
    plain.send("here");
    QTRY_COMPARE(clients->model()->rowCount(), 2);
    const QModelIndex second = clients->model()->index(1, ClientTableModel::FormatColumn);
    QVERIFY(!second.data(ClientTableModel::EncryptedRole).toBool());
    QVERIFY(second.data(Qt::ToolTipRole).toString().contains(u"Not encrypted"_s));
}

void TestServerTls::keepsItsSettings()
{
    const auto files = test::TlsFiles::make();
    const QString certificate = m_dir->filePath(u"c.pem"_s);
    const QString key = m_dir->filePath(u"k.pem"_s);
    test::writeFile(certificate, files.certificate);
    test::writeFile(key, files.key);
    QDialog *dialog = openSettings();
    QVERIFY(dialog);
    auto *mode = dialog->findChild<QComboBox *>(u"tlsMode"_s);
    QCOMPARE(mode->currentText(), u"Offered"_s);
    mode->setCurrentIndex(0);
    QVERIFY(!dialog->findChild<QLineEdit *>(u"tlsKey"_s)->isEnabled());
    mode->setCurrentIndex(2);
    QVERIFY(dialog->findChild<QLineEdit *>(u"tlsKey"_s)->isEnabled());
    dialog->findChild<QLineEdit *>(u"tlsCertificate"_s)->setText(certificate);
    dialog->findChild<QLineEdit *>(u"tlsKey"_s)->setText(key);
    dialog->findChild<QSpinBox *>(u"tlsHandshakes"_s)->setValue(99);
    dialog->findChild<QSpinBox *>(u"tlsHandshakesPerAddress"_s)->setValue(9);
    dialog->findChild<QSpinBox *>(u"tlsHandshakeSeconds"_s)->setValue(7);
    dialog->accept();
    QTRY_VERIFY(!child<QDialog>(u"settingsDialog"_s));

    const auto check = [&] {
        startListening();
        const TlsConfig tls = m_window->server()->config().tls;
        QVERIFY(tls == (TlsConfig{TlsMode::Required, certificate, key, 7s, 99, 9}));
        QTRY_COMPARE(child<TlsBadge>(u"tlsBadge"_s)->text(), u"Encryption required"_s);
    };
    check();
    m_window->close();
    openWindow();
    check();
}

void TestServerTls::doesNotStoreWhatTheCommandLineSaid()
{
    TlsOptions required;
    required.mode = TlsMode::Required;
    openWindow(required);
    startListening();
    QTRY_COMPARE(child<TlsBadge>(u"tlsBadge"_s)->text(), u"Encryption required"_s);
    m_window->close();
    openWindow();
    startListening();
    QTRY_COMPARE(child<TlsBadge>(u"tlsBadge"_s)->text(), u"Encryption offered"_s);
}

void TestServerTls::checksItsFiles()
{
    const auto files = test::TlsFiles::make();
    const QString certificate = m_dir->filePath(u"c.pem"_s);
    const QString key = m_dir->filePath(u"k.pem"_s);
    test::writeFile(certificate, files.certificate);
    test::writeFile(key, test::TlsFiles::make().key);
    QDialog *dialog = openSettings();
    auto *certificateField = dialog->findChild<QLineEdit *>(u"tlsCertificate"_s);
    auto *keyField = dialog->findChild<QLineEdit *>(u"tlsKey"_s);
    auto *problem = dialog->findChild<QLabel *>(u"settingsProblem"_s);
    const auto isRefused = [&](const QString &says) {
        dialog->accept();
        return dialog->isVisible() && problem->text().contains(says);
    };
    certificateField->setText(certificate);
    QVERIFY(isRefused(u"both"_s));
    keyField->setText(u"k.pem"_s);
    QVERIFY(isRefused(u"whole path"_s));
    keyField->setText(m_dir->filePath(u"none.pem"_s));
    QVERIFY(isRefused(u"is not there"_s));
    keyField->setText(key);
    QVERIFY(isRefused(u"does not belong"_s));
    test::writeFile(key, files.key);
    dialog->accept();
    QTRY_VERIFY(!child<QDialog>(u"settingsDialog"_s));

    // Gone since: the window says so and leads to the setting.
    QVERIFY(QFile::remove(key));
    m_window->start();
    QTRY_VERIFY(child<QLabel>(u"errorBannerText"_s)->text().contains(u"k.pem"_s));
    QCOMPARE(m_window->server()->state(), ChatServer::State::Stopped);
    child<QAbstractButton>(u"errorBannerAction"_s)->click();
    QVERIFY(child<QDialog>(u"settingsDialog"_s));
}

QTEST_MAIN(TestServerTls)
#include "tst_servertls.moc"

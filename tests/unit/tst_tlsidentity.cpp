// SPDX-License-Identifier: Apache-2.0
#include "common/transport/tlsidentity.h"
#include "tests/support/tlsfiles.h"

#include <QCryptographicHash>
#include <QDir>
#include <QSslCertificate>
#include <QSslKey>
#include <QTemporaryDir>
#include <QTest>

#ifdef Q_OS_UNIX
#include <sys/stat.h>
#include <unistd.h>
#endif

using namespace Qt::StringLiterals;
using namespace wireroom;
using test::TlsFiles;
using test::writeFile;

namespace {

constexpr auto kPrivate = QFile::ReadOwner | QFile::WriteOwner;
/// QFile::permissions() answers twice: for the owner and for this user.
constexpr auto kOfAll = QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ReadGroup
    | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
constexpr auto kWriting = QFile::WriteOwner | QFile::WriteGroup | QFile::WriteOther;

/// Sets the umask for as long as it lives.
class Umask
{
public:
#ifdef Q_OS_UNIX
    explicit Umask(mode_t mask) : m_before(::umask(mask)) { }

    ~Umask()
    {
        ::umask(m_before);
    }

private:
    mode_t m_before;
#else
    explicit Umask(int) { }
#endif
};

/// The superuser can read and write everything: somebody else for as long as it lives.
class OrdinaryUser
{
public:
#ifdef Q_OS_UNIX
    OrdinaryUser() : m_isAnother(::geteuid() == 0 && ::seteuid(65534) == 0) { }

    ~OrdinaryUser()
    {
        if (m_isAnother && ::seteuid(0) != 0)
            qFatal("cannot become the superuser again");
    }

private:
    bool m_isAnother;
#endif
};

} // namespace

class TlsIdentityTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void init() { QVERIFY(m_dir.isValid()); }

    void cleanup()
    {
        for (const QString &name : QDir(m_dir.path()).entryList(QDir::Files))
            QFile::remove(path(name));
    }

    void makesOneThatOnlyTheUserCanRead_data()
    {
        QTest::addColumn<int>("mask");
        QTest::newRow("umask 000") << 0;
        QTest::newRow("umask 077") << 0077;
    }

    void makesOneThatOnlyTheUserCanRead()
    {
        QFETCH(const int, mask);
        const Umask umask(static_cast<unsigned>(mask));
        const Result<TlsIdentity> made = TlsIdentity::loadOrMake(m_dir.path());
        QVERIFY2(made, made ? "" : qPrintable(made.error().text));
        QCOMPARE(QFile::permissions(path(u"tls-key.pem"_s)) & kOfAll, kPrivate);
        QCOMPARE(QDir(m_dir.path()).entryList(QDir::Files | QDir::Hidden).size(), 2);
        QCOMPARE(made.value().remark, QString());
        QVERIFY(!QSslKey(made.value().key, QSsl::Ec).isNull());
    }

    void whatItMadeIsForTenYearsAndThisMachine()
    {
        const Result<TlsIdentity> made = TlsIdentity::loadOrMake(m_dir.path());
        QVERIFY(made);
        const auto certificates = QSslCertificate::fromData(made.value().certificates);
        QCOMPARE(certificates.size(), 1);
        const QSslCertificate &certificate = certificates.first();
        QVERIFY(certificate.isSelfSigned());
        const QDateTime now = QDateTime::currentDateTimeUtc();
        QVERIFY(certificate.effectiveDate() < now);
        QVERIFY(certificate.expiryDate() > now.addYears(10).addDays(-3));
        QCOMPARE(certificate.expiryDate(), made.value().validUntil);
        const auto names = certificate.subjectAlternativeNames();
        QVERIFY(names.contains(QSsl::DnsEntry, u"localhost"_s));
        QVERIFY(names.contains(QSsl::IpAddressEntry, u"127.0.0.1"_s));
        QCOMPARE(names.values(QSsl::IpAddressEntry).size(), 2);
        QCOMPARE(certificate.digest(QCryptographicHash::Sha256), made.value().fingerprint);
        const QSslKey key(made.value().key, QSsl::Ec);
        QVERIFY(!key.isNull());
        QCOMPARE(key.length(), 256);
    }

    void keepsWhatItMade()
    {
        const Result<TlsIdentity> made = TlsIdentity::loadOrMake(m_dir.path());
        const Result<TlsIdentity> loaded = TlsIdentity::loadOrMake(m_dir.path());
        QVERIFY(made && loaded);
        QCOMPARE(loaded.value().fingerprint, made.value().fingerprint);
        QCOMPARE(loaded.value().key, made.value().key);
    }

    void keepsNoMoreMemoryThanItsFilesTake()
    {
        const Result<TlsIdentity> made = TlsIdentity::loadOrMake(m_dir.path());
        QVERIFY(made);
        const qsizetype size = QFileInfo(path(u"tls-certificate.pem"_s)).size();
        QCOMPARE(made.value().certificates.size(), size);
        QVERIFY2(made.value().certificates.capacity() < 64 * 1024,
                 qPrintable(QString::number(made.value().certificates.capacity())));
    }

    void twoServersAreNotTheSame()
    {
        QTemporaryDir other;
        const Result<TlsIdentity> one = TlsIdentity::loadOrMake(m_dir.path());
        const Result<TlsIdentity> two = TlsIdentity::loadOrMake(other.path());
        QVERIFY(one && two);
        QVERIFY(one.value().fingerprint != two.value().fingerprint);
        QVERIFY(one.value().key != two.value().key);
    }

    void givesAKeyThatIsLeftANewCertificate()
    {
        const Result<TlsIdentity> made = TlsIdentity::loadOrMake(m_dir.path());
        QVERIFY(made);
        QVERIFY(QFile::remove(path(u"tls-certificate.pem"_s)));
        // As a crash between the two leaves it.
        writeFile(path(u"tls-certificate.pem.new"_s), "half of one");
        const Result<TlsIdentity> again = TlsIdentity::loadOrMake(m_dir.path());
        QVERIFY2(again, again ? "" : qPrintable(again.error().text));
        QCOMPARE(again.value().key, made.value().key);
        QVERIFY(again.value().fingerprint != made.value().fingerprint);
    }

    void sparesACertificateThatLostItsKey()
    {
        QVERIFY(TlsIdentity::loadOrMake(m_dir.path()));
        QVERIFY(QFile::remove(path(u"tls-key.pem"_s)));
        const Result<TlsIdentity> again = TlsIdentity::loadOrMake(m_dir.path());
        QVERIFY(!again);
        QVERIFY2(again.error().text.contains("is not there"_L1), qPrintable(again.error().text));
        QVERIFY(!QFile::exists(path(u"tls-key.pem"_s)));
    }

    void saysWhereItCannotStore()
    {
        QVERIFY(QFile::setPermissions(m_dir.path(), kOfAll & ~kWriting));
        const Result<TlsIdentity> made = [this] {
            const OrdinaryUser user;
            return TlsIdentity::loadOrMake(m_dir.path());
        }();
        QVERIFY(QFile::setPermissions(m_dir.path(), kOfAll));
        QVERIFY(!made);
        QVERIFY2(made.error().text.contains("cannot be stored"_L1), qPrintable(made.error().text));
    }

    void saysWhatIsWrong_data()
    {
        QTest::addColumn<QByteArray>("certificate");
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QString>("says");
        const TlsFiles good = TlsFiles::make();
        const TlsFiles expired = TlsFiles::make(TlsFiles::Kind::Ec, -1);
        const TlsFiles locked = TlsFiles::make(TlsFiles::Kind::Ec, 10, "secret");
        const TlsFiles weak = TlsFiles::make(TlsFiles::Kind::WeakRsa);
        const TlsFiles edwards = TlsFiles::make(TlsFiles::Kind::Ed25519);
        QTest::newRow("no certificate") << QByteArray() << good.key << u"certificate.pem” is not there"_s;
        QTest::newRow("no key") << good.certificate << QByteArray() << u"key.pem” is not there"_s;
        QTest::newRow("not a certificate") << good.key << good.key << u"holds no TLS certificate"_s;
        QTest::newRow("not a key") << good.certificate << good.certificate << u"holds no TLS key"_s;
        QTest::newRow("cut certificate")
            << good.certificate.left(200) << good.key << u"holds no TLS certificate"_s;
        QTest::newRow("cut key") << good.certificate << good.key.left(100) << u"holds no TLS key"_s;
        QTest::newRow("noise") << QByteArray(5000, '\xfe') << good.key << u"holds no TLS certificate"_s;
        QTest::newRow("too large") << QByteArray(2'000'000, 'a') << good.key << u"too large"_s;
        QTest::newRow("another's key")
            << good.certificate << TlsFiles::make().key << u"does not belong to the certificate"_s;
        QTest::newRow("another kind of key") << good.certificate << TlsFiles::make(TlsFiles::Kind::Rsa).key
                                             << u"does not belong to the certificate"_s;
        QTest::newRow("expired") << expired.certificate << expired.key << u"ended on 20"_s;
        QTest::newRow("passphrase") << locked.certificate << locked.key << u"passphrase"_s;
        QTest::newRow("weak") << weak.certificate << weak.key << u"1024 bits"_s;
        const TlsFiles old = TlsFiles::make(TlsFiles::Kind::SignedBySha1);
        QTest::newRow("signed by way of SHA-1") << old.certificate << old.key << u"ca md too weak"_s;
        QTest::newRow("vouched for by way of SHA-1")
            << good.certificate + old.certificate << good.key << u"ca md too weak"_s;
        QTest::newRow("neither RSA nor EC") << edwards.certificate << edwards.key << u"neither RSA nor EC"_s;
    }

    void saysWhatIsWrong()
    {
        QFETCH(const QByteArray, certificate);
        QFETCH(const QByteArray, key);
        QFETCH(const QString, says);
        if (!certificate.isEmpty())
            writeFile(path(u"certificate.pem"_s), certificate);
        if (!key.isEmpty())
            writeFile(path(u"key.pem"_s), key);
        const Result<TlsIdentity> loaded = load();
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().text.contains(says), qPrintable(loaded.error().text));
        QVERIFY(loaded.error().code == Error::Code::BadInput);
        QCOMPARE(loaded.error().text.count(u'\n'), 0);
    }

    void saysThatItCannotRead()
    {
        const TlsFiles files = TlsFiles::make();
        writeFile(path(u"certificate.pem"_s), files.certificate);
        writeFile(path(u"key.pem"_s), files.key);
        QVERIFY(QFile::setPermissions(m_dir.path(), kOfAll));
        QVERIFY(QFile::setPermissions(path(u"certificate.pem"_s), kPrivate | QFile::ReadOther));
        QVERIFY(QFile::setPermissions(path(u"key.pem"_s), QFile::WriteOwner));
        const Result<TlsIdentity> loaded = [this] {
            const OrdinaryUser user;
            return load();
        }();
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().text.contains("cannot be read"_L1), qPrintable(loaded.error().text));
    }

    void saysThatADirectoryIsNone()
    {
        const Result<TlsIdentity> loaded = TlsIdentity::load(m_dir.path(), m_dir.path());
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().text.contains("is a directory"_L1), qPrintable(loaded.error().text));
    }

    void takesAnRsaKeyAndAChain()
    {
        const TlsFiles files = TlsFiles::make(TlsFiles::Kind::Rsa);
        writeFile(path(u"certificate.pem"_s), files.certificate + TlsFiles::make().certificate);
        writeFile(path(u"key.pem"_s), files.key);
        const Result<TlsIdentity> loaded = load();
        QVERIFY2(loaded, loaded ? "" : qPrintable(loaded.error().text));
        QVERIFY(!QSslKey(loaded.value().key, QSsl::Rsa).isNull());
        const auto chain = QSslCertificate::fromData(loaded.value().certificates);
        QCOMPARE(chain.size(), 2);
        QCOMPARE(chain.first().digest(QCryptographicHash::Sha256), loaded.value().fingerprint);
    }

    void warnsOfAKeyThatOthersCanRead()
    {
        const TlsFiles files = TlsFiles::make();
        writeFile(path(u"certificate.pem"_s), files.certificate);
        writeFile(path(u"key.pem"_s), files.key);
        QVERIFY(QFile::setPermissions(path(u"key.pem"_s), kPrivate | QFile::ReadOther));
        const Result<TlsIdentity> loaded = load();
        QVERIFY(loaded);
        QVERIFY2(loaded.value().remark.contains("chmod 600"_L1), qPrintable(loaded.value().remark));
    }

private:
    QString path(const QString &name) const { return m_dir.filePath(name); }

    Result<TlsIdentity> load() const
    {
        return TlsIdentity::load(path(u"certificate.pem"_s), path(u"key.pem"_s));
    }

    QTemporaryDir m_dir;
};

QTEST_GUILESS_MAIN(TlsIdentityTest)
#include "tst_tlsidentity.moc"

// SPDX-License-Identifier: Apache-2.0
#include "common/transport/fingerprint.h"

#include <QSslCertificate>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

constexpr char kCertificate[] = R"(-----BEGIN CERTIFICATE-----
MIIBjTCCATOgAwIBAgIUanxQjb/m7d2bWX8oYX2MGVsaTsIwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQd2lyZXJvb20uZXhhbXBsZTAgFw0yNjExMjIwMjA2MDBaGA8y
MTI2MTAyOTAyMDYwMFowGzEZMBcGA1UEAwwQd2lyZXJvb20uZXhhbXBsZTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABKR7CLdaWEw8J/qbnqXMbmkj3gukNvZCvEmH
/3sVQA8IFkG+OESVzFHQBQuzhzpHF9P6u1IWZ0KDsGjAVlRZil2jUzBRMB0GA1Ud
DgQWBBROxwiej+AAey8nW7RxVqvkow+i3DAfBgNVHSMEGDAWgBROxwiej+AAey8n
W7RxVqvkow+i3DAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCICf/
88N/QVx2SIJBuJZtGeQGIR9UktWjkczSXXjTyQFvAiEAhO/4n/ebXgbE/jiDxZx/
z+4w60DL9ekZBK9g8HFiFEQ=
-----END CERTIFICATE-----
)";

/// As `openssl x509 -noout -fingerprint -sha256` tells it.
const QString kOfOpenSsl = u"4A:DC:61:1A:36:DF:04:B9:2B:D4:ED:61:02:4E:2A:00:"
                           "D8:51:1D:10:7F:4F:18:DA:71:C2:A9:72:EA:64:4E:B5"_s;
const QString kWord = u"4ADC:611A:36DF:04B9:2BD4:ED61:024E:2A00:"
                      "D851:1D10:7F4F:18DA:71C2:A972:EA64:4EB5"_s;

} // namespace

class TestFingerprint : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void isThatOfOpenSsl()
    {
        const QSslCertificate certificate(QByteArray(kCertificate), QSsl::Pem);
        QVERIFY(!certificate.isNull());
        const Fingerprint fingerprint = Fingerprint::of(certificate);
        QCOMPARE(fingerprint.toString(), kWord);
        QCOMPARE(fingerprint.toLines(),
                 u"4ADC 611A 36DF 04B9 2BD4 ED61 024E 2A00\n"
                 "D851 1D10 7F4F 18DA 71C2 A972 EA64 4EB5"_s);
        QVERIFY(Fingerprint::fromString(kOfOpenSsl) == fingerprint);
    }

    void parses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("good");
        QTest::newRow("one word") << kWord << true;
        QTest::newRow("as openssl writes it") << kOfOpenSsl << true;
        QTest::newRow("small letters, nothing between") << kWord.toLower().remove(u':') << true;
        QTest::newRow("two lines, indented") << u"  4ADC 611A 36DF 04B9 2BD4 ED61 024E 2A00\r\n"
                                                "\tD851 1D10 7F4F 18DA 71C2 A972 EA64 4EB5\n"_s
                                             << true;
        QTest::newRow("nothing") << QString() << false;
        QTest::newRow("a digit short") << kWord.chopped(1) << false;
        QTest::newRow("a digit too many") << QString(kWord % u"0"_s) << false;
        QTest::newRow("no digit") << QString(kWord.chopped(1) % u"G"_s) << false;
        QTest::newRow("a digit of another script") << QString(kWord.chopped(1) % QChar(0x0665)) << false;
        QTest::newRow("SHA-1") << kWord.left(50) << false;
        QTest::newRow("a megabyte of digits") << QString(1024 * 1024, u'A') << false;
    }

    void parses()
    {
        QFETCH(QString, text);
        QFETCH(bool, good);
        const std::optional<Fingerprint> fingerprint = Fingerprint::fromString(text);
        QCOMPARE(fingerprint.has_value(), good);
        if (good)
            QCOMPARE(fingerprint->toString(), kWord);
    }

    void differsByOneBit()
    {
        QString other = kWord;
        other.replace(0, 1, u'5');
        QVERIFY(Fingerprint::fromString(kWord) != Fingerprint::fromString(other));
    }
};

QTEST_GUILESS_MAIN(TestFingerprint)

#include "tst_fingerprint.moc"

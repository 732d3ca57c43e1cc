// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QFile>
#include <QSslCertificate>
#include <QSslKey>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <cstdlib>

namespace wireroom {

/// A certificate with its key, and where both lie as files.
struct TestCertificate
{
    QSslCertificate certificate = QSslCertificate();
    QSslKey key = {};
    QString certificateFile;
    QString keyFile;

    bool isNull() const { return certificate.isNull() || key.isNull(); }
};

/// Makes certificates for tests, with the openssl command. One is null where that failed (the log tells).
class TestCertificates
{
public:
    static bool isAvailable() { return !QStandardPaths::findExecutable(QStringLiteral("openssl")).isEmpty(); }

    /// `names` as openssl's subjectAltName; UTC times as YYMMDDHHMMSSZ.
    TestCertificate selfSigned(const QString &names = QStringLiteral("DNS:localhost,IP:127.0.0.1"),
                               const QString &from = QStringLiteral("200101000000Z"),
                               const QString &to = QStringLiteral("491231235959Z"))
    {
        return make(names, from, to, nullptr);
    }

    TestCertificate signedBy(const TestCertificate &authority, const QString &names)
    {
        return make(names, QStringLiteral("200101000000Z"), QStringLiteral("491231235959Z"), &authority);
    }

private:
    TestCertificate make(const QString &names, const QString &from, const QString &to,
                         const TestCertificate *authority)
    {
        const QString base = m_dir.filePath(QString::number(++m_made));
        const auto file = [&base](const char *ending) {
            return QString(base + QLatin1StringView(ending));
        };
        QFile configuration(file(".cnf"));
        if (!configuration.open(QIODevice::WriteOnly))
            return TestCertificate();
        configuration.write("[ca]\ndefault_ca=this\n[this]\ndatabase=" + file(".index").toUtf8()
                            + "\nrand_serial=yes\nnew_certs_dir=" + m_dir.path().toUtf8()
                            + "\ndefault_md=sha256\npolicy=any\nx509_extensions=extensions\n[any]\n"
                              "commonName=supplied\n[req]\ndistinguished_name=name\n[name]\n[extensions]\n"
                              "basicConstraints=critical,CA:TRUE\nsubjectAltName="
                            + names.toUtf8() + '\n');
        configuration.close();
        QFile index(file(".index"));
        if (!index.open(QIODevice::WriteOnly))
            return TestCertificate();
        index.close();
        const QStringList signer = authority
            ? QStringList{QStringLiteral("-cert"), authority->certificateFile, QStringLiteral("-keyfile"),
                          authority->keyFile}
            : QStringList{QStringLiteral("-selfsign"), QStringLiteral("-keyfile"), file(".key")};
        // Each with a name of its own, or a chain would be looked for among them.
        const QString name = QStringLiteral("/CN=Wireroom test %1").arg(m_made);
        const bool done = run({QStringLiteral("req"), QStringLiteral("-new"), QStringLiteral("-newkey"),
                               QStringLiteral("ec"), QStringLiteral("-pkeyopt"),
                               QStringLiteral("ec_paramgen_curve:P-256"), QStringLiteral("-nodes"),
                               QStringLiteral("-config"), file(".cnf"), QStringLiteral("-subj"), name,
                               QStringLiteral("-keyout"), file(".key"), QStringLiteral("-out"), file(".csr")})
            && run(QStringList{QStringLiteral("ca"), QStringLiteral("-batch"), QStringLiteral("-notext"),
                               QStringLiteral("-config"), file(".cnf"), QStringLiteral("-startdate"), from,
                               QStringLiteral("-enddate"), to, QStringLiteral("-in"), file(".csr"),
                               QStringLiteral("-out"), file(".pem")}
                   + signer);
        if (!done)
            return TestCertificate();
        TestCertificate made;
        made.certificateFile = file(".pem");
        made.keyFile = file(".key");
        made.certificate = QSslCertificate::fromPath(made.certificateFile).value(0);
        QFile key(made.keyFile);
        if (key.open(QIODevice::ReadOnly))
            made.key = QSslKey(&key, QSsl::Ec);
        return made;
    }

    bool run(const QStringList &arguments)
    {
        // Not by QProcess, whose child shares our memory for a moment: the thread sanitizer cannot follow
        // that.
        const QString log = m_dir.filePath(QStringLiteral("log"));
        const QString command = QStringLiteral("openssl \"") + arguments.join(QStringLiteral("\" \""))
            + QStringLiteral("\" > \"") + log + QStringLiteral("\" 2>&1");
        if (std::system(QFile::encodeName(command).constData()) == 0)
            return true;
        QFile said(log);
        if (said.open(QIODevice::ReadOnly))
            qWarning("%s: %s", qPrintable(command), said.readAll().constData());
        return false;
    }

    QTemporaryDir m_dir;
    int m_made = 0;
};

} // namespace wireroom

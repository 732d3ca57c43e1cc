// SPDX-License-Identifier: Apache-2.0
#include "common/transport/tlsidentity.h"

#include "common/base/readfile.h"
#include "common/transport/openssl.h"
#include "common/transport/selfsigned.h"
#include "common/transport/tlserrors.h"
#include "common/transport/tlssettings.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <openssl/pem.h>

#include <array>
#include <optional>

#ifdef Q_OS_UNIX
#include <unistd.h>
#endif

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

using Key = OpenSslPtr<EVP_PKEY>;
using Certificate = OpenSslPtr<X509>;

/// More than any chain needs; a device or a disk image named by mistake is not read to its end.
constexpr qsizetype kMostBytes = 1024 * 1024;

/// RSA below this is no protection, and OpenSSL refuses to use it.
constexpr int kFewestRsaBits = 2048;

Error badInput(const QString &text)
{
    return {Error::Code::BadInput, text};
}

QString shown(const QString &file)
{
    return u'“' % QDir::toNativeSeparators(file) % u'”';
}

/// `what` is "certificate" or "key".
Result<QByteArray> readFile(const QString &name, const QString &what)
{
    if (name.isEmpty())
        return badInput(u"No file is named for the TLS %1. Name one."_s.arg(what));
    QFile file(name);
    if (!file.exists())
        return badInput(
            u"The TLS %1 %2 is not there. Name the file that holds it (PEM)."_s.arg(what, shown(name)));
    if (QFileInfo(name).isDir())
        return badInput(
            u"The TLS %1 %2 is a directory. Name the file that holds it (PEM)."_s.arg(what, shown(name)));
    if (!file.open(QIODevice::ReadOnly))
        return badInput(
            u"The TLS %1 %2 cannot be read: %3. Give the user that runs the server the right to."_s.arg(
                what, shown(name), file.errorString()));
    const QByteArray bytes = readUpTo(file, kMostBytes);
    if (bytes.size() > kMostBytes)
        return badInput(u"The TLS %1 %2 is too large to be one. Name the file that holds it (PEM)."_s.arg(
            what, shown(name)));
    return bytes;
}

/// Instead of OpenSSL's own, which would ask at the terminal.
int noPassphrase(char *, int, int, void *asked)
{
    *static_cast<bool *>(asked) = true;
    return -1;
}

Result<Key> parseKey(const QByteArray &pem, const QString &name)
{
    bool isEncrypted = false;
    Key key(PEM_read_bio_PrivateKey(bioOf(pem).get(), nullptr, &noPassphrase, &isEncrypted));
    clearTlsErrors();
    if (isEncrypted)
        return badInput(
            u"The TLS key %1 is protected by a passphrase, which nobody is there to type. Store it without "
            "one, readable by the server's user alone."_s.arg(shown(name)));
    if (!key)
        return badInput(
            u"%1 holds no TLS key. Name a PEM file that begins with -----BEGIN PRIVATE KEY-----."_s.arg(
                shown(name)));
    const int kind = EVP_PKEY_get_base_id(key.get());
    if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC)
        return badInput(u"The TLS key %1 is neither RSA nor EC. Have one of these made."_s.arg(shown(name)));
    if (kind == EVP_PKEY_RSA && EVP_PKEY_get_bits(key.get()) < kFewestRsaBits)
        return badInput(u"The TLS key %1 has %2 bits, which is not safe. Have one of %3 or more made."_s.arg(
            shown(name), QString::number(EVP_PKEY_get_bits(key.get())), QString::number(kFewestRsaBits)));
    return key;
}

/// The first is the server's own.
Result<Certificate> parseCertificate(const QByteArray &pem, const QString &name)
{
    Certificate certificate(PEM_read_bio_X509(bioOf(pem).get(), nullptr, nullptr, nullptr));
    clearTlsErrors();
    if (!certificate)
        return badInput(u"%1 holds no TLS certificate. Name a PEM file that begins with -----BEGIN "
                        "CERTIFICATE-----."_s.arg(shown(name)));
    return certificate;
}

QDateTime endOf(const X509 *certificate)
{
    std::tm end{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1)
        return {};
    return QDateTime(QDate(end.tm_year + 1900, end.tm_mon + 1, end.tm_mday),
                     QTime(end.tm_hour, end.tm_min, end.tm_sec), Qt::UTC);
}

QByteArray pemOf(EVP_PKEY *key)
{
    const OpenSslPtr<BIO> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return bytesOf(bio.get());
}

/// Nobody but this user can open it at any time, whatever the umask. Replaces nothing.
bool writePrivately(const QString &name, const QByteArray &bytes)
{
    const QString temporary = name % u".new"_s;
    QFile::remove(temporary);
    QFile file(temporary);
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFile::ReadOwner | QFile::WriteOwner)
        || file.write(bytes) != bytes.size() || !file.flush())
        return false;
#ifdef Q_OS_UNIX
    if (::fsync(file.handle()) != 0)
        return false;
#endif
    file.close();
    return file.rename(name);
}

} // namespace

Result<TlsIdentity> TlsIdentity::load(const QString &certificateFile, const QString &keyFile)
{
    Result<QByteArray> certificatePem = readFile(certificateFile, u"certificate"_s);
    if (!certificatePem)
        return certificatePem.error();
    const Result<QByteArray> keyPem = readFile(keyFile, u"key"_s);
    if (!keyPem)
        return keyPem.error();
    const Result<Certificate> certificate = parseCertificate(certificatePem.value(), certificateFile);
    if (!certificate)
        return certificate.error();
    const Result<Key> key = parseKey(keyPem.value(), keyFile);
    if (!key)
        return key.error();
    const bool fits = X509_check_private_key(certificate.value().get(), key.value().get()) == 1;
    clearTlsErrors();
    if (!fits)
        return badInput(
            u"The TLS key %1 does not belong to the certificate %2. Name the two that were made together."_s
                .arg(shown(keyFile), shown(certificateFile)));

    TlsIdentity identity;
    identity.validUntil = endOf(certificate.value().get());
    if (identity.validUntil < QDateTime::currentDateTimeUtc())
        return badInput(u"The TLS certificate %1 ended on %2. Have a new one made (one that the server made "
                        u"itself is made "
                        "anew where it and its key are removed)."_s.arg(
                            shown(certificateFile), identity.validUntil.toString(u"yyyy-MM-dd"_s)));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    X509_digest(certificate.value().get(), EVP_sha256(), digest.data(), &size);
    identity.fingerprint = QByteArray(reinterpret_cast<const char *>(digest.data()), qsizetype(size));
    identity.certificates = std::move(certificatePem).value();
    identity.key = pemOf(key.value().get());
    // There are some that OpenSSL reads and does not use: signed by way of SHA-1, for instance.
    if (!newTlsSettings(identity.certificates, identity.key)) {
        return badInput(u"TLS cannot be spoken with the certificate %1: %2. Have a new one made."_s.arg(
            shown(certificateFile), tlsErrorWords()));
    }
    if (QFile::permissions(keyFile)
        & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther)) {
        identity.remark
            = u"Other users of this machine can read or change the TLS key %1. Take that right away (chmod 600)."_s
                  .arg(shown(keyFile));
    }
    return identity;
}

Result<TlsIdentity> TlsIdentity::loadOrMake(const QString &dataDir)
{
    const QDir dir(dataDir);
    const QString certificateFile = dir.filePath(u"tls-certificate.pem"_s);
    const QString keyFile = dir.filePath(u"tls-key.pem"_s);
    if (QFile::exists(certificateFile))
        return load(certificateFile, keyFile);

    std::optional<Key> key;
    if (QFile::exists(keyFile)) {
        const Result<QByteArray> pem = readFile(keyFile, u"key"_s);
        if (!pem)
            return pem.error();
        Result<Key> parsed = parseKey(pem.value(), keyFile);
        if (!parsed)
            return parsed.error();
        key = std::move(parsed).value();
    } else {
        key = Key(EVP_EC_gen("P-256"));
    }
    const QByteArray certificate = *key ? selfSignedCertificate(key->get()) : QByteArray();
    if (certificate.isEmpty())
        return Error{Error::Code::Internal, u"A TLS key cannot be made on this system."_s};
    if ((!QFile::exists(keyFile) && !writePrivately(keyFile, pemOf(key->get())))
        || !writePrivately(certificateFile, certificate))
        return badInput(
            u"The TLS key cannot be stored in %1 (is the disk full?). Give the user that runs the "
            "server the right to write there, or switch TLS off."_s.arg(shown(dataDir)));
    return load(certificateFile, keyFile);
}

} // namespace wireroom

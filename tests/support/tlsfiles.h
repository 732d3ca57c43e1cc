// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace wireroom::test {

/// A key and a certificate for it (PEM), as an operator would have them made.
struct TlsFiles
{
    QByteArray certificate;
    QByteArray key;

    enum class Kind { Ec, Rsa, WeakRsa, Ed25519, SignedBySha1 };

    /// Valid from a day ago until `days` from now. With a passphrase the key is encrypted by it.
    static TlsFiles make(Kind kind = Kind::Ec, int days = 10, const QByteArray &passphrase = {})
    {
        const bool isEc = kind == Kind::Ec || kind == Kind::SignedBySha1;
        EVP_PKEY *key = isEc        ? EVP_EC_gen("P-256")
            : kind == Kind::Ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                    : EVP_RSA_gen(kind == Kind::Rsa ? 2048u : 1024u);
        X509 *certificate = X509_new();
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_set_version(certificate, X509_VERSION_3);
        X509_time_adj_ex(X509_getm_notBefore(certificate), qMin(-1, days - 1), 0, nullptr);
        X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, nullptr);
        X509_set_pubkey(certificate, key);
        X509_NAME *name = X509_get_subject_name(certificate);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char *>("localhost"), -1, -1, 0);
        X509_set_issuer_name(certificate, name);
        // How those are signed that are their own issuer, nobody asks.
        if (kind == Kind::SignedBySha1)
            X509_NAME_add_entry_by_txt(X509_get_issuer_name(certificate), "O", MBSTRING_ASC,
                                       reinterpret_cast<const unsigned char *>("another"), -1, -1, 0);
        X509_sign(certificate, key,
                  kind == Kind::Ed25519            ? nullptr
                      : kind == Kind::SignedBySha1 ? EVP_sha1()
                                                   : EVP_sha256());

        TlsFiles files;
        BIO *bio = BIO_new(BIO_s_mem());
        PEM_write_bio_X509(bio, certificate);
        files.certificate = taken(bio);
        bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(bio, key, passphrase.isEmpty() ? nullptr : EVP_aes_128_cbc(),
                                 reinterpret_cast<const unsigned char *>(passphrase.constData()),
                                 int(passphrase.size()), nullptr, nullptr);
        files.key = taken(bio);
        X509_free(certificate);
        EVP_PKEY_free(key);
        return files;
    }

private:
    static QByteArray taken(BIO *bio)
    {
        char *bytes = nullptr;
        const long count = BIO_get_mem_data(bio, &bytes);
        const QByteArray pem(bytes, qsizetype(count));
        BIO_free(bio);
        return pem;
    }
};

/// Readable by this user alone.
inline void writeFile(const QString &name, const QByteArray &bytes)
{
    QFile file(name);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write a test's file");
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
}

} // namespace wireroom::test

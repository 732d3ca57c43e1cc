// SPDX-License-Identifier: Apache-2.0
#include "common/transport/selfsigned.h"

#include "common/transport/openssl.h"
#include "common/transport/tlserrors.h"

#include <QString>
#include <QSysInfo>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace wireroom {

namespace {

constexpr int kDays = 3652;

/// A machine whose clock is a little behind should find it valid too.
constexpr int kDaysBefore = -1;

/// RFC 5280, 4.1.2.2: unique and of 20 bytes at most.
constexpr int kSerialBits = 127;

/// X.520's upper bound of a common name.
constexpr qsizetype kLongestName = 64;

/// Empty where the machine's name is none that a certificate can hold.
QByteArray hostName()
{
    const QByteArray name = QSysInfo::machineHostName().toLatin1();
    const auto isFine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
            || c == '.';
    };
    return name.size() <= kLongestName && std::all_of(name.begin(), name.end(), isFine) ? name : QByteArray();
}

bool addExtension(X509 *certificate, int nid, const QByteArray &value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.constData());
    const bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

bool addRandomSerial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    const bool added = number && BN_rand(number, kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1
        && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
    BN_free(number);
    return added;
}

bool fill(X509 *certificate, EVP_PKEY *key)
{
    const QByteArray host = hostName();
    const QByteArray name = host.isEmpty() ? QByteArray("localhost") : host;
    X509_NAME *subject = X509_get_subject_name(certificate);
    QByteArray alternatives = "DNS:localhost,IP:127.0.0.1,IP:::1";
    if (!host.isEmpty() && host != "localhost")
        alternatives.prepend(QByteArray("DNS:").append(host).append(','));
    return X509_set_version(certificate, X509_VERSION_3) == 1 && addRandomSerial(certificate)
        && X509_time_adj_ex(X509_getm_notBefore(certificate), kDaysBefore, 0, nullptr) != nullptr
        && X509_time_adj_ex(X509_getm_notAfter(certificate), kDays, 0, nullptr) != nullptr
        && X509_set_pubkey(certificate, key) == 1
        && X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char *>(name.constData()),
                                      int(name.size()), -1, 0)
        == 1
        && X509_set_issuer_name(certificate, subject) == 1
        && addExtension(certificate, NID_subject_alt_name, alternatives)
        && addExtension(certificate, NID_basic_constraints, "critical,CA:FALSE")
        && addExtension(certificate, NID_subject_key_identifier, "hash")
        && addExtension(certificate, NID_ext_key_usage, "serverAuth")
        && X509_sign(certificate, key, EVP_sha256()) > 0;
}

} // namespace

QByteArray selfSignedCertificate(EVP_PKEY *key)
{
    const OpenSslPtr<X509> certificate(X509_new());
    const OpenSslPtr<BIO> bio(BIO_new(BIO_s_mem()));
    QByteArray pem;
    if (certificate && bio && fill(certificate.get(), key)
        && PEM_write_bio_X509(bio.get(), certificate.get()) == 1)
        pem = bytesOf(bio.get());
    clearTlsErrors();
    return pem;
}

} // namespace wireroom

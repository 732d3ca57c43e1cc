// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace wireroom {

struct OpenSslFreeing
{
    void operator()(BIO *bio) const { BIO_free(bio); }

    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }

    void operator()(X509 *certificate) const { X509_free(certificate); }

    void operator()(SSL_CTX *settings) const { SSL_CTX_free(settings); }

    void operator()(SSL *ssl) const { SSL_free(ssl); }
};

/// What OpenSSL made, freed by it at the end. In sources alone: a header names its types without these.
template <typename T> using OpenSslPtr = std::unique_ptr<T, OpenSslFreeing>;

/// Reads `bytes`, which outlive it.
inline OpenSslPtr<BIO> bioOf(const QByteArray &bytes)
{
    return OpenSslPtr<BIO>(BIO_new_mem_buf(bytes.constData(), int(bytes.size())));
}

/// What was written to a BIO in memory.
inline QByteArray bytesOf(BIO *bio)
{
    char *bytes = nullptr;
    const long count = BIO_get_mem_data(bio, &bytes);
    return {bytes, qsizetype(count)};
}

} // namespace wireroom

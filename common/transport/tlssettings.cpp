// SPDX-License-Identifier: Apache-2.0
#include "common/transport/tlssettings.h"

#include "common/transport/openssl.h"
#include "common/transport/tlserrors.h"

#include <openssl/pem.h>

namespace wireroom {

namespace {

/// The server's own is the first, those that vouch for it follow.
bool useCertificates(SSL_CTX *settings, const QByteArray &pem)
{
    const OpenSslPtr<BIO> bio = bioOf(pem);
    const OpenSslPtr<X509> own(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!own || SSL_CTX_use_certificate(settings, own.get()) != 1)
        return false;
    while (const OpenSslPtr<X509> next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        if (SSL_CTX_add1_chain_cert(settings, next.get()) != 1)
            return false;
    }
    clearTlsErrors(); // the list's end is one
    return true;
}

bool useKey(SSL_CTX *settings, const QByteArray &pem)
{
    const OpenSslPtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bioOf(pem).get(), nullptr, nullptr, nullptr));
    return key && SSL_CTX_use_PrivateKey(settings, key.get()) == 1;
}

} // namespace

std::shared_ptr<ssl_ctx_st> newTlsSettings(const QByteArray &certificates, const QByteArray &key)
{
    clearTlsErrors();
    std::shared_ptr<SSL_CTX> shared(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    SSL_CTX *const settings = shared.get();
    if (!settings || SSL_CTX_set_min_proto_version(settings, TLS1_2_VERSION) != 1
        || !useCertificates(settings, certificates) || !useKey(settings, key))
        return nullptr;
    // Sessions are not resumed: there is nothing to keep of them, and no key that would open old ones. A
    // ticket would do harm besides: a peer that sends, closes and never reads resets the connection over the
    // unread ticket, and what it sent is lost.
    SSL_CTX_set_session_cache_mode(settings, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(settings, 0);
    SSL_CTX_set_options(settings,
                        SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_dh_auto(settings, 1); // for devices that know no elliptic curves
    // One call of the system takes all the records that are there; and between messages a connection keeps
    // no buffers, which are 34 KB.
    SSL_CTX_set_read_ahead(settings, 1);
    SSL_CTX_set_mode(settings, SSL_MODE_RELEASE_BUFFERS);
    return shared;
}

} // namespace wireroom

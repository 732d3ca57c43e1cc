// SPDX-License-Identifier: Apache-2.0
#include "common/transport/tlscontext.h"

#include "common/transport/tlsidentity.h"

#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>

#include <openssl/ssl.h>

namespace wireroom {

namespace {

void withoutTickets(void *ssl, void *, CRYPTO_EX_DATA *, int, long, void *)
{
    SSL_set_num_tickets(static_cast<SSL *>(ssl), 0);
}

/// Nobody could resume by a TLS 1.3 session ticket, since Qt makes new keys for each connection. And it would
/// do harm: a peer that sends, closes and never reads resets the connection over the unread ticket, and what
/// it sent is lost. Qt has no word for it; OpenSSL calls this for each SSL object that Qt makes from now on.
void sendNoSessionTickets()
{
    static const int index = SSL_get_ex_new_index(0, nullptr, &withoutTickets, nullptr, nullptr);
    Q_UNUSED(index);
}

} // namespace

TlsContext::TlsContext() = default;
TlsContext::~TlsContext() = default;

const QSslConfiguration &TlsContext::configuration(const TlsIdentity &identity)
{
    if (m_configuration && m_fingerprint == identity.fingerprint)
        return *m_configuration;
    m_configuration = std::make_unique<QSslConfiguration>();
    m_configuration->setLocalCertificateChain(QSslCertificate::fromData(identity.certificates));
    m_configuration->setPrivateKey(
        QSslKey(identity.key, identity.keyKind == TlsIdentity::KeyKind::Rsa ? QSsl::Rsa : QSsl::Ec));
    m_configuration->setProtocol(QSsl::TlsV1_2OrLater);
    m_configuration->setPeerVerifyMode(QSslSocket::VerifyNone);
    // The system's authorities would be read for every connection, for nobody.
    m_configuration->setCaCertificates({});
    sendNoSessionTickets();
    m_fingerprint = identity.fingerprint;
    return *m_configuration;
}

QString tlsErrorWords(const QSslSocket &socket)
{
    const QString text = socket.errorString();
    const QString last = text.section(u':', -1).trimmed();
    return last.isEmpty() ? text : last;
}

} // namespace wireroom

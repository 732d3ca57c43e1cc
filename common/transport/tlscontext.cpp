// SPDX-License-Identifier: Apache-2.0
#include "common/transport/tlscontext.h"

#include "common/transport/tlsidentity.h"

#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>

namespace wireroom {

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

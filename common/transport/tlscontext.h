// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QString>

#include <memory>

class QSslConfiguration;
class QSslSocket;

namespace wireroom {

struct TlsIdentity;

/// What a thread's TLS sockets share: the identity in Qt's words, made when the first of them needs it.
///
/// Owner: the thread's IoContext. Not for other threads.
class TlsContext
{
public:
    TlsContext();
    ~TlsContext();

    /// For a server's side of TLS 1.2 and newer; nobody is asked for a certificate.
    const QSslConfiguration &configuration(const TlsIdentity &identity);

private:
    QByteArray m_fingerprint; ///< of whom m_configuration is
    std::unique_ptr<QSslConfiguration> m_configuration;
};

/// What went wrong with its TLS, in OpenSSL's words but without its numbers ("unsupported protocol" of
/// "error:0A000102:SSL routines::unsupported protocol").
QString tlsErrorWords(const QSslSocket &socket);

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/testcertificates.h"

#include <QSslConfiguration>
#include <QSslSocket>
#include <QTcpServer>

#include <optional>

namespace wireroom {

/// A listening socket whose connections are encrypted once it has a certificate: QTcpServer otherwise. They
/// are handed out before their handshake, and have bytes after it.
class TlsTestServer : public QTcpServer
{
public:
    /// For the connections from now on; nothing: plain ones.
    void setCertificate(const std::optional<TestCertificate> &certificate) { m_certificate = certificate; }

    void setProtocol(QSsl::SslProtocol protocol) { m_protocol = protocol; }

    int handshakes = 0; ///< that went well

protected:
    void incomingConnection(qintptr descriptor) override
    {
        if (!m_certificate) {
            QTcpServer::incomingConnection(descriptor);
            return;
        }
        auto *socket = new QSslSocket(this);
        socket->setSocketDescriptor(descriptor);
        QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
        configuration.setLocalCertificate(m_certificate->certificate);
        configuration.setPrivateKey(m_certificate->key);
        configuration.setPeerVerifyMode(QSslSocket::VerifyNone);
        configuration.setProtocol(m_protocol);
        socket->setSslConfiguration(configuration);
        connect(socket, &QSslSocket::encrypted, this, [this] { ++handshakes; });
        socket->startServerEncryption();
        addPendingConnection(socket);
    }

private:
    std::optional<TestCertificate> m_certificate;
    QSsl::SslProtocol m_protocol = QSsl::TlsV1_2OrLater;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
//
// bench_tlsnaiveserver PORT echo: QSslSocket with nothing around it. It writes back what it reads and knows
// nothing of frames.

#include "common/transport/tlsidentity.h"

#include <QCoreApplication>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>
#include <QTcpServer>
#include <QTemporaryDir>

#include <cstdio>

namespace {

class Server : public QTcpServer
{
public:
    explicit Server(const wireroom::TlsIdentity &identity) : m_tls(QSslConfiguration::defaultConfiguration())
    {
        m_tls.setLocalCertificate(QSslCertificate(identity.certificates));
        m_tls.setPrivateKey(QSslKey(identity.key, QSsl::Ec));
        m_tls.setPeerVerifyMode(QSslSocket::VerifyNone);
    }

protected:
    void incomingConnection(qintptr descriptor) override
    {
        auto *socket = new QSslSocket(this);
        socket->setSocketDescriptor(descriptor);
        socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        socket->setSslConfiguration(m_tls);
        connect(socket, &QSslSocket::readyRead, socket, [socket] { socket->write(socket->readAll()); });
        connect(socket, &QSslSocket::disconnected, socket, &QObject::deleteLater);
        socket->startServerEncryption();
    }

private:
    QSslConfiguration m_tls;
};

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    if (argc != 3 || QByteArrayView(argv[2]) != "echo") {
        std::fputs("Usage: bench_tlsnaiveserver PORT echo\n", stderr);
        return 64;
    }
    const QTemporaryDir folder;
    const auto identity = wireroom::TlsIdentity::loadOrMake(folder.path());
    if (!identity) {
        std::fprintf(stderr, "bench_tlsnaiveserver: %s\n", qPrintable(identity.error().text));
        return 1;
    }
    Server server(identity.value());
    if (!server.listen(QHostAddress::LocalHost, quint16(QByteArray(argv[1]).toInt()))) {
        std::fprintf(stderr, "bench_tlsnaiveserver: %s\n", qPrintable(server.errorString()));
        return 1;
    }
    return QCoreApplication::exec();
}

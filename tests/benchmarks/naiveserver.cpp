// SPDX-License-Identifier: Apache-2.0
//
// bench_naiveserver PORT echo|relay: what one would write by hand with Qt: QTcpServer, QDataStream, a slot
// for each socket. It answers in u32le.

#include <QCoreApplication>
#include <QDataStream>
#include <QTcpServer>
#include <QTcpSocket>

#include <cstdio>

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    if (argc != 3) {
        std::fputs("Usage: bench_naiveserver PORT echo|relay\n", stderr);
        return 64;
    }
    const bool relays = QByteArrayView(argv[2]) == "relay";
    QTcpServer server;
    QList<QTcpSocket *> clients;
    QObject::connect(&server, &QTcpServer::newConnection, &server, [&] {
        while (QTcpSocket *socket = server.nextPendingConnection()) {
            clients << socket;
            QObject::connect(socket, &QTcpSocket::disconnected, &server, [&clients, socket] {
                clients.removeOne(socket);
                socket->deleteLater();
            });
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [&clients, socket, relays] {
                QDataStream in(socket);
                in.setByteOrder(QDataStream::LittleEndian);
                for (;;) {
                    in.startTransaction();
                    QByteArray message;
                    in >> message;
                    if (!in.commitTransaction())
                        return;
                    for (QTcpSocket *client : std::as_const(clients)) {
                        if ((client == socket) == relays)
                            continue;
                        QDataStream out(client);
                        out.setByteOrder(QDataStream::LittleEndian);
                        out << message;
                    }
                }
            });
        }
    });
    if (!server.listen(QHostAddress::LocalHost, quint16(QByteArray(argv[1]).toInt()))) {
        std::fprintf(stderr, "bench_naiveserver: %s\n", qPrintable(server.errorString()));
        return 1;
    }
    return QCoreApplication::exec();
}

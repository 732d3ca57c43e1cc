// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/framedecoder.h"
#include "common/framing/frameencoder.h"
#include "common/transport/descriptor.h"

#include <QSslSocket>
#include <QTest>

#include <memory>

namespace wireroom {

/// A foreign program at the other end of a server, for tests: writes bytes, keeps what comes. Inside TLS it
/// asks nobody who the server is.
class Peer : public QObject
{
public:
    enum class Tls { No, Yes };

    explicit Peer(FrameFormat format = FrameFormat::U32LE, Tls wanted = Tls::No)
        : tls(wanted == Tls::Yes ? new QSslSocket : nullptr), m_socket(tls ? tls : new QTcpSocket),
          socket(*m_socket), m_decoder(format, kLargestMaxPayloadBytes)
    {
        if (tls)
            tls->setPeerVerifyMode(QSslSocket::VerifyNone);
        connect(&socket, &QTcpSocket::readyRead, this, &Peer::take);
    }

    bool connectTo(quint16 port, const QString &host = QStringLiteral("127.0.0.1"))
    {
        if (tls) {
            tls->connectToHostEncrypted(host, port);
            return QTest::qWaitFor([&] { return tls->isEncrypted(); }, 10'000);
        }
        socket.connectToHost(host, port);
        return QTest::qWaitFor([&] { return socket.state() == QAbstractSocket::ConnectedState; }, 10'000);
    }

    void sendRaw(const QByteArray &bytes)
    {
        socket.write(bytes);
        if (socket.state() == QAbstractSocket::ConnectedState)
            socket.flush();
    }

    void send(const QByteArray &payload) { sendRaw(encodeFrame(m_decoder.format(), payload)); }

    /// Ends its direction of the connection once all is sent, and goes on reading. The socket's own view of
    /// the state does not change.
    bool endSending()
    {
        if (!QTest::qWaitFor([&] { return socket.bytesToWrite() == 0; }, 10'000))
            return false;
        Descriptor::shutdownSending(socket.socketDescriptor());
        return true;
    }

    bool waitForFrames(qsizetype count)
    {
        return QTest::qWaitFor([&] { return frames.size() >= count; }, 20'000);
    }

    bool waitForEnd()
    {
        return QTest::qWaitFor([&] { return socket.state() == QAbstractSocket::UnconnectedState; }, 20'000);
    }

    /// A peer that does not read: also the system's buffer must stay full.
    void stopReading()
    {
        reads = false;
        socket.setReadBufferSize(1);
    }

    void readAgain()
    {
        reads = true;
        socket.setReadBufferSize(0);
        take();
    }

    QSslSocket *const tls; ///< the socket, where it is one

private:
    std::unique_ptr<QTcpSocket> m_socket;

public:
    QTcpSocket &socket;
    QByteArray raw;
    QList<QByteArray> frames;
    bool reads = true;

private:
    void take()
    {
        if (!reads)
            return;
        const QByteArray bytes = socket.readAll();
        raw += bytes;
        m_decoder.feed(bytes, [this](Payload &payload) { frames << payload.take(); });
    }

    FrameDecoder m_decoder;
};

} // namespace wireroom

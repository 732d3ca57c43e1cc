// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/framedecoder.h"
#include "common/protocol/messagecodec.h"
#include "tests/support/tlstestserver.h"

#include <QTcpSocket>
#include <QTest>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>

namespace wireroom {

/// A chat server that says what a test tells it to: one connection at a time, its messages kept until they
/// are asked for. With `plays` it answers Hello and Post by itself, as one that has all it is sent.
class ScriptedChatServer : public QObject
{
public:
    ScriptedChatServer()
    {
        connect(&m_server, &QTcpServer::newConnection, this, [this] { accept(); });
        welcome.id = ClientId(7);
        welcome.token = QByteArray(chat::kTokenBytes, 't');
        welcome.serverName = QStringLiteral("scripted");
        welcome.limits = {1'000'000, 100, quint64(chat::kMaxNameLength), 200};
    }

    bool listen(quint16 port = 0, const QHostAddress &address = QHostAddress::LocalHost)
    {
        return m_server.listen(address, port);
    }

    /// Encrypts from the next connection on.
    void setCertificate(const TestCertificate &certificate) { m_server.setCertificate(certificate); }

    quint16 port() const { return m_server.serverPort(); }

    /// Nobody is let in any more; who is there stays.
    void stopListening() { m_server.close(); }

    bool isConnected() const { return m_socket && m_socket->state() == QAbstractSocket::ConnectedState; }

    bool waitForConnections(int count)
    {
        return QTest::qWaitFor([&] { return connections >= count; }, kPatienceMs);
    }

    bool waitForEnd()
    {
        return QTest::qWaitFor([&] { return !isConnected(); }, kPatienceMs);
    }

    /// The next message of that kind, once it is there; those before it stay.
    template <typename T> std::optional<T> next(int patienceMs = kPatienceMs)
    {
        const auto find = [this] {
            return std::find_if(received.begin(), received.end(),
                                [](const chat::Message &m) { return std::holds_alternative<T>(m); });
        };
        if (!QTest::qWaitFor([&] { return find() != received.end(); }, patienceMs))
            return std::nullopt;
        const auto found = find();
        // On the heap, as GCC warns of the variant's storage otherwise, where there is nothing.
        const auto message = std::make_shared<chat::Message>(std::move(*found));
        received.erase(found);
        return std::get<T>(*message);
    }

    template <typename T> size_t count() const
    {
        return size_t(std::count_if(received.begin(), received.end(),
                                    [](const chat::Message &m) { return std::holds_alternative<T>(m); }));
    }

    void send(const chat::Message &message)
    {
        sendRaw(chat::encodeMessageFrame(message, std::exchange(m_first, chat::FirstFrame::No)));
    }

    void sendRaw(const QByteArray &bytes)
    {
        m_socket->write(bytes);
        if (m_socket->state() == QAbstractSocket::ConnectedState)
            m_socket->flush();
    }

    /// Waits for Hello and lets the client in.
    std::optional<chat::Hello> letIn()
    {
        std::optional<chat::Hello> hello = next<chat::Hello>();
        if (hello)
            sendWelcome(*hello);
        return hello;
    }

    void deliver(quint64 seq, const QByteArray &text, quint64 from = 3)
    {
        welcome.lastSeq = std::max(welcome.lastSeq, seq);
        send(chat::Delivery{seq, 1'000'000 + qint64(seq), ClientId(from), {}, chat::BodyKind::Text, text});
    }

    /// As a network does that breaks.
    void cut() { m_socket->abort(); }

    /// In good order, whatever was sent before.
    void end() { m_socket->disconnectFromHost(); }

    static constexpr int kPatienceMs = 20'000;

    chat::Welcome welcome; ///< what the next one is told; the roster gains the client itself
    bool plays = false;
    int connections = 0;
    std::deque<chat::Message> received;  ///< of the newest connection
    QStringList faults;                  ///< what came and is no message
    std::map<quint64, chat::Post> posts; ///< plays: each ref once, also over connections

private:
    void accept()
    {
        if (m_socket)
            m_socket->deleteLater();
        m_socket = m_server.nextPendingConnection();
        m_decoder.emplace(FrameFormat::U32BE);
        m_first = chat::FirstFrame::Yes;
        received.clear();
        ++connections;
        connect(m_socket, &QTcpSocket::readyRead, this, [this] { read(); });
    }

    void read()
    {
        m_decoder->feed(m_socket->readAll(), [this](Payload &payload) {
            chat::Decoded decoded = chat::decodeMessage(payload.view());
            if (const auto *error = std::get_if<chat::CodecError>(&decoded)) {
                faults << error->text;
                return;
            }
            auto &message = std::get<chat::Message>(decoded);
            if (plays)
                play(message);
            received.push_back(std::move(message));
        });
    }

    void sendWelcome(const chat::Hello &hello)
    {
        chat::Welcome told = welcome;
        if (!posts.empty())
            told.lastRef = std::max(told.lastRef, posts.rbegin()->first);
        told.roster.push_back({told.id, hello.name, chat::PresenceState::Online, 1'000});
        send(told);
    }

    void play(const chat::Message &message)
    {
        if (const auto *hello = std::get_if<chat::Hello>(&message)) {
            sendWelcome(*hello);
        } else if (const auto *post = std::get_if<chat::Post>(&message)) {
            posts.emplace(post->ref, *post);
            const quint64 seq = 1'000 + post->ref;
            welcome.lastSeq = std::max(welcome.lastSeq, seq);
            send(chat::Stored{post->ref, seq, 5'000, {}, post->to ? post->to->size() : 1});
        }
    }

    TlsTestServer m_server;
    QTcpSocket *m_socket = nullptr;
    std::optional<FrameDecoder> m_decoder;
    chat::FirstFrame m_first = chat::FirstFrame::Yes;
};

} // namespace wireroom

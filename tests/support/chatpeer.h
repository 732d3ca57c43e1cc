// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/protocol/messagecodec.h"
#include "tests/support/peer.h"

namespace wireroom {

/// A chat client that does exactly what a test says, nothing by itself: no Pong, no Ack.
class ChatPeer : public QObject
{
public:
    explicit ChatPeer(Peer::Tls tls = Peer::Tls::No) : peer(FrameFormat::U32BE, tls) { }

    void send(const chat::Message &message)
    {
        peer.sendRaw(
            chat::encodeMessageFrame(message, m_hasSpoken ? chat::FirstFrame::No : chat::FirstFrame::Yes));
        m_hasSpoken = true;
    }

    /// Connects, says Hello and waits for Welcome.
    bool join(quint16 port, const QString &name, const QByteArray &token = {},
              std::optional<quint64> lastSeq = 0)
    {
        if (!peer.connectTo(port))
            return false;
        send(chat::Hello{chat::kVersion, name, token, lastSeq, {}});
        const auto welcomed = waitFor<chat::Welcome>();
        if (!welcomed)
            return false;
        welcome = *welcomed;
        return true;
    }

    void post(quint64 ref, const chat::Addressees &to, const QByteArray &text)
    {
        send(chat::Post{ref, to, chat::BodyKind::Text, text});
    }

    /// All messages of a kind, in order, so far.
    template <typename T> std::vector<T> all()
    {
        take();
        std::vector<T> found;
        for (const chat::Message &message : m_messages) {
            if (const T *m = std::get_if<T>(&message))
                found.push_back(*m);
        }
        return found;
    }

    /// The last message of a kind, once there are `count` of them; nothing when they do not come.
    template <typename T> std::optional<T> waitFor(size_t count = 1, int timeoutMs = 10'000)
    {
        if (!QTest::qWaitFor([&] { return all<T>().size() >= count; }, timeoutMs))
            return {};
        return all<T>().back();
    }

    /// The bodies delivered so far.
    QList<QByteArray> delivered()
    {
        QList<QByteArray> bodies;
        for (const chat::Delivery &delivery : all<chat::Delivery>())
            bodies << delivery.body;
        return bodies;
    }

    std::vector<std::pair<quint64, ClientId>> receipts()
    {
        std::vector<std::pair<quint64, ClientId>> list;
        for (const chat::Receipts &receipts : all<chat::Receipts>())
            list.insert(list.end(), receipts.list.begin(), receipts.list.end());
        return list;
    }

    bool waitForEnd() { return peer.waitForEnd(); }

    ClientId id() const { return welcome.id; }

    Peer peer;
    chat::Welcome welcome;
    QStringList faults; ///< what came and was no message

private:
    void take()
    {
        for (; m_taken < peer.frames.size(); ++m_taken) {
            chat::Decoded decoded = chat::decodeMessage(peer.frames[m_taken]);
            if (auto *message = std::get_if<chat::Message>(&decoded))
                m_messages.push_back(std::move(*message));
            else
                faults << std::get<chat::CodecError>(decoded).text;
        }
    }

    bool m_hasSpoken = false;
    qsizetype m_taken = 0;
    std::vector<chat::Message> m_messages;
};

} // namespace wireroom

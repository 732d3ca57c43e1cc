// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/sessionclient.h"

#include "common/framing/frameencoder.h"
#include "tests/fuzz/fuzztargets.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <type_traits>

#include <netinet/in.h>
#include <sys/socket.h>

using namespace Qt::StringLiterals;

namespace wireroom::fuzz {

namespace {

constexpr QByteArrayView kTag("\xd9\xd9\xf7", 3);

/// Less than a server waits for the first bytes of a peer that it has something to write to.
constexpr qint64 kSilenceMs = 150;

template <typename T, typename... Of> constexpr bool isOneOf = (std::is_same_v<T, Of> || ...);

} // namespace

void SessionClient::connectTo(quint16 port)
{
    reset();
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    WIREROOM_FUZZ_CHECK(socket >= 0, u"no socket: %1"_s.arg(errno));
    m_socket = Descriptor(socket);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int result = ::connect(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address);
    WIREROOM_FUZZ_CHECK(result == 0, u"not connected: %1"_s.arg(errno));
    m_decoder.emplace(FrameFormat::U32BE, kLargestMaxPayloadBytes);
    m_age.start();
    m_stage = Stage::Hello;
    m_isFirst = true;
    m_isWelcome = false;
    m_isReplaceable = false;
    m_lastDelivered = 0;
}

void SessionClient::reset()
{
    if (m_socket) {
        const linger rightNow{1, 0};
        ::setsockopt(int(m_socket.value()), SOL_SOCKET, SO_LINGER, &rightNow, sizeof rightNow);
        m_socket.reset();
    }
    m_stage = Stage::None;
    m_owed.clear();
}

void SessionClient::finishSending()
{
    Descriptor::shutdownSending(m_socket.value());
    m_stage = Stage::Raw;
    m_owed.clear();
}

void SessionClient::expectEnd()
{
    if (m_stage == Stage::Hello || m_stage == Stage::Joined)
        m_stage = Stage::Ended;
    m_owed.clear();
}

void SessionClient::write(QByteArrayView bytes)
{
    // The server may have closed meanwhile; then nobody waits for an answer.
    m_socket.send(bytes.data(), bytes.size());
}

void SessionClient::sendRaw(QByteArrayView bytes)
{
    m_stage = Stage::Raw;
    m_owed.clear();
    write(bytes);
}

void SessionClient::send(QByteArrayView payload)
{
    // One that does not speak chat, or was silent for so long that it may have been taken for a listener.
    if (std::exchange(m_isFirst, false) && (!payload.startsWith(kTag) || m_age.hasExpired(kSilenceMs)))
        m_stage = Stage::Raw;
    if (m_stage == Stage::Hello || m_stage == Stage::Joined)
        expectAfter(chat::decodeMessage(payload));
    write(encodeFrame(FrameFormat::U32BE, payload.toByteArray()));
}

void SessionClient::expectAfter(const chat::Decoded &decoded)
{
    if (const auto *error = std::get_if<chat::CodecError>(&decoded)) {
        if (m_stage == Stage::Joined && error->kind == chat::CodecError::Kind::UnknownType)
            m_owed.push_back({Owed::What::Notice});
        else
            m_stage = Stage::Ended;
        return;
    }
    std::visit(
        [this](const auto &message) {
            using T = std::decay_t<decltype(message)>;
            if (m_stage == Stage::Hello) {
                if constexpr (std::is_same_v<T, chat::Hello>) {
                    if (message.version >= 1 && chat::isAcceptableName(message.name)) {
                        m_stage = Stage::Joined;
                        m_owed.push_back({Owed::What::Welcome});
                        return;
                    }
                }
                m_stage = Stage::Ended;
            } else if constexpr (std::is_same_v<T, chat::Post>) {
                if (message.ref == 0)
                    m_stage = Stage::Ended;
                else
                    m_owed.push_back({Owed::What::Stored, message.ref, message.body.size()});
            } else if constexpr (std::is_same_v<T, chat::Rename>) {
                if (!chat::isAcceptableName(message.name))
                    m_owed.push_back({Owed::What::Notice});
            } else if constexpr (std::is_same_v<T, chat::Ping>) {
                m_owed.push_back({Owed::What::Pong, message.clock});
            } else if constexpr (std::is_same_v<T, chat::HistoryQuery>) {
                m_owed.push_back({Owed::What::HistoryPage, message.query});
            } else if constexpr (!isOneOf<T, chat::Ack, chat::Pong>) {
                m_stage = Stage::Ended;
            }
        },
        std::get<chat::Message>(decoded));
}

void SessionClient::receive()
{
    std::array<char, 64 * 1024> buffer;
    while (m_stage != Stage::None) {
        const ssize_t count = ::recv(int(m_socket.value()), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return;
        if (count <= 0)
            return end();
        if (m_stage == Stage::Raw)
            continue;
        const bool isFramed = m_decoder->feed({buffer.data(), count}, [&](Payload &payload) {
            const chat::Decoded decoded = chat::decodeMessage(payload.view());
            if (const auto *error = std::get_if<chat::CodecError>(&decoded))
                found(__FILE__, __LINE__,
                      QString(u"the server says what nobody understands: "_s % error->text % u" In "_s
                              % QString::fromLatin1(QByteArray(buffer.data(), count).toHex(' '))));
            take(std::get<chat::Message>(decoded));
        });
        WIREROOM_FUZZ_CHECK(isFramed, u"the server's bytes are no frames"_s);
    }
}

void SessionClient::take(const chat::Message &message)
{
    std::visit(
        [&](const auto &m) {
            using T = std::decay_t<decltype(m)>;
            // Of a client that did not wait for Welcome, also what it asked for.
            constexpr bool isBeforeWelcome = isOneOf<T, chat::Welcome, chat::Refused, chat::Notice, chat::Bye,
                                                     chat::Pong, chat::Stored, chat::HistoryPage>;
            WIREROOM_FUZZ_CHECK(isBeforeWelcome || m_isWelcome,
                                u"said before Welcome: %1"_s.arg(message.index() + 1));
            if constexpr (std::is_same_v<T, chat::Welcome>) {
                WIREROOM_FUZZ_CHECK(settle(Owed::What::Welcome), u"a Welcome for nothing"_s);
                m_isWelcome = true;
                m_id = m.id;
                m_token = m.token;
                m_bodyLimit = m.limits.bodyBytes;
            } else if constexpr (std::is_same_v<T, chat::Refused>) {
                WIREROOM_FUZZ_CHECK(m_stage == Stage::Ended || !m_isWelcome || m_isReplaceable,
                                    QString(u"refused for nothing: "_s % m.code % u": "_s % m.text));
                expectEnd();
            } else if constexpr (std::is_same_v<T, chat::Bye>) {
                WIREROOM_FUZZ_CHECK(m_stage == Stage::Ended, u"a Bye for nothing"_s);
            } else if constexpr (std::is_same_v<T, chat::Stored>) {
                WIREROOM_FUZZ_CHECK(settle(Owed::What::Stored, m.ref), u"a Stored for nothing"_s);
            } else if constexpr (std::is_same_v<T, chat::Pong>) {
                WIREROOM_FUZZ_CHECK(settle(Owed::What::Pong, m.clock), u"a Pong for nothing"_s);
            } else if constexpr (std::is_same_v<T, chat::HistoryPage>) {
                WIREROOM_FUZZ_CHECK(settle(Owed::What::HistoryPage, m.query), u"a page for nothing"_s);
            } else if constexpr (std::is_same_v<T, chat::Notice>) {
                // It answers, or it tells of what a message means for others.
                if (m.code != chat::notice::BadValue || !settleTooLarge())
                    settle(Owed::What::Notice);
            } else if constexpr (std::is_same_v<T, chat::Delivery>) {
                WIREROOM_FUZZ_CHECK(m.seq > m_lastDelivered, u"a message twice, or out of order"_s);
                m_lastDelivered = m.seq;
            } else {
                constexpr bool isServers = isOneOf<T, chat::Receipts, chat::Presence, chat::Ping>;
                WIREROOM_FUZZ_CHECK(isServers, u"only a client says that"_s);
            }
        },
        message);
}

bool SessionClient::settle(Owed::What what, quint64 number)
{
    // What was asked before it was to end may still be answered.
    if (m_stage == Stage::Ended)
        return true;
    const auto it = std::find_if(m_owed.begin(), m_owed.end(), [&](const Owed &owed) {
        return owed.what == what && owed.number == number;
    });
    if (it == m_owed.end())
        return false;
    m_owed.erase(it);
    return true;
}

/// A Post that is over the limit is answered with a Notice.
bool SessionClient::settleTooLarge()
{
    const auto it = std::find_if(m_owed.begin(), m_owed.end(), [this](const Owed &owed) {
        return owed.what == Owed::What::Stored && quint64(owed.bytes) > m_bodyLimit;
    });
    if (it == m_owed.end())
        return false;
    m_owed.erase(it);
    return true;
}

void SessionClient::end()
{
    WIREROOM_FUZZ_CHECK(m_stage == Stage::Raw || m_stage == Stage::Ended,
                        u"closed for nothing, at stage %1"_s.arg(int(m_stage)));
    reset();
}

QString SessionClient::owed() const
{
    static constexpr std::array kNames{"Welcome", "Stored", "Pong", "HistoryPage", "Notice"};
    QString text = m_stage == Stage::Ended ? u"its end"_s : QString();
    for (const Owed &owed : m_owed)
        text += u" %1 %2"_s.arg(QLatin1StringView(kNames[size_t(owed.what)])).arg(owed.number);
    return text;
}

} // namespace wireroom::fuzz

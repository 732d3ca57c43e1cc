// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/framedecoder.h"
#include "common/protocol/messagecodec.h"
#include "common/transport/descriptor.h"

#include <QElapsedTimer>

#include <optional>
#include <vector>

namespace wireroom::fuzz {

/// One chat client of the session's target: a bare socket, and what the protocol says that the server owes
/// it. A wrong answer ends the program.
///
/// Lives as long as one input's server, in its thread; begins anew with connectTo().
class SessionClient
{
public:
    /// What is known of the connection without asking the server.
    enum class Stage {
        None,   ///< not connected
        Raw,    ///< sent what is no chat, or half of something: anything may happen to it
        Hello,  ///< has not said Hello
        Joined, ///< said a Hello that may be taken
        Ended,  ///< it asked for its end, or is to be refused
    };

    Stage stage() const { return m_stage; }

    /// Its account; also of the connection before, so that it can come back.
    ClientId id() const { return m_id; }

    const QByteArray &token() const { return m_token; }

    /// True while the server owes it an answer, or its end.
    bool isOwed() const { return !m_owed.empty() || m_stage == Stage::Ended; }

    /// In words.
    QString owed() const;

    void connectTo(quint16 port);
    /// One whole frame with that payload, and the note what must come of it.
    void send(QByteArrayView payload);
    void sendRaw(QByteArrayView bytes);
    void finishSending();
    void reset();

    /// Somebody says Hello with its token: it is refused, if that one is taken.
    void setReplaceable(bool replaceable) { m_isReplaceable = replaceable; }

    /// The operator throws it out, or stops the server.
    void expectEnd();

    /// Reads what is there; checks that it is what a server says, and that it was owed.
    void receive();

private:
    /// An answer that must come; those that are owed at a time may come in any order.
    struct Owed
    {
        enum class What { Welcome, Stored, Pong, HistoryPage, Notice } what;
        quint64 number = 0;  ///< ref, clock, query
        qsizetype bytes = 0; ///< of a Post's body
    };

    void write(QByteArrayView bytes);
    void expectAfter(const chat::Decoded &decoded);
    void take(const chat::Message &message);
    bool settle(Owed::What what, quint64 number = 0);
    bool settleTooLarge();
    void end();

    Descriptor m_socket;
    std::optional<FrameDecoder> m_decoder;
    QElapsedTimer m_age;
    Stage m_stage = Stage::None;
    bool m_isFirst = true;
    bool m_isWelcome = false;
    bool m_isReplaceable = false;
    ClientId m_id;
    QByteArray m_token;
    quint64 m_lastDelivered = 0;
    quint64 m_bodyLimit = 0;
    std::vector<Owed> m_owed;
};

} // namespace wireroom::fuzz

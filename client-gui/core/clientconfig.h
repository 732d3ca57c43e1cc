// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/clienttls.h"
#include "common/framing/frameformat.h"

#include <QHostAddress>
#include <QList>
#include <QString>

#include <chrono>
#include <optional>

namespace wireroom {

/// What makes a client a chat client. A value.
struct ChatIdentity
{
    QString name; ///< chat::isAcceptableName()
    /// Below it, for each server and name, a folder (0700) with the token, the outbox and how far was read,
    /// all 0600. The folder stays that of this name also when another one is taken later: who starts with
    /// this name is the same client again, under the name it took last. Empty: nothing is kept; the client is
    /// a new one each time.
    QString stateDir;
    /// Where the server asks for one. Sent over links that nobody else can read only (TLS, this machine) …
    std::optional<QString> password = {};
    /// … unless this is true.
    bool passwordUnencrypted = false;
    /// Forgets the token of old and joins as somebody new (after chat::refusal::UnknownToken).
    bool joinAsNew = false;
    /// Where the caller itself keeps what came (`wireroom-cli --transcript`): the highest seq it has. Instead
    /// of what the state says.
    std::optional<quint64> lastSeq = {};

    /// The state directory for this user where none is named.
    static QString defaultStateDir();
};

/// Everything a client is told when it connects. A value.
struct ClientConfig
{
    /// A name or an IP address. Every address of a name is tried in turn.
    QString host = QStringLiteral("127.0.0.1");
    quint16 port = 4040;
    /// Where the caller knows the host's addresses already: tried instead of asking for them.
    QList<QHostAddress> addresses;
    /// Not `auto`: a client says how it speaks.
    FrameFormat format = FrameFormat::U32LE;
    /// Not nothing: the chat protocol; `format` is of no meaning then.
    std::optional<ChatIdentity> chat = {};
    /// Not nothing: encrypted, or not at all.
    std::optional<ClientTls> tls = {};
    quint64 maxPayloadBytes = kDefaultMaxPayloadBytes;
    /// Outbound bytes that may wait; a message beyond it is refused.
    quint64 maxQueueBytes = 64u * 1024 * 1024;
    /// Connect again by itself when the server is not there yet or has gone.
    bool reconnect = true;
    /// For finding the host's addresses, and then for each of them.
    std::chrono::milliseconds connectDeadline{10'000};
    std::chrono::milliseconds flushDeadline{3'000};
    /// Chat: the server's Welcome is due after this.
    std::chrono::milliseconds welcomeDeadline{10'000};
    /// Chat: after so much silence the server is pinged, and again after half of it; after twice of it (and a
    /// half at most) without a sign of life the connection is given up.
    std::chrono::milliseconds pingInterval{30'000};
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/frameformat.h"

#include <QHostAddress>
#include <QList>
#include <QString>

#include <chrono>

namespace wireroom {

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
    quint64 maxPayloadBytes = kDefaultMaxPayloadBytes;
    /// Outbound bytes that may wait; a message beyond it is refused.
    quint64 maxQueueBytes = 64u * 1024 * 1024;
    /// Connect again by itself when the server is not there yet or has gone.
    bool reconnect = true;
    /// For finding the host's addresses, and then for each of them.
    std::chrono::milliseconds connectDeadline{10'000};
    std::chrono::milliseconds flushDeadline{3'000};
};

} // namespace wireroom

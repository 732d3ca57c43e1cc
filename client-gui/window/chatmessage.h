// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"

#include <QSize>

#include <vector>

namespace wireroom {

/// One message as a thread shows it. A value.
struct ChatMessage
{
    using State = ChatMessageState::State;

    quint64 seq = 0; ///< 0: not stored yet
    quint64 ref = 0; ///< our own of this run; 0 otherwise
    qint64 time = 0; ///< ms since 1970, UTC
    ClientId from;
    chat::Addressees to;
    chat::BodyKind kind = chat::BodyKind::Text;
    QByteArray body;
    bool isOwn = false;

    // Our own:
    State state = State::Stored;
    quint64 recipients = 0; ///< 0: not known (of an earlier run, to everyone)
    std::vector<ClientId> deliveredTo;
    quint64 deliveredBefore = 0; ///< told as a number only
    std::vector<ClientId> unknown;
    QString why; ///< Failed

    mutable QSize shownSize; ///< the delegate's, for the width in it; an empty one is to be found out

    quint64 delivered() const { return std::max<quint64>(deliveredTo.size(), deliveredBefore); }
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"
#include "common/base/inbox.h"

#include <chrono>
#include <variant>

namespace wireroom {

// What travels between ChatClient (its thread) and Link (the network thread): values in two inboxes.

struct ConnectLink
{
    ClientConfig config;
};

struct DisconnectLink
{
};

struct RetryLink
{
};

struct SendOnLink
{
    quint64 request;
    QByteArray payload;
};

struct ReceiveEvery
{
    bool every;
};

struct LinkBatchTaken
{
};

/// Closes, then ends the thread.
struct QuitLink
{
};

using LinkCommand = std::variant<ConnectLink, DisconnectLink, RetryLink, SendOnLink, ReceiveEvery,
                                 LinkBatchTaken, QuitLink>;

struct LinkState
{
    ChatClient::State state = ChatClient::State::Offline;
    QString reason;
    QString peerAddress;
    quint16 peerPort = 0;
    QDeadlineTimer retryAt;
};

struct LinkSendAnswer
{
    quint64 request;
    Result<quint64> result;
};

using LinkReply = std::variant<LinkState, ClientBatch, LinkSendAnswer>;

} // namespace wireroom

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

struct TrustOnLink
{
    Fingerprint fingerprint;
};

struct SendOnLink
{
    quint64 request;
    QByteArray payload;
};

struct PostOnLink
{
    quint64 request;
    chat::Addressees to;
    chat::BodyKind kind;
    QByteArray body;
};

struct RenameOnLink
{
    quint64 request;
    QString name;
};

struct QueryOnLink
{
    quint64 request;
    chat::HistoryQuery query;
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

using LinkCommand = std::variant<ConnectLink, DisconnectLink, RetryLink, TrustOnLink, SendOnLink, PostOnLink,
                                 RenameOnLink, QueryOnLink, ReceiveEvery, LinkBatchTaken, QuitLink>;

struct LinkState
{
    ChatClient::State state = ChatClient::State::Offline;
    QString reason;
    QString peerAddress;
    quint16 peerPort = 0;
    QDeadlineTimer retryAt;
    std::optional<TlsState> tls;
    std::optional<TlsQuestion> question;
};

/// To the command with that number.
template <typename T> struct LinkAnswer
{
    quint64 request;
    Result<T> result;
};

using LinkReply = std::variant<LinkState, ClientBatch, LinkAnswer<quint64>, LinkAnswer<QString>,
                               LinkAnswer<chat::HistoryPage>>;

} // namespace wireroom

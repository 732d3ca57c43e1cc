// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/inbox.h"
#include "common/base/recipients.h"
#include "server-gui/core/historystore.h"
#include "server-gui/core/serverconfig.h"
#include "server-gui/core/serverevents.h"
#include "server-gui/core/servermetrics.h"

#include <variant>

namespace wireroom {

// What travels between ChatServer (its thread) and Hub (the network thread): values in two inboxes.

struct StartHub
{
    ServerConfig config;
};

struct StopHub
{
};

/// Stops, then ends the thread.
struct QuitHub
{
};

struct SetPolicy
{
    quint64 request;
    PlainPolicy policy;
};

struct SendMessage
{
    quint64 request;
    Recipients to;
    QByteArray payload;
};

struct DisconnectClients
{
    quint64 request;
    Recipients who;
};

struct ListClients
{
    quint64 request;
};

struct ReadHistory
{
    quint64 request;
    HistoryRequest what;
};

struct BanSomebody
{
    quint64 request;
    BanTarget who;
    QString reason;
    std::chrono::seconds time; ///< 0: until it is lifted
};

struct LiftBan
{
    quint64 request;
    BanTarget who;
};

struct ListBans
{
    quint64 request;
};

struct ReadMetrics
{
    quint64 request;
};

struct ReleaseName
{
    quint64 request;
    QString name;
};

struct SetPassword
{
    quint64 request;
    QString dataDir; ///< of a server that does not run
    QString password;
};

struct BatchTaken
{
};

using HubCommand = std::variant<StartHub, StopHub, QuitHub, SetPolicy, SendMessage, DisconnectClients,
                                ListClients, ReadHistory, BanSomebody, LiftBan, ListBans, ReleaseName,
                                SetPassword, ReadMetrics, BatchTaken>;

struct HubListening
{
    QString address;
    quint16 port;
    int maxClients;
};

struct HubStopped
{
};

template <typename T> struct HubAnswer
{
    quint64 request;
    Result<T> result;
};

using PolicyAnswer = HubAnswer<PlainPolicy>;
using SendAnswer = HubAnswer<SendReport>;
using DisconnectAnswer = HubAnswer<std::vector<ClientId>>;
using ListAnswer = HubAnswer<std::vector<ClientSnapshot>>;
using HistoryAnswer = HubAnswer<HistoryMessages>;
using BanAnswer = HubAnswer<BanReport>;
using LiftAnswer = HubAnswer<Ban>;
using BansAnswer = HubAnswer<std::vector<Ban>>;
using ReleaseAnswer = HubAnswer<KnownClient>;
using PasswordAnswer = HubAnswer<bool>; ///< one is needed now
using MetricsAnswer = HubAnswer<ServerMetrics>;
using HubReply = std::variant<HubListening, HubStopped, ServerBatch, PolicyAnswer, SendAnswer,
                              DisconnectAnswer, ListAnswer, HistoryAnswer, BanAnswer, LiftAnswer, BansAnswer,
                              ReleaseAnswer, PasswordAnswer, MetricsAnswer>;

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/recipients.h"
#include "common/base/result.h"
#include "server-gui/core/ban.h"
#include "server-gui/core/serverconfig.h"

#include <QByteArray>
#include <QStringList>

#include <optional>
#include <variant>

namespace wireroom {

// What can be asked of the running daemon on its standard input, one a line.

struct SendCommand
{
    QString name; ///< as typed: `send` or `sendhex`
    Recipients to;
    QByteArray payload;
};

struct ClientsCommand
{
};

struct KickCommand
{
    Recipients who;
};

/// The newest messages of the history, those before one of them, or those with a text in them.
struct HistoryCommand
{
    QString name; ///< as typed: `history` or `search`
    quint64 count = 20;
    std::optional<quint64> before;
    QString text;
};

struct PolicyCommand
{
    PlainPolicy policy;
};

struct BanCommand
{
    BanTarget who;
    std::chrono::seconds time{0}; ///< 0: until it is lifted
    QString reason;
};

struct UnbanCommand
{
    BanTarget who;
};

struct BansCommand
{
};

/// A chat client's name, for whoever comes next.
struct ReleaseCommand
{
    QString name;
};

struct HelpCommand
{
};

struct StopCommand
{
};

using DaemonCommand
    = std::variant<SendCommand, ClientsCommand, KickCommand, HistoryCommand, PolicyCommand, BanCommand,
                   UnbanCommand, BansCommand, ReleaseCommand, HelpCommand, StopCommand>;

/// Reads one line: `send 1,3 hello`, `send all hello`, `send !2 hello`, `sendhex 1 00ff`, `clients`, `kick
/// 2`, `history 20`, `history 20 before 4711`, `search word`, `policy echo`, `ban 192.0.2.7 for 2h noise`,
/// `unban 192.0.2.7`, `bans`, `release Ann`, `help`, `stop`. The error is a sentence.
Result<DaemonCommand> parseDaemonCommand(QStringView line);

/// A line for each command.
QStringList daemonCommandHelp();

} // namespace wireroom

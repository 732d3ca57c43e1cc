// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/protocol/message.h"

#include <QByteArray>
#include <QStringView>

#include <variant>

namespace wireroom {

// What a line typed into wireroom-cli means when it chats.

/// Nothing: an empty line.
struct ChatNothing
{
};

/// To whom: those that were chosen, or (with `to`) these.
struct ChatSay
{
    bool hasTo = false;
    chat::Addressees to;
    QByteArray body;
};

/// From now on lines go to these.
struct ChatChoose
{
    chat::Addressees to;
};

struct ChatWho
{
};

/// The newest messages, or the newest of those that contain `text`.
struct ChatLookUp
{
    quint64 limit = 20;
    QString text;
};

struct ChatRename
{
    QString name;
};

struct ChatHelp
{
};

struct ChatQuit
{
};

using ChatCommand
    = std::variant<ChatNothing, ChatSay, ChatChoose, ChatWho, ChatLookUp, ChatRename, ChatHelp, ChatQuit>;

/// Reads a typed line: a message, unless it begins with `/`; `//` begins a message with one `/`. The error
/// says what is wrong and what is known.
Result<ChatCommand> parseChatCommand(const QByteArray &line);

/// IDs such as `3,4` (0 is the operator), or `all`.
Result<chat::Addressees> parseAddressees(QStringView text);

/// The commands, a line each.
QString chatCommandHelp();

} // namespace wireroom

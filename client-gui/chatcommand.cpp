// SPDX-License-Identifier: Apache-2.0
#include "client-gui/chatcommand.h"

#include "common/protocol/messagecodec.h"

#include <QList>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// The protocol's IDs fit into 63 bits.
constexpr quint64 kHighestId = std::numeric_limits<qint64>::max();

Error badInput(const QString &text)
{
    return {Error::Code::BadInput, text};
}

/// Splits at the first blank; the rest loses none of its own but those.
std::pair<QByteArray, QByteArray> firstWord(const QByteArray &line)
{
    const qsizetype blank = line.indexOf(' ');
    if (blank < 0)
        return {line, {}};
    qsizetype rest = blank;
    while (rest < line.size() && line[rest] == ' ')
        ++rest;
    return {line.first(blank), line.sliced(rest)};
}

Result<ChatCommand> parseTo(const QByteArray &arguments)
{
    const auto [ids, text] = firstWord(arguments);
    if (ids.isEmpty())
        return badInput(u"/to needs IDs like 3,4 (0 is the operator), or “all”."_s);
    const Result<chat::Addressees> to = parseAddressees(QString::fromUtf8(ids));
    if (!to)
        return to.error();
    if (text.isEmpty())
        return ChatCommand(ChatChoose{to.value()});
    return ChatCommand(ChatSay{true, to.value(), text});
}

Result<ChatCommand> parseHistory(const QByteArray &arguments)
{
    ChatLookUp command;
    const QByteArray number = arguments.trimmed();
    if (number.isEmpty())
        return ChatCommand(command);
    bool ok = false;
    command.limit = number.toULongLong(&ok);
    if (!ok || command.limit == 0 || command.limit > chat::kMaxPageMessages) {
        return badInput(u"/history takes a number from 1 to %1, not “%2”."_s.arg(
            QString::number(chat::kMaxPageMessages), QString::fromUtf8(number)));
    }
    return ChatCommand(command);
}

} // namespace

Result<chat::Addressees> parseAddressees(QStringView text)
{
    text = text.trimmed();
    if (text.compare("all"_L1, Qt::CaseInsensitive) == 0)
        return chat::Addressees();
    std::vector<ClientId> ids;
    for (const QStringView part : text.split(u',')) {
        bool ok = false;
        const ClientId id(part.trimmed().toULongLong(&ok));
        if (!ok || id.value() > kHighestId) {
            return badInput(
                u"“%1” is no ID. Write IDs like 3,4 (0 is the operator), or “all”."_s.arg(part.trimmed()));
        }
        if (std::find(ids.begin(), ids.end(), id) == ids.end())
            ids.push_back(id);
    }
    if (ids.size() > size_t(chat::kMaxRecipients))
        return badInput(u"A message has %1 recipients at most."_s.arg(chat::kMaxRecipients));
    return chat::Addressees(ids);
}

Result<ChatCommand> parseChatCommand(const QByteArray &line)
{
    if (line.isEmpty())
        return ChatCommand(ChatNothing{});
    if (!line.startsWith('/'))
        return ChatCommand(ChatSay{false, {}, line});
    if (line.startsWith("//"))
        return ChatCommand(ChatSay{false, {}, line.sliced(1)});

    const auto [word, arguments] = firstWord(line);
    const QString rest = QString::fromUtf8(arguments).trimmed();
    if (word == "/to")
        return parseTo(arguments);
    if (word == "/history")
        return parseHistory(arguments);
    if (word == "/search") {
        if (rest.isEmpty())
            return badInput(u"/search needs a word to look for."_s);
        return ChatCommand(ChatLookUp{50, rest});
    }
    if (word == "/name") {
        if (!chat::isAcceptableName(rest)) {
            return badInput(
                u"A name has 1 to %1 characters, none of them invisible."_s.arg(chat::kMaxNameLength));
        }
        return ChatCommand(ChatRename{rest});
    }
    if (rest.isEmpty()) {
        if (word == "/who")
            return ChatCommand(ChatWho{});
        if (word == "/help")
            return ChatCommand(ChatHelp{});
        if (word == "/quit")
            return ChatCommand(ChatQuit{});
    }
    return badInput(
        u"There is no command “%1”; /help lists them. A message that begins with / is written "
        "with two of them."_s.arg(QString::fromUtf8(line.first(std::min<qsizetype>(40, line.size())))));
}

QString chatCommandHelp()
{
    return u"TEXT             to everyone, or to those that were chosen\n"
           "/to 3,4 TEXT     to these IDs (0 is the operator), or to all\n"
           "/to 3,4          chooses to whom lines go from now on\n"
           "/who             who is known, and who is there\n"
           "/history [20]    the newest messages\n"
           "/search WORD     messages that contain this\n"
           "/name NAME       takes another name\n"
           "/quit            ends, once everything is stored\n"
           "//TEXT           a message that begins with /"_s;
}

} // namespace wireroom

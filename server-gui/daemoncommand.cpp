// SPDX-License-Identifier: Apache-2.0
#include "server-gui/daemoncommand.h"

#include "common/base/payloadtext.h"
#include "common/protocol/message.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// The first word, and what follows the one blank after it.
std::pair<QStringView, QStringView> splitWord(QStringView text)
{
    const qsizetype blank = text.indexOf(u' ');
    return blank < 0 ? std::pair(text, QStringView()) : std::pair(text.first(blank), text.sliced(blank + 1));
}

Error badInput(const QString &text)
{
    return {Error::Code::BadInput, text};
}

Result<DaemonCommand> parseSend(QStringView name, QStringView rest)
{
    const auto [recipients, content] = splitWord(rest);
    Result<Recipients> to = Recipients::parse(recipients);
    if (!to)
        return to.error();
    if (content.data() == nullptr)
        return badInput(u"Nothing to send: write %1 %2 and the message."_s.arg(name, recipients));
    if (name == "send"_L1)
        return DaemonCommand(SendCommand{name.toString(), std::move(to).value(), content.toUtf8()});
    Result<QByteArray> bytes = payloadFromTyped(PayloadMode::Hex, content);
    if (!bytes)
        return bytes.error();
    return DaemonCommand(SendCommand{name.toString(), std::move(to).value(), std::move(bytes).value()});
}

Result<DaemonCommand> parseHistory(QStringView argument)
{
    HistoryCommand command{u"history"_s, 20, {}, {}};
    const QList<QStringView> words = argument.split(u' ', Qt::SkipEmptyParts);
    const auto number = [](QStringView word) -> std::optional<quint64> {
        bool ok = false;
        const quint64 value = word.toULongLong(&ok);
        return ok && value > 0 ? std::optional(value) : std::nullopt;
    };
    const bool hasBefore = words.size() == 3 && words[1] == "before"_L1;
    const auto count = words.isEmpty() ? std::optional<quint64>(20) : number(words[0]);
    const auto before = hasBefore ? number(words[2]) : std::nullopt;
    if (!count || *count > chat::kMaxPageMessages || (words.size() > 1 && !before))
        return badInput(
            u"Write history, history 20, or history 20 before 4711; %1 messages at most at once."_s.arg(
                chat::kMaxPageMessages));
    command.count = *count;
    command.before = before;
    return DaemonCommand(std::move(command));
}

Result<DaemonCommand> parseBan(QStringView argument)
{
    const auto [target, rest] = splitWord(argument);
    const Result<BanTarget> who = BanTarget::parse(target);
    if (!who)
        return who.error();
    BanCommand command{who.value(), {}, {}};
    QStringView reason = rest.trimmed();
    if (const auto [word, behind] = splitWord(reason); word == "for"_L1) {
        const auto [time, text] = splitWord(behind.trimmed());
        const auto parsed = parseBanTime(time);
        if (!parsed)
            return badInput(u"“%1” is no time. Write for 90s, 30m, 2h, 7d or 4w."_s.arg(time));
        command.time = *parsed;
        reason = text.trimmed();
    }
    command.reason = reason.toString();
    return DaemonCommand(std::move(command));
}

} // namespace

Result<DaemonCommand> parseDaemonCommand(QStringView line)
{
    while (line.startsWith(u' ') || line.startsWith(u'\t'))
        line = line.sliced(1);
    const auto [name, rest] = splitWord(line);
    const QStringView argument = rest.trimmed();

    if (name == "send"_L1 || name == "sendhex"_L1)
        return parseSend(name, rest);
    if (name == "kick"_L1) {
        Result<Recipients> who = Recipients::parse(argument);
        if (!who)
            return who.error();
        return DaemonCommand(KickCommand{std::move(who).value()});
    }
    if (name == "history"_L1)
        return parseHistory(argument);
    if (name == "search"_L1) {
        if (argument.isEmpty())
            return badInput(u"Search for what? Write search and a word."_s);
        return DaemonCommand(HistoryCommand{u"search"_s, 50, {}, argument.toString()});
    }
    if (name == "ban"_L1)
        return parseBan(argument);
    if (name == "unban"_L1) {
        const Result<BanTarget> who = BanTarget::parse(argument);
        if (!who)
            return who.error();
        return DaemonCommand(UnbanCommand{who.value()});
    }
    if (name == "policy"_L1) {
        if (const std::optional<PlainPolicy> policy = plainPolicyFromString(argument))
            return DaemonCommand(PolicyCommand{*policy});
        return badInput(u"The policy is none, echo or relay."_s);
    }
    if (name == "release"_L1) {
        if (argument.isEmpty())
            return badInput(u"Release which name?"_s);
        return DaemonCommand(ReleaseCommand{argument.toString()});
    }
    if (!argument.isEmpty()
        && (name == "clients"_L1 || name == "bans"_L1 || name == "help"_L1 || name == "stop"_L1))
        return badInput(u"“%1” stands alone."_s.arg(name));
    if (name == "clients"_L1)
        return DaemonCommand(ClientsCommand{});
    if (name == "bans"_L1)
        return DaemonCommand(BansCommand{});
    if (name == "help"_L1)
        return DaemonCommand(HelpCommand{});
    if (name == "stop"_L1)
        return DaemonCommand(StopCommand{});
    return badInput(u"There is no command “%1”; “help” lists them."_s.arg(name));
}

QStringList daemonCommandHelp()
{
    return {
        u"send IDS TEXT      to 1,3,5-8, to all, or to !2 (all but 2)"_s,
        u"sendhex IDS HEX    bytes, written as 00ff"_s,
        u"clients            who is connected, with counters"_s,
        u"kick IDS           disconnect"_s,
        u"history N          the last N messages; history N before SEQ for older ones"_s,
        u"search WORDS       the last messages with these words"_s,
        u"ban WHO for 2h WHY an ID, an address or a network; without “for”, until unban WHO"_s,
        u"bans               who is banned"_s,
        u"policy P           none, echo or relay, from now on"_s,
        u"release NAME       gives the name of a chat client that is not here to whoever comes next"_s,
        u"help, stop"_s,
    };
}

} // namespace wireroom

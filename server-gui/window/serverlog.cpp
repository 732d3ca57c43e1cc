// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/serverlog.h"

#include "common/base/hostport.h"
#include "common/widgets/numbertext.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

QString nameOf(ClientId id)
{
    return id.isOperator() ? u"operator"_s : id.toString();
}

LogEntry sentence(LogEntry::Kind kind, const QDateTime &time, const QString &text, ClientId about = kOperator)
{
    LogEntry entry;
    entry.time = time.isValid() ? time : QDateTime::currentDateTimeUtc();
    entry.kind = kind;
    entry.clientId = about.value();
    entry.payload = text.toUtf8();
    return entry;
}

LogEntry note(const QDateTime &time, const QString &text, ClientId about = kOperator)
{
    return sentence(LogEntry::Kind::Note, time, text, about);
}

LogEntry error(const QDateTime &time, const QString &text, ClientId about = kOperator)
{
    return sentence(LogEntry::Kind::Error, time, text, about);
}

LogEntry rowFor(const ServerListening &event)
{
    return note({}, u"Listening on %1"_s.arg(HostPort{event.address, event.port}.toString()));
}

LogEntry rowFor(const ServerStopped &)
{
    return note({}, u"Stopped"_s);
}

LogEntry rowFor(const ClientConnected &event)
{
    return note(event.time,
                u"Client %1 connected from %2"_s.arg(event.id.toString(),
                                                     HostPort{event.address, event.port}.toString()),
                event.id);
}

LogEntry rowFor(const ClientFormatKnown &event)
{
    const QString how = event.detected ? u"detected from its first bytes"_s : u"the default"_s;
    return note(event.time,
                u"Client %1 speaks %2 (%3), %4"_s.arg(event.id.toString(), event.format.toString(),
                                                      event.format.description(), how),
                event.id);
}

LogEntry rowFor(const MessagePassed &event)
{
    LogEntry entry;
    entry.time = event.time;
    entry.from = nameOf(event.from);
    entry.payload = event.payload;
    if (event.from.isOperator()) {
        entry.kind = LogEntry::Kind::Outgoing;
        entry.to = event.to.empty() ? QString() : Recipients::only(event.to).toString();
        if (!event.to.empty()) {
            entry.clientId = event.to.front().value();
            for (size_t i = 1; i < event.to.size(); ++i)
                entry.moreClientIds.push_back(event.to[i].value());
        }
    } else {
        entry.kind = LogEntry::Kind::Incoming;
        entry.to = nameOf(kOperator);
        entry.clientId = event.from.value();
    }
    return entry;
}

LogEntry rowFor(const ClientDisconnected &event)
{
    const QString who = u"Client %1 disconnected"_s.arg(event.id.toString());
    return note(event.time, event.reason.isEmpty() ? who : QString(who % u": " % event.reason), event.id);
}

LogEntry rowFor(const PeerRefused &event)
{
    const QString address = HostPort{event.address, event.port}.toString();
    const QString who = event.id ? u"Client %1 (%2)"_s.arg(event.id->toString(), address) : address;
    return error(event.time, u"%1 was turned away: %2"_s.arg(who, event.reason),
                 event.id.value_or(kOperator));
}

LogEntry rowFor(const ServerNote &event)
{
    const QString text = event.id ? u"Client %1: %2"_s.arg(event.id->toString(), event.text) : event.text;
    return note(event.time, text, event.id.value_or(kOperator));
}

LogEntry rowFor(const ServerFailed &event)
{
    return error({}, event.error.text);
}

LogEntry rowFor(const MessagesSkipped &event)
{
    return note({},
                u"%1 not shown: they came faster than this window shows them. They are counted."_s.arg(
                    event.count == 1 ? u"1 message"_s : QString(countText(event.count) % u" messages")));
}

} // namespace

std::vector<LogEntry> logEntries(const ServerBatch &batch)
{
    std::vector<LogEntry> entries;
    entries.reserve(batch.events.size());
    for (const ServerEvent &event : batch.events)
        std::visit([&entries](const auto &what) { entries.push_back(rowFor(what)); }, event);
    return entries;
}

} // namespace wireroom

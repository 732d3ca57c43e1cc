// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/clientlog.h"

#include "common/widgets/numbertext.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kServer = u"server"_s;
const QString kMe = u"me"_s;

LogEntry rowFor(const MessageReceived &event)
{
    LogEntry entry;
    entry.time = event.time;
    entry.kind = LogEntry::Kind::Incoming;
    entry.from = kServer;
    entry.to = kMe;
    entry.payload = event.payload;
    return entry;
}

LogEntry rowFor(const MessageSent &event)
{
    LogEntry entry;
    entry.time = event.time;
    entry.kind = LogEntry::Kind::Outgoing;
    entry.from = kMe;
    entry.to = kServer;
    entry.payload = event.payload;
    return entry;
}

LogEntry rowFor(const ClientNote &event)
{
    LogEntry entry;
    entry.time = event.time;
    entry.kind = event.isError ? LogEntry::Kind::Error : LogEntry::Kind::Note;
    entry.payload = event.text.toUtf8();
    return entry;
}

LogEntry rowFor(const ClientMessagesSkipped &event)
{
    LogEntry entry;
    entry.time = QDateTime::currentDateTimeUtc();
    entry.kind = LogEntry::Kind::Note;
    entry.payload
        = u"%1 not shown: they came faster than this window shows them. They are counted."_s
              .arg(event.count == 1 ? u"1 message"_s : QString(countText(event.count) % u" messages"))
              .toUtf8();
    return entry;
}

/// Chat is shown as a conversation, not here.
template <typename Event>
concept PlainEvent = requires(const Event &event)
{
    rowFor(event);
};

} // namespace

std::vector<LogEntry> logEntries(const ClientBatch &batch)
{
    std::vector<LogEntry> entries;
    entries.reserve(batch.events.size());
    const auto add = [&entries](const auto &event) {
        if constexpr (PlainEvent<decltype(event)>)
            entries.push_back(rowFor(event));
    };
    for (const ClientEvent &event : batch.events)
        std::visit(add, event);
    return entries;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/serverlog.h"

#include "common/base/hostport.h"
#include "common/widgets/numbertext.h"

#include <QHash>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

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

/// Notes whom a message concerns: its sender and its recipients, unless they are the operator.
void concern(LogEntry &entry, ClientId from, const std::vector<ClientId> &to)
{
    entry.clientId = from.value();
    for (const ClientId id : to) {
        if (id.isOperator())
            continue;
        if (entry.clientId == 0)
            entry.clientId = id.value();
        else
            entry.moreClientIds.push_back(id.value());
    }
}

/// Makes rows of events. One that a later event of the same batch makes clearer is written anew: who connects
/// and says its name at once gets one row, not three.
class RowWriter
{
public:
    explicit RowWriter(NameBook &names) : m_names(names) { }

    void add(const ServerEvent &event)
    {
        std::visit([this](const auto &what) { write(what); }, event);
        m_names.learn(event);
    }

    std::vector<LogEntry> take() { return std::move(m_rows); }

private:
    void write(const ServerListening &event)
    {
        m_names.clear(); // Of another data directory, perhaps; ClientsKnown follows.
        put(note({}, u"Listening on %1"_s.arg(HostPort{event.address, event.port}.toString())));
    }

    void write(const ServerStopped &) { put(note({}, u"Stopped"_s)); }

    void write(const ClientConnected &event)
    {
        m_newcomers.insert(event.id, {m_rows.size(), HostPort{event.address, event.port}.toString()});
        put(note(event.time,
                 u"Client %1 connected from %2"_s.arg(event.id.toString(), m_newcomers[event.id].address),
                 event.id));
    }

    void write(const ClientFormatKnown &event)
    {
        if (event.isChat)
            return; // ClientNamed says it better.
        const QString how = event.detected ? u"detected from its first bytes"_s : u"the default"_s;
        put(note(event.time,
                 u"Client %1 speaks %2 (%3), %4"_s.arg(event.id.toString(), event.format.toString(),
                                                       event.format.description(), how),
                 event.id));
    }

    // Beside the format, in the table of clients.
    void write(const ClientSecured &) { }

    void write(const TlsReady &event)
    {
        put(note({},
                 u"TLS is %1; the certificate's fingerprint is %2"_s.arg(toString(event.mode),
                                                                         event.fingerprint)));
    }

    void write(const ClientNamed &event)
    {
        const QString before = event.id == event.was ? m_names.name(event.id) : QString();
        const QString subjectBefore = m_names.subject(event.id);
        m_names.learn(event);
        const QString subject = m_names.subject(event.id);
        const auto newcomer = m_newcomers.constFind(event.was);
        if (newcomer != m_newcomers.cend()) {
            m_rows[newcomer->row]
                = note(event.time, u"%1 connected from %2"_s.arg(subject, newcomer->address), event.id);
            m_newcomers.erase(newcomer);
        } else if (event.id != event.was) {
            put(note(event.time, u"Client %1 is %2, back again"_s.arg(event.was.toString(), subject),
                     event.id));
        } else if (before.isEmpty()) {
            put(note(event.time, u"Client %1 is %2"_s.arg(event.id.toString(), subject), event.id));
        } else if (before != m_names.name(event.id)) {
            put(note(event.time, u"%1 is called %2 now"_s.arg(subjectBefore, m_names.name(event.id)),
                     event.id));
        }
    }

    // Who comes and goes has a row by its connection; who steps aside is shown by the table of clients.
    void write(const ClientsKnown &) { }

    void write(const PresenceChanged &) { }

    void write(const ClientForgotten &) { }

    void write(const MessagePassed &event) { put(message(event)); }

    // They change a row that is there.
    void write(const MessageStored &) { }

    void write(const MessageDelivered &) { }

    void write(const HistoryState &event) { put(event.works ? note({}, event.text) : error({}, event.text)); }

    void write(const ClientSlow &event)
    {
        const QString who = m_names.subject(event.id);
        put(event.isSlow ? error(
                event.time,
                u"%1 reads slowly: %2 wait to be sent"_s.arg(who, byteCountText(event.queuedBytes)), event.id)
                         : note(event.time, u"%1 has caught up"_s.arg(who), event.id));
    }

    void write(const BanChanged &event)
    {
        const QString who
            = event.ban.who.id() ? m_names.subject(*event.ban.who.id()) : QString(event.ban.who.toString());
        put(note(event.time,
                 event.isLifted ? u"%1 is not banned any more"_s.arg(who) : u"%1 is banned"_s.arg(who),
                 event.ban.who.id().value_or(kOperator)));
    }

    void write(const LoginFailed &event)
    {
        put(error(event.time,
                  u"Client %1, “%2” from %3, gave a wrong password (%4 from there of late)"_s.arg(
                      event.id.toString(), event.name, HostPort{event.address, event.port}.toString(),
                      QString::number(event.failures)),
                  event.id));
    }

    void write(const ClientDisconnected &event)
    {
        const QString who = u"%1 disconnected"_s.arg(m_names.subject(event.id));
        put(note(event.time, event.reason.isEmpty() ? who : QString(who % u": " % event.reason), event.id));
    }

    void write(const PeerRefused &event)
    {
        const QString address = HostPort{event.address, event.port}.toString();
        const QString who = event.id ? u"%1 from %2"_s.arg(m_names.subject(*event.id), address) : address;
        put(error(event.time, u"%1 was turned away: %2"_s.arg(who, event.reason),
                  event.id.value_or(kOperator)));
    }

    void write(const ServerNote &event)
    {
        const QString text = event.id ? u"%1: %2"_s.arg(m_names.subject(*event.id), event.text) : event.text;
        put(note(event.time, text, event.id.value_or(kOperator)));
    }

    void write(const ServerFailed &event) { put(error({}, event.error.text)); }

    void write(const MessagesSkipped &event)
    {
        LogEntry gap
            = note({},
                   u"%1 not shown: they came faster than this window shows them. They are counted."_s.arg(
                       event.count == 1 ? u"1 message"_s : QString(countText(event.count) % u" messages")));
        gap.isGap = true;
        put(std::move(gap));
    }

    LogEntry message(const MessagePassed &event) const
    {
        LogEntry entry;
        entry.time = event.time;
        entry.seq = event.seq;
        entry.from = m_names.shown(event.from);
        entry.payload = event.payload;
        entry.to = event.toEveryone ? u"all"_s : m_names.shown(event.to);
        entry.kind = event.from.isOperator() ? LogEntry::Kind::Outgoing : LogEntry::Kind::Incoming;
        concern(entry, event.from, event.to);
        entry.toEveryone = event.toEveryone && !event.from.isOperator();
        if (event.from.isOperator() && event.isChat) {
            // Only chat clients say that they have it, and only they have names.
            entry.reach.recipients
                = static_cast<quint32>(std::count_if(event.to.begin(), event.to.end(), [this](ClientId id) {
                      return !m_names.name(id).isEmpty();
                  }));
        }
        return entry;
    }

    void put(LogEntry &&entry) { m_rows.push_back(std::move(entry)); }

    struct Newcomer
    {
        size_t row = 0;
        QString address;
    };

    NameBook &m_names;
    std::vector<LogEntry> m_rows;
    QHash<ClientId, Newcomer> m_newcomers; ///< of this batch
};

} // namespace

std::vector<LogEntry> logEntries(const ServerBatch &batch, NameBook &names)
{
    RowWriter writer(names);
    for (const ServerEvent &event : batch.events)
        writer.add(event);
    return writer.take();
}

LogEntry::Reach logReach(const HistoryMessages::Reach &reach)
{
    LogEntry::Reach shown;
    shown.isStored = true;
    shown.recipients = static_cast<quint32>(reach.recipients);
    shown.delivered = static_cast<quint32>(reach.delivered.size());
    for (size_t i = 0; i < std::min(reach.delivered.size(), LogEntry::Reach::kMostIds); ++i)
        shown.ids.push_back(reach.delivered[i].value());
    return shown;
}

LogEntry logEntry(const HistoryMessage &message, const NameBook &names)
{
    LogEntry entry;
    entry.time = QDateTime::fromMSecsSinceEpoch(message.time, Qt::UTC);
    entry.seq = message.seq;
    entry.from = names.shown(message.from);
    entry.payload = message.body;
    entry.kind = message.from.isOperator() ? LogEntry::Kind::Outgoing : LogEntry::Kind::Incoming;
    entry.toEveryone = !message.to;
    entry.to = message.to ? names.shown(*message.to) : u"all"_s;
    concern(entry, message.from, message.to.value_or(std::vector<ClientId>()));
    return entry;
}

} // namespace wireroom

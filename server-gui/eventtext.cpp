// SPDX-License-Identifier: Apache-2.0
#include "server-gui/eventtext.h"

#include "common/base/hostport.h"
#include "common/base/jsonline.h"
#include "common/base/payloadtext.h"
#include "common/base/recipients.h"
#include "common/base/safetext.h"
#include "common/framing/byteexplainer.h"
#include "common/protocol/messagecodec.h"
#include "common/protocol/messagejson.h"
#include "server-gui/bantext.h"
#include "server-gui/daemoncommand.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Of a message in the history's text form.
constexpr qsizetype kLongestLine = 10'000;

QByteArray stringJson(const QString &text)
{
    // A JSON string by itself: what JsonLine writes after the colon.
    const QByteArray object = JsonLine().add(""_L1, text).toJson();
    return object.sliced(4, object.size() - 5);
}

QString timeJson(const QDateTime &time)
{
    return time.toString(Qt::ISODateWithMs);
}

/// What others call themselves must not steer a terminal.
QString escapedText(const QString &text)
{
    return payloadLine(text.toUtf8(), true);
}

QString formatName(FrameFormat format, bool isChat)
{
    return isChat ? u"chat"_s : format.toString();
}

QString idList(const std::vector<ClientId> &ids)
{
    return ids.empty() ? u"nobody"_s : Recipients::only(ids).toString();
}

void addKnown(JsonLine &line, const KnownClient &client)
{
    line.add("id"_L1, client.id.value())
        .add("name"_L1, client.name)
        .add("state"_L1, QString(chat::toString(client.state)))
        .add("since"_L1, timeJson(client.since))
        .add("waiting"_L1, client.waiting);
}

struct ToJson
{
    JsonLine operator()(const ServerListening &e) const
    {
        return JsonLine("listening"_L1).add("address"_L1, e.address).add("port"_L1, e.port);
    }

    JsonLine operator()(const ServerStopped &) const { return JsonLine("stopped"_L1); }

    JsonLine operator()(const ClientConnected &e) const
    {
        return JsonLine("connected"_L1)
            .add("id"_L1, e.id.value())
            .add("address"_L1, e.address)
            .add("port"_L1, e.port)
            .add("format"_L1, e.format.toString())
            .add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const ClientFormatKnown &e) const
    {
        return JsonLine("format"_L1)
            .add("id"_L1, e.id.value())
            .add("format"_L1, formatName(e.format, e.isChat))
            .add("detected"_L1, e.detected)
            .add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const MessagePassed &e) const
    {
        JsonLine line("message"_L1);
        if (e.seq > 0)
            line.add("seq"_L1, e.seq);
        line.add("from"_L1, e.from.value());
        // The operator's message to all names those who were there.
        addAddressees(line,
                      e.toEveryone && !e.from.isOperator() ? chat::Addressees() : chat::Addressees(e.to));
        if (!e.from.isOperator())
            line.add("format"_L1, formatName(e.format, e.isChat));
        addBody(line, e.kind, e.payload);
        return line.add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const ClientDisconnected &e) const
    {
        return JsonLine("disconnected"_L1)
            .add("id"_L1, e.id.value())
            .add("reason"_L1, e.reason)
            .add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const PeerRefused &e) const
    {
        JsonLine line("refused"_L1);
        if (e.id)
            line.add("id"_L1, e.id->value());
        return line.add("address"_L1, e.address)
            .add("port"_L1, e.port)
            .add("reason"_L1, e.reason)
            .add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const ServerNote &e) const
    {
        JsonLine line("note"_L1);
        if (e.id)
            line.add("id"_L1, e.id->value());
        return line.add("text"_L1, e.text).add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const ServerFailed &e) const
    {
        return JsonLine("error"_L1).add("reason"_L1, e.error.text);
    }

    JsonLine operator()(const MessagesSkipped &e) const
    {
        return JsonLine("skipped"_L1).add("count"_L1, e.count);
    }

    JsonLine operator()(const ClientNamed &e) const
    {
        JsonLine line("name"_L1);
        line.add("id"_L1, e.id.value()).add("name"_L1, e.name);
        if (e.was != e.id)
            line.add("was"_L1, e.was.value());
        return line.add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const ClientsKnown &e) const
    {
        return JsonLine("known"_L1).addList("clients"_L1, e.clients, [](const KnownClient &client) {
            JsonLine entry;
            addKnown(entry, client);
            return entry.toJson();
        });
    }

    JsonLine operator()(const PresenceChanged &e) const
    {
        JsonLine line("presence"_L1);
        addKnown(line, e.client);
        return line;
    }

    JsonLine operator()(const ClientForgotten &e) const
    {
        return JsonLine("forgotten"_L1).add("id"_L1, e.id.value());
    }

    JsonLine operator()(const MessageStored &e) const
    {
        return JsonLine("stored"_L1).add("seq"_L1, e.seq).add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const MessageDelivered &e) const
    {
        return JsonLine("delivered"_L1)
            .add("seq"_L1, e.seq)
            .add("id"_L1, e.id.value())
            .add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const TlsReady &e) const
    {
        return JsonLine("tls"_L1)
            .add("mode"_L1, toString(e.mode))
            .add("fingerprint"_L1, e.fingerprint)
            .add("validUntil"_L1, timeJson(e.validUntil));
    }

    JsonLine operator()(const ClientSecured &e) const
    {
        return JsonLine("secured"_L1)
            .add("id"_L1, e.id.value())
            .add("tls"_L1, e.tls.protocol)
            .add("cipher"_L1, e.tls.cipher)
            .add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const HistoryState &e) const
    {
        return JsonLine("storing"_L1).add("works"_L1, e.works).add("reason"_L1, e.text);
    }

    JsonLine operator()(const ClientSlow &e) const
    {
        return JsonLine("slow"_L1)
            .add("id"_L1, e.id.value())
            .add("slow"_L1, e.isSlow)
            .add("queuedBytes"_L1, e.queuedBytes)
            .add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const BanChanged &e) const
    {
        JsonLine line("ban"_L1);
        line.add("lifted"_L1, e.isLifted);
        addBan(line, e.ban);
        return line.add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const LoginFailed &e) const
    {
        return JsonLine("login-failed"_L1)
            .add("id"_L1, e.id.value())
            .add("address"_L1, e.address)
            .add("port"_L1, e.port)
            .add("name"_L1, e.name)
            .add("failures"_L1, quint64(e.failures))
            .add("time"_L1, timeJson(e.time));
    }
};

struct ToText
{
    QString operator()(const ServerListening &e) const
    {
        return u"Listening on "_s % HostPort{e.address, e.port}.toString() % u'.';
    }

    QString operator()(const ServerStopped &) const { return u"Stopped."_s; }

    QString operator()(const ClientConnected &e) const
    {
        return u"Client %1 connected from %2."_s.arg(e.id.toString(), HostPort{e.address, e.port}.toString());
    }

    QString operator()(const ClientFormatKnown &e) const
    {
        if (e.isChat)
            return u"Client %1 speaks chat."_s.arg(e.id.toString());
        return u"Client %1 speaks %2 (%3)%4."_s.arg(e.id.toString(), e.format.toString(),
                                                    e.format.description(),
                                                    e.detected ? u", detected"_s : u", by default"_s);
    }

    QString operator()(const MessagePassed &e) const
    {
        return u"%1 to %2: %3"_s.arg(e.from.isOperator() ? u"Operator"_s
                                                         : QString(u"Client "_s % e.from.toString()),
                                     idList(e.to), payloadLine(e.payload, isShownAsText(e.payload)));
    }

    QString operator()(const ClientDisconnected &e) const
    {
        return u"Client %1 disconnected. %2"_s.arg(e.id.toString(), e.reason);
    }

    QString operator()(const PeerRefused &e) const
    {
        return u"Refused %1. %2"_s.arg(HostPort{e.address, e.port}.toString(), e.reason);
    }

    QString operator()(const ServerNote &e) const
    {
        return e.id ? u"Client %1: %2"_s.arg(e.id->toString(), e.text) : e.text;
    }

    QString operator()(const ServerFailed &e) const { return e.error.text; }

    QString operator()(const MessagesSkipped &e) const
    {
        return u"%1 messages are not shown."_s.arg(e.count);
    }

    QString operator()(const ClientNamed &e) const
    {
        const QString id = e.id.toString();
        const QString name = escapedText(e.name);
        return e.was == e.id ? u"Client %1 is %2."_s.arg(id, name)
                             : u"Client %1 is client %2, %3, who is back."_s.arg(e.was.toString(), id, name);
    }

    QString operator()(const ClientsKnown &e) const
    {
        return e.clients.size() == 1 ? u"One chat client is known."_s
                                     : u"%1 chat clients are known."_s.arg(e.clients.size());
    }

    QString operator()(const PresenceChanged &e) const
    {
        return u"Client %1 (%2) is %3."_s.arg(e.client.id.toString(), escapedText(e.client.name),
                                              chat::toString(e.client.state));
    }

    QString operator()(const ClientForgotten &e) const
    {
        return u"Client %1, who went long ago, is not known any more."_s.arg(e.id.toString());
    }

    QString operator()(const MessageStored &e) const { return u"Message %1 is stored."_s.arg(e.seq); }

    QString operator()(const MessageDelivered &e) const
    {
        return u"Message %1 is with client %2."_s.arg(QString::number(e.seq), e.id.toString());
    }

    QString operator()(const TlsReady &e) const
    {
        return u"TLS is %1. The certificate's fingerprint (SHA-256): %2"_s.arg(toString(e.mode),
                                                                               e.fingerprint);
    }

    QString operator()(const ClientSecured &e) const
    {
        return u"Client %1 is encrypted (%2, %3)."_s.arg(e.id.toString(), e.tls.protocol, e.tls.cipher);
    }

    QString operator()(const HistoryState &e) const { return e.text; }

    QString operator()(const ClientSlow &e) const
    {
        return e.isSlow
            ? u"Client %1 reads slowly: %2 bytes wait for it."_s.arg(e.id.toString(), grouped(e.queuedBytes))
            : u"Client %1 has caught up."_s.arg(e.id.toString());
    }

    QString operator()(const BanChanged &e) const
    {
        return e.isLifted ? u"%1 is not banned any more."_s.arg(e.ban.who.toString())
                          : QString(banText(e.ban) % u'.');
    }

    QString operator()(const LoginFailed &e) const
    {
        return u"Client %1, %2 at %3, gave a wrong password (%4 from there of late)."_s.arg(
            e.id.toString(), escapedText(e.name), HostPort{e.address, e.port}.toString(),
            QString::number(e.failures));
    }
};

QByteArray clientJson(const ClientSnapshot &snapshot)
{
    JsonLine line;
    if (snapshot.known)
        addKnown(line, *snapshot.known);
    else
        line.add("id"_L1, snapshot.client.id.value());
    if (!snapshot.isConnected)
        return line.add("connected"_L1, false).toJson();
    line.add("address"_L1, snapshot.client.address)
        .add("port"_L1, snapshot.client.port)
        .add("format"_L1, formatName(snapshot.client.format, snapshot.known.has_value()))
        .add("detected"_L1, snapshot.formatDetected)
        .add("connected"_L1, timeJson(snapshot.client.time))
        .add("lastSeen"_L1, timeJson(snapshot.counters.lastSeen))
        .add("framesIn"_L1, snapshot.counters.framesIn)
        .add("framesOut"_L1, snapshot.counters.framesOut)
        .add("bytesIn"_L1, snapshot.counters.bytesIn)
        .add("bytesOut"_L1, snapshot.counters.bytesOut)
        .add("queuedBytes"_L1, snapshot.counters.queuedBytes)
        .add("slow"_L1, snapshot.counters.isSlow)
        .add("heldBack"_L1, snapshot.counters.heldBack)
        .add("refused"_L1, snapshot.counters.refused);
    if (snapshot.client.tls)
        line.add("tls"_L1, snapshot.client.tls.protocol).add("cipher"_L1, snapshot.client.tls.cipher);
    if (snapshot.counters.roundTripMicroseconds >= 0)
        line.add("roundTripMicroseconds"_L1, quint64(snapshot.counters.roundTripMicroseconds));
    return line.toJson();
}

QString clientLine(const ClientSnapshot &c)
{
    const QString name = c.known ? QString(u"  "_s % escapedText(c.known->name)) : QString();
    if (!c.isConnected)
        return u"\n  %1%2  offline since %3  waiting %4"_s.arg(
            c.client.id.toString(), name, c.known->since.toLocalTime().toString(u"yyyy-MM-dd HH:mm"_s),
            QString::number(c.known->waiting));
    return u"\n  %1%2  %3  %4  in %5 frames, %6 bytes  out %7 frames, %8 bytes  queued %9"_s
        .arg(c.client.id.toString(), name, HostPort{c.client.address, c.client.port}.toString(),
             formatName(c.client.format, c.known.has_value())
                 % (c.client.tls ? QString(u", "_s % c.client.tls.protocol) : QString()))
        .arg(c.counters.framesIn)
        .arg(c.counters.bytesIn)
        .arg(c.counters.framesOut)
        .arg(c.counters.bytesOut)
        .arg(c.counters.queuedBytes);
}

} // namespace

QByteArray toJson(const ServerEvent &event)
{
    return std::visit(ToJson{}, event).toJson();
}

QString toSentence(const ServerEvent &event)
{
    return std::visit(ToText{}, event);
}

LogPriority priorityOf(const ServerEvent &event)
{
    if (std::holds_alternative<ServerFailed>(event))
        return LogPriority::Error;
    if (const auto *history = std::get_if<HistoryState>(&event))
        return history->works ? LogPriority::Notice : LogPriority::Error;
    if (std::holds_alternative<PeerRefused>(event) || std::holds_alternative<LoginFailed>(event))
        return LogPriority::Warning;
    if (std::holds_alternative<ServerListening>(event) || std::holds_alternative<ServerStopped>(event))
        return LogPriority::Notice;
    return LogPriority::Info;
}

QString toLogLine(const QString &sentence)
{
    return QDateTime::currentDateTime().toString(u"yyyy-MM-dd HH:mm:ss.zzz "_s) % safeLine(sentence);
}

QString toJournalLine(const QString &sentence, LogPriority priority)
{
    return u'<' % QString::number(int(priority)) % u'>' % safeLine(sentence);
}

QByteArray sendAnswer(const SendReport &report, quint64 payloadBytes, bool json)
{
    if (json) {
        JsonLine line("sent"_L1);
        line.addList("to"_L1, report.sent, idJson).add("bytes"_L1, payloadBytes);
        if (report.seq > 0)
            line.add("seq"_L1, report.seq);
        if (!report.waiting.empty())
            line.addList("waiting"_L1, report.waiting, idJson);
        if (!report.failed.empty()) {
            line.addList("failed"_L1, report.failed, [](const auto &failure) {
                return JsonLine()
                    .add("id"_L1, failure.first.value())
                    .add("reason"_L1, failure.second)
                    .toJson();
            });
        }
        return line.toJson();
    }
    QString text;
    if (!report.sent.empty() || report.waiting.empty())
        text = u"Sent %1 bytes to %2."_s.arg(QString::number(payloadBytes), idList(report.sent));
    if (!report.waiting.empty())
        text += u"%1%2 bytes are on their way to %3."_s.arg(
            text.isEmpty() ? QString() : u" "_s, QString::number(payloadBytes), idList(report.waiting));
    for (const auto &[id, why] : report.failed)
        text += u" Not to %1: %2"_s.arg(id.toString(), why);
    return text.toUtf8();
}

QByteArray clientsAnswer(const std::vector<ClientSnapshot> &clients, bool json)
{
    if (json)
        return JsonLine("clients"_L1).addList("clients"_L1, clients, clientJson).toJson();
    QString text = clients.empty() ? u"No clients."_s : u"%1 clients:"_s.arg(clients.size());
    for (const ClientSnapshot &client : clients)
        text += clientLine(client);
    return text.toUtf8();
}

QByteArray historyAnswer(const HistoryMessages &page, bool json)
{
    if (json) {
        return JsonLine("history"_L1)
            .addList("messages"_L1, page.messages,
                     [](const HistoryMessage &message) {
                         JsonLine line;
                         line.add("seq"_L1, message.seq).add("from"_L1, message.from.value());
                         addAddressees(line, message.to);
                         addBody(line, message.kind, message.body);
                         return line
                             .add("time"_L1, timeJson(QDateTime::fromMSecsSinceEpoch(message.time, Qt::UTC)))
                             .toJson();
                     })
            .add("more"_L1, page.more)
            .toJson();
    }
    QString text = page.messages.empty() ? u"No messages."_s : QString();
    for (const HistoryMessage &message : page.messages) {
        const QString body = payloadLine(message.body, message.kind == chat::BodyKind::Text, kLongestLine);
        text += u"%1%2  #%3  %4 → %5: %6"_s.arg(
            text.isEmpty() ? QString() : u"\n"_s,
            QDateTime::fromMSecsSinceEpoch(message.time).toString(u"yyyy-MM-dd HH:mm:ss"_s),
            QString::number(message.seq), message.from.toString(),
            message.to ? idList(*message.to) : u"all"_s, body);
    }
    return text.toUtf8();
}

QByteArray kickAnswer(const std::vector<ClientId> &ids, bool json)
{
    return json ? JsonLine("kicked"_L1).addList("ids"_L1, ids, idJson).toJson()
                : (u"Disconnecting "_s % idList(ids) % u'.').toUtf8();
}

QByteArray policyAnswer(PlainPolicy policy, bool json)
{
    return json ? JsonLine("policy"_L1).add("policy"_L1, toString(policy)).toJson()
                : (u"Plain messages: "_s % toString(policy) % u'.').toUtf8();
}

QByteArray releaseAnswer(const KnownClient &client, bool json)
{
    if (json)
        return JsonLine("released"_L1).add("id"_L1, client.id.value()).add("name"_L1, client.name).toJson();
    return u"Client %1 is called %2 now; its name is free."_s
        .arg(client.id.toString(), escapedText(client.name))
        .toUtf8();
}

QByteArray helpAnswer(bool json)
{
    const QStringList lines = daemonCommandHelp();
    return json ? JsonLine("help"_L1).addList("commands"_L1, lines, stringJson).toJson()
                : lines.join(u'\n').toUtf8();
}

QByteArray stopAnswer(bool json)
{
    return json ? JsonLine("stopping"_L1).toJson() : QByteArray("Stopping.");
}

QByteArray errorAnswer(const QString &command, const Error &error, bool json)
{
    return json ? JsonLine("error"_L1).add("command"_L1, command).add("reason"_L1, error.text).toJson()
                : safeText(error.text).toUtf8();
}

} // namespace wireroom

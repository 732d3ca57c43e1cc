// SPDX-License-Identifier: Apache-2.0
#include "server-gui/eventtext.h"

#include "common/base/hostport.h"
#include "common/base/jsonline.h"
#include "common/base/payloadtext.h"
#include "common/base/recipients.h"
#include "server-gui/daemoncommand.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

QByteArray idJson(ClientId id)
{
    return QByteArray::number(id.value());
}

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

QString idList(const std::vector<ClientId> &ids)
{
    return ids.empty() ? u"nobody"_s : Recipients::only(ids).toString();
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
            .add("format"_L1, e.format.toString())
            .add("detected"_L1, e.detected)
            .add("time"_L1, timeJson(e.time));
    }

    JsonLine operator()(const MessagePassed &e) const
    {
        JsonLine line("message"_L1);
        line.add("from"_L1, e.from.value()).addList("to"_L1, e.to, idJson);
        if (!e.from.isOperator())
            line.add("format"_L1, e.format.toString());
        return line.addPayload(e.payload).add("time"_L1, timeJson(e.time));
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
};

QByteArray clientJson(const ClientSnapshot &snapshot)
{
    return JsonLine()
        .add("id"_L1, snapshot.client.id.value())
        .add("address"_L1, snapshot.client.address)
        .add("port"_L1, snapshot.client.port)
        .add("format"_L1, snapshot.client.format.toString())
        .add("detected"_L1, snapshot.formatDetected)
        .add("connected"_L1, timeJson(snapshot.client.time))
        .add("lastSeen"_L1, timeJson(snapshot.counters.lastSeen))
        .add("framesIn"_L1, snapshot.counters.framesIn)
        .add("framesOut"_L1, snapshot.counters.framesOut)
        .add("bytesIn"_L1, snapshot.counters.bytesIn)
        .add("bytesOut"_L1, snapshot.counters.bytesOut)
        .add("queuedBytes"_L1, snapshot.counters.queuedBytes)
        .toJson();
}

} // namespace

QByteArray toJson(const ServerEvent &event)
{
    return std::visit(ToJson{}, event).toJson();
}

QString toLogLine(const ServerEvent &event)
{
    return QDateTime::currentDateTime().toString(u"yyyy-MM-dd HH:mm:ss.zzz "_s) % std::visit(ToText{}, event);
}

QByteArray sendAnswer(const SendReport &report, quint64 payloadBytes, bool json)
{
    if (json) {
        JsonLine line("sent"_L1);
        line.addList("to"_L1, report.sent, idJson).add("bytes"_L1, payloadBytes);
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
    QString text = u"Sent %1 bytes to %2."_s.arg(QString::number(payloadBytes), idList(report.sent));
    for (const auto &[id, why] : report.failed)
        text += u" Not to %1: %2"_s.arg(id.toString(), why);
    return text.toUtf8();
}

QByteArray clientsAnswer(const std::vector<ClientSnapshot> &clients, bool json)
{
    if (json)
        return JsonLine("clients"_L1).addList("clients"_L1, clients, clientJson).toJson();
    QString text = clients.empty() ? u"No clients."_s : u"%1 clients:"_s.arg(clients.size());
    for (const ClientSnapshot &c : clients) {
        text += u"\n  %1  %2  %3  in %4 frames, %5 bytes  out %6 frames, %7 bytes  queued %8"_s
                    .arg(c.client.id.toString(), HostPort{c.client.address, c.client.port}.toString(),
                         c.client.format.toString())
                    .arg(c.counters.framesIn)
                    .arg(c.counters.bytesIn)
                    .arg(c.counters.framesOut)
                    .arg(c.counters.bytesOut)
                    .arg(c.counters.queuedBytes);
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
                : error.text.toUtf8();
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/chattext.h"

#include "common/base/payloadtext.h"
#include "common/protocol/messagecodec.h"
#include "common/protocol/messagejson.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Of a message, where it is spoken of.
constexpr qsizetype kQuotedChars = 40;

QString timeText(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC).toString(Qt::ISODateWithMs);
}

/// For people, where they are.
QString localTimeText(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms).toString(u"yyyy-MM-dd HH:mm:ss"_s);
}

QString harmless(const QString &text)
{
    return payloadLine(text.toUtf8(), true);
}

void addPresence(JsonLine &line, const chat::Presence &presence)
{
    line.add("id"_L1, presence.id.value())
        .add("name"_L1, presence.name)
        .add("state"_L1, QString(chat::toString(presence.state)))
        .add("since"_L1, timeText(presence.since));
}

QLatin1StringView stateName(ChatMessageState::State state)
{
    switch (state) {
    case ChatMessageState::State::Waiting:
        return "waiting"_L1;
    case ChatMessageState::State::Stored:
        return "stored"_L1;
    case ChatMessageState::State::Delivered:
        return "delivered"_L1;
    case ChatMessageState::State::Failed:
        return "failed"_L1;
    }
    Q_UNREACHABLE();
    return {};
}

} // namespace

void ChatPeople::welcome(const ChatWelcomed &welcomed)
{
    m_self = welcomed.id;
    m_people.clear();
    for (const chat::Presence &presence : welcomed.roster)
        update(presence);
}

void ChatPeople::update(const chat::Presence &presence)
{
    m_people.insert_or_assign(presence.id, presence);
}

QString ChatPeople::describe(ClientId id) const
{
    if (id.isOperator())
        return u"the operator"_s;
    const auto found = m_people.find(id);
    return found == m_people.end() ? QString(u'#' % id.toString())
                                   : QString(u'#' % id.toString() % u' ' % harmless(found->second.name));
}

QString ChatPeople::describe(const chat::Addressees &to) const
{
    if (!to)
        return u"all"_s;
    QStringList names;
    for (const ClientId id : *to)
        names << (id == m_self ? u"you"_s : describe(id));
    return names.join(u", "_s);
}

void addDelivery(JsonLine &line, const chat::Delivery &delivery)
{
    line.add("seq"_L1, delivery.seq).add("from"_L1, delivery.from.value());
    addAddressees(line, delivery.to);
    addBody(line, delivery.kind, delivery.body);
    line.add("time"_L1, timeText(delivery.time));
}

QByteArray toJson(const ChatWelcomed &welcomed)
{
    return JsonLine("welcome"_L1)
        .add("id"_L1, welcomed.id.value())
        .add("name"_L1, welcomed.name)
        .add("server"_L1, welcomed.serverName)
        .add("lastSeq"_L1, welcomed.lastSeq)
        .addList("clients"_L1, welcomed.roster,
                 [](const chat::Presence &presence) {
                     JsonLine line;
                     addPresence(line, presence);
                     return line.toJson();
                 })
        .toJson();
}

QByteArray toJson(const ChatPresenceChanged &changed)
{
    JsonLine line("presence"_L1);
    addPresence(line, changed.presence);
    return line.toJson();
}

QByteArray toJson(const ChatMessageReceived &received)
{
    JsonLine line("message"_L1);
    addDelivery(line, received.delivery);
    return line.toJson();
}

QByteArray toJson(const ChatMessageState &state, const ChatPeople &people)
{
    JsonLine line("message"_L1);
    line.add("ref"_L1, state.ref).add("state"_L1, QString(stateName(state.state)));
    if (state.seq > 0)
        line.add("seq"_L1, state.seq);
    if (!people.self().isOperator())
        line.add("from"_L1, people.self().value());
    addAddressees(line, state.to);
    addBody(line, state.kind, state.body);
    if (state.state != ChatMessageState::State::Waiting)
        line.add("recipients"_L1, state.recipients).add("delivered"_L1, state.delivered);
    if (!state.unknown.empty())
        line.addList("unknown"_L1, state.unknown, idJson);
    if (!state.why.isEmpty())
        line.add("reason"_L1, state.why);
    return line.add("time"_L1, timeText(state.time)).toJson();
}

QByteArray toJson(const ChatNotice &notice)
{
    return JsonLine("notice"_L1).add("code"_L1, notice.code).add("text"_L1, notice.text).toJson();
}

QByteArray toJson(const chat::HistoryPage &page)
{
    return JsonLine("history"_L1)
        .addList("messages"_L1, page.deliveries,
                 [](const chat::Delivery &delivery) {
                     JsonLine line;
                     addDelivery(line, delivery);
                     return line.toJson();
                 })
        .add("more"_L1, page.more)
        .toJson();
}

QString toText(const chat::Delivery &delivery, const ChatPeople &people)
{
    QString body = delivery.kind == chat::BodyKind::Text && isShownAsText(delivery.body)
        ? payloadText(delivery.body)
        : QString(u"hex: "_s % payloadHex(delivery.body));
    body.replace(u'\n', u"\n    "_s);
    return people.describe(delivery.from) % u" → "_s % people.describe(delivery.to) % u": "_s % body;
}

QString toTextWithTime(const chat::Delivery &delivery, const ChatPeople &people)
{
    return localTimeText(delivery.time) % u"  "_s % toText(delivery, people);
}

QString toText(const ChatMessageState &state)
{
    const QString words = payloadLine(state.body, state.kind == chat::BodyKind::Text, kQuotedChars);
    const QString message = words.isEmpty() ? u"the empty message"_s : QString(u'“' % words % u'”');
    QString text;
    switch (state.state) {
    case ChatMessageState::State::Waiting:
        text = u"… %1 is in the outbox"_s.arg(message);
        break;
    case ChatMessageState::State::Failed:
        return u"✗ %1 was not sent: %2"_s.arg(message, harmless(state.why));
    case ChatMessageState::State::Stored:
        text = state.delivered == 0
            ? u"✓ %1 is stored"_s.arg(message)
            : u"✓ %1 was delivered to %2 of %3"_s.arg(message, QString::number(state.delivered),
                                                      QString::number(state.recipients));
        break;
    case ChatMessageState::State::Delivered:
        text = state.recipients == 0
            ? u"✓ %1 is stored; nobody else is there"_s.arg(message)
            : u"✓✓ %1 was delivered to %2 of %2"_s.arg(message, QString::number(state.recipients));
        break;
    }
    if (!state.unknown.empty()) {
        QStringList ids;
        for (const ClientId id : state.unknown)
            ids << id.toString();
        text += u"; nobody has the ID %1"_s.arg(ids.join(u", "_s));
    }
    return text;
}

QString toText(const chat::Presence &presence, const ChatPeople &people)
{
    const QString state = presence.state == chat::PresenceState::Offline && presence.since > 0
        ? QString(u"last seen "_s % localTimeText(presence.since))
        : QString(chat::toString(presence.state));
    return people.describe(presence.id) % u", "_s % state
        % (presence.id == people.self() ? u" (you)"_s : QString());
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/bantext.h"

#include "common/base/payloadtext.h"
#include "common/base/recipients.h"

using namespace Qt::StringLiterals;

namespace wireroom {

void addBan(JsonLine &line, const Ban &ban)
{
    line.add("who"_L1, ban.who.toString())
        .add("reason"_L1, ban.reason)
        .add("since"_L1, ban.since.toString(Qt::ISODate));
    if (ban.until.isValid())
        line.add("until"_L1, ban.until.toString(Qt::ISODate));
}

QString banText(const Ban &ban)
{
    QString text = ban.who.toString() % u" is banned";
    if (ban.until.isValid())
        text += u" until " % ban.until.toLocalTime().toString(u"yyyy-MM-dd HH:mm:ss"_s);
    return ban.reason.isEmpty() ? text : QString(text % u": " % payloadLine(ban.reason.toUtf8(), true));
}

QByteArray banAnswer(const BanReport &report, bool json)
{
    if (json) {
        JsonLine line("banned"_L1);
        addBan(line, report.ban);
        return line
            .addList("closed"_L1, report.closed, [](ClientId id) { return QByteArray::number(id.value()); })
            .toJson();
    }
    const QString closed = report.closed.empty() ? u"nobody"_s : Recipients::only(report.closed).toString();
    return QString(banText(report.ban) % u". Disconnected: " % closed % u'.').toUtf8();
}

QByteArray unbanAnswer(const Ban &ban, bool json)
{
    if (json) {
        JsonLine line("unbanned"_L1);
        addBan(line, ban);
        return line.toJson();
    }
    return u"%1 is not banned any more."_s.arg(ban.who.toString()).toUtf8();
}

QByteArray bansAnswer(const std::vector<Ban> &bans, bool json)
{
    if (json) {
        return JsonLine("bans"_L1)
            .addList("bans"_L1, bans,
                     [](const Ban &ban) {
                         JsonLine line;
                         addBan(line, ban);
                         return line.toJson();
                     })
            .toJson();
    }
    QString text = bans.empty() ? u"Nobody is banned."_s : u"Banned:"_s;
    for (const Ban &ban : bans)
        text += u"\n  " % banText(ban);
    return text.toUtf8();
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/roster.h"

#include "common/base/payloadtext.h"
#include "common/base/recipients.h"

#include <QDateTime>
#include <QLocale>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Of a group's title.
constexpr size_t kNamed = 3;

} // namespace

void Roster::set(ClientId me, const std::vector<chat::Presence> &entries)
{
    m_me = me;
    m_entries.clear();
    for (const chat::Presence &presence : entries)
        m_entries.insert_or_assign(presence.id, presence);
    m_hasChanged = true;
}

void Roster::update(const chat::Presence &presence)
{
    m_entries.insert_or_assign(presence.id, presence);
    m_hasChanged = true;
}

void Roster::tellChanges()
{
    if (std::exchange(m_hasChanged, false))
        Q_EMIT changed();
}

const chat::Presence *Roster::find(ClientId id) const
{
    const auto found = m_entries.find(id);
    return found == m_entries.end() ? nullptr : &found->second;
}

QString Roster::name(ClientId id) const
{
    if (id.isOperator())
        return u"Operator"_s;
    const chat::Presence *presence = find(id);
    return presence ? payloadLine(presence->name.toUtf8(), true) : u"Client %1"_s.arg(id.toString());
}

QString Roster::title(const Conversation &conversation) const
{
    if (conversation.isEveryone())
        return u"Everyone"_s;
    if (conversation.isPerson() && conversation.with.front() == m_me)
        return u"Notes to myself"_s;
    QStringList names;
    for (size_t i = 0; i < conversation.with.size() && i < kNamed; ++i)
        names << name(conversation.with[i]);
    const size_t more = conversation.with.size() - size_t(names.size());
    if (more > 0)
        return u"%1 and %2 more"_s.arg(names.join(u", "_s)).arg(more);
    const QString last = names.takeLast();
    return names.isEmpty() ? last : QString(names.join(u", "_s) % u" and "_s % last);
}

QString Roster::subtitle(const Conversation &conversation) const
{
    if (conversation.isEveryone()) {
        const auto online = std::count_if(m_entries.begin(), m_entries.end(), [](const auto &entry) {
            return entry.second.state != chat::PresenceState::Offline;
        });
        return u"%1 of %2 online"_s.arg(online).arg(m_entries.size());
    }
    if (!conversation.isPerson())
        return u"%1 people and you"_s.arg(conversation.with.size());
    const ClientId id = conversation.with.front();
    if (id == m_me)
        return u"ID %1 · you"_s.arg(id.toString());
    if (id.isOperator())
        return u"ID 0 · the server"_s;
    const chat::Presence *presence = find(id);
    if (!presence)
        return u"ID %1 · no chat client"_s.arg(id.toString());
    const QString state = presence->state == chat::PresenceState::Online ? u"online"_s
        : presence->state == chat::PresenceState::Away                   ? u"away"_s
                                                       : u"last seen %1"_s.arg(momentText(presence->since));
    return u"ID %1 · %2"_s.arg(id.toString(), state);
}

std::optional<Conversation> Roster::parse(const QString &typed, QString *why) const
{
    if (typed.trimmed().isEmpty()) {
        *why = u"Say whom it is for: names or IDs with commas between, or “all”."_s;
        return std::nullopt;
    }
    std::vector<ClientId> ids;
    for (const QString &part : typed.split(u',', Qt::SkipEmptyParts)) {
        const QString word = part.trimmed();
        if (word.compare("all"_L1, Qt::CaseInsensitive) == 0
            || word.compare("everyone"_L1, Qt::CaseInsensitive) == 0)
            return Conversation();
        if (word == "0"_L1 || word.compare("operator"_L1, Qt::CaseInsensitive) == 0) {
            ids.push_back(kOperator);
            continue;
        }
        if (const Result<Recipients> range = Recipients::parse(word); range && !range.value().isEveryone()) {
            for (const Recipients::Range &r : range.value().ranges()) {
                if (r.last - r.first >= quint64(chat::kMaxRecipients)) {
                    *why = u"“%1” are more recipients than one message takes."_s.arg(word);
                    return std::nullopt;
                }
                for (quint64 id = r.first; id <= r.last; ++id)
                    ids.push_back(ClientId(id));
            }
            continue;
        }
        std::vector<ClientId> named;
        for (const auto &[id, presence] : m_entries) {
            if (presence.name.compare(word, Qt::CaseInsensitive) == 0)
                named.push_back(id);
        }
        if (named.size() != 1) {
            *why = named.empty() ? u"Nobody here is called “%1”. Write a name, an ID, or “all”."_s.arg(word)
                                 : u"%1 people are called “%2”: write the ID."_s.arg(named.size()).arg(word);
            return std::nullopt;
        }
        ids.push_back(named.front());
    }
    if (ids.empty()) {
        *why = u"Say whom it is for: names or IDs with commas between, or “all”."_s;
        return std::nullopt;
    }
    return Conversation::of(m_me, m_me, ids);
}

QString Roster::typed(const Conversation &conversation) const
{
    if (conversation.isEveryone())
        return u"all"_s;
    QStringList ids;
    for (const ClientId id : conversation.with)
        ids << id.toString();
    return ids.join(u", "_s);
}

QString clockText(const QTime &time)
{
    // The C locale, which a service or a bare desktop has, would add the seconds.
    const QLocale locale;
    return locale.language() == QLocale::C ? time.toString(u"HH:mm"_s)
                                           : locale.toString(time, QLocale::ShortFormat);
}

QString momentText(qint64 time)
{
    const QDateTime moment = QDateTime::fromMSecsSinceEpoch(time);
    const QLocale locale;
    const QString clock = clockText(moment.time());
    const qint64 days = moment.date().daysTo(QDate::currentDate());
    if (days <= 0)
        return clock;
    if (days == 1)
        return u"yesterday %1"_s.arg(clock);
    const QString pattern
        = moment.date().year() == QDate::currentDate().year() ? u"d MMMM"_s : u"d MMMM yyyy"_s;
    return u"%1, %2"_s.arg(locale.toString(moment.date(), pattern), clock);
}

QString shortMomentText(qint64 time)
{
    const QDateTime moment = QDateTime::fromMSecsSinceEpoch(time);
    const QLocale locale;
    const qint64 days = moment.date().daysTo(QDate::currentDate());
    if (days <= 0)
        return clockText(moment.time());
    if (days == 1)
        return u"yesterday"_s;
    const bool thisYear = moment.date().year() == QDate::currentDate().year();
    return locale.toString(moment.date(), thisYear ? u"d MMM"_s : u"d MMM yyyy"_s);
}

} // namespace wireroom

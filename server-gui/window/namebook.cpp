// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/namebook.h"

#include "common/base/payloadtext.h"
#include "common/base/recipients.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// More recipients than this are told as numbers: a list of names that nobody reads hides how many they are.
constexpr size_t kMostNames = 8;

} // namespace

void NameBook::learn(const ServerEvent &event)
{
    if (const auto *named = std::get_if<ClientNamed>(&event)) {
        setName(named->id, named->name);
    } else if (const auto *changed = std::get_if<PresenceChanged>(&event)) {
        setName(changed->client.id, changed->client.name);
    } else if (const auto *forgotten = std::get_if<ClientForgotten>(&event)) {
        m_revision += m_names.remove(forgotten->id) ? 1 : 0;
    } else if (const auto *known = std::get_if<ClientsKnown>(&event)) {
        for (const KnownClient &client : known->clients)
            setName(client.id, client.name);
    }
}

void NameBook::setName(ClientId id, const QString &name)
{
    const QString shown = payloadLine(name.toUtf8(), true);
    QString &known = m_names[id];
    if (known == shown)
        return;
    known = shown;
    ++m_revision;
}

std::vector<ClientId> NameBook::find(const QString &name) const
{
    std::vector<ClientId> found;
    for (auto it = m_names.cbegin(); it != m_names.cend(); ++it) {
        if (it.value().compare(name, Qt::CaseInsensitive) == 0)
            found.push_back(it.key());
    }
    std::sort(found.begin(), found.end());
    return found;
}

QStringList NameBook::all() const
{
    QStringList list;
    for (auto it = m_names.cbegin(); it != m_names.cend(); ++it)
        list.append(shown(it.key()));
    list.sort(Qt::CaseInsensitive);
    return list;
}

QString NameBook::shown(ClientId id) const
{
    if (id.isOperator())
        return u"operator"_s;
    const auto found = m_names.constFind(id);
    return found == m_names.cend() ? id.toString() : QString(*found % u" (" % id.toString() % u")");
}

QString NameBook::subject(ClientId id) const
{
    return m_names.contains(id) ? shown(id) : QString(u"Client " % id.toString());
}

QString NameBook::shown(const std::vector<ClientId> &ids) const
{
    if (ids.empty())
        return {};
    if (ids.size() == 1)
        return shown(ids.front());
    const bool anyName = std::any_of(ids.begin(), ids.end(),
                                     [this](ClientId id) { return id.isOperator() || m_names.contains(id); });
    if (ids.size() > kMostNames || !anyName)
        return Recipients::only(ids).toString();
    QStringList list;
    for (const ClientId id : ids)
        list.append(shown(id));
    return list.join(u", "_s);
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/clientregistry.h"

#include <QStringList>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// So many missing IDs are named; more would not help anybody.
constexpr qsizetype kNamed = 5;

/// Beyond every ID.
constexpr quint64 kNone = std::numeric_limits<quint64>::max();

Error notConnected(const QStringList &missing, bool more)
{
    const QString list = missing.join(u", "_s) % (more ? u" and more"_s : QString());
    return {Error::Code::NotFound,
            (missing.size() == 1 && !more ? u"No client has the ID %1. Nothing was sent or changed."_s
                                          : u"No clients have the IDs %1. Nothing was sent or changed."_s)
                .arg(list)};
}

} // namespace

Session &ClientRegistry::add(std::unique_ptr<Session> session)
{
    Session &added = *session;
    m_sessions.emplace_hint(m_sessions.end(), added.id(), std::move(session));
    return added;
}

void ClientRegistry::remove(Session &session)
{
    m_sessions.erase(session.id());
}

Session *ClientRegistry::find(ClientId id) const
{
    const auto found = m_sessions.find(id);
    return found == m_sessions.end() ? nullptr : found->second.get();
}

void ClientRegistry::setId(Session &session, ClientId id)
{
    auto node = m_sessions.extract(session.id());
    node.key() = id;
    session.setId(id);
    m_sessions.insert(std::move(node));
}

void ClientRegistry::exchangeIds(Session &one, Session &other)
{
    std::swap(m_sessions.at(one.id()), m_sessions.at(other.id()));
    const ClientId id = one.id();
    one.setId(other.id());
    other.setId(id);
}

Result<ClientRegistry::Meant> ClientRegistry::resolve(const Recipients &recipients,
                                                      const std::vector<ClientId> &known) const
{
    Meant meant;
    const auto isThere = [](const Session &session) {
        return session.state() != Session::State::Closing;
    };
    if (recipients.isEveryone()) {
        for (const auto &[id, session] : m_sessions) {
            if (recipients.contains(id) && isThere(*session))
                meant.sessions.push_back(session.get());
        }
        for (const ClientId id : known) {
            const Session *session = find(id);
            if (recipients.contains(id) && !(session && isThere(*session)))
                meant.away.push_back(id);
        }
    }
    // Also with “all except”: an ID that nobody has was probably mistyped.
    QStringList missing;
    for (const Recipients::Range &range : recipients.ranges()) {
        quint64 expected = range.first;
        auto session = m_sessions.lower_bound(ClientId(range.first));
        auto away = std::lower_bound(known.begin(), known.end(), ClientId(range.first));
        while (missing.size() <= kNamed) {
            const quint64 nextSession = session == m_sessions.end() ? kNone : session->first.value();
            const quint64 nextKnown = away == known.end() ? kNone : away->value();
            const quint64 next = std::min(nextSession, nextKnown);
            const bool past = next == kNone || next > range.last;
            const quint64 stop = past ? range.last : next - 1;
            for (; expected <= stop && expected != 0 && missing.size() <= kNamed; ++expected)
                missing << QString::number(expected);
            if (past)
                break;
            expected = next + 1;
            const bool isHere = next == nextSession && isThere(*session->second);
            if (!isHere && next != nextKnown)
                missing << QString::number(next);
            else if (isHere && !recipients.isEveryone())
                meant.sessions.push_back(session->second.get());
            else if (!recipients.isEveryone())
                meant.away.push_back(ClientId(next));
            if (next == nextSession)
                ++session;
            if (next == nextKnown)
                ++away;
        }
    }
    if (!missing.isEmpty())
        return notConnected(missing.first(std::min(missing.size(), kNamed)), missing.size() > kNamed);
    return meant;
}

} // namespace wireroom

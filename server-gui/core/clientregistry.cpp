// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/clientregistry.h"

#include <QStringList>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// So many missing IDs are named; more would not help anybody.
constexpr qsizetype kNamed = 5;

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

Result<std::vector<Session *>> ClientRegistry::resolve(const Recipients &recipients) const
{
    std::vector<Session *> meant;
    if (recipients.isEveryone()) {
        for (const auto &[id, session] : m_sessions) {
            if (recipients.contains(id) && session->state() != Session::State::Closing)
                meant.push_back(session.get());
        }
    }
    // Also with “all except”: an ID that nobody has was probably mistyped.
    QStringList missing;
    for (const Recipients::Range &range : recipients.ranges()) {
        quint64 expected = range.first;
        for (auto it = m_sessions.lower_bound(ClientId(range.first)); missing.size() <= kNamed; ++it) {
            const bool past = it == m_sessions.end() || it->first.value() > range.last;
            const quint64 stop = past ? range.last : it->first.value() - 1;
            for (; expected <= stop && expected != 0 && missing.size() <= kNamed; ++expected)
                missing << QString::number(expected);
            if (past)
                break;
            expected = it->first.value() + 1;
            if (it->second->state() == Session::State::Closing)
                missing << it->first.toString();
            else if (!recipients.isEveryone())
                meant.push_back(it->second.get());
        }
    }
    if (!missing.isEmpty())
        return notConnected(missing.first(std::min(missing.size(), kNamed)), missing.size() > kNamed);
    return meant;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
//
// What ChatRoom does about names: each belongs to one account.
#include "common/protocol/messagecodec.h"
#include "server-gui/core/chatroom.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

QString ChatRoom::whyNotNamed(const QString &name, const KnownAccount *self)
{
    if (!Accounts::isNameSeen(name))
        return u"Nothing of that name would be seen."_s;
    const bool keeps = self && Accounts::isSameName(self->name, name);
    // What windows and programs call the one who runs the server.
    if (!keeps && Accounts::isSameName(name, u"Operator"_s))
        return u"“%1” is whoever runs this server. Choose another name."_s.arg(name);
    KnownAccount *holder = m_accounts.holder(name);
    // From before names belonged to anybody, several may have one: they keep it.
    if (!holder || holder == self || keeps)
        return {};
    const std::chrono::milliseconds unseen(QDateTime::currentMSecsSinceEpoch() - holder->lastSeen);
    if (holder->state == chat::PresenceState::Offline && m_config.freeNamesDays > 0
        && unseen >= std::chrono::hours(24) * m_config.freeNamesDays) {
        freeName(*holder);
        return {};
    }
    return u"The name “%1” belongs to somebody else here. Choose another one."_s.arg(name);
}

Result<KnownClient> ChatRoom::releaseName(const QString &name)
{
    KnownAccount *holder = m_accounts.holder(name);
    if (!holder)
        return Error{Error::Code::NotFound, u"Nobody has the name “%1”."_s.arg(name)};
    if (holder->state != chat::PresenceState::Offline) {
        return Error{
            Error::Code::InUse,
            u"Client %1 is connected as “%2”. Disconnect it before its name is given to somebody else."_s.arg(
                holder->id.toString(), holder->name)};
    }
    freeName(*holder);
    return Accounts::snapshot(*holder, m_accounts.waiting(holder->id));
}

/// It is `Ann (17)` from now on, so that nobody takes its old messages for those of the next Ann. It gets its
/// name back when it returns before somebody else has it.
void ChatRoom::freeName(KnownAccount &account)
{
    QString end = u" (%1)"_s.arg(account.id.toString());
    QString name;
    for (int attempt = 2; name.isEmpty() || m_accounts.holder(name); ++attempt) {
        QList<uint> characters = account.name.toUcs4();
        characters.resize(std::min<qsizetype>(characters.size(), chat::kMaxNameLength - end.size()));
        const QString begin = QString::fromUcs4(reinterpret_cast<const char32_t *>(characters.constData()),
                                                characters.size());
        name = begin.trimmed() % end;
        end = u" (%1.%2)"_s.arg(account.id.toString(), QString::number(attempt));
    }
    m_accounts.rename(account, name);
    save(account);
    m_feed.add(ClientNamed{account.id, account.id, account.name, QDateTime::currentDateTimeUtc()});
    announce(account);
}

} // namespace wireroom

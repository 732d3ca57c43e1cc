// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/accounts.h"

#include "common/base/foldedname.h"

#include <QCryptographicHash>
#include <QRandomGenerator>

#include <algorithm>
#include <array>

namespace wireroom {

namespace {

QByteArray hashOf(const QByteArray &token)
{
    return QCryptographicHash::hash(token, QCryptographicHash::Sha256);
}

QByteArray newToken()
{
    std::array<quint32, chat::kTokenBytes / sizeof(quint32)> words;
    QRandomGenerator::system()->fillRange(words.data(), qsizetype(words.size()));
    return QByteArray(reinterpret_cast<const char *>(words.data()), chat::kTokenBytes);
}

} // namespace

void Accounts::load(std::vector<Account> &&accounts)
{
    m_all.clear();
    m_byToken.clear();
    m_byName.clear();
    m_away.clear();
    m_waiting.clear();
    m_everyone = 0;
    for (Account &account : accounts) {
        m_byToken.insert(account.tokenHash, account.id);
        KnownAccount known;
        static_cast<Account &>(known) = std::move(account);
        known.since = known.lastSeen;
        known.isDurable = true;
        hold(known.name, known.id);
        m_all.emplace(known.id, std::move(known));
    }
}

KnownAccount *Accounts::find(ClientId id)
{
    const auto found = m_all.find(id);
    return found == m_all.end() ? nullptr : &found->second;
}

KnownAccount *Accounts::findByToken(const QByteArray &token)
{
    const auto found = m_byToken.constFind(hashOf(token));
    return found == m_byToken.constEnd() ? nullptr : find(*found);
}

std::pair<KnownAccount &, QByteArray> Accounts::add(ClientId id, const QString &name, quint64 joinedSeq)
{
    QByteArray token = newToken();
    KnownAccount account;
    account.id = id;
    account.name = name;
    account.tokenHash = hashOf(token);
    account.created = QDateTime::currentMSecsSinceEpoch();
    account.lastSeen = account.created;
    account.since = account.created;
    account.joinedSeq = joinedSeq;
    account.ackedSeq = joinedSeq;
    m_byToken.insert(account.tokenHash, id);
    hold(name, id);
    return {m_all.insert_or_assign(id, std::move(account)).first->second, std::move(token)};
}

bool Accounts::isNameSeen(const QString &name)
{
    return !foldedName(name).isEmpty();
}

bool Accounts::isSameName(const QString &one, const QString &other)
{
    return foldedName(one) == foldedName(other);
}

KnownAccount *Accounts::holder(const QString &name)
{
    const auto found = m_byName.constFind(foldedName(name));
    return found == m_byName.constEnd() ? nullptr : find(*found);
}

void Accounts::rename(KnownAccount &account, const QString &name)
{
    letGo(account);
    account.name = name;
    hold(name, account.id);
}

void Accounts::hold(const QString &name, ClientId id)
{
    const QString folded = foldedName(name);
    if (!m_byName.contains(folded))
        m_byName.insert(folded, id);
}

void Accounts::letGo(const KnownAccount &account)
{
    const auto held = m_byName.constFind(foldedName(account.name));
    if (held != m_byName.constEnd() && *held == account.id)
        m_byName.erase(held);
}

std::optional<ClientId> Accounts::wentAway(KnownAccount &account)
{
    account.leftOrder = ++m_lastLeft;
    m_away.emplace(account.leftOrder, account.id);
    if (m_away.size() <= kMostAway)
        return {};
    const ClientId id = m_away.begin()->second;
    m_away.erase(m_away.begin());
    const auto oldest = m_all.find(id);
    letGo(oldest->second);
    m_byToken.remove(oldest->second.tokenHash);
    m_waiting.remove(id);
    m_all.erase(oldest);
    return id;
}

void Accounts::cameBack(KnownAccount &account)
{
    m_away.erase(std::exchange(account.leftOrder, 0));
}

quint64 Accounts::waiting(ClientId id) const
{
    const auto found = m_waiting.constFind(id);
    if (found == m_waiting.constEnd())
        return 0;
    return std::min(found->direct + m_everyone - found->everyoneBefore, kMostCounted);
}

void Accounts::setWaiting(ClientId id, quint64 messages)
{
    m_waiting.insert(id, {messages, m_everyone});
}

KnownClient Accounts::snapshot(const KnownAccount &account, quint64 waiting)
{
    return {account.id, account.name, account.state, QDateTime::fromMSecsSinceEpoch(account.since, Qt::UTC),
            waiting};
}

} // namespace wireroom

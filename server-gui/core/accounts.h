// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historystore.h"
#include "server-gui/core/serverevents.h"

#include <QHash>

#include <map>
#include <optional>
#include <vector>

namespace wireroom {

/// An account and what is true of it now.
struct KnownAccount : Account
{
    chat::PresenceState state = chat::PresenceState::Offline;
    qint64 since = 0;         ///< ms since 1970, UTC: of the state
    bool progressed = false;  ///< ackedSeq or lastSeen are not with the history yet
    bool isDurable = false;   ///< the history has it, so that its token will be known after a crash
    bool hasChanged = false;  ///< it is in the next presence broadcast
    quint64 leftOrder = 0;    ///< since when it is offline; 0: it is not, or it is not counted
    quint64 waitingShown = 0; ///< as the last WaitingCount said
    std::vector<std::pair<quint64, ClientId>> receipts; ///< that came while it was away
};

/// The chat clients that the server knows, here or not, by ID and by token. Lives with the hub, in the
/// network thread. Keeps tokens only as hashes.
class Accounts
{
public:
    using All = std::map<ClientId, KnownAccount>;

    /// Replaces everything.
    void load(std::vector<Account> &&accounts);

    KnownAccount *find(ClientId id);
    KnownAccount *findByToken(const QByteArray &token);

    /// A new account with a new token, which only its client will know.
    /// Takes a name that nobody holds.
    std::pair<KnownAccount &, QByteArray> add(ClientId id, const QString &name, quint64 joinedSeq);

    // Names. Each is held by one account at most, by the form that foldedName() gives it.

    static bool isNameSeen(const QString &name);
    static bool isSameName(const QString &one, const QString &other);
    KnownAccount *holder(const QString &name);
    void rename(KnownAccount &account, const QString &name);

    /// Those who went and that no history keeps are forgotten when they are too many, the oldest first, with
    /// their tokens and names. References to one that is not connected end here. Who was forgotten.
    static constexpr size_t kMostAway = 100'000;
    std::optional<ClientId> wentAway(KnownAccount &account);
    void cameBack(KnownAccount &account);

    const All &all() const { return m_all; }

    All &all() { return m_all; }

    // Messages to everyone are counted once for all; each account remembers where the count stood when it
    // left.

    void countForEveryone() { ++m_everyone; }

    static constexpr quint64 kMostCounted = HistoryStore::kMostCounted;

    /// How many messages wait for one that is offline.
    quint64 waiting(ClientId id) const;
    void setWaiting(ClientId id, quint64 messages);

    void countFor(ClientId id) { ++m_waiting[id].direct; }

    static KnownClient snapshot(const KnownAccount &account, quint64 waiting);

private:
    struct Waiting
    {
        quint64 direct = 0;
        quint64 everyoneBefore = 0;
    };

    void hold(const QString &name, ClientId id);
    void letGo(const KnownAccount &account);

    All m_all;
    QHash<QString, ClientId> m_byName;  ///< folded
    std::map<quint64, ClientId> m_away; ///< by KnownAccount::leftOrder
    quint64 m_lastLeft = 0;
    QHash<QByteArray, ClientId> m_byToken;
    QHash<ClientId, Waiting> m_waiting;
    quint64 m_everyone = 0;
};

} // namespace wireroom

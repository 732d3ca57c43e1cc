// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ids.h"
#include "server-gui/core/attemptlimiter.h"
#include "server-gui/core/passwordstore.h"
#include "server-gui/core/passwordthread.h"
#include "server-gui/core/serverconfig.h"

#include <functional>
#include <map>
#include <optional>

namespace wireroom {

/// The room password: keeps its hash, compares what clients say with it, holds guessers up.
///
/// Owner: the hub. Lives in the network thread, never blocks it but in open(). Once somebody was right, the
/// password is known by a keyed digest that only this object has, and no hashing is needed any more.
class PasswordGate
{
public:
    enum class Verdict : quint8 {
        Right,
        Wrong,
        Pending, ///< the handler tells
        TooMany, ///< after so many wrong ones, or at work, it is not looked at
    };

    struct Answer
    {
        Verdict verdict = Verdict::Wrong;
        std::chrono::milliseconds wait{0}; ///< TooMany: how long
        int failures = 0;                  ///< of late, from this address
    };

    /// `id` is whose password was Pending.
    using Handler = std::function<void(ClientId id, const Answer &answer)>;
    using Clock = AttemptLimiter::Clock;

    explicit PasswordGate(Handler handler);

    /// Takes the password that the configuration says, or the one kept in the data directory.
    std::optional<Error> open(const ServerConfig &config);

    bool isNeeded() const { return !m_password.hash.isEmpty(); }

    /// Who gave the password of this epoch once need not give it again with its token.
    quint64 epoch() const { return m_password.epoch; }

    Answer check(ClientId id, const QString &address, const QString &name, const QString &password);

    /// It left while its password was Pending. That attempt counts as failed.
    void forget(ClientId id);

    /// Another password (empty: none) from now on, kept in that data directory.
    void set(const QString &dataDir, const QString &password,
             std::function<void(const std::optional<Error> &)> done);

    quint64 hashJobs() const { return m_thread.jobsDone(); }

    /// What an address counts as: of IPv6 the network (/64), which one customer has.
    static QString addressKey(const QString &address);

private:
    struct Attempt
    {
        ClientId id;
        QString address;
        QString name;
        QByteArray bytes;
    };

    struct Change
    {
        QString dataDir;
        std::function<void(const std::optional<Error> &)> done;
    };

    void onDone(const PasswordThread::Done &done);
    std::optional<Error> use(const QString &dataDir, const RoomPassword &password);
    Answer right(const Attempt &attempt);
    QByteArray digest(const QByteArray &bytes) const;

    Handler m_handler;
    RoomPassword m_password;
    QByteArray m_digestKey;
    QByteArray m_rightDigest; ///< empty: nobody was right yet
    AttemptLimiter m_addresses;
    AttemptLimiter m_names;
    std::map<quint64, Attempt> m_attempts;
    std::map<quint64, Change> m_changes;
    quint64 m_lastJob = 0;
    PasswordThread m_thread;
};

} // namespace wireroom

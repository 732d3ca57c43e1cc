// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/clientregistry.h"
#include "server-gui/core/eventfeed.h"
#include "server-gui/core/passwordgate.h"

#include <functional>
#include <map>

namespace wireroom {

/// Who may join as far as tokens and the password say. Lives with the ChatRoom, whose own it is, in the
/// network thread.
///
/// A token proves who somebody is, and that the password was given once: it is not asked for again unless it
/// was changed since.
class ChatDoor
{
public:
    /// Both are called from inside hello(), or later.
    using Admit = std::function<void(Session &session, const chat::Hello &hello)>;
    using Refuse = std::function<void(Session &session, const QString &code, const QString &text)>;

    ChatDoor(ClientRegistry &registry, Accounts &accounts, EventFeed &feed, Admit admit, Refuse refuse);

    std::optional<Error> open(const ServerConfig &config);

    /// A first message that makes sense. The session's stage is Checking until the answer is there.
    void hello(Session &session, chat::Hello &&hello);
    void left(const Session &session);

    PasswordGate &gate() { return m_gate; }

    /// Wrong passwords so far.
    quint64 failures() const { return m_failures; }

private:
    void answer(Session &session, const chat::Hello &hello, const PasswordGate::Answer &answer);

    ClientRegistry &m_registry;
    Accounts &m_accounts;
    EventFeed &m_feed;
    Admit m_admit;
    Refuse m_refuse;
    quint64 m_failures = 0;
    bool m_isUnencryptedAllowed = false;
    std::map<ClientId, chat::Hello> m_checking; ///< without their passwords
    PasswordGate m_gate;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/recipients.h"
#include "server-gui/core/session.h"

#include <map>
#include <memory>
#include <vector>

namespace wireroom {

/// The clients that are there, by ID. Owns the sessions. Lives with the hub, in
/// the network thread.
class ClientRegistry
{
public:
    using Sessions = std::map<ClientId, std::unique_ptr<Session>>;

    Session &add(std::unique_ptr<Session> session);
    /// Deletes it.
    void remove(Session &session);

    Session *find(ClientId id) const;

    const Sessions &sessions() const { return m_sessions; }

    size_t size() const { return m_sessions.size(); }

    /// `id` is free.
    void setId(Session &session, ClientId id);
    void exchangeIds(Session &one, Session &other);

    struct Meant
    {
        std::vector<Session *> sessions; ///< in the order of their IDs
        std::vector<ClientId> away;      ///< who is known and not here
    };

    /// Who is meant; an error that names the first IDs that are not there. `known` are IDs that are valid
    /// without a session, ascending.
    Result<Meant> resolve(const Recipients &recipients, const std::vector<ClientId> &known = {}) const;

private:
    Sessions m_sessions;
};

} // namespace wireroom

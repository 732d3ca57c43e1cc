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

    /// The sessions meant, in the order of their IDs; an error that names the first IDs that are not there.
    Result<std::vector<Session *>> resolve(const Recipients &recipients) const;

private:
    Sessions m_sessions;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverevents.h"

#include <QHash>
#include <QString>

#include <vector>

namespace wireroom {

/// The names of the chat clients, as this window shows them: learned from the server's events.
///
/// A value. Names are kept ready for showing, their control characters visible, so that a name can do nothing
/// to a line of text that it stands in.
class NameBook
{
public:
    /// Learns from an event what it tells; takes any.
    void learn(const ServerEvent &event);
    void setName(ClientId id, const QString &name);

    void clear() { m_names.clear(); }

    /// Empty where none is known.
    QString name(ClientId id) const { return m_names.value(id); }

    /// “ann (3)”, “3” where no name is known, “operator” for the operator.
    QString shown(ClientId id) const;

    /// The start of a sentence about a client: “ann (3)” or “Client 3”.
    QString subject(ClientId id) const;

    /// A few as “ann (3), 5”; many, or some without any name, as ranges: “1-40”.
    QString shown(const std::vector<ClientId> &ids) const;

private:
    QHash<ClientId, QString> m_names;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverevents.h"

#include <QHash>
#include <QString>
#include <QStringList>

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

    void clear()
    {
        m_names.clear();
        ++m_revision;
    }

    /// Another one whenever a name was learned.
    quint64 revision() const { return m_revision; }

    /// Empty where none is known.
    QString name(ClientId id) const { return m_names.value(id); }

    /// Who is called so, in any case; in the order of their IDs.
    std::vector<ClientId> find(const QString &name) const;

    /// All names as “ann (3)”, ordered.
    QStringList all() const;

    /// “ann (3)”, “3” where no name is known, “operator” for the operator.
    QString shown(ClientId id) const;

    /// The start of a sentence about a client: “ann (3)” or “Client 3”.
    QString subject(ClientId id) const;

    /// A few as “ann (3), 5”; many, or some without any name, as ranges: “1-40”.
    QString shown(const std::vector<ClientId> &ids) const;

private:
    QHash<ClientId, QString> m_names;
    quint64 m_revision = 0;
};

} // namespace wireroom

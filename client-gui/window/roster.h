// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/window/conversation.h"
#include "common/protocol/message.h"

#include <QObject>
#include <QString>
#include <QTime>

#include <map>
#include <optional>

namespace wireroom {

/// Who is known, by ID, and what they are called. Owner: the chat controller. Thread: GUI.
class Roster : public QObject
{
    Q_OBJECT

public:
    using Entries = std::map<ClientId, chat::Presence>;

    using QObject::QObject;

    /// Replaces everything. Told by tellChanges(), as what update() does.
    void set(ClientId me, const std::vector<chat::Presence> &entries);
    void update(const chat::Presence &presence);
    /// Emits changed() where something did: once for all that came together.
    void tellChanges();

    ClientId me() const { return m_me; }

    const Entries &entries() const { return m_entries; }

    const chat::Presence *find(ClientId id) const;

    /// "ann", "Operator", "Client 7"; with control characters made visible.
    QString name(ClientId id) const;

    /// "Everyone", "ann", "ann, bob and 3 more".
    QString title(const Conversation &conversation) const;
    /// A line of detail: "ID 3 · online", "ID 3 · last seen yesterday 12:30", "4 people".
    QString subtitle(const Conversation &conversation) const;

    /// Reads what was typed as recipients: IDs and ranges, names, `all`; nothing where it cannot be read.
    std::optional<Conversation> parse(const QString &typed, QString *why) const;
    /// As parse() reads it.
    QString typed(const Conversation &conversation) const;

Q_SIGNALS:
    void changed();

private:
    ClientId m_me;
    Entries m_entries;
    bool m_hasChanged = false;
};

/// "12:30", "yesterday 12:30", "3 November, 12:30".
QString momentText(qint64 time);

/// "12:30".
QString clockText(const QTime &time);

/// For a list: "12:30", "yesterday", "3 Nov", "3 Nov 2025".
QString shortMomentText(qint64 time);

} // namespace wireroom

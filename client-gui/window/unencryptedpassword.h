// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QStringList>

class QAction;
class QWidget;

namespace wireroom {

/// To which servers the password may be sent where others can read it: a menu's switch, and the warning
/// before it is on. Off by default, and kept for each server in the settings.
///
/// Owner: the client window. Thread: GUI.
class UnencryptedPassword : public QObject
{
    Q_OBJECT

public:
    explicit UnencryptedPassword(QWidget *window);

    /// Shows whether it is on for the server that the fields name.
    QAction *action() const { return m_action; }

    /// The server (HOST:PORT) that the switch is about.
    void setPlace(const QString &place);

    bool isAllowed(const QString &place) const { return m_allowed.contains(place); }

    /// Warns, and switches it on for that server where the answer is yes.
    void ask();

Q_SIGNALS:
    /// A person said yes to the warning for that server.
    void allowed(const QString &place);

private:
    void set(const QString &place, bool isAllowed);

    QWidget *m_window;
    QAction *m_action;
    QString m_place;
    QStringList m_allowed;
};

} // namespace wireroom

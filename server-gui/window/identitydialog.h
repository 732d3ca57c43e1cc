// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/chatserver.h"

#include <QDialog>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace wireroom {

/// Who may join: the room's password, which is set and removed at once, and for how long a name is kept.
///
/// Owner: the server window. Thread: GUI. The password is handed to the server and kept nowhere here.
class IdentityDialog : public QDialog
{
    Q_OBJECT

public:
    IdentityDialog(ChatServer *server, const ServerConfig &config, QWidget *parent = nullptr);

    /// What counts from the next Start; nothing else is touched.
    void applyTo(ServerConfig &config) const;

Q_SIGNALS:
    /// Another one is in force and kept, or none.
    void passwordChanged();

private:
    QWidget *makePasswordRow();
    QLabel *makeHeading(const QString &text);
    QLabel *makeNote(const QString &text);
    void setPassword(const QString &password);
    void showState(bool isNeeded);

    ChatServer *m_server;
    QString m_dataDir;
    QLabel *m_state;
    QLabel *m_problem;
    QLineEdit *m_password = nullptr;
    QPushButton *m_set = nullptr;
    QPushButton *m_remove = nullptr;
    QCheckBox *m_unencrypted;
    QSpinBox *m_days;
    bool m_isNeeded = false;
    bool m_isSetting = false;
};

} // namespace wireroom

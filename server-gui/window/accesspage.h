// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "server-gui/window/settingspage.h"

class QCheckBox;
class QPushButton;

namespace wireroom {

/// The settings' page of who may join: the room's password, which is set and removed at once, and for how
/// long a name is kept.
///
/// Owner: the SettingsDialog. Thread: GUI. The password is handed on and kept nowhere here.
class AccessPage : public SettingsPage
{
    Q_OBJECT

public:
    /// Makes another password the one in force (empty: none). Then says whether one is needed, or why it is
    /// as it was; the page may be gone by then.
    using SetPassword
        = std::function<void(const QString &password, std::function<void(const Result<bool> &)> done)>;

    /// `inForce`: of the running server; null where none runs.
    AccessPage(const ServerConfig &config, const ServerConfig *inForce, SetPassword setPassword,
               QWidget *parent = nullptr);

    std::optional<Problem> problem() const override;
    void applyTo(ServerConfig &config) const override;

    void focusPassword();

    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void makePassword();
    void makeNames(const ServerConfig &config);
    void setPassword(const QString &password);
    void showState(bool isNeeded);

    SetPassword m_setPassword;
    QLabel *m_state = nullptr;
    QLabel *m_problem = nullptr;
    QLineEdit *m_password = nullptr;
    QPushButton *m_set = nullptr;
    QPushButton *m_remove = nullptr;
    QCheckBox *m_unencrypted = nullptr;
    QSpinBox *m_days = nullptr;
    bool m_isNeeded = false;
    bool m_isSetting = false;
};

} // namespace wireroom

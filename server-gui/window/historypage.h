// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/window/settingspage.h"

class QCheckBox;

namespace wireroom {

/// The settings' page of what is kept, where and for how long.
///
/// Owner: the SettingsDialog. Thread: GUI.
class HistoryPage : public SettingsPage
{
    Q_OBJECT

public:
    explicit HistoryPage(const ServerConfig &config, QWidget *parent = nullptr);

    std::optional<Problem> problem() const override;
    void applyTo(ServerConfig &config) const override;

private:
    void choosePlace();
    /// A sentence where the history's place cannot be used; empty where it can.
    QString placeProblem() const;

    QCheckBox *m_isKept;
    QLineEdit *m_place;
    QSpinBox *m_days;
    QSpinBox *m_mib;
};

} // namespace wireroom

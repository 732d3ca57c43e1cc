// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/window/settingspage.h"

namespace wireroom {

/// The settings' page of what a client may take of the server.
///
/// Owner: the SettingsDialog. Thread: GUI.
class LimitsPage : public SettingsPage
{
    Q_OBJECT

public:
    explicit LimitsPage(const ServerConfig &config, QWidget *parent = nullptr);

    void applyTo(ServerConfig &config) const override;

private:
    QSpinBox *m_maxClients;
    QSpinBox *m_maxPayloadKib;
    QSpinBox *m_maxQueueKib;
    QSpinBox *m_frameDeadline;
};

} // namespace wireroom

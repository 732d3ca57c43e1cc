// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/window/settingspage.h"

namespace wireroom {

class FrameFormatEditor;

/// The settings' first page: the server's name, its data directory and how it speaks to plain clients.
///
/// Owner: the SettingsDialog. Thread: GUI.
class GeneralPage : public SettingsPage
{
    Q_OBJECT

public:
    explicit GeneralPage(const ServerConfig &config, QWidget *parent = nullptr);

    std::optional<Problem> problem() const override;
    void applyTo(ServerConfig &config) const override;

private:
    void chooseDataDir();
    /// A sentence where the data directory cannot be used; empty where it can.
    QString dataDirProblem() const;

    QLineEdit *m_serverName;
    FrameFormatEditor *m_defaultFormat;
    QLineEdit *m_dataDir;
    QLineEdit *m_metrics;
};

} // namespace wireroom

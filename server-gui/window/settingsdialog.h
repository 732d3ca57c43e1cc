// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/window/accesspage.h"

#include <QDialog>
#include <QList>

class QDialogButtonBox;
class QLabel;
class QTabWidget;

namespace wireroom {

/// What is set once and not on every start, as pages by subject.
///
/// Owner: the server window. Owns its pages. Thread: GUI. Accepts only what a server can be started with.
class SettingsDialog : public QDialog
{
    Q_OBJECT

public:
    /// `inForce`: what a running server was started with, and goes on with; null where none runs.
    SettingsDialog(const ServerConfig &config, const ServerConfig *inForce,
                   AccessPage::SetPassword setPassword, QWidget *parent = nullptr);

    void showAccess();

    /// What was given to the constructor, with what was chosen here.
    ServerConfig config() const;

    void accept() override;

private:
    void addPage(SettingsPage *page, const QString &title);
    QLabel *makeProblem();
    QDialogButtonBox *makeButtons();

    ServerConfig m_config;
    QTabWidget *m_tabs;
    AccessPage *m_access;
    QList<SettingsPage *> m_pages; ///< in the tabs' order
    QLabel *m_problem;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverconfig.h"

#include <QDialog>

class QCheckBox;
class QDialogButtonBox;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace wireroom {

class FrameFormatEditor;

/// The server's name and limits, and where it keeps its data: what is set once and not on every start.
///
/// Owner: the server window. Thread: GUI. Accepts only what a server can be started with.
class SettingsDialog : public QDialog
{
    Q_OBJECT

public:
    /// `listening`: says that a running server goes on with what it was started with.
    SettingsDialog(const ServerConfig &config, bool listening, QWidget *parent = nullptr);

    /// What was given to the constructor, with what was chosen here.
    ServerConfig config() const;

    void accept() override;

private:
    QSpinBox *makeNumber(const QString &objectName, const QString &name, int minimum, int maximum, int value);
    QWidget *makePlace(QLineEdit *&field, const QString &objectName, const QString &name, const QString &text,
                       const QString &toolTip, void (SettingsDialog::*choose)());
    void makeLimits();
    void makeHistory();
    QLayout *makeForm();
    QLabel *makeHeading(const QString &text);
    void chooseDataDir();
    void chooseHistory();
    void showProblem(const QString &problem, QWidget *field);
    /// A sentence where the history's place cannot be used; empty where it can.
    QString historyProblem() const;
    /// A sentence where the data directory cannot be used; empty where it can.
    QString dataDirProblem() const;

    ServerConfig m_config;
    QSpinBox *m_maxClients = nullptr;
    QSpinBox *m_maxPayloadKib = nullptr;
    QSpinBox *m_maxQueueKib = nullptr;
    QSpinBox *m_frameDeadline = nullptr;
    FrameFormatEditor *m_defaultFormat = nullptr;
    QLineEdit *m_dataDir = nullptr;
    QWidget *m_dataDirRow = nullptr;
    QLineEdit *m_serverName = nullptr;
    QCheckBox *m_keepsHistory = nullptr;
    QLineEdit *m_history = nullptr;
    QWidget *m_historyRow = nullptr;
    QSpinBox *m_historyDays = nullptr;
    QSpinBox *m_historyMib = nullptr;
    QLabel *m_problem = nullptr;
    QDialogButtonBox *m_buttons = nullptr;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/window/settingspage.h"

#include <vector>

class QCheckBox;

namespace wireroom {

/// The settings' page of what a client may take of the server; beside each limit stands what is in force
/// while the server listens.
///
/// Owner: the SettingsDialog. Thread: GUI.
class LimitsPage : public SettingsPage
{
    Q_OBJECT

public:
    /// `inForce`: what the server that listens was started with; null where none does.
    LimitsPage(const ServerConfig &config, const ServerConfig *inForce, QWidget *parent = nullptr);

    void applyTo(ServerConfig &config) const override;

    /// One limit in the page's unit.
    struct Limit
    {
        QString objectName;
        QString title; ///< with a unit in parentheses; may have a mnemonic
        int lowest;
        quint64 highest;
        QString zero; ///< what 0 is shown as; empty: a number like others
        QString toolTip;
        quint64 (*value)(const ServerConfig &);
        void (*set)(ServerConfig &, quint64);
    };

private:
    QSpinBox *add(const Limit &limit, const ServerConfig &config, const ServerConfig *inForce);
    void addChatOnly(const ServerConfig &config, const ServerConfig *inForce);

    struct Field
    {
        QSpinBox *box;
        int first; ///< as it was opened: what was not changed keeps its exact value
        Limit limit;
    };

    std::vector<Field> m_fields;
    QCheckBox *m_chatOnly = nullptr;
};

} // namespace wireroom

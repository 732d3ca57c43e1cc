// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/window/settingspage.h"

class QComboBox;

namespace wireroom {

/// The settings' page of TLS: for whom, by which certificate, and how many handshakes at a time.
///
/// Owner: the SettingsDialog. Thread: GUI.
class EncryptionPage : public SettingsPage
{
    Q_OBJECT

public:
    explicit EncryptionPage(const ServerConfig &config, QWidget *parent = nullptr);

    std::optional<Problem> problem() const override;
    void applyTo(ServerConfig &config) const override;

private:
    TlsMode mode() const;
    QWidget *makeFile(QLineEdit *&field, const QString &objectName, const QString &name, const QString &path);
    void makeHandshakes(const TlsConfig &config);

    TlsMode m_before; ///< as it was in force
    QComboBox *m_mode;
    QLineEdit *m_certificate = nullptr;
    QLineEdit *m_key = nullptr;
    QSpinBox *m_deadline = nullptr;
    QSpinBox *m_inAll = nullptr;
    QSpinBox *m_perAddress = nullptr;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/chatserver.h"

#include <QWidget>

class QComboBox;
class QPushButton;
class QSpinBox;

namespace wireroom {

class FrameFormatEditor;
class StatusLabel;
class TlsBadge;
struct TlsReady;

/// The bar on top of the server window: where to listen, in which format, Start and Stop, and the state in
/// words.
///
/// Owner: the server window. Thread: GUI. Knows no server: it asks by its signals and is told the state.
class ListenPanel : public QWidget
{
    Q_OBJECT

public:
    explicit ListenPanel(QWidget *parent = nullptr);

    /// Address, port, format and policy of a configuration; the rest is not this panel's.
    void setConfig(const ServerConfig &config);
    void applyTo(ServerConfig &config) const;

    PlainPolicy policy() const;

    /// `address` and `port`: where it listens, while it does.
    void showState(ChatServer::State state, const QString &address, quint16 port, bool keepsHistory = true);
    /// What clients can encrypt by; null: nothing, TLS is off. Until the next state.
    void showTls(const TlsReady *tls, const QString &address);
    /// Instead of Stopped, until the next state.
    void showFailure();
    void focusStart();
    QString statusText() const;

Q_SIGNALS:
    void startRequested();
    void stopRequested();
    /// Also while listening; not from setConfig().
    void policyChosen(wireroom::PlainPolicy policy);
    /// What will be listened on was edited.
    void addressEdited();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void fillAddresses();
    void makeFields();
    void arrange();

    QComboBox *m_address = nullptr;
    QSpinBox *m_port = nullptr;
    FrameFormatEditor *m_format = nullptr;
    QComboBox *m_policy = nullptr;
    QPushButton *m_start = nullptr;
    QPushButton *m_stop = nullptr;
    StatusLabel *m_status = nullptr;
    TlsBadge *m_tls = nullptr;
};

} // namespace wireroom

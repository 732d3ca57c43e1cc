// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"

#include <QPointer>
#include <QTimer>
#include <QWidget>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace wireroom {

class EncryptionMark;
class FrameFormatEditor;
class StatusLabel;

/// The bar on top of the client window: where to connect, in which format or as whom, encrypted or not,
/// Connect and Disconnect, and the state in words, with a countdown to the next attempt.
///
/// Owner: the client window. Thread: GUI. Asks by its signals and is told the state. What it asks for can be
/// edited until the connection is there.
class ConnectionPanel : public QWidget
{
    Q_OBJECT

public:
    explicit ConnectionPanel(QWidget *parent = nullptr);

    /// Host, port, format (or chat) and encryption of a configuration; the rest is not this panel's.
    void setConfig(const ClientConfig &config);
    /// Where the identity is kept is not this panel's.
    void applyTo(ClientConfig &config) const;
    /// The name for chat, also while that is not chosen.
    void setName(const QString &name);
    QString name() const;

    /// After each change of the client's state.
    void showState(const ChatClient &client);
    /// Whether Connect would do anything: there is no connection, nor an attempt to make just this one.
    bool canConnect() const;
    /// Whether host, port, format, name or encryption are others than the client was told last.
    bool isEdited() const;
    void focusConnect();
    QString statusText() const;

Q_SIGNALS:
    void connectRequested();
    void disconnectRequested();
    void retryRequested();
    /// Host, port, format, name or encryption were changed, also by setConfig().
    void edited();

private:
    void makeFields();
    void makeButtons();
    void arrange();
    void requestConnect();
    void splitHost();
    void updateButtons();
    void moveFocus(QWidget *focus);
    void showStatus(const ChatClient &client);
    void showCountdown();

    ChatClient::State m_state = ChatClient::State::Offline;
    ClientConfig m_asked; ///< what the client was told last
    QString m_reason;
    QDeadlineTimer m_retryAt;
    QTimer m_countdown;              ///< fires when the shown number of seconds changes
    QPointer<QWidget> m_focusBefore; ///< what Disconnect took the keyboard over from

    QLineEdit *m_host = nullptr;
    QSpinBox *m_port = nullptr;
    FrameFormatEditor *m_format = nullptr;
    QLabel *m_nameLabel = nullptr;
    QLineEdit *m_name = nullptr;
    QCheckBox *m_tls = nullptr;
    QPushButton *m_connect = nullptr;
    QPushButton *m_disconnect = nullptr;
    StatusLabel *m_status = nullptr;
    EncryptionMark *m_mark = nullptr;
    QPushButton *m_now = nullptr;
};

} // namespace wireroom

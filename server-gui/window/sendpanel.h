// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/chatserver.h"

#include <QTimer>
#include <QWidget>

#include <functional>

class QSettings;

namespace wireroom {

class Composer;
class NameBook;

/// Where the operator writes: a composer whose messages go to the server, and whose To field follows the
/// clients that are selected until a person types something else there.
///
/// Owner: the server window, like the server, which lives longer than any answer that this waits for, and the
/// names. Thread: GUI.
class SendPanel : public QWidget
{
    Q_OBJECT

public:
    using IsConnected = std::function<bool(ClientId)>;

    SendPanel(ChatServer *server, const NameBook &names, IsConnected isConnected, QWidget *parent = nullptr);

    /// Fills the To field whatever stands there; no client at all means everyone.
    void addressTo(const std::vector<ClientId> &clients);
    /// The same, but keeps what a person typed.
    void followSelection(const std::vector<ClientId> &clients);
    void focusMessage();

    /// Clients have other names now.
    void namesChanged();

    void load(const QSettings &settings);
    void save(QSettings &settings) const;

private:
    void send(const QByteArray &payload, const QString &to);
    void showReport(const Result<SendReport> &result);
    void showState(ChatServer::State state);
    void offerNames();
    QString filledFor(const std::vector<ClientId> &clients) const;

    ChatServer *m_server;
    const NameBook &m_names;
    IsConnected m_isConnected;
    QTimer m_namesDelay;
    Composer *m_composer;
    std::vector<ClientId> m_filledFor;
    QString m_filledTo; ///< what the To field was filled with last, to tell it from what was typed
};

} // namespace wireroom

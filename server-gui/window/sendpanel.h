// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/chatserver.h"

#include <QWidget>

class QSettings;

namespace wireroom {

class Composer;

/// Where the operator writes: a composer whose messages go to the server, and whose To field follows the
/// clients that are selected until a person types something else there.
///
/// Owner: the server window, like the server, which lives longer than any answer that this waits for. Thread:
/// GUI.
class SendPanel : public QWidget
{
    Q_OBJECT

public:
    explicit SendPanel(ChatServer *server, QWidget *parent = nullptr);

    /// Fills the To field whatever stands there; no client at all means everyone.
    void addressTo(const std::vector<ClientId> &clients);
    /// The same, but keeps what a person typed.
    void followSelection(const std::vector<ClientId> &clients);
    void focusMessage();

    void load(const QSettings &settings);
    void save(QSettings &settings) const;

private:
    void send(const QByteArray &payload, const QString &to);
    void showReport(const Result<SendReport> &result);
    void showState(ChatServer::State state);

    ChatServer *m_server;
    Composer *m_composer;
    QString m_filledTo; ///< what the To field was filled with last, to tell it from what was typed
};

} // namespace wireroom

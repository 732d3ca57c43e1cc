// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"

#include <QWidget>

class QSettings;

namespace wireroom {

class Composer;

/// Where a message to the server is written: a composer whose messages go to the client.
///
/// Owner: the client window, like the client, which lives longer than any answer that this waits for. Thread:
/// GUI.
class MessagePanel : public QWidget
{
    Q_OBJECT

public:
    explicit MessagePanel(ChatClient *client, QWidget *parent = nullptr);

    /// `format`: the one of the next connection; with `stream` one can send without a connection.
    void showState(ChatClient::State state, FrameFormat format);
    void focusMessage();

    void load(const QSettings &settings);
    void save(QSettings &settings) const;

Q_SIGNALS:
    /// A message is about to be sent that needs a connection of its own, and there is none; answered by
    /// ChatClient::connectToServer() before the signal returns.
    void connectionNeeded();

private:
    void send(const QByteArray &payload);

    ChatClient *m_client;
    Composer *m_composer;
    bool m_connects = false; ///< sending connects
};

} // namespace wireroom

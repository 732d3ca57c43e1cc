// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"
#include "common/widgets/icons.h"

#include <QWidget>

class QLabel;

namespace wireroom {

/// Beside the connection's status: whether others can read it. A lock and a word where it is encrypted, and
/// how in the tooltip; a warning where it is not and leaves this computer; nothing otherwise.
///
/// Owner: the connection panel. Thread: GUI.
class EncryptionMark : public QWidget
{
    Q_OBJECT

public:
    explicit EncryptionMark(QWidget *parent = nullptr);

    /// After each change of the client's state.
    void showState(const ChatClient &client);

protected:
    void changeEvent(QEvent *event) override;

private:
    void tint();

    QLabel *m_picture;
    QLabel *m_word;
    bool m_isEncrypted = false;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace wireroom {

/// A strip above a message log that leads to older messages of the history, and out of what was found there.
///
/// Owner: the message log's view. Thread: GUI.
class OlderBar : public QWidget
{
    Q_OBJECT

public:
    enum class State {
        Nothing, ///< there are no older messages
        More,    ///< there may be
        Loading, ///< they are on their way
        Full,    ///< there are, and no room for them
    };

    explicit OlderBar(QWidget *parent = nullptr);

    /// Hides itself where it has nothing to say or do.
    void setState(State state, bool isFiltered);

    State state() const { return m_state; }

Q_SIGNALS:
    void olderRequested();
    /// Back to all messages.
    void leaveRequested();

protected:
    void changeEvent(QEvent *event) override;

private:
    void tint();

    State m_state = State::Nothing;
    QPushButton *m_older = nullptr;
    QLabel *m_words = nullptr;
    QPushButton *m_leave = nullptr;
};

} // namespace wireroom

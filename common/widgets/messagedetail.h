// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

class QLabel;

namespace wireroom {

class PayloadView;
struct LogEntry;

/// One entry of a message log in full: from whom to whom, when, how large, and the payload.
///
/// Owner: its parent widget. Thread: GUI. Keeps what it shows, also when the log has dropped the entry.
class MessageDetail : public QWidget
{
    Q_OBJECT

public:
    explicit MessageDetail(QWidget *parent = nullptr);

    void showEntry(const LogEntry &entry);
    /// Nothing is selected: says what the room is for.
    void clear();

protected:
    void changeEvent(QEvent *event) override;

private:
    void tint();

    QLabel *m_title = nullptr;
    QLabel *m_facts = nullptr;
    QLabel *m_hint = nullptr;
    PayloadView *m_payloadView = nullptr;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QFrame>

class QLabel;
class QLineEdit;
class QPushButton;

namespace wireroom {

/// One sentence about what went wrong, across the window, until it is closed or no longer true.
///
/// Owner: its parent widget. Thread: GUI. Hidden while there is nothing to say; the text can be selected.
class ErrorBanner : public QFrame
{
    Q_OBJECT

public:
    explicit ErrorBanner(QWidget *parent = nullptr);

    /// Empty hides the banner. Others may have written it: shown as text, invisible characters made visible.
    /// `action` is what a button beside the sentence says: a way out; empty: none.
    void setText(const QString &text, const QString &action = {});
    QString text() const;

    /// A sentence that asks for something: a field (its accessible name is `label`) and a button, which is
    /// enabled once something stands in the field. Return presses it.
    enum class Secret : bool { No, Yes };
    void ask(const QString &text, const QString &label, const QString &action, Secret secret,
             const QString &proposal = {});
    /// What stands in the field; empty where none is shown.
    QString answer() const;

Q_SIGNALS:
    /// The button was pressed.
    void actionRequested();

protected:
    void changeEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void tint();

    QLabel *m_picture = nullptr;
    QLabel *m_label = nullptr;
    QLineEdit *m_answer = nullptr;
    QPushButton *m_action = nullptr;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/payloadtext.h"

#include <QByteArray>
#include <QStringList>
#include <QWidget>

class QComboBox;
class QKeyEvent;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QStringListModel;

namespace wireroom {

/// Where a message is written: whom to (where there is a choice), as what, and the text itself. Enter sends,
/// Shift+Enter begins a line, the arrow keys fetch what was sent before.
///
/// Owner: its parent widget. Thread: GUI. Knows no connection: it asks by sendRequested(), and the owner
/// answers each time, in order, by accepted() or refused(); what was refused stands in the field again.
class Composer : public QWidget
{
    Q_OBJECT

public:
    enum class Addressing {
        Fixed,  ///< no To field
        Chosen, ///< a To field
    };

    explicit Composer(Addressing addressing, QWidget *parent = nullptr);

    QString to() const;
    void setTo(const QString &to);
    /// What may be typed there, in a few words and in a sentence.
    void setToHint(const QString &words, const QString &sentence);
    /// Offered while typing in the To field, for each of what commas part.
    void setToSuggestions(const QStringList &suggestions);

    PayloadMode mode() const;
    void setMode(PayloadMode mode);

    /// Whether Send works; where not, `why` is the button's tooltip and the field's placeholder. One can
    /// write all the same.
    void setSendEnabled(bool enabled, const QString &why = {});

    bool isSendEnabled() const { return m_sendEnabled; }

    /// One sentence below the field, until the text is changed or sent.
    void showError(const QString &text);
    /// The message cannot be sent: `why` is shown, and the text comes back.
    void refused(const QString &why);
    QString errorText() const;

    /// What became of the message that was sent last, below the field, until the text is changed or sent.
    void showNotice(const QString &text);
    QString noticeText() const;

    /// The message is on its way.
    void accepted();

    /// Puts the cursor into the message field.
    void focusMessage();
    /// Puts the cursor into the To field.
    void focusTo();

    /// What was sent, oldest first; at most 200.
    const QStringList &history() const { return m_history; }

    void setHistory(const QStringList &history);

Q_SIGNALS:
    /// Enter or Send, with a payload that could be read. `to` is as typed; empty where there is no To field.
    void sendRequested(const QByteArray &payload, const QString &to);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void trySend();
    void remember(const QString &sent);
    bool handleKey(const QKeyEvent &event);
    bool recall(int step);
    void setText(const QString &text);
    QString text() const;
    void fitHeight();
    void setLowerText(const QString &error, const QString &notice);

    void clearError() { setLowerText({}, {}); }

    void updatePlaceholder();
    void tint();

    QLineEdit *m_toField = nullptr;
    QStringListModel *m_toSuggestions = nullptr;
    QComboBox *m_modeBox = nullptr;
    QPlainTextEdit *m_messageField = nullptr;
    QPushButton *m_sendButton = nullptr;
    QLabel *m_errorIcon = nullptr;
    QLabel *m_errorLabel = nullptr; ///< the error or notice, or else a hint about the keys
    QString m_errorText;
    QString m_noticeText;
    QStringList m_history;
    qsizetype m_historyAt = 0; ///< m_history.size(): what is being written now
    QString m_draft;           ///< what was being written when the arrow keys left it
    QStringList m_unanswered;  ///< what sendRequested() was emitted for, oldest first
    QString m_whyNot;
    bool m_isRecalling = false;
    bool m_sendEnabled = true;
};

} // namespace wireroom

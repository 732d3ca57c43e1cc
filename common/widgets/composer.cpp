// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/composer.h"

#include "common/widgets/icons.h"
#include "common/widgets/plaintooltip.h"
#include "common/widgets/theme.h"

#include <QAbstractTextDocumentLayout>
#include <QAccessible>
#include <QComboBox>
#include <QCompleter>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStringListModel>
#include <QStyle>
#include <QTextBlock>
#include <QTextDocument>
#include <QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr qsizetype kMaxHistory = 200;
constexpr int kMaxLines = 5;
constexpr int kControlHeight = 4 * kGrid;
constexpr int kToWidth = 20 * kGrid;
constexpr int kIconSize = 2 * kGrid;

void setInk(QWidget *widget, const QColor &color)
{
    QPalette palette = widget->palette();
    palette.setColor(QPalette::WindowText, color);
    widget->setPalette(palette);
}

/// Completes what stands behind the last comma.
class ListCompleter : public QCompleter
{
public:
    using QCompleter::QCompleter;

    QStringList splitPath(const QString &path) const override { return {path.mid(begin(path))}; }

    QString pathFromIndex(const QModelIndex &index) const override
    {
        const QString typed = completionPrefix();
        return typed.left(begin(typed)) + QCompleter::pathFromIndex(index);
    }

private:
    static qsizetype begin(const QString &path)
    {
        qsizetype at = path.lastIndexOf(u',') + 1;
        while (at > 0 && at < path.size() && path.at(at).isSpace())
            ++at;
        return at;
    }
};

} // namespace

Composer::Composer(Addressing addressing, QWidget *parent) : QWidget(parent)
{
    setObjectName(u"composer"_s);
    auto *row = new QHBoxLayout;
    row->setSpacing(kGrid);

    if (addressing == Addressing::Chosen) {
        m_toField = new QLineEdit(this);
        m_toField->setObjectName(u"to"_s);
        m_toField->setAccessibleName(u"To"_s);
        m_toField->setPlaceholderText(tr("all, or 1,3,5-8"));
        m_toField->setToolTip(tr("Who gets the message: all, IDs such as 1,3,5-8, or all except 2,4"));
        m_toField->setFixedWidth(kToWidth);
        auto *label = new QLabel(tr("To"), this);
        label->setBuddy(m_toField);
        label->setFixedHeight(kControlHeight);
        row->addWidget(label, 0, Qt::AlignBottom);
        row->addWidget(m_toField, 0, Qt::AlignBottom);
        connect(m_toField, &QLineEdit::textEdited, this, &Composer::clearError);
        connect(m_toField, &QLineEdit::returnPressed, this, [this] {
            if (text().isEmpty())
                focusMessage();
            else
                trySend();
        });
    }

    m_messageField = new QPlainTextEdit(this);
    m_messageField->setObjectName(u"message"_s);
    m_messageField->setAccessibleName(u"Message"_s);
    m_messageField->setTabChangesFocus(true);
    m_messageField->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_messageField->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_messageField->setMinimumWidth(20 * kGrid);
    // The frame paints the field, rounded, below the text.
    m_messageField->viewport()->setAutoFillBackground(false);
    m_messageField->installEventFilter(this);
    m_messageField->viewport()->installEventFilter(this);
    row->addWidget(m_messageField, 1, Qt::AlignBottom);

    m_modeBox = new QComboBox(this);
    m_modeBox->setObjectName(u"messageType"_s);
    m_modeBox->setAccessibleName(u"Message type"_s);
    m_modeBox->addItem(tr("Text"), static_cast<int>(PayloadMode::Text));
    m_modeBox->addItem(tr("Hex"), static_cast<int>(PayloadMode::Hex));
    m_modeBox->addItem(tr("Escapes"), static_cast<int>(PayloadMode::Escapes));
    m_modeBox->setItemData(0, tr("What is typed, in UTF-8"), Qt::ToolTipRole);
    m_modeBox->setItemData(1, tr("Bytes as pairs of hex digits"), Qt::ToolTipRole);
    m_modeBox->setItemData(2, tr("Text with \\r \\n \\t \\0 \\xHH \\uHHHH for what cannot be typed"),
                           Qt::ToolTipRole);
    m_modeBox->setToolTip(tr("How the message is read: as text, as hex bytes, or as text with escapes"));
    row->addWidget(m_modeBox, 0, Qt::AlignBottom);

    m_sendButton = new QPushButton(tr("Send"), this);
    m_sendButton->setObjectName(u"send"_s);
    m_sendButton->setAccessibleName(u"Send"_s);
    setPrimary(m_sendButton);
    row->addWidget(m_sendButton, 0, Qt::AlignBottom);

    m_errorIcon = new QLabel(this);
    m_errorIcon->setObjectName(u"composerErrorIcon"_s);
    m_errorIcon->setFixedSize(kIconSize, kIconSize);
    m_errorLabel = new QLabel(this);
    m_errorLabel->setObjectName(u"composerError"_s);
    m_errorLabel->setTextFormat(Qt::PlainText);
    m_errorLabel->setWordWrap(true);
    m_errorLabel->setMinimumHeight(kIconSize);
    auto *lower = new QHBoxLayout;
    lower->setSpacing(kGrid / 2);
    lower->addWidget(m_errorIcon, 0, Qt::AlignTop);
    lower->addWidget(m_errorLabel, 1);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, kGrid + kGrid / 2, 2 * kGrid, kGrid);
    layout->setSpacing(kGrid / 2);
    layout->addLayout(row);
    layout->addLayout(lower);

    connect(m_sendButton, &QPushButton::clicked, this, &Composer::trySend);
    connect(m_modeBox, &QComboBox::currentIndexChanged, this, [this] {
        clearError();
        updatePlaceholder();
    });
    connect(m_messageField, &QPlainTextEdit::textChanged, this, [this] {
        clearError();
        // What was fetched and then changed is a new message.
        if (!m_isRecalling)
            m_historyAt = m_history.size();
    });
    connect(m_messageField->document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged,
            this, &Composer::fitHeight);
    setFocusProxy(m_messageField);
    tint();
    fitHeight();
    setSendEnabled(true);
    clearError();
}

QString Composer::to() const
{
    return m_toField ? m_toField->text() : QString();
}

void Composer::setTo(const QString &to)
{
    if (m_toField && m_toField->text() != to)
        m_toField->setText(to);
}

void Composer::setToHint(const QString &words, const QString &sentence)
{
    if (!m_toField)
        return;
    m_toField->setPlaceholderText(words);
    m_toField->setToolTip(plainToolTip(sentence));
}

void Composer::setToSuggestions(const QStringList &suggestions)
{
    if (!m_toField)
        return;
    if (!m_toSuggestions) {
        m_toSuggestions = new QStringListModel(m_toField);
        auto *completer = new ListCompleter(m_toSuggestions, m_toField);
        completer->setCaseSensitivity(Qt::CaseInsensitive);
        // A list that pops up would swallow the next click.
        completer->setCompletionMode(QCompleter::InlineCompletion);
        m_toField->setCompleter(completer);
    }
    m_toSuggestions->setStringList(suggestions);
}

PayloadMode Composer::mode() const
{
    return static_cast<PayloadMode>(m_modeBox->currentData().toInt());
}

void Composer::setMode(PayloadMode mode)
{
    m_modeBox->setCurrentIndex(m_modeBox->findData(static_cast<int>(mode)));
}

void Composer::setSendEnabled(bool enabled, const QString &why)
{
    if (enabled && !m_sendEnabled)
        clearError();
    m_sendEnabled = enabled;
    m_whyNot = enabled ? QString() : why;
    m_sendButton->setEnabled(enabled);
    m_sendButton->setToolTip(enabled ? tr("Send the message (Enter)") : plainToolTip(why));
    updatePlaceholder();
}

void Composer::showError(const QString &text)
{
    setLowerText(text, {});
}

void Composer::refused(const QString &why)
{
    if (!m_unanswered.isEmpty()) {
        const QString sent = m_unanswered.takeFirst();
        // Whoever went on writing meanwhile keeps that, too.
        setText(text().isEmpty() ? sent : QString(sent % u'\n' % text()));
    }
    showError(why);
}

QString Composer::errorText() const
{
    return m_errorText;
}

void Composer::showNotice(const QString &text)
{
    setLowerText({}, text);
}

QString Composer::noticeText() const
{
    return m_noticeText;
}

void Composer::accepted()
{
    if (!m_unanswered.isEmpty())
        m_unanswered.removeFirst();
}

void Composer::remember(const QString &sent)
{
    if (m_history.isEmpty() || m_history.last() != sent)
        m_history.append(sent);
    if (m_history.size() > kMaxHistory)
        m_history.remove(0, m_history.size() - kMaxHistory);
    m_historyAt = m_history.size();
    m_draft.clear();
}

void Composer::focusMessage()
{
    m_messageField->setFocus(Qt::ShortcutFocusReason);
}

void Composer::focusTo()
{
    if (!m_toField) {
        focusMessage();
        return;
    }
    m_toField->setFocus(Qt::ShortcutFocusReason);
    m_toField->selectAll();
}

void Composer::setHistory(const QStringList &history)
{
    m_history = history.sliced(std::max<qsizetype>(0, history.size() - kMaxHistory));
    m_historyAt = m_history.size();
}

bool Composer::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_messageField && event->type() == QEvent::KeyPress)
        return handleKey(*static_cast<QKeyEvent *>(event));
    // The viewport is laid out after the field around it.
    if (watched == m_messageField->viewport() && event->type() == QEvent::Resize)
        updatePlaceholder();
    return QWidget::eventFilter(watched, event);
}

bool Composer::handleKey(const QKeyEvent &event)
{
    const Qt::KeyboardModifiers modifiers = event.modifiers() & ~Qt::KeypadModifier;
    switch (event.key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (modifiers == Qt::ShiftModifier) {
            // The editor's own way is a line separator, which is another character than a line feed.
            m_messageField->textCursor().insertBlock();
            m_messageField->ensureCursorVisible();
            return true;
        }
        if (modifiers == Qt::NoModifier || modifiers == Qt::ControlModifier) {
            if (!event.isAutoRepeat())
                trySend();
            return true;
        }
        return false;
    case Qt::Key_Up:
        return modifiers == Qt::NoModifier && recall(-1);
    case Qt::Key_Down:
        return modifiers == Qt::NoModifier && recall(1);
    default:
        return false;
    }
}

void Composer::trySend()
{
    const QString typed = text();
    if (!m_sendEnabled) {
        showError(m_whyNot.isEmpty() || m_whyNot.endsWith(u'.') ? m_whyNot : m_whyNot + u'.');
        return;
    }
    if (typed.isEmpty()) {
        // A second press of the key before the answer to the first.
        if (!m_unanswered.isEmpty())
            return;
        showError(tr("The message is empty: write something to send."));
        focusMessage();
        return;
    }
    const Result<QByteArray> payload = payloadFromTyped(mode(), typed);
    if (!payload) {
        showError(payload.error().text);
        focusMessage();
        return;
    }
    m_unanswered.append(typed);
    remember(typed);
    setText({});
    clearError();
    Q_EMIT sendRequested(payload.value(), to());
}

/// Within a message of several lines the arrow keys go from line to line first.
bool Composer::recall(int step)
{
    QTextCursor cursor = m_messageField->textCursor();
    if (cursor.movePosition(step < 0 ? QTextCursor::Up : QTextCursor::Down))
        return false;
    const qsizetype at = m_historyAt + step;
    if (at < 0 || at > m_history.size())
        return true;
    if (m_historyAt == m_history.size())
        m_draft = text();
    m_historyAt = at;
    m_isRecalling = true;
    setText(at == m_history.size() ? m_draft : m_history.at(at));
    m_isRecalling = false;
    return true;
}

/// One step for Undo.
void Composer::setText(const QString &text)
{
    QTextCursor cursor(m_messageField->document());
    cursor.select(QTextCursor::Document);
    cursor.insertText(text);
    m_messageField->moveCursor(QTextCursor::End);
}

/// As typed: toPlainText() would turn no-break spaces into blanks.
QString Composer::text() const
{
    QString raw = m_messageField->document()->toRawText();
    raw.replace(QChar::ParagraphSeparator, u'\n');
    return raw;
}

void Composer::fitHeight()
{
    QTextDocument *document = m_messageField->document();
    const int line = m_messageField->fontMetrics().lineSpacing();
    const int frame = 2 * m_messageField->frameWidth();
    const int margin = std::max(2, (kControlHeight - frame - line) / 2);
    if (qRound(document->documentMargin()) != margin)
        document->setDocumentMargin(margin);
    // This document's layout measures in lines.
    const int lines = qRound(document->size().height());
    const int height = std::clamp(lines, 1, kMaxLines) * line + 2 * margin + frame;
    m_messageField->setVerticalScrollBarPolicy(lines > kMaxLines ? Qt::ScrollBarAlwaysOn
                                                                 : Qt::ScrollBarAlwaysOff);
    m_messageField->setFixedHeight(std::max(height, kControlHeight));
}

void Composer::setLowerText(const QString &error, const QString &notice)
{
    m_errorText = error;
    m_noticeText = notice;
    const QString text = error.isEmpty() ? notice : error;
    m_errorLabel->setText(
        text.isEmpty() ? tr("Enter sends · Shift+Enter begins a line · ↑ fetches what was sent") : text);
    m_errorIcon->setVisible(!error.isEmpty());
    m_messageField->setAccessibleDescription(text);
    tint();
    if (!text.isEmpty()) {
        QAccessibleEvent alert(m_errorLabel, QAccessible::Alert);
        QAccessible::updateAccessibility(&alert);
    }
}

void Composer::updatePlaceholder()
{
    QString words = m_whyNot;
    if (m_sendEnabled || words.isEmpty()) {
        switch (mode()) {
        case PayloadMode::Text:
            words = tr("Write a message");
            break;
        case PayloadMode::Hex:
            words = tr("Bytes in hex, such as 48 65 6c 6c 6f");
            break;
        case PayloadMode::Escapes:
            words = tr("Text with escapes, such as Hello\\r\\n");
            break;
        }
    }
    const int room
        = m_messageField->viewport()->width() - 2 * qRound(m_messageField->document()->documentMargin());
    m_messageField->setPlaceholderText(
        m_messageField->fontMetrics().elidedText(words, Qt::ElideRight, std::max(room, 0)));
    // Qt 6.4 repaints only where a placeholder appears or goes, not where it changes.
    m_messageField->viewport()->update();
}

void Composer::tint()
{
    const ThemeColors colors = themeColors(palette());
    setInk(m_errorLabel, m_errorText.isEmpty() ? colors.muted : colors.error);
    m_errorIcon->setPixmap(iconPixmap(IconName::Error, colors.error, kIconSize, devicePixelRatioF()));
}

void Composer::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    switch (event->type()) {
    case QEvent::PaletteChange:
        tint();
        break;
    case QEvent::FontChange:
    case QEvent::StyleChange:
        fitHeight();
        break;
    default:
        break;
    }
}

} // namespace wireroom

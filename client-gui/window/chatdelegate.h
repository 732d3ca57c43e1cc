// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QStyledItemDelegate>

class QTextLayout;

namespace wireroom {

class ChatView;
class ThreadModel;
struct ChatMessage;
struct ThemeColors;

/// Paints messages as bubbles: others' on the left under their names, our own on the right with a mark that
/// tells what became of them, the days between them.
///
/// Owner: the view that it paints for. Thread: GUI.
class ChatDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    explicit ChatDelegate(ChatView *view);

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

    /// The message that was looked for; 0: none.
    void setHighlighted(quint64 seq) { m_highlighted = seq; }

private:
    struct Parts;

    Parts arrange(const ThreadModel &thread, int row, int width, QTextLayout &layout) const;
    void paintDay(QPainter *painter, const Parts &parts, const ChatMessage &message,
                  const ThemeColors &colors) const;
    void paintBubble(QPainter *painter, const QStyleOptionViewItem &option, const Parts &parts,
                     const ChatMessage &message, const ThemeColors &colors) const;
    void paintFoot(QPainter *painter, const Parts &parts, const ChatMessage &message,
                   const ThemeColors &colors) const;
    QFont smallFont() const;
    QFont bodyFont(const ChatMessage &message) const;

    ChatView *m_view;
    quint64 m_highlighted = 0;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QFont>
#include <QStyledItemDelegate>

namespace wireroom {

class MessageLogTable;
struct ThemeColors;

/// Paints the rows of a message log. The direction is told by an arrow and its colour, time and size stand
/// back, and the sentence of a note or an error uses the whole width after the time.
///
/// Owner: the table that it paints for. Thread: GUI. Asks the model only for what is painted.
class MessageLogDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    explicit MessageLogDelegate(MessageLogTable *table);

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;

    /// Shows what is cut, as plain text whatever it looks like: it may come from strangers.
    bool helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                   const QModelIndex &index) override;

    /// How wide a cell has to be for figures such as `text`, in which `0` stands for any digit.
    static int figuresWidth(const QFontMetrics &metrics, const QString &text);

private:
    void paintBackground(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index,
                         const ThemeColors &colors) const;
    void paintSentence(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index,
                       const ThemeColors &colors) const;
    void paintFigures(QPainter *painter, const QStyleOptionViewItem &option, const QRect &rect,
                      Qt::Alignment alignment, const QString &text) const;
    QRect paintReach(QPainter *painter, const QStyleOptionViewItem &option, const QRect &rect,
                     const QString &text, const ThemeColors &colors) const;
    QRect sentenceRect(const QRect &row) const;

    MessageLogTable *m_table;
    mutable QFont m_digitsFont;
    mutable int m_digitWidth = -1;     ///< of the widest digit in m_digitsFont
    mutable bool m_digitsEqual = true; ///< all are that wide
};

} // namespace wireroom

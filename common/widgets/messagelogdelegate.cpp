// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/messagelogdelegate.h"

#include "common/widgets/icons.h"
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/messagelogtable.h"
#include "common/widgets/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kIconSize = 2 * kGrid;
/// From a cell's edge to its text, as in the header.
constexpr int kPadding = kGrid;
constexpr int kIconGap = kGrid / 2;
/// Of a message's cell, for how far it has got.
constexpr int kMostReachPercent = 50;

LogEntry::Kind kindOf(const QModelIndex &index)
{
    return static_cast<LogEntry::Kind>(index.data(MessageLogModel::KindRole).toInt());
}

bool isSentence(LogEntry::Kind kind)
{
    return kind == LogEntry::Kind::Note || kind == LogEntry::Kind::Error;
}

/// Paints the icon at the rectangle's left; what is left for the text.
QRect paintIcon(QPainter *painter, const QRect &rect, IconName name, const QColor &color)
{
    const QRect square(rect.left(), rect.top() + (rect.height() - kIconSize) / 2, kIconSize, kIconSize);
    painter->drawPixmap(square, iconPixmap(name, color, kIconSize, painter->device()->devicePixelRatioF()));
    return rect.adjusted(kIconSize + kIconGap, 0, 0, 0);
}

void paintText(QPainter *painter, const QFontMetrics &metrics, const QRect &rect, const QString &text)
{
    painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                      metrics.elidedText(text, Qt::ElideRight, rect.width()));
}

/// As the composer's escapes write the control character that U+2400 and above are a picture of; many fonts
/// lack the pictures.
QString escapeOf(QChar picture)
{
    const int code = picture.unicode() == 0x2421 ? 0x7f : picture.unicode() - 0x2400;
    switch (code) {
    case 0x00:
        return u"\\0"_s;
    case 0x07:
        return u"\\a"_s;
    case 0x08:
        return u"\\b"_s;
    case 0x09:
        return u"\\t"_s;
    case 0x0a:
        return u"\\n"_s;
    case 0x0b:
        return u"\\v"_s;
    case 0x0c:
        return u"\\f"_s;
    case 0x0d:
        return u"\\r"_s;
    case 0x1b:
        return u"\\e"_s;
    default:
        return u"\\x%1"_s.arg(code, 2, 16, QLatin1Char('0'));
    }
}

bool isControlPicture(QChar c)
{
    return (c.unicode() >= 0x2400 && c.unicode() < 0x2420) || c.unicode() == 0x2421;
}

/// A message's line; its control characters stand out from its text by standing back.
void paintMessage(QPainter *painter, const QFontMetrics &metrics, QRect rect, const QString &line,
                  const QColor &color, const QColor &controlColor)
{
    qsizetype at = 0;
    while (at < line.size()) {
        qsizetype end = at;
        const bool control = isControlPicture(line[at]);
        QString part;
        while (end < line.size() && isControlPicture(line[end]) == control) {
            if (control)
                part += escapeOf(line[end]);
            ++end;
        }
        if (!control)
            part = line.sliced(at, end - at);
        painter->setPen(control ? controlColor : color);
        paintText(painter, metrics, rect, part);
        const int width = metrics.horizontalAdvance(part);
        if (width >= rect.width())
            return;
        rect.setLeft(rect.left() + width);
        at = end;
    }
}

int widestDigit(const QFontMetrics &metrics)
{
    int widest = 0;
    for (char16_t digit = u'0'; digit <= u'9'; ++digit)
        widest = std::max(widest, metrics.horizontalAdvance(QChar(digit)));
    return widest;
}

} // namespace

MessageLogDelegate::MessageLogDelegate(MessageLogTable *table)
    : QStyledItemDelegate(table), m_table(table) { }

int MessageLogDelegate::figuresWidth(const QFontMetrics &metrics, const QString &text)
{
    QString others = text;
    others.remove(u'0');
    const auto digits = static_cast<int>(text.size() - others.size());
    return digits * widestDigit(metrics) + metrics.horizontalAdvance(others) + 2 * kPadding;
}

void MessageLogDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                               const QModelIndex &index) const
{
    const ThemeColors colors = themeColors(option.palette);
    paintBackground(painter, option, index, colors);
    painter->setFont(option.font);

    const LogEntry::Kind kind = kindOf(index);
    const int column = index.column();
    if (isSentence(kind) && column != MessageLogModel::TimeColumn) {
        paintSentence(painter, option, index, colors);
        return;
    }
    QRect rect = cellContents(option.rect, index.column() == MessageLogModel::TimeColumn);
    const QString text = index.data(Qt::DisplayRole).toString();
    switch (column) {
    case MessageLogModel::TimeColumn:
        painter->setPen(colors.muted);
        paintFigures(painter, option, rect, Qt::AlignLeft, text);
        break;
    case MessageLogModel::SizeColumn:
        painter->setPen(colors.muted);
        paintFigures(painter, option, rect, Qt::AlignRight, text);
        break;
    case MessageLogModel::FromColumn: {
        const bool incoming = kind == LogEntry::Kind::Incoming;
        const QColor accent = incoming ? colors.incoming : colors.outgoing;
        rect = paintIcon(painter, rect, incoming ? IconName::Incoming : IconName::Outgoing, accent);
        painter->setPen(accent);
        paintText(painter, option.fontMetrics, rect, text);
        break;
    }
    case MessageLogModel::ToColumn:
        painter->setPen(kind == LogEntry::Kind::Outgoing ? option.palette.color(QPalette::Text)
                                                         : colors.muted);
        paintText(painter, option.fontMetrics, rect, text);
        break;
    default: {
        const bool plain = index.data(MessageLogModel::PlainTextRole).toBool();
        rect = paintReach(painter, option, rect, index.data(MessageLogModel::ReachRole).toString(), colors);
        paintMessage(painter, option.fontMetrics, rect, text,
                     plain ? option.palette.color(QPalette::Text) : colors.muted, colors.muted);
    }
    }
}

void MessageLogDelegate::paintBackground(QPainter *painter, const QStyleOptionViewItem &option,
                                         const QModelIndex &index, const ThemeColors &colors) const
{
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    if (selected)
        painter->fillRect(option.rect, colors.selection);
    else if (index.row() == m_table->hoveredRow())
        painter->fillRect(option.rect, colors.hover);

    // Where the keyboard is, for the whole row.
    if (!m_table->hasFocus() || index.row() != m_table->currentIndex().row())
        return;
    if (selected) {
        if (index.column() == MessageLogModel::TimeColumn)
            painter->fillRect(QRect(option.rect.topLeft(), QSize(2, option.rect.height())), colors.accent);
    } else {
        painter->fillRect(QRect(option.rect.topLeft(), QSize(option.rect.width(), 1)), colors.accent);
        painter->fillRect(QRect(option.rect.bottomLeft(), QSize(option.rect.width(), 1)), colors.accent);
    }
}

/// At the right end; what is left for the message. It gives way where there is little room.
QRect MessageLogDelegate::paintReach(QPainter *painter, const QStyleOptionViewItem &option, const QRect &rect,
                                     const QString &text, const ThemeColors &colors) const
{
    if (text.isEmpty())
        return rect;
    const int width
        = std::min(option.fontMetrics.horizontalAdvance(text) + 1, rect.width() * kMostReachPercent / 100);
    painter->setPen(colors.muted);
    paintText(painter, option.fontMetrics, QRect(rect.right() + 1 - width, rect.top(), width, rect.height()),
              text);
    return rect.adjusted(0, 0, -width - 2 * kGrid, 0);
}

QRect MessageLogDelegate::sentenceRect(const QRect &row) const
{
    const int left = m_table->columnViewportPosition(MessageLogModel::FromColumn);
    const int end = m_table->columnViewportPosition(MessageLogModel::MessageColumn)
        + m_table->columnWidth(MessageLogModel::MessageColumn);
    return cellContents(QRect(left, row.top(), end - left, row.height()), false);
}

/// Every cell paints its own part of the sentence, as any of them may be painted without the others.
void MessageLogDelegate::paintSentence(QPainter *painter, const QStyleOptionViewItem &option,
                                       const QModelIndex &index, const ThemeColors &colors) const
{
    const bool isError = kindOf(index) == LogEntry::Kind::Error;
    const QColor color = isError ? colors.error : colors.muted;
    const QString text = index.siblingAtColumn(MessageLogModel::MessageColumn).data().toString();
    painter->save();
    painter->setClipRect(option.rect, Qt::IntersectClip);
    const QRect rect
        = paintIcon(painter, sentenceRect(option.rect), isError ? IconName::Error : IconName::Note, color);
    painter->setPen(color);
    paintText(painter, option.fontMetrics, rect, text);
    painter->restore();
}

/// Digits of one width, one below the other, also in a font whose digits differ.
void MessageLogDelegate::paintFigures(QPainter *painter, const QStyleOptionViewItem &option,
                                      const QRect &rect, Qt::Alignment alignment, const QString &text) const
{
    const QFontMetrics &metrics = option.fontMetrics;
    if (m_digitWidth < 0 || m_digitsFont != option.font) {
        m_digitsFont = option.font;
        m_digitWidth = widestDigit(metrics);
        m_digitsEqual = true;
        for (char16_t digit = u'0'; digit <= u'9'; ++digit)
            m_digitsEqual = m_digitsEqual && metrics.horizontalAdvance(QChar(digit)) == m_digitWidth;
    }
    if (m_digitsEqual) {
        painter->drawText(rect, static_cast<int>(alignment) | Qt::AlignVCenter | Qt::TextSingleLine,
                          metrics.elidedText(text, Qt::ElideRight, rect.width()));
        return;
    }
    const auto widthOf = [&](QChar c) {
        return c.isDigit() ? m_digitWidth : metrics.horizontalAdvance(c);
    };
    int width = 0;
    for (const QChar c : text)
        width += widthOf(c);
    int x = alignment.testFlag(Qt::AlignRight) ? rect.right() + 1 - width : rect.left();
    const int baseline = rect.top() + (rect.height() - metrics.height()) / 2 + metrics.ascent();
    for (const QChar c : text) {
        painter->drawText(x + (widthOf(c) - metrics.horizontalAdvance(c)) / 2, baseline, QString(c));
        x += widthOf(c);
    }
}

bool MessageLogDelegate::helpEvent(QHelpEvent *event, QAbstractItemView *view,
                                   const QStyleOptionViewItem &option, const QModelIndex &index)
{
    if (event->type() != QEvent::ToolTip || !index.isValid())
        return QStyledItemDelegate::helpEvent(event, view, option, index);
    const bool sentence = isSentence(kindOf(index)) && index.column() != MessageLogModel::TimeColumn;
    const QModelIndex shown = sentence ? index.siblingAtColumn(MessageLogModel::MessageColumn) : index;
    QString text = shown.data(Qt::ToolTipRole).toString();
    if (text.isEmpty()) {
        text = shown.data().toString();
        int room = sentence
            ? sentenceRect(option.rect).width()
            : cellContents(option.rect, index.column() == MessageLogModel::TimeColumn).width();
        if (sentence || index.column() == MessageLogModel::FromColumn)
            room -= kIconSize + kIconGap;
        if (option.fontMetrics.horizontalAdvance(text) <= room)
            text.clear();
    }
    QToolTip::showText(event->globalPos(),
                       text.isEmpty() ? QString() : u"<qt>%1</qt>"_s.arg(text.toHtmlEscaped()), view);
    return true;
}

} // namespace wireroom

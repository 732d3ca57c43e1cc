// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/celldelegate.h"

#include "common/widgets/theme.h"

#include <QPainter>

namespace wireroom {

QRect CellDelegate::paintBefore(QPainter *, const QRect &place, const QModelIndex &, const QPalette &) const
{
    return place;
}

void CellDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                         const QModelIndex &index) const
{
    const ThemeColors colors = themeColors(option.palette);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    if (selected)
        painter->fillRect(option.rect, colors.selection);
    if (option.state.testFlag(QStyle::State_HasFocus) && !selected) {
        painter->setPen(colors.accent);
        painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
    const QRect text
        = paintBefore(painter, cellContents(option.rect, index.column() == 0), index, option.palette);
    const QVariant foreground = index.data(Qt::ForegroundRole);
    painter->setPen(foreground.isValid() ? foreground.value<QColor>() : option.palette.color(QPalette::Text));
    painter->setFont(option.font);
    const QVariant aligned = index.data(Qt::TextAlignmentRole);
    const Qt::Alignment alignment
        = aligned.isValid() ? aligned.value<Qt::Alignment>() : Qt::AlignLeft | Qt::AlignVCenter;
    const QString shown = index.data(Qt::DisplayRole).toString();
    painter->drawText(text, static_cast<int>(alignment) | Qt::TextSingleLine,
                      option.fontMetrics.elidedText(shown, Qt::ElideRight, text.width()));
}

} // namespace wireroom

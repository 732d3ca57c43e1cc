// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/clientdelegate.h"

#include "common/widgets/theme.h"
#include "server-gui/window/clienttablemodel.h"

#include <QPainter>

namespace wireroom {

void ClientDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
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

    const QVariant foreground = index.data(Qt::ForegroundRole);
    painter->setPen(foreground.isValid() ? foreground.value<QColor>() : option.palette.color(QPalette::Text));
    painter->setFont(option.font);
    const QRect text = cellContents(option.rect, index.column() == ClientTableModel::IdColumn);
    const auto alignment = index.data(Qt::TextAlignmentRole).value<Qt::Alignment>();
    const QString shown = index.data(Qt::DisplayRole).toString();
    painter->drawText(text, static_cast<int>(alignment) | Qt::TextSingleLine,
                      option.fontMetrics.elidedText(shown, Qt::ElideRight, text.width()));
}

} // namespace wireroom

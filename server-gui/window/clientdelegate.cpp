// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/clientdelegate.h"

#include "common/widgets/theme.h"
#include "server-gui/window/clienttablemodel.h"

#include <QPainter>

namespace wireroom {

namespace {

constexpr int kDotSize = 10;

/// Each state has its shape: a disc, half a disc, a triangle, a ring.
void paintState(QPainter *painter, const QRect &place, ClientRow::State state, const ThemeColors &colors)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF dot(place.left(), place.center().y() - kDotSize / 2 + 1, kDotSize, kDotSize);
    const QRectF ring = dot.adjusted(1, 1, -1, -1);
    switch (state) {
    case ClientRow::State::Online:
    case ClientRow::State::Connected:
        painter->setPen(Qt::NoPen);
        painter->setBrush(colors.ok);
        painter->drawEllipse(dot);
        break;
    case ClientRow::State::Away:
        painter->setPen(QPen(colors.warning, 1.5));
        painter->drawEllipse(ring);
        painter->setPen(Qt::NoPen);
        painter->setBrush(colors.warning);
        painter->drawPie(ring, 90 * 16, 180 * 16);
        break;
    case ClientRow::State::Slow:
        painter->setPen(Qt::NoPen);
        painter->setBrush(colors.error);
        painter->drawPolygon(
            QPolygonF{{dot.left(), dot.top()}, {dot.right(), dot.top()}, {dot.center().x(), dot.bottom()}});
        break;
    case ClientRow::State::Offline:
        painter->setPen(QPen(colors.muted, 1.5));
        painter->drawEllipse(ring);
        break;
    }
    painter->restore();
}

} // namespace

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
    QRect text = cellContents(option.rect, index.column() == ClientTableModel::IdColumn);
    if (index.column() == ClientTableModel::StateColumn) {
        paintState(painter, text,
                   static_cast<ClientRow::State>(index.data(ClientTableModel::StateRole).toInt()), colors);
        text.setLeft(text.left() + kDotSize + kGrid * 3 / 4);
    }
    const auto alignment = index.data(Qt::TextAlignmentRole).value<Qt::Alignment>();
    const QString shown = index.data(Qt::DisplayRole).toString();
    painter->drawText(text, static_cast<int>(alignment) | Qt::TextSingleLine,
                      option.fontMetrics.elidedText(shown, Qt::ElideRight, text.width()));
}

} // namespace wireroom

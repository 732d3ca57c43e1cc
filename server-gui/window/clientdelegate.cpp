// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/clientdelegate.h"

#include "common/widgets/icons.h"
#include "common/widgets/theme.h"
#include "server-gui/window/clienttablemodel.h"

#include <QPainter>

namespace wireroom {

namespace {

constexpr int kDotSize = 10;
constexpr int kLockSize = 16;

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

QRect ClientDelegate::paintBefore(QPainter *painter, const QRect &place, const QModelIndex &index,
                                  const QPalette &palette) const
{
    if (index.column() == ClientTableModel::FormatColumn) {
        if (!index.data(ClientTableModel::EncryptedRole).toBool())
            return place;
        const qreal ratio = painter->device()->devicePixelRatioF();
        painter->drawPixmap(place.left(), place.center().y() - kLockSize / 2,
                            iconPixmap(IconName::Lock, themeColors(palette).ok, kLockSize, ratio));
        return place.adjusted(kLockSize + kGrid / 2, 0, 0, 0);
    }
    if (index.column() != ClientTableModel::StateColumn)
        return place;
    paintState(painter, place, static_cast<ClientRow::State>(index.data(ClientTableModel::StateRole).toInt()),
               themeColors(palette));
    return place.adjusted(kDotSize + kGrid * 3 / 4, 0, 0, 0);
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/chatpainting.h"

#include "common/widgets/icons.h"
#include "common/widgets/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <QPalette>

#include <array>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Hues that are told apart easily.
constexpr std::array kHues{212, 150, 22, 282, 340, 182, 46, 250};

void paintTick(QPainter *painter, const QPointF &foot, qreal size)
{
    painter->drawPolyline(QPolygonF{foot + QPointF(-0.42 * size, -0.40 * size), foot,
                                    foot + QPointF(0.62 * size, -0.86 * size)});
}

} // namespace

QColor personColor(ClientId id, const QPalette &palette)
{
    if (id.isOperator())
        return themeColors(palette).muted;
    const int hue = kHues[id.value() % kHues.size()];
    return isDark(palette) ? QColor::fromHsl(hue, 150, 180) : QColor::fromHsl(hue, 165, 84);
}

void paintAvatar(QPainter *painter, const QRectF &rect, const QString &title, const QColor &color)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QColor wash = color;
    wash.setAlphaF(0.20F);
    painter->setPen(Qt::NoPen);
    painter->setBrush(wash);
    painter->drawEllipse(rect);
    QFont font = painter->font();
    font.setPixelSize(qRound(rect.height() * 0.44));
    font.setWeight(QFont::DemiBold);
    painter->setFont(font);
    painter->setPen(color);
    const bool isPair = title.size() >= 2 && title.at(0).isHighSurrogate();
    painter->drawText(rect, Qt::AlignCenter, title.left(isPair ? 2 : 1).toUpper());
    painter->restore();
}

void paintGroupAvatar(QPainter *painter, const QRectF &rect, const QColor &color, qreal devicePixelRatio)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QColor wash = color;
    wash.setAlphaF(0.20F);
    painter->setPen(Qt::NoPen);
    painter->setBrush(wash);
    painter->drawEllipse(rect);
    constexpr int size = 2 * kGrid;
    painter->drawPixmap(QPointF(rect.center().x() - size / 2.0, rect.center().y() - size / 2.0),
                        iconPixmap(IconName::Clients, color, size, devicePixelRatio));
    painter->restore();
}

Mark markOf(const ChatMessage &message)
{
    switch (message.state) {
    case ChatMessage::State::Waiting:
        return Mark::Waiting;
    case ChatMessage::State::Failed:
        return Mark::Failed;
    case ChatMessage::State::Delivered:
    case ChatMessage::State::Stored:
        break;
    }
    const quint64 delivered = message.delivered();
    if (delivered == 0)
        return Mark::Stored;
    const bool isAll = message.recipients > 0 ? delivered >= message.recipients
                                              : message.state == ChatMessage::State::Delivered;
    return isAll ? Mark::Delivered : Mark::Partly;
}

void paintMark(QPainter *painter, const QRectF &rect, Mark mark, const QPalette &palette)
{
    const ThemeColors colors = themeColors(palette);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QColor ink = mark == Mark::Delivered ? colors.accent
        : mark == Mark::Failed                 ? colors.error
                                               : colors.muted;
    painter->setPen(QPen(ink, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    const qreal size = rect.height() - 2;
    const QPointF foot(rect.right() - 0.75 * size, rect.bottom() - 1.5);
    switch (mark) {
    case Mark::Waiting: {
        const QRectF face(rect.right() - size - 1, rect.top() + 1, size, size);
        painter->drawEllipse(face);
        painter->drawPolyline(QPolygonF{QPointF(face.center().x(), face.top() + 0.22 * size), face.center(),
                                        QPointF(face.right() - 0.24 * size, face.center().y())});
        break;
    }
    case Mark::Stored:
        paintTick(painter, foot, size);
        break;
    case Mark::Partly:
    case Mark::Delivered:
        paintTick(painter, foot - QPointF(0.48 * size, 0), size);
        paintTick(painter, foot, size);
        break;
    case Mark::Failed: {
        const qreal x = rect.right() - size / 2;
        painter->setPen(QPen(ink, 2, Qt::SolidLine, Qt::RoundCap));
        painter->drawLine(QPointF(x, rect.top() + 1.5), QPointF(x, rect.bottom() - 5));
        painter->drawPoint(QPointF(x, rect.bottom() - 1.5));
        break;
    }
    }
    painter->restore();
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/conversationdelegate.h"

#include "client-gui/window/chatpainting.h"
#include "client-gui/window/sidebarmodel.h"
#include "common/widgets/theme.h"

#include <QPainter>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kHeight = 7 * kGrid;
constexpr int kPicture = 34;
constexpr int kDot = 11;
constexpr int kBadgeHeight = 18;

void paintPresence(QPainter *painter, const QRect &picture, int presence, const QColor &around,
                   const ThemeColors &colors)
{
    const QRectF dot(picture.right() - kDot + 3, picture.bottom() - kDot + 3, kDot, kDot);
    painter->setPen(QPen(around, 2));
    if (presence == int(chat::PresenceState::Online)) {
        painter->setBrush(colors.ok);
    } else if (presence == int(chat::PresenceState::Away)) {
        painter->setBrush(colors.warning);
    } else {
        // Told by its shape, too.
        painter->setBrush(around);
        painter->drawEllipse(dot);
        painter->setPen(QPen(colors.muted, 1.5));
        painter->drawEllipse(dot.adjusted(2.5, 2.5, -2.5, -2.5));
        return;
    }
    painter->drawEllipse(dot);
}

/// The width that it takes.
int paintBadge(QPainter *painter, const QRect &room, int unread, const ThemeColors &colors, QFont font)
{
    font.setPointSizeF(font.pointSizeF() * 0.85);
    font.setWeight(QFont::DemiBold);
    const QString text = unread > 99 ? u"99+"_s : QString::number(unread);
    const int width = std::max(kBadgeHeight, QFontMetrics(font).horizontalAdvance(text) + kGrid + 2);
    const QRect badge(room.right() - width + 1, room.center().y() - kBadgeHeight / 2, width, kBadgeHeight);
    painter->setPen(Qt::NoPen);
    painter->setBrush(colors.accent);
    painter->drawRoundedRect(badge, kBadgeHeight / 2.0, kBadgeHeight / 2.0);
    painter->setPen(colors.accentText);
    painter->setFont(font);
    painter->drawText(badge, Qt::AlignCenter, text);
    return width;
}

} // namespace

QSize ConversationDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {20 * kGrid, kHeight};
}

void ConversationDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                                 const QModelIndex &index) const
{
    const ThemeColors colors = themeColors(option.palette);
    const bool isSelected = option.state & QStyle::State_Selected;
    const QColor ground = isSelected             ? colors.selection
        : option.state & QStyle::State_MouseOver ? colors.hover
                                                 : option.palette.color(QPalette::Base);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->fillRect(option.rect, ground);
    if (isSelected)
        painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())), colors.accent);

    const QString title = index.data(Qt::DisplayRole).toString();
    const int presence = index.data(SidebarModel::PresenceRole).toInt();
    const int unread = index.data(SidebarModel::UnreadRole).toInt();
    const QRect picture(option.rect.left() + 2 * kGrid, option.rect.center().y() - kPicture / 2 + 1, kPicture,
                        kPicture);
    const auto id = ClientId(index.data(SidebarModel::PersonRole).toULongLong());
    if (presence >= 0) {
        const bool isHere = presence != int(chat::PresenceState::Offline);
        paintAvatar(painter, picture, title, isHere ? personColor(id, option.palette) : colors.muted);
        paintPresence(painter, picture, presence, ground, colors);
    } else {
        paintGroupAvatar(painter, picture, colors.accent, painter->device()->devicePixelRatioF());
    }

    const QFontMetrics metrics(option.font);
    QFont bold = option.font;
    bold.setWeight(QFont::DemiBold);
    const int left = picture.right() + 1 + kGrid + kGrid / 2;
    const int right = option.rect.right() - kGrid - kGrid / 2;
    const int top = option.rect.center().y() - metrics.height() - 1;
    QRect upper(left, top, right - left + 1, metrics.height());
    QRect lower(left, top + metrics.height() + 2, right - left + 1, metrics.height());

    const QString moment = index.data(SidebarModel::MomentRole).toString();
    if (!moment.isEmpty()) {
        QFont small = option.font;
        small.setPointSizeF(small.pointSizeF() * 0.85);
        painter->setFont(small);
        painter->setPen(colors.muted);
        painter->drawText(upper, Qt::AlignRight | Qt::AlignVCenter, moment);
        upper.setRight(upper.right() - QFontMetrics(small).horizontalAdvance(moment) - kGrid);
    }
    if (unread > 0)
        lower.setRight(lower.right() - paintBadge(painter, lower, unread, colors, option.font) - kGrid);

    painter->setFont(bold);
    painter->setPen(option.palette.color(QPalette::Text));
    painter->drawText(upper, Qt::AlignLeft | Qt::AlignVCenter,
                      QFontMetrics(bold).elidedText(title, Qt::ElideRight, upper.width()));
    painter->setFont(option.font);
    painter->setPen(unread > 0 ? option.palette.color(QPalette::Text) : colors.muted);
    painter->drawText(
        lower, Qt::AlignLeft | Qt::AlignVCenter,
        metrics.elidedText(index.data(SidebarModel::DetailRole).toString(), Qt::ElideRight, lower.width()));
    if (option.state & QStyle::State_HasFocus && option.state & QStyle::State_KeyboardFocusChange) {
        painter->setPen(QPen(colors.accent, 1));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
    painter->restore();
}

} // namespace wireroom

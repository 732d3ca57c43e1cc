// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/chatdelegate.h"

#include "client-gui/window/chatpainting.h"
#include "client-gui/window/chatview.h"
#include "client-gui/window/threadmodel.h"
#include "common/widgets/numbertext.h"
#include "common/widgets/theme.h"

#include <QDateTime>
#include <QFontDatabase>
#include <QLocale>
#include <QPainter>
#include <QTextLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kMargin = 2 * kGrid; ///< beside the bubbles
constexpr int kPaddingX = 12;
constexpr int kPaddingY = 7;
constexpr int kRadius = 10;
constexpr int kAvatar = 28;
constexpr int kWidestBubble = 620;
constexpr int kBetweenGroups = 10;
constexpr int kWithinGroup = 3;
constexpr int kFootGap = 10;

/// Messages of one sender within so long stand together under one name.
constexpr qint64 kGroupMs = 5 * 60'000;

/// More is not laid out: nobody reads it in a bubble. Copying takes all.
constexpr qsizetype kMostChars = 4'000;

QDate dayOf(const ChatMessage &message)
{
    return QDateTime::fromMSecsSinceEpoch(message.time).date();
}

QString dayText(const QDate &day)
{
    const QDate today = QDate::currentDate();
    if (day == today)
        return u"Today"_s;
    if (day == today.addDays(-1))
        return u"Yesterday"_s;
    return QLocale().toString(day, day.year() == today.year() ? u"dddd, d MMMM"_s : u"dddd, d MMMM yyyy"_s);
}

QString bodyText(const ThreadModel &thread, int row)
{
    QString text = thread.data(thread.index(row), Qt::DisplayRole).toString();
    if (text.size() > kMostChars) {
        const qsizetype more = text.size() - kMostChars;
        text.truncate(kMostChars);
        text += u" … (%1 more characters: copy it to read all)"_s.arg(countText(quint64(more)));
    }
    return text.replace(u'\n', QChar::LineSeparator);
}

QString footText(const ChatMessage &message)
{
    QString text = clockText(QDateTime::fromMSecsSinceEpoch(message.time).time());
    if (message.isOwn && markOf(message) == Mark::Partly && message.recipients > 1)
        text = u"%1/%2 · "_s.arg(message.delivered()).arg(message.recipients) + text;
    return text;
}

QColor mixed(const QColor &a, const QColor &b, float share)
{
    return QColor::fromRgbF(a.redF() + (b.redF() - a.redF()) * share,
                            a.greenF() + (b.greenF() - a.greenF()) * share,
                            a.blueF() + (b.blueF() - a.blueF()) * share);
}

} // namespace

/// Where everything of one row is, from its upper left corner.
struct ChatDelegate::Parts
{
    bool startsDay = false;
    bool startsGroup = false;
    bool hasAvatar = false; ///< room for it, at least
    QRect day;
    QRect avatar;
    QRect sender;
    QRect bubble;
    QPoint text;
    QRect foot;
    int height = 0;
};

ChatDelegate::ChatDelegate(ChatView *view) : QStyledItemDelegate(view), m_view(view) { }

QFont ChatDelegate::smallFont() const
{
    QFont font = m_view->font();
    font.setPointSizeF(font.pointSizeF() * 0.85);
    return font;
}

QFont ChatDelegate::bodyFont(const ChatMessage &message) const
{
    if (message.kind == chat::BodyKind::Text)
        return m_view->font();
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(m_view->font().pointSizeF() * 0.95);
    return font;
}

ChatDelegate::Parts ChatDelegate::arrange(const ThreadModel &thread, int row, int width,
                                          QTextLayout &layout) const
{
    const ChatMessage &message = thread.message(row);
    const ChatMessage *before = row > 0 ? &thread.message(row - 1) : nullptr;
    Parts parts;
    parts.startsDay = !before || dayOf(*before) != dayOf(message);
    parts.startsGroup = parts.startsDay || before->from != message.from || before->isOwn != message.isOwn
        || message.time - before->time > kGroupMs;
    const bool isPerson = thread.conversation().isPerson();
    parts.hasAvatar = !message.isOwn && !isPerson;
    const QFontMetrics small(smallFont());

    int y = parts.startsGroup ? kBetweenGroups : kWithinGroup;
    if (parts.startsDay) {
        parts.day = QRect(0, y, width, small.height() + 2 * kGrid);
        y = parts.day.bottom() + 1 + kGrid / 2;
    }
    const int left = kMargin + (parts.hasAvatar ? kAvatar + kGrid : 0);
    if (parts.startsGroup && parts.hasAvatar) {
        parts.sender = QRect(left + 2, y, width - left - kMargin, small.height());
        y = parts.sender.bottom() + 1 + 2;
        parts.avatar = QRect(kMargin, y, kAvatar, kAvatar);
    }

    const QString foot = footText(message);
    const int footWidth = small.horizontalAdvance(foot) + (message.isOwn ? kMarkSize.width() + kGrid / 2 : 0);
    const int room
        = std::max(80, std::min({(width - left - kMargin) * 4 / 5, kWidestBubble}) - 2 * kPaddingX);
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    layout.setFont(bodyFont(message));
    layout.setText(bodyText(thread, row));
    layout.setCacheEnabled(true);
    layout.beginLayout();
    qreal textHeight = 0;
    qreal widest = 0;
    qreal lastWidth = 0;
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(room);
        line.setPosition(QPointF(0, textHeight));
        textHeight += line.height();
        lastWidth = line.naturalTextWidth();
        widest = std::max(widest, lastWidth);
    }
    layout.endLayout();

    // The foot stands beside the last line where there is room.
    const bool isBeside = lastWidth + kFootGap + footWidth <= room;
    const int inner
        = int(std::ceil(std::max(widest, isBeside ? lastWidth + kFootGap + footWidth : footWidth)));
    const int innerHeight = int(std::ceil(textHeight)) + (isBeside ? 0 : small.height() + 1);
    const int bubbleWidth = inner + 2 * kPaddingX;
    const int x = message.isOwn ? width - kMargin - bubbleWidth : left;
    parts.bubble = QRect(x, y, bubbleWidth, innerHeight + 2 * kPaddingY);
    parts.text = QPoint(x + kPaddingX, y + kPaddingY);
    parts.foot = QRect(parts.bubble.right() + 1 - kPaddingX - footWidth,
                       parts.bubble.bottom() + 1 - kPaddingY - small.height() + 1, footWidth, small.height());
    parts.height = parts.bubble.bottom() + 1;
    if (parts.avatar.isValid())
        parts.height = std::max(parts.height, parts.avatar.bottom() + 1);
    if (row == thread.rowCount() - 1)
        parts.height += kBetweenGroups;
    return parts;
}

QSize ChatDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    const ThreadModel *thread = m_view->thread();
    if (!thread || index.row() >= thread->rowCount())
        return {};
    const int width = m_view->viewport()->width();
    const ChatMessage &message = thread->message(index.row());
    if (message.shownSize.width() != width) {
        QTextLayout layout;
        message.shownSize = QSize(width, arrange(*thread, index.row(), width, layout).height);
    }
    return message.shownSize;
}

void ChatDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                         const QModelIndex &index) const
{
    const ThreadModel *thread = m_view->thread();
    if (!thread || index.row() >= thread->rowCount())
        return;
    const ChatMessage &message = thread->message(index.row());
    const ThemeColors colors = themeColors(option.palette);
    QTextLayout layout;
    const Parts parts = arrange(*thread, index.row(), option.rect.width(), layout);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->translate(option.rect.topLeft());
    if (m_highlighted > 0 && message.seq == m_highlighted) {
        QColor wash = colors.warning;
        wash.setAlphaF(0.16F);
        painter->fillRect(
            QRect(0, parts.bubble.top() - kGrid / 2, option.rect.width(), parts.bubble.height() + kGrid),
            wash);
    }
    if (parts.startsDay)
        paintDay(painter, parts, message, colors);
    if (parts.sender.isValid()) {
        const QString name = thread->roster().name(message.from);
        const QColor color = personColor(message.from, option.palette);
        paintAvatar(painter, parts.avatar, name, color);
        QFont font = smallFont();
        font.setWeight(QFont::DemiBold);
        painter->setFont(font);
        painter->setPen(color);
        const QFontMetrics metrics(font);
        const QString shown = metrics.elidedText(name, Qt::ElideRight, parts.sender.width() - 6 * kGrid);
        painter->drawText(parts.sender, Qt::AlignLeft | Qt::AlignVCenter, shown);
        painter->setFont(smallFont());
        painter->setPen(colors.muted);
        painter->drawText(parts.sender.adjusted(metrics.horizontalAdvance(shown) + kGrid / 2, 0, 0, 0),
                          Qt::AlignLeft | Qt::AlignVCenter, u"ID %1"_s.arg(message.from.toString()));
    }
    paintBubble(painter, option, parts, message, colors);
    painter->setPen(option.palette.color(QPalette::Text));
    layout.draw(painter, parts.text);
    paintFoot(painter, parts, message, colors);
    painter->restore();
}

void ChatDelegate::paintDay(QPainter *painter, const Parts &parts, const ChatMessage &message,
                            const ThemeColors &colors) const
{
    const QString text = dayText(dayOf(message));
    painter->setFont(smallFont());
    const int half = QFontMetrics(smallFont()).horizontalAdvance(text) / 2 + 12;
    const QPoint middle = parts.day.center();
    painter->setPen(colors.border);
    painter->drawLine(kMargin, middle.y(), middle.x() - half, middle.y());
    painter->drawLine(middle.x() + half, middle.y(), parts.day.right() - kMargin, middle.y());
    painter->setPen(colors.muted);
    painter->drawText(parts.day, Qt::AlignCenter, text);
}

void ChatDelegate::paintBubble(QPainter *painter, const QStyleOptionViewItem &option, const Parts &parts,
                               const ChatMessage &message, const ThemeColors &colors) const
{
    const bool dark = isDark(option.palette);
    const QColor base = option.palette.color(QPalette::Base);
    QColor fill = message.isOwn ? mixed(base, colors.accent, dark ? 0.24F : 0.13F)
        : dark                  ? option.palette.color(QPalette::Button)
                                : option.palette.color(QPalette::Window);
    if (message.isOwn && message.state == ChatMessage::State::Failed)
        fill = mixed(base, colors.error, dark ? 0.24F : 0.12F);
    const bool isSelected = option.state & QStyle::State_Selected;
    painter->setPen(isSelected ? QPen(colors.accent, 2) : QPen(Qt::NoPen));
    painter->setBrush(fill);
    painter->drawRoundedRect(QRectF(parts.bubble), kRadius, kRadius);
}

void ChatDelegate::paintFoot(QPainter *painter, const Parts &parts, const ChatMessage &message,
                             const ThemeColors &colors) const
{
    painter->setFont(smallFont());
    painter->setPen(colors.muted);
    painter->drawText(parts.foot, Qt::AlignLeft | Qt::AlignVCenter, footText(message));
    if (!message.isOwn)
        return;
    QRect mark(QPoint(), kMarkSize);
    mark.moveCenter(parts.foot.center());
    mark.moveRight(parts.foot.right());
    paintMark(painter, mark, markOf(message), m_view->palette());
}

} // namespace wireroom

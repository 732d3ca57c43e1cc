// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/statuslabel.h"

#include "common/base/safetext.h"
#include "common/widgets/plaintooltip.h"
#include "common/widgets/theme.h"

#include <QAccessibleWidget>
#include <QFontMetrics>
#include <QPainter>
#include <QStyle>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kDotSize = 10;
constexpr int kDotGap = kGrid;
constexpr int kDetailGap = kGrid + kGrid / 2;

QFont emphasized(QFont font)
{
    font.setWeight(QFont::DemiBold);
    return font;
}

QColor dotColor(StatusLevel level, const ThemeColors &colors)
{
    switch (level) {
    case StatusLevel::Off:
        return colors.muted;
    case StatusLevel::Ok:
        return colors.ok;
    case StatusLevel::Busy:
        return colors.accent;
    case StatusLevel::Warning:
        return colors.warning;
    case StatusLevel::Error:
        return colors.error;
    }
    return colors.muted;
}

/// A text to screen readers, where a plain widget would be a blank.
QAccessibleInterface *makeAccessible(const QString &, QObject *object)
{
    auto *label = qobject_cast<StatusLabel *>(object);
    return label ? new QAccessibleWidget(label, QAccessible::StaticText) : nullptr;
}

} // namespace

StatusLabel::StatusLabel(QWidget *parent) : QWidget(parent)
{
    static const bool installed = [] {
        QAccessible::installFactory(makeAccessible);
        return true;
    }();
    Q_UNUSED(installed);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void StatusLabel::setStatus(StatusLevel level, const QString &statusText, const QString &statusDetail)
{
    // The detail may be another side's words.
    const QString text = safeLine(statusText);
    const QString detail = safeLine(statusDetail);
    if (level == m_level && text == m_text && detail == m_detail)
        return;
    m_level = level;
    m_text = text;
    m_detail = detail;
    setAccessibleName(text);
    setAccessibleDescription(detail);
    setToolTip(plainToolTip(detail.isEmpty() ? text : QString(text % u" – " % detail)));
    updateGeometry();
    update();
}

QSize StatusLabel::sizeHint() const
{
    const QFontMetrics metrics(emphasized(font()));
    int width = kDotSize + kDotGap + metrics.horizontalAdvance(m_text);
    if (!m_detail.isEmpty())
        width += kDetailGap + fontMetrics().horizontalAdvance(m_detail);
    return {width + 1, std::max(metrics.height() + kGrid / 2, 3 * kGrid)};
}

QSize StatusLabel::minimumSizeHint() const
{
    const int words = QFontMetrics(emphasized(font())).averageCharWidth() * 16;
    return {std::min(sizeHint().width(), kDotSize + kDotGap + words), sizeHint().height()};
}

void StatusLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const ThemeColors colors = themeColors(palette());
    const QColor color = dotColor(m_level, colors);
    // A ring for what is off, a disc for everything else: the shapes differ where colours look alike.
    QRectF dot(0, (height() - kDotSize) / 2.0, kDotSize, kDotSize);
    if (m_level == StatusLevel::Off) {
        painter.setPen(QPen(color, 1.5));
        dot.adjust(1, 1, -1, -1);
    } else {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
    }
    painter.drawEllipse(QStyle::visualRect(layoutDirection(), rect(), dot.toAlignedRect()));

    int x = kDotSize + kDotGap;
    const auto write = [&](const QFont &font, const QColor &ink, const QString &words) {
        const QFontMetrics metrics(font);
        const int room = std::max(0, width() - x);
        const QString shown = metrics.elidedText(words, Qt::ElideRight, room);
        const QRect where(x, 0, room, height());
        painter.setFont(font);
        painter.setPen(ink);
        painter.drawText(QStyle::visualRect(layoutDirection(), rect(), where),
                         static_cast<int>(QStyle::visualAlignment(layoutDirection(), Qt::AlignLeft))
                             | Qt::AlignVCenter | Qt::TextSingleLine,
                         shown);
        x += metrics.horizontalAdvance(shown);
    };
    write(emphasized(font()), palette().color(QPalette::WindowText), m_text);
    if (m_detail.isEmpty())
        return;
    x += kDetailGap;
    write(font(), colors.muted, m_detail);
}

} // namespace wireroom

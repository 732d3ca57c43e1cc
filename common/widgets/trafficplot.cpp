// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/trafficplot.h"

#include "common/widgets/numbertext.h"
#include "common/widgets/theme.h"

#include <QFontMetrics>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kCurveWidth = 160;
constexpr int kSmallestCurveWidth = 48;
constexpr int kHeight = 3 * kGrid;
/// To the window's edge, where the panels above end too.
constexpr int kEndMargin = 2 * kGrid;
/// Ten a second for the whole span; whoever pushes more often sees a shorter past.
constexpr size_t kMaxSamples = 600;

/// The words have a fixed width and keep to its right, so that the curve does not move with every number.
int wordsWidth(const QFontMetrics &metrics)
{
    return metrics.horizontalAdvance(rateText(888'888, 888e6)) + kEndMargin;
}

using Value = double TrafficPlot::Sample::*;

double peak(const std::deque<TrafficPlot::Sample> &samples, Value value)
{
    double highest = 0;
    for (const TrafficPlot::Sample &sample : samples)
        highest = std::max(highest, sample.*value);
    return highest;
}

/// The samples' line through the area, the newest at its right edge and the highest at its top.
QPolygonF curve(const std::deque<TrafficPlot::Sample> &samples, Value value, const QRectF &area)
{
    QPolygonF points;
    const double highest = std::max(peak(samples, value), 1e-9);
    const std::chrono::duration<double> span = TrafficPlot::kSpan;
    for (const TrafficPlot::Sample &sample : samples) {
        const std::chrono::duration<double> age = samples.back().at - sample.at;
        points << QPointF(area.right() - area.width() * (age / span),
                          area.bottom() - area.height() * (sample.*value / highest));
    }
    return points;
}

} // namespace

TrafficPlot::TrafficPlot(QWidget *parent) : QWidget(parent)
{
    setObjectName(u"trafficPlot"_s);
    setAccessibleName(tr("Traffic"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    describe();
}

void TrafficPlot::addTotals(std::chrono::milliseconds at, quint64 messages, quint64 bytes)
{
    if (m_last && at <= m_last->at)
        return;
    if (m_last && messages >= m_last->messages && bytes >= m_last->bytes) {
        const std::chrono::duration<double> passed = at - m_last->at;
        m_samples.push_back(
            {.at = at,
             .messagesPerSecond = static_cast<double>(messages - m_last->messages) / passed.count(),
             .bytesPerSecond = static_cast<double>(bytes - m_last->bytes) / passed.count()});
    }
    m_last = Totals{.at = at, .messages = messages, .bytes = bytes};
    while (!m_samples.empty() && (at - m_samples.front().at > kSpan || m_samples.size() > kMaxSamples))
        m_samples.pop_front();
    describe();
    update();
}

void TrafficPlot::clear()
{
    m_samples.clear();
    m_last.reset();
    describe();
    update();
}

QString TrafficPlot::text() const
{
    if (m_samples.empty())
        return rateText(0, 0);
    return rateText(m_samples.back().messagesPerSecond, m_samples.back().bytesPerSecond);
}

QSize TrafficPlot::sizeHint() const
{
    return {kCurveWidth + kGrid + wordsWidth(fontMetrics()), std::max(kHeight, fontMetrics().height())};
}

QSize TrafficPlot::minimumSizeHint() const
{
    return {kSmallestCurveWidth + kGrid + wordsWidth(fontMetrics()), sizeHint().height()};
}

void TrafficPlot::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const ThemeColors colors = themeColors(palette());
    const int curveWidth
        = std::clamp(width() - kGrid - wordsWidth(fontMetrics()), kSmallestCurveWidth, kCurveWidth);
    const int top = (height() - kHeight) / 2;

    const QRectF area(0, top + 3, curveWidth, kHeight - 6);
    painter.setPen(colors.border);
    painter.drawLine(QPointF(area.left(), area.bottom() + 0.5), QPointF(area.right(), area.bottom() + 0.5));
    if (m_samples.size() > 1) {
        painter.save();
        painter.setClipRect(area.adjusted(0, -2, 0, 2));
        const QPolygonF messages = curve(m_samples, &Sample::messagesPerSecond, area);
        QPainterPath below(QPointF(messages.first().x(), area.bottom()));
        for (const QPointF &point : messages)
            below.lineTo(point);
        below.lineTo(messages.last().x(), area.bottom());
        QColor fill = colors.accent;
        fill.setAlphaF(0.22F);
        painter.fillPath(below, fill);
        painter.setPen(QPen(colors.incoming, 1.25));
        painter.drawPolyline(curve(m_samples, &Sample::bytesPerSecond, area));
        painter.setPen(QPen(colors.accent, 1.5));
        painter.drawPolyline(messages);
        painter.restore();
    }

    // The words have their curves' colours and are the legend at the same time.
    int x = std::max(curveWidth + kGrid, width() - kEndMargin - fontMetrics().horizontalAdvance(text()));
    const auto write = [&](const QColor &ink, const QString &words) {
        painter.setPen(ink);
        painter.drawText(QRect(x, 0, std::max(0, width() - x), height()), Qt::AlignLeft | Qt::AlignVCenter,
                         words);
        x += fontMetrics().horizontalAdvance(words);
    };
    const QStringList parts = text().split(u" · "_s);
    write(colors.accent, parts.first());
    if (parts.size() > 1) {
        write(colors.muted, u" · "_s);
        write(colors.incoming, parts.last());
    }
}

void TrafficPlot::describe()
{
    const QString words = text();
    if (accessibleDescription() != words)
        setAccessibleDescription(words);
    const auto highest = [this](Value value) {
        return peak(m_samples, value);
    };
    setToolTip(
        tr("Messages (filled) and bytes (line) per second, both directions, over the last minute.\n"
           "Now %1; at most %2.")
            .arg(words, rateText(highest(&Sample::messagesPerSecond), highest(&Sample::bytesPerSecond))));
}

} // namespace wireroom

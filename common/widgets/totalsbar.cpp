// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/totalsbar.h"

#include "common/widgets/numbertext.h"
#include "common/widgets/theme.h"
#include "common/widgets/trafficplot.h"

#include <QLabel>
#include <QStatusBar>

#include <chrono>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace wireroom {

namespace {

constexpr auto kTrafficInterval = 1s;
/// Totals that change faster than this can only be watched, not read.
constexpr auto kTotalsInterval = 100ms;

} // namespace

TotalsBar::TotalsBar(QStatusBar *bar, const QString &toolTip, QLabel *first)
    : QObject(bar), m_label(new QLabel(bar)), m_plot(new TrafficPlot(bar))
{
    m_label->setObjectName(u"totals"_s);
    m_label->setToolTip(toolTip);
    (first ? first : m_label)->setContentsMargins(2 * kGrid - 2, 0, kGrid, 0);
    m_plot->setObjectName(u"traffic"_s);
    m_plot->setToolTip(u"Messages and bytes per second, both directions, over the last minute"_s);
    bar->setSizeGripEnabled(false);
    if (first)
        bar->addWidget(first);
    bar->addWidget(m_label);
    bar->addPermanentWidget(m_plot);

    m_totalsTimer.setSingleShot(true);
    m_totalsTimer.setInterval(kTotalsInterval);
    connect(&m_totalsTimer, &QTimer::timeout, this, &TotalsBar::show);
    connect(&m_trafficTimer, &QTimer::timeout, this, [this] {
        m_plot->addTotals(std::chrono::milliseconds(m_clock.elapsed()),
                          m_totals.framesIn + m_totals.framesOut, m_totals.bytesIn + m_totals.bytesOut);
    });
    show();
    m_clock.start();
    m_trafficTimer.start(kTrafficInterval);
}

void TotalsBar::setTotals(const Totals &totals)
{
    m_totals = totals;
    if (!m_totalsTimer.isActive())
        m_totalsTimer.start();
}

void TotalsBar::show()
{
    m_label->setText(
        u"In %1 · %2    Out %3 · %4"_s.arg(countText(m_totals.framesIn), byteCountText(m_totals.bytesIn),
                                           countText(m_totals.framesOut), byteCountText(m_totals.bytesOut)));
    Q_EMIT shown();
}

} // namespace wireroom

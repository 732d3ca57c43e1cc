// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

class QLabel;
class QStatusBar;

namespace wireroom {

class TrafficPlot;

/// What a window shows of its traffic: frames and payload bytes since it was opened.
struct Totals
{
    quint64 framesIn = 0;
    quint64 framesOut = 0;
    quint64 bytesIn = 0;
    quint64 bytesOut = 0;
};

/// The totals and the traffic of the last minute in a window's status bar. Owner: the status bar. GUI thread.
class TotalsBar : public QObject
{
    Q_OBJECT

public:
    /// `first` is a label of the window's own that stands before them.
    TotalsBar(QStatusBar *bar, const QString &toolTip, QLabel *first = nullptr);

    /// Shown within a tenth of a second, however often it is called.
    void setTotals(const Totals &totals);

Q_SIGNALS:
    /// The totals set last are shown.
    void shown();

private:
    void show();

    Totals m_totals;
    QElapsedTimer m_clock;
    QTimer m_trafficTimer;
    QTimer m_totalsTimer;
    QLabel *m_label;
    TrafficPlot *m_plot;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include <chrono>
#include <deque>
#include <optional>

namespace wireroom {

/// Messages and bytes per second of the last 60 seconds: two small curves and the newest values in words.
/// Made for a status bar.
///
/// Owner: its parent widget. Thread: GUI. Painting is a function of the samples, which are bounded; the owner
/// pushes totals once or twice a second, also while nothing happens.
class TrafficPlot : public QWidget
{
    Q_OBJECT

public:
    static constexpr std::chrono::seconds kSpan{60};

    struct Sample
    {
        std::chrono::milliseconds at{0};
        double messagesPerSecond = 0;
        double bytesPerSecond = 0;
    };

    explicit TrafficPlot(QWidget *parent = nullptr);

    /// Running totals at a moment of a monotonic clock. The first call is only the base of the second; totals
    /// that go down begin anew.
    void addTotals(std::chrono::milliseconds at, quint64 messages, quint64 bytes);
    void clear();

    const std::deque<Sample> &samples() const { return m_samples; }

    /// "1,204 msg/s · 3.1 MB/s".
    QString text() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Totals
    {
        std::chrono::milliseconds at{0};
        quint64 messages = 0;
        quint64 bytes = 0;
    };

    void describe();

    std::deque<Sample> m_samples;
    std::optional<Totals> m_last;
};

} // namespace wireroom

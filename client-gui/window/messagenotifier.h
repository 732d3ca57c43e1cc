// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QTimer>

class QSystemTrayIcon;
class QWidget;

namespace wireroom {

/// Tells of messages that come while nobody looks at the window: by the desktop's notifications where it has
/// a tray for them, and by the window's entry in the task bar.
///
/// Owner: the window. Thread: GUI. At most one notification every kQuietMs; what comes meanwhile is counted
/// and told together.
class MessageNotifier : public QObject
{
    Q_OBJECT

public:
    static constexpr int kQuietMs = 3'000;

    explicit MessageNotifier(QWidget *window);

    bool isEnabled() const { return m_isEnabled; }

    void setEnabled(bool enabled);

    /// Does nothing while the window is active.
    void notify(const QString &title, const QString &text);
    /// Somebody looks: what was not told yet need not be.
    void forget();

Q_SIGNALS:
    /// A notification was shown, or would be where the desktop shows any.
    void notified(const QString &title, const QString &text);
    /// A notification was clicked.
    void activated();

private:
    void show(const QString &title, const QString &text);

    QWidget *m_window;
    QSystemTrayIcon *m_tray = nullptr; ///< made for the first message
    QTimer m_quiet;
    int m_untold = 0;
    bool m_isEnabled = true;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/messagenotifier.h"

#include "common/widgets/plaintooltip.h"

#include <QApplication>
#include <QSystemTrayIcon>
#include <QWidget>

using namespace Qt::StringLiterals;

namespace wireroom {

MessageNotifier::MessageNotifier(QWidget *window) : QObject(window), m_window(window)
{
    m_quiet.setSingleShot(true);
    m_quiet.setInterval(kQuietMs);
    connect(&m_quiet, &QTimer::timeout, this, [this] {
        if (const int untold = std::exchange(m_untold, 0); untold > 0)
            show(u"Wireroom"_s, untold == 1 ? u"1 more message"_s : u"%1 more messages"_s.arg(untold));
    });
}

void MessageNotifier::setEnabled(bool enabled)
{
    m_isEnabled = enabled;
    if (enabled)
        return;
    forget();
    delete std::exchange(m_tray, nullptr);
}

void MessageNotifier::notify(const QString &title, const QString &text)
{
    if (!m_isEnabled || m_window->isActiveWindow())
        return;
    if (m_quiet.isActive())
        ++m_untold;
    else
        show(title, text);
}

void MessageNotifier::forget()
{
    m_untold = 0;
}

void MessageNotifier::show(const QString &title, const QString &text)
{
    m_quiet.start();
    QApplication::alert(m_window);
    if (!m_tray && QSystemTrayIcon::isSystemTrayAvailable() && QSystemTrayIcon::supportsMessages()) {
        m_tray = new QSystemTrayIcon(m_window->windowIcon(), this);
        m_tray->setToolTip(u"Wireroom"_s);
        connect(m_tray, &QSystemTrayIcon::messageClicked, this, &MessageNotifier::activated);
        connect(m_tray, &QSystemTrayIcon::activated, this, &MessageNotifier::activated);
        m_tray->show();
    }
    if (m_tray)
        m_tray->showMessage(withoutMarkup(title), withoutMarkup(text), m_window->windowIcon());
    Q_EMIT notified(title, text);
}

} // namespace wireroom

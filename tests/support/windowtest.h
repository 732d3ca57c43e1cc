// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/widgets/messagelogmodel.h"

#include <QApplication>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QTest>

#include <algorithm>

namespace wireroom {

/// A frame by hand, as a foreign program makes it.
inline QByteArray u32le(const QByteArray &payload)
{
    const auto size = static_cast<quint32>(payload.size());
    QByteArray frame;
    for (int shift = 0; shift < 32; shift += 8)
        frame.append(static_cast<char>(size >> shift & 0xff));
    return frame + payload;
}

/// The window's first widget with that accessible name, rather one that is shown; or null.
template <typename T> T *findNamed(const QWidget &window, const QString &accessibleName)
{
    T *found = nullptr;
    const auto widgets = window.findChildren<T *>();
    for (T *widget : widgets) {
        if (widget->accessibleName() != accessibleName)
            continue;
        if (widget->isVisible())
            return widget;
        if (!found)
            found = widget;
    }
    return found;
}

inline bool isTextShown(const QWidget &window, const QString &text)
{
    const auto labels = window.findChildren<QLabel *>();
    return std::any_of(labels.begin(), labels.end(), [&text](const QLabel *label) {
        return label->isVisible() && label->text().contains(text);
    });
}

inline bool hasEntry(const MessageLogModel &log, LogEntry::Kind kind, const QString &text)
{
    for (int row = 0; row < log.rowCount(); ++row) {
        const LogEntry &entry = log.entry(row);
        if (entry.kind == kind && QString::fromUtf8(entry.payload).contains(text))
            return true;
    }
    return false;
}

/// Everything that the Tab key can reach has an object name and an accessible one.
inline void verifyControlNames(const QWidget &window, int atLeast)
{
    const auto widgets = window.findChildren<QWidget *>();
    int controls = 0;
    for (const QWidget *widget : widgets) {
        const bool inner = widget->objectName().startsWith(QLatin1StringView("qt_"))
            || qobject_cast<const QHeaderView *>(widget) || qobject_cast<const QMenu *>(widget);
        if (inner || !(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisible())
            continue;
        ++controls;
        QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
        QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
    }
    QVERIFY(controls >= atLeast);
}

/// The Tab key goes from `first` through the named controls in this order; others may lie between them.
inline void verifyTabOrder(QWidget *first, const QStringList &expected)
{
    first->setFocus();
    QStringList visited;
    for (int i = 0; i < 40; ++i) {
        QWidget *focus = QApplication::focusWidget();
        QVERIFY(focus);
        const QString name = focus->accessibleName().isEmpty() ? focus->parentWidget()->accessibleName()
                                                               : focus->accessibleName();
        if (visited.contains(name))
            break;
        visited.append(name);
        QTest::keyClick(focus, Qt::Key_Tab);
    }
    qsizetype last = -1;
    for (const QString &name : expected) {
        const qsizetype place = visited.indexOf(name);
        QVERIFY2(place > last,
                 qPrintable(QStringLiteral("%1 is not reached in order: %2")
                                .arg(name, visited.join(QStringLiteral(", ")))));
        last = place;
    }
}

/// At that size the named controls are whole and inside the window.
inline void verifyFits(QWidget &window, const QSize &size, const QStringList &names)
{
    window.resize(size);
    QTRY_COMPARE(window.size(), size);
    for (const QString &name : names) {
        const auto *widget = findNamed<QWidget>(window, name);
        const QRect inWindow(widget->mapTo(&window, QPoint(0, 0)), widget->size());
        QVERIFY2(window.rect().contains(inWindow), qPrintable(name));
        QVERIFY2(widget->height() >= 20, qPrintable(name));
    }
}

} // namespace wireroom

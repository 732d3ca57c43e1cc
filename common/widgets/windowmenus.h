// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/widgets/theme.h"

#include <QKeySequence>
#include <QList>
#include <QString>

#include <functional>
#include <utility>
#include <vector>

class QAction;
class QMainWindow;
class QMenu;

namespace wireroom {

class MessageLogView;

/// Adds an action with its shortcut, for a window's menus. `what` must not outlive the menu.
QAction *addMenuAction(QMenu *menu, const QString &name, const QString &text, const QKeySequence &keys,
                       std::function<void()> what);

/// The Edit menu: copy from the log, find there or with `furtherFinds`, write a message.
void addEditMenu(QMainWindow *window, const MessageLogView *log, const QList<QAction *> &furtherFinds,
                 std::function<void()> write);

/// The View menu: the theme, which `storeTheme` keeps once it is applied, and the log's parts. The window's
/// own.
QMenu *addViewMenu(QMainWindow *window, const MessageLogView *log, ThemeChoice theme,
                   std::function<void(ThemeChoice)> storeTheme);

/// The Help menu: the shortcuts, those of writing and `furtherKeys` included, and what the program is.
void addHelpMenu(QMainWindow *window, const QString &programTitle, const QString &sentence,
                 std::vector<std::pair<QString, QString>> furtherKeys);

} // namespace wireroom

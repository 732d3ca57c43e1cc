// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <QStringList>

#include <optional>
#include <utility>
#include <vector>

class QMainWindow;

namespace wireroom {

/// A dialog with every shortcut in the window's menus, and further keys with what they do.
void showShortcuts(QMainWindow *window, const std::vector<std::pair<QString, QString>> &furtherKeys);

/// The About dialog: the program's name and version, and one sentence about what it is.
void showAbout(QMainWindow *window, const QString &programTitle, const QString &sentence);

/// Before a QApplication is created, which would abort: the sentence to print where there is no display to
/// open windows on, or nothing. Considers `-platform` in the arguments and the environment.
std::optional<QString> missingDisplay(const QStringList &arguments);

} // namespace wireroom

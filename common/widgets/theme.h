// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QColor>
#include <QString>
#include <QStringView>

#include <functional>
#include <optional>

class QMenu;
class QPalette;
class QPushButton;
class QRect;

namespace wireroom {

enum class ThemeChoice : quint8 {
    System, ///< light or dark as the desktop's own palette is
    Light,
    Dark,
};

QString toString(ThemeChoice choice);
std::optional<ThemeChoice> themeFromString(QStringView text);

/// Sets the application's style and palette; at any time.
void applyTheme(ThemeChoice choice);

/// Our own palettes.
QPalette lightPalette();
QPalette darkPalette();
bool isDark(const QPalette &palette);

/// The colours that a palette has no role for, fitting to a light or a dark one. Take them when painting, not
/// before.
struct ThemeColors
{
    QColor accent;
    QColor accentText; ///< on accent
    QColor incoming;
    QColor outgoing;
    QColor ok;
    QColor warning;
    QColor error;
    QColor muted;         ///< secondary text, AA on base and window
    QColor border;        ///< hairlines between surfaces
    QColor controlBorder; ///< around fields and buttons
    QColor hover;         ///< a row or a button under the pointer
    QColor selection;     ///< a selected row; its text keeps its own colours
};

ThemeColors themeColors(const QPalette &palette);

/// The grid: margins and gaps are multiples of this many pixels; half of it between what belongs together.
inline constexpr int kGrid = 8;

/// Where the text of a table's cell or header begins and ends: the first column's begins where the panels'
/// titles do.
QRect cellContents(const QRect &cell, bool isFirstColumn);

/// Paints the button in the accent colour: the one thing that a panel is for.
void setPrimary(QPushButton *button, bool primary = true);

/// System, Light and Dark as an exclusive choice in a menu. `chosen` applies and stores it.
void addThemeActions(QMenu *menu, ThemeChoice current, std::function<void(ThemeChoice)> chosen);

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/theme.h"

#include "common/widgets/wireroomstyle.h"

#include <QActionGroup>
#include <QApplication>
#include <QMenu>
#include <QPalette>
#include <QPushButton>
#include <QRect>
#include <QStyle>
#include <QWidget>

#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// The neutral tones of one theme, from which its palette is made.
struct Tones
{
    QRgb window;
    QRgb base;
    QRgb alternateBase;
    QRgb button;
    QRgb text;
    QRgb disabledText;
    QRgb placeholder;
    QRgb accent;
    QRgb accentText;
    QRgb link;
    QRgb tooltip;
    QRgb tooltipText;
    QRgb light;
    QRgb mid;
    QRgb dark;
    QRgb shadow;
};

constexpr Tones kLight{
    .window = 0xfff3f5f8,
    .base = 0xffffffff,
    .alternateBase = 0xfff8f9fb,
    .button = 0xffffffff,
    .text = 0xff1a1f29,
    .disabledText = 0xff939ba8,
    .placeholder = 0xff69727f,
    .accent = 0xff2b5fd9,
    .accentText = 0xffffffff,
    .link = 0xff2b5fd9,
    .tooltip = 0xff252b36,
    .tooltipText = 0xfff3f5f8,
    .light = 0xffffffff,
    .mid = 0xffd3d8e0,
    .dark = 0xff8b94a3,
    .shadow = 0xff5a6473,
};

constexpr Tones kDark{
    .window = 0xff1d2128,
    .base = 0xff15181e,
    .alternateBase = 0xff191d24,
    .button = 0xff2a303a,
    .text = 0xffe5e8ee,
    .disabledText = 0xff6b7482,
    .placeholder = 0xff8d96a5,
    .accent = 0xff82aaff,
    .accentText = 0xff0d1626,
    .link = 0xff82aaff,
    .tooltip = 0xff323946,
    .tooltipText = 0xffe5e8ee,
    .light = 0xff39414e,
    .mid = 0xff2d333e,
    .dark = 0xff6b7482,
    .shadow = 0xff0b0d11,
};

QPalette paletteOf(const Tones &tones)
{
    QPalette palette;
    const auto set = [&palette](QPalette::ColorRole role, QRgb color) {
        palette.setColor(role, QColor(color));
    };
    set(QPalette::Window, tones.window);
    set(QPalette::Base, tones.base);
    set(QPalette::AlternateBase, tones.alternateBase);
    set(QPalette::Button, tones.button);
    set(QPalette::WindowText, tones.text);
    set(QPalette::Text, tones.text);
    set(QPalette::ButtonText, tones.text);
    set(QPalette::BrightText, tones.accentText);
    set(QPalette::PlaceholderText, tones.placeholder);
    set(QPalette::Highlight, tones.accent);
    set(QPalette::HighlightedText, tones.accentText);
    set(QPalette::Link, tones.link);
    set(QPalette::LinkVisited, tones.link);
    set(QPalette::ToolTipBase, tones.tooltip);
    set(QPalette::ToolTipText, tones.tooltipText);
    set(QPalette::Light, tones.light);
    set(QPalette::Midlight, tones.mid);
    set(QPalette::Mid, tones.mid);
    set(QPalette::Dark, tones.dark);
    set(QPalette::Shadow, tones.shadow);
    for (const auto role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::PlaceholderText})
        palette.setColor(QPalette::Disabled, role, QColor(tones.disabledText));
    return palette;
}

} // namespace

QString toString(ThemeChoice choice)
{
    switch (choice) {
    case ThemeChoice::System:
        return u"system"_s;
    case ThemeChoice::Light:
        return u"light"_s;
    case ThemeChoice::Dark:
        return u"dark"_s;
    }
    return {};
}

std::optional<ThemeChoice> themeFromString(QStringView text)
{
    for (const auto choice : {ThemeChoice::System, ThemeChoice::Light, ThemeChoice::Dark}) {
        if (text.trimmed().compare(toString(choice), Qt::CaseInsensitive) == 0)
            return choice;
    }
    return std::nullopt;
}

void applyTheme(ThemeChoice choice)
{
    if (!qobject_cast<WireroomStyle *>(QApplication::style()))
        QApplication::setStyle(new WireroomStyle);
    bool dark = choice == ThemeChoice::Dark;
    if (choice == ThemeChoice::System) {
        // An empty palette brings back the desktop's own, which tells what the desktop looks like.
        QApplication::setPalette(QPalette());
        dark = isDark(QApplication::palette());
    }
    QApplication::setPalette(dark ? darkPalette() : lightPalette());
}

QPalette lightPalette()
{
    return paletteOf(kLight);
}

QPalette darkPalette()
{
    return paletteOf(kDark);
}

bool isDark(const QPalette &palette)
{
    return palette.color(QPalette::Window).lightness() < 128;
}

ThemeColors themeColors(const QPalette &palette)
{
    if (isDark(palette)) {
        return {
            .accent = QColor(0xff82aaff),
            .accentText = QColor(0xff0d1626),
            .incoming = QColor(0xff4fd1b5),
            .outgoing = QColor(0xff82aaff),
            .ok = QColor(0xff4ccb84),
            .warning = QColor(0xffe8b64c),
            .error = QColor(0xffff8f87),
            .muted = QColor(0xff98a2b1),
            .border = QColor(0xff2d333e),
            .controlBorder = QColor(0xff667080),
            .hover = QColor(0xff20252d),
            .selection = QColor(0xff263450),
        };
    }
    return {
        .accent = QColor(0xff2b5fd9),
        .accentText = QColor(0xffffffff),
        .incoming = QColor(0xff0b7a69),
        .outgoing = QColor(0xff2b5fd9),
        .ok = QColor(0xff1c8046),
        .warning = QColor(0xff96660a),
        .error = QColor(0xffb6272c),
        .muted = QColor(0xff5b6473),
        .border = QColor(0xffdfe3ea),
        .controlBorder = QColor(0xff8f98a7),
        .hover = QColor(0xfff3f6fb),
        .selection = QColor(0xffdfe9fd),
    };
}

QRect cellContents(const QRect &cell, bool isFirstColumn)
{
    return cell.adjusted(isFirstColumn ? 2 * kGrid : kGrid, 0, -kGrid, 0);
}

void setPrimary(QPushButton *button, bool primary)
{
    button->setProperty(kPrimaryProperty, primary);
    button->update();
}

void addThemeActions(QMenu *menu, ThemeChoice current, std::function<void(ThemeChoice)> chosen)
{
    auto *group = new QActionGroup(menu);
    const auto add = [&](ThemeChoice choice, const QString &text) {
        QAction *action = menu->addAction(text);
        action->setObjectName(u"theme-"_s + toString(choice));
        action->setCheckable(true);
        action->setChecked(choice == current);
        group->addAction(action);
        QObject::connect(action, &QAction::triggered, menu, [chosen, choice] { chosen(choice); });
    };
    add(ThemeChoice::System, QObject::tr("As the &System"));
    add(ThemeChoice::Light, QObject::tr("&Light"));
    add(ThemeChoice::Dark, QObject::tr("&Dark"));
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/windowmenus.h"

#include "common/widgets/icons.h"
#include "common/widgets/messagelogview.h"
#include "common/widgets/windowhelp.h"

#include <QAction>
#include <QMainWindow>
#include <QMenuBar>

using namespace Qt::StringLiterals;

namespace wireroom {

QAction *addMenuAction(QMenu *menu, const QString &name, const QString &text, const QKeySequence &keys,
                       std::function<void()> what)
{
    QAction *action = menu->addAction(text, menu, std::move(what));
    action->setObjectName(name);
    action->setShortcut(keys);
    return action;
}

void addEditMenu(QMainWindow *window, const MessageLogView *log, const QList<QAction *> &furtherFinds,
                 std::function<void()> write)
{
    QMenu *edit = window->menuBar()->addMenu(u"&Edit"_s);
    edit->addAction(log->copyAction());
    edit->addAction(log->copyHexAction());
    edit->addSeparator();
    edit->addAction(log->findAction());
    edit->addActions(furtherFinds);
    edit->addSeparator();
    addMenuAction(edit, u"writeAction"_s, u"&Write a Message"_s, QKeySequence(u"Ctrl+M"_s), std::move(write))
        ->setIcon(icon(IconName::Message));
}

QMenu *addViewMenu(QMainWindow *window, const MessageLogView *log, ThemeChoice theme,
                   std::function<void(ThemeChoice)> storeTheme)
{
    QMenu *view = window->menuBar()->addMenu(u"&View"_s);
    addThemeActions(view, theme, [store = std::move(storeTheme)](ThemeChoice chosen) {
        applyTheme(chosen);
        store(chosen);
    });
    view->addSeparator();
    view->addAction(log->detailAction());
    view->addAction(log->clearAction());
    return view;
}

void addHelpMenu(QMainWindow *window, const QString &programTitle, const QString &sentence,
                 std::vector<std::pair<QString, QString>> furtherKeys)
{
    furtherKeys.insert(furtherKeys.begin(),
                       {{u"Enter"_s, u"Send the message"_s},
                        {u"Shift+Enter"_s, u"Begin a new line in the message"_s},
                        {u"Up, Down"_s, u"Fetch messages sent before"_s}});
    QMenu *help = window->menuBar()->addMenu(u"&Help"_s);
    addMenuAction(help, u"shortcutsAction"_s, u"&Keyboard Shortcuts"_s, QKeySequence(u"F1"_s),
                  [window, keys = std::move(furtherKeys)] { showShortcuts(window, keys); });
    help->addSeparator();
    addMenuAction(help, u"aboutAction"_s, u"&About %1"_s.arg(programTitle), {},
                  [window, programTitle, sentence] { showAbout(window, programTitle, sentence); });
}

} // namespace wireroom

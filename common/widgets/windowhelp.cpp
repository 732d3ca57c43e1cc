// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/windowhelp.h"

#include "common/widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QDir>
#include <QFile>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QPainter>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

#ifdef Q_OS_LINUX
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#endif

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// A key's name on the shape of a key. Owner: the dialog. GUI thread.
class KeyCap : public QLabel
{
public:
    using QLabel::QLabel;

protected:
    void paintEvent(QPaintEvent *event) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(themeColors(palette()).border);
        painter.setBrush(palette().color(QPalette::AlternateBase));
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
        painter.end();
        QLabel::paintEvent(event);
    }
};

struct KeyGroup
{
    QString title;
    std::vector<std::pair<QString, QString>> keys; ///< the key, what it does
};

QString withoutMnemonic(QString text)
{
    text.replace(u"&&"_s, u"\u0001"_s).remove(u'&').replace(u'\u0001', u'&');
    if (text.endsWith(u'…'))
        text.chop(1);
    return text.trimmed();
}

void collectKeys(const QMenu *menu, std::vector<std::pair<QString, QString>> &keys)
{
    const QList<QAction *> actions = menu->actions();
    for (const QAction *action : actions) {
        if (action->menu()) {
            collectKeys(action->menu(), keys);
            continue;
        }
        QStringList sequences;
        const QList<QKeySequence> shortcuts = action->shortcuts();
        for (const QKeySequence &shortcut : shortcuts)
            sequences.append(shortcut.toString(QKeySequence::NativeText));
        if (!sequences.isEmpty())
            keys.emplace_back(sequences.join(u", "_s), withoutMnemonic(action->text()));
    }
}

std::vector<KeyGroup> keyGroups(const QMainWindow *window,
                                const std::vector<std::pair<QString, QString>> &further)
{
    std::vector<KeyGroup> groups;
    const QList<QAction *> titles = window->menuBar()->actions();
    for (const QAction *title : titles) {
        KeyGroup group{.title = withoutMnemonic(title->text()), .keys = {}};
        if (title->menu())
            collectKeys(title->menu(), group.keys);
        if (!group.keys.empty())
            groups.push_back(std::move(group));
    }
    if (!further.empty())
        groups.push_back({.title = QObject::tr("Further keys"), .keys = further});
    return groups;
}

/// The dialog with that name, when it is open already, brought to the front.
bool raiseOpen(const QMainWindow *window, const QString &name)
{
    auto *open = window->findChild<QDialog *>(name);
    if (!open)
        return false;
    open->raise();
    open->activateWindow();
    return true;
}

QDialog *newDialog(QMainWindow *window, const QString &name, const QString &title)
{
    auto *dialog = new QDialog(window);
    dialog->setObjectName(name);
    dialog->setWindowTitle(title);
    dialog->setAccessibleName(title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    return dialog;
}

QDialogButtonBox *closeButton(QDialog *dialog)
{
    auto *box = new QDialogButtonBox(dialog);
    QPushButton *button = box->addButton(QObject::tr("Close"), QDialogButtonBox::RejectRole);
    button->setObjectName(u"close"_s);
    button->setAccessibleName(u"Close"_s);
    button->setDefault(true);
    QObject::connect(box, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    return box;
}

QFont scaled(QFont font, double factor)
{
    font.setWeight(QFont::DemiBold);
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * factor);
    else
        font.setPixelSize(qRound(font.pixelSize() * factor));
    return font;
}

QLabel *mutedLabel(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    QPalette palette = label->palette();
    palette.setColor(QPalette::WindowText, themeColors(palette).muted);
    label->setPalette(palette);
    return label;
}

QWidget *keyList(const std::vector<KeyGroup> &groups)
{
    auto *list = new QWidget;
    list->setBackgroundRole(QPalette::Base);
    list->setAutoFillBackground(true);
    auto *grid = new QGridLayout(list);
    grid->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
    grid->setHorizontalSpacing(4 * kGrid);
    grid->setVerticalSpacing(kGrid / 2);
    grid->setColumnStretch(0, 1);
    int row = 0;
    for (const KeyGroup &group : groups) {
        QLabel *title = mutedLabel(group.title, list);
        title->setFont(scaled(list->font(), 1));
        title->setContentsMargins(0, kGrid, 0, kGrid / 2);
        grid->addWidget(title, row++, 0, 1, 2);
        for (const auto &[key, what] : group.keys) {
            auto *action = new QLabel(what, list);
            auto *cap = new KeyCap(key, list);
            cap->setAccessibleName(what + u": "_s + key);
            cap->setContentsMargins(kGrid, 3, kGrid, 3);
            grid->addWidget(action, row, 0);
            grid->addWidget(cap, row++, 1, Qt::AlignRight);
        }
    }
    return list;
}

#ifdef Q_OS_LINUX
/// Whether an X server of this machine answers at its socket, by the abstract name or the file.
bool isLocalDisplayThere(const QString &number)
{
    const QByteArray path = "/tmp/.X11-unix/X" + number.toLatin1();
    sockaddr_un address{};
    if (static_cast<size_t>(path.size()) + 1 >= sizeof address.sun_path)
        return false;
    for (const size_t skipped : {size_t{1}, size_t{0}}) {
        address = {};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path + skipped, path.constData(), static_cast<size_t>(path.size()));
        const size_t used = offsetof(sockaddr_un, sun_path) + static_cast<size_t>(path.size()) + 1;
        const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            return true;
        const bool connected = ::connect(descriptor, reinterpret_cast<const sockaddr *>(&address),
                                         static_cast<socklen_t>(used))
            == 0;
        ::close(descriptor);
        if (connected)
            return true;
    }
    return false;
}

/// Displays of other machines are taken at their word.
bool isXDisplayThere(const QString &display)
{
    const qsizetype colon = display.lastIndexOf(u':');
    const QString host = display.first(std::max<qsizetype>(colon, 0));
    if (colon < 0 || !(host.isEmpty() || host == "unix"_L1))
        return true;
    return isLocalDisplayThere(display.sliced(colon + 1).section(u'.', 0, 0));
}

bool isWaylandThere()
{
    QString name = qEnvironmentVariable("WAYLAND_DISPLAY");
    if (name.isEmpty() && qEnvironmentVariableIsSet("WAYLAND_SOCKET"))
        return true;
    if (name.isEmpty())
        name = u"wayland-0"_s;
    return QFile::exists(QDir(qEnvironmentVariable("XDG_RUNTIME_DIR")).filePath(name));
}
#endif

/// The value of a Qt option such as `-platform`, which may begin with one dash or two.
QString qtOption(const QStringList &arguments, QLatin1StringView name)
{
    for (qsizetype i = 1; i + 1 < arguments.size(); ++i) {
        if (arguments.at(i) == "-"_L1 + name || arguments.at(i) == "--"_L1 + name)
            return arguments.at(i + 1);
    }
    return {};
}

} // namespace

void showShortcuts(QMainWindow *window, const std::vector<std::pair<QString, QString>> &furtherKeys)
{
    const QString name = u"shortcutsDialog"_s;
    if (raiseOpen(window, name))
        return;
    QDialog *dialog = newDialog(window, name, QObject::tr("Keyboard Shortcuts"));
    auto *area = new QScrollArea(dialog);
    area->setObjectName(u"shortcuts"_s);
    area->setAccessibleName(QObject::tr("Shortcuts"));
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    QWidget *list = keyList(keyGroups(window, furtherKeys));
    area->setWidget(list);

    auto *layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
    layout->setSpacing(2 * kGrid);
    layout->addWidget(area);
    layout->addWidget(closeButton(dialog));

    const QSize wanted = list->sizeHint();
    area->setMinimumWidth(wanted.width() + area->verticalScrollBar()->sizeHint().width()
                          + 2 * area->frameWidth());
    const int highest = dialog->screen()->availableSize().height() * 3 / 4;
    const int furniture = layout->sizeHint().height() - area->sizeHint().height();
    dialog->resize(std::max(52 * kGrid, layout->sizeHint().width()),
                   std::min(wanted.height() + 2 * area->frameWidth() + furniture, highest));
    dialog->show();
}

void showAbout(QMainWindow *window, const QString &programTitle, const QString &sentence)
{
    const QString name = u"aboutDialog"_s;
    if (raiseOpen(window, name))
        return;
    QDialog *dialog = newDialog(window, name, QObject::tr("About %1").arg(programTitle));

    auto *picture = new QLabel(dialog);
    picture->setPixmap(QApplication::windowIcon().pixmap(QSize(64, 64), dialog->devicePixelRatioF()));
    picture->setFixedSize(64, 64);
    auto *title = new QLabel(programTitle, dialog);
    title->setFont(scaled(title->font(), 1.5));
    QLabel *version
        = mutedLabel(QObject::tr("Version %1").arg(QCoreApplication::applicationVersion()), dialog);
    version->setObjectName(u"version"_s);
    auto *what = new QLabel(sentence, dialog);
    what->setWordWrap(true);
    what->setMinimumWidth(44 * kGrid);
    QLabel *terms = mutedLabel(QObject::tr("Free software under the Apache License 2.0. Made with Qt %1.")
                                   .arg(QString::fromLatin1(qVersion())),
                               dialog);
    terms->setWordWrap(true);
    for (QLabel *label : {version, what, terms})
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);

    auto *words = new QVBoxLayout;
    words->setSpacing(kGrid / 2);
    words->addWidget(title);
    words->addWidget(version);
    words->addSpacing(kGrid);
    words->addWidget(what);
    words->addSpacing(kGrid / 2);
    words->addWidget(terms);
    auto *upper = new QHBoxLayout;
    upper->setSpacing(3 * kGrid);
    upper->addWidget(picture, 0, Qt::AlignTop);
    upper->addLayout(words, 1);
    auto *layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(3 * kGrid, 3 * kGrid, 3 * kGrid, 2 * kGrid);
    layout->setSpacing(3 * kGrid);
    layout->addLayout(upper);
    layout->addWidget(closeButton(dialog));
    layout->setSizeConstraint(QLayout::SetFixedSize);
    dialog->show();
}

std::optional<QString> missingDisplay(const QStringList &arguments)
{
#ifdef Q_OS_LINUX
    QString platform = qtOption(arguments, "platform"_L1);
    if (platform.isEmpty())
        platform = qEnvironmentVariable("QT_QPA_PLATFORM");
    if (platform.isEmpty())
        platform = u"wayland;xcb"_s;
    QString display = qtOption(arguments, "display"_L1);
    if (display.isEmpty())
        display = qEnvironmentVariable("DISPLAY");
    const QStringList candidates = platform.split(u';', Qt::SkipEmptyParts);
    for (const QString &candidate : candidates) {
        const QString name = candidate.section(u':', 0, 0);
        if (name == "xcb"_L1) {
            if (!display.isEmpty() && isXDisplayThere(display))
                return std::nullopt;
        } else if (!name.startsWith("wayland"_L1) || isWaylandThere()) {
            return std::nullopt;
        }
    }
    const QString why = display.isEmpty() ? QObject::tr("DISPLAY is not set")
                                          : QObject::tr("nothing answers at DISPLAY=%1").arg(display);
    return QObject::tr(
               "There is no display to open a window on (%1). Start this program from a desktop, or use "
               "wireroom-serverd or wireroom-cli, which need none.")
        .arg(why);
#else
    Q_UNUSED(arguments);
    return std::nullopt;
#endif
}

} // namespace wireroom

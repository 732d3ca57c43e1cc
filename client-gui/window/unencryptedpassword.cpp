// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/unencryptedpassword.h"

#include "client-gui/window/clientsettings.h"
#include "common/base/safetext.h"
#include "common/widgets/icons.h"
#include "common/widgets/theme.h"

#include <QAction>
#include <QMessageBox>
#include <QPushButton>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kPictureSize = 32;

const QString kAllowedKey = u"connection/passwordUnencrypted"_s;

} // namespace

UnencryptedPassword::UnencryptedPassword(QWidget *window)
    : QObject(window), m_window(window), m_action(new QAction(u"Send the Password &Unencrypted …"_s, this)),
      m_allowed(openClientSettings()->value(kAllowedKey).toStringList())
{
    m_action->setObjectName(u"unencryptedPasswordAction"_s);
    m_action->setCheckable(true);
    connect(m_action, &QAction::triggered, this, [this](bool isOn) {
        m_action->setChecked(isAllowed(m_place));
        if (isOn)
            ask();
        else
            set(m_place, false);
    });
}

void UnencryptedPassword::setPlace(const QString &place)
{
    m_place = place;
    m_action->setChecked(isAllowed(place));
}

void UnencryptedPassword::ask()
{
    const QString place = m_place;
    auto *question
        = new QMessageBox(QMessageBox::NoIcon, u"Send the Password Unencrypted"_s,
                          u"Send the password to %1 where others can read it?"_s.arg(safeLine(place)),
                          QMessageBox::Cancel, m_window);
    question->setObjectName(u"confirmUnencrypted"_s);
    question->setIconPixmap(iconPixmap(IconName::Unlock, themeColors(m_window->palette()).warning,
                                       kPictureSize, m_window->devicePixelRatioF()));
    question->setTextFormat(Qt::PlainText);
    question->setInformativeText(
        u"Without encryption everybody on the way to the server can read the password and all messages, and "
        "join in your place. Say yes only in a network that you trust; else switch on Encrypted (TLS).\n\n"
        "This is remembered for this server until it is switched off in the menu Connection."_s);
    question->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton *yes = question->addButton(u"&Send Unencrypted"_s, QMessageBox::AcceptRole);
    yes->setObjectName(u"sendUnencrypted"_s);
    yes->setAccessibleName(u"Send Unencrypted"_s);
    question->setDefaultButton(QMessageBox::Cancel);
    question->button(QMessageBox::Cancel)->setIcon({});
    connect(question, &QMessageBox::accepted, this, [this, place] {
        set(place, true);
        Q_EMIT allowed(place);
    });
    question->open();
}

void UnencryptedPassword::set(const QString &place, bool isAllowed)
{
    m_allowed.removeAll(place);
    if (isAllowed)
        m_allowed.append(place);
    openClientSettings()->setValue(kAllowedKey, m_allowed);
    setPlace(m_place);
}

} // namespace wireroom

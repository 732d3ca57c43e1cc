// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/identitydialog.h"

#include "common/widgets/theme.h"
#include "server-gui/core/passwordstore.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kLongestPassword = 1'000;
constexpr int kPasswordWidth = 220;

} // namespace

IdentityDialog::IdentityDialog(ChatServer *server, const ServerConfig &config, QWidget *parent)
    : QDialog(parent), m_server(server), m_dataDir(config.dataDir), m_state(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_unencrypted(new QCheckBox(u"&Take it over connections that others can read"_s, this)),
      m_days(new QSpinBox(this))
{
    setObjectName(u"identityDialog"_s);
    setWindowTitle(u"Who May Join"_s);
    m_state->setObjectName(u"passwordState"_s);
    m_problem->setObjectName(u"passwordProblem"_s);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    QPalette loud = m_problem->palette();
    loud.setColor(QPalette::WindowText, themeColors(palette()).error);
    m_problem->setPalette(loud);
    m_problem->hide();

    m_unencrypted->setObjectName(u"passwordUnencrypted"_s);
    m_unencrypted->setAccessibleName(u"Take the password over connections that others can read"_s);
    m_unencrypted->setToolTip(
        u"From other machines, it is taken over TLS alone otherwise. Counts from the next Start"_s);
    m_unencrypted->setChecked(config.passwordUnencrypted);

    m_days->setObjectName(u"freeNamesDays"_s);
    m_days->setAccessibleName(u"Days after which a name is free"_s);
    m_days->setToolTip(u"Another client may take the name of one that was not seen for so many days"_s);
    m_days->setRange(0, ServerConfig::kMostDays);
    m_days->setSpecialValueText(u"never"_s);
    m_days->setValue(config.freeNamesDays);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    const QList<QAbstractButton *> all = buttons->buttons();
    for (QAbstractButton *button : all) {
        button->setIcon({});
        button->setObjectName(u"identity"_s % button->text().remove(u'&'));
        button->setAccessibleName(button->text().remove(u'&'));
    }
    buttons->button(QDialogButtonBox::Ok)->setDefault(false);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto *names = new QFormLayout;
    names->addRow(u"Free names &not seen for (days)"_s, m_days);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * kGrid, 3 * kGrid, 3 * kGrid, 2 * kGrid);
    layout->setSpacing(kGrid);
    layout->addWidget(makeHeading(u"Room password"_s));
    layout->addWidget(m_state);
    layout->addWidget(makePasswordRow());
    layout->addWidget(m_problem);
    layout->addWidget(
        makeNote(u"It is in force at once. Who is connected stays; everybody gives it once, and "
                 "again when it was changed. Plain clients have no way to give it."_s));
    layout->addWidget(m_unencrypted);
    layout->addSpacing(2 * kGrid);
    layout->addWidget(makeHeading(u"Names"_s));
    layout->addLayout(names);
    layout->addWidget(makeNote(u"A name belongs to the chat client that took it first."_s));
    layout->addStretch(1);
    layout->addWidget(buttons);
    QWidget *before = m_password;
    for (QWidget *next : {static_cast<QWidget *>(m_set), static_cast<QWidget *>(m_remove),
                          static_cast<QWidget *>(m_unencrypted), static_cast<QWidget *>(m_days)}) {
        setTabOrder(before, next);
        before = next;
    }
    m_password->setFocus();

    const Result<RoomPassword> kept = loadRoomPassword(m_dataDir);
    showState(!kept || !kept.value().hash.isEmpty() || (config.password && !config.password->isEmpty()));
}

QWidget *IdentityDialog::makePasswordRow()
{
    auto *row = new QWidget(this);
    m_password = new QLineEdit(row);
    m_password->setObjectName(u"roomPassword"_s);
    m_password->setAccessibleName(u"New password"_s);
    m_password->setPlaceholderText(u"New password"_s);
    m_password->setEchoMode(QLineEdit::Password);
    m_password->setMaxLength(kLongestPassword);
    m_password->setMinimumWidth(kPasswordWidth);
    m_set = new QPushButton(row);
    m_set->setObjectName(u"setPassword"_s);
    m_set->setDefault(true); // Return in the field sets it, and does not close the dialog
    setPrimary(m_set);
    m_remove = new QPushButton(u"&Remove"_s, row);
    m_remove->setObjectName(u"removePassword"_s);
    m_remove->setAccessibleName(u"Remove the password"_s);
    m_remove->setAutoDefault(false);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    layout->setSpacing(kGrid);
    layout->addWidget(m_password, 1);
    layout->addWidget(m_set);
    layout->addWidget(m_remove);
    connect(m_password, &QLineEdit::textChanged, this, [this] { showState(m_isNeeded); });
    connect(m_set, &QPushButton::clicked, this, [this] { setPassword(m_password->text()); });
    connect(m_remove, &QPushButton::clicked, this, [this] { setPassword({}); });
    return row;
}

QLabel *IdentityDialog::makeHeading(const QString &text)
{
    auto *heading = new QLabel(text, this);
    QFont font = heading->font();
    font.setBold(true);
    heading->setFont(font);
    return heading;
}

QLabel *IdentityDialog::makeNote(const QString &text)
{
    auto *note = new QLabel(text, this);
    note->setWordWrap(true);
    QPalette quiet = note->palette();
    quiet.setColor(QPalette::WindowText, themeColors(palette()).muted);
    note->setPalette(quiet);
    return note;
}

void IdentityDialog::setPassword(const QString &password)
{
    if (m_isSetting)
        return;
    m_isSetting = true;
    m_problem->hide();
    showState(m_isNeeded);
    m_server->setRoomPassword(m_dataDir, password, [self = QPointer(this)](const Result<bool> &result) {
        if (!self)
            return;
        self->m_isSetting = false;
        if (result) {
            self->m_password->clear();
            self->showState(result.value());
            Q_EMIT self->passwordChanged();
        } else {
            self->m_problem->setText(result.error().text);
            self->m_problem->show();
            self->showState(self->m_isNeeded);
        }
    });
}

void IdentityDialog::showState(bool isNeeded)
{
    m_isNeeded = isNeeded;
    m_state->setText(isNeeded ? u"Chat clients need the password to join."_s
                              : u"Chat clients join without a password."_s);
    m_set->setText(isNeeded ? u"&Change"_s : u"&Set"_s);
    m_set->setAccessibleName(isNeeded ? u"Change the password"_s : u"Set the password"_s);
    m_set->setEnabled(!m_isSetting && !m_password->text().isEmpty());
    m_remove->setEnabled(!m_isSetting && isNeeded);
    m_password->setEnabled(!m_isSetting);
}

void IdentityDialog::applyTo(ServerConfig &config) const
{
    config.passwordUnencrypted = m_unencrypted->isChecked();
    config.freeNamesDays = m_days->value();
}

} // namespace wireroom

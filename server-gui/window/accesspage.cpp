// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/accesspage.h"

#include "common/widgets/theme.h"
#include "server-gui/core/passwordstore.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QSpinBox>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kLongestPassword = 1'000;

/// By what is kept. A file that makes no sense lets nobody in.
bool isPasswordNeeded(const ServerConfig &config)
{
    if (config.password)
        return !config.password->isEmpty();
    const Result<RoomPassword> kept = loadRoomPassword(config.dataDir);
    return !kept || !kept.value().hash.isEmpty();
}

} // namespace

AccessPage::AccessPage(const ServerConfig &config, const ServerConfig *inForce, SetPassword setPassword,
                       QWidget *parent)
    : SettingsPage(parent), m_setPassword(std::move(setPassword))
{
    addHeading(u"Room password"_s);
    makePassword();
    m_unencrypted = new QCheckBox(u"&Take the password over connections that others can read"_s, this);
    m_unencrypted->setObjectName(u"passwordUnencrypted"_s);
    m_unencrypted->setAccessibleName(u"Take the password over connections that others can read"_s);
    m_unencrypted->setToolTip(
        u"From other machines, it is taken over TLS alone otherwise. Counts from the next Start"_s);
    m_unencrypted->setChecked(config.passwordUnencrypted);
    addField(m_unencrypted);
    addNote(
        u"The password itself counts at once, also while the server listens. Who is connected stays; "
        "everybody gives it once, and again when it was changed. Plain clients have no way to give it."_s);
    makeNames(config);
    // A running server has read that file, and may have been told another password since.
    const bool comesFromFile = !inForce && !config.password && !config.passwordFile.isEmpty();
    showState(comesFromFile || isPasswordNeeded(inForce ? *inForce : config));
}

void AccessPage::makePassword()
{
    m_state = new QLabel(this);
    m_state->setObjectName(u"passwordState"_s);
    m_state->setTextFormat(Qt::PlainText);
    auto *row = new QWidget(this);
    m_password = new QLineEdit(row);
    m_password->setObjectName(u"roomPassword"_s);
    m_password->setAccessibleName(u"New password"_s);
    m_password->setEchoMode(QLineEdit::Password);
    m_password->setMaxLength(kLongestPassword);
    m_password->setMinimumWidth(28 * kGrid);
    m_password->installEventFilter(this);
    m_set = new QPushButton(row);
    m_set->setObjectName(u"setPassword"_s);
    m_set->setAutoDefault(false);
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
    connect(m_password, &QLineEdit::textChanged, this, [this] {
        showState(m_isNeeded);
        Q_EMIT edited();
    });
    connect(m_set, &QPushButton::clicked, this, [this] { setPassword(m_password->text()); });
    connect(m_remove, &QPushButton::clicked, this, [this] { setPassword({}); });

    m_problem = new QLabel(this);
    m_problem->setObjectName(u"passwordProblem"_s);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    QPalette loud = m_problem->palette();
    loud.setColor(QPalette::WindowText, themeColors(palette()).error);
    m_problem->setPalette(loud);
    m_problem->hide();

    addRow(u"In force"_s, m_state);
    addRow(u"New &password"_s, m_password, row);
    addField(m_problem);
}

void AccessPage::makeNames(const ServerConfig &config)
{
    addHeading(u"Names"_s);
    m_days = makeNumber(u"freeNamesDays"_s, u"Days after which a name is free"_s, 0, ServerConfig::kMostDays,
                        config.freeNamesDays);
    m_days->setToolTip(u"Another client may take the name of one that was not seen for so many days"_s);
    m_days->setSpecialValueText(u"never"_s);
    addRow(u"Free names &not seen for (days)"_s, m_days);
    addNote(u"A name belongs to the chat client that took it first."_s);
}

void AccessPage::focusPassword()
{
    m_password->setFocus();
}

/// Return in the field sets the password, and does not close the dialog over it.
bool AccessPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_password && event->type() == QEvent::KeyPress && !m_password->text().isEmpty()) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            setPassword(m_password->text());
            return true;
        }
    }
    return SettingsPage::eventFilter(watched, event);
}

void AccessPage::setPassword(const QString &password)
{
    if (m_isSetting)
        return;
    m_isSetting = true;
    m_problem->hide();
    showState(m_isNeeded);
    m_setPassword(password, [self = QPointer(this)](const Result<bool> &result) {
        if (!self)
            return;
        self->m_isSetting = false;
        if (result) {
            self->m_password->clear();
        } else {
            self->m_problem->setText(result.error().text);
            self->m_problem->show();
        }
        self->showState(result ? result.value() : self->m_isNeeded);
    });
}

void AccessPage::showState(bool isNeeded)
{
    m_isNeeded = isNeeded;
    m_state->setText(isNeeded ? u"A password is asked for"_s : u"none"_s);
    m_set->setText(isNeeded ? u"&Change"_s : u"&Set"_s);
    m_set->setAccessibleName(isNeeded ? u"Change the password"_s : u"Set the password"_s);
    m_set->setEnabled(!m_isSetting && !m_password->text().isEmpty());
    m_remove->setEnabled(!m_isSetting && isNeeded);
    m_password->setReadOnly(m_isSetting); // keeps the keyboard
}

std::optional<SettingsPage::Problem> AccessPage::problem() const
{
    if (m_password->text().isEmpty())
        return {};
    return Problem{.text = u"The new password is not in force yet: press “%1”, or empty its field."_s.arg(
                       m_set->text().remove(u'&')),
                   .field = m_password};
}

void AccessPage::applyTo(ServerConfig &config) const
{
    config.passwordUnencrypted = m_unencrypted->isChecked();
    config.freeNamesDays = m_days->value();
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/settingsdialog.h"

#include "common/protocol/message.h"
#include "common/widgets/frameformateditor.h"
#include "common/widgets/theme.h"
#include "server-gui/core/historylocation.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHostInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr quint64 kKib = 1024;
constexpr quint64 kMib = 1024 * kKib;
constexpr int kMostHistoryDays = 100'000;
constexpr int kMostClients = 1'000'000;
constexpr int kMostFrameSeconds = 3600;

/// Rounded up, so that opening and accepting the dialog never lowers a limit.
int toKib(quint64 bytes)
{
    const quint64 kib = bytes / kKib + (bytes % kKib != 0 ? 1 : 0);
    return static_cast<int>(std::min<quint64>(kib, std::numeric_limits<int>::max()));
}

int toMib(quint64 bytes)
{
    const quint64 mib = bytes / kMib + (bytes % kMib != 0 ? 1 : 0);
    return static_cast<int>(std::min<quint64>(mib, std::numeric_limits<int>::max()));
}

} // namespace

SettingsDialog::SettingsDialog(const ServerConfig &config, bool listening, QWidget *parent)
    : QDialog(parent), m_config(config)
{
    setObjectName(u"settingsDialog"_s);
    setWindowTitle(u"Settings"_s);
    makeLimits();
    makeHistory();
    QLayout *form = makeForm();

    auto *when
        = new QLabel(listening ? u"The server that is listening goes on with what it was started with; "
                                 "changes count from the next Start."_s
                               : u"Changes count from the next Start."_s,
                     this);
    when->setWordWrap(true);
    QPalette quiet = when->palette();
    quiet.setColor(QPalette::WindowText, themeColors(palette()).muted);
    when->setPalette(quiet);

    m_problem = new QLabel(this);
    m_problem->setObjectName(u"settingsProblem"_s);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    QPalette loud = m_problem->palette();
    loud.setColor(QPalette::WindowText, themeColors(palette()).error);
    m_problem->setPalette(loud);
    m_problem->hide();
    for (QLineEdit *field : {m_dataDir, m_serverName, m_history})
        connect(field, &QLineEdit::textEdited, m_problem, &QWidget::hide);
    connect(m_keepsHistory, &QCheckBox::toggled, m_problem, &QWidget::hide);

    m_buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_buttons->setObjectName(u"settingsButtons"_s);
    setPrimary(m_buttons->button(QDialogButtonBox::Ok));
    const QList<QAbstractButton *> buttons = m_buttons->buttons();
    for (QAbstractButton *button : buttons) {
        button->setIcon({});
        button->setObjectName(u"settings"_s % button->text().remove(u'&'));
        button->setAccessibleName(button->text().remove(u'&'));
    }
    connect(m_buttons, &QDialogButtonBox::accepted, this, &SettingsDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &SettingsDialog::reject);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * kGrid, 3 * kGrid, 3 * kGrid, 2 * kGrid);
    layout->setSpacing(2 * kGrid);
    layout->addLayout(form);
    layout->addWidget(m_problem);
    layout->addWidget(when);
    layout->addStretch(1);
    layout->addWidget(m_buttons);
}

void SettingsDialog::makeLimits()
{
    m_maxClients
        = makeNumber(u"maxClients"_s, u"Most clients at a time"_s, 1, kMostClients, m_config.maxClients);
    m_maxPayloadKib
        = makeNumber(u"maxPayloadKib"_s, u"Largest message in KiB"_s, 1,
                     static_cast<int>(kLargestMaxPayloadBytes / kKib), toKib(m_config.maxPayloadBytes));
    m_maxPayloadKib->setToolTip(u"A client that announces a longer message is disconnected"_s);
    m_maxQueueKib
        = makeNumber(u"maxQueueKib"_s, u"Queue for each client in KiB"_s, 1,
                     static_cast<int>(kLargestMaxPayloadBytes / kKib), toKib(m_config.maxQueueBytes));
    m_maxQueueKib->setToolTip(u"A client that reads so slowly that more is waiting for it is disconnected"_s);
    m_frameDeadline = makeNumber(
        u"frameDeadlineSeconds"_s, u"Time for a begun message in seconds"_s, 1, kMostFrameSeconds,
        static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(m_config.frameDeadline).count()));
    m_frameDeadline->setToolTip(
        u"A message that was begun must be complete after this, and a second more for each "
        "64 KiB of it"_s);

    m_defaultFormat = new FrameFormatEditor(FrameFormatEditor::Auto::Without, this);
    m_defaultFormat->setObjectName(u"defaultFormat"_s);
    m_defaultFormat->setAccessibleName(u"Default format"_s);
    m_defaultFormat->setToolTip(u"With the format “auto”: for a client that is written to before it has sent "
                                "anything, or whose first bytes fit both byte orders"_s);
    m_defaultFormat->setValue(m_config.defaultFormat);

    m_dataDirRow = makePlace(
        m_dataDir, u"dataDir"_s, u"Data directory"_s, QDir::toNativeSeparators(m_config.dataDir),
        u"Keeps the counter of the IDs, so that no ID is given twice, and the history; one server at a time"_s,
        &SettingsDialog::chooseDataDir);
}

void SettingsDialog::makeHistory()
{
    m_serverName = new QLineEdit(m_config.serverName, this);
    m_serverName->setObjectName(u"serverName"_s);
    m_serverName->setAccessibleName(u"Server name"_s);
    m_serverName->setToolTip(u"How the server calls itself to chat clients"_s);
    m_serverName->setPlaceholderText(QHostInfo::localHostName());
    m_serverName->setMaxLength(chat::kMaxNameLength);
    m_serverName->setMinimumWidth(32 * kGrid);

    const bool isKept = m_config.history != ServerConfig::kNoHistory;
    m_keepsHistory = new QCheckBox(u"&Keep messages and chat clients"_s, this);
    m_keepsHistory->setObjectName(u"keepsHistory"_s);
    m_keepsHistory->setAccessibleName(u"Keep messages and chat clients"_s);
    m_keepsHistory->setToolTip(
        u"Without a history nothing waits for clients that are away, and nothing can be searched"_s);
    m_keepsHistory->setChecked(isKept);
    m_historyRow = makePlace(m_history, u"historyPlace"_s, u"Place of the history"_s,
                             isKept ? m_config.history : QString(),
                             u"A file, or postgresql://USER@HOST/DATABASE. A password that stands in it is "
                             u"stored in the settings as "
                             "it is; a file .pgpass keeps it better."_s,
                             &SettingsDialog::chooseHistory);
    m_history->setPlaceholderText(u"history.db in the data directory"_s);

    m_historyDays = makeNumber(u"historyDays"_s, u"Days that messages are kept"_s, 0, kMostHistoryDays,
                               m_config.historyDays);
    m_historyDays->setSpecialValueText(u"never"_s);
    m_historyDays->setToolTip(u"Older messages are deleted"_s);
    m_historyMib = makeNumber(u"historyMib"_s, u"Most MiB of messages that are kept"_s, 0,
                              std::numeric_limits<int>::max(), toMib(m_config.historyBytes));
    m_historyMib->setSpecialValueText(u"never"_s);
    m_historyMib->setToolTip(u"The oldest messages are deleted beyond that"_s);
    for (QWidget *field :
         {m_historyRow, static_cast<QWidget *>(m_historyDays), static_cast<QWidget *>(m_historyMib)}) {
        field->setEnabled(isKept);
        connect(m_keepsHistory, &QCheckBox::toggled, field, &QWidget::setEnabled);
    }
}

QLayout *SettingsDialog::makeForm()
{
    auto *form = new QFormLayout;
    form->setHorizontalSpacing(2 * kGrid);
    form->setVerticalSpacing(kGrid);
    form->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
    const auto addRow = [this, form](const QString &title, QWidget *field, QWidget *row = nullptr) {
        auto *label = new QLabel(title, this);
        label->setBuddy(field);
        label->setMinimumHeight(field->sizeHint().height());
        label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        form->addRow(label, row ? row : field);
    };
    form->addRow(makeHeading(u"Connections"_s));
    addRow(u"Most &clients at a time"_s, m_maxClients);
    addRow(u"&Largest message (KiB)"_s, m_maxPayloadKib);
    addRow(u"&Queue for each client (KiB)"_s, m_maxQueueKib);
    addRow(u"&Time for a begun message (seconds)"_s, m_frameDeadline);
    addRow(u"Default &format"_s, m_defaultFormat);
    addRow(u"&Data directory"_s, m_dataDir, m_dataDirRow);
    form->addItem(new QSpacerItem(0, kGrid));
    form->addRow(makeHeading(u"Chat and history"_s));
    addRow(u"Server &name"_s, m_serverName);
    form->addRow(QString(), m_keepsHistory);
    addRow(u"&Place of the history"_s, m_history, m_historyRow);
    addRow(u"Delete messages &older than (days)"_s, m_historyDays);
    addRow(u"Delete the oldest beyond (&MiB)"_s, m_historyMib);
    return form;
}

QLabel *SettingsDialog::makeHeading(const QString &text)
{
    auto *heading = new QLabel(text, this);
    QFont bold = heading->font();
    bold.setWeight(QFont::DemiBold);
    heading->setFont(bold);
    heading->setMinimumHeight(3 * kGrid);
    return heading;
}

QWidget *SettingsDialog::makePlace(QLineEdit *&field, const QString &objectName, const QString &name,
                                   const QString &text, const QString &toolTip,
                                   void (SettingsDialog::*choose)())
{
    auto *row = new QWidget(this);
    field = new QLineEdit(text, row);
    field->setObjectName(objectName);
    field->setAccessibleName(name);
    field->setToolTip(toolTip);
    field->setMinimumWidth(40 * kGrid);
    auto *browse = new QPushButton(u"Browse …"_s, row);
    browse->setObjectName(u"browse"_s % objectName.at(0).toUpper() % objectName.mid(1));
    browse->setAccessibleName(u"Browse: "_s % name);
    browse->setAutoDefault(false);
    connect(browse, &QPushButton::clicked, this, choose);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kGrid);
    layout->addWidget(field, 1);
    layout->addWidget(browse);
    return row;
}

QSpinBox *SettingsDialog::makeNumber(const QString &objectName, const QString &name, int minimum, int maximum,
                                     int value)
{
    auto *box = new QSpinBox(this);
    box->setObjectName(objectName);
    box->setAccessibleName(name);
    box->setRange(minimum, maximum);
    box->setGroupSeparatorShown(true);
    box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    box->setAlignment(Qt::AlignRight);
    box->setMinimumWidth(16 * kGrid);
    box->setValue(value);
    return box;
}

void SettingsDialog::chooseDataDir()
{
    const QString chosen = QFileDialog::getExistingDirectory(this, u"Data Directory"_s, m_dataDir->text());
    if (chosen.isEmpty())
        return;
    m_dataDir->setText(QDir::toNativeSeparators(chosen));
    m_problem->hide();
}

QString SettingsDialog::dataDirProblem() const
{
    const QString path = QDir::cleanPath(QDir::fromNativeSeparators(m_dataDir->text().trimmed()));
    if (m_dataDir->text().trimmed().isEmpty())
        return u"The server needs a data directory to keep its counter of IDs in."_s;
    if (QDir::isRelativePath(path))
        return u"Please give the whole path of the data directory; “%1” depends on where the program was started."_s
            .arg(path);

    QFileInfo nearest(path);
    while (!nearest.exists() && nearest.path() != nearest.filePath())
        nearest.setFile(nearest.path());
    if (!nearest.isDir())
        return u"“%1” is a file; please choose a directory."_s.arg(
            QDir::toNativeSeparators(nearest.filePath()));
    if (!nearest.isWritable())
        return u"You may not write in “%1”; please choose another directory."_s.arg(
            QDir::toNativeSeparators(nearest.filePath()));
    return {};
}

void SettingsDialog::chooseHistory()
{
    const QString chosen = QFileDialog::getSaveFileName(this, u"Place of the History"_s, m_history->text(),
                                                        {}, nullptr, QFileDialog::DontConfirmOverwrite);
    if (chosen.isEmpty())
        return;
    m_history->setText(QDir::toNativeSeparators(chosen));
    m_problem->hide();
}

QString SettingsDialog::historyProblem() const
{
    const QString place = m_history->text().trimmed();
    if (!m_keepsHistory->isChecked() || place.isEmpty())
        return {};
    const Result<HistoryLocation> location = HistoryLocation::fromUrl(place);
    if (!location)
        return location.error().text;
    if (location.value().kind != HistoryLocation::Kind::Sqlite)
        return {};
    const QString path = QString(place).remove(QRegularExpression(u"^sqlite:"_s));
    if (QDir::isRelativePath(path))
        return u"Please give the whole path of the history; “%1” depends on where the program was started."_s
            .arg(path);
    if (QFileInfo(path).isDir())
        return u"“%1” is a directory; please name a file."_s.arg(path);
    return {};
}

void SettingsDialog::showProblem(const QString &problem, QWidget *field)
{
    m_problem->setText(problem);
    m_problem->show();
    field->setFocus();
}

void SettingsDialog::accept()
{
    if (const QString problem = dataDirProblem(); !problem.isEmpty())
        showProblem(problem, m_dataDir);
    else if (const QString ofHistory = historyProblem(); !ofHistory.isEmpty())
        showProblem(ofHistory, m_history);
    else
        QDialog::accept();
}

ServerConfig SettingsDialog::config() const
{
    ServerConfig config = m_config;
    config.maxClients = m_maxClients->value();
    if (m_maxPayloadKib->value() != toKib(m_config.maxPayloadBytes))
        config.maxPayloadBytes = static_cast<quint64>(m_maxPayloadKib->value()) * kKib;
    if (m_maxQueueKib->value() != toKib(m_config.maxQueueBytes))
        config.maxQueueBytes = static_cast<quint64>(m_maxQueueKib->value()) * kKib;
    config.frameDeadline = std::chrono::seconds(m_frameDeadline->value());
    config.defaultFormat = m_defaultFormat->value();
    config.dataDir = QDir::cleanPath(QDir::fromNativeSeparators(m_dataDir->text().trimmed()));
    config.serverName = m_serverName->text().trimmed();
    config.history = m_keepsHistory->isChecked() ? m_history->text().trimmed() : ServerConfig::kNoHistory;
    config.historyDays = m_historyDays->value();
    if (m_historyMib->value() != toMib(m_config.historyBytes))
        config.historyBytes = static_cast<quint64>(m_historyMib->value()) * kMib;
    return config;
}

} // namespace wireroom

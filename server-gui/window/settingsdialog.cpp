// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/settingsdialog.h"

#include "common/widgets/frameformateditor.h"
#include "common/widgets/theme.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr quint64 kKib = 1024;
constexpr int kMostClients = 1'000'000;
constexpr int kMostFrameSeconds = 3600;

/// Rounded up, so that opening and accepting the dialog never lowers a limit.
int toKib(quint64 bytes)
{
    const quint64 kib = bytes / kKib + (bytes % kKib != 0 ? 1 : 0);
    return static_cast<int>(std::min<quint64>(kib, std::numeric_limits<int>::max()));
}

} // namespace

SettingsDialog::SettingsDialog(const ServerConfig &config, bool listening, QWidget *parent)
    : QDialog(parent), m_config(config)
{
    setObjectName(u"settingsDialog"_s);
    setWindowTitle(u"Settings"_s);

    m_maxClients
        = makeNumber(u"maxClients"_s, u"Most clients at a time"_s, 1, kMostClients, config.maxClients);
    m_maxPayloadKib
        = makeNumber(u"maxPayloadKib"_s, u"Largest message in KiB"_s, 1,
                     static_cast<int>(kLargestMaxPayloadBytes / kKib), toKib(config.maxPayloadBytes));
    m_maxPayloadKib->setToolTip(u"A client that announces a longer message is disconnected"_s);
    m_maxQueueKib = makeNumber(u"maxQueueKib"_s, u"Queue for each client in KiB"_s, 1,
                               static_cast<int>(kLargestMaxPayloadBytes / kKib), toKib(config.maxQueueBytes));
    m_maxQueueKib->setToolTip(u"A client that reads so slowly that more is waiting for it is disconnected"_s);
    m_frameDeadline = makeNumber(
        u"frameDeadlineSeconds"_s, u"Time for a begun message in seconds"_s, 1, kMostFrameSeconds,
        static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(config.frameDeadline).count()));
    m_frameDeadline->setToolTip(
        u"A message that was begun must be complete after this, and a second more for each "
        "64 KiB of it"_s);

    m_defaultFormat = new FrameFormatEditor(FrameFormatEditor::Auto::Without, this);
    m_defaultFormat->setObjectName(u"defaultFormat"_s);
    m_defaultFormat->setAccessibleName(u"Default format"_s);
    m_defaultFormat->setToolTip(u"With the format “auto”: for a client that is written to before it has sent "
                                "anything, or whose first bytes fit both byte orders"_s);
    m_defaultFormat->setValue(config.defaultFormat);

    m_dataDir = new QLineEdit(QDir::toNativeSeparators(config.dataDir), this);
    m_dataDir->setObjectName(u"dataDir"_s);
    m_dataDir->setAccessibleName(u"Data directory"_s);
    m_dataDir->setToolTip(
        u"Keeps the counter of the IDs, so that no ID is given twice; one server at a time"_s);
    m_dataDir->setMinimumWidth(40 * kGrid);
    auto *browse = new QPushButton(u"&Browse …"_s, this);
    browse->setObjectName(u"browseDataDir"_s);
    browse->setAccessibleName(u"Browse for the data directory"_s);
    browse->setAutoDefault(false);
    connect(browse, &QPushButton::clicked, this, &SettingsDialog::chooseDataDir);
    auto *dataDirRow = new QHBoxLayout;
    dataDirRow->setSpacing(kGrid);
    dataDirRow->addWidget(m_dataDir, 1);
    dataDirRow->addWidget(browse);

    auto *form = new QFormLayout;
    form->setHorizontalSpacing(2 * kGrid);
    form->setVerticalSpacing(kGrid);
    form->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
    const auto addRow = [this, form](const QString &title, QWidget *field, QLayout *row = nullptr) {
        auto *label = new QLabel(title, this);
        label->setBuddy(field);
        label->setMinimumHeight(field->sizeHint().height());
        label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        if (row)
            form->addRow(label, row);
        else
            form->addRow(label, field);
    };
    addRow(u"Most &clients at a time"_s, m_maxClients);
    addRow(u"&Largest message (KiB)"_s, m_maxPayloadKib);
    addRow(u"&Queue for each client (KiB)"_s, m_maxQueueKib);
    addRow(u"&Time for a begun message (seconds)"_s, m_frameDeadline);
    addRow(u"Default &format"_s, m_defaultFormat);
    addRow(u"&Data directory"_s, m_dataDir, dataDirRow);

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
    m_problem->setWordWrap(true);
    QPalette loud = m_problem->palette();
    loud.setColor(QPalette::WindowText, themeColors(palette()).error);
    m_problem->setPalette(loud);
    m_problem->hide();
    connect(m_dataDir, &QLineEdit::textEdited, m_problem, &QWidget::hide);

    m_buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_buttons->setObjectName(u"settingsButtons"_s);
    setPrimary(m_buttons->button(QDialogButtonBox::Ok));
    const QList<QAbstractButton *> buttons = m_buttons->buttons();
    for (QAbstractButton *button : buttons)
        button->setIcon({});
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

void SettingsDialog::accept()
{
    const QString problem = dataDirProblem();
    if (!problem.isEmpty()) {
        m_problem->setText(problem);
        m_problem->show();
        m_dataDir->setFocus();
        return;
    }
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
    return config;
}

} // namespace wireroom

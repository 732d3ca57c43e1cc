// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/historypage.h"

#include "server-gui/core/historylocation.h"

#include <QCheckBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSpinBox>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr quint64 kMib = 1024 * 1024;
constexpr int kMostDays = 100'000;

/// Rounded up, so that opening and accepting the dialog never lowers a limit.
int toMib(quint64 bytes)
{
    const quint64 mib = bytes / kMib + (bytes % kMib != 0 ? 1 : 0);
    return static_cast<int>(std::min<quint64>(mib, std::numeric_limits<int>::max()));
}

} // namespace

HistoryPage::HistoryPage(const ServerConfig &config, QWidget *parent) : SettingsPage(parent)
{
    const bool isKept = config.history != ServerConfig::kNoHistory;
    addHeading(u"History"_s);
    m_isKept = new QCheckBox(u"&Keep messages and chat clients"_s, this);
    m_isKept->setObjectName(u"keepsHistory"_s);
    m_isKept->setAccessibleName(u"Keep messages and chat clients"_s);
    m_isKept->setToolTip(
        u"Without a history nothing waits for clients that are away, and nothing can be searched"_s);
    m_isKept->setChecked(isKept);
    connect(m_isKept, &QCheckBox::toggled, this, &SettingsPage::edited);
    addField(m_isKept);

    m_place = makeText(u"historyPlace"_s, u"Place of the history"_s, isKept ? config.history : QString());
    m_place->setToolTip(u"A file, or postgresql://USER@HOST/DATABASE. A password that stands in it is stored "
                        u"in the settings as "
                        "it is; a file .pgpass keeps it better."_s);
    m_place->setPlaceholderText(u"history.db in the data directory"_s);
    QWidget *placeRow = makePlace(m_place, [this] { choosePlace(); });
    addRow(u"&Place of the history"_s, m_place, placeRow);

    m_days = makeNumber(u"historyDays"_s, u"Days that messages are kept"_s, 0, kMostDays, config.historyDays);
    m_days->setSpecialValueText(u"never"_s);
    m_days->setToolTip(u"Older messages are deleted"_s);
    addRow(u"Delete messages &older than (days)"_s, m_days);
    m_mib = makeNumber(u"historyMib"_s, u"Most MiB of messages that are kept"_s, 0,
                       std::numeric_limits<int>::max(), toMib(config.historyBytes));
    m_mib->setSpecialValueText(u"never"_s);
    m_mib->setToolTip(u"The oldest messages are deleted beyond that"_s);
    addRow(u"Delete the oldest beyond (&MiB)"_s, m_mib);
    for (QWidget *field : {placeRow, static_cast<QWidget *>(m_days), static_cast<QWidget *>(m_mib)}) {
        field->setEnabled(isKept);
        connect(m_isKept, &QCheckBox::toggled, field, &QWidget::setEnabled);
    }
}

void HistoryPage::choosePlace()
{
    const QString chosen = QFileDialog::getSaveFileName(this, u"Place of the History"_s, m_place->text(), {},
                                                        nullptr, QFileDialog::DontConfirmOverwrite);
    if (!chosen.isEmpty())
        m_place->setText(QDir::toNativeSeparators(chosen));
}

QString HistoryPage::placeProblem() const
{
    const QString place = m_place->text().trimmed();
    if (!m_isKept->isChecked() || place.isEmpty())
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

std::optional<SettingsPage::Problem> HistoryPage::problem() const
{
    if (const QString text = placeProblem(); !text.isEmpty())
        return Problem{.text = text, .field = m_place};
    return {};
}

void HistoryPage::applyTo(ServerConfig &config) const
{
    config.history = m_isKept->isChecked() ? m_place->text().trimmed() : ServerConfig::kNoHistory;
    config.historyDays = m_days->value();
    if (m_mib->value() != toMib(config.historyBytes))
        config.historyBytes = static_cast<quint64>(m_mib->value()) * kMib;
}

} // namespace wireroom

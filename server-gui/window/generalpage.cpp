// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/generalpage.h"

#include "common/protocol/message.h"
#include "common/widgets/frameformateditor.h"
#include "common/widgets/theme.h"
#include "server-gui/core/metricsserver.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHostInfo>
#include <QLineEdit>

using namespace Qt::StringLiterals;

namespace wireroom {

GeneralPage::GeneralPage(const ServerConfig &config, QWidget *parent) : SettingsPage(parent)
{
    addHeading(u"Server"_s);
    m_serverName = makeText(u"serverName"_s, u"Server name"_s, config.serverName);
    m_serverName->setToolTip(u"How the server calls itself to chat clients"_s);
    m_serverName->setPlaceholderText(QHostInfo::localHostName());
    m_serverName->setMaxLength(chat::kMaxNameLength);
    m_serverName->setMinimumWidth(32 * kGrid);
    addRow(u"Server &name"_s, m_serverName);

    m_dataDir = makeText(u"dataDir"_s, u"Data directory"_s, QDir::toNativeSeparators(config.dataDir));
    m_dataDir->setToolTip(
        u"Keeps the counter of the IDs, so that no ID is given twice, and the history; one server at a time"_s);
    addRow(u"&Data directory"_s, m_dataDir, makePlace(m_dataDir, [this] { chooseDataDir(); }));

    m_metrics = makeText(u"metrics"_s, u"Metrics"_s, config.metrics);
    m_metrics->setToolTip(u"Where programs of this machine such as Prometheus read the server's counters: "
                          "http://127.0.0.1:PORT/metrics"_s);
    m_metrics->setPlaceholderText(u"nowhere, or 127.0.0.1:9404"_s);
    m_metrics->setMinimumWidth(32 * kGrid);
    addRow(u"&Metrics at"_s, m_metrics);

    addHeading(u"Plain clients"_s);
    m_defaultFormat = new FrameFormatEditor(FrameFormatEditor::Auto::Without, this);
    m_defaultFormat->setObjectName(u"defaultFormat"_s);
    m_defaultFormat->setAccessibleName(u"Default format"_s);
    m_defaultFormat->setToolTip(u"With the format “auto”: for a client that is written to before it has sent "
                                "anything, or whose first bytes fit both byte orders"_s);
    m_defaultFormat->setValue(config.defaultFormat);
    addRow(u"Default &format"_s, m_defaultFormat);
}

void GeneralPage::chooseDataDir()
{
    const QString chosen = QFileDialog::getExistingDirectory(this, u"Data Directory"_s, m_dataDir->text());
    if (!chosen.isEmpty())
        m_dataDir->setText(QDir::toNativeSeparators(chosen));
}

QString GeneralPage::dataDirProblem() const
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

std::optional<SettingsPage::Problem> GeneralPage::problem() const
{
    if (const QString text = dataDirProblem(); !text.isEmpty())
        return Problem{.text = text, .field = m_dataDir};
    if (const QString place = m_metrics->text().trimmed(); !place.isEmpty()) {
        if (const Result<HostPort> read = MetricsServer::placeFromString(place); !read)
            return Problem{.text = read.error().text, .field = m_metrics};
    }
    return {};
}

void GeneralPage::applyTo(ServerConfig &config) const
{
    config.serverName = m_serverName->text().trimmed();
    config.dataDir = QDir::cleanPath(QDir::fromNativeSeparators(m_dataDir->text().trimmed()));
    config.metrics = m_metrics->text().trimmed();
    config.defaultFormat = m_defaultFormat->value();
}

} // namespace wireroom

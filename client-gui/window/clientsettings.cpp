// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/clientsettings.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kHost = u"connection/host"_s;
const QString kPort = u"connection/port"_s;
const QString kFormat = u"connection/format"_s;

} // namespace

std::unique_ptr<QSettings> openClientSettings()
{
    return std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope, u"Wireroom"_s,
                                       u"wireroom"_s);
}

ClientConfig loadClientConfig(const QSettings &settings)
{
    ClientConfig config;
    const QString host = settings.value(kHost).toString().trimmed();
    if (!host.isEmpty())
        config.host = host;
    bool isPort = false;
    const uint port = settings.value(kPort).toUInt(&isPort);
    if (isPort && port >= 1 && port <= 0xffff)
        config.port = static_cast<quint16>(port);
    const auto format = FrameFormat::fromString(settings.value(kFormat).toString());
    if (format && !format->isAuto())
        config.format = *format;
    return config;
}

void saveClientConfig(QSettings &settings, const ClientConfig &config)
{
    settings.setValue(kHost, config.host);
    settings.setValue(kPort, config.port);
    settings.setValue(kFormat, config.format.toString());
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/clientsettings.h"

#include "common/protocol/messagecodec.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kHost = u"connection/host"_s;
const QString kPort = u"connection/port"_s;
const QString kFormat = u"connection/format"_s;
const QString kTls = u"connection/tls"_s;
const QString kName = u"connection/name"_s;

const QString kChat = u"chat"_s;

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
    const QString format = settings.value(kFormat).toString();
    if (format.isEmpty() || format == kChat)
        config.chat.emplace();
    const auto plain = FrameFormat::fromString(format);
    if (plain && !plain->isAuto())
        config.format = *plain;
    if (settings.value(kTls).toBool())
        config.tls.emplace();
    return config;
}

void saveClientConfig(QSettings &settings, const ClientConfig &config)
{
    settings.setValue(kHost, config.host);
    settings.setValue(kPort, config.port);
    settings.setValue(kFormat, config.chat ? kChat : config.format.toString());
    settings.setValue(kTls, config.tls.has_value());
}

QString loadChatName(const QSettings &settings)
{
    QString name = settings.value(kName).toString().trimmed();
    // Who works here is called by that in a chat, mostly.
    for (const char *variable : {"USER", "USERNAME"}) {
        if (!chat::isAcceptableName(name))
            name = qEnvironmentVariable(variable);
    }
    return chat::isAcceptableName(name) ? name : u"guest"_s;
}

void saveChatName(QSettings &settings, const QString &name)
{
    settings.setValue(kName, name);
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/serversettings.h"

#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kAddress = u"listen/address"_s;
const QString kPort = u"listen/port"_s;
const QString kFormat = u"listen/format"_s;
const QString kPolicy = u"listen/plainPolicy"_s;
const QString kDefaultFormat = u"server/defaultFormat"_s;
const QString kMaxClients = u"server/maxClients"_s;
const QString kMaxPayloadBytes = u"server/maxPayloadBytes"_s;
const QString kMaxQueueBytes = u"server/maxQueueBytes"_s;
const QString kFrameDeadlineMs = u"server/frameDeadlineMs"_s;
const QString kDataDir = u"server/dataDir"_s;
const QString kServerName = u"server/name"_s;
const QString kHistory = u"history/place"_s;
const QString kHistoryDays = u"history/days"_s;
const QString kHistoryBytes = u"history/bytes"_s;

/// A number that somebody may have edited by hand: kept where it is one and positive.
template <typename T> void readPositive(const QSettings &settings, const QString &key, T &into)
{
    bool isNumber = false;
    const qlonglong value = settings.value(key).toLongLong(&isNumber);
    if (isNumber && value > 0 && value <= std::numeric_limits<int>::max())
        into = static_cast<T>(value);
}

} // namespace

std::unique_ptr<QSettings> openServerSettings()
{
    return std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope, u"Wireroom"_s,
                                       u"wireroom-server"_s);
}

ServerConfig loadServerConfig(const QSettings &settings)
{
    ServerConfig config;
    config.address = settings.value(kAddress, config.address).toString();
    bool isPort = false;
    const uint port = settings.value(kPort).toUInt(&isPort);
    if (isPort && port <= 0xffff)
        config.port = static_cast<quint16>(port);
    config.format = FrameFormat::fromString(settings.value(kFormat).toString()).value_or(config.format);
    config.plainPolicy
        = plainPolicyFromString(settings.value(kPolicy).toString()).value_or(config.plainPolicy);

    const auto defaultFormat = FrameFormat::fromString(settings.value(kDefaultFormat).toString());
    if (defaultFormat && !defaultFormat->isAuto())
        config.defaultFormat = *defaultFormat;
    readPositive(settings, kMaxClients, config.maxClients);
    readPositive(settings, kMaxPayloadBytes, config.maxPayloadBytes);
    readPositive(settings, kMaxQueueBytes, config.maxQueueBytes);
    qint64 deadlineMs = config.frameDeadline.count();
    readPositive(settings, kFrameDeadlineMs, deadlineMs);
    config.frameDeadline = std::chrono::milliseconds(deadlineMs);
    config.dataDir = settings.value(kDataDir).toString();
    if (config.dataDir.isEmpty())
        config.dataDir = ServerConfig::defaultDataDir();
    config.serverName = settings.value(kServerName).toString();
    config.history = settings.value(kHistory).toString();
    readPositive(settings, kHistoryDays, config.historyDays);
    bool isNumber = false;
    const quint64 bytes = settings.value(kHistoryBytes).toULongLong(&isNumber);
    if (isNumber)
        config.historyBytes = bytes;
    return config;
}

void saveServerConfig(QSettings &settings, const ServerConfig &config)
{
    settings.setValue(kAddress, config.address);
    settings.setValue(kPort, config.port);
    settings.setValue(kFormat, config.format.toString());
    settings.setValue(kPolicy, toString(config.plainPolicy));
    settings.setValue(kDefaultFormat, config.defaultFormat.toString());
    settings.setValue(kMaxClients, config.maxClients);
    settings.setValue(kMaxPayloadBytes, config.maxPayloadBytes);
    settings.setValue(kMaxQueueBytes, config.maxQueueBytes);
    settings.setValue(kFrameDeadlineMs, qint64{config.frameDeadline.count()});
    settings.setValue(kDataDir,
                      config.dataDir == ServerConfig::defaultDataDir() ? QString() : config.dataDir);
    settings.setValue(kServerName, config.serverName);
    settings.setValue(kHistory, config.history);
    settings.setValue(kHistoryDays, config.historyDays);
    settings.setValue(kHistoryBytes, config.historyBytes);
}

} // namespace wireroom

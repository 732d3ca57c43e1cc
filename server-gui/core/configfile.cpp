// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/configfile.h"

#include "server-gui/core/metricsserver.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr quint64 kMostBytes = quint64{1} << 62;
constexpr quint64 kMostMs = 7 * 24 * 3'600'000;

/// A value of the configuration by its name in the file.
struct Key
{
    QString name;
    /// False where the text makes no sense; nothing is changed then.
    std::function<bool(ServerConfig &, const QString &)> read;
    std::function<QString(const ServerConfig &)> write;
    QString expected; ///< what would make sense
};

template <typename T>
Key number(const QString &name, T ServerConfig::*member, quint64 lowest, quint64 highest)
{
    return {name,
            [=](ServerConfig &config, const QString &text) {
                bool isNumber = false;
                const quint64 value = text.toULongLong(&isNumber);
                if (!isNumber || value < lowest || value > highest)
                    return false;
                config.*member = static_cast<T>(value);
                return true;
            },
            [=](const ServerConfig &config) { return QString::number(config.*member); },
            u"a number from %1 to %2"_s.arg(lowest).arg(highest)};
}

Key milliseconds(const QString &name, std::chrono::milliseconds ServerConfig::*member, quint64 lowest)
{
    return {name,
            [=](ServerConfig &config, const QString &text) {
                bool isNumber = false;
                const quint64 value = text.toULongLong(&isNumber);
                if (!isNumber || value < lowest || value > kMostMs)
                    return false;
                config.*member = std::chrono::milliseconds(value);
                return true;
            },
            [=](const ServerConfig &config) { return QString::number((config.*member).count()); },
            u"milliseconds, from %1 to %2"_s.arg(lowest).arg(kMostMs)};
}

Key flag(const QString &name, bool ServerConfig::*member)
{
    return {name,
            [=](ServerConfig &config, const QString &text) {
                if (text != "true"_L1 && text != "false"_L1)
                    return false;
                config.*member = text == "true"_L1;
                return true;
            },
            [=](const ServerConfig &config) { return config.*member ? u"true"_s : u"false"_s; },
            u"true or false"_s};
}

Key text(const QString &name, QString ServerConfig::*member)
{
    return {name,
            [=](ServerConfig &config, const QString &value) {
                config.*member = value;
                return true;
            },
            [=](const ServerConfig &config) { return config.*member; },
            {}};
}

Key format(const QString &name, FrameFormat ServerConfig::*member, bool canBeAuto)
{
    return {name,
            [=](ServerConfig &config, const QString &value) {
                const std::optional<FrameFormat> read = FrameFormat::fromString(value);
                if (!read || (read->isAuto() && !canBeAuto))
                    return false;
                config.*member = *read;
                return true;
            },
            [=](const ServerConfig &config) { return (config.*member).toString(); },
            u"a format such as u32le or lines"_s};
}

Key policy(const QString &name)
{
    return {name,
            [](ServerConfig &config, const QString &value) {
                const std::optional<PlainPolicy> read = plainPolicyFromString(value);
                config.plainPolicy = read.value_or(config.plainPolicy);
                return read.has_value();
            },
            [](const ServerConfig &config) { return toString(config.plainPolicy); },
            u"none, echo or relay"_s};
}

Key dataDir(const QString &name)
{
    return {name,
            [](ServerConfig &config, const QString &value) {
                config.dataDir = value.isEmpty() ? ServerConfig::defaultDataDir() : value;
                return true;
            },
            [](const ServerConfig &config) {
                return config.dataDir == ServerConfig::defaultDataDir() ? QString() : config.dataDir;
            },
            {}};
}

Key metricsPlace(const QString &name)
{
    return {name,
            [](ServerConfig &config, const QString &value) {
                if (!value.isEmpty() && !MetricsServer::placeFromString(value))
                    return false;
                config.metrics = value;
                return true;
            },
            [](const ServerConfig &config) { return config.metrics; }, u"127.0.0.1:PORT or [::1]:PORT"_s};
}

Key tlsMode(const QString &name)
{
    return {
        name,
        [](ServerConfig &config, const QString &value) {
            const std::optional<TlsMode> read = tlsModeFromString(value);
            if (!read && !value.isEmpty())
                return false;
            config.tls.mode = read;
            return true;
        },
        [](const ServerConfig &config) { return config.tls.mode ? toString(*config.tls.mode) : QString(); },
        u"off, offered or required"_s};
}

Key tlsFile(const QString &name, QString TlsConfig::*member)
{
    return {name,
            [=](ServerConfig &config, const QString &value) {
                config.tls.*member = value;
                return true;
            },
            [=](const ServerConfig &config) { return config.tls.*member; },
            {}};
}

Key tlsNumber(const QString &name, int TlsConfig::*member)
{
    return {name,
            [=](ServerConfig &config, const QString &value) {
                bool isNumber = false;
                const int read = value.toInt(&isNumber);
                if (!isNumber || read < 1)
                    return false;
                config.tls.*member = read;
                return true;
            },
            [=](const ServerConfig &config) { return QString::number(config.tls.*member); },
            u"a number from 1"_s};
}

Key tlsDeadline(const QString &name)
{
    return {name,
            [](ServerConfig &config, const QString &value) {
                bool isNumber = false;
                const quint64 read = value.toULongLong(&isNumber);
                if (!isNumber || read < 1 || read > kMostMs)
                    return false;
                config.tls.handshakeDeadline = std::chrono::milliseconds(read);
                return true;
            },
            [](const ServerConfig &config) { return QString::number(config.tls.handshakeDeadline.count()); },
            u"milliseconds, from 1 to %1"_s.arg(kMostMs)};
}

const std::vector<Key> &keys()
{
    using C = ServerConfig;
    constexpr quint64 kMostInt = std::numeric_limits<int>::max();
    static const std::vector<Key> all{
        text(u"listen/address"_s, &C::address),
        number(u"listen/port"_s, &C::port, 0, 0xffff),
        format(u"listen/format"_s, &C::format, true),
        policy(u"listen/plainPolicy"_s),
        format(u"server/defaultFormat"_s, &C::defaultFormat, false),
        number(u"server/maxClients"_s, &C::maxClients, 1, kMostInt),
        number(u"server/maxPayloadBytes"_s, &C::maxPayloadBytes, 1, kMostBytes),
        number(u"server/maxQueueBytes"_s, &C::maxQueueBytes, 1, kMostBytes),
        milliseconds(u"server/frameDeadlineMs"_s, &C::frameDeadline, 1),
        number(u"server/ioThreads"_s, &C::ioThreads, 1, ServerConfig::kMostIoThreads),
        dataDir(u"server/dataDir"_s),
        text(u"server/name"_s, &C::serverName),
        metricsPlace(u"server/metrics"_s),
        text(u"history/place"_s, &C::history),
        number(u"history/days"_s, &C::historyDays, 0, kMostInt),
        number(u"history/bytes"_s, &C::historyBytes, 0, kMostBytes),
        number(u"limits/maxPerAddress"_s, &C::maxPerAddress, 0, kMostInt),
        flag(u"limits/chatOnly"_s, &C::chatOnly),
        number(u"limits/maxUnauthenticated"_s, &C::maxUnauthenticated, 1, kMostInt),
        number(u"limits/maxUnauthenticatedPerAddress"_s, &C::maxUnauthenticatedPerAddress, 1, kMostInt),
        number(u"limits/framesPerSecond"_s, &C::maxFramesPerSecond, 0, kMostBytes),
        number(u"limits/bytesPerSecond"_s, &C::maxBytesPerSecond, 0, kMostBytes),
        number(u"limits/maxQueuesBytes"_s, &C::maxQueuesBytes, 1, kMostBytes),
        milliseconds(u"limits/detectionDeadlineMs"_s, &C::detectionDeadline, 1),
        milliseconds(u"limits/helloDeadlineMs"_s, &C::helloDeadline, 1),
        milliseconds(u"limits/idleDeadlineMs"_s, &C::idleDeadline, 0),
        tlsMode(u"tls/mode"_s),
        tlsFile(u"tls/certificate"_s, &TlsConfig::certificateFile),
        tlsFile(u"tls/key"_s, &TlsConfig::keyFile),
        tlsNumber(u"tls/maxHandshakes"_s, &TlsConfig::maxHandshakes),
        tlsNumber(u"tls/maxHandshakesPerAddress"_s, &TlsConfig::maxHandshakesPerAddress),
        tlsDeadline(u"tls/handshakeDeadlineMs"_s),
        text(u"identity/passwordFile"_s, &C::passwordFile),
        flag(u"identity/passwordUnencrypted"_s, &C::passwordUnencrypted),
        number(u"identity/freeNamesDays"_s, &C::freeNamesDays, 0, ServerConfig::kMostDays),
    };
    return all;
}

/// A value with commas comes as a list.
QString textOf(const QVariant &value)
{
    return value.typeId() == QMetaType::QStringList ? value.toStringList().join(u", "_s) : value.toString();
}

} // namespace

ServerConfig loadServerConfig(const QSettings &settings)
{
    ServerConfig config;
    for (const Key &key : keys()) {
        if (settings.contains(key.name))
            key.read(config, textOf(settings.value(key.name)));
    }
    if (config.dataDir.isEmpty())
        config.dataDir = ServerConfig::defaultDataDir();
    return config;
}

void saveServerConfig(QSettings &settings, const ServerConfig &config)
{
    for (const Key &key : keys())
        settings.setValue(key.name, key.write(config));
}

Result<ServerConfig> readConfigFile(const QString &path)
{
    const QString shown = QDir::toNativeSeparators(path);
    const QFileInfo file(path);
    if (!file.isFile() || !file.isReadable())
        return Error{
            Error::Code::NotFound,
            u"The configuration %1 cannot be read: there is no such file, or it is not yours to read."_s.arg(
                shown)};
    const QSettings settings(path, QSettings::IniFormat);
    const QStringList names = settings.allKeys();
    if (settings.status() != QSettings::NoError)
        return Error{Error::Code::BadInput, u"The configuration %1 is no INI file."_s.arg(shown)};
    ServerConfig config;
    config.dataDir = ServerConfig::defaultDataDir();
    for (const QString &name : names) {
        if (name.startsWith("window/"_L1) || name.startsWith("composer/"_L1))
            continue;
        const auto key = std::find_if(keys().begin(), keys().end(),
                                      [&name](const Key &one) { return one.name == name; });
        if (key == keys().end())
            return Error{Error::Code::BadInput,
                         u"The configuration %1 says %2, which is unknown."_s.arg(shown, name)};
        const QString value = textOf(settings.value(name));
        if (!key->read(config, value))
            return Error{
                Error::Code::BadInput,
                u"The configuration %1 says %2=%3; it takes %4."_s.arg(shown, name, value, key->expected)};
    }
    return config;
}

} // namespace wireroom

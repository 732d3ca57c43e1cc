// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historyoptions.h"

#include "common/framing/byteexplainer.h"

#include <QCommandLineParser>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kNoHistoryOption = u"no-history"_s;
const QString kHistoryOption = u"history"_s;
const QString kDaysOption = u"history-days"_s;
const QString kBytesOption = u"history-bytes"_s;
const QString kNameOption = u"server-name"_s;

constexpr quint64 kMostDays = 100'000;
constexpr quint64 kMostBytes = quint64{1} << 62;

/// Nothing where the option is not there.
Result<std::optional<quint64>> readNumber(const QCommandLineParser &parser, const QString &name, quint64 most)
{
    if (!parser.isSet(name))
        return std::optional<quint64>();
    bool isNumber = false;
    const quint64 value = parser.value(name).toULongLong(&isNumber);
    if (!isNumber || value > most)
        return Error{Error::Code::BadInput, u"--%1 takes a number from 0 to %2."_s.arg(name, grouped(most))};
    return std::optional(value);
}

} // namespace

QList<QCommandLineOption> HistoryOptions::options()
{
    return {
        {kNoHistoryOption, u"Keeps no messages and no chat clients."_s},
        {kHistoryOption,
         u"Where messages are kept instead of in the data directory: a file, or "
         u"postgresql://USER:PASSWORD@HOST/DATABASE."_s,
         u"URL"_s},
        {kDaysOption, u"Deletes messages that are older; 0: never."_s, u"N"_s},
        {kBytesOption, u"Deletes the oldest messages beyond so many bytes of messages; 0: never."_s, u"N"_s},
        {kNameOption, u"How the server calls itself to chat clients."_s, u"NAME"_s}};
}

Result<HistoryOptions> HistoryOptions::read(const QCommandLineParser &parser)
{
    HistoryOptions options;
    if (parser.isSet(kNoHistoryOption) && parser.isSet(kHistoryOption))
        return Error{Error::Code::BadInput, u"--no-history and --history exclude each other."_s};
    for (const QString &name : {kDaysOption, kBytesOption}) {
        if (parser.isSet(kNoHistoryOption) && parser.isSet(name))
            return Error{Error::Code::BadInput,
                         u"--%1 is for a history: there is none with --no-history."_s.arg(name)};
    }
    if (parser.isSet(kNoHistoryOption))
        options.history = ServerConfig::kNoHistory;
    else if (parser.isSet(kHistoryOption))
        options.history = parser.value(kHistoryOption);
    const auto days = readNumber(parser, kDaysOption, kMostDays);
    if (!days)
        return days.error();
    if (days.value())
        options.historyDays = static_cast<int>(*days.value());
    const auto bytes = readNumber(parser, kBytesOption, kMostBytes);
    if (!bytes)
        return bytes.error();
    options.historyBytes = bytes.value();
    if (parser.isSet(kNameOption))
        options.serverName = parser.value(kNameOption);
    return options;
}

void HistoryOptions::applyTo(ServerConfig &config) const
{
    config.history = history.value_or(config.history);
    config.historyDays = historyDays.value_or(config.historyDays);
    config.historyBytes = historyBytes.value_or(config.historyBytes);
    config.serverName = serverName.value_or(config.serverName);
}

} // namespace wireroom

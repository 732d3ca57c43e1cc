// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "server-gui/core/serverconfig.h"

#include <QList>

#include <optional>

class QCommandLineOption;
class QCommandLineParser;

namespace wireroom {

/// What a command line says about the history and the server's name; the same for every program that is a
/// server. A value.
struct HistoryOptions
{
    std::optional<QString> history; ///< as ServerConfig::history
    std::optional<int> historyDays;
    std::optional<quint64> historyBytes;
    std::optional<QString> serverName;

    /// For the parser.
    static QList<QCommandLineOption> options();
    /// What was parsed; the error's text names the option.
    static Result<HistoryOptions> read(const QCommandLineParser &parser);

    void applyTo(ServerConfig &config) const;
};

} // namespace wireroom

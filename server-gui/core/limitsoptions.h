// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "server-gui/core/serverconfig.h"

#include <QList>

class QCommandLineOption;
class QCommandLineParser;

namespace wireroom {

/// What a command line says about what a client may take of the server; the same for every program that is a
/// server.
struct LimitsOptions
{
    /// For the parser.
    static QList<QCommandLineOption> options();

    /// Writes what is said into `config`; the error's text names the option.
    static std::optional<Error> apply(const QCommandLineParser &parser, ServerConfig &config);
};

} // namespace wireroom

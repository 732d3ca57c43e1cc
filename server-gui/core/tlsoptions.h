// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "server-gui/core/serverconfig.h"

#include <QList>

#include <optional>

class QCommandLineOption;
class QCommandLineParser;

namespace wireroom {

/// What a command line says about TLS; the same for every program that is a server. A value.
struct TlsOptions
{
    std::optional<TlsMode> mode;
    std::optional<QString> certificateFile;
    std::optional<QString> keyFile;

    /// For the parser.
    static QList<QCommandLineOption> options();
    /// What was parsed; the error's text names the option.
    static Result<TlsOptions> read(const QCommandLineParser &parser);

    void applyTo(ServerConfig &config) const;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "server-gui/core/serverconfig.h"

#include <QList>

#include <optional>

class QCommandLineOption;
class QCommandLineParser;

namespace wireroom {

/// What a command line says about the room's password and about names; the same for every program that is a
/// server. A value.
struct IdentityOptions
{
    std::optional<QString> password; ///< as ServerConfig::password
    bool passwordUnencrypted = false;
    std::optional<int> freeNamesDays;

    /// For the parser.
    static QList<QCommandLineOption> options();
    /// What was parsed. BadInput: the option makes no sense; another code: the password file is not to be
    /// used.
    static Result<IdentityOptions> read(const QCommandLineParser &parser);

    void applyTo(ServerConfig &config) const;
};

/// Reads ServerConfig::passwordFile where there is no password yet.
std::optional<Error> takePassword(ServerConfig &config);

} // namespace wireroom

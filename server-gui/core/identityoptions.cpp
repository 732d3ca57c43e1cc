// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/identityoptions.h"

#include "common/base/secretfile.h"
#include "common/framing/byteexplainer.h"

#include <QCommandLineParser>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kFileOption = u"password-file"_s;
const QString kNoPasswordOption = u"no-password"_s;
const QString kUnencryptedOption = u"password-unencrypted"_s;
const QString kFreeNamesOption = u"free-names-days"_s;

} // namespace

QList<QCommandLineOption> IdentityOptions::options()
{
    return {
        {kFileOption,
         u"Chat clients need the password in this file's first line (or the one whose Argon2 hash is there) "
         u"to join. Only the hash is kept, in the data directory, for further starts, too."_s,
         u"FILE"_s},
        {kNoPasswordOption, u"They need none any more; the one that was kept is forgotten."_s},
        {kUnencryptedOption,
         u"Takes the password over connections that others can read, too. Without it, from other machines "
         u"it is taken over TLS alone."_s},
        {kFreeNamesOption,
         u"A chat client's name may be taken by another one when it was not seen for so many days; 0: "
         u"never."_s,
         u"N"_s}};
}

Result<IdentityOptions> IdentityOptions::read(const QCommandLineParser &parser)
{
    IdentityOptions options;
    if (parser.isSet(kFileOption) && parser.isSet(kNoPasswordOption))
        return Error{Error::Code::BadInput, u"--password-file and --no-password exclude each other."_s};
    if (parser.isSet(kFreeNamesOption)) {
        bool isNumber = false;
        const quint64 days = parser.value(kFreeNamesOption).toULongLong(&isNumber);
        if (!isNumber || days > quint64(ServerConfig::kMostDays))
            return Error{Error::Code::BadInput,
                         u"--%1 takes a number from 0 to %2."_s.arg(
                             kFreeNamesOption, grouped(quint64(ServerConfig::kMostDays)))};
        options.freeNamesDays = int(days);
    }
    options.passwordUnencrypted = parser.isSet(kUnencryptedOption);
    if (parser.isSet(kNoPasswordOption)) {
        options.password = QString(u""_s);
    } else if (parser.isSet(kFileOption)) {
        const Result<QString> password = readSecretFile(parser.value(kFileOption));
        if (!password)
            return Error{Error::Code::NotPermitted, password.error().text};
        options.password = password.value();
    }
    return options;
}

void IdentityOptions::applyTo(ServerConfig &config) const
{
    if (password)
        config.password = password;
    config.passwordUnencrypted = config.passwordUnencrypted || passwordUnencrypted;
    if (freeNamesDays)
        config.freeNamesDays = *freeNamesDays;
}

std::optional<Error> takePassword(ServerConfig &config)
{
    if (config.password || config.passwordFile.isEmpty())
        return std::nullopt;
    Result<QString> password = readSecretFile(config.passwordFile);
    if (!password)
        return password.error();
    config.password = std::move(password).value();
    return std::nullopt;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/tlsoptions.h"

#include <QCommandLineParser>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kModeOption = u"tls"_s;
const QString kCertificateOption = u"tls-cert"_s;
const QString kKeyOption = u"tls-key"_s;

} // namespace

QList<QCommandLineOption> TlsOptions::options()
{
    return {{kModeOption,
             u"Encryption, on the same port: off, offered, required (default: offered where there is a data "
             "directory or a certificate)."_s,
             u"MODE"_s},
            {kCertificateOption,
             u"The server's TLS certificate, those that vouch for it behind it (PEM); without it one is made "
             "in the data directory."_s,
             u"FILE"_s},
            {kKeyOption, u"The key of that certificate (PEM)."_s, u"FILE"_s}};
}

Result<TlsOptions> TlsOptions::read(const QCommandLineParser &parser)
{
    TlsOptions options;
    if (parser.isSet(kModeOption)) {
        options.mode = tlsModeFromString(parser.value(kModeOption));
        if (!options.mode) {
            return Error{Error::Code::BadInput,
                         u"--tls is off, offered or required, not “%1”."_s.arg(parser.value(kModeOption))};
        }
    }
    for (const QString &name : {kCertificateOption, kKeyOption}) {
        if (parser.isSet(name) && options.mode == TlsMode::Off)
            return Error{Error::Code::BadInput, u"--%1 is of no use with --tls off."_s.arg(name)};
    }
    if (parser.isSet(kCertificateOption))
        options.certificateFile = parser.value(kCertificateOption);
    if (parser.isSet(kKeyOption))
        options.keyFile = parser.value(kKeyOption);
    return options;
}

void TlsOptions::applyTo(ServerConfig &config) const
{
    if (mode)
        config.tls.mode = mode;
    config.tls.certificateFile = certificateFile.value_or(config.tls.certificateFile);
    config.tls.keyFile = keyFile.value_or(config.tls.keyFile);
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/tlsconfig.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr std::pair<TlsMode, QLatin1StringView> kModes[] = {
    {TlsMode::Off, "off"_L1},
    {TlsMode::Offered, "offered"_L1},
    {TlsMode::Required, "required"_L1},
};

} // namespace

QString toString(TlsMode mode)
{
    return kModes[size_t(mode)].second;
}

std::optional<TlsMode> tlsModeFromString(QStringView text)
{
    for (const auto &[mode, name] : kModes) {
        if (text.trimmed().compare(name, Qt::CaseInsensitive) == 0)
            return mode;
    }
    return std::nullopt;
}

TlsMode TlsConfig::modeInForce(const QString &dataDir) const
{
    if (mode)
        return *mode;
    return namesFiles() || !dataDir.isEmpty() ? TlsMode::Offered : TlsMode::Off;
}

std::optional<Error> TlsConfig::fault(const QString &dataDir) const
{
    if (modeInForce(dataDir) == TlsMode::Off)
        return std::nullopt;
    if (certificateFile.isEmpty() != keyFile.isEmpty()) {
        return Error{Error::Code::BadInput,
                     u"A TLS %1 is named without its %2. Name both files."_s.arg(
                         keyFile.isEmpty() ? u"certificate"_s : u"key"_s,
                         keyFile.isEmpty() ? u"key"_s : u"certificate"_s)};
    }
    if (!namesFiles() && dataDir.isEmpty()) {
        return Error{Error::Code::BadInput,
                     u"TLS needs a certificate and a key. Name their files, or a data directory where they "
                     "can be made."_s};
    }
    return std::nullopt;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"

#include <QString>

#include <chrono>
#include <optional>

namespace wireroom {

enum class TlsMode : quint8 {
    Off,      ///< who asks for it is refused
    Offered,  ///< who asks for it gets it, and the others are served without
    Required, ///< who does not begin with it is refused
};

QString toString(TlsMode mode);
std::optional<TlsMode> tlsModeFromString(QStringView text);

/// What a server is told about TLS. A value.
struct TlsConfig
{
    /// None: Offered where there is a certificate, or a data directory to keep one in; else Off.
    std::optional<TlsMode> mode;
    /// PEM files. Both empty: `tls-certificate.pem` and `tls-key.pem` in the data directory, made there at
    /// the first start.
    QString certificateFile;
    QString keyFile;

    std::chrono::milliseconds handshakeDeadline{5'000};
    /// Handshakes that go on at the same time; whoever comes then waits for a place.
    int maxHandshakes = 256;
    int maxHandshakesPerAddress = 16;

    friend bool operator==(const TlsConfig &, const TlsConfig &) = default;

    bool namesFiles() const { return !certificateFile.isEmpty() || !keyFile.isEmpty(); }

    TlsMode modeInForce(const QString &dataDir) const;

    /// Why the files and the mode do not fit together, where they do not.
    std::optional<Error> fault(const QString &dataDir) const;
};

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/tlsfiles.h"

#include "common/transport/fingerprint.h"
#include "common/transport/tlsidentity.h"

namespace wireroom {

std::optional<Error> faultOfTlsFiles(const QString &certificateFile, const QString &keyFile)
{
    const Result<TlsIdentity> identity = TlsIdentity::load(certificateFile, keyFile);
    return identity ? std::nullopt : std::optional(identity.error());
}

QString fingerprintLines(const QString &fingerprint)
{
    const std::optional<Fingerprint> known = Fingerprint::fromString(fingerprint);
    return known ? known->toLines() : fingerprint;
}

} // namespace wireroom

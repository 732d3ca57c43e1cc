// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/fingerprint.h"

#include <QDateTime>
#include <QList>
#include <QSslCertificate>
#include <QString>

#include <chrono>
#include <optional>

namespace wireroom {

/// How a client that encrypts knows its server. A certificate that is out of its time is never accepted, and
/// nothing of ours is ever sent unencrypted. A value.
struct ClientTls
{
    /// For a certificate that no authority of the system's vouches for.
    enum class Unknown : quint8 {
        Ask,   ///< stops in ChatClient::State::Confirming, also where another was known
        First, ///< keeps what is seen first; refuses another one later
    };
    Unknown unknown = Unknown::Ask;
    /// The only certificate that is accepted, whoever vouches for which.
    std::optional<Fingerprint> pin = {};
    /// The PinStore's file.
    QString knownServers = defaultKnownServers();
    /// Trusted like those of the system.
    QList<QSslCertificate> authorities = {};
    /// For the handshake.
    std::chrono::milliseconds deadline{5'000};

    static QString defaultKnownServers();
};

/// How a connection is encrypted. A value.
struct TlsState
{
    enum class TrustedBy : quint8 {
        Pin,       ///< it was given: ClientTls::pin
        Authority, ///< properly signed for this host
        Known,     ///< the same as before
        First,     ///< seen for the first time, and kept
    };
    Fingerprint fingerprint;
    QString protocol; ///< e.g. "TLSv1.3"
    QString cipher;   ///< e.g. "TLS_AES_256_GCM_SHA384"
    TrustedBy trustedBy;
};

/// What a person must decide about a server's certificate, and what there is to go by. A value.
struct TlsQuestion
{
    Fingerprint fingerprint;
    std::optional<Fingerprint> before; ///< what was known for this server: it has changed
    QString subject;                   ///< by the server's own account
    QDateTime validFrom;
    QDateTime validTo;
    QString reason; ///< a sentence: why the system does not trust it
};

} // namespace wireroom

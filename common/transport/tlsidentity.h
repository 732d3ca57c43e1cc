// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"

#include <QByteArray>
#include <QDateTime>
#include <QString>

namespace wireroom {

/// Who a server is under TLS: its certificate with those that vouch for it, and the key.
///
/// A value, read and made with OpenSSL's own calls: Qt's TLS is not touched, so that a server nobody speaks
/// TLS to does not wait for it to be loaded. Any one thread; blocks for as long as the files take.
struct TlsIdentity
{
    QByteArray certificates; ///< PEM, the server's own first
    QByteArray key;          ///< PEM (PKCS #8), not encrypted
    QByteArray fingerprint;  ///< SHA-256 of the server's own certificate, 32 bytes
    QDateTime validUntil;    ///< UTC
    /// What whoever runs the server should know; mostly empty.
    QString remark;

    /// The errors are sentences; Error::Code::BadInput all of them.
    static Result<TlsIdentity> load(const QString &certificateFile, const QString &keyFile);

    /// Loads `tls-certificate.pem` and `tls-key.pem`. Where neither is there they are made: EC P-256, signed
    /// by itself, for ten years, this machine's name, localhost and the loopback addresses; the key can be
    /// read by this user alone. A key without a certificate is given a new one.
    static Result<TlsIdentity> loadOrMake(const QString &dataDir);
};

} // namespace wireroom

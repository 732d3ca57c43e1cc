// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringView>

#include <optional>

class QSslCertificate;

namespace wireroom {

/// What two people compare to know that one's client talks to the other's server: the SHA-256 of the
/// certificate in DER. A value.
class Fingerprint
{
public:
    static Fingerprint of(const QSslCertificate &certificate);

    /// 64 hexadecimal digits of either case; blanks, line ends and colons between them do not matter, so that
    /// both forms below and that of `openssl x509 -fingerprint -sha256` (behind its “=”) are read. Nothing
    /// where it is no fingerprint.
    static std::optional<Fingerprint> fromString(QStringView text);

    /// One word, as for a command line: sixteen groups of four capital hexadecimal digits, colons between.
    QString toString() const;

    /// The same groups to be read aloud: two lines of eight, blanks between.
    QString toLines() const;

    bool operator==(const Fingerprint &) const = default;

private:
    explicit Fingerprint(const QByteArray &digest) : m_digest(digest) { }

    QByteArray m_digest; ///< 32 bytes
};

} // namespace wireroom

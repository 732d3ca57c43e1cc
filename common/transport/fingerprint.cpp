// SPDX-License-Identifier: Apache-2.0
#include "common/transport/fingerprint.h"

#include <QCryptographicHash>
#include <QSslCertificate>
#include <QStringList>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr qsizetype kDigestBytes = 32;
constexpr qsizetype kGroupDigits = 4;
constexpr qsizetype kGroupsPerLine = 8;

bool isHexDigit(char16_t c)
{
    return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F');
}

QStringList groups(const QByteArray &digest)
{
    const QString hex = QString::fromLatin1(digest.toHex()).toUpper();
    QStringList groups;
    for (qsizetype i = 0; i < hex.size(); i += kGroupDigits)
        groups.append(hex.mid(i, kGroupDigits));
    return groups;
}

} // namespace

Fingerprint Fingerprint::of(const QSslCertificate &certificate)
{
    return Fingerprint(certificate.digest(QCryptographicHash::Sha256));
}

std::optional<Fingerprint> Fingerprint::fromString(QStringView text)
{
    QByteArray digits;
    for (const QChar c : text) {
        if (isHexDigit(c.unicode()))
            digits.append(char(c.unicode()));
        else if (c != u':' && !c.isSpace())
            return std::nullopt;
        if (digits.size() > 2 * kDigestBytes)
            return std::nullopt;
    }
    if (digits.size() != 2 * kDigestBytes)
        return std::nullopt;
    return Fingerprint(QByteArray::fromHex(digits));
}

QString Fingerprint::toString() const
{
    return groups(m_digest).join(u':');
}

QString Fingerprint::toLines() const
{
    const QStringList all = groups(m_digest);
    return all.mid(0, kGroupsPerLine).join(u' ') % u'\n' % all.mid(kGroupsPerLine).join(u' ');
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

namespace wireroom {

/// What somebody typed to find payloads by: a piece of text in any case, or of hex. A value, made once and
/// asked for many payloads; payloads are searched where they lie, without making text from them unless the
/// pattern is beyond ASCII.
class TextPattern
{
public:
    TextPattern() = default;
    explicit TextPattern(const QString &typed);

    bool isEmpty() const { return m_typed.isEmpty(); }

    bool isFoundInText(QByteArrayView utf8) const;
    /// Whether the hex pairs of the payload contain it, from a byte's first digit on; blanks do not matter.
    bool isFoundInHex(QByteArrayView payload) const;

private:
    QString m_typed;
    QByteArray m_lowerAscii; ///< empty where m_typed is beyond ASCII
    QByteArray m_bytes;      ///< of the hex digits, whole bytes
    int m_lastNibble = -1;   ///< a further hex digit, or -1
    bool m_isHex = false;
};

} // namespace wireroom

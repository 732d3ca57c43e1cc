// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/textpattern.h"

#include <algorithm>
#include <vector>

namespace wireroom {

namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

int hexDigit(QChar c)
{
    const char16_t u = c.toLower().unicode();
    if (u >= u'0' && u <= u'9')
        return u - u'0';
    if (u >= u'a' && u <= u'f')
        return u - u'a' + 10;
    return -1;
}

} // namespace

TextPattern::TextPattern(const QString &typed) : m_typed(typed)
{
    const bool ascii = std::all_of(typed.begin(), typed.end(), [](QChar c) { return c.unicode() < 0x80; });
    if (ascii)
        m_lowerAscii = typed.toLatin1().toLower();

    std::vector<int> digits;
    for (const QChar c : typed) {
        if (c.isSpace())
            continue;
        const int digit = hexDigit(c);
        if (digit < 0)
            return;
        digits.push_back(digit);
    }
    m_isHex = !digits.empty();
    for (size_t i = 0; i + 1 < digits.size(); i += 2)
        m_bytes.append(static_cast<char>(digits[i] * 16 + digits[i + 1]));
    if (digits.size() % 2 == 1)
        m_lastNibble = digits.back();
}

bool TextPattern::isFoundInText(QByteArrayView utf8) const
{
    if (m_lowerAscii.isEmpty())
        return QString::fromUtf8(utf8).contains(m_typed, Qt::CaseInsensitive);
    // No byte of a longer UTF-8 sequence is ASCII, so an ASCII pattern can be searched for byte by byte.
    const auto found = std::search(utf8.begin(), utf8.end(), m_lowerAscii.begin(), m_lowerAscii.end(),
                                   [](char a, char b) { return lower(a) == b; });
    return found != utf8.end();
}

bool TextPattern::isFoundInHex(QByteArrayView payload) const
{
    if (!m_isHex)
        return false;
    for (auto from = payload.begin(); from != payload.end();) {
        const auto found = std::search(from, payload.end(), m_bytes.begin(), m_bytes.end());
        const auto after = found + std::min<qsizetype>(m_bytes.size(), payload.end() - found);
        if (m_lastNibble < 0)
            return found != payload.end();
        if (after == payload.end())
            return false;
        if ((static_cast<quint8>(*after) >> 4) == m_lastNibble)
            return true;
        from = found + 1;
    }
    return false;
}

} // namespace wireroom

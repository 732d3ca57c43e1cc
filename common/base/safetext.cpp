// SPDX-License-Identifier: Apache-2.0
#include "common/base/safetext.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Characters that change how others are shown, or are not to be seen at all. The joiners and variation
/// selectors that scripts and emoji need are none.
bool isInvisible(char32_t c)
{
    return (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x34f || c == 0x61c || c == 0x115f || c == 0x1160
        || c == 0x17b4 || c == 0x17b5 || c == 0x180e || (c >= 0x200b && c <= 0x200f && c != 0x200d)
        || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0x3164 || c == 0xfeff
        || c == 0xffa0 || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0x1d173 && c <= 0x1d17a)
        || (c >= 0xe0000 && c <= 0xe007f) || QChar::isSurrogate(c);
}

/// What most of a text is: shown as it stands.
bool isPlain(QChar c)
{
    return c >= u' ' && c < u'\x7f';
}

template <typename Keep> QString visible(QStringView text, Keep keep)
{
    QString result;
    result.reserve(text.size());
    const QChar *p = text.begin();
    while (true) {
        // In pieces: a server's log is made of them.
        const QChar *const piece = p;
        while (p != text.end() && (isPlain(*p) || keep(*p)))
            ++p;
        result.append(QStringView(piece, p));
        if (p == text.end())
            return result;
        const QChar c = *p++;
        const bool hasNext = p != text.end();
        if (c == u'\r' && hasNext && *p == u'\n' && keep(*p))
            continue; // a line end like any other
        if (c.isHighSurrogate() && hasNext && p->isLowSurrogate())
            appendVisible(result, QChar::surrogateToUcs4(c, *p++));
        else
            appendVisible(result, c.unicode());
    }
}

} // namespace

void appendVisible(QString &text, char32_t character)
{
    if (character < 0x20)
        text += QChar(static_cast<char16_t>(0x2400 + character));
    else if (character == 0x7f)
        text += QChar(u'\u2421');
    else if (!isInvisible(character))
        text += QChar::fromUcs4(character);
    else if (character <= 0xffff)
        text += "\\u"_L1 + QString::number(character, 16).rightJustified(4, u'0');
    else
        text += "\\u{"_L1 + QString::number(character, 16) + u'}';
}

QString safeLine(QStringView text)
{
    return visible(text, [](QChar) { return false; });
}

QString safeText(QStringView text)
{
    return visible(text, [](QChar c) { return c == u'\n' || c == u'\t'; });
}

} // namespace wireroom

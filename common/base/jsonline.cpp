// SPDX-License-Identifier: Apache-2.0
#include "common/base/jsonline.h"

#include <QUtf8StringView>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Appends valid UTF-8 as a JSON string (RFC 8259, section 7). The C1 controls and the line separators are
/// escaped too, since some terminals and line readers act on them.
void appendString(QByteArray &out, QByteArrayView utf8)
{
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (qsizetype i = 0; i < utf8.size(); ++i) {
        const auto c = uchar(utf8[i]);
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            if (c < 0x20 || c == 0x7f) {
                out += "\\u00";
                out += digits[c >> 4];
                out += digits[c & 0xf];
            } else if (c == 0xc2 && i + 1 < utf8.size() && uchar(utf8[i + 1]) < 0xa0) {
                ++i;
                out += "\\u00";
                out += digits[uchar(utf8[i]) >> 4];
                out += digits[uchar(utf8[i]) & 0xf];
            } else if (c == 0xe2 && i + 2 < utf8.size() && uchar(utf8[i + 1]) == 0x80
                       && (uchar(utf8[i + 2]) == 0xa8 || uchar(utf8[i + 2]) == 0xa9)) {
                out += uchar(utf8[i + 2]) == 0xa8 ? "\\u2028" : "\\u2029";
                i += 2;
            } else {
                out += char(c);
            }
        }
    }
    out += '"';
}

} // namespace

void JsonLine::beginMember(QLatin1StringView key)
{
    m_text += m_text.isEmpty() ? '{' : ',';
    m_text += '"';
    m_text.append(key.data(), key.size());
    m_text += "\":";
}

JsonLine &JsonLine::add(QLatin1StringView key, QStringView text)
{
    beginMember(key);
    appendString(m_text, text.toUtf8());
    return *this;
}

JsonLine &JsonLine::addNumber(QLatin1StringView key, quint64 number)
{
    beginMember(key);
    m_text += QByteArray::number(number);
    return *this;
}

JsonLine &JsonLine::addNull(QLatin1StringView key)
{
    beginMember(key);
    m_text += "null";
    return *this;
}

JsonLine &JsonLine::add(QLatin1StringView key, bool value)
{
    beginMember(key);
    m_text += value ? "true" : "false";
    return *this;
}

JsonLine &JsonLine::addPayload(QByteArrayView payload)
{
    if (QUtf8StringView(payload.data(), payload.size()).isValidUtf8()) {
        beginMember("text"_L1);
        appendString(m_text, payload);
    } else {
        beginMember("hex"_L1);
        m_text += '"' + payload.toByteArray().toHex() + '"';
    }
    return *this;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/base/jsonline.h"

#include <QUtf8StringView>

#include <algorithm>
#include <string_view>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// The escape of a line separator or of what turns the direction of writing, where the text begins with one.
const char *escapeOfMark(QByteArrayView utf8)
{
    static constexpr std::pair<std::string_view, const char *> kMarks[] = {
        {"\xd8\x9c", "\\u061c"},     {"\xe2\x80\x8e", "\\u200e"}, {"\xe2\x80\x8f", "\\u200f"},
        {"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x80\xa9", "\\u2029"}, {"\xe2\x80\xaa", "\\u202a"},
        {"\xe2\x80\xab", "\\u202b"}, {"\xe2\x80\xac", "\\u202c"}, {"\xe2\x80\xad", "\\u202d"},
        {"\xe2\x80\xae", "\\u202e"}, {"\xe2\x81\xa6", "\\u2066"}, {"\xe2\x81\xa7", "\\u2067"},
        {"\xe2\x81\xa8", "\\u2068"}, {"\xe2\x81\xa9", "\\u2069"},
    };
    const auto first = uchar(utf8.front());
    if (first != 0xd8 && first != 0xe2)
        return nullptr;
    for (const auto &[bytes, escape] : kMarks) {
        if (utf8.startsWith(QByteArrayView(bytes.data(), qsizetype(bytes.size()))))
            return escape;
    }
    return nullptr;
}

/// Appends valid UTF-8 as the inside of a JSON string (RFC 8259, section 7). The C1 controls, the line
/// separators and what turns the direction of writing are escaped too, since some terminals and line readers
/// act on them.
void appendEscaped(QByteArray &out, QByteArrayView utf8)
{
    static constexpr char digits[] = "0123456789abcdef";
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
            } else if (const char *escape = escapeOfMark(utf8.sliced(i))) {
                out += escape;
                i += c == 0xd8 ? 1 : 2;
            } else {
                out += char(c);
            }
        }
    }
}

void appendString(QByteArray &out, QByteArrayView utf8)
{
    out += '"';
    appendEscaped(out, utf8);
    out += '"';
}

/// The end of a piece of valid UTF-8 that begins at `from`: between two characters.
qsizetype pieceEnd(QByteArrayView utf8, qsizetype from, qsizetype pieceBytes)
{
    qsizetype end = std::min(utf8.size(), from + pieceBytes);
    while (end < utf8.size() && (uchar(utf8[end]) & 0xc0) == 0x80)
        --end;
    return end;
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
    Q_ASSERT(m_payloadAt < 0);
    m_payload = payload;
    m_payloadIsText = QUtf8StringView(payload.data(), payload.size()).isValidUtf8();
    beginMember(m_payloadIsText ? "text"_L1 : "hex"_L1);
    m_text += '"';
    m_payloadAt = m_text.size();
    m_text += '"';
    return *this;
}

void JsonLine::write(const std::function<bool(QByteArrayView)> &piece, qsizetype payloadPieceBytes) const
{
    Q_ASSERT(payloadPieceBytes >= 8);
    if (m_text.isEmpty()) {
        piece("{}");
        return;
    }
    const QByteArrayView text = m_text;
    if (m_payloadAt >= 0 && !piece(text.first(m_payloadAt)))
        return;
    QByteArray shown;
    for (qsizetype from = 0; from < m_payload.size();) {
        shown.clear();
        qsizetype end = 0;
        if (m_payloadIsText) {
            end = pieceEnd(m_payload, from, payloadPieceBytes);
            appendEscaped(shown, m_payload.sliced(from, end - from));
        } else {
            end = std::min(m_payload.size(), from + payloadPieceBytes);
            shown = m_payload.sliced(from, end - from).toByteArray().toHex();
        }
        if (!piece(shown))
            return;
        from = end;
    }
    if (piece(text.sliced(std::max<qsizetype>(0, m_payloadAt))))
        piece("}");
}

QByteArray JsonLine::toJson() const
{
    QByteArray json;
    json.reserve(m_text.size() + m_payload.size() + 2);
    write([&json](QByteArrayView piece) {
        json += piece;
        return true;
    });
    return json;
}

} // namespace wireroom

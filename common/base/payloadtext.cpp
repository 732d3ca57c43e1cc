// SPDX-License-Identifier: Apache-2.0
#include "common/base/payloadtext.h"

#include "common/base/safetext.h"

#include <QStringDecoder>

#include <QList>

#include <algorithm>
#include <optional>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

Error badInput(const QString &text)
{
    return Error{Error::Code::BadInput, text};
}

int hexDigit(QChar c)
{
    const char16_t u = c.unicode();
    if (u >= u'0' && u <= u'9')
        return u - u'0';
    if (u >= u'a' && u <= u'f')
        return u - u'a' + 10;
    if (u >= u'A' && u <= u'F')
        return u - u'A' + 10;
    return -1;
}

bool isHexSeparator(QChar c)
{
    return c.isSpace() || c == u',' || c == u':' || c == u'-' || c == u';';
}

Result<QByteArray> payloadFromHex(QStringView typed)
{
    QByteArray payload;
    payload.reserve(typed.size() / 2);
    for (qsizetype i = 0; i < typed.size();) {
        if (isHexSeparator(typed[i])) {
            ++i;
            continue;
        }
        if (typed[i] == u'0' && i + 1 < typed.size() && typed[i + 1].toLower() == u'x') {
            i += 2;
            if (i == typed.size())
                return badInput(u"“0x” at character %1 is not followed by hex digits."_s.arg(i - 1));
            continue;
        }
        const int high = hexDigit(typed[i]);
        if (high < 0)
            return badInput(u"“%1” at character %2 is not a hex digit."_s.arg(typed[i]).arg(i + 1));
        if (i + 1 == typed.size() || isHexSeparator(typed[i + 1]))
            return badInput(
                u"“%1” at character %2 is half a byte: every byte needs two hex digits."_s.arg(typed[i]).arg(
                    i + 1));
        const int low = hexDigit(typed[i + 1]);
        if (low < 0)
            return badInput(u"“%1” at character %2 is not a hex digit."_s.arg(typed[i + 1]).arg(i + 2));
        payload.append(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return payload;
}

std::optional<char> simpleEscape(QChar c)
{
    switch (c.unicode()) {
    case u'r':
        return '\r';
    case u'n':
        return '\n';
    case u't':
        return '\t';
    case u'0':
        return '\0';
    case u'a':
        return '\a';
    case u'b':
        return '\b';
    case u'e':
        return '\x1b';
    case u'f':
        return '\f';
    case u'v':
        return '\v';
    case u'\\':
        return '\\';
    default:
        return std::nullopt;
    }
}

/// The value of exactly `count` hex digits at the beginning, or nothing.
std::optional<uint> hexValue(QStringView text, qsizetype count)
{
    if (text.size() < count)
        return std::nullopt;
    uint value = 0;
    for (const QChar c : text.first(count)) {
        const int digit = hexDigit(c);
        if (digit < 0)
            return std::nullopt;
        value = value * 16 + static_cast<uint>(digit);
    }
    return value;
}

Result<QByteArray> payloadFromEscapes(QStringView typed)
{
    QByteArray payload;
    qsizetype plainFrom = 0;
    for (qsizetype i = 0; i < typed.size();) {
        if (typed[i] != u'\\') {
            ++i;
            continue;
        }
        payload += typed.sliced(plainFrom, i - plainFrom).toUtf8();
        const qsizetype position = i + 1;
        const QStringView rest = typed.sliced(i + 1);
        if (rest.isEmpty())
            return badInput(u"The “\\” at character %1 begins an escape that is not finished; "
                            "“\\\\” stands for itself."_s.arg(position));
        if (const auto byte = simpleEscape(rest.front())) {
            payload.append(*byte);
            i += 2;
        } else if (rest.front() == u'x') {
            const auto value = hexValue(rest.sliced(1), 2);
            if (!value)
                return badInput(u"“\\x” at character %1 needs two hex digits, as in \\x0a."_s.arg(position));
            payload.append(static_cast<char>(*value));
            i += 4;
        } else if (rest.front() == u'u') {
            const auto value = hexValue(rest.sliced(1), 4);
            if (!value)
                return badInput(
                    u"“\\u” at character %1 needs four hex digits, as in \\u20ac."_s.arg(position));
            if (QChar::isSurrogate(*value))
                return badInput(
                    u"“\\u” at character %1 is half a surrogate pair, which UTF-8 cannot carry."_s.arg(
                        position));
            payload += QString(QChar(*value)).toUtf8();
            i += 6;
        } else {
            return badInput(u"“\\%1” at character %2 is not an escape; there are "
                            "\\r \\n \\t \\0 \\a \\b \\e \\f \\v \\\\ \\xHH and \\uHHHH."_s.arg(rest.front())
                                .arg(position));
        }
        plainFrom = i;
    }
    payload += typed.sliced(plainFrom).toUtf8();
    return payload;
}

/// The longest beginning of at most `maxBytes` that ends between two characters.
QByteArrayView wholeCharacters(QByteArrayView utf8, qsizetype maxBytes)
{
    if (utf8.size() <= maxBytes)
        return utf8;
    qsizetype end = maxBytes;
    while (end > 0 && (static_cast<quint8>(utf8[end]) & 0xc0) == 0x80)
        --end;
    return utf8.first(end);
}

/// Of valid UTF-8. What begins with a byte order mark keeps it, as it may be a piece of something longer.
QString withByteOrderMark(QByteArrayView utf8)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom);
    return decoder(utf8);
}

/// The next piece of a text, ending between two characters that have nothing to do with each other.
QByteArrayView nextPiece(QByteArrayView rest, qsizetype pieceBytes)
{
    const QByteArrayView piece = wholeCharacters(rest, pieceBytes);
    const bool cutsLineEnd = piece.endsWith('\r') && piece.size() < rest.size() && rest[piece.size()] == '\n';
    return cutsLineEnd ? rest.first(piece.size() + 1) : piece;
}

void appendHexPair(QString &line, char byte)
{
    static constexpr char16_t digits[] = u"0123456789abcdef";
    line += QChar(digits[static_cast<quint8>(byte) >> 4]);
    line += QChar(digits[static_cast<quint8>(byte) & 15]);
}

} // namespace

Result<QByteArray> payloadFromTyped(PayloadMode mode, QStringView typed)
{
    switch (mode) {
    case PayloadMode::Text:
        break;
    case PayloadMode::Hex:
        return payloadFromHex(typed);
    case PayloadMode::Escapes:
        return payloadFromEscapes(typed);
    }
    return typed.toUtf8();
}

bool isShownAsText(QByteArrayView payload)
{
    return payload.isValidUtf8();
}

QString payloadLine(QByteArrayView payload, bool asText, qsizetype maxChars)
{
    QString line;
    bool cut = false;
    if (asText) {
        const QByteArrayView seen = wholeCharacters(payload, maxChars * 4);
        cut = seen.size() < payload.size();
        const QList<uint> characters = withByteOrderMark(seen).toUcs4();
        line.reserve(characters.size());
        for (const uint c : characters) {
            if (line.size() >= maxChars) {
                cut = true;
                break;
            }
            appendVisible(line, c);
        }
    } else {
        const qsizetype bytes = std::min(payload.size(), std::max<qsizetype>(1, maxChars / 3));
        cut = bytes < payload.size();
        line.reserve(bytes * 3);
        for (qsizetype i = 0; i < bytes; ++i) {
            if (i > 0)
                line += u' ';
            appendHexPair(line, payload[i]);
        }
    }
    if (cut)
        line += u'…';
    return line;
}

QString payloadText(QByteArrayView payload)
{
    return safeText(withByteOrderMark(payload));
}

QString payloadHex(QByteArrayView payload)
{
    QString hex;
    hex.reserve(payload.size() * 3);
    for (const char byte : payload) {
        if (!hex.isEmpty())
            hex += u' ';
        appendHexPair(hex, byte);
    }
    return hex;
}

void writePayload(QByteArrayView payload, const std::function<bool(QByteArrayView)> &write,
                  qsizetype pieceBytes)
{
    Q_ASSERT(pieceBytes >= 8);
    if (isShownAsText(payload)) {
        while (!payload.isEmpty()) {
            const QByteArrayView piece = nextPiece(payload, pieceBytes);
            if (!write(payloadText(piece).toUtf8()))
                return;
            payload = payload.sliced(piece.size());
        }
        return;
    }
    QByteArrayView before = "hex: ";
    while (!payload.isEmpty()) {
        const QByteArrayView piece = payload.first(std::min(payload.size(), pieceBytes));
        if (!write(before) || !write(payloadHex(piece).toLatin1()))
            return;
        before = " ";
        payload = payload.sliced(piece.size());
    }
}

QString payloadHexDump(QByteArrayView payload, int bytesPerLine, quint64 firstOffset)
{
    const qsizetype lines = (payload.size() + bytesPerLine - 1) / bytesPerLine;
    QString dump;
    dump.reserve(lines * (bytesPerLine * 4 + 16));
    for (qsizetype at = 0; at < payload.size(); at += bytesPerLine) {
        if (at > 0)
            dump += u'\n';
        dump += QString::number(firstOffset + static_cast<quint64>(at), 16).rightJustified(8, u'0');
        dump += "  "_L1;
        const QByteArrayView bytes
            = payload.sliced(at, std::min<qsizetype>(bytesPerLine, payload.size() - at));
        for (int i = 0; i < bytesPerLine; ++i) {
            if (i < bytes.size())
                appendHexPair(dump, bytes[i]);
            else
                dump += "  "_L1;
            dump += i % 8 == 7 ? "  "_L1 : " "_L1;
        }
        for (const char byte : bytes)
            dump += byte >= 0x20 && byte < 0x7f ? QLatin1Char(byte) : QLatin1Char('.');
    }
    return dump;
}

} // namespace wireroom

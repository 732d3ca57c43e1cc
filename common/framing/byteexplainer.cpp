// SPDX-License-Identifier: Apache-2.0
#include "common/framing/byteexplainer.h"

#include "common/framing/prefix.h"

#include <QLocale>
#include <QStringList>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

struct Signature
{
    QByteArrayView start;
    QLatin1StringView name;
    bool isProtocol;
};

// A view with its length, because some hold zeros.
template <size_t N> constexpr QByteArrayView raw(const char (&text)[N])
{
    return QByteArrayView(text, qsizetype(N - 1));
}

// The numbers are those of the protocols' and formats' own descriptions (RFC 8446, 9110, 4253, 1952, 5321,
// 1928, 854, and so on).
constexpr Signature kSignatures[] = {
    {raw("\x16\x03"), "the start of TLS"_L1, true},
    {raw("\x15\x03"), "a TLS alert"_L1, true},
    {raw("GET "), "an HTTP request (a web browser?)"_L1, true},
    {raw("HEAD "), "an HTTP request"_L1, true},
    {raw("POST "), "an HTTP request"_L1, true},
    {raw("PUT "), "an HTTP request"_L1, true},
    {raw("DELETE "), "an HTTP request"_L1, true},
    {raw("OPTIONS "), "an HTTP request"_L1, true},
    {raw("CONNECT "), "an HTTP proxy request"_L1, true},
    {raw("PATCH "), "an HTTP request"_L1, true},
    {raw("PRI * HTTP/2"), "an HTTP/2 connection"_L1, true},
    {raw("HTTP/"), "an HTTP answer"_L1, true},
    {raw("SSH-"), "an SSH greeting"_L1, true},
    {raw("EHLO "), "an SMTP greeting"_L1, true},
    {raw("HELO "), "an SMTP greeting"_L1, true},
    {raw("AMQP"), "an AMQP greeting"_L1, true},
    {raw("\x05\x01\x00"), "a SOCKS 5 greeting"_L1, true},
    {raw("\x05\x02\x00"), "a SOCKS 5 greeting"_L1, true},
    {raw("\xff\xfb"), "Telnet option negotiation (use the terminal's raw mode)"_L1, true},
    {raw("\xff\xfd"), "Telnet option negotiation (use the terminal's raw mode)"_L1, true},
    {raw("\x03\x00\x00"), "a remote desktop (RDP) greeting"_L1, true},
    {raw("\x00\x00\x00\x08\x04\xd2\x16\x2f"), "a PostgreSQL client asking for TLS"_L1, true},
    {raw("\x1f\x8b"), "gzip data"_L1, false},
    {raw("\x78\x9c"), "zlib data"_L1, false},
    {raw("\x78\xda"), "zlib data"_L1, false},
    {raw("PK\x03\x04"), "a ZIP file"_L1, false},
    {raw("BZh"), "bzip2 data"_L1, false},
    {raw("\xfd"
         "7zXZ"),
     "xz data"_L1, false},
    {raw("\x28\xb5\x2f\xfd"), "zstd data"_L1, false},
    {raw("\x89PNG"), "a PNG picture"_L1, false},
    {raw("\xff\xd8\xff"), "a JPEG picture"_L1, false},
    {raw("%PDF"), "a PDF file"_L1, false},
    {raw("\x7f"
         "ELF"),
     "a program file (ELF)"_L1, false},
    {raw("\xff\xfe"), "UTF-16 text"_L1, false},
    {raw("\xfe\xff"), "UTF-16 text"_L1, false},
    {raw("<?xml"), "XML"_L1, false},
};

bool looksLikeMqtt(QByteArrayView bytes)
{
    return bytes.size() >= 8 && bytes[0] == 0x10 && bytes.sliced(2).startsWith(raw("\x00\x04MQTT"));
}

QString claim(FrameFormat format, quint64 length)
{
    return format.toString() % u' ' % grouped(length);
}

} // namespace

QString grouped(quint64 value)
{
    return QLocale(QLocale::English, QLocale::UnitedStates).toString(value);
}

QString hexPreview(QByteArrayView bytes, qsizetype most)
{
    QString text = QString::fromLatin1(bytes.first(std::min(bytes.size(), most)).toByteArray().toHex(' '));
    if (bytes.size() > most)
        text += u" …"_s;
    return text;
}

std::optional<Recognised> recognise(QByteArrayView bytes)
{
    if (looksLikeMqtt(bytes))
        return Recognised{u"an MQTT greeting"_s, true};
    for (const Signature &signature : kSignatures) {
        if (bytes.startsWith(signature.start))
            return Recognised{QString(signature.name), signature.isProtocol};
    }
    return std::nullopt;
}

bool isText(QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return false;
    const auto *p = reinterpret_cast<const uchar *>(bytes.begin());
    const auto *const end = reinterpret_cast<const uchar *>(bytes.end());
    while (p != end) {
        const uchar c = *p++;
        if (c < 0x80) {
            if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
                return false;
            continue;
        }
        // Lead bytes and their followers as in RFC 3629; overlong forms and surrogates are left to the
        // receiver.
        const int followers = c >= 0xc2 && c <= 0xdf ? 1
            : (c & 0xf0) == 0xe0                     ? 2
            : c >= 0xf0 && c <= 0xf4                 ? 3
                                                     : 0;
        if (followers == 0)
            return false;
        for (int i = 0; i < followers && p != end; ++i) {
            if ((*p++ & 0xc0) != 0x80)
                return false;
        }
    }
    return true;
}

QString explainBytes(QByteArrayView bytes, quint64 maxPayloadBytes)
{
    QStringList claims;
    for (const FrameFormat format : FrameFormat::all()) {
        if (format.hasPrefix() && bytes.size() >= format.prefixBytes())
            claims << claim(format, readPrefix(format, bytes.data()));
    }
    QString text = u"First bytes: "_s % hexPreview(bytes);
    if (isText(bytes))
        text += u" (“"_s % QString::fromUtf8(bytes.first(std::min<qsizetype>(bytes.size(), 16))).simplified()
            % u"”)"_s;
    if (!claims.isEmpty()) {
        text += u". As a length they would be: "_s % claims.join(u", "_s) % u" (limit "_s
            % grouped(maxPayloadBytes) % u" bytes)"_s;
    }
    if (const std::optional<Recognised> known = recognise(bytes))
        text += u". It looks like "_s % known->name;
    return text % u'.';
}

QString explainFrameEnd(QByteArrayView header)
{
    if (header.startsWith("\r\n"))
        return u"The header begins with 0d 0a: it looks as if the sender ends each frame with CR LF. Leave that out."_s;
    if (header.startsWith('\n'))
        return u"The header begins with 0a: it looks as if the sender ends each frame with a line feed. Leave that out."_s;
    return {};
}

QString explainHeader(FrameFormat format, QByteArrayView bytes, QByteArrayView before,
                      quint64 maxPayloadBytes)
{
    const int width = format.prefixBytes();
    if (width == 0 || bytes.size() < width)
        return {};

    if (before.size() >= width) {
        // If the frame before counted its own header, we took the first bytes of this frame for its last
        // ones.
        const quint64 length = readPrefix(format, before.end() - width);
        if (length > quint64(width) && length <= maxPayloadBytes
            && length - quint64(width) <= quint64(bytes.size())) {
            return u"It may be that the sender counts the %1 bytes of the header in its lengths: it must "
                   u"count the "
                   "payload only."_s.arg(width);
        }
    }
    const QString frameEnd = explainFrameEnd(bytes);
    if (!frameEnd.isEmpty())
        return frameEnd;
    if (const std::optional<Recognised> known = recognise(bytes))
        return u"It looks like %1."_s.arg(known->name);

    const quint64 length = readPrefix(format, bytes.data());
    if (length == quint64(bytes.size()) && length > quint64(width)) {
        return u"The length is exactly what came with the header included: it may be that the sender counts "
               u"the header "
               "in. It must count the payload only."_s;
    }
    if (const std::optional<FrameFormat> other = otherByteOrder(format)) {
        const quint64 swapped = readPrefix(*other, bytes.data());
        if (length > maxPayloadBytes && swapped <= maxPayloadBytes) {
            return u"Read as %1 it would be %2 bytes: the byte order may be swapped."_s.arg(other->toString(),
                                                                                            grouped(swapped));
        }
    }
    if (length > maxPayloadBytes && isText(bytes))
        return u"These bytes are text: the sender may speak lines."_s;
    return {};
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/framing/formatdetector.h"

#include "common/framing/byteexplainer.h"
#include "common/framing/prefix.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

using Outcome = Detection::Outcome;

/// The record type and major version of a TLS handshake (RFC 8446, 5.1), and where its first message's type
/// stands.
constexpr char kTlsHandshake = 0x16;
constexpr char kTlsMajor = 0x03;
constexpr char kTlsClientHello = 0x01;
constexpr qsizetype kTlsBytes = 6;

/// As many as hold the lengths of the record and of the ClientHello in it, and the ClientHello's version.
constexpr qsizetype kWholeTlsBytes = 11;

/// CBOR's self-description tag 55799 (RFC 8949, 3.4.6) right after a four-byte length.
constexpr QByteArrayView kChatTag("\xd9\xd9\xf7", 3);
constexpr qsizetype kChatBytes = 7;

/// Where both byte orders fit, a first message so many times shorter than the other reading is taken for the
/// true one: with a limit of 16 MiB or more, `00 00 00 01` is rather one byte than 16 MiB.
constexpr quint64 kFarLarger = 65'536;

bool mayBeTls(QByteArrayView bytes)
{
    return bytes[0] == kTlsHandshake && (bytes.size() < 2 || bytes[1] == kTlsMajor)
        && (bytes.size() < 3 || (bytes[2] >= 1 && bytes[2] <= 4))
        && (bytes.size() < kTlsBytes || bytes[5] == kTlsClientHello);
}

/// Looks at more bytes than mayBeTls(): the ClientHello fills the record or goes on in the next one.
bool isSurelyTls(QByteArrayView bytes)
{
    const auto byte = [&](qsizetype at) {
        return quint32(quint8(bytes[at]));
    };
    const quint32 record = byte(3) << 8 | byte(4);
    const quint32 hello = byte(6) << 16 | byte(7) << 8 | byte(8);
    return mayBeTls(bytes) && hello + 4 >= record && bytes[9] == kTlsMajor;
}

bool mayBeChat(QByteArrayView bytes)
{
    if (bytes[0] != 0 || (bytes.size() >= 2 && bytes[1] != 0))
        return false;
    if (bytes.size() < 4)
        return true;
    if (readPrefix(FrameFormat::U32BE, bytes.data()) < quint64(kChatTag.size()))
        return false;
    const QByteArrayView payload = bytes.sliced(4, qMin(bytes.size() - 4, kChatTag.size()));
    return kChatTag.startsWith(payload);
}

Detection plain(FrameFormat format, QString remark = {})
{
    return {Outcome::Plain, format, std::move(remark)};
}

Detection lines(QByteArrayView bytes)
{
    const std::optional<Recognised> known = recognise(bytes);
    return plain(FrameFormat::Lines,
                 known && known->isProtocol ? QString(u"It looks like "_s % known->name % u'.') : QString());
}

} // namespace

Detection detectFormat(QByteArrayView first, PeerProgress progress, FrameFormat defaultFormat,
                       quint64 maxPayloadBytes)
{
    if (first.isEmpty())
        return {};
    first = first.first(qMin(first.size(), kDetectionBytes));

    if (mayBeTls(first)) {
        if (first.size() >= kTlsBytes)
            return {Outcome::Tls, {}, {}};
        if (progress == PeerProgress::MayGoOn)
            return {};
    }
    if (mayBeChat(first)) {
        if (first.size() >= kChatBytes)
            return {Outcome::Chat, FrameFormat::U32BE, {}};
        if (progress == PeerProgress::MayGoOn)
            return {};
    }

    if (first.size() < 4) {
        const bool whole
            = first.endsWith('\n') ? progress != PeerProgress::MayGoOn : progress == PeerProgress::Ended;
        if (whole && isText(first))
            return lines(first);
        if (progress == PeerProgress::Ended)
            return {
                Outcome::Refused,
                {},
                u"The connection ended after %1 bytes, too few to tell how it speaks. "_s.arg(first.size())
                    % explainBytes(first, maxPayloadBytes)};
        return {};
    }

    if (isText(first.first(4)))
        return lines(first);
    const quint64 little = readPrefix(FrameFormat::U32LE, first.data());
    const quint64 big = readPrefix(FrameFormat::U32BE, first.data());
    const bool littleFits = little <= maxPayloadBytes;
    const bool bigFits = big <= maxPayloadBytes;
    if (littleFits && (!bigFits || little < big / kFarLarger))
        return plain(FrameFormat::U32LE);
    if (bigFits && (!littleFits || big < little / kFarLarger))
        return plain(FrameFormat::U32BE);
    if (littleFits)
        return plain(defaultFormat);
    return {
        Outcome::Refused, {}, u"No format fits the first bytes. "_s % explainBytes(first, maxPayloadBytes)};
}

Detection detectChat(QByteArrayView first, PeerProgress progress, FrameFormat format, bool tls)
{
    if (first.isEmpty())
        return {};
    if (tls && mayBeTls(first)) {
        if (first.size() >= kWholeTlsBytes && isSurelyTls(first))
            return {Outcome::Tls, {}, {}};
        if (first.size() < kWholeTlsBytes && progress == PeerProgress::MayGoOn)
            return {};
    }
    if (mayBeChat(first)) {
        if (first.size() >= kChatBytes)
            return {Outcome::Chat, FrameFormat::U32BE, {}};
        if (progress == PeerProgress::MayGoOn)
            return {};
    }
    return plain(format);
}

} // namespace wireroom

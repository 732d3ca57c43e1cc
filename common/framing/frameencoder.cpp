// SPDX-License-Identifier: Apache-2.0
#include "common/framing/frameencoder.h"

#include "common/framing/byteexplainer.h"
#include "common/framing/prefix.h"

#include <array>

using namespace Qt::StringLiterals;

namespace wireroom {

std::optional<QString> whyNotFramed(FrameFormat format, QByteArrayView payload)
{
    if (quint64(payload.size()) <= format.largestPayloadBytes())
        return std::nullopt;
    return u"The message has %1 bytes; a %2 frame holds %3 at most."_s.arg(
        grouped(quint64(payload.size())), format.toString(), grouped(format.largestPayloadBytes()));
}

void appendFrame(QByteArray &out, FrameFormat format, QByteArrayView payload)
{
    Q_ASSERT(!format.isAuto() && !whyNotFramed(format, payload));
    if (format.hasPrefix()) {
        std::array<char, 8> header;
        writePrefix(format, quint64(payload.size()), header.data());
        out.append(header.data(), format.prefixBytes());
    }
    out.append(payload);
    if (format.kind() == FrameFormat::Lines)
        out.append('\n');
}

QByteArray frameBeginning(FrameFormat format, quint64 payloadBytes)
{
    Q_ASSERT(!format.isAuto() && payloadBytes <= format.largestPayloadBytes());
    QByteArray prefix(format.prefixBytes(), Qt::Uninitialized);
    if (format.hasPrefix())
        writePrefix(format, payloadBytes, prefix.data());
    return prefix;
}

QByteArray frameEnd(FrameFormat format)
{
    return format.kind() == FrameFormat::Lines ? QByteArray("\n") : QByteArray();
}

QByteArray encodeFrame(FrameFormat format, QByteArrayView payload)
{
    QByteArray frame;
    frame.reserve(payload.size() + format.prefixBytes() + 1);
    appendFrame(frame, format, payload);
    return frame;
}

} // namespace wireroom

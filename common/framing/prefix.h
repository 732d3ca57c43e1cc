// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/frameformat.h"

#include <QtEndian>

#include <optional>

namespace wireroom {

/// Reads the length prefix of a format that has one; `bytes` hold at least prefixBytes().
inline quint64 readPrefix(FrameFormat format, const char *bytes)
{
    switch (format.kind()) {
    case FrameFormat::U8:
        return quint8(*bytes);
    case FrameFormat::U16LE:
        return qFromLittleEndian<quint16>(bytes);
    case FrameFormat::U16BE:
        return qFromBigEndian<quint16>(bytes);
    case FrameFormat::U32LE:
        return qFromLittleEndian<quint32>(bytes);
    case FrameFormat::U32BE:
        return qFromBigEndian<quint32>(bytes);
    case FrameFormat::U64LE:
        return qFromLittleEndian<quint64>(bytes);
    case FrameFormat::U64BE:
        return qFromBigEndian<quint64>(bytes);
    case FrameFormat::Auto:
    case FrameFormat::Lines:
    case FrameFormat::Stream:
        break;
    }
    Q_UNREACHABLE();
    return 0;
}

/// Writes the length prefix of a format that has one; `bytes` have room for prefixBytes().
inline void writePrefix(FrameFormat format, quint64 length, char *bytes)
{
    const int width = format.prefixBytes();
    for (int i = 0; i < width; ++i) {
        const int shift = 8 * (format.isBigEndian() ? width - 1 - i : i);
        bytes[i] = char(length >> shift & 0xff);
    }
}

/// The same width in the other byte order, where there is one.
inline std::optional<FrameFormat> otherByteOrder(FrameFormat format)
{
    switch (format.kind()) {
    case FrameFormat::U16LE:
        return FrameFormat::U16BE;
    case FrameFormat::U16BE:
        return FrameFormat::U16LE;
    case FrameFormat::U32LE:
        return FrameFormat::U32BE;
    case FrameFormat::U32BE:
        return FrameFormat::U32LE;
    case FrameFormat::U64LE:
        return FrameFormat::U64BE;
    case FrameFormat::U64BE:
        return FrameFormat::U64LE;
    default:
        return std::nullopt;
    }
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/framing/frameformat.h"

#include <iterator>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

struct Row
{
    FrameFormat::Kind kind;
    QLatin1StringView text;
    QLatin1StringView description;
};

constexpr Row kRows[] = {
    {FrameFormat::Auto, "auto"_L1, "automatic"_L1},
    {FrameFormat::U8, "u8"_L1, "1-byte length"_L1},
    {FrameFormat::U16LE, "u16le"_L1, "2-byte little-endian"_L1},
    {FrameFormat::U16BE, "u16be"_L1, "2-byte big-endian"_L1},
    {FrameFormat::U32LE, "u32le"_L1, "4-byte little-endian"_L1},
    {FrameFormat::U32BE, "u32be"_L1, "4-byte big-endian"_L1},
    {FrameFormat::U64LE, "u64le"_L1, "8-byte little-endian"_L1},
    {FrameFormat::U64BE, "u64be"_L1, "8-byte big-endian"_L1},
    {FrameFormat::Lines, "lines"_L1, "lines of text"_L1},
    {FrameFormat::Stream, "stream"_L1, "one message until close"_L1},
};

constexpr FrameFormat::Kind kOrder[] = {
    FrameFormat::Auto,  FrameFormat::U32LE, FrameFormat::U32BE, FrameFormat::Lines, FrameFormat::U16LE,
    FrameFormat::U16BE, FrameFormat::U8,    FrameFormat::U64LE, FrameFormat::U64BE, FrameFormat::Stream,
};
static_assert(std::size(kOrder) == std::size(kRows));

} // namespace

quint64 FrameFormat::largestPayloadBytes() const
{
    const int width = prefixBytes();
    return width == 0 || width == 8 ? std::numeric_limits<quint64>::max() : (quint64{1} << (8 * width)) - 1;
}

QString FrameFormat::toString() const
{
    return kRows[m_kind].text;
}

QString FrameFormat::description() const
{
    return kRows[m_kind].description;
}

std::optional<FrameFormat> FrameFormat::fromString(QStringView text)
{
    text = text.trimmed();
    for (const Row &row : kRows) {
        if (text.compare(row.text, Qt::CaseInsensitive) == 0)
            return FrameFormat(row.kind);
    }
    return std::nullopt;
}

std::span<const FrameFormat::Kind> FrameFormat::all()
{
    return kOrder;
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <QStringView>

#include <optional>
#include <span>

namespace wireroom {

/// The payload limit where nobody set one: 16 MiB.
inline constexpr quint64 kDefaultMaxPayloadBytes = 16u * 1024 * 1024;

/// The largest limit that can be set for formats other than `u64le` and `u64be`: 2 GiB - 1.
inline constexpr quint64 kLargestMaxPayloadBytes = 0x7fffffff;

/// How a byte stream becomes messages: one value with a text form that command lines, files and windows
/// share.
///
/// | text     | bytes                                                        | example for "hi" |
/// |----------|--------------------------------------------------------------|---------------------------------|
/// | `u8`     | 1-byte length, then that many bytes                          | `02 68 69` | | `u16le`  |
/// 2-byte length, little-endian                                 | `02 00 68 69`                   | | `u16be`
/// | 2-byte length, big-endian                                    | `00 02 68 69`                   | |
/// `u32le`  | 4-byte length, little-endian (.NET BitConverter, C structs)  | `02 00 00 00 68 69` | | `u32be`
/// | 4-byte length, big-endian (Java, Netty, Go, Erlang)          | `00 00 00 02 68 69`             | |
/// `u64le`  | 8-byte length, little-endian                                 | `02 00 00 00 00 00 00 00 68 69`
/// | | `u64be`  | 8-byte length, big-endian                                    | `00 00 00 00 00 00 00 02 68
/// 69` | | `lines`  | up to a line feed; a carriage return before it is dropped    | `68 69 0a` | | `stream`
/// | everything until the sender closes is one message            | `68 69` and the end             | |
/// `auto`   | server only: found out for each connection                   | |
class FrameFormat
{
public:
    enum Kind : quint8 { Auto, U8, U16LE, U16BE, U32LE, U32BE, U64LE, U64BE, Lines, Stream };

    constexpr FrameFormat(Kind kind = U32LE) : m_kind(kind) { }

    constexpr Kind kind() const { return m_kind; }

    constexpr bool isAuto() const { return m_kind == Auto; }

    constexpr bool hasPrefix() const { return m_kind >= U8 && m_kind <= U64BE; }

    /// Width of the length prefix in bytes; 0 for `lines`, `stream` and `auto`.
    constexpr int prefixBytes() const
    {
        constexpr quint8 widths[] = {0, 1, 2, 2, 4, 4, 8, 8, 0, 0};
        return widths[m_kind];
    }

    /// The highest payload limit that can be set: what the prefix can say, and memory could hold.
    constexpr quint64 largestMaxPayloadBytes() const
    {
        return prefixBytes() == 8 ? quint64{1} << 62 : kLargestMaxPayloadBytes;
    }

    constexpr bool isBigEndian() const { return m_kind == U16BE || m_kind == U32BE || m_kind == U64BE; }

    /// The largest payload, in bytes, that the prefix can express; the largest quint64 where there is no
    /// prefix.
    quint64 largestPayloadBytes() const;

    /// The text form: `u32le`.
    QString toString() const;

    /// For people: "4-byte little-endian".
    QString description() const;

    /// The format with that text form (any case, surrounding blanks ignored), or nothing.
    static std::optional<FrameFormat> fromString(QStringView text);

    /// Every format in the order people expect in a list; `auto` first.
    static std::span<const Kind> all();

    friend constexpr bool operator==(FrameFormat, FrameFormat) = default;

private:
    Kind m_kind;
};

} // namespace wireroom

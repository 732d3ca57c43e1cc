// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/hostport.h"
#include "common/base/result.h"

#include <QString>

#include <optional>

namespace wireroom::faults {

/// A number of bytes, or one that is drawn for each connection.
struct ByteRange
{
    quint64 least = 0;
    quint64 most = 0;
    friend bool operator==(const ByteRange &, const ByteRange &) = default;
};

/// What goes wrong with bytes on their way in one direction; by itself nothing.
struct DirectionFaults
{
    qint64 delayMs = 0;
    qint64 jitterMs = 0;  ///< added to the delay, 0 to this
    qint64 splitMost = 0; ///< pieces of 1 to so many bytes
    qint64 glueMs = 0;    ///< what comes in this time leaves together
    qint64 dripPerSecond = 0;
    std::optional<ByteRange> cut;
    std::optional<ByteRange> reset;
    std::optional<ByteRange> halfClose;
    std::optional<ByteRange> blackHole;
    qint64 blackHoleMs = 0; ///< 0: for good
    double flipChance = 0;  ///< of each byte
    friend bool operator==(const DirectionFaults &, const DirectionFaults &) = default;
};

/// `up` is from whoever connects to the proxy, `down` is the way back.
enum class Direction : quint8 { Up, Down };

struct FaultOptions
{
    HostPort listen{QStringLiteral("127.0.0.1"), 0};
    HostPort to;
    quint64 seed = 0;
    DirectionFaults up;
    DirectionFaults down;
};

/// Takes one option's value, `[up:|down:]VALUE`; without a direction it is meant for both. The error says
/// what is wrong with it.
///
/// | name                            | VALUE                                             |
/// |---------------------------------|---------------------------------------------------|
/// | delay                           | milliseconds, or MS~JITTER                        |
/// | split, glue, drip               | bytes, milliseconds, bytes a second               |
/// | cut, reset, half-close          | bytes, or LEAST-MOST                              |
/// | black-hole                      | the same, then perhaps `,` and milliseconds       |
/// | bit-flip                        | 0 to 1                                            |
Result<bool> setFault(FaultOptions &options, QStringView name, QStringView value);

} // namespace wireroom::faults

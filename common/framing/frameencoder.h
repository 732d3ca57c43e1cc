// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/frameformat.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace wireroom {

/// Payload in, bytes for the wire out. `format` is not `auto`. Any thread, no state.
///
/// `lines` and `stream` take the payload as it is: a line feed inside it makes two lines at the other end,
/// and what ends a `stream` message is the end of the connection.

/// Why the payload cannot be framed so (longer than the prefix can say), for people; nothing where it can.
std::optional<QString> whyNotFramed(FrameFormat format, QByteArrayView payload);

/// Appends one frame to `out`, so that many frames can share one buffer. Only where whyNotFramed() is empty.
void appendFrame(QByteArray &out, FrameFormat format, QByteArrayView payload);

/// One frame by itself. Only where whyNotFramed() is empty.
QByteArray encodeFrame(FrameFormat format, QByteArrayView payload);

/// What of a frame comes before the payload, and what after it: where the payload is too long to be copied.
QByteArray frameBeginning(FrameFormat format, quint64 payloadBytes);
QByteArray frameEnd(FrameFormat format);

} // namespace wireroom

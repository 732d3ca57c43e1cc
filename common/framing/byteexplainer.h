// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/frameformat.h"

#include <QByteArrayView>
#include <QString>

#include <optional>

namespace wireroom {

/// Sentences about bytes that make no sense in the format that they were expected in. Any thread, no state.

/// The first `most` bytes as `47 45 54 20 …`.
QString hexPreview(QByteArrayView bytes, qsizetype most = 16);

/// A number with thousands separated, the same on every system: `16,777,216`.
QString grouped(quint64 value);

/// What the beginning of a connection or a frame is known to look like.
struct Recognised
{
    QString name;            ///< "an HTTP request (a web browser?)"
    bool isProtocol = false; ///< a greeting of another protocol, rather than a kind of data
};

std::optional<Recognised> recognise(QByteArrayView bytes);

/// True where the bytes are printable text in UTF-8 (tabs and line ends count); a character cut off at the
/// end is forgiven. False for no bytes.
bool isText(QByteArrayView bytes);

/// The bytes, the length that they would claim in each format with a prefix, and what they look like.
QString explainBytes(QByteArrayView bytes, quint64 maxPayloadBytes);

/// What a prefix, or the part of it that is there, tells of a sender that ends its frames as lines are ended.
/// Empty where it tells nothing.
QString explainFrameEnd(QByteArrayView header);

/// Why a prefix that claims too much (or waits in vain) may be wrong: read in the other byte order it would
/// fit, the sender counts the header in, the sender ends each frame with CR LF, it is another protocol. Empty
/// where nothing fits.
///
/// `bytes` begin at the prefix; `before` is what lies right before it in the same chunk, as far as it is
/// known.
QString explainHeader(FrameFormat format, QByteArrayView bytes, QByteArrayView before,
                      quint64 maxPayloadBytes);

} // namespace wireroom

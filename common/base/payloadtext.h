// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>
#include <QStringView>

#include <functional>

namespace wireroom {

/// How the text that a person typed becomes a payload.
enum class PayloadMode : quint8 {
    Text,    ///< as it is, in UTF-8
    Hex,     ///< `00 ff 0d0a`; blanks, commas, colons, dashes and `0x` between bytes are ignored
    Escapes, ///< text in which `\r \n \t \0 \a \b \e \f \v \\ \xHH \uHHHH` stand for bytes and characters
};

/// Reads what a person typed. The error says in words what is wrong and at which character, counted from 1.
Result<QByteArray> payloadFromTyped(PayloadMode mode, QStringView typed);

/// True where the payload is to be shown as text: valid UTF-8.
bool isShownAsText(QByteArrayView payload);

/// One line for a list: text with its invisible characters made visible (control pictures such as ␍,
/// bidirectional overrides as \u202e) where `asText`, otherwise hex. At most about `maxChars` characters,
/// ending in … where something is missing; looks at no more of the payload than it shows, whatever its size.
QString payloadLine(QByteArrayView payload, bool asText, qsizetype maxChars = 200);

/// Several lines for reading: as payloadLine(), but line feeds (with a carriage return or without) and tabs
/// do what they are for, and nothing is cut.
QString payloadText(QByteArrayView payload);

/// Lower-case hex pairs with a blank between them.
QString payloadHex(QByteArrayView payload);

/// payloadText() of a text, otherwise `hex: ` and payloadHex(): in UTF-8, and in pieces of about `pieceBytes`
/// (8 at least) of the payload, so that one of any size takes next to no memory besides its own. `write`
/// returns false to end it.
void writePayload(QByteArrayView payload, const std::function<bool(QByteArrayView)> &write,
                  qsizetype pieceBytes = 64 * 1024);

/// Lines of offset, hex pairs and ASCII, as in a debugger. `firstOffset` is what the first byte is counted
/// as.
QString payloadHexDump(QByteArrayView payload, int bytesPerLine = 16, quint64 firstOffset = 0);

} // namespace wireroom

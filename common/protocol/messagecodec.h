// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/protocol/message.h"

#include <QByteArrayView>

namespace wireroom::chat {

/// Messages to bytes and back: CBOR arrays in u32be frames, see PROTOCOL.md. No state, any thread.
///
/// | no. | message | no. | message  | no. | message  | no. | message      |
/// |-----|---------|-----|----------|-----|----------|-----|--------------|
/// | 1   | Hello   | 5   | Stored   | 9   | Presence | 13  | HistoryQuery |
/// | 2   | Welcome | 6   | Delivery | 10  | Rename   | 14  | HistoryPage  |
/// | 3   | Refused | 7   | Ack      | 11  | Ping     | 15  | Notice       |
/// | 4   | Post    | 8   | Receipts | 12  | Pong     | 16  | Bye          |

enum class FirstFrame : bool { No, Yes };

/// Appends the message as one frame, prefix included. The first frame that a side sends begins with CBOR's
/// self-description tag (d9 d9 f7).
void appendMessageFrame(QByteArray &out, const Message &message, FirstFrame first = FirstFrame::No);

/// The same for one Delivery, without a variant: what a server sends most.
void appendDeliveryFrame(QByteArray &out, const Delivery &delivery);

QByteArray encodeMessageFrame(const Message &message, FirstFrame first = FirstFrame::No);

/// Why a payload is no message.
struct CodecError
{
    enum class Kind : quint8 {
        Malformed,   ///< no CBOR, a wrong type, a field missing, too deep, no UTF-8
        UnknownType, ///< well-formed, but of a type that this version does not know
        WrongSide,   ///< of a type that only a server says; its fields were not read
    };
    Kind kind = Kind::Malformed;
    quint64 type = 0; ///< the message's, as far as it was read
    QString text;     ///< a sentence: which field, what was expected, what came
};

using Decoded = std::variant<Message, CodecError>;

/// Who said it: a client's messages are those that a server has to read.
enum class Sender : quint8 { Anyone, Client };

/// Reads one frame's payload; the tag may be there or not. Fields that it does not know (at the end of an
/// array) are skipped. Memory: at most a small multiple of the payload's size, whatever counts it claims;
/// nesting deeper than 4 is refused. Of a client's message the time has a limit as well, but for what it
/// takes to copy and check long text: strings in too many pieces, lists of too many IDs and too many unknown
/// elements are refused (WireReader has the figures).
Decoded decodeMessage(QByteArrayView payload, Sender sender = Sender::Anyone);

/// True for a name that can be taken: 1 to kMaxNameLength characters, none of them a control, formatting or
/// line-separating one (but the joiners that some scripts and emoji need inside), no blank at either end.
bool isAcceptableName(const QString &name);

/// How a presence or a kind is written on the wire: "online", "away", "offline"; "text", "bytes".
QLatin1StringView toString(PresenceState state);
QLatin1StringView toString(BodyKind kind);

} // namespace wireroom::chat

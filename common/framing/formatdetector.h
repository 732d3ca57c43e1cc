// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/frameformat.h"

#include <QByteArrayView>
#include <QString>

namespace wireroom {

/// What the first bytes of a connection say about how the peer speaks.
struct Detection
{
    enum class Outcome : quint8 {
        NeedMore, ///< not enough bytes to tell
        Plain,    ///< `format` is it
        Tls,      ///< a TLS ClientHello
        Chat,     ///< Wireroom's chat protocol
        Refused,  ///< nobody can tell; `text` explains the bytes
    };
    Outcome outcome = Outcome::NeedMore;
    FrameFormat format;
    QString text; ///< Plain: a remark worth logging ("looks like a web browser"), mostly empty. Refused: why
};

/// How far the peer has got besides the bytes that are there.
enum class PeerProgress : quint8 {
    MayGoOn, ///< more bytes may come any moment
    Quiet,   ///< nothing more came for kQuietPeriod
    Ended,   ///< nothing more will come
};

/// What a person or a program needs at most between two halves of a short greeting.
inline constexpr int kQuietPeriodMs = 250;

/// As many first bytes as a decision may look at.
inline constexpr qsizetype kDetectionBytes = 64;

/// Decides from the first bytes, without consuming them; asked again with more until it does not answer
/// NeedMore.
///
/// | first bytes                                             | decision                                    |
/// |---------------------------------------------------------|---------------------------------------------|
/// | `16 03 0x …` with a ClientHello (1) in byte 5           | TLS                                         |
/// | `00 00 xx xx d9 d9 f7`                                  | the chat protocol                           |
/// | four bytes of text                                      | `lines`                                     |
/// | within the limit as `u32le` only, or as `u32be` only    | that one                                    |
/// | within it as both, one far (65,536 times) shorter       | the shorter one                             |
/// | within it as both                                       | `defaultFormat`                             |
/// | up to three bytes of text that end in LF, then silence  | `lines`                                     |
/// | anything else                                           | refused, explained                          |
///
/// Text goes before the lengths because with a limit above 500 MB four letters would pass for one.
Detection detectFormat(QByteArrayView first, PeerProgress progress, FrameFormat defaultFormat,
                       quint64 maxPayloadBytes);

/// The same where plain clients are known to speak `format` (not `auto`): only the chat protocol is told from
/// it and, where it is asked for, a TLS ClientHello (by eleven bytes, as six could be a frame's). Outcomes:
/// NeedMore, Chat, Tls, Plain.
Detection detectChat(QByteArrayView first, PeerProgress progress, FrameFormat format, bool tls = false);

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "common/framing/formatdetector.h"
#include "tests/fuzz/fuzzinput.h"
#include "tests/fuzz/fuzztargets.h"

#include <limits>
#include <optional>

using namespace Qt::StringLiterals;

namespace wireroom::fuzz {

namespace {

constexpr quint64 kLimits[]{0,
                            1,
                            255,
                            65'535,
                            kDefaultMaxPayloadBytes,
                            500'000'000,
                            kLargestMaxPayloadBytes,
                            std::numeric_limits<quint64>::max()};
constexpr FrameFormat kDefaults[]{FrameFormat::U32LE, FrameFormat::U32BE, FrameFormat::Lines, FrameFormat::U8,
                                  FrameFormat::Stream};
constexpr PeerProgress kProgress[]{PeerProgress::MayGoOn, PeerProgress::Quiet, PeerProgress::Ended};

/// So many bytes decide.
constexpr qsizetype kDeciding = 7;

void checkWords(const Detection &detection)
{
    using Outcome = Detection::Outcome;
    WIREROOM_FUZZ_CHECK(detection.outcome != Outcome::Plain || !detection.format.isAuto(),
                        u"plain, but no format"_s);
    WIREROOM_FUZZ_CHECK(detection.outcome != Outcome::Chat || detection.format == FrameFormat::U32BE,
                        u"chat in another format than u32be"_s);
    WIREROOM_FUZZ_CHECK(detection.outcome != Outcome::Refused || !detection.text.isEmpty(),
                        u"refused without a word"_s);
    WIREROOM_FUZZ_CHECK(detection.text.isValidUtf16(), u"no valid text"_s);
}

} // namespace

void runDetector(QByteArrayView input)
{
    using Outcome = Detection::Outcome;
    Input in(input);
    const quint64 limit = in.oneOf(kLimits);
    const FrameFormat format = in.oneOf(kDefaults);
    const QByteArrayView all = in.rest();

    // As a peer writes it byte by byte: once it is decided, more bytes change nothing.
    std::optional<Detection> decided;
    std::optional<Detection> decidedChat;
    for (qsizetype count = 0; count <= all.size(); count += count < kDeciding ? 1 : 28) {
        const Exact bytes(all.first(count));
        for (const PeerProgress progress : kProgress) {
            const Detection detection = detectFormat(bytes.view(), progress, format, limit);
            checkWords(detection);
            const Detection chat = detectChat(bytes.view(), progress, format);
            checkWords(chat);
            WIREROOM_FUZZ_CHECK(chat.outcome == Outcome::NeedMore || chat.outcome == Outcome::Chat
                                    || (chat.outcome == Outcome::Plain && chat.format == format),
                                u"with a known format there is it and the chat protocol"_s);
            if (count == 0) {
                WIREROOM_FUZZ_CHECK(detection.outcome == Outcome::NeedMore, u"decided on nothing"_s);
                continue;
            }
            if (progress == PeerProgress::Ended) {
                WIREROOM_FUZZ_CHECK(detection.outcome != Outcome::NeedMore
                                        && chat.outcome != Outcome::NeedMore,
                                    u"waits for more after the end"_s);
            }
            if (progress != PeerProgress::MayGoOn)
                continue;
            WIREROOM_FUZZ_CHECK(count < kDeciding || detection.outcome != Outcome::NeedMore,
                                u"seven bytes decide nothing"_s);
            if (decided) {
                WIREROOM_FUZZ_CHECK(detection.outcome == decided->outcome
                                        && detection.format == decided->format,
                                    u"changed its mind at byte %1"_s.arg(count));
            } else if (detection.outcome != Outcome::NeedMore) {
                decided = detection;
            }
            if (decidedChat) {
                WIREROOM_FUZZ_CHECK(chat.outcome == decidedChat->outcome,
                                    u"changed its mind about chat at byte %1"_s.arg(count));
            } else if (chat.outcome != Outcome::NeedMore) {
                decidedChat = chat;
            }
        }
    }
    const Exact whole(all);
    checkWords(detectFormat(whole.view(), PeerProgress::Ended, format, limit));
}

} // namespace wireroom::fuzz

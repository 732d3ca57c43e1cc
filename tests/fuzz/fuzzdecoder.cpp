// SPDX-License-Identifier: Apache-2.0
#include "common/framing/framedecoder.h"
#include "tests/fuzz/fuzzinput.h"
#include "tests/fuzz/fuzztargets.h"

#include <limits>
#include <vector>

using namespace Qt::StringLiterals;

namespace wireroom::fuzz {

namespace {

constexpr quint64 kLimits[]{0,
                            1,
                            2,
                            3,
                            16,
                            255,
                            256,
                            1'000,
                            65'536,
                            kDefaultMaxPayloadBytes,
                            kLargestMaxPayloadBytes,
                            std::numeric_limits<quint64>::max()};
constexpr FrameFormat kFormats[]{FrameFormat::U8,    FrameFormat::U16LE, FrameFormat::U16BE,
                                 FrameFormat::U32LE, FrameFormat::U32BE, FrameFormat::U64LE,
                                 FrameFormat::U64BE, FrameFormat::Lines, FrameFormat::Stream};

struct Expected
{
    std::vector<QByteArray> payloads;
    bool isTooLarge = false;
    bool isTruncated = false; ///< at the end
    quint64 claimed = 0;      ///< with a prefix
};

Expected expectPrefixed(FrameFormat format, quint64 limit, QByteArrayView all)
{
    Expected expected;
    const qsizetype width = format.prefixBytes();
    qsizetype at = 0;
    while (all.size() - at >= width) {
        quint64 length = 0;
        for (qsizetype i = 0; i < width; ++i)
            length = length << 8 | quint8(all[at + (format.isBigEndian() ? i : width - 1 - i)]);
        if (length > limit) {
            expected.isTooLarge = true;
            expected.claimed = length;
            return expected;
        }
        if (length > quint64(all.size() - at - width)) {
            expected.isTruncated = true;
            expected.claimed = length;
            return expected;
        }
        expected.payloads.push_back(all.sliced(at + width, qsizetype(length)).toByteArray());
        at += width + qsizetype(length);
    }
    expected.isTruncated = at < all.size();
    return expected;
}

Expected expectLines(quint64 limit, QByteArrayView all)
{
    Expected expected;
    QByteArray line;
    for (const char byte : all) {
        if (byte != '\n') {
            line.append(byte);
            // One more than the limit may be the carriage return that does not count.
            expected.isTooLarge = quint64(line.size()) > limit + 1
                || (quint64(line.size()) == limit + 1 && !line.endsWith('\r'));
            if (expected.isTooLarge)
                return expected;
            continue;
        }
        if (line.endsWith('\r'))
            line.chop(1);
        expected.payloads.push_back(std::exchange(line, {}));
    }
    expected.isTruncated = !line.isEmpty();
    return expected;
}

Expected expectStream(quint64 limit, QByteArrayView all)
{
    Expected expected;
    expected.isTooLarge = quint64(all.size()) > limit;
    if (!expected.isTooLarge && !all.isEmpty())
        expected.payloads.push_back(all.toByteArray());
    return expected;
}

Expected expect(FrameFormat format, quint64 limit, QByteArrayView all)
{
    // What the decoder says that it holds at most.
    limit = std::min(limit, quint64(std::numeric_limits<qsizetype>::max() / 2));
    if (format.hasPrefix())
        return expectPrefixed(format, limit, all);
    return format == FrameFormat::Lines ? expectLines(limit, all) : expectStream(limit, all);
}

/// The sizes of the pieces: the whole, single bytes, or an irregular sequence that begins at `seed`.
class Pieces
{
public:
    explicit Pieces(quint8 seed) : m_seed(seed), m_state(seed) { }

    qsizetype next(qsizetype left)
    {
        if (m_seed == 0)
            return left;
        if (m_seed == 1)
            return 1;
        m_state = m_state * 1'103'515'245 + 12'345;
        return std::min<qsizetype>(left, (m_state >> 16) % (m_seed % 2 ? 7 : 200));
    }

private:
    quint8 m_seed;
    quint32 m_state;
};

} // namespace

void runDecoder(QByteArrayView input)
{
    Input in(input);
    const FrameFormat format = in.oneOf(kFormats);
    const quint64 limit = in.oneOf(kLimits);
    Pieces pieces(in.byte());
    const QByteArrayView all = in.rest();
    const Expected expected = expect(format, limit, all);

    FrameDecoder decoder(format, limit);
    std::vector<QByteArray> payloads;
    bool works = true;
    QByteArrayView left = all;
    while (!left.isEmpty()) {
        const Exact chunk(left.first(pieces.next(left.size())));
        left = left.sliced(chunk.view().size());
        const size_t before = payloads.size();
        const bool accepted = decoder.feed(chunk.view(), [&](Payload &payload) {
            const QByteArray seen = payload.view().toByteArray();
            if (const QByteArrayView frame = payload.frame(); !frame.isEmpty()) {
                WIREROOM_FUZZ_CHECK(frame.begin() >= chunk.view().begin()
                                        && frame.end() <= chunk.view().end(),
                                    u"a frame lies outside of what was fed"_s);
                WIREROOM_FUZZ_CHECK(frame.sliced(format.prefixBytes()) == seen,
                                    u"the frame has another payload"_s);
            }
            payloads.push_back(payload.take());
            WIREROOM_FUZZ_CHECK(payloads.back() == seen, u"what is taken is not what was seen"_s);
        });
        WIREROOM_FUZZ_CHECK(works || (!accepted && payloads.size() == before),
                            u"goes on after it has failed"_s);
        WIREROOM_FUZZ_CHECK(accepted == (decoder.state() != FrameDecoder::State::Failed),
                            u"the state is not what the answer says"_s);
        works = accepted;
        if (works && decoder.isInsideFrame())
            WIREROOM_FUZZ_CHECK(decoder.describeUnfinished().isValidUtf16(), u"no valid text"_s);
    }
    WIREROOM_FUZZ_CHECK(works == !expected.isTooLarge, u"another mind about the limit"_s);
    const bool isWhole = decoder.finish([&](Payload &payload) { payloads.push_back(payload.take()); });
    WIREROOM_FUZZ_CHECK(isWhole == !(expected.isTooLarge || expected.isTruncated),
                        u"another mind about the end"_s);
    WIREROOM_FUZZ_CHECK(payloads == expected.payloads, u"other payloads"_s);
    if (isWhole)
        return;
    const FrameError &error = decoder.error();
    WIREROOM_FUZZ_CHECK((error.kind == FrameError::Kind::TooLarge) == expected.isTooLarge,
                        u"another error"_s);
    WIREROOM_FUZZ_CHECK(!error.text.isEmpty() && error.text.isValidUtf16(), u"no valid text"_s);
    WIREROOM_FUZZ_CHECK(!format.hasPrefix() || error.claimedBytes == expected.claimed,
                        u"another length is claimed"_s);
    WIREROOM_FUZZ_CHECK(format.hasPrefix() || expected.isTruncated || error.claimedBytes > limit,
                        u"the length that is over the limit is not"_s);
}

} // namespace wireroom::fuzz

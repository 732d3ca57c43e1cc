// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/frameformat.h"
#include "common/framing/prefix.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace wireroom {

/// One frame's payload, valid during the call that hands it over.
class Payload
{
public:
    explicit Payload(QByteArrayView inPlace) : m_view(inPlace) { }

    /// `frame`: the whole frame that the payload lies in.
    Payload(QByteArrayView inPlace, QByteArrayView frame) : m_view(inPlace), m_frame(frame) { }

    /// `assembled`: the frame, of which the first bytes are the prefix.
    explicit Payload(QByteArray &assembled, qsizetype prefixBytes = 0)
        : m_view(QByteArrayView(assembled).sliced(prefixBytes)), m_assembled(&assembled)
    {
    }

    QByteArrayView view() const { return m_view; }

    /// The frame as it came, prefix included, where it lies whole in the chunk that was fed; empty elsewhere.
    /// Valid until feed() returns: frames that came together lie together.
    QByteArrayView frame() const { return m_frame; }

    /// The whole frame, prefix included, where it came in pieces and was put together: to be shared rather
    /// than copied. Null elsewhere.
    const QByteArray *assembledFrame() const
    {
        return m_assembled && m_assembled->size() > m_view.size() ? m_assembled : nullptr;
    }

    /// Keeps it: a payload that came in pieces is moved out (copied where its frame is shared), one that lies
    /// whole in the reader's buffer is copied. The view is the result's then. Call it once.
    QByteArray take()
    {
        if (!m_assembled)
            return m_view.toByteArray();
        // Moves no byte: an array may begin anywhere in its block.
        m_assembled->remove(0, m_assembled->size() - m_view.size());
        QByteArray taken = std::move(*m_assembled);
        m_view = taken;
        return taken;
    }

private:
    QByteArrayView m_view;
    QByteArrayView m_frame;
    QByteArray *m_assembled = nullptr;
};

/// Why a decoder failed. The text is a sentence or two for people, with sizes and what the bytes look like.
struct FrameError
{
    enum class Kind : quint8 {
        TooLarge,  ///< a frame over the limit
        Truncated, ///< the stream ended inside a frame
    };
    Kind kind = Kind::TooLarge;
    /// TooLarge: what the frame has (of lines and stream: at least); Truncated: what it needs.
    quint64 claimedBytes = 0;
    QString text;
};

/// Bytes in, frames out: a state machine without socket or thread.
///
/// Header there? → check the length against the limit → only then wait for the body. Frames that lie whole in
/// a chunk are handed over in place; only an unfinished tail is kept, in a buffer that grows with the bytes
/// that came. After an error it stays failed. A value of its owner's (one per connection and direction); any
/// one thread.
class FrameDecoder
{
public:
    enum class State : quint8 {
        Header, ///< between frames, or inside a prefix
        Body,   ///< inside a payload; for `lines` and `stream` the only state before an error
        Failed, ///< for good; error() says why
    };

    /// `format` is not `auto`. `maxPayloadBytes`: the largest payload accepted.
    explicit FrameDecoder(FrameFormat format, quint64 maxPayloadBytes = kDefaultMaxPayloadBytes);

    FrameFormat format() const { return m_format; }

    State state() const { return m_state; }

    const FrameError &error() const { return m_error; }

    /// True while some, but not all bytes of a frame are there.
    bool isInsideFrame() const
    {
        return m_headerBytes > 0 || !m_body.isEmpty() || (prefixed() && m_state == State::Body);
    }

    /// What the unfinished frame is known to need in all, prefix left out; 0 where that is not known.
    quint64 expectedBytes() const { return prefixed() && m_state == State::Body ? m_bodyBytes : 0; }

    /// Takes all of `chunk`; calls `sink(Payload &)` for each frame that it completes. False once failed.
    template <typename Sink> bool feed(QByteArrayView chunk, Sink &&sink)
    {
        if (m_state == State::Failed)
            return false;
        switch (m_format.kind()) {
        case FrameFormat::U8:
            return feedPrefixed<FrameFormat::U8>(chunk, sink);
        case FrameFormat::U16LE:
            return feedPrefixed<FrameFormat::U16LE>(chunk, sink);
        case FrameFormat::U16BE:
            return feedPrefixed<FrameFormat::U16BE>(chunk, sink);
        case FrameFormat::U32LE:
            return feedPrefixed<FrameFormat::U32LE>(chunk, sink);
        case FrameFormat::U32BE:
            return feedPrefixed<FrameFormat::U32BE>(chunk, sink);
        case FrameFormat::U64LE:
            return feedPrefixed<FrameFormat::U64LE>(chunk, sink);
        case FrameFormat::U64BE:
            return feedPrefixed<FrameFormat::U64BE>(chunk, sink);
        case FrameFormat::Lines:
            return feedLines(chunk, sink);
        case FrameFormat::Stream:
            return appendToStream(chunk);
        case FrameFormat::Auto:
            break;
        }
        Q_UNREACHABLE();
        return false;
    }

    /// Inside a large frame, `read(char *, qsizetype)` puts bytes right where they belong, and none of them
    /// is copied; its result (how many, or less than 1) is handed on. Nothing, and no call, where that is not
    /// worth it: feed() then.
    template <typename Read, typename Sink> std::optional<qint64> readBody(Read &&read, Sink &&sink)
    {
        const std::span<char> space = bodySpace();
        if (space.empty())
            return std::nullopt;
        const qint64 n = read(space.data(), qsizetype(space.size()));
        m_body.chop(qsizetype(space.size()) - qsizetype(std::max<qint64>(n, 0)));
        if (bodyBytesHere() == m_bodyBytes) {
            m_state = State::Header;
            handOverBody(sink);
        }
        return n;
    }

    /// The stream has ended: with `stream`, what came is the message (unless nothing came); inside a frame of
    /// any other format it is an error that says how much is missing. False once failed.
    template <typename Sink> bool finish(Sink &&sink)
    {
        if (m_state == State::Failed)
            return false;
        if (m_format.kind() == FrameFormat::Stream) {
            if (!m_body.isEmpty())
                handOverBody(sink);
            return true;
        }
        return !isInsideFrame() || failTruncated();
    }

    /// Words for a frame that was begun and does not go on: how much of how much came, and what may be wrong.
    QString describeUnfinished() const;

private:
    bool prefixed() const { return m_format.hasPrefix(); }

    /// Of the payload.
    quint64 bodyBytesHere() const
    {
        return m_body.isEmpty() ? 0 : quint64(m_body.size() - m_format.prefixBytes());
    }

    template <typename Sink> void handOverBody(Sink &sink)
    {
        QByteArray body = std::exchange(m_body, {});
        rememberTail(body);
        Payload payload(body, m_format.prefixBytes());
        sink(payload);
    }

    /// The last bytes before a prefix, which may be one themselves where the sender counts its headers in.
    void rememberTail(QByteArrayView before)
    {
        m_tailBytes = quint8(std::min<qsizetype>(before.size(), qsizetype(m_tail.size())));
        if (m_tailBytes > 0)
            std::memcpy(m_tail.data(), before.end() - m_tailBytes, m_tailBytes);
    }

    template <FrameFormat::Kind K, typename Sink> bool feedPrefixed(QByteArrayView chunk, Sink &sink)
    {
        constexpr qsizetype width = FrameFormat(K).prefixBytes();
        const char *p = chunk.begin();
        const char *const end = chunk.end();

        if (m_state == State::Header && m_headerBytes > 0) {
            const auto n = std::min<qsizetype>(width - m_headerBytes, end - p);
            std::memcpy(m_header.data() + m_headerBytes, p, size_t(n));
            m_headerBytes = quint8(m_headerBytes + n);
            p += n;
            if (m_headerBytes < width)
                return true;
            m_headerBytes = 0;
            if (!beginBody(readPrefix(K, m_header.data()), chunk, p))
                return false;
        }
        if (m_state == State::Body) {
            const auto n = qsizetype(std::min(m_bodyBytes - bodyBytesHere(), quint64(end - p)));
            appendToBody(p, n, m_bodyBytes);
            p += n;
            if (bodyBytesHere() < m_bodyBytes)
                return true;
            m_state = State::Header;
            handOverBody(sink);
        }
        while (end - p >= width) {
            const quint64 length = readPrefix(K, p);
            if (length > m_limit)
                return failTooLarge(length, QByteArrayView(p, end), QByteArrayView(chunk.begin(), p));
            if (length > quint64(end - p - width)) {
                std::memcpy(m_header.data(), p, size_t(width)); // for describeUnfinished()
                beginBody(length, chunk, p + width);
                appendToBody(p + width, end - p - width, m_bodyBytes);
                return true;
            }
            const qsizetype frameBytes = width + qsizetype(length);
            Payload payload(QByteArrayView(p + width, qsizetype(length)), QByteArrayView(p, frameBytes));
            p += frameBytes;
            sink(payload);
        }
        if (p - chunk.begin() >= width)
            rememberTail(QByteArrayView(chunk.begin(), p));
        m_headerBytes = quint8(end - p);
        if (m_headerBytes > 0)
            std::memcpy(m_header.data(), p, m_headerBytes);
        return true;
    }

    template <typename Sink> bool feedLines(QByteArrayView chunk, Sink &sink)
    {
        const char *p = chunk.begin();
        const char *const end = chunk.end();
        while (p != end) {
            const auto *lineFeed = static_cast<const char *>(std::memchr(p, '\n', size_t(end - p)));
            const char *const stop = lineFeed ? lineFeed : end;
            // One byte more than the limit may turn out to be the carriage return that does not count.
            const quint64 have = quint64(m_body.size()) + quint64(stop - p);
            if (have > m_limit && (have - m_limit > 1 || (stop != p && stop[-1] != '\r')))
                return failTooLarge(have, QByteArrayView(p, end), {});
            if (!lineFeed) {
                appendToBody(p, end - p, m_limit);
                return true;
            }
            if (m_body.isEmpty()) {
                const bool carriageReturn = stop != p && stop[-1] == '\r';
                Payload payload(QByteArrayView(p, stop - (carriageReturn ? 1 : 0)));
                p = lineFeed + 1;
                sink(payload);
            } else {
                appendToBody(p, stop - p, m_limit);
                if (m_body.endsWith('\r'))
                    m_body.chop(1);
                p = lineFeed + 1;
                if (quint64(m_body.size()) > m_limit)
                    return failTooLarge(quint64(m_body.size()), {}, {});
                handOverBody(sink);
            }
        }
        return true;
    }

    bool appendToStream(QByteArrayView chunk);
    bool beginBody(quint64 length, QByteArrayView chunk, const char *rest);
    void appendToBody(const char *bytes, qsizetype count, quint64 wanted);
    void makeRoom(quint64 needed, quint64 wanted);
    std::span<char> bodySpace();
    bool failTooLarge(quint64 length, QByteArrayView bytes, QByteArrayView before);
    bool failTruncated();

    FrameFormat m_format;
    State m_state = State::Header;
    quint8 m_headerBytes = 0; ///< of an unfinished prefix, in m_header
    std::array<char, 8> m_header{};
    quint8 m_tailBytes = 0;
    std::array<char, 8> m_tail{}; ///< rememberTail()
    quint64 m_limit;
    quint64 m_bodyBytes = 0; ///< State::Body with a prefix: what m_body will have
    QByteArray m_body;       ///< the unfinished frame so far; a prefix only together with what follows it
    FrameError m_error;
};

} // namespace wireroom

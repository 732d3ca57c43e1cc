// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/framedecoder.h"
#include "common/framing/prefix.h"

#include <QByteArray>
#include <QByteArrayView>

#include <vector>

namespace wireroom {

/// The payloads that one connection read in one piece, on their way to another thread: the small ones in one
/// block, so that many of them cost one allocation; the large ones one by one, so that none is copied twice.
///
/// In the block they are frames as they came, one after the other, so that they can be sent on as they are.
/// A value; any one thread.
class ReadTurn
{
public:
    /// `format`: the connection's.
    explicit ReadTurn(FrameFormat format) : m_format(format) { }

    /// Takes the payload. Where it lies in a frame, that is copied later, with its neighbours.
    void append(Payload &payload);

    /// To be called before the bytes that frames lay in are overwritten.
    void endChunk();

    /// What it takes of the memory, about.
    quint64 bytes() const { return kOwnBytes + quint64(m_block.size() + m_run.size()) + m_largeBytes; }

    /// Calls `sink(Payload &)` for each payload, in order. Once: the large ones may be taken. What frame()
    /// gives is valid as long as the ReadTurn.
    template <typename Sink> void handOver(Sink &&sink)
    {
        const FrameFormat format = blockFormat();
        const qsizetype width = format.prefixBytes();
        const char *p = m_block.constBegin();
        auto large = m_large.begin();
        while (p != m_block.constEnd() || large != m_large.end()) {
            if (large != m_large.end() && large->at == p - m_block.constBegin()) {
                Payload payload(large->bytes);
                ++large;
                sink(payload);
                continue;
            }
            const auto size = qsizetype(readPrefix(format, p));
            const QByteArrayView view(p + width, size);
            Payload payload
                = m_format.hasPrefix() ? Payload(view, QByteArrayView(p, width + size)) : Payload(view);
            p += width + size;
            sink(payload);
        }
    }

private:
    static constexpr qsizetype kLargeBytes = 16 * 1024;
    static constexpr quint64 kOwnBytes = 128;

    struct Large
    {
        qsizetype at; ///< where in the block it has its place
        QByteArray bytes;
    };

    FrameFormat blockFormat() const { return m_format.hasPrefix() ? m_format : FrameFormat::U32LE; }

    FrameFormat m_format;
    QByteArray m_block;
    QByteArrayView m_run; ///< frames that follow it, and lie in the reader's buffer yet
    std::vector<Large> m_large;
    quint64 m_largeBytes = 0;
};

} // namespace wireroom

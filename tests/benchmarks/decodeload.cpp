// SPDX-License-Identifier: Apache-2.0
//
// bench_decode: what decoding costs without any socket. One JSON object: frames a second of 16 bytes that lie
// whole in the buffer, and nanoseconds a byte over sizes of chunks and of frames.

#include "common/framing/framedecoder.h"

#include <QByteArray>
#include <QtEndian>

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

using namespace wireroom;

namespace {

constexpr qsizetype kKib = 1024;
constexpr qsizetype kMib = 1024 * kKib;
constexpr qsizetype kPrefix = 4;

/// As a socket's read buffer is about.
constexpr qsizetype kChunk = 64 * kKib;

constexpr qsizetype kStreamBytes = 4 * kMib;

double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Counts what comes out, and looks at a byte of each, so that nothing is optimised away.
struct Sink
{
    void operator()(Payload &payload)
    {
        const QByteArrayView view = payload.view();
        ++frames;
        bytes += quint64(view.size());
        sum += quint8(view.back());
    }

    quint64 frames = 0;
    quint64 bytes = 0;
    quint64 sum = 0;
};

struct Measured
{
    quint64 frames = 0;
    quint64 bytes = 0; ///< prefixes included
    double seconds = 0;

    double nanosecondsPerByte() const { return seconds * 1e9 / double(bytes); }
};

/// Whole frames, some megabytes of them.
QByteArray streamOf(qsizetype frameBytes)
{
    QByteArray frame(kPrefix + frameBytes, 'x');
    qToLittleEndian(quint32(frameBytes), frame.data());
    return frame.repeated(std::max<qsizetype>(1, kStreamBytes / frame.size()));
}

void check(const Sink &sink, quint64 frames, qsizetype frameBytes)
{
    if (sink.frames == frames && sink.bytes == frames * quint64(frameBytes) && sink.sum == frames * 'x')
        return;
    std::fprintf(stderr, "bench_decode: %llu frames came out of %llu\n",
                 static_cast<unsigned long long>(sink.frames), static_cast<unsigned long long>(frames));
    std::exit(1);
}

Measured decode(qsizetype frameBytes, qsizetype chunkBytes, double seconds)
{
    const QByteArray stream = streamOf(frameBytes);
    const auto framesInStream = quint64(stream.size() / (kPrefix + frameBytes));
    FrameDecoder decoder(FrameFormat::U32LE);
    Sink sink;
    Measured measured;
    const double begin = now();
    do {
        for (qsizetype at = 0; at < stream.size(); at += chunkBytes) {
            const qsizetype count = std::min(chunkBytes, stream.size() - at);
            decoder.feed(QByteArrayView(stream).sliced(at, count), sink);
        }
        measured.frames += framesInStream;
        measured.bytes += quint64(stream.size());
        measured.seconds = now() - begin;
    } while (measured.seconds < seconds);
    check(sink, measured.frames, frameBytes);
    return measured;
}

/// The same for a frame that no buffer holds: its bytes are always the same chunk.
Measured decodeLarge(qsizetype frameBytes, double seconds)
{
    const QByteArray chunk(kChunk, 'x');
    QByteArray prefix(kPrefix, '\0');
    qToLittleEndian(quint32(frameBytes), prefix.data());
    FrameDecoder decoder(FrameFormat::U32LE, kLargestMaxPayloadBytes);
    Sink sink;
    Measured measured;
    const double begin = now();
    do {
        decoder.feed(prefix, sink);
        for (qsizetype left = frameBytes; left > 0; left -= std::min(left, kChunk))
            decoder.feed(QByteArrayView(chunk).first(std::min(left, kChunk)), sink);
        ++measured.frames;
        measured.bytes += quint64(kPrefix + frameBytes);
        measured.seconds = now() - begin;
    } while (measured.seconds < seconds);
    check(sink, measured.frames, frameBytes);
    return measured;
}

double peakMib()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_maxrss) / kKib;
}

} // namespace

int main(int argc, char **argv)
{
    const bool quick = argc == 2 && std::string_view(argv[1]) == "--quick";
    if (argc > 1 && !quick) {
        std::fputs("Usage: bench_decode [--quick]\n", stderr);
        return 64;
    }
    const double seconds = quick ? 0.01 : 0.5;
    const Measured inPlace = decode(16, kChunk, seconds);
    std::printf("{\"in_place_per_s\":%.0f,\"chunks\":[", double(inPlace.frames) / inPlace.seconds);
    const char *comma = "";
    for (const qsizetype chunk : {qsizetype(1), qsizetype(16), qsizetype(256), 4 * kKib, 64 * kKib, kMib}) {
        std::printf("%s{\"bytes\":%lld,\"ns_per_byte\":%.4f}", comma, static_cast<long long>(chunk),
                    decode(kKib, chunk, seconds).nanosecondsPerByte());
        comma = ",";
    }
    std::printf("],\"frames\":[");
    comma = "";
    for (const qsizetype frame :
         {qsizetype(16), qsizetype(256), 4 * kKib, 64 * kKib, kMib, 16 * kMib, 256 * kMib, 1024 * kMib}) {
        if (quick && frame > kMib)
            break;
        const Measured measured = frame < kMib ? decode(frame, kChunk, seconds) : decodeLarge(frame, seconds);
        std::printf("%s{\"bytes\":%lld,\"ns_per_byte\":%.4f,\"peak_mib\":%.0f}", comma,
                    static_cast<long long>(frame), measured.nanosecondsPerByte(), peakMib());
        comma = ",";
    }
    std::puts("]}");
    return 0;
}

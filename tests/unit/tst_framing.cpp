// SPDX-License-Identifier: Apache-2.0
#include "common/framing/framedecoder.h"
#include "common/framing/frameencoder.h"

#include <QRandomGenerator>
#include <QTest>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

/// Feeds in pieces; what comes out, and whether it stayed healthy.
struct Outcome
{
    QList<QByteArray> frames;
    bool ok = true;
    FrameError error;
};

Outcome decode(FrameFormat format, const QList<QByteArray> &pieces, quint64 limit = kDefaultMaxPayloadBytes,
               bool end = true)
{
    Outcome outcome;
    FrameDecoder decoder(format, limit);
    const auto sink = [&](Payload &payload) {
        outcome.frames << payload.take();
    };
    for (const QByteArray &piece : pieces)
        outcome.ok = decoder.feed(piece, sink);
    if (end)
        outcome.ok = decoder.finish(sink);
    outcome.error = decoder.error();
    return outcome;
}

} // namespace

Q_DECLARE_METATYPE(wireroom::FrameFormat)

class TestFraming : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void textForms_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("known");
        for (const FrameFormat format : FrameFormat::all())
            QTest::newRow(qPrintable(format.toString())) << format.toString() << true;
        QTest::newRow("upper case and blanks") << u" U32LE "_s << true;
        QTest::newRow("empty") << QString() << false;
        QTest::newRow("unknown") << u"u24le"_s << false;
        QTest::newRow("half") << u"u32"_s << false;
    }

    void textForms()
    {
        QFETCH(const QString, text);
        const std::optional<FrameFormat> format = FrameFormat::fromString(text);
        QTEST(format.has_value(), "known");
        if (format)
            QCOMPARE(format->toString(), text.trimmed().toLower());
    }

    /// The examples of the table in frameformat.h.
    void encodes_data()
    {
        QTest::addColumn<FrameFormat>("format");
        QTest::addColumn<QByteArray>("hex");
        QTest::newRow("u8") << FrameFormat(FrameFormat::U8) << QByteArray("026869");
        QTest::newRow("u16le") << FrameFormat(FrameFormat::U16LE) << QByteArray("02006869");
        QTest::newRow("u16be") << FrameFormat(FrameFormat::U16BE) << QByteArray("00026869");
        QTest::newRow("u32le") << FrameFormat(FrameFormat::U32LE) << QByteArray("020000006869");
        QTest::newRow("u32be") << FrameFormat(FrameFormat::U32BE) << QByteArray("000000026869");
        QTest::newRow("u64le") << FrameFormat(FrameFormat::U64LE) << QByteArray("02000000000000006869");
        QTest::newRow("u64be") << FrameFormat(FrameFormat::U64BE) << QByteArray("00000000000000026869");
        QTest::newRow("lines") << FrameFormat(FrameFormat::Lines) << QByteArray("68690a");
        QTest::newRow("stream") << FrameFormat(FrameFormat::Stream) << QByteArray("6869");
    }

    void encodes()
    {
        QFETCH(const FrameFormat, format);
        QTEST(encodeFrame(format, "hi").toHex(), "hex");
        QTEST(QByteArray(frameBeginning(format, 2) + "hi" + frameEnd(format)).toHex(), "hex");
        QCOMPARE(decode(format, {encodeFrame(format, "hi")}).frames, QList<QByteArray>{"hi"});
    }

    void everySplitPoint_data()
    {
        QTest::addColumn<FrameFormat>("format");
        for (const FrameFormat format : FrameFormat::all()) {
            if (!format.isAuto())
                QTest::newRow(qPrintable(format.toString())) << format;
        }
    }

    void everySplitPoint()
    {
        QFETCH(const FrameFormat, format);
        const bool stream = format.kind() == FrameFormat::Stream;
        const QList<QByteArray> messages = stream
            ? QList<QByteArray>{"one message\r\nuntil the end"}
            : QList<QByteArray>{"first", "", "a", QByteArray(200, 'x'), "\xff\x80 bytes", "last"};
        QByteArray wire;
        for (const QByteArray &message : messages)
            appendFrame(wire, format, message);

        for (qsizetype first = 0; first <= wire.size(); ++first) {
            for (qsizetype second = first; second <= std::min(first + 12, wire.size()); ++second) {
                const Outcome outcome = decode(
                    format, {wire.first(first), wire.sliced(first, second - first), wire.sliced(second)});
                QVERIFY2(outcome.ok, qPrintable(outcome.error.text));
                QCOMPARE(outcome.frames, messages);
            }
        }
        QList<QByteArray> bytes;
        for (const char c : wire)
            bytes << QByteArray(1, c);
        QCOMPARE(decode(format, bytes).frames, messages);
        QCOMPARE(decode(format, {wire}).frames, messages);
    }

    void linesDropOneCarriageReturn_data()
    {
        QTest::addColumn<QList<QByteArray>>("pieces");
        QTest::addColumn<QList<QByteArray>>("frames");
        using L = QList<QByteArray>;
        QTest::newRow("crlf") << L{"a\r\nb\r\n"} << L{"a", "b"};
        QTest::newRow("cr split from lf") << L{"a\r", "\nb\n"} << L{"a", "b"};
        QTest::newRow("cr inside stays") << L{"a\rb\n"} << L{"a\rb"};
        QTest::newRow("two cr: one goes") << L{"a\r\r\n"} << L{"a\r"};
        QTest::newRow("empty lines") << L{"\n\r\n"} << L{"", ""};
        QTest::newRow("zero bytes") << L{QByteArray("a\0b\n", 4)} << L{QByteArray("a\0b", 3)};
    }

    void linesDropOneCarriageReturn()
    {
        QFETCH(const QList<QByteArray>, pieces);
        QTEST(decode(FrameFormat::Lines, pieces).frames, "frames");
    }

    void limit_data()
    {
        QTest::addColumn<FrameFormat>("format");
        QTest::addColumn<QByteArray>("wire");
        QTest::addColumn<bool>("accepted");
        for (const FrameFormat format : FrameFormat::all()) {
            if (format.isAuto())
                continue;
            QTest::addRow("%s at the limit", qPrintable(format.toString()))
                << format << encodeFrame(format, QByteArray(10, 'x')) << true;
            QTest::addRow("%s over it", qPrintable(format.toString()))
                << format << encodeFrame(format, QByteArray(11, 'x')) << false;
        }
        QTest::newRow("line with crlf at the limit")
            << FrameFormat(FrameFormat::Lines) << QByteArray("0123456789\r\n") << true;
        QTest::newRow("line with crlf over it")
            << FrameFormat(FrameFormat::Lines) << QByteArray("0123456789a\r\n") << false;
        QTest::newRow("u32le 4 GiB - 1")
            << FrameFormat(FrameFormat::U32LE) << QByteArray::fromHex("ffffffff") << false;
        QTest::newRow("u32be 2^31") << FrameFormat(FrameFormat::U32BE) << QByteArray::fromHex("80000000")
                                    << false;
        QTest::newRow("u64le all ones")
            << FrameFormat(FrameFormat::U64LE) << QByteArray::fromHex("ffffffffffffffff") << false;
        QTest::newRow("u64be sign bit")
            << FrameFormat(FrameFormat::U64BE) << QByteArray::fromHex("8000000000000000") << false;
    }

    void limit()
    {
        QFETCH(const FrameFormat, format);
        QFETCH(const QByteArray, wire);
        QFETCH(const bool, accepted);
        for (const qsizetype split : {qsizetype(0), wire.size() / 2, wire.size() - 1}) {
            const Outcome outcome = decode(format, {wire.first(split), wire.sliced(split)}, 10);
            QCOMPARE(outcome.ok, accepted);
            QCOMPARE(outcome.frames.size(), accepted ? 1 : 0);
            if (!accepted) {
                QVERIFY(outcome.error.kind == FrameError::Kind::TooLarge);
                QVERIFY2(outcome.error.text.contains(u"10"), qPrintable(outcome.error.text));
            }
        }
    }

    void refusesOnTheHeaderAlone()
    {
        FrameDecoder decoder(FrameFormat::U32LE, 100);
        int frames = 0;
        const auto sink = [&](Payload &) {
            ++frames;
        };
        QVERIFY(decoder.feed(QByteArray::fromHex("650000"), sink));
        QVERIFY(!decoder.feed(QByteArray::fromHex("00"), sink));
        QCOMPARE(decoder.state(), FrameDecoder::State::Failed);
        QCOMPARE(decoder.error().claimedBytes, 101u);
        QVERIFY2(!decoder.feed(encodeFrame(FrameFormat::U32LE, "fine"), sink), "failed stays failed");
        QVERIFY(!decoder.finish(sink));
        QCOMPARE(frames, 0);
    }

    void explainsWhatItRefuses_data()
    {
        QTest::addColumn<FrameFormat>("format");
        QTest::addColumn<QByteArray>("wire");
        QTest::addColumn<QString>("says");
        const FrameFormat little(FrameFormat::U32LE);
        QTest::newRow("byte order") << little << QByteArray::fromHex("0000000568656c6c6f")
                                    << u"as u32be it would be 5 bytes"_s;
        QTest::newRow("http") << little << QByteArray("GET / HTTP/1.1\r\n\r\n") << u"HTTP"_s;
        QTest::newRow("ssh") << little << QByteArray("SSH-2.0-OpenSSH_9.2\r\n") << u"SSH"_s;
        QTest::newRow("tls") << little << QByteArray::fromHex("16030102000100") << u"TLS"_s;
        QTest::newRow("text") << little << QByteArray("hello there\n") << u"lines"_s;
        QTest::newRow("cr lf after a frame")
            << little << encodeFrame(little, "one") + "\r\n" + encodeFrame(little, QByteArray(5, 'x'))
            << u"CR LF"_s;
        QTest::newRow("cr lf after the only frame")
            << little << QByteArray(encodeFrame(little, "one") + "\r\n") << u"CR LF"_s;
        QTest::newRow("header counted in, two frames")
            << little << QByteArray::fromHex("0900000068656c6c6f0900000068656c6c6f")
            << u"counts the 4 bytes of the header"_s;
        QTest::newRow("header counted in, one frame")
            << little << QByteArray::fromHex("0900000068656c6c6f") << u"counts the header"_s;
        QTest::newRow("cut in the body")
            << little << QByteArray::fromHex("0500000068") << u"1 of the 5 bytes"_s;
        QTest::newRow("cut in the header")
            << little << QByteArray::fromHex("0500") << u"2 of the 4 bytes of a u32le header: 05 00"_s;
        QTest::newRow("line without its end")
            << FrameFormat(FrameFormat::Lines) << QByteArray("hello") << u"“hello”"_s;
    }

    void explainsWhatItRefuses()
    {
        QFETCH(const FrameFormat, format);
        QFETCH(const QByteArray, wire);
        QFETCH(const QString, says);
        const Outcome outcome = decode(format, {wire});
        QVERIFY(!outcome.ok);
        QVERIFY2(outcome.error.text.contains(says), qPrintable(outcome.error.text));
    }

    /// The same, with the pieces as they come from a sender that sends prefix and payload apart.
    void explainsASelfCountingLengthInPieces()
    {
        const QByteArray prefix = QByteArray::fromHex("0f000000"); // 11 bytes, and 4 for itself
        const Outcome outcome
            = decode(FrameFormat::U32LE, {prefix, "hello world", prefix, "hello again", prefix},
                     kDefaultMaxPayloadBytes, false);
        QVERIFY(!outcome.ok);
        QVERIFY2(outcome.error.text.contains(u"counts the 4 bytes of the header"),
                 qPrintable(outcome.error.text));
    }

    void endBetweenFramesIsFine()
    {
        for (const FrameFormat format : FrameFormat::all()) {
            if (!format.isAuto())
                QVERIFY(decode(format, {}).ok);
        }
        QVERIFY2(decode(FrameFormat::Stream, {}).frames.isEmpty(), "nobody said anything");
    }

    void bufferGrowsWithWhatCame()
    {
        FrameDecoder decoder(FrameFormat::U32LE, kLargestMaxPayloadBytes);
        QVERIFY(decoder.feed(QByteArray(QByteArray::fromHex("ffffff7f") + QByteArray(100, 'x')),
                             [](Payload &) {}));
        QCOMPARE(decoder.expectedBytes(), 0x7fffffffu);
        QVERIFY(decoder.isInsideFrame());
        QVERIFY(decoder.describeUnfinished().contains(u"100 of the 2,147,483,647 bytes"));
    }

    void wholeFramesAreNotCopied()
    {
        const QByteArray wire = encodeFrame(FrameFormat::U32LE, "in place");
        FrameDecoder decoder(FrameFormat::U32LE);
        const char *seen = nullptr;
        decoder.feed(wire, [&](Payload &payload) { seen = payload.view().data(); });
        QCOMPARE(static_cast<const void *>(seen), static_cast<const void *>(wire.constData() + 4));
    }

    void assembledFramesAreMovedOut()
    {
        FrameDecoder decoder(FrameFormat::U32LE);
        const QByteArray wire = encodeFrame(FrameFormat::U32LE, QByteArray(5000, 'x'));
        const char *seen = nullptr;
        QByteArray kept;
        const auto sink = [&](Payload &payload) {
            seen = payload.view().data();
            kept = payload.take();
        };
        decoder.feed(wire.first(2000), sink);
        decoder.feed(wire.sliced(2000), sink);
        QCOMPARE(static_cast<const void *>(kept.constData()), static_cast<const void *>(seen));
        QCOMPARE(kept, QByteArray(5000, 'x'));
    }

    void readsLargeBodiesInPlace_data()
    {
        QTest::addColumn<FrameFormat>("format");
        for (const FrameFormat format : FrameFormat::all()) {
            if (format.hasPrefix())
                QTest::newRow(qPrintable(format.toString())) << format;
        }
    }

    void readsLargeBodiesInPlace()
    {
        QFETCH(const FrameFormat, format);
        QList<QByteArray> payloads;
        QByteArray wire;
        QRandomGenerator random(7);
        for (const int size : {3, 250'000, 0, 60'000, 5, 65'535, 20'000, 1'000'000, 1}) {
            QByteArray payload(qsizetype(std::min(quint64(size), format.largestPayloadBytes())),
                               Qt::Uninitialized);
            for (char &c : payload)
                c = char(random.generate());
            appendFrame(wire, format, payload);
            payloads.push_back(payload);
        }
        FrameDecoder decoder(format);
        QList<QByteArray> got, frames;
        const auto sink = [&](Payload &payload) {
            if (payload.assembledFrame())
                frames.push_back(*payload.assembledFrame());
            got.push_back(payload.take());
            QVERIFY(payload.view() == got.last());
        };
        qsizetype at = 0;
        int direct = 0;
        while (at < wire.size()) {
            const qsizetype most = std::min<qsizetype>(wire.size() - at, random.bounded(1, 50'000));
            const auto read = [&](char *to, qsizetype size) -> qint64 {
                // Now and then nothing is there, or the way is broken.
                if (const quint32 luck = random.bounded(8); luck < 2)
                    return qint64(luck) - 1;
                const qsizetype n = std::min(size, most);
                std::memcpy(to, wire.constData() + at, size_t(n));
                return n;
            };
            const bool wasInside = decoder.isInsideFrame();
            if (const std::optional<qint64> n = decoder.readBody(read, sink)) {
                QVERIFY(wasInside);
                at += std::max<qint64>(*n, 0);
                ++direct;
            } else {
                QVERIFY(decoder.feed(QByteArrayView(wire).sliced(at, most), sink));
                at += most;
            }
        }
        QCOMPARE(got, payloads);
        QCOMPARE(direct > 0, format.largestPayloadBytes() > 255);
        for (const QByteArray &frame : frames)
            QVERIFY(wire.contains(frame));
        QVERIFY(!decoder.isInsideFrame());
    }

    void aTakenPayloadLeavesASharedFrame()
    {
        FrameDecoder decoder(FrameFormat::U32LE);
        QByteArray frame, taken;
        const QByteArray wire = encodeFrame(FrameFormat::U32LE, "hello");
        const auto sink = [&](Payload &payload) {
            QVERIFY(payload.assembledFrame());
            frame = *payload.assembledFrame();
            taken = payload.take();
        };
        QVERIFY(decoder.feed(QByteArrayView(wire).first(6), sink));
        QVERIFY(decoder.feed(QByteArrayView(wire).sliced(6), sink));
        QCOMPARE(frame, wire);
        QCOMPARE(taken, QByteArray("hello"));
    }

    void prefixTooSmall_data()
    {
        QTest::addColumn<FrameFormat>("format");
        QTest::addColumn<int>("bytes");
        QTest::addColumn<bool>("fits");
        QTest::newRow("u8 255") << FrameFormat(FrameFormat::U8) << 255 << true;
        QTest::newRow("u8 256") << FrameFormat(FrameFormat::U8) << 256 << false;
        QTest::newRow("u16le 65535") << FrameFormat(FrameFormat::U16LE) << 65535 << true;
        QTest::newRow("u16be 65536") << FrameFormat(FrameFormat::U16BE) << 65536 << false;
        QTest::newRow("lines") << FrameFormat(FrameFormat::Lines) << 100000 << true;
    }

    void prefixTooSmall()
    {
        QFETCH(const FrameFormat, format);
        QFETCH(const int, bytes);
        const std::optional<QString> why = whyNotFramed(format, QByteArray(bytes, 'x'));
        QTEST(!why.has_value(), "fits");
        if (why)
            QVERIFY2(why->contains(format.toString()), qPrintable(*why));
    }
};

QTEST_APPLESS_MAIN(TestFraming)
#include "tst_framing.moc"

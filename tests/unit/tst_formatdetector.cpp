// SPDX-License-Identifier: Apache-2.0
#include "common/framing/byteexplainer.h"
#include "common/framing/formatdetector.h"
#include "common/framing/frameencoder.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;
using Outcome = Detection::Outcome;

Q_DECLARE_METATYPE(wireroom::Detection::Outcome)
Q_DECLARE_METATYPE(wireroom::FrameFormat)
Q_DECLARE_METATYPE(wireroom::PeerProgress)

class TestFormatDetector : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void decides_data()
    {
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<PeerProgress>("progress");
        QTest::addColumn<Outcome>("outcome");
        QTest::addColumn<FrameFormat>("format");
        const auto row = [](const char *name, const QByteArray &first, PeerProgress progress, Outcome outcome,
                            FrameFormat format = FrameFormat::U32LE) {
            QTest::newRow(name) << first << progress << outcome << format;
        };
        const auto hex = [](const char *digits) {
            return QByteArray::fromHex(digits);
        };
        using P = PeerProgress;

        row("nothing", {}, P::MayGoOn, Outcome::NeedMore);
        row("u32le frame", encodeFrame(FrameFormat::U32LE, "hello"), P::MayGoOn, Outcome::Plain);
        row("u32le header alone", hex("05000000"), P::MayGoOn, Outcome::Plain);
        row("u32be frame", encodeFrame(FrameFormat::U32BE, "hello"), P::MayGoOn, Outcome::Plain,
            FrameFormat::U32BE);
        row("u32be of one byte", hex("0000000141"), P::MayGoOn, Outcome::Plain, FrameFormat::U32BE);
        row("u32be header alone may still be chat", hex("00000005"), P::MayGoOn, Outcome::NeedMore);
        row("u32be header alone, then silence", hex("00000005"), P::Quiet, Outcome::Plain,
            FrameFormat::U32BE);
        row("u32le of one byte", hex("01000000ff"), P::MayGoOn, Outcome::Plain); // 16 MiB as u32be
        row("both within the limit", hex("00010000"), P::MayGoOn, Outcome::Plain);
        row("empty frame, either order", hex("00000000"), P::MayGoOn, Outcome::Plain);
        row("three bytes", hex("050000"), P::MayGoOn, Outcome::NeedMore);
        row("three bytes, then silence", hex("050000"), P::Quiet, Outcome::NeedMore);
        row("three bytes, then the end", hex("050000"), P::Ended, Outcome::Refused);

        row("text", "hello there\n", P::MayGoOn, Outcome::Plain, FrameFormat::Lines);
        row("four letters", "hell", P::MayGoOn, Outcome::Plain, FrameFormat::Lines);
        row("umlauts", "\xc3\xa4\xc3\xb6\n", P::MayGoOn, Outcome::Plain, FrameFormat::Lines);
        row("short line", "hi\n", P::MayGoOn, Outcome::NeedMore);
        row("short line, then silence", "hi\n", P::Quiet, Outcome::Plain, FrameFormat::Lines);
        row("short line, then the end", "a\n", P::Ended, Outcome::Plain, FrameFormat::Lines);
        row("lone line feed, then silence", "\n", P::Quiet, Outcome::Plain, FrameFormat::Lines);
        row("short text without line end", "hi", P::Quiet, Outcome::NeedMore);
        row("short text without line end, ended", "hi", P::Ended, Outcome::Plain, FrameFormat::Lines);

        row("TLS", hex("160301020001"), P::MayGoOn, Outcome::Tls);
        row("TLS, five bytes so far", hex("1603010200"), P::MayGoOn, Outcome::NeedMore);
        row("one byte of TLS", hex("16"), P::MayGoOn, Outcome::NeedMore);
        row("a frame of 22 bytes is not TLS", hex("16000000"), P::MayGoOn, Outcome::Plain);
        row("a frame of 790 bytes is not TLS", hex("160300000101"), P::MayGoOn, Outcome::Plain);
        row("chat", hex("00000040d9d9f7"), P::MayGoOn, Outcome::Chat, FrameFormat::U32BE);
        row("chat, two of three tag bytes", hex("00000040d9d9"), P::MayGoOn, Outcome::NeedMore);
        row("not chat after all", hex("00000040d9d8"), P::MayGoOn, Outcome::Plain, FrameFormat::U32BE);
        row("too short for chat", hex("00000002"), P::MayGoOn, Outcome::Plain, FrameFormat::U32BE);

        row("gzip with a name", hex("1f8b0808"), P::MayGoOn, Outcome::Refused);
        row("random", hex("deadbeef"), P::MayGoOn, Outcome::Refused);
    }

    void decides()
    {
        QFETCH(const QByteArray, first);
        QFETCH(const PeerProgress, progress);
        QFETCH(const FrameFormat, format);
        const Detection detection
            = detectFormat(first, progress, FrameFormat::U32LE, kDefaultMaxPayloadBytes);
        QTEST(detection.outcome, "outcome");
        if (detection.outcome == Outcome::Plain)
            QCOMPARE(detection.format.toString(), format.toString());
        if (detection.outcome == Outcome::Refused)
            QVERIFY(!detection.text.isEmpty());
    }

    void neverDecidesLessWithMoreBytes_data()
    {
        QTest::addColumn<QByteArray>("wire");
        QTest::newRow("u32le") << encodeFrame(FrameFormat::U32LE, "hello world");
        QTest::newRow("u32be") << encodeFrame(FrameFormat::U32BE, "hello world");
        QTest::newRow("lines") << QByteArray("hello world\n");
        QTest::newRow("tls") << QByteArray::fromHex("16030102000100010203");
        QTest::newRow("chat") << QByteArray::fromHex("00000040d9d9f78401");
    }

    /// Whatever the pieces that the first bytes come in, the decision is the one for all of them at once.
    void neverDecidesLessWithMoreBytes()
    {
        QFETCH(const QByteArray, wire);
        const Detection whole
            = detectFormat(wire, PeerProgress::MayGoOn, FrameFormat::U32LE, kDefaultMaxPayloadBytes);
        QVERIFY(whole.outcome != Outcome::NeedMore);
        for (qsizetype n = 1; n < wire.size(); ++n) {
            const Detection part = detectFormat(wire.first(n), PeerProgress::MayGoOn, FrameFormat::U32LE,
                                                kDefaultMaxPayloadBytes);
            if (part.outcome == Outcome::NeedMore)
                continue;
            QCOMPARE(part.outcome, whole.outcome);
            QCOMPARE(part.format.toString(), whole.format.toString());
        }
    }

    void ambiguousGetsTheDefault()
    {
        const Detection detection = detectFormat(QByteArray::fromHex("00010000"), PeerProgress::MayGoOn,
                                                 FrameFormat::U32BE, kDefaultMaxPayloadBytes);
        QCOMPARE(detection.format.toString(), u"u32be"_s);
    }

    void byteOrderUnderALargeLimit()
    {
        // Both readings are within 2 GiB - 1: 5 bytes against 80 MiB.
        for (const FrameFormat format : {FrameFormat::U32LE, FrameFormat::U32BE}) {
            const Detection detection = detectFormat(encodeFrame(format, "hello"), PeerProgress::MayGoOn,
                                                     FrameFormat::U16LE, kLargestMaxPayloadBytes);
            QCOMPARE(detection.format.toString(), format.toString());
        }
    }

    void letterStaysTextUnderALargeLimit()
    {
        const Detection detection = detectFormat("GET / HTTP/1.1\r\n", PeerProgress::MayGoOn,
                                                 FrameFormat::U32LE, kLargestMaxPayloadBytes);
        QCOMPARE(detection.format.toString(), u"lines"_s);
        QVERIFY2(detection.text.contains(u"HTTP"), qPrintable(detection.text));
    }

    void refusalShowsEveryReading()
    {
        const Detection detection = detectFormat(QByteArray::fromHex("deadbeef0102030405"),
                                                 PeerProgress::MayGoOn, FrameFormat::U32LE, 1000);
        QCOMPARE(detection.outcome, Outcome::Refused);
        for (const QStringView part : {QStringView(u"de ad be ef"), QStringView(u"u32le 4,022,250,974"),
                                       QStringView(u"u32be 3,735,928,559"), QStringView(u"u16le 44,510"),
                                       QStringView(u"u8 222"), QStringView(u"limit 1,000")})
            QVERIFY2(detection.text.contains(part), qPrintable(detection.text));
    }

    void tlsBesidesAKnownFormat_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<Outcome>("withTls");
        const QByteArray hello = QByteArray::fromHex("1603010200010001fc0303");
        const auto row = [](const char *name, const QByteArray &bytes, Outcome withTls) {
            QTest::newRow(name) << bytes << withTls;
        };
        row("a ClientHello", hello, Outcome::Tls);
        row("one that goes on in a second record", QByteArray::fromHex("160301400001004ffc0303"),
            Outcome::Tls);
        for (qsizetype size = 1; size < hello.size(); ++size)
            QTest::addRow("%lld bytes of it", static_cast<long long>(size))
                << hello.first(size) << Outcome::NeedMore;
        row("shorter than its record", QByteArray::fromHex("160301020001000001fc03"), Outcome::Plain);
        row("without its version", QByteArray::fromHex("1603010200010001fc0000"), Outcome::Plain);
        row("another message", QByteArray::fromHex("1603010200020001fc0303"), Outcome::Plain);
        row("a frame of 22 bytes", QByteArray::fromHex("16000000"), Outcome::Plain);
    }

    void tlsBesidesAKnownFormat()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const Outcome, withTls);
        const FrameFormat format = FrameFormat::U32LE;
        QTEST(detectChat(bytes, PeerProgress::MayGoOn, format, true).outcome, "withTls");
        // Where no TLS is looked for, and where nothing follows, it is a plain client's.
        QCOMPARE(detectChat(bytes, PeerProgress::MayGoOn, format).outcome, Outcome::Plain);
        if (withTls == Outcome::NeedMore)
            QCOMPARE(detectChat(bytes, PeerProgress::Quiet, format, true).outcome, Outcome::Plain);
    }

    void text_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("text");
        QTest::newRow("empty") << QByteArray() << false;
        QTest::newRow("ascii") << QByteArray("a\tb\r\n") << true;
        QTest::newRow("utf-8") << QByteArray("\xe2\x82\xac \xf0\x9f\x98\x80") << true;
        QTest::newRow("cut character") << QByteArray("a\xe2\x82") << true;
        QTest::newRow("zero") << QByteArray("a\0b", 3) << false;
        QTest::newRow("escape") << QByteArray("\x1b[2J") << false;
        QTest::newRow("latin-1") << QByteArray("gr\xfc\xdf") << false;
        QTest::newRow("lone follower") << QByteArray("\x80") << false;
        QTest::newRow("overlong lead") << QByteArray("\xc0\x80") << false;
    }

    void text()
    {
        QFETCH(const QByteArray, bytes);
        QTEST(isText(bytes), "text");
    }
};

QTEST_APPLESS_MAIN(TestFormatDetector)
#include "tst_formatdetector.moc"

// SPDX-License-Identifier: Apache-2.0
#include "common/framing/frameencoder.h"
#include "common/transport/readturn.h"

#include <QTest>

#include <numeric>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// Payloads on their way from one thread to another.
class TestReadTurn : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void handsOverWhatCame_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QList<int>>("sizes");
        QTest::addColumn<int>("chunk");
        const QList<int> small{0, 1, 2, 100, 0, 255, 7};
        const QList<int> mixed{20'000, 3, 4, 16'384, 16'383, 0, 60'000, 5};
        for (const char *name : {"u8", "u16le", "u16be", "u32le", "u32be", "u64le", "u64be", "lines"}) {
            const QString format = QString::fromLatin1(name);
            for (const int chunk : {1, 13, 300, 1'000'000}) {
                QTest::addRow("%s, small, by %d", name, chunk) << format << small << chunk;
                if (format != "u8"_L1)
                    QTest::addRow("%s, mixed, by %d", name, chunk) << format << mixed << chunk;
            }
        }
        QTest::newRow("stream, small") << u"stream"_s << QList<int>{5} << 2;
        QTest::newRow("stream, large") << u"stream"_s << QList<int>{50'000} << 1000;
        QTest::newRow("nothing") << u"u32le"_s << QList<int>() << 1;
    }

    void handsOverWhatCame()
    {
        QFETCH(const QString, format);
        QFETCH(const QList<int>, sizes);
        QFETCH(const int, chunk);
        const FrameFormat spoken = *FrameFormat::fromString(format);
        QByteArray bytes;
        QList<QByteArray> sent;
        for (const int size : sizes) {
            sent << QByteArray(size, char('a' + sent.size()));
            appendFrame(bytes, spoken, sent.last());
        }

        FrameDecoder decoder(spoken);
        ReadTurn turn(spoken);
        const auto append = [&turn](Payload &payload) {
            turn.append(payload);
        };
        QByteArray buffer;
        for (qsizetype at = 0; at < bytes.size(); at += chunk) {
            buffer = bytes.sliced(at, std::min<qsizetype>(chunk, bytes.size() - at));
            QVERIFY(decoder.feed(buffer, append));
            turn.endChunk();
            buffer.fill('!'); // as the next read would
        }
        QVERIFY(decoder.finish(append));
        QVERIFY(turn.bytes() > quint64(std::accumulate(sizes.begin(), sizes.end(), 0)));

        ReadTurn moved = std::move(turn);
        QList<QByteArray> received;
        QByteArray asTheyCame;
        moved.handOver([&](Payload &payload) {
            if (!payload.frame().isEmpty()) {
                QVERIFY(payload.frame().endsWith(payload.view()));
                asTheyCame += payload.frame();
            } else if (spoken.hasPrefix()) {
                QVERIFY(payload.view().size() >= 16'384);
                appendFrame(asTheyCame, spoken, payload.view());
            }
            received << payload.take();
        });
        QCOMPARE(received, sent);
        QCOMPARE(asTheyCame, spoken.hasPrefix() ? bytes : QByteArray());
    }

    void keepsNeighboursTogether()
    {
        QByteArray bytes;
        for (int i = 0; i < 10; ++i)
            appendFrame(bytes, FrameFormat::U16BE, QByteArray(i, 'x'));
        FrameDecoder decoder(FrameFormat::U16BE);
        ReadTurn turn(FrameFormat::U16BE);
        QVERIFY(decoder.feed(bytes, [&turn](Payload &payload) { turn.append(payload); }));
        turn.endChunk();
        const char *expected = nullptr;
        turn.handOver([&expected](Payload &payload) {
            QVERIFY(expected == nullptr || payload.frame().begin() == expected);
            expected = payload.frame().end();
        });
        QVERIFY(expected);
    }
};

QTEST_GUILESS_MAIN(TestReadTurn)
#include "tst_readturn.moc"

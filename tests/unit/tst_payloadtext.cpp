// SPDX-License-Identifier: Apache-2.0
#include "common/base/payloadtext.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

Q_DECLARE_METATYPE(wireroom::PayloadMode)

class TestPayloadText : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void typed_data()
    {
        QTest::addColumn<PayloadMode>("mode");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>("hex");
        const auto row = [](const char *name, PayloadMode mode, const QString &text, const char *hex) {
            QTest::newRow(name) << mode << text << QByteArray(hex);
        };
        row("text", PayloadMode::Text, u"grüß \\n"_s, "6772c3bcc39f205c6e");
        row("text, empty", PayloadMode::Text, QString(), "");
        row("hex", PayloadMode::Hex, u"00ff"_s, "00ff");
        row("hex in pairs", PayloadMode::Hex, u"0D 0a"_s, "0d0a");
        row("hex with separators", PayloadMode::Hex, u"0x00, 0xff:7f-80"_s, "00ff7f80");
        row("hex, empty", PayloadMode::Hex, u"  "_s, "");
        row("line ends", PayloadMode::Escapes, u"a\\r\\n"_s, "610d0a");
        row("zero", PayloadMode::Escapes, u"\\0\\x00"_s, "0000");
        row("bytes", PayloadMode::Escapes, u"\\xff\\x7F"_s, "ff7f");
        row("the rest of the letters", PayloadMode::Escapes, u"\\t\\a\\b\\e\\f\\v"_s, "0907081b0c0b");
        row("itself", PayloadMode::Escapes, u"\\\\n"_s, "5c6e");
        row("a character", PayloadMode::Escapes, u"\\u20ac"_s, "e282ac");
        row("text between", PayloadMode::Escapes, u"ü\\x01ü"_s, "c3bc01c3bc");
    }

    void typed()
    {
        QFETCH(const PayloadMode, mode);
        QFETCH(const QString, text);
        const Result<QByteArray> payload = payloadFromTyped(mode, text);
        QVERIFY2(bool(payload), payload ? "" : qPrintable(payload.error().text));
        QTEST(payload.value().toHex(), "hex");
    }

    void mistyped_data()
    {
        QTest::addColumn<PayloadMode>("mode");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        QTest::newRow("odd digits") << PayloadMode::Hex << u"00f"_s << u"character 3 is half a byte"_s;
        QTest::newRow("half a byte in the middle") << PayloadMode::Hex << u"0 ff"_s << u"character 1"_s;
        QTest::newRow("no digit") << PayloadMode::Hex << u"00 zz"_s << u"“z” at character 4"_s;
        QTest::newRow("0x alone") << PayloadMode::Hex << u"0x"_s << u"not followed"_s;
        QTest::newRow("backslash at the end") << PayloadMode::Escapes << u"ab\\"_s << u"character 3"_s;
        QTest::newRow("unknown escape") << PayloadMode::Escapes << u"\\q"_s << u"“\\q” at character 1"_s;
        QTest::newRow("one digit") << PayloadMode::Escapes << u"a\\x1"_s
                                   << u"character 2 needs two hex digits"_s;
        QTest::newRow("no digits") << PayloadMode::Escapes << u"\\xgg"_s << u"two hex digits"_s;
        QTest::newRow("short u") << PayloadMode::Escapes << u"\\u20a"_s << u"four hex digits"_s;
        QTest::newRow("half a pair") << PayloadMode::Escapes << u"\\ud800"_s << u"surrogate"_s;
    }

    void mistyped()
    {
        QFETCH(const PayloadMode, mode);
        QFETCH(const QString, text);
        QFETCH(const QString, says);
        const Result<QByteArray> payload = payloadFromTyped(mode, text);
        QVERIFY(!payload);
        QVERIFY2(payload.error().text.contains(says), qPrintable(payload.error().text));
    }

    /// What others write cannot steer a terminal or turn text around.
    void nothingInvisible_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<QString>("line");
        QTest::newRow("plain") << QByteArray("hello") << u"hello"_s;
        QTest::newRow("escape sequence") << QByteArray("\x1b[2J") << u"␛[2J"_s;
        QTest::newRow("bidi override") << QByteArray("a\xe2\x80\xae"
                                                     "b")
                                       << u"a\\u202eb"_s;
        QTest::newRow("delete") << QByteArray("\x7f") << u"␡"_s;
        QTest::newRow("zero width") << QByteArray("\xe2\x80\x8b") << u"\\u200b"_s;
        QTest::newRow("markup stays markup") << QByteArray("<b>x</b>") << u"<b>x</b>"_s;
    }

    void nothingInvisible()
    {
        QFETCH(const QByteArray, payload);
        QTEST(payloadLine(payload, true), "line");
        QTEST(payloadText(payload), "line");
    }

    void lineIsOneLineAndShort()
    {
        QCOMPARE(payloadLine("a\r\nb\t", true), u"a␍␊b␉"_s);
        const QString cut = payloadLine(QByteArray(10'000, 'x'), true);
        QVERIFY(cut.size() <= 210 && cut.endsWith(u'…'));
        QVERIFY(payloadLine(QByteArray(10'000, '\xff'), false).endsWith(u'…'));
        QCOMPARE(payloadText("two\nlines\t"), u"two\nlines\t"_s);
        QCOMPARE(payloadText("two\r\nlines\r"), u"two\nlines␍"_s);
    }

    /// Where a piece ends does not show.
    void inPieces_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<QString>("shown");
        const auto row = [](const char *name, const QByteArray &payload, const QString &shown) {
            QTest::newRow(name) << payload << shown;
        };
        row("nothing", "", u""_s);
        row("less than a piece", "hi", u"hi"_s);
        row("ASCII", QByteArray("0123456789").repeated(9), u"0123456789"_s.repeated(9));
        row("two bytes each", u"ü"_s.repeated(40).toUtf8(), u"ü"_s.repeated(40));
        row("three bytes each", u"€"_s.repeated(40).toUtf8(), u"€"_s.repeated(40));
        row("four bytes each", u"😀"_s.repeated(40).toUtf8(), u"😀"_s.repeated(40));
        row("all lengths", u"aü€😀"_s.repeated(20).toUtf8(), u"aü€😀"_s.repeated(20));
        row("line ends", QByteArray("a\r\n").repeated(30), u"a\n"_s.repeated(30));
        row("a carriage return at the end", QByteArray("a\r\n").repeated(9) + '\r',
            u"a\n"_s.repeated(9) + u'␍');
        row("controls", QByteArray("\x1b[2J").repeated(20), u"␛[2J"_s.repeated(20));
        row("byte order marks", QByteArray("\xef\xbb\xbf").repeated(20), u"\\ufeff"_s.repeated(20));
        row("overrides", QByteArray("a\xe2\x80\xae").repeated(20), u"a\\u202e"_s.repeated(20));
        row("bytes", QByteArray("\x00\xff", 2).repeated(30),
            u"hex: "_s + u"00 ff "_s.repeated(30).chopped(1));
        row("text, but for its end", QByteArray(20, 'a') + '\xc3',
            u"hex: "_s + u"61 "_s.repeated(20) + u"c3"_s);
    }

    void inPieces()
    {
        QFETCH(const QByteArray, payload);
        for (qsizetype pieceBytes = 8; pieceBytes < payload.size() + 10; ++pieceBytes) {
            QByteArray written;
            writePayload(
                payload,
                [&](QByteArrayView piece) {
                    written += piece;
                    return true;
                },
                pieceBytes);
            QTEST(QString::fromUtf8(written), "shown");
        }
    }

    void nobodyTakesThePieces()
    {
        for (const QByteArray &payload : {QByteArray(1'000, 'a'), QByteArray(1'000, '\xff')}) {
            int pieces = 0;
            writePayload(
                payload, [&](QByteArrayView) { return ++pieces < 3; }, 10);
            QCOMPARE(pieces, 3);
        }
    }

    void hex()
    {
        QVERIFY(isShownAsText("gr\xc3\xbc\xc3\x9f"));
        QVERIFY(!isShownAsText("\xff\xfe"));
        QCOMPARE(payloadHex(QByteArray("\x00\xff", 2)), u"00 ff"_s);
        const QStringList dump = payloadHexDump(QByteArray("0123456789abcdef\x01z"), 16).split(u'\n');
        QCOMPARE(dump.size(), 2);
        QVERIFY2(dump[0].contains(u"30 31 32") && dump[0].contains(u"0123456789abcdef"), qPrintable(dump[0]));
        QVERIFY2(dump[1].contains(u"01 7a") && dump[1].contains(u".z"), qPrintable(dump[1]));
    }
};

QTEST_APPLESS_MAIN(TestPayloadText)
#include "tst_payloadtext.moc"

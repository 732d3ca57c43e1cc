// SPDX-License-Identifier: Apache-2.0
#include "common/framing/framedecoder.h"
#include "common/protocol/messagecodec.h"

#include <QCborValue>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

/// One block of PROTOCOL.md that is marked `wire`.
struct Example
{
    QString heading; ///< "4 Post"
    int line = 0;
    QByteArray bytes;
    QString notation;
};

QString readText(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString protocolDocument()
{
    return readText(u"" WIREROOM_PROTOCOL_DIR "/PROTOCOL.md"_s);
}

/// Lines of hex come first; the others are the notation.
QList<Example> examples()
{
    static const QRegularExpression hexLine(u"^([0-9a-f]{2}( +|$))+$"_s);
    QList<Example> found;
    QString heading;
    bool inside = false;
    const QStringList lines = protocolDocument().split(u'\n');
    for (int i = 0; i < lines.size(); ++i) {
        const QString &line = lines.at(i);
        if (line.startsWith("```"_L1)) {
            inside = line == "```wire"_L1;
            if (inside)
                found << Example{heading, i + 1, {}, {}};
        } else if (line.startsWith("### "_L1)) {
            heading = line.sliced(4);
        } else if (inside && found.last().notation.isEmpty() && hexLine.match(line).hasMatch()) {
            found.last().bytes += QByteArray::fromHex(line.toLatin1());
        } else if (inside) {
            found.last().notation += line + u'\n';
        }
    }
    return found;
}

/// As QCborValue writes it, but for the blanks between the elements.
QString normal(const QString &notation)
{
    QString result;
    bool inString = false;
    for (const QChar c : notation) {
        if (c == u'"')
            inString = !inString;
        if (!inString && c.isSpace())
            continue;
        if (c.unicode() < 0x80)
            result += c;
        else
            result += u"\\u"_s + QString::number(c.unicode(), 16).toUpper().rightJustified(4, u'0');
    }
    return result;
}

} // namespace

class TestProtocolDocument : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void examples_data()
    {
        QTest::addColumn<QString>("heading");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("notation");
        for (const Example &example : ::examples()) {
            QTest::newRow(qPrintable(u"line %1: %2"_s.arg(example.line).arg(example.heading)))
                << example.heading << example.bytes << example.notation;
        }
    }

    /// Read from the wire, written again: the same bytes, and what stands beside them.
    void examples()
    {
        QFETCH(const QString, heading);
        QFETCH(const QByteArray, bytes);
        QFETCH(const QString, notation);
        QByteArray payload;
        int frames = 0;
        FrameDecoder decoder(FrameFormat::U32BE, kDefaultMaxPayloadBytes);
        const auto sink = [&](Payload &frame) {
            ++frames;
            payload = frame.take();
        };
        QVERIFY(decoder.feed(bytes, sink) && decoder.finish(sink));
        QCOMPARE(frames, 1);

        const chat::Decoded decoded = chat::decodeMessage(payload);
        if (const auto *const error = std::get_if<chat::CodecError>(&decoded))
            QFAIL(qPrintable(error->text));
        const auto &message = std::get<chat::Message>(decoded);
        QCOMPARE(heading.section(u' ', 0, 0).toInt(), int(message.index()) + 1);

        const bool isFirst = payload.startsWith("\xd9\xd9\xf7");
        const bool mayBeFirst = std::holds_alternative<chat::Hello>(message)
            || std::holds_alternative<chat::Welcome>(message)
            || std::holds_alternative<chat::Refused>(message);
        QCOMPARE(isFirst, mayBeFirst);
        const QByteArray again
            = chat::encodeMessageFrame(message, isFirst ? chat::FirstFrame::Yes : chat::FirstFrame::No);
        QCOMPARE(again.toHex(' '), bytes.toHex(' '));
        QCOMPARE(normal(notation), normal(QCborValue::fromCbor(payload).toDiagnosticNotation()));
    }

    void everyMessageHasAnExample()
    {
        QSet<int> shown;
        for (const Example &example : ::examples())
            shown << example.heading.section(u' ', 0, 0).toInt();
        for (size_t type = 1; type <= std::variant_size_v<chat::Message>; ++type)
            QVERIFY2(shown.contains(int(type)), qPrintable(u"message %1 has none"_s.arg(type)));
    }

    /// What message.h can say, the document explains, and nothing else.
    void everyCodeIsExplained()
    {
        static const QRegularExpression literal(u"QStringLiteral\\(\"([a-z-]+)\"\\)"_s);
        static const QRegularExpression row(u"^\\| `([a-z-]+)` \\|"_s, QRegularExpression::MultilineOption);
        const QString document = protocolDocument();
        const qsizetype begin = document.indexOf("\n## 7 "_L1);
        const QString chapter = document.sliced(begin, document.indexOf("\n## 8 "_L1) - begin);
        QSet<QString> known;
        for (auto found = literal.globalMatch(readText(u"" WIREROOM_PROTOCOL_DIR "/message.h"_s));
             found.hasNext();)
            known << found.next().captured(1);
        QSet<QString> explained;
        for (auto found = row.globalMatch(chapter); found.hasNext();)
            explained << found.next().captured(1);
        QVERIFY(known.contains(chat::refusal::UnknownToken) && known.contains(chat::notice::CannotStore));
        QCOMPARE(explained, known);
    }
};

QTEST_APPLESS_MAIN(TestProtocolDocument)
#include "tst_protocoldocument.moc"

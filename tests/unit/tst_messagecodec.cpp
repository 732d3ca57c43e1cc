// SPDX-License-Identifier: Apache-2.0
#include "common/framing/framedecoder.h"
#include "common/protocol/messagecodec.h"

#include <QCborArray>
#include <QCborValue>
#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;
using namespace wireroom::chat;

namespace {

const QByteArray kToken
    = QByteArray::fromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
constexpr quint64 kMost = std::numeric_limits<quint64>::max();
constexpr qint64 kLatest = std::numeric_limits<qint64>::max();
constexpr qint64 kEarliest = std::numeric_limits<qint64>::min();

using Ids = std::vector<ClientId>;

/// One of each at least, with what is easily mistaken: nothing, empty, the extremes.
std::vector<std::pair<const char *, Message>> examples()
{
    const Ids three{ClientId(3), ClientId(4), kOperator};
    const Delivery toAll{41, 1'700'000'000'000, ClientId(7), std::nullopt, BodyKind::Text, "good morning"};
    const Delivery toThree{kMost, kEarliest, kOperator, three, BodyKind::Bytes, QByteArray("\0\xff\x80", 3)};
    return {
        {"Hello, new", Hello{1, u"ann"_s, {}, std::nullopt, std::nullopt}},
        {"Hello, again", Hello{1, u"Jürgen 世界 🐝"_s, kToken, 12'345, u"open sesame"_s}},
        {"Hello, extremes", Hello{kMost, {}, QByteArray(1, '\0'), 0, u""_s}},
        {"Welcome, empty", Welcome{}},
        {"Welcome",
         Welcome{1,
                 ClientId(7),
                 kToken,
                 u"the office"_s,
                 99,
                 {1 << 20, 10'000, 64, 500},
                 {{ClientId(7), u"ann"_s, PresenceState::Online, 1'700'000'000'000},
                  {ClientId(8), u"ben"_s, PresenceState::Away, kLatest},
                  {ClientId(9), u""_s, PresenceState::Offline, -1}},
                 17}},
        {"Refused", Refused{refusal::Password, u"The password is wrong."_s}},
        {"Post to everyone", Post{1, std::nullopt, BodyKind::Text, "hello"}},
        {"Post to nobody", Post{kMost, Ids{}, BodyKind::Text, ""}},
        {"Post to some", Post{2, three, BodyKind::Text, "Grüße, 世界"}},
        {"Post of bytes", Post{3, three, BodyKind::Bytes, QByteArray("\0\xff\x80", 3)}},
        {"Post of no bytes", Post{4, std::nullopt, BodyKind::Bytes, ""}},
        {"Post, long", Post{5, std::nullopt, BodyKind::Text, QByteArray(70'000, 'x')}},
        {"Stored", Stored{1, 42, 1'700'000'000'000, {}, 9}},
        {"Stored, some unknown", Stored{2, 43, kLatest, {ClientId(77), ClientId(kMost)}, 0}},
        {"Delivery to everyone", toAll},
        {"Delivery to some", toThree},
        {"Ack", Ack{41}},
        {"Receipts", Receipts{{{41, ClientId(8)}, {kMost, kOperator}}}},
        {"Receipts, none", Receipts{}},
        {"Presence", Presence{ClientId(8), u"ben"_s, PresenceState::Offline, 1'700'000'000'000}},
        {"Rename", Rename{u"anna"_s}},
        {"Ping", Ping{123'456}},
        {"Pong", Pong{kMost}},
        {"HistoryQuery, plain", HistoryQuery{std::nullopt, std::nullopt, std::nullopt, {}, 50, 0}},
        {"HistoryQuery, full", HistoryQuery{100, 0, three, u"lunch"_s, kMost, 5}},
        {"HistoryQuery, everyone's", HistoryQuery{std::nullopt, 7, Ids{}, {}, 1, 6}},
        {"HistoryPage", HistoryPage{{toAll, toThree}, true, 5}},
        {"HistoryPage, empty", HistoryPage{}},
        {"Notice", Notice{notice::CannotStore, u"The disk is full."_s}},
        {"Bye", Bye{u"see you"_s}},
    };
}

/// Without the frame's length.
QByteArray payloadOf(const Message &message, FirstFrame first = FirstFrame::No)
{
    return encodeMessageFrame(message, first).sliced(4);
}

/// The array of a message with its number of elements changed.
QByteArray withElements(QByteArray payload, int change)
{
    payload[0] = char(payload.at(0) + change);
    return payload;
}

QString complaint(const Decoded &decoded)
{
    const auto *const error = std::get_if<CodecError>(&decoded);
    return error ? error->text : QString();
}

/// Bytes of address space that this process has used at most.
qint64 peakMemory()
{
    QFile status(u"/proc/self/status"_s);
    if (!status.open(QIODevice::ReadOnly))
        return -1;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith("VmPeak:"))
            return line.mid(7).chopped(2).trimmed().toLongLong() * 1024;
    }
    return -1;
}

/// Writes CBOR by hand: `count` elements of major type `major`, as many bytes of length as asked for.
QByteArray head(int major, quint64 count)
{
    QByteArray bytes(1, char(major << 5 | 27));
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes += char(count >> shift & 0xff);
    return bytes;
}

QByteArray hex(const char *text)
{
    return QByteArray::fromHex(text);
}

} // namespace

Q_DECLARE_METATYPE(wireroom::chat::Message)

class TestMessageCodec : public QObject
{
    Q_OBJECT

    static void addExamples()
    {
        QTest::addColumn<Message>("message");
        for (const auto &[name, message] : examples())
            QTest::newRow(name) << message;
    }

private Q_SLOTS:

    /// Before the tests that use memory themselves.
    void bombs_data()
    {
        QTest::addColumn<QByteArray>("payload");
        const auto row = [](const QByteArray &name, const QByteArray &payload) {
            QTest::newRow(name.constData()) << payload;
        };
        const QByteArray nested(1'000'000, '\x81');
        const quint64 huge = quint64(1) << 31;
        row("arrays in arrays", nested);
        row("indefinite arrays in arrays", QByteArray(1'000'000, '\x9f'));
        row("maps in maps", QByteArray(1'000'000, '\xbf'));
        row("tags of tags", QByteArray(1'000'000, '\xc6'));
        row("arrays in a field", "\x82\x07" + nested);
        row("arrays in a further field", "\x83\x07\x01" + nested);
        row("maps in a further field", "\x83\x07\x01" + QByteArray(1'000'000, '\xa1'));
        row("tags in a further field", "\x83\x07\x01" + QByteArray(1'000'000, '\xc6'));
        row("arrays in an unknown message", "\x82\x18\x32" + nested);
        for (const quint64 count : {huge, quint64(1) << 32, quint64(1) << 62, kMost}) {
            const auto claim = [&](const char *what, const QByteArray &payload) {
                row(QByteArray::number(count) + ' ' + what, payload);
            };
            claim("elements", head(4, count) + '\x07' + '\x01');
            claim("recipients", "\x85\x04\x01" + head(4, count) + QByteArray(1'000, '\x01'));
            claim("unknown IDs", "\x86\x05\x01\x02\x03" + head(4, count));
            claim("receipts", "\x82\x08" + head(4, count) + hex("820102820102"));
            claim("deliveries", "\x82\x0e" + head(4, count) + hex("860102030f6"));
            claim("pairs in a further field", "\x83\x07\x01" + head(5, count));
            claim("bytes of a name", "\x82\x0a" + head(3, count) + "ann");
            claim("bytes of a token", hex("86010163616e6e") + head(2, count) + "token");
            claim("bytes of a body", hex("850401f66474657874") + head(3, count) + "hi");
            claim("bytes of a chunk", "\x82\x0a\x7f" + head(3, count) + "ann\xff");
            claim("bytes of a further field", "\x83\x07\x01" + head(3, count) + "ann");
        }
        // A string without end, in very small pieces.
        QByteArray pieces;
        for (int i = 0; i < 100'000; ++i)
            pieces += "\x61x";
        row("endless name", "\x82\x0a\x7f" + pieces);
        row("endless further field", "\x83\x07\x01\x7f" + pieces);
        row("endless empty pieces", "\x82\x0a\x7f" + QByteArray(1'000'000, '\x60'));
        row("strings in strings", "\x82\x0a" + QByteArray(1'000'000, '\x7f'));
        row("endless recipients", "\x85\x04\x01\x9f" + QByteArray(100'000, '\x01'));
        row("a million recipients", "\x85\x04\x01" + head(4, 1'000'000) + QByteArray(1'000'000, '\x01'));
        row("a million numbers in a further field", "\x83\x07\x01\x9f" + QByteArray(1'000'000, '\x01'));
        row("a million arrays in a further field", "\x83\x07\x01\x9f" + QByteArray(1'000'000, '\x80'));
        row("a million further fields", "\x9f\x07\x01" + QByteArray(1'000'000, '\x01'));
        row("a million receipts", "\x82\x08\x9f" + hex("820101").repeated(333'333));
        row("text that is broken at its end",
            hex("850401f66474657874") + head(3, 1'000'000) + QByteArray(999'999, 'x') + '\xff');
    }

    void bombs()
    {
        QFETCH(const QByteArray, payload);
        const qint64 before = peakMemory();
        QElapsedTimer since;
        since.start();
        const Decoded decoded = decodeMessage(payload, Sender::Client);
        const qint64 took = since.nsecsElapsed();
        if (took > m_longestBomb) {
            m_longestBomb = took;
            m_longestBombName = QTest::currentDataTag();
        }
        QVERIFY(!complaint(decoded).isEmpty());
        // A row holds at most 1 MB; what is claimed is 2 GiB at least.
        QVERIFY(peakMemory() - before < 4 * 1024 * 1024);
    }

    void counts_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<QString>("refusal");
        const auto row = [](const char *name, const QByteArray &payload, const QString &refusal = {}) {
            QTest::newRow(name) << payload << refusal;
        };
        const auto rename = [](int pieces) -> QByteArray {
            return "\x82\x0a\x7f" + QByteArray(pieces, '\x60') + '\xff';
        };
        row("pieces of a name", rename(10'000));
        row("pieces of a name, one more", rename(10'001),
            u"Rename: name comes in too many pieces: a message may have 10000."_s);
        const auto post = [](int ids) -> QByteArray {
            return "\x85\x04\x01" + head(4, quint64(ids)) + QByteArray(ids, '\x02') + hex("6474657874626869");
        };
        row("recipients", post(15'000));
        row("recipients, one more", post(15'001), u"Post: to is too long: a list may hold 15000 IDs."_s);
        const auto ack = [](int unknown) -> QByteArray {
            return "\x83\x07\x01" + head(4, quint64(unknown)) + QByteArray(unknown, '\x02');
        };
        row("unknown elements", ack(9'999));
        row("unknown elements, one more", ack(10'000),
            u"Ack: a further field is too long: 10000 elements may be unknown here."_s);
    }

    void counts()
    {
        QFETCH(const QByteArray, payload);
        QTEST(complaint(decodeMessage(payload, Sender::Client)), "refusal");
    }

    void sides_data() { addExamples(); }

    void sides()
    {
        QFETCH(const Message, message);
        const bool isServers = std::holds_alternative<Welcome>(message)
            || std::holds_alternative<Refused>(message) || std::holds_alternative<Stored>(message)
            || std::holds_alternative<Delivery>(message) || std::holds_alternative<Receipts>(message)
            || std::holds_alternative<Presence>(message) || std::holds_alternative<HistoryPage>(message)
            || std::holds_alternative<Notice>(message);
        const QByteArray payload = encodeMessageFrame(message).sliced(4);
        QCOMPARE(complaint(decodeMessage(payload)), QString());
        const Decoded decoded = decodeMessage(payload, Sender::Client);
        const auto *const error = std::get_if<CodecError>(&decoded);
        QCOMPARE(error != nullptr, isServers);
        QVERIFY(!error || error->kind == CodecError::Kind::WrongSide);
        // Nothing behind the type is looked at.
        const QByteArray cut = payload.first(2) + '\xff';
        const Decoded bad = decodeMessage(cut, Sender::Client);
        QCOMPARE(std::get<CodecError>(bad).kind == CodecError::Kind::WrongSide, isServers);
    }

    void thereAndBack_data() { addExamples(); }

    void thereAndBack()
    {
        QFETCH(const Message, message);
        for (const FirstFrame first : {FirstFrame::No, FirstFrame::Yes}) {
            QByteArray out = "before";
            appendMessageFrame(out, message, first);
            QCOMPARE(out, "before" + encodeMessageFrame(message, first));
            int frames = 0;
            FrameDecoder decoder(FrameFormat::U32BE, kDefaultMaxPayloadBytes);
            QVERIFY(decoder.feed(out.sliced(6), [&](Payload &payload) {
                ++frames;
                QCOMPARE(payload.view().startsWith("\xd9\xd9\xf7"), first == FirstFrame::Yes);
                const Decoded decoded = decodeMessage(payload.view());
                QCOMPARE(complaint(decoded), QString());
                QVERIFY(std::get<Message>(decoded) == message);
            }));
            QCOMPARE(frames, 1);
        }
        if (const auto *const delivery = std::get_if<Delivery>(&message)) {
            QByteArray out = "before";
            appendDeliveryFrame(out, *delivery);
            QCOMPARE(out, "before" + encodeMessageFrame(message));
        }
    }

    /// The number on the wire is the place in PROTOCOL.md's table.
    void numbers()
    {
        QSet<int> seen;
        for (const auto &[name, message] : examples()) {
            QCOMPARE(int(payloadOf(message).at(1)), int(message.index()) + 1);
            seen << int(message.index());
        }
        QCOMPARE(size_t(seen.size()), std::variant_size_v<Message>);
        QCOMPARE(Message(Hello{}).index(), size_t(0));
        QCOMPARE(Message(Delivery{}).index(), size_t(5));
        QCOMPARE(Message(Bye{}).index(), size_t(15));
    }

    void everyTruncation_data() { addExamples(); }

    /// Heads are as short as they can be, as Qt's own encoder has them.
    void asQtWritesIt_data()
    {
        QTest::addColumn<quint64>("number");
        QTest::addColumn<int>("size");
        for (const quint64 number :
             {quint64(1), quint64(23), quint64(24), quint64(255), quint64(256), quint64(65535),
              quint64(65536), quint64(0xffffffff), quint64(0x100000000), quint64(0x7fffffffffffffff)}) {
            for (const int size : {0, 23, 24, 200, 239, 240, 241, 255, 256, 65535, 65536})
                QTest::addRow("%llu, %d bytes", number, size) << number << size;
        }
    }

    void asQtWritesIt()
    {
        QFETCH(const quint64, number);
        QFETCH(const int, size);
        const auto id = qint64(number);
        const QByteArray bytes(size, '\xff');
        const QString text(size, u'x');
        Delivery delivery{number,          -id,  ClientId(number), std::vector{ClientId(number), ClientId(1)},
                          BodyKind::Bytes, bytes};
        QCborArray expected{6, id, -id, id, QCborArray{id, 1}, u"bytes"_s, bytes};
        QCOMPARE(encodeMessageFrame(delivery).sliced(4), QCborValue(expected).toCbor());
        delivery.kind = BodyKind::Text;
        delivery.to.reset();
        delivery.body = text.toUtf8();
        expected = {6, id, -id, id, nullptr, u"text"_s, text};
        QCOMPARE(encodeMessageFrame(delivery).sliced(4), QCborValue(expected).toCbor());
    }

    void everyTruncation()
    {
        QFETCH(const Message, message);
        const QByteArray payload = payloadOf(message, FirstFrame::Yes);
        for (qsizetype size = 0; size < payload.size(); size += size < 1'000 ? 1 : 977) {
            const Decoded decoded = decodeMessage(QByteArrayView(payload).first(size));
            QVERIFY2(!complaint(decoded).isEmpty(), qPrintable(QString::number(size)));
            QCOMPARE(std::get<CodecError>(decoded).kind, CodecError::Kind::Malformed);
        }
    }

    /// Newer peers may add fields at the end; something behind the array is an error.
    void furtherFields_data() { addExamples(); }

    void furtherFields()
    {
        QFETCH(const Message, message);
        const QByteArray payload = payloadOf(message);
        for (const QByteArray &field :
             {hex("00"), hex("20"), hex("f6"), hex("f5"), hex("fb3ff0000000000000"), hex("f93c00"),
              hex("6161"), hex("7f61616162ff"), hex("5f4100ff"), hex("80"), hex("820102"), hex("9f0102ff"),
              hex("838101818101f6"), hex("a0"), hex("a1616101"), hex("bf616101ff"), hex("c11a65000000"),
              hex("81c18100"), hex("f0")}) {
            const Decoded longer = decodeMessage(withElements(payload, 1).append(field));
            QVERIFY2(complaint(longer).isEmpty(), qPrintable(complaint(longer)));
            QVERIFY(std::get<Message>(longer) == message);
            const Decoded two = decodeMessage(withElements(payload, 2).append(field).append(1, '\x01'));
            QVERIFY(std::get<Message>(two) == message);
            QVERIFY(complaint(decodeMessage(QByteArray(payload).append(field)))
                        .contains(u"nothing may follow"_s));
        }
        QVERIFY(complaint(decodeMessage(withElements(payload, 1))).contains(u"cut off"_s));
        QVERIFY(!complaint(decodeMessage(withElements(payload, 1).append(hex("61ff")))).isEmpty());
        QVERIFY(!complaint(decodeMessage(withElements(payload, 1).append(hex("81818181f6")))).isEmpty());
    }

    void furtherFieldsInside_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<Message>("message");
        QTest::newRow("limits") << hex("890201 07 f6 60 00 85 01020304 f5 80 00")
                                << Message(Welcome{1, ClientId(7), {}, {}, 0, {1, 2, 3, 4}, {}, 0});
        QTest::newRow("roster")
            << hex("890201 07 f6 60 00 84 00000000 81 85 07 60 6461776179 00 a0 00")
            << Message(
                   Welcome{1, ClientId(7), {}, {}, 0, {}, {{ClientId(7), {}, PresenceState::Away, 0}}, 0});
        QTest::newRow("receipts") << hex("8208 82 83 01 02 60 82 03 04")
                                  << Message(Receipts{{{1, ClientId(2)}, {3, ClientId(4)}}});
        QTest::newRow("deliveries")
            << hex("840e 81 87 01 02 03 f6 6474657874 60 f4 f4 00")
            << Message(HistoryPage{{{1, 2, ClientId(3), std::nullopt, BodyKind::Text, ""}}, false, 0});
    }

    void furtherFieldsInside()
    {
        QFETCH(const QByteArray, payload);
        QFETCH(const Message, message);
        const Decoded decoded = decodeMessage(payload);
        QCOMPARE(complaint(decoded), QString());
        QVERIFY(std::get<Message>(decoded) == message);
    }

    /// What was added later may be missing, and is then as if it had never been thought of.
    void addedFields_data()
    {
        QTest::addColumn<Message>("message");
        QTest::addColumn<int>("added");
        QTest::newRow("Welcome") << Message(Welcome{1, ClientId(7), kToken, u"x"_s, 9, {}, {}, 0}) << 1;
        QTest::newRow("Stored") << Message(Stored{1, 2, 3, {}, 0}) << 1;
        QTest::newRow("HistoryQuery") << Message(HistoryQuery{1, 2, std::nullopt, {}, 5, 0}) << 1;
        QTest::newRow("HistoryPage") << Message(HistoryPage{{}, false, 0}) << 2;
    }

    void addedFields()
    {
        QFETCH(const Message, message);
        QFETCH(const int, added);
        QByteArray payload = payloadOf(message);
        for (int i = 0; i < added; ++i) {
            payload = withElements(payload.chopped(1), -1);
            const Decoded decoded = decodeMessage(payload);
            QCOMPARE(complaint(decoded), QString());
            QVERIFY(std::get<Message>(decoded) == message);
        }
        QVERIFY(!complaint(decodeMessage(withElements(payload.chopped(1), -1))).isEmpty());
    }

    void otherEncodings_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<Message>("message");
        QTest::newRow("array without a count") << hex("9f0701ff") << Message(Ack{1});
        QTest::newRow("long numbers") << hex("98021b0000000000000007 1a00000001") << Message(Ack{1});
        QTest::newRow("tag") << hex("d9d9f7820701") << Message(Ack{1});
        QTest::newRow("name in pieces") << hex("820a7f62616e60616eff") << Message(Rename{u"ann"_s});
        QTest::newRow("token in pieces") << hex("86010161615f410042ff01ff00f6")
                                         << Message(Hello{1, u"a"_s, hex("00ff01"), 0, std::nullopt});
        QTest::newRow("text as bytes")
            << hex("850401f66474657874426869") << Message(Post{1, std::nullopt, BodyKind::Text, "hi"});
        QTest::newRow("text as bytes in pieces")
            << hex("850401f664746578745f41684169ff") << Message(Post{1, std::nullopt, BodyKind::Text, "hi"});
        QTest::newRow("kind in pieces")
            << hex("850401f67f6274656278 74ff4100")
            << Message(Post{1, std::nullopt, BodyKind::Text, QByteArray(1, '\0')});
        QTest::newRow("recipients without a count")
            << hex("8504019f0304ff6474657874626869")
            << Message(Post{1, Ids{ClientId(3), ClientId(4)}, BodyKind::Text, "hi"});
        QTest::newRow("zero byte in a name") << hex("820a63610062") << Message(Rename{u"a\0b"_s});
    }

    void otherEncodings()
    {
        QFETCH(const QByteArray, payload);
        QFETCH(const Message, message);
        const Decoded decoded = decodeMessage(payload);
        QCOMPARE(complaint(decoded), QString());
        QVERIFY(std::get<Message>(decoded) == message);
    }

    void malformed_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<int>("type");
        QTest::addColumn<QStringList>("words");
        const auto row = [](const char *name, const char *payload, int type, const QStringList &words) {
            QTest::newRow(name) << hex(payload) << type << words;
        };
        row("empty", "", 0, {u"payload"_s, u"cut off"_s});
        row("tag alone", "d9d9f7", 0, {u"payload"_s, u"cut off"_s});
        row("other tag", "d9d9f6820701", 0, {u"payload"_s, u"array"_s, u"tag"_s});
        row("tag twice", "d9d9f7d9d9f7820701", 0, {u"payload"_s, u"array"_s, u"tag"_s});
        row("number", "07", 0, {u"payload"_s, u"array"_s, u"integer"_s});
        row("map", "a10701", 0, {u"payload"_s, u"array"_s, u"map"_s});
        row("text", "656d656f7779", 0, {u"payload"_s, u"array"_s, u"text string"_s});
        row("break", "ff", 0, {u"payload"_s, u"break"_s});
        row("reserved length", "1c", 0, {u"payload"_s, u"no CBOR"_s});
        row("empty array", "80", 0, {u"type"_s, u"missing"_s});
        row("type is text", "826161f6", 0, {u"type"_s, u"unsigned"_s, u"text string"_s});
        row("type is negative", "822001", 0, {u"type"_s, u"unsigned"_s, u"negative"_s});
        row("two messages", "820701820701", 7, {u"Ack"_s, u"nothing may follow"_s});
        row("unknown type, broken", "821832", 50, {u"cut off"_s});
        row("unknown type, no UTF-8", "82183261ff", 50, {u"UTF-8"_s});
        row("unknown type, too deep", "821832818181 8101", 50, {u"deeper"_s});
        row("unknown type, something behind", "82183201 02", 50, {u"nothing may follow"_s});
        row("no field", "8107", 7, {u"Ack"_s, u"seq"_s, u"missing"_s});
        row("array too short", "8301636 16e6e", 1, {u"Hello"_s, u"version"_s, u"unsigned"_s});
        row("field missing", "830101616 1", 1, {u"Hello"_s, u"token"_s, u"missing"_s});
        row("name is bytes", "8601014161f600f6", 1,
            {u"Hello"_s, u"name"_s, u"text string"_s, u"byte string"_s});
        row("name is null", "860101f6f600f6", 1, {u"Hello"_s, u"name"_s, u"null"_s});
        row("token is text", "8601016161616100f6", 1, {u"Hello"_s, u"token"_s, u"byte string"_s});
        row("last seq is negative", "8601016161f620f6", 1, {u"Hello"_s, u"last seq"_s, u"negative"_s});
        row("last seq is a fraction", "8601016161f6f93c00f6", 1, {u"Hello"_s, u"last seq"_s, u"floating"_s});
        row("password is false", "8601016161f600f4", 1, {u"Hello"_s, u"password"_s, u"true or false"_s});
        row("name no UTF-8", "820a62c328", 10, {u"Rename"_s, u"name"_s, u"UTF-8"_s});
        row("name with a surrogate", "820a63eda080", 10, {u"Rename"_s, u"name"_s, u"UTF-8"_s});
        row("name in overlong form", "820a62c081", 10, {u"Rename"_s, u"name"_s, u"UTF-8"_s});
        row("character split between pieces", "820a7f61c361a9ff", 10, {u"Rename"_s, u"name"_s, u"UTF-8"_s});
        row("bytes among the pieces", "820a7f61614162ff", 10, {u"Rename"_s, u"name"_s});
        row("limits is a number", "890201 07 f6 60 00 05 80 00", 2, {u"Welcome"_s, u"limits"_s, u"array"_s});
        row("limits too short", "890201 07 f6 60 00 83010203 80 00", 2,
            {u"Welcome"_s, u"page messages"_s, u"missing"_s});
        row("roster is a map", "890201 07 f6 60 00 8401020304 a0 00", 2,
            {u"Welcome"_s, u"roster"_s, u"map"_s});
        row("roster of numbers", "890201 07 f6 60 00 8401020304 8107 00", 2,
            {u"Welcome"_s, u"roster"_s, u"array"_s});
        row("unknown state", "8509 07 6161 64627573 79 00", 9, {u"Presence"_s, u"state"_s, u"online"_s});
        row("since too large", "850907 6161 6461776179 1b8000000000000000", 9,
            {u"Presence"_s, u"since"_s, u"64 bits"_s});
        row("since too small", "850907 6161 6461776179 3b8000000000000000", 9,
            {u"Presence"_s, u"since"_s, u"64 bits"_s});
        row("since far too small", "850907 6161 6461776179 3bffffffffffffffff", 9,
            {u"Presence"_s, u"since"_s, u"64 bits"_s});
        row("to is a number", "850401036474657874626869", 4, {u"Post"_s, u"to"_s, u"array"_s, u"unsigned"_s});
        row("to a name", "8504018163616e6e6474657874626869", 4, {u"Post"_s, u"to"_s, u"text string"_s});
        row("to a negative ID", "85040181206474657874626869", 4, {u"Post"_s, u"to"_s, u"negative"_s});
        row("to null in a list", "85040181f66474657874626869", 4, {u"Post"_s, u"to"_s, u"null"_s});
        row("unknown kind", "850401f664766f6963626869", 4, {u"Post"_s, u"kind"_s, u"text"_s, u"bytes"_s});
        row("kind in capitals", "850401f66454455854626869", 4, {u"Post"_s, u"kind"_s});
        row("bytes as text", "850401f6656279746573626869", 4, {u"Post"_s, u"body"_s, u"byte string"_s});
        row("text no UTF-8", "850401f6647465787462c328", 4, {u"Post"_s, u"body"_s, u"UTF-8"_s});
        row("text as bytes, no UTF-8", "850401f6647465787442c328", 4, {u"Post"_s, u"body"_s, u"UTF-8"_s});
        row("body is null", "850401f66474657874f6", 4, {u"Post"_s, u"body"_s, u"null"_s});
        row("receipt is a number", "820881 05", 8, {u"Receipts"_s, u"receipts"_s, u"array"_s});
        row("receipt without ID", "820881 8105", 8, {u"Receipts"_s, u"ID"_s, u"missing"_s});
        row("text is a number", "870df6f6f6051832 00", 13, {u"HistoryQuery"_s, u"text"_s, u"unsigned"_s});
        row("limit is missing", "850df6f6f6f6", 13, {u"HistoryQuery"_s, u"limit"_s, u"missing"_s});
        row("limit is null", "860df6f6f6f6f6", 13, {u"HistoryQuery"_s, u"limit"_s, u"null"_s});
        row("more is a number", "840e800100", 14, {u"HistoryPage"_s, u"more"_s, u"true or false"_s});
        row("delivery too short", "840e8184010203f6f400", 14, {u"HistoryPage"_s, u"kind"_s, u"missing"_s});
        row("undefined", "8207f7", 7, {u"Ack"_s, u"seq"_s, u"simple value"_s});
        row("tagged number", "8207c101", 7, {u"Ack"_s, u"seq"_s, u"tag"_s});
        row("break inside", "8207ff", 7, {u"Ack"_s, u"seq"_s, u"break"_s});
        row("break behind a tag", "9f0701c1ff", 7, {u"Ack"_s, u"break"_s});
        row("half a pair", "9f0701bf01ffff", 7, {u"Ack"_s, u"break"_s});
        row("long form of false", "830701f814", 7, {u"Ack"_s, u"further field"_s});
    }

    void malformed()
    {
        QFETCH(const QByteArray, payload);
        QFETCH(const QStringList, words);
        const Decoded decoded = decodeMessage(payload);
        const auto *const error = std::get_if<CodecError>(&decoded);
        QVERIFY(error);
        QCOMPARE(error->kind, CodecError::Kind::Malformed);
        QTEST(int(error->type), "type");
        for (const QString &word : words)
            QVERIFY2(error->text.contains(word), qPrintable(error->text + u" lacks "_s + word));
        QVERIFY2(error->text.endsWith(u'.') && error->text.front().isUpper(), qPrintable(error->text));
    }

    void unknownTypes()
    {
        for (const char *payload : {"8100", "8111", "820001", "8214a0", "811bffffffffffffffff", "9f1832ff",
                                    "851832f68101820101a10203"}) {
            const Decoded decoded = decodeMessage(hex(payload));
            const auto *const error = std::get_if<CodecError>(&decoded);
            QVERIFY2(error, payload);
            QVERIFY2(error->kind == CodecError::Kind::UnknownType, qPrintable(error->text));
            QVERIFY(error->text.contains(QString::number(error->type)));
        }
        QCOMPARE(std::get<CodecError>(decodeMessage(hex("811bffffffffffffffff"))).type, kMost);
    }

    /// Whatever comes: an error with words, or a message that can be written and read again.
    void mutations()
    {
        QRandomGenerator random(20'231'114);
        QList<QByteArray> payloads;
        for (const auto &[name, message] : examples()) {
            const QByteArray payload
                = payloadOf(message, random.bounded(2) ? FirstFrame::Yes : FirstFrame::No);
            if (payload.size() < 1'000)
                payloads << payload;
        }
        int accepted = 0;
        for (int round = 0; round < 100'000; ++round) {
            QByteArray payload = payloads.at(random.bounded(payloads.size()));
            for (int change = random.bounded(4); change >= 0 && !payload.isEmpty(); --change) {
                const qsizetype at = random.bounded(payload.size());
                const QByteArray &other = payloads.at(random.bounded(payloads.size()));
                switch (random.bounded(7)) {
                case 0:
                    payload[at] = char(payload.at(at) ^ 1 << random.bounded(8));
                    break;
                case 1:
                    payload[at] = char(random.bounded(256));
                    break;
                case 2:
                    payload.insert(at, char(random.bounded(256)));
                    break;
                case 3:
                    payload.remove(at, 1 + random.bounded(3));
                    break;
                case 4:
                    payload.insert(at, payload.mid(random.bounded(payload.size()), random.bounded(20)));
                    break;
                case 5:
                    payload.insert(at, other.mid(random.bounded(other.size()), random.bounded(20)));
                    break;
                case 6:
                    payload.truncate(at);
                    break;
                }
            }
            // A block of its own, without a zero behind it: a sanitizer sees every byte too far.
            const std::vector<char> bytes(payload.begin(), payload.end());
            const Decoded decoded = decodeMessage(QByteArrayView(bytes.data(), qsizetype(bytes.size())));
            if (const auto *const message = std::get_if<Message>(&decoded)) {
                ++accepted;
                const Decoded again = decodeMessage(payloadOf(*message));
                QVERIFY2(complaint(again).isEmpty() && std::get<Message>(again) == *message,
                         payload.toHex().constData());
            } else {
                QVERIFY2(!complaint(decoded).isEmpty(), payload.toHex().constData());
            }
        }
        QVERIFY(accepted > 1'000);
    }

    void names_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("acceptable");
        QTest::newRow("short") << u"a"_s << true;
        QTest::newRow("blank inside") << u"Ann Lee"_s << true;
        QTest::newRow("other scripts") << u"Jürgen 世界 שלום"_s << true;
        QTest::newRow("combining marks") << u"Zoe\u0308"_s << true;
        QTest::newRow("markup") << u"<b>&amp;'\"; DROP TABLE"_s << true;
        QTest::newRow("digits") << u"0"_s << true;
        QTest::newRow("emoji of several") << u"\U0001F468\u200d\U0001F469"_s << true;
        QTest::newRow("non-joiner inside") << u"\u0645\u06cc\u200c\u062e"_s << true;
        QTest::newRow("longest") << QString(64, u'x') << true;
        QTest::newRow("longest, two code units each") << u"🐝"_s.repeated(64) << true;
        QTest::newRow("too long") << QString(65, u'x') << false;
        QTest::newRow("too long, two code units each") << u"🐝"_s.repeated(65) << false;
        QTest::newRow("far too long") << QString(1'000'000, u'x') << false;
        QTest::newRow("empty") << QString() << false;
        QTest::newRow("blank") << u" "_s << false;
        QTest::newRow("blank in front") << u" ann"_s << false;
        QTest::newRow("blank behind") << u"ann "_s << false;
        QTest::newRow("no-break space behind") << u"ann\u00a0"_s << false;
        QTest::newRow("ideographic space in front") << u"\u3000ann"_s << false;
        QTest::newRow("tab") << u"a\tb"_s << false;
        QTest::newRow("line feed") << u"a\nb"_s << false;
        QTest::newRow("zero") << u"a\0b"_s << false;
        QTest::newRow("escape") << u"a\x1b[31mb"_s << false;
        QTest::newRow("C1 control") << u"a\u009bb"_s << false;
        QTest::newRow("delete") << u"a\x7f"_s << false;
        QTest::newRow("line separator") << u"a\u2028b"_s << false;
        QTest::newRow("paragraph separator") << u"a\u2029b"_s << false;
        QTest::newRow("override") << u"a\u202eb"_s << false;
        QTest::newRow("isolate") << u"a\u2066b"_s << false;
        QTest::newRow("direction mark") << u"a\u200fb"_s << false;
        QTest::newRow("zero-width space") << u"a\u200bb"_s << false;
        QTest::newRow("byte order mark") << u"\ufeffann"_s << false;
        QTest::newRow("soft hyphen") << u"a\u00adb"_s << false;
        QTest::newRow("tag character") << u"a\U000E0041b"_s << false;
        QTest::newRow("joiner alone") << u"\u200d"_s << false;
        QTest::newRow("joiner behind") << u"ann\u200d"_s << false;
        QTest::newRow("half a character") << u"a"_s + QChar(0xd83d) << false;
        QTest::newRow("other half") << QChar(0xdc1d) + u"a"_s << false;
    }

    void names()
    {
        QFETCH(const QString, name);
        QTEST(isAcceptableName(name), "acceptable");
    }

    void cleanupTestCase()
    {
        qInfo("The dearest bomb took %.0f µs: %s", double(m_longestBomb) / 1000,
              m_longestBombName.constData());
    }

private:
    qint64 m_longestBomb = 0; ///< nanoseconds
    QByteArray m_longestBombName;
};

QTEST_APPLESS_MAIN(TestMessageCodec)
#include "tst_messagecodec.moc"

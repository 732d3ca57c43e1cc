// SPDX-License-Identifier: Apache-2.0
#include "client-gui/chatcommand.h"
#include "client-gui/chattext.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

QString toText(const chat::Addressees &to)
{
    if (!to)
        return u"all"_s;
    QStringList ids;
    for (const ClientId id : *to)
        ids << id.toString();
    return ids.join(u',');
}

/// What a command is, as one text.
struct Describe
{
    QString operator()(const ChatNothing &) const { return u"nothing"_s; }

    QString operator()(const ChatSay &c) const
    {
        return (c.hasTo ? QString(u"to "_s % toText(c.to)) : u"say"_s) % u'|' % QString::fromUtf8(c.body);
    }

    QString operator()(const ChatChoose &c) const { return u"choose "_s % toText(c.to); }

    QString operator()(const ChatWho &) const { return u"who"_s; }

    QString operator()(const ChatLookUp &c) const
    {
        return u"look up %1|%2"_s.arg(QString::number(c.limit), c.text);
    }

    QString operator()(const ChatRename &c) const { return u"name|"_s % c.name; }

    QString operator()(const ChatHelp &) const { return u"help"_s; }

    QString operator()(const ChatQuit &) const { return u"quit"_s; }
};

QJsonObject parsed(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

} // namespace

class TestChatCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void understands_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("meaning");
        const auto row = [](const char *line, const char *meaning) {
            QTest::newRow(line) << QByteArray(line) << QString::fromUtf8(meaning);
        };
        row("", "nothing");
        row("hello", "say|hello");
        row(" ", "say| ");
        row(" /who", "say| /who");
        row("grüß dich", "say|grüß dich");
        row("//shrug", "say|/shrug");
        row("/to 3 hello", "to 3|hello");
        row("/to 3,4 hello  there ", "to 3,4|hello  there ");
        row("/to 3,4,3 x", "to 3,4|x");
        row("/to 0 help me", "to 0|help me");
        row("/to all hello", "to all|hello");
        row("/to ALL /who", "to all|/who");
        row("/to 3", "choose 3");
        row("/to 3 ", "choose 3");
        row("/to all", "choose all");
        row("/who", "who");
        row("/who ", "who");
        row("/history", "look up 20|");
        row("/history 1", "look up 1|");
        row("/history 500", "look up 500|");
        row("/search word", "look up 50|word");
        row("/search  two words ", "look up 50|two words");
        row("/name Anna", "name|Anna");
        row("/name Anna of Ulm", "name|Anna of Ulm");
        row("/help", "help");
        row("/quit", "quit");
    }

    void understands()
    {
        QFETCH(const QByteArray, line);
        QFETCH(const QString, meaning);
        const Result<ChatCommand> command = parseChatCommand(line);
        QVERIFY2(bool(command), command ? "" : qPrintable(command.error().text));
        QCOMPARE(std::visit(Describe{}, command.value()), meaning);
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *line, const char *words) {
            QTest::newRow(line) << QByteArray(line) << QString::fromUtf8(words);
        };
        row("/", "/help");
        row("/nonsense", "/nonsense");
        row("/Who", "/Who");
        row("/who is there", "/who is there");
        row("/quit now", "/quit now");
        row("/to", "needs IDs");
        row("/to ", "needs IDs");
        row("/to 9223372036854775808 hello", "no ID");
        row("/to bob hello", "bob");
        row("/to 3,,4 hello", "no ID");
        row("/to -3 hello", "-3");
        row("/to 3, 4 hello", "no ID");
        row("/to 99999999999999999999 hello", "99999999999999999999");
        row("/history 0", "1 to 500");
        row("/history 501", "1 to 500");
        row("/history many", "many");
        row("/search", "word");
        row("/name", "name");
        row("/name  ", "name");
    }

    void refuses()
    {
        QFETCH(const QByteArray, line);
        QFETCH(const QString, words);
        const Result<ChatCommand> command = parseChatCommand(line);
        QVERIFY(!command);
        QVERIFY2(command.error().text.contains(words), qPrintable(command.error().text));
    }

    void keepsBytesThatAreNoText()
    {
        const Result<ChatCommand> command = parseChatCommand("/to 3 \xff\x01");
        QVERIFY(bool(command));
        QCOMPARE(std::get<ChatSay>(command.value()).body, QByteArray("\xff\x01"));
    }

    void listsItsCommands()
    {
        const QString help = chatCommandHelp();
        for (const QString &command :
             {u"/to"_s, u"/who"_s, u"/history"_s, u"/search"_s, u"/name"_s, u"/quit"_s, u"//"_s})
            QVERIFY(help.contains(command));
    }

    void textIsHarmless()
    {
        ChatPeople people;
        ChatWelcomed welcomed;
        welcomed.id = ClientId(7);
        welcomed.roster = {{ClientId(7), u"ann"_s, chat::PresenceState::Online, 0},
                           {ClientId(3), u"b\x1b[2Job"_s, chat::PresenceState::Away, 0}};
        people.welcome(welcomed);
        const chat::Delivery delivery{1,
                                      0,
                                      ClientId(3),
                                      std::vector{ClientId(7), ClientId(0)},
                                      chat::BodyKind::Text,
                                      "hi\x1b[31m\n#4 bob → all: false\u202e"};
        const QString text = wireroom::toText(delivery, people);
        QVERIFY(text.startsWith(u"#3 b"));
        QVERIFY(text.contains(u" → you, the operator: hi"));
        QVERIFY(text.contains(u"\n    #4 bob"));
        for (const QChar c : text)
            QVERIFY(c == u'\n' || (c >= u' ' && c != u'\u202e' && c != u'\x1b'));
    }

    void states_data()
    {
        QTest::addColumn<int>("state");
        QTest::addColumn<quint64>("delivered");
        QTest::addColumn<quint64>("recipients");
        QTest::addColumn<QString>("text");
        using S = ChatMessageState::State;
        QTest::newRow("stored") << int(S::Stored) << 0ull << 2ull << u"✓ “hello” is stored"_s;
        QTest::newRow("some") << int(S::Stored) << 1ull << 2ull << u"✓ “hello” was delivered to 1 of 2"_s;
        QTest::newRow("all") << int(S::Delivered) << 2ull << 2ull << u"✓✓ “hello” was delivered to 2 of 2"_s;
        QTest::newRow("nobody") << int(S::Delivered) << 0ull << 0ull
                                << u"✓ “hello” is stored; nobody else is there"_s;
        QTest::newRow("failed") << int(S::Failed) << 0ull << 0ull << u"✗ “hello” was not sent: too long"_s;
    }

    void states()
    {
        QFETCH(const int, state);
        QFETCH(const quint64, delivered);
        QFETCH(const quint64, recipients);
        QFETCH(const QString, text);
        ChatMessageState s;
        s.ref = 5;
        s.body = "hello";
        s.state = ChatMessageState::State(state);
        s.delivered = delivered;
        s.recipients = recipients;
        s.why = u"too long"_s;
        QCOMPARE(wireroom::toText(s), text);
    }

    void statesNameTheMessageHarmlessly()
    {
        ChatMessageState s;
        s.body = "\x1b[2J" + QByteArray(100, 'x');
        QString text = wireroom::toText(s);
        QVERIFY(!text.contains(u'\x1b') && text.contains(u"x…”"_s) && text.size() < 80);
        s.body.clear();
        text = wireroom::toText(s);
        QVERIFY2(text.contains(u"the empty message"), qPrintable(text));
    }

    void json()
    {
        ChatMessageState state;
        state.ref = 5;
        state.state = ChatMessageState::State::Stored;
        state.to = std::vector{ClientId(3), ClientId(9)};
        state.body = "hello";
        state.seq = 12;
        state.recipients = 1;
        state.unknown = {ClientId(9)};
        ChatPeople people;
        QVERIFY(!parsed(toJson(state, people)).contains("from"_L1));
        ChatWelcomed welcomed;
        welcomed.id = ClientId(4);
        people.welcome(welcomed);
        QJsonObject object = parsed(toJson(state, people));
        QCOMPARE(object["from"_L1].toInt(), 4);
        QCOMPARE(object["event"_L1].toString(), u"message"_s);
        QCOMPARE(object["ref"_L1].toInt(), 5);
        QCOMPARE(object["state"_L1].toString(), u"stored"_s);
        QCOMPARE(object["seq"_L1].toInt(), 12);
        QCOMPARE(object["to"_L1].toArray(), (QJsonArray{3, 9}));
        QCOMPARE(object["text"_L1].toString(), u"hello"_s);
        QCOMPARE(object["recipients"_L1].toInt(), 1);
        QCOMPARE(object["delivered"_L1].toInt(), 0);
        QCOMPARE(object["unknown"_L1].toArray(), QJsonArray{9});

        const ChatMessageReceived received{{8, 0, ClientId(3), {}, chat::BodyKind::Bytes, "abc"}};
        object = parsed(toJson(received));
        QCOMPARE(object["event"_L1].toString(), u"message"_s);
        QVERIFY(!object.contains("ref"_L1));
        QVERIFY(object["to"_L1].isNull());
        QCOMPARE(object["hex"_L1].toString(), u"616263"_s);
        QCOMPARE(object["time"_L1].toString(), u"1970-01-01T00:00:00.000Z"_s);

        object = parsed(toJson(chat::HistoryPage{{received.delivery}, true, 1}));
        QCOMPARE(object["messages"_L1].toArray().size(), 1);
        QCOMPARE(object["messages"_L1].toArray()[0].toObject()["seq"_L1].toInt(), 8);
        QVERIFY(object["more"_L1].toBool());
    }
};

QTEST_GUILESS_MAIN(TestChatCommand)
#include "tst_chatcommand.moc"

// SPDX-License-Identifier: Apache-2.0
#include "tests/support/chatpeer.h"
#include "tests/support/runningserver.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace wireroom;
using chat::Addressees;

namespace {

Addressees only(std::initializer_list<ClientId> ids)
{
    return std::vector<ClientId>(ids);
}

} // namespace

/// The server's side of the chat protocol, by peers that speak it byte by byte.
class TestChatRoom : public QObject
{
    Q_OBJECT

private:
    /// With a history in a directory of its own, so that a test can start the server again.
    struct Room
    {
        explicit Room(const QString &history = {}) { start(history); }

        bool start(const QString &history = {})
        {
            server = std::make_unique<RunningServer>();
            server->config.dataDir = dir.path();
            server->config.history = history;
            server->config.serverName = u"Test room"_s;
            if (configure)
                configure(server->config);
            return server->start();
        }

        quint16 port() const { return server->port(); }

        QTemporaryDir dir;
        std::function<void(ServerConfig &)> configure;
        std::unique_ptr<RunningServer> server;
    };

    static bool has(ChatPeer &peer, quint64 seq, ClientId id)
    {
        return QTest::qWaitFor(
            [&] {
                const auto receipts = peer.receipts();
                return std::find(receipts.begin(), receipts.end(), std::pair(seq, id)) != receipts.end();
            },
            10'000);
    }

private Q_SLOTS:

    void saysHelloAfterTheOperatorWroteToAll()
    {
        RunningServer server;
        QVERIFY(server.start());
        ChatPeer ann;
        QVERIFY(ann.peer.connectTo(server.port()));
        QVERIFY(server.waitFor<ClientConnected>());
        QVERIFY(server.send(u"all"_s, "to all"));
        ann.send(chat::Hello{chat::kVersion, u"Ann"_s, {}, 0, {}});
        QVERIFY(ann.waitFor<chat::Welcome>());
        QVERIFY(ann.faults.isEmpty());
    }

    void saysHelloAfterSomebodyGuessedItsId()
    {
        RunningServer server;
        QVERIFY(server.start());
        ChatPeer ben;
        QVERIFY(ben.join(server.port(), u"Ben"_s));
        ChatPeer ann;
        QVERIFY(ann.peer.connectTo(server.port()));
        Peer listener;
        QVERIFY(listener.connectTo(server.port()));
        QVERIFY(server.waitFor<ClientConnected>(3));
        ben.post(1, std::vector{ClientId(2), ClientId(3)}, "who are you?");
        QVERIFY(ben.waitFor<chat::Stored>());
        ann.send(chat::Hello{chat::kVersion, u"Ann"_s, {}, 0, {}});
        QVERIFY(ann.waitFor<chat::Welcome>());
        QVERIFY(ann.faults.isEmpty());
        QVERIFY(listener.waitForFrames(1));
        QCOMPARE(listener.frames, QList<QByteArray>{"who are you?"});
    }

    void joins_data()
    {
        QTest::addColumn<QString>("format");
        QTest::newRow("found out") << u"auto"_s;
        QTest::newRow("beside little-endian frames") << u"u32le"_s;
        QTest::newRow("beside big-endian frames") << u"u32be"_s;
        QTest::newRow("beside lines") << u"lines"_s;
        QTest::newRow("beside one-byte prefixes") << u"u8"_s;
    }

    void joins()
    {
        QFETCH(const QString, format);
        RunningServer server;
        server.config.format = *FrameFormat::fromString(format);
        server.config.serverName = u"Test room"_s;
        QVERIFY(server.start());
        ChatPeer ann;
        QVERIFY(ann.join(server.port(), u"Ann"_s));
        QCOMPARE(ann.welcome.serverName, u"Test room"_s);
        QCOMPARE(ann.welcome.token.size(), chat::kTokenBytes);
        QCOMPARE(ann.welcome.version, chat::kVersion);
        QCOMPARE(ann.welcome.roster.size(), size_t(1));
        QCOMPARE(ann.welcome.roster[0].name, u"Ann"_s);
        QVERIFY(ann.welcome.roster[0].state == chat::PresenceState::Online);
        QVERIFY(ann.peer.raw.sliced(4, 3) == QByteArray("\xd9\xd9\xf7"));
        QVERIFY(server.waitFor<ClientNamed>());
        QCOMPARE(server.last<ClientNamed>()->name, u"Ann"_s);

        ChatPeer bob;
        QVERIFY(bob.join(server.port(), u"Bob"_s));
        QVERIFY(bob.id() > ann.id());
        QVERIFY(ann.waitFor<chat::Presence>(2));
        QCOMPARE(ann.all<chat::Presence>().back().name, u"Bob"_s);
    }

    void deliversToEveryone()
    {
        Room room;
        ChatPeer ann, bob, cid;
        QVERIFY(ann.join(room.port(), u"Ann"_s) && bob.join(room.port(), u"Bob"_s)
                && cid.join(room.port(), u"Cid"_s));
        ann.post(1, {}, "hello all");
        const auto stored = ann.waitFor<chat::Stored>();
        QVERIFY(stored);
        QCOMPARE(stored->ref, quint64(1));
        QCOMPARE(stored->recipients, quint64(2));
        QVERIFY(stored->unknown.empty());
        for (ChatPeer *peer : {&bob, &cid}) {
            const auto delivery = peer->waitFor<chat::Delivery>();
            QVERIFY(delivery);
            QCOMPARE(delivery->seq, stored->seq);
            QCOMPARE(delivery->time, stored->time);
            QCOMPARE(delivery->from, ann.id());
            QVERIFY(!delivery->to);
            QCOMPARE(delivery->body, QByteArray("hello all"));
        }
        bob.send(chat::Ack{stored->seq});
        QVERIFY(has(ann, stored->seq, bob.id()));
        cid.send(chat::Ack{stored->seq + 5}); // more than it was sent counts as what it was sent
        QVERIFY(has(ann, stored->seq, cid.id()));
        QVERIFY(ann.delivered().isEmpty());
        QVERIFY(room.server->waitFor<MessagePassed>());
        const MessagePassed passed = *room.server->last<MessagePassed>();
        QCOMPARE(passed.seq, stored->seq);
        QVERIFY(passed.toEveryone && passed.isChat);
    }

    void introducesWhoSpeaksAtOnce_data()
    {
        QTest::addColumn<QString>("history");
        QTest::newRow("with history") << QString();
        QTest::newRow("without") << ServerConfig::kNoHistory;
    }

    void introducesWhoSpeaksAtOnce()
    {
        QFETCH(const QString, history);
        Room room(history);
        ChatPeer ann, bob;
        QVERIFY(ann.join(room.port(), u"Ann"_s));
        QVERIFY(bob.join(room.port(), u"Bob"_s));
        bob.post(1, {}, "hello");
        QVERIFY(ann.waitFor<chat::Delivery>());
        const auto known = ann.all<chat::Presence>();
        QVERIFY(std::any_of(known.begin(), known.end(), [&](const auto &p) { return p.id == bob.id(); }));
    }

    void deliversToSome()
    {
        Room room;
        ChatPeer ann, bob, cid;
        QVERIFY(ann.join(room.port(), u"Ann"_s) && bob.join(room.port(), u"Bob"_s)
                && cid.join(room.port(), u"Cid"_s));
        Peer plain(FrameFormat::U32LE);
        QVERIFY(plain.connectTo(room.port()));
        QVERIFY(room.server->waitFor<ClientConnected>(4));
        const ClientId plainId = room.server->last<ClientConnected>()->id;
        ann.post(1, only({bob.id(), plainId, ClientId(999), bob.id(), kOperator}), "psst");
        const auto stored = ann.waitFor<chat::Stored>();
        QVERIFY(stored);
        QCOMPARE(stored->unknown, std::vector{ClientId(999)});
        QCOMPARE(stored->recipients, quint64(3));
        QVERIFY(plain.waitForFrames(1));
        QCOMPARE(plain.frames.first(), QByteArray("psst"));
        QVERIFY(has(ann, stored->seq, plainId));
        QVERIFY(has(ann, stored->seq, kOperator));
        const auto delivery = bob.waitFor<chat::Delivery>();
        QVERIFY(delivery);
        QCOMPARE(*delivery->to, (std::vector{kOperator, bob.id(), plainId}));
        // The order of one connection: had the first message come to Cid, it would be there now.
        ann.post(2, only({cid.id()}), "for cid");
        QVERIFY(cid.waitFor<chat::Delivery>());
        QCOMPARE(cid.delivered(), QList<QByteArray>{"for cid"});
        ann.post(3, only({ann.id()}), "note to myself");
        QVERIFY(ann.waitFor<chat::Delivery>());
        QCOMPARE(ann.delivered(), QList<QByteArray>{"note to myself"});
    }

    void repeatsStored()
    {
        Room room;
        auto ann = std::make_unique<ChatPeer>();
        ChatPeer bob;
        QVERIFY(ann->join(room.port(), u"Ann"_s) && bob.join(room.port(), u"Bob"_s));
        ann->post(1, {}, "once");
        const auto first = ann->waitFor<chat::Stored>();
        QVERIFY(first);
        ann->post(1, {}, "once");
        const auto second = ann->waitFor<chat::Stored>(2);
        QVERIFY(second);
        QCOMPARE(second->seq, first->seq);
        QCOMPARE(second->time, first->time);

        const QByteArray token = ann->welcome.token;
        ann = std::make_unique<ChatPeer>();
        QVERIFY(ann->join(room.port(), u"Ann"_s, token));
        QCOMPARE(ann->welcome.lastRef, quint64(1));
        ann->post(1, {}, "once");
        ann->post(2, {}, "twice");
        QVERIFY(ann->waitFor<chat::Stored>(2));
        QCOMPARE(ann->all<chat::Stored>().front().seq, first->seq);
        QVERIFY(bob.waitFor<chat::Delivery>(2));
        QCOMPARE(bob.delivered(), (QList<QByteArray>{"once", "twice"}));
    }

    void waitsForTheAbsent()
    {
        Room room;
        ChatPeer ann;
        auto bob = std::make_unique<ChatPeer>();
        QVERIFY(ann.join(room.port(), u"Ann"_s) && bob->join(room.port(), u"Bob"_s));
        const ClientId bobId = bob->id();
        const QByteArray token = bob->welcome.token;
        ann.post(1, only({bobId}), "one");
        const auto first = bob->waitFor<chat::Delivery>();
        QVERIFY(first);
        bob->send(chat::Ack{first->seq});
        QVERIFY(has(ann, first->seq, bobId));
        bob.reset();
        QVERIFY(room.server->waitFor<ClientDisconnected>());
        ann.post(2, only({bobId}), "two");
        ann.post(3, {}, "three, for all");
        ann.post(4, only({ClientId(12345)}), "not for bob");
        ann.post(5, only({bobId}), "four");
        QVERIFY(ann.waitFor<chat::Stored>(5));
        QVERIFY(QTest::qWaitFor(
            [&] {
                for (const KnownClient &known : {room.server->last<PresenceChanged>()->client})
                    return known.state == chat::PresenceState::Offline;
                return false;
            },
            10'000));

        // The server is started again, too.
        QVERIFY(room.server->stop());
        QVERIFY(room.start());
        QVERIFY(room.server->waitFor<ClientsKnown>());
        QCOMPARE(room.server->last<ClientsKnown>()->clients.size(), size_t(2));
        bob = std::make_unique<ChatPeer>();
        QVERIFY(bob->join(room.port(), u"Bob"_s, token, first->seq));
        QCOMPARE(bob->id(), bobId);
        QVERIFY(bob->waitFor<chat::Delivery>(3));
        QCOMPARE(bob->delivered(), (QList<QByteArray>{"two", "three, for all", "four"}));
        QVERIFY(room.server->waitFor<ClientNamed>());
        const auto named = room.server->last<ClientNamed>();
        QVERIFY(named->id == bobId && named->was != bobId);
        // What it has and acknowledged is its own business: nothing comes again.
        const quint64 last = bob->all<chat::Delivery>().back().seq;
        bob->send(chat::Ack{last});
        bob->send(chat::Ping{7});
        QVERIFY(bob->waitFor<chat::Pong>());
        bob = std::make_unique<ChatPeer>();
        QVERIFY(bob->join(room.port(), u"Bob"_s, token, std::nullopt));
        ChatPeer cid;
        QVERIFY(cid.join(room.port(), u"Cid"_s));
        cid.post(1, {}, "five");
        QVERIFY(bob->waitFor<chat::Delivery>());
        QCOMPARE(bob->delivered(), QList<QByteArray>{"five"});
    }

    void replacesTheOlderConnection()
    {
        Room room;
        ChatPeer older, newer, ann;
        QVERIFY(ann.join(room.port(), u"Ann"_s));
        QVERIFY(older.join(room.port(), u"Bob"_s));
        QVERIFY(newer.join(room.port(), u"Bob"_s, older.welcome.token));
        QCOMPARE(newer.id(), older.id());
        const auto refused = older.waitFor<chat::Refused>();
        QVERIFY(refused);
        QCOMPARE(refused->code, chat::refusal::Replaced);
        QVERIFY(older.waitForEnd());
        ann.post(1, only({newer.id()}), "still here?");
        QVERIFY(newer.waitFor<chat::Delivery>());
        QVERIFY(room.server->waitFor<ClientDisconnected>());
        QVERIFY(room.server->last<ClientDisconnected>()->id != newer.id());
        for (const chat::Presence &presence : ann.all<chat::Presence>())
            QVERIFY(presence.state == chat::PresenceState::Online);
    }

    /// What somebody posts and says right before it goes is told and delivered as if it had come alone.
    void postsInOnePieceWithOtherWords_data()
    {
        QTest::addColumn<bool>("keepsHistory");
        QTest::newRow("without history") << false;
        QTest::newRow("with history") << true;
    }

    void postsInOnePieceWithOtherWords()
    {
        QFETCH(const bool, keepsHistory);
        Room room(keepsHistory ? QString() : ServerConfig::kNoHistory);
        ChatPeer ann, bob;
        QVERIFY(ann.join(room.port(), u"Ann"_s) && bob.join(room.port(), u"Bob"_s));
        QByteArray piece;
        for (quint64 ref = 1; ref <= 3; ++ref)
            chat::appendMessageFrame(
                piece, chat::Post{ref, {}, chat::BodyKind::Text, "m" + QByteArray::number(ref)});
        chat::appendMessageFrame(piece, chat::Rename{u"Anna"_s});
        chat::appendMessageFrame(piece, chat::Post{4, only({bob.id()}), chat::BodyKind::Text, "m4"});
        if (!keepsHistory)
            chat::appendMessageFrame(piece, chat::Bye{u"going"_s});
        ann.peer.sendRaw(piece);
        QVERIFY(ann.waitFor<chat::Stored>(4));
        QVERIFY(bob.waitFor<chat::Delivery>(4));
        QCOMPARE(bob.delivered(), (QList<QByteArray>{"m1", "m2", "m3", "m4"}));
        const auto stored = ann.all<chat::Stored>();
        for (size_t i = 0; i < stored.size(); ++i)
            QCOMPARE(stored[i].ref, i + 1);
        if (!keepsHistory)
            QVERIFY(ann.waitForEnd());
    }

    void renames()
    {
        Room room;
        ChatPeer ann, bob;
        QVERIFY(ann.join(room.port(), u"Ann"_s) && bob.join(room.port(), u"Bob"_s));
        ann.send(chat::Rename{u"Anna"_s});
        QVERIFY(QTest::qWaitFor(
            [&] {
                const auto all = bob.all<chat::Presence>();
                return std::any_of(all.begin(), all.end(), [&](const chat::Presence &presence) {
                    return presence.name == u"Anna"_s && presence.id == ann.id();
                });
            },
            10'000));
        ann.send(chat::Rename{u"\nAnna"_s});
        const auto notice = ann.waitFor<chat::Notice>();
        QVERIFY(notice);
        QCOMPARE(notice->code, chat::notice::BadValue);
        QTRY_COMPARE(room.server->last<ClientNamed>().value_or(ClientNamed()).name, u"Anna"_s);
    }

    void writesAsOperator()
    {
        Room room;
        auto bob = std::make_unique<ChatPeer>();
        ChatPeer ann;
        QVERIFY(ann.join(room.port(), u"Ann"_s) && bob->join(room.port(), u"Bob"_s));
        const auto toAnn = room.server->send(ann.id().toString(), "hello ann");
        QVERIFY(toAnn);
        QCOMPARE(toAnn.value().waiting, std::vector{ann.id()});
        QVERIFY(toAnn.value().seq > 0);
        const auto delivery = ann.waitFor<chat::Delivery>();
        QVERIFY(delivery);
        QCOMPARE(delivery->from, kOperator);
        QCOMPARE(delivery->seq, toAnn.value().seq);
        QVERIFY(room.server->waitFor<MessageStored>());
        ann.send(chat::Ack{delivery->seq});
        QVERIFY(room.server->waitFor<MessageDelivered>());
        QCOMPARE(room.server->last<MessageDelivered>()->id, ann.id());

        const QByteArray token = bob->welcome.token;
        const ClientId bobId = bob->id();
        bob.reset();
        QVERIFY(room.server->waitFor<ClientDisconnected>());
        QVERIFY(room.server->send(u"all"_s, "to all"));
        QVERIFY(room.server->send(bobId.toString(), "to bob"));
        const auto unknown = room.server->send(u"777"_s, "to nobody");
        QVERIFY(!unknown && unknown.error().text.contains(u"777"_s));
        bob = std::make_unique<ChatPeer>();
        QVERIFY(bob->join(room.port(), u"Bob"_s, token, std::nullopt));
        QVERIFY(bob->waitFor<chat::Delivery>(2));
        QCOMPARE(bob->delivered(), (QList<QByteArray>{"to all", "to bob"}));
        ann.post(1, only({kOperator}), "to you");
        QVERIFY(QTest::qWaitFor([&] { return room.server->received().contains("to you"); }, 10'000));
    }

    void answersQueries()
    {
        Room room;
        ChatPeer ann, bob, cid;
        QVERIFY(ann.join(room.port(), u"Ann"_s) && bob.join(room.port(), u"Bob"_s)
                && cid.join(room.port(), u"Cid"_s));
        for (quint64 i = 1; i <= 10; ++i)
            ann.post(i, {}, "everyone " + QByteArray::number(i));
        ann.post(11, only({bob.id()}), "between us");
        QVERIFY(ann.waitFor<chat::Stored>(11));
        bob.post(1, only({ann.id()}), "yes, between us");
        ann.post(12, only({bob.id(), cid.id()}), "the three of us");
        QVERIFY(ann.waitFor<chat::Stored>(12) && bob.waitFor<chat::Stored>());

        const auto ask = [](ChatPeer &peer, const chat::HistoryQuery &query, size_t pages) {
            peer.send(query);
            return peer.waitFor<chat::HistoryPage>(pages);
        };
        const auto bodies = [](const chat::HistoryPage &page) {
            QByteArrayList list;
            for (const chat::Delivery &delivery : page.deliveries)
                list << delivery.body;
            return list;
        };
        chat::HistoryQuery query;
        query.query = 42;
        query.limit = 3;
        query.with = std::vector<ClientId>{};
        auto page = ask(ann, query, 1);
        QVERIFY(page);
        QCOMPARE(page->query, quint64(42));
        QVERIFY(page->more);
        QCOMPARE(bodies(*page), (QByteArrayList{"everyone 8", "everyone 9", "everyone 10"}));
        query.before = page->deliveries.front().seq;
        page = ask(ann, query, 2);
        QVERIFY(page);
        QCOMPARE(bodies(*page), (QByteArrayList{"everyone 5", "everyone 6", "everyone 7"}));

        query = {};
        query.with = std::vector{bob.id()};
        page = ask(ann, query, 3);
        QVERIFY(page);
        QCOMPARE(bodies(*page), (QByteArrayList{"between us", "yes, between us"}));
        QVERIFY(!page->more);
        query.with = std::vector{ann.id()};
        page = ask(cid, query, 1);
        QVERIFY(page);
        QVERIFY(page->deliveries.empty());
        query = {};
        query.text = u"THREE of"_s;
        page = ask(cid, query, 2);
        QVERIFY(page);
        QCOMPARE(bodies(*page), QByteArrayList{"the three of us"});
        query.text = u"between"_s;
        page = ask(cid, query, 3);
        QVERIFY(page && page->deliveries.empty());
    }

    void keepsPlainMessages()
    {
        Room room;
        Peer plain(FrameFormat::U32LE);
        QVERIFY(plain.connectTo(room.port()));
        plain.send("from a device");
        QVERIFY(room.server->waitFor<MessagePassed>());
        std::optional<Result<HistoryMessages>> answer;
        HistoryRequest request;
        request.text = u"DEVICE"_s;
        QVERIFY(QTest::qWaitFor(
            [&] {
                // It may be on its way to the disk when it is asked for first.
                if (!answer || (*answer && answer->value().messages.empty())) {
                    answer.reset();
                    room.server->server.readHistory(request, [&](const auto &result) { answer = result; });
                }
                return QTest::qWaitFor([&] { return answer.has_value(); }, 5'000) && bool(*answer)
                    && answer->value().messages.size() == 1;
            },
            10'000));
        QCOMPARE(answer->value().messages[0].body, QByteArray("from a device"));
    }

    /// What is relayed to plain listeners must not come between a chat client's connecting and its Hello.
    void joinsAmidRelayedFrames()
    {
        RunningServer server;
        server.config.plainPolicy = PlainPolicy::Relay;
        QVERIFY(server.start());
        Peer talker(FrameFormat::U32LE);
        Peer listener(FrameFormat::U32LE);
        QVERIFY(talker.connectTo(server.port()) && listener.connectTo(server.port()));
        QVERIFY(server.waitFor<ClientConnected>(2));
        talker.send("one");
        QVERIFY(listener.waitForFrames(1)); // it stays silent, and gets the default format in the end
        ChatPeer ann;
        QVERIFY(ann.peer.connectTo(server.port()));
        QVERIFY(server.waitFor<ClientConnected>(3));
        talker.send("two");
        QVERIFY(listener.waitForFrames(2));
        ann.send(chat::Hello{chat::kVersion, u"Ann"_s, {}, 0, {}});
        QVERIFY(ann.waitFor<chat::Welcome>());
        QVERIFY(ann.faults.isEmpty());
        QCOMPARE(listener.frames, (QList<QByteArray>{"one", "two"}));
    }

    void worksWithoutHistory()
    {
        Room room(ServerConfig::kNoHistory);
        ChatPeer ann;
        auto bob = std::make_unique<ChatPeer>();
        QVERIFY(ann.join(room.port(), u"Ann"_s) && bob->join(room.port(), u"Bob"_s));
        ann.post(1, {}, "hi");
        QVERIFY(ann.waitFor<chat::Stored>());
        QVERIFY(bob->waitFor<chat::Delivery>());
        const ClientId bobId = bob->id();
        const QByteArray token = bob->welcome.token;
        bob.reset();
        QVERIFY(room.server->waitFor<ClientDisconnected>());
        ann.post(2, only({bobId}), "gone?");
        const auto stored = ann.waitFor<chat::Stored>(2);
        QVERIFY(stored);
        QCOMPARE(stored->unknown, std::vector{bobId});
        ann.send(chat::HistoryQuery{});
        QVERIFY(ann.waitFor<chat::HistoryPage>());
        QCOMPARE(ann.all<chat::Notice>().back().code, chat::notice::NoHistory);
        ChatPeer again;
        QVERIFY(again.join(room.port(), u"Bob"_s, token));
        QCOMPARE(again.id(), bobId);
    }

    void pingsTheSilent()
    {
        Room room;
        QVERIFY(room.server->stop());
        room.configure = [](ServerConfig &config) {
            config.pingInterval = std::chrono::milliseconds(50);
            config.helloDeadline = std::chrono::milliseconds(50);
            config.awayAfter = std::chrono::milliseconds(100);
        };
        QVERIFY(room.start());
        ChatPeer silent;
        QVERIFY(silent.join(room.port(), u"Silent"_s));
        const auto refused = silent.waitFor<chat::Refused>();
        QVERIFY(refused);
        QCOMPARE(refused->code, chat::refusal::Deadline);
        QVERIFY(silent.all<chat::Ping>().size() >= 2);
        QVERIFY(silent.waitForEnd());

        ChatPeer answering;
        QVERIFY(answering.join(room.port(), u"Answering"_s));
        QVERIFY(answering.waitFor<chat::Ping>());
        answering.send(chat::Pong{answering.all<chat::Ping>().back().clock});
        QVERIFY(QTest::qWaitFor(
            [&] {
                const auto found = room.server->counters.find(answering.id().value());
                return found != room.server->counters.end() && found->second.roundTripMicroseconds >= 0;
            },
            10'000));
        QVERIFY(QTest::qWaitFor(
            [&] {
                answering.send(chat::Pong{0});
                const auto all = answering.all<chat::Presence>();
                return !all.empty() && all.back().state == chat::PresenceState::Away;
            },
            10'000));

        ChatPeer mute; // the tag alone makes it a chat client, which owes a Hello
        QVERIFY(mute.peer.connectTo(room.port()));
        mute.peer.sendRaw(QByteArray::fromHex("00000040d9d9f7"));
        QVERIFY(mute.waitFor<chat::Refused>());
        QVERIFY(mute.waitForEnd());
    }

    /// Every message in every state.
    void answersEverything_data()
    {
        QTest::addColumn<bool>("afterHello");
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<QString>("answer"); ///< refused code, notice code, or the answering message
        using namespace chat;
        const auto row
            = [](const char *name, const Message &message, const QString &before, const QString &after) {
                  QTest::addRow("%s first", name)
                      << false << encodeMessageFrame(message, FirstFrame::Yes) << before;
                  QTest::addRow("%s later", name) << true << encodeMessageFrame(message) << after;
              };
        const QString no = u"refused not-allowed"_s;
        row("Hello", Hello{kVersion, u"Ann"_s, {}, 0, {}}, u"welcome"_s, no);
        row("Hello of version 0", Hello{0, u"Ann"_s, {}, 0, {}}, u"refused version"_s, no);
        row("Hello of a newer version", Hello{9, u"Ann"_s, {}, 0, {}}, u"welcome"_s, no);
        row("Hello without a name", Hello{kVersion, u""_s, {}, 0, {}}, u"refused name"_s, no);
        row("Hello with a control character", Hello{kVersion, u"A\nnn"_s, {}, 0, {}}, u"refused name"_s, no);
        row("Hello with a name too long", Hello{kVersion, QString(65, u'x'), {}, 0, {}}, u"refused name"_s,
            no);
        row("Hello with a wrong token", Hello{kVersion, u"Ann"_s, QByteArray(32, 'x'), 0, {}},
            u"refused unknown-token"_s, no);
        row("Welcome", Welcome{}, no, no);
        row("Refused", Refused{u"x"_s, u"y"_s}, no, no);
        row("Post", Post{1, {}, BodyKind::Text, "hi"}, no, u"stored"_s);
        row("Post without ref", Post{0, {}, BodyKind::Text, "hi"}, no, u"refused malformed"_s);
        row("Post to nobody", Post{1, std::vector<ClientId>{}, BodyKind::Text, "hi"}, no, u"stored"_s);
        row("Post of bytes", Post{1, {}, BodyKind::Bytes, QByteArray("\xff\x00", 2)}, no, u"stored"_s);
        // As a first frame it would be a plain one: a chat begins with less than 64 KiB.
        QTest::newRow("Post over the limit later")
            << true << encodeMessageFrame(Post{1, {}, BodyKind::Text, QByteArray(300'000, 'x')})
            << u"notice bad-value"_s;
        row("Post to too many",
            Post{1, std::vector<ClientId>(size_t(kMaxRecipients + 1), ClientId(1)), BodyKind::Text, "hi"}, no,
            u"notice bad-value"_s);
        row("Stored", Stored{}, no, no);
        row("Delivery", Delivery{}, no, no);
        row("Ack", Ack{0}, no, u"pong"_s);
        row("Ack of the future", Ack{1'000'000}, no, u"pong"_s);
        row("Receipts", Receipts{}, no, no);
        row("Presence", Presence{}, no, no);
        row("Rename", Rename{u"Anna"_s}, no, u"pong"_s);
        row("Rename to nothing", Rename{u""_s}, no, u"notice bad-value"_s);
        row("Ping", Ping{5}, no, u"pong"_s);
        row("Pong", Pong{5}, no, u"pong"_s);
        row("HistoryQuery", HistoryQuery{}, no, u"page"_s);
        row("HistoryPage", HistoryPage{}, no, no);
        row("Notice", Notice{}, no, no);
        row("Bye", Bye{u"going home"_s}, u"bye"_s, u"bye"_s);

        const auto raw = [](const char *name, const char *hex, const QString &before, const QString &after) {
            QTest::addRow("%s first", name)
                << false << encodeFrame(FrameFormat::U32BE, QByteArray::fromHex(hex)) << before;
            QTest::addRow("%s later", name)
                << true << encodeFrame(FrameFormat::U32BE, QByteArray::fromHex(hex)) << after;
        };
        const QString bad = u"refused malformed"_s;
        raw("unknown type", "d9d9f7821903e701", bad, u"notice unknown-type"_s);
        raw("no array", "d9d9f7a0", bad, bad);
        raw("wrong type", "d9d9f7836178f6f6", bad, bad);
        raw("huge count", "d9d9f79b7fffffffffffffff", bad, bad);
        raw("deep nesting", "d9d9f7818181818181818101", bad, bad);
        raw("invalid UTF-8", "d9d9f7820a62c328", bad, bad);
        raw("cut off", "d9d9f7820a64416e", bad, bad);
    }

    void answersEverything()
    {
        QFETCH(const bool, afterHello);
        QFETCH(const QByteArray, frame);
        QFETCH(const QString, answer);
        const QTemporaryDir dir;
        RunningServer server;
        server.config.maxPayloadBytes = 384 * 1024;
        server.config.dataDir = dir.path();
        QVERIFY(server.start());
        ChatPeer other;
        QVERIFY(other.join(server.port(), u"Other"_s));
        ChatPeer peer;
        if (afterHello) {
            QVERIFY(peer.join(server.port(), u"Ann"_s));
            QVERIFY(peer.waitFor<chat::Ping>());
        } else {
            QVERIFY(peer.peer.connectTo(server.port()));
        }
        peer.peer.sendRaw(frame);
        if (answer.startsWith(u"refused"_s)) {
            const auto refused = peer.waitFor<chat::Refused>();
            QVERIFY(refused);
            QCOMPARE(u"refused "_s + refused->code, answer);
            QVERIFY(refused->text.size() > 10);
            QVERIFY(peer.waitForEnd());
        } else if (answer.startsWith(u"notice"_s)) {
            const auto notice = peer.waitFor<chat::Notice>();
            QVERIFY(notice);
            QCOMPARE(u"notice "_s + notice->code, answer);
        } else if (answer == u"welcome"_s) {
            QVERIFY(peer.waitFor<chat::Welcome>());
        } else if (answer == u"stored"_s) {
            QVERIFY(peer.waitFor<chat::Stored>());
        } else if (answer == u"page"_s) {
            QVERIFY(peer.waitFor<chat::HistoryPage>());
        } else if (answer == u"bye"_s) {
            QVERIFY(peer.waitFor<chat::Bye>());
            QVERIFY(peer.waitForEnd());
        } else {
            // No answer by itself; the connection goes on.
            peer.send(chat::Ping{77});
            QVERIFY(QTest::qWaitFor(
                [&] {
                    const auto pongs = peer.all<chat::Pong>();
                    return !pongs.empty() && pongs.back().clock == 77;
                },
                10'000));
        }
        QVERIFY2(peer.faults.isEmpty(), qPrintable(peer.faults.join(u' ')));
        // Nobody else is disturbed.
        other.send(chat::Ping{3});
        QVERIFY(other.waitFor<chat::Pong>());
        QVERIFY(other.all<chat::Refused>().empty());
    }

    /// What the database does not take is neither promised nor delivered, and keeps nothing else from it.
    void tellsWhatTheHistoryRefuses()
    {
        Room room;
        ChatPeer ann, bob;
        QVERIFY(ann.join(room.port(), u"Ann"_s) && bob.join(room.port(), u"Bob"_s));
        {
            QSqlDatabase history = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"poison"_s);
            history.setDatabaseName(room.dir.filePath(u"history.db"_s));
            QVERIFY(history.open());
            QSqlQuery query(history);
            QVERIFY(
                query.exec(u"CREATE TRIGGER poison BEFORE INSERT ON messages WHEN NEW.body = CAST('poison' "
                           "AS BLOB) BEGIN SELECT RAISE(ABORT, 'poison'); END"_s));
        }
        QSqlDatabase::removeDatabase(u"poison"_s);
        ann.post(1, {}, "poison");
        ann.post(2, {}, "fine");
        QVERIFY(bob.waitFor<chat::Delivery>());
        QVERIFY(ann.waitFor<chat::Stored>());
        QVERIFY(ann.waitFor<chat::Notice>());
        QCOMPARE(ann.all<chat::Stored>().size(), size_t(1));
        QCOMPARE(ann.all<chat::Stored>()[0].ref, quint64(2));
        QVERIFY(ann.all<chat::Notice>()[0].text.contains(u"Message 1 "_s));
        QCOMPARE(bob.delivered(), QList<QByteArray>{"fine"});
    }

    void feedsASlowReaderFromTheHistory()
    {
        Room room;
        ChatPeer ann, slow;
        QVERIFY(ann.join(room.port(), u"Ann"_s) && slow.join(room.port(), u"Slow"_s));
        slow.peer.stopReading();
        const QByteArray body(64 * 1024, 'b');
        constexpr int kMessages = 500; // 32 MB, far more than any buffer between
        for (int i = 1; i <= kMessages; ++i)
            ann.post(quint64(i), {}, body + QByteArray::number(i));
        QVERIFY(ann.waitFor<chat::Stored>(kMessages, 60'000));
        slow.peer.readAgain();
        QVERIFY(slow.waitFor<chat::Delivery>(kMessages, 60'000));
        const QList<QByteArray> got = slow.delivered();
        QCOMPARE(got.size(), qsizetype(kMessages));
        for (int i = 0; i < kMessages; ++i)
            QVERIFY(got[i].sliced(body.size()) == QByteArray::number(i + 1));
        slow.send(chat::Ping{1});
        QVERIFY(slow.waitFor<chat::Pong>());
        QCOMPARE(room.server->all<ClientDisconnected>().size(), size_t(0));
    }

    void holdsBackFromWhoDoesNotAcknowledge()
    {
        Room room;
        ChatPeer ann, lazy;
        QVERIFY(ann.join(room.port(), u"Ann"_s) && lazy.join(room.port(), u"Lazy"_s));
        constexpr size_t kMessages = 18'000;
        for (quint64 i = 1; i <= kMessages; ++i)
            ann.post(i, only({lazy.id()}), "m" + QByteArray::number(i));
        QVERIFY(ann.waitFor<chat::Stored>(kMessages, 60'000));
        QVERIFY(lazy.waitFor<chat::Delivery>(16'384, 60'000));
        QVERIFY(lazy.all<chat::Delivery>().size() < kMessages);
        lazy.send(chat::Ack{lazy.all<chat::Delivery>().back().seq});
        QVERIFY(lazy.waitFor<chat::Delivery>(kMessages, 60'000));
        const auto got = lazy.delivered();
        for (size_t i = 0; i < kMessages; ++i)
            QVERIFY(got[qsizetype(i)] == "m" + QByteArray::number(i + 1));
    }
};

QTEST_GUILESS_MAIN(TestChatRoom)
#include "tst_chatroom.moc"

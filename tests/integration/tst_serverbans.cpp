// SPDX-License-Identifier: Apache-2.0
#include "tests/support/chatpeer.h"
#include "tests/support/runningserver.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;

namespace {

BanTarget target(const QString &text)
{
    return BanTarget::parse(text).value();
}

/// A server with a data directory and ways to ask it that wait for the answer.
struct Room : RunningServer
{
    Room() { config.dataDir = dir.path(); }

    template <typename T, typename Ask> Result<T> answer(Ask ask)
    {
        std::optional<Result<T>> got;
        ask([&](const Result<T> &result) { got = result; });
        if (!QTest::qWaitFor([&] { return got.has_value(); }, 10'000))
            return Error{Error::Code::Internal, u"no answer"_s};
        return *got;
    }

    Result<BanReport> ban(const QString &who, const QString &reason = u"noise"_s,
                          std::chrono::seconds time = 0s)
    {
        return answer<BanReport>([&](auto done) { server.ban(target(who), reason, time, done); });
    }

    Result<Ban> unban(const QString &who)
    {
        return answer<Ban>([&](auto done) { server.unban(target(who), done); });
    }

    std::vector<Ban> bans()
    {
        return answer<std::vector<Ban>>([&](auto done) { server.listBans(done); }).value();
    }

    QTemporaryDir dir;
};

bool connectFrom(Peer &peer, const QString &address, quint16 port)
{
    return peer.socket.bind(QHostAddress(address)) && peer.connectTo(port);
}

} // namespace

class TestServerBans : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bansAChatClient();
    void bansAnAddress_data();
    void bansAnAddress();
    void staysOverARestart();
    void endsByItself();
    void refusesWhatMakesNoSense();
    void doesNotStartWithADamagedFile();
};

void TestServerBans::bansAChatClient()
{
    Room room;
    QVERIFY(room.start());
    ChatPeer ann, bob;
    QVERIFY(ann.join(room.port(), u"Ann"_s) && bob.join(room.port(), u"Bob"_s));
    const auto report = room.ban(ann.id().toString(), u"too loud"_s, 2h);
    QVERIFY2(bool(report), report ? "" : qPrintable(report.error().text));
    QVERIFY(report.value().closed == std::vector{ann.id()});
    const auto refused = ann.waitFor<chat::Refused>();
    QVERIFY(refused);
    QCOMPARE(refused->code, chat::refusal::Banned);
    QVERIFY2(refused->text.contains(u"too loud"), qPrintable(refused->text));
    QVERIFY(ann.waitForEnd());
    QVERIFY(room.waitFor<BanChanged>());

    ChatPeer again;
    QVERIFY(again.peer.connectTo(room.port()));
    again.send(chat::Hello{chat::kVersion, u"Ann"_s, ann.welcome.token, 0, {}});
    const auto turnedAway = again.waitFor<chat::Refused>();
    QVERIFY(turnedAway);
    QCOMPARE(turnedAway->code, chat::refusal::Banned);
    QVERIFY(again.waitForEnd());
    QVERIFY(room.waitFor<PeerRefused>());
    QTRY_COMPARE(room.totals.refused, quint64(1));
    bob.post(1, {}, "I am here still");
    QVERIFY(bob.waitFor<chat::Stored>());

    QVERIFY(bool(room.unban(ann.id().toString())));
    ChatPeer back;
    QVERIFY(back.join(room.port(), u"Ann"_s, ann.welcome.token));
    QCOMPARE(back.id(), ann.id());
    QVERIFY(room.bans().empty());
}

void TestServerBans::bansAnAddress_data()
{
    QTest::addColumn<QString>("who");
    QTest::addColumn<QString>("address");
    QTest::addColumn<bool>("isBanned");
    QTest::newRow("itself") << u"127.0.0.5"_s << u"127.0.0.5"_s << true;
    QTest::newRow("its neighbour") << u"127.0.0.5"_s << u"127.0.0.6"_s << false;
    QTest::newRow("in a network") << u"127.0.0.4/30"_s << u"127.0.0.6"_s << true;
    QTest::newRow("beside a network") << u"127.0.0.4/30"_s << u"127.0.0.8"_s << false;
}

void TestServerBans::bansAnAddress()
{
    QFETCH(QString, who);
    QFETCH(QString, address);
    QFETCH(bool, isBanned);
    Room room;
    QVERIFY(room.start());
    Peer plain;
    QVERIFY(connectFrom(plain, address, room.port()));
    plain.send("here");
    ChatPeer chat;
    QVERIFY(chat.peer.socket.bind(QHostAddress(address)) && chat.join(room.port(), u"Ann"_s));
    Peer silent;
    QVERIFY(connectFrom(silent, address, room.port()));
    QVERIFY(room.waitFor<ClientConnected>(3));

    const auto report = room.ban(who);
    QVERIFY(bool(report));
    QCOMPARE(report.value().closed.size(), size_t(isBanned ? 3 : 0));
    Peer later;
    QVERIFY(connectFrom(later, address, room.port()));
    if (!isBanned) {
        QVERIFY(room.waitFor<ClientConnected>(4));
        QVERIFY(room.all<ClientDisconnected>().empty());
        return;
    }
    QVERIFY(plain.waitForEnd() && silent.waitForEnd() && chat.waitForEnd());
    QCOMPARE(chat.waitFor<chat::Refused>()->code, chat::refusal::Banned);
    QVERIFY(later.waitForEnd());
    QVERIFY(room.waitFor<PeerRefused>());
    QCOMPARE(room.last<PeerRefused>()->address, address);
    QVERIFY2(room.last<PeerRefused>()->reason.contains(u"noise"),
             qPrintable(room.last<PeerRefused>()->reason));
    QCOMPARE(room.all<ClientConnected>().size(), size_t(3));

    QVERIFY(bool(room.unban(who)));
    Peer free;
    QVERIFY(connectFrom(free, address, room.port()));
    QVERIFY(room.waitFor<ClientConnected>(4));
}

void TestServerBans::staysOverARestart()
{
    Room room;
    QVERIFY(room.start());
    ChatPeer ann;
    QVERIFY(ann.join(room.port(), u"Ann"_s));
    QVERIFY(bool(room.ban(ann.id().toString(), u"too loud"_s)));
    QVERIFY(bool(room.ban(u"2001:db8::/32"_s, {}, 1h)));
    const std::vector<Ban> before = room.bans();
    QVERIFY(room.stop());
    QCOMPARE(QFile::permissions(room.dir.filePath(u"bans.json"_s))
                 & (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther),
             QFile::Permissions());

    QVERIFY(room.start());
    QVERIFY(room.bans() == before);
    ChatPeer again;
    QVERIFY(again.peer.connectTo(room.port()));
    again.send(chat::Hello{chat::kVersion, u"Ann"_s, ann.welcome.token, 0, {}});
    const auto refused = again.waitFor<chat::Refused>();
    QVERIFY(refused);
    QCOMPARE(refused->code, chat::refusal::Banned);
}

void TestServerBans::endsByItself()
{
    Room room;
    QVERIFY(room.start());
    QVERIFY(bool(room.ban(u"127.0.0.5"_s, {}, 1s)));
    QVERIFY(room.waitFor<BanChanged>(2));
    QVERIFY(room.last<BanChanged>()->isLifted);
    QVERIFY(room.bans().empty());
    Peer peer;
    QVERIFY(connectFrom(peer, u"127.0.0.5"_s, room.port()));
    QVERIFY(room.waitFor<ClientConnected>());
}

void TestServerBans::refusesWhatMakesNoSense()
{
    Room room;
    const auto early = room.ban(u"127.0.0.5"_s);
    QVERIFY(!early && early.error().text.contains(u"does not run"));
    QVERIFY(!room.unban(u"127.0.0.5"_s));
    QVERIFY(room.start());
    Peer plain;
    QVERIFY(plain.connectTo(room.port()));
    plain.send("here");
    QVERIFY(room.waitFor<ClientFormatKnown>());
    const auto ofPlain = room.ban(u"1"_s);
    QVERIFY(!ofPlain && ofPlain.error().text.contains(u"127.0.0.1"));
    QCOMPARE(plain.socket.state(), QAbstractSocket::ConnectedState);
    const auto ofNobody = room.ban(u"77"_s);
    QVERIFY(!ofNobody && ofNobody.error().code == Error::Code::NotFound);
    const auto lifted = room.unban(u"127.0.0.5"_s);
    QVERIFY(!lifted && lifted.error().code == Error::Code::NotFound);
    QVERIFY(room.all<BanChanged>().empty());
}

void TestServerBans::doesNotStartWithADamagedFile()
{
    Room room;
    QFile file(room.dir.filePath(u"bans.json"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("{") == 1);
    file.close();
    QVERIFY(!room.start());
    QVERIFY(room.last<ServerFailed>()->error.code == Error::Code::BadInput);
    QVERIFY2(room.last<ServerFailed>()->error.text.contains(u"bans.json"),
             qPrintable(room.last<ServerFailed>()->error.text));
    QVERIFY(file.remove());
    room.events.clear();
    QVERIFY(room.start());
}

QTEST_GUILESS_MAIN(TestServerBans)
#include "tst_serverbans.moc"

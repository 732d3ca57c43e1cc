// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/chatclient.h"
#include "tests/support/chatpeer.h"
#include "tests/support/runningserver.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

chat::Hello hello(const QString &name, const std::optional<QString> &password = {},
                  const QByteArray &token = {})
{
    return {chat::kVersion, name, token, 0, password};
}

} // namespace

Q_DECLARE_METATYPE(std::optional<QString>)

/// The room's password and names, at a server with real sockets.
class TestIdentity : public QObject
{
    Q_OBJECT

private:
    struct Room
    {
        bool start(const std::optional<QString> &password = {})
        {
            server = std::make_unique<RunningServer>();
            server->config.dataDir = dir.path();
            server->config.history = history;
            server->config.password = password;
            server->config.freeNamesDays = freeNamesDays;
            return server->start();
        }

        /// The code that it is refused with; empty: it is in.
        QString tryToJoin(ChatPeer &peer, const chat::Hello &first)
        {
            if (!peer.peer.connectTo(server->port()))
                return u"no connection"_s;
            peer.send(first);
            const bool answered = QTest::qWaitFor(
                [&] { return !peer.all<chat::Welcome>().empty() || !peer.all<chat::Refused>().empty(); },
                30'000);
            if (!answered)
                return u"no answer"_s;
            if (peer.all<chat::Welcome>().empty())
                return peer.all<chat::Refused>().back().code;
            peer.welcome = peer.all<chat::Welcome>().back();
            return {};
        }

        QString tryToJoin(const chat::Hello &first)
        {
            ChatPeer peer;
            return tryToJoin(peer, first);
        }

        Result<KnownClient> release(const QString &name)
        {
            std::optional<Result<KnownClient>> answer;
            server->server.releaseName(name, [&](const auto &result) { answer = result; });
            if (!QTest::qWaitFor([&] { return answer.has_value(); }, 10'000))
                return Error{Error::Code::Internal, u"no answer"_s};
            return *answer;
        }

        bool setPassword(const QString &password, bool isNeeded)
        {
            std::optional<Result<bool>> answer;
            server->server.setRoomPassword(dir.path(), password,
                                           [&](const auto &result) { answer = result; });
            return QTest::qWaitFor([&] { return answer.has_value(); }, 30'000) && *answer
                && answer->value() == isNeeded;
        }

        QTemporaryDir dir;
        QString history;
        int freeNamesDays = 0;
        std::unique_ptr<RunningServer> server;
    };

private Q_SLOTS:

    void letsInWhoKnowsThePassword_data()
    {
        QTest::addColumn<std::optional<QString>>("password");
        QTest::addColumn<QString>("code");
        using Password = std::optional<QString>;
        QTest::newRow("right") << Password(u"open sesame"_s) << QString();
        QTest::newRow("wrong") << Password(u"open"_s) << chat::refusal::Password;
        QTest::newRow("none") << Password() << chat::refusal::Password;
        QTest::newRow("empty") << Password(u""_s) << chat::refusal::Password;
        QTest::newRow("very long") << Password(QString(5'000, u'x')) << chat::refusal::Password;
        QTest::newRow("its hash does not help")
            << Password(u"$argon2id$v=19$m=65536,t=2,p=1$YWJjZGVmZ2hpamtsbW5vcA$"
                        "YWJjZGVmZ2hpamtsbW5vcGFiY2RlZmdoaWprbG1ub3A"_s)
            << chat::refusal::Password;
    }

    void letsInWhoKnowsThePassword()
    {
        QFETCH(const std::optional<QString>, password);
        Room room;
        QVERIFY(room.start(u"open sesame"_s));
        QTEST(room.tryToJoin(hello(u"Ann"_s, password)), "code");
        QTEST(room.tryToJoin(hello(u"Bob"_s, password)), "code");
    }

    void tellsTheOperatorOfWrongOnes()
    {
        Room room;
        QVERIFY(room.start(u"open sesame"_s));
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s, u"1"_s)), chat::refusal::Password);
        QCOMPARE(room.tryToJoin(hello(u"Bob"_s, u"2"_s)), chat::refusal::Password);
        QVERIFY(room.server->waitFor<LoginFailed>(2));
        const LoginFailed failed = *room.server->last<LoginFailed>();
        QCOMPARE(failed.name, u"Bob"_s);
        QCOMPARE(failed.address, u"127.0.0.1"_s);
        QCOMPARE(failed.failures, 2);
        QVERIFY(failed.port > 0);
        QVERIFY(room.server->waitFor<PeerRefused>(2));
        // Nobody became known by it.
        QVERIFY(room.server->all<ClientNamed>().empty());
    }

    void asksForItOnceOnly()
    {
        Room room;
        QVERIFY(room.start(u"open sesame"_s));
        QByteArray token;
        {
            ChatPeer ann;
            QCOMPARE(room.tryToJoin(ann, hello(u"Ann"_s, u"open sesame"_s)), QString());
            token = ann.welcome.token;
        }
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s, {}, token)), QString());
        // Also after a restart, whether the password is said again or not.
        for (const std::optional<QString> &password :
             {std::optional<QString>(), std::optional(u"open sesame"_s)}) {
            QVERIFY(room.server->stop());
            QVERIFY(room.start(password));
            QCOMPARE(room.tryToJoin(hello(u"Ann"_s, {}, token)), QString());
            QCOMPARE(room.tryToJoin(hello(u"Bob"_s)), chat::refusal::Password);
        }
        // Another password: everybody has to know it.
        QVERIFY(room.setPassword(u"changed"_s, true));
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s, {}, token)), chat::refusal::Password);
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s, u"open sesame"_s, token)), chat::refusal::Password);
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s, u"changed"_s, token)), QString());
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s, {}, token)), QString());
        QVERIFY(room.setPassword({}, false));
        QCOMPARE(room.tryToJoin(hello(u"Bob"_s)), QString());
        // Those who came while there was none have to give the next one.
        QVERIFY(room.setPassword(u"again"_s, true));
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s, {}, token)), chat::refusal::Password);
    }

    void isNotAskedByATokenThatNobodyHas()
    {
        Room room;
        QVERIFY(room.start(u"open sesame"_s));
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s, u"open sesame"_s, QByteArray(32, 'x'))),
                 chat::refusal::UnknownToken);
    }

    void saysNothingElseMeanwhile()
    {
        Room room;
        QVERIFY(room.start(u"open sesame"_s));
        ChatPeer ann;
        QVERIFY(ann.peer.connectTo(room.server->port()));
        ann.send(hello(u"Ann"_s, u"wrong"_s));
        ann.post(1, {}, "in without a password?");
        const auto refused = ann.waitFor<chat::Refused>();
        QVERIFY(refused);
        QCOMPARE(refused->code, chat::refusal::NotAllowed);
        QVERIFY(ann.waitForEnd());
        QVERIFY(room.server->received().isEmpty());
        // One that goes away while its password is looked at takes nothing with it.
        for (int i = 0; i < 3; ++i) {
            ChatPeer hasty;
            QVERIFY(hasty.peer.connectTo(room.server->port()));
            hasty.send(hello(u"Eve"_s, u"wrong"_s));
        }
        QCOMPARE(room.tryToJoin(hello(u"Bob"_s, u"open sesame"_s)), QString());
    }

    /// A thousand guesses from here: few are looked at, and who is in notices nothing.
    void holdsGuessersUp()
    {
        Room room;
        QVERIFY(room.start(u"open sesame"_s));
        ChatPeer ann;
        ChatPeer bob;
        QCOMPARE(room.tryToJoin(ann, hello(u"Ann"_s, u"open sesame"_s)), QString());
        QCOMPARE(room.tryToJoin(bob, hello(u"Bob"_s, u"open sesame"_s)), QString());
        int wrong = 0;
        int late = 0;
        for (int guess = 0; guess < 200; ++guess) {
            const QString code = room.tryToJoin(hello(u"Eve"_s, QString::number(guess)));
            wrong += code == chat::refusal::Password;
            late += code == chat::refusal::TooMany;
            if (guess % 20 == 0) {
                const quint64 ref = quint64(guess / 20 + 1);
                ann.post(ref, {}, "still here");
                QVERIFY(bob.waitFor<chat::Delivery>(ref));
            }
        }
        QCOMPARE(wrong + late, 200);
        QVERIFY2(wrong >= 10 && wrong < 20, QByteArray::number(wrong).constData());
        QCOMPARE(room.tryToJoin(hello(u"Cid"_s, u"open sesame"_s)), chat::refusal::TooMany);
        QVERIFY(room.server->all<ClientDisconnected>().size() <= 201);
        QVERIFY(ann.all<chat::Refused>().empty() && bob.all<chat::Refused>().empty());
    }

    void namesBelong_data()
    {
        QTest::addColumn<QString>("history");
        QTest::newRow("with history") << QString();
        QTest::newRow("without") << ServerConfig::kNoHistory;
    }

    void namesBelong()
    {
        QFETCH(const QString, history);
        Room room;
        room.history = history;
        QVERIFY(room.start());
        QByteArray token;
        {
            ChatPeer ann;
            QCOMPARE(room.tryToJoin(ann, hello(u"Ann"_s)), QString());
            token = ann.welcome.token;
            for (const QString &name : {u"Ann"_s, u"ANN"_s, u"\uff21nn"_s, u"A\u200dnn"_s})
                QCOMPARE(room.tryToJoin(hello(name)), chat::refusal::NameTaken);
        }
        QVERIFY(room.server->waitFor<ClientDisconnected>(5));
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s)), chat::refusal::NameTaken);
        // The one who runs the server is called so.
        for (const QString &name : {u"Operator"_s, u"OPERATOR"_s, u"\uff2fperator"_s})
            QCOMPARE(room.tryToJoin(hello(name)), chat::refusal::NameTaken);

        ChatPeer bob;
        QCOMPARE(room.tryToJoin(bob, hello(u"Bob"_s)), QString());
        bob.send(chat::Rename{u"aNN"_s});
        const auto notice = bob.waitFor<chat::Notice>();
        QVERIFY(notice);
        QCOMPARE(notice->code, chat::notice::NameTaken);
        bob.send(chat::Rename{u"BOB"_s}); // one's own
        QVERIFY(QTest::qWaitFor([&] {
            const auto all = bob.all<chat::Presence>();
            return !all.empty() && all.back().name == u"BOB"_s;
        }));
        // Its own, in another form; and nobody else's.
        QCOMPARE(room.tryToJoin(hello(u"ANN"_s, {}, token)), QString());
        ChatPeer ann;
        QCOMPARE(room.tryToJoin(ann, hello(u"bob"_s, {}, token)), QString());
        QCOMPARE(ann.welcome.roster.front().name, u"ANN"_s);
        const auto kept = ann.waitFor<chat::Notice>();
        QVERIFY(kept);
        QCOMPARE(kept->code, chat::notice::NameTaken);
    }

    void freesANameThatIsNotUsed()
    {
        Room room;
        QVERIFY(room.start());
        QByteArray token;
        ClientId id;
        {
            ChatPeer ann;
            QCOMPARE(room.tryToJoin(ann, hello(u"Ann"_s)), QString());
            token = ann.welcome.token;
            id = ann.id();
            const auto tooEarly = room.release(u"ann"_s);
            QVERIFY(!tooEarly && tooEarly.error().code == Error::Code::InUse);
        }
        QVERIFY(room.server->waitFor<ClientDisconnected>());
        QVERIFY(!room.release(u"nobody"_s));
        const Result<KnownClient> released = room.release(u"ann"_s);
        QVERIFY(bool(released));
        QCOMPARE(released.value().id, id);
        QCOMPARE(released.value().name, u"Ann (%1)"_s.arg(id.value()));
        // As long as nobody took it, it is hers again.
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s, {}, token)), QString());
        QVERIFY(QTest::qWaitFor([&] { return bool(room.release(u"Ann"_s)); }));
        QVERIFY(room.server->stop());
        QVERIFY(room.start()); // it is kept
        ChatPeer other;
        QCOMPARE(room.tryToJoin(other, hello(u"Ann"_s)), QString());
        ChatPeer ann;
        QCOMPARE(room.tryToJoin(ann, hello(u"Ann"_s, {}, token)), QString());
        QCOMPARE(ann.id(), id);
        QCOMPARE(ann.welcome.roster.front().name, u"Ann (%1)"_s.arg(id.value()));
    }

    void freesNamesThatWereNotSeenForLong()
    {
        Room room;
        QVERIFY(room.start());
        {
            ChatPeer ann;
            QCOMPARE(room.tryToJoin(ann, hello(u"Ann"_s)), QString());
        }
        QVERIFY(room.server->stop());
        room.freeNamesDays = 1;
        QVERIFY(room.start());
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s)), chat::refusal::NameTaken);
        QVERIFY(room.server->stop());
        // What was two days ago.
        const QString connection = u"identity"_s;
        {
            QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, connection);
            database.setDatabaseName(room.dir.filePath(u"history.db"_s));
            QVERIFY(database.open());
            QVERIFY(QSqlQuery(database).exec(u"UPDATE clients SET last_seen = last_seen - 172800000"_s));
            database.close();
        }
        QSqlDatabase::removeDatabase(connection);
        QVERIFY(room.start());
        QCOMPARE(room.tryToJoin(hello(u"Ann"_s)), QString());
    }

    void clientsGiveIt()
    {
        Room room;
        QVERIFY(room.start(u"open sesame"_s));
        ClientConfig config;
        config.port = room.server->port();
        config.chat = ChatIdentity{.name = u"Ann"_s, .stateDir = {}};
        ChatClient client;
        QStringList codes;
        connect(&client, &ChatClient::batchReady, this, [&](const ClientBatch &batch) {
            for (const ClientEvent &event : batch.events) {
                if (const auto *notice = std::get_if<ChatNotice>(&event))
                    codes << notice->code;
            }
        });
        // A wrong one is not tried again by itself.
        for (const std::optional<QString> &password : {std::optional<QString>(), std::optional(u"wrong"_s)}) {
            config.chat->password = password;
            codes.clear();
            client.connectToServer(config);
            QVERIFY(QTest::qWaitFor([&] { return !codes.isEmpty(); }, 10'000));
            QTRY_VERIFY(client.state() == ChatClient::State::Offline);
            QCOMPARE(codes, QStringList{chat::refusal::Password});
        }
        config.chat->password = u"open sesame"_s;
        client.connectToServer(config);
        QTRY_VERIFY_WITH_TIMEOUT(client.state() == ChatClient::State::Online, 10'000);

        ChatClient other;
        QString taken;
        connect(&other, &ChatClient::batchReady, this, [&](const ClientBatch &batch) {
            for (const ClientEvent &event : batch.events) {
                if (const auto *notice = std::get_if<ChatNotice>(&event))
                    taken = notice->code;
            }
        });
        other.connectToServer(config);
        QTRY_COMPARE(taken, chat::refusal::NameTaken);
        QTRY_VERIFY(other.state() == ChatClient::State::Offline);
        config.chat->name = u"Bob"_s;
        other.connectToServer(config);
        QTRY_VERIFY_WITH_TIMEOUT(other.state() == ChatClient::State::Online, 10'000);
        std::optional<Result<QString>> renamed;
        other.rename(u"ann"_s, [&](const Result<QString> &result) { renamed = result; });
        QTRY_VERIFY(renamed.has_value());
        QVERIFY(!*renamed && renamed->error().code == Error::Code::InUse);
    }
};

QTEST_GUILESS_MAIN(TestIdentity)
#include "tst_identity.moc"

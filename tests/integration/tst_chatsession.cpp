// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/chatclient.h"
#include "client-gui/core/chatstate.h"
#include "common/framing/frameencoder.h"
#include "tests/support/heldthread.h"
#include "tests/support/scriptedchatserver.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#ifdef Q_OS_LINUX
#include <csignal>
#include <sys/resource.h>
#endif

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;
using State = ChatClient::State;
using Fate = ChatMessageState::State;

namespace {

/// A chat client that keeps what it reports.
struct User
{
    explicit User(const ScriptedChatServer &server, const QString &stateDir = {},
                  const QString &name = u"ann"_s)
    {
        config.port = server.port();
        config.chat = ChatIdentity{.name = name, .stateDir = stateDir};
        QObject::connect(&client, &ChatClient::batchReady, &client, [this](const ClientBatch &batch) {
            for (const ClientEvent &event : batch.events)
                events.push_back(event);
        });
    }

    void connect() { client.connectToServer(config); }

    bool waitFor(State state)
    {
        return QTest::qWaitFor([&] { return client.state() == state; }, 20'000);
    }

    template <typename T> std::vector<T> all() const
    {
        std::vector<T> found;
        for (const ClientEvent &event : events) {
            if (const T *e = std::get_if<T>(&event))
                found.push_back(*e);
        }
        return found;
    }

    QList<quint64> receivedSeqs() const
    {
        QList<quint64> seqs;
        for (const ChatMessageReceived &message : all<ChatMessageReceived>())
            seqs << message.delivery.seq;
        return seqs;
    }

    /// What was told of one message, in order.
    QList<Fate> fates(quint64 ref) const
    {
        QList<Fate> fates;
        for (const ChatMessageState &state : all<ChatMessageState>()) {
            if (state.ref == ref)
                fates << state.state;
        }
        return fates;
    }

    std::optional<ChatMessageState> last(quint64 ref) const
    {
        std::optional<ChatMessageState> last;
        for (const ChatMessageState &state : all<ChatMessageState>()) {
            if (state.ref == ref)
                last = state;
        }
        return last;
    }

    QStringList errors() const
    {
        QStringList texts;
        for (const ClientNote &note : all<ClientNote>()) {
            if (note.isError)
                texts << note.text;
        }
        return texts;
    }

    Result<quint64> post(const QByteArray &text, const chat::Addressees &to = {},
                         chat::BodyKind kind = chat::BodyKind::Text)
    {
        std::optional<Result<quint64>> answer;
        client.post(to, kind, text, [&](const auto &result) { answer = result; });
        if (!QTest::qWaitFor([&] { return answer.has_value(); }, 20'000))
            return Error{Error::Code::Internal, u"no answer"_s};
        return *answer;
    }

    ClientConfig config;
    std::vector<ClientEvent> events;
    ChatClient client;
};

/// Connects and lets it in.
bool join(ScriptedChatServer &server, User &user)
{
    user.connect();
    return server.letIn() && user.waitFor(State::Online);
}

QFile::Permissions othersRights(const QString &path)
{
    return QFile::permissions(path)
        & (QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther | QFile::WriteOther
           | QFile::ExeOther);
}

QByteArray cborFrame(const char *hex)
{
    const QByteArray payload = QByteArray::fromHex(hex);
    return encodeFrame(FrameFormat::U32BE, payload);
}

} // namespace

class TestChatSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void greetsAsNew()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        user.config.chat->password = u"open sesame"_s;
        user.connect();
        const std::optional<chat::Hello> hello = server.next<chat::Hello>();
        QVERIFY(hello);
        QCOMPARE(hello->version, chat::kVersion);
        QCOMPARE(hello->name, u"ann"_s);
        QVERIFY(hello->token.isEmpty());
        QCOMPARE(hello->lastSeq, std::optional<quint64>(0));
        QCOMPARE(hello->password, std::optional(u"open sesame"_s));
        QCOMPARE(user.client.state(), State::Handshake);

        server.welcome.roster = {{ClientId(3), u"bob"_s, chat::PresenceState::Away, 50}};
        server.welcome.lastSeq = 12;
        server.send(server.welcome);
        QVERIFY(user.waitFor(State::Online));
        QTRY_COMPARE(user.all<ChatWelcomed>().size(), 1u);
        const ChatWelcomed welcomed = user.all<ChatWelcomed>().front();
        QCOMPARE(welcomed.id, ClientId(7));
        QCOMPARE(welcomed.name, u"ann"_s);
        QCOMPARE(welcomed.serverName, u"scripted"_s);
        QCOMPARE(welcomed.lastSeq, 12u);
        QCOMPARE(welcomed.limits, server.welcome.limits);
        QCOMPARE(welcomed.roster, server.welcome.roster);
    }

    void keepsItsFilesToItself()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, QDir(dir()).filePath(u"made/by it"_s), u"../ann/ö"_s);
        QVERIFY(join(server, user));
        const QString folder = ChatState::folder(user.config);
        QVERIFY(folder.startsWith(user.config.chat->stateDir));
        QCOMPARE(QDir::cleanPath(folder), folder);
        QStringList paths{user.config.chat->stateDir, QFileInfo(folder).path(), folder};
        for (const QString &file : {u"token"_s, u"outbox"_s, u"outbox-wal"_s})
            paths << QDir(folder).filePath(file);
        for (const QString &path : std::as_const(paths)) {
            QVERIFY2(QFile::exists(path), qPrintable(path));
            QVERIFY2(!othersRights(path), qPrintable(path));
        }
    }

    void resumes()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        {
            User user(server, dir());
            QVERIFY(join(server, user));
            for (const quint64 seq : {4, 5, 9})
                server.deliver(seq, "hello");
            QTRY_COMPARE(user.receivedSeqs(), (QList<quint64>{4, 5, 9}));
            QTRY_VERIFY(user.client.state() == State::Online && server.count<chat::Ack>() > 0);
        }
        QVERIFY(server.next<chat::Bye>());
        User again(server, dir());
        again.connect();
        const std::optional<chat::Hello> hello = server.letIn();
        QVERIFY(hello);
        QCOMPARE(hello->token, server.welcome.token);
        QCOMPARE(hello->lastSeq, std::optional<quint64>(9));
        server.deliver(9, "again");
        server.deliver(10, "new");
        QTRY_COMPARE(again.receivedSeqs(), QList<quint64>{10});
    }

    void goesOnWhereTheCallerIs()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        user.config.chat->lastSeq = 17;
        server.welcome.lastSeq = 20;
        user.connect();
        const std::optional<chat::Hello> hello = server.letIn();
        QVERIFY(hello);
        QCOMPARE(hello->lastSeq, std::optional<quint64>(17));
        server.deliver(17, "old");
        server.deliver(18, "new");
        QTRY_COMPARE(user.receivedSeqs(), QList<quint64>{18});
    }

    void keepsNothingWithoutAFolder()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        for (int run = 0; run < 2; ++run) {
            User user(server);
            user.connect();
            const std::optional<chat::Hello> hello = server.letIn();
            QVERIFY(hello);
            QVERIFY(hello->token.isEmpty());
            QVERIFY(bool(user.post("hello")));
            const std::optional<chat::Post> post = server.next<chat::Post>();
            QVERIFY(post);
            QCOMPARE(post->ref, 1u);
        }
    }

    void acknowledgesWhatIsOnDisk()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        quint64 acked = 0;
        for (quint64 seq = 1; seq <= 300; ++seq) {
            server.deliver(seq, "hello");
            if (seq % 100)
                continue;
            while (acked < seq) {
                const std::optional<chat::Ack> ack = server.next<chat::Ack>();
                QVERIFY(ack);
                QVERIFY(ack->seq > acked && ack->seq <= seq);
                acked = ack->seq;
                QVERIFY(user.receivedSeqs().contains(acked));
                // As a crash would find it at this moment.
                QTemporaryDir copy;
                for (const QString &name : {u"outbox"_s, u"outbox-wal"_s}) {
                    QVERIFY(QFile::copy(QDir(ChatState::folder(user.config)).filePath(name),
                                        copy.filePath(name)));
                }
                const auto outbox = Outbox::open(copy.filePath(u"outbox"_s));
                QVERIFY(bool(outbox));
                QVERIFY(outbox.value()->kept().lastSeq >= acked);
            }
        }
        QVERIFY(server.count<chat::Ack>() < 100);
    }

    void acknowledgesBeforeItLeaves()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        bool left = false;
        QObject::connect(&user.client, &ChatClient::batchReady, &user.client, [&](const ClientBatch &) {
            if (!user.receivedSeqs().isEmpty() && !std::exchange(left, true))
                user.client.disconnectFromServer();
        });
        server.deliver(5, "the last word");
        QVERIFY(user.waitFor(State::Offline));
        QVERIFY(server.waitForEnd());
        const std::optional<chat::Ack> ack = server.next<chat::Ack>();
        QVERIFY(ack);
        QCOMPARE(ack->seq, 5u);
        QVERIFY(std::holds_alternative<chat::Bye>(server.received.back()));
    }

    void showsEachMessageOnce()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        QList<quint64> expected;
        for (quint64 round = 0; round < 4; ++round) {
            // Twice on one connection, and the newest ones again on the next.
            for (int twice = 0; twice < 2; ++twice) {
                for (quint64 seq = std::max<quint64>(10 * round, 3) - 2; seq <= 10 * round + 10; ++seq)
                    server.deliver(seq, "hello");
            }
            for (quint64 seq = 10 * round + 1; seq <= 10 * round + 10; ++seq)
                expected << seq;
            if (round % 2)
                QTRY_COMPARE(user.receivedSeqs(), expected);
            const int connections = server.connections;
            server.cut();
            QVERIFY(user.waitFor(State::WaitingToRetry));
            user.client.retryNow();
            QVERIFY(server.waitForConnections(connections + 1));
            const std::optional<chat::Hello> hello = server.letIn();
            QVERIFY(hello);
            QCOMPARE(hello->token, server.welcome.token);
            QVERIFY(*hello->lastSeq <= 10 * round + 10);
        }
        server.deliver(1'000, "the end");
        expected << 1'000;
        QTRY_VERIFY(user.receivedSeqs().contains(1'000));
        QList<quint64> received = user.receivedSeqs();
        // A cut may have come before what was sent last.
        QVERIFY(std::is_sorted(received.begin(), received.end()));
        QCOMPARE(std::unique(received.begin(), received.end()), received.end());
    }

    /// A server that was put back to an earlier state gives old numbers to new messages.
    void believesAServerThatWentBack()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        server.deliver(50, "before");
        QTRY_COMPARE(user.receivedSeqs().size(), 1);
        server.cut();
        server.welcome.lastSeq = 20;
        QVERIFY(user.waitFor(State::WaitingToRetry));
        user.client.retryNow();
        QVERIFY(server.letIn());
        server.deliver(21, "after");
        QTRY_COMPARE(user.receivedSeqs(), (QList<quint64>{50, 21}));
        QVERIFY(user.errors().join(u' ').contains(u"earlier state"));
    }

    void postsAndHearsWhatBecameOfIt()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        const chat::Addressees to = std::vector{ClientId(3), ClientId(4)};
        const Result<quint64> ref = user.post("hello", to);
        QVERIFY(bool(ref));
        const std::optional<chat::Post> post = server.next<chat::Post>();
        QVERIFY(post);
        QCOMPARE(*post, (chat::Post{ref.value(), to, chat::BodyKind::Text, "hello"}));

        server.send(chat::Stored{post->ref, 31, 77, {}, 2});
        QTRY_COMPARE(user.fates(post->ref), (QList<Fate>{Fate::Waiting, Fate::Stored}));
        ChatMessageState state = *user.last(post->ref);
        QCOMPARE(state.seq, 31u);
        QCOMPARE(state.time, 77);
        QCOMPARE(state.to, to);
        QCOMPARE(state.body, "hello");
        QCOMPARE(state.recipients, 2u);
        QCOMPARE(state.delivered, 0u);

        server.send(chat::Receipts{{{31, ClientId(4)}, {31, ClientId(4)}, {30, ClientId(3)}}});
        QTRY_COMPARE(user.last(post->ref)->delivered, 1u);
        QCOMPARE(user.last(post->ref)->state, Fate::Stored);
        server.send(chat::Receipts{{{31, ClientId(3)}}});
        QTRY_COMPARE(user.last(post->ref)->state, Fate::Delivered);
        QCOMPARE(user.last(post->ref)->delivered, 2u);
        QTRY_COMPARE(user.all<ChatReceipts>().size(), 2u);
        QCOMPARE(user.all<ChatReceipts>().front().list.size(), 3u);
    }

    /// After a reconnect the server may tell who has a message before it says again that it is stored.
    void countsReceiptsThatComeFirst()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        QVERIFY(bool(user.post("hello")));
        QVERIFY(server.next<chat::Post>());
        server.cut();
        QVERIFY(user.waitFor(State::WaitingToRetry));
        user.client.retryNow();
        QVERIFY(server.letIn());
        server.send(chat::Receipts{{{31, ClientId(4)}}});
        QVERIFY(server.next<chat::Post>());
        server.send(chat::Stored{1, 31, 77, {}, 1});
        QTRY_COMPARE(user.last(1)->state, Fate::Delivered);
    }

    void outboxSurvivesItsClient()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        {
            User user(server, dir());
            QVERIFY(join(server, user));
            QVERIFY(bool(user.post("first")));
            QVERIFY(
                bool(user.post(QByteArray("\xff\0", 2), std::vector{ClientId(0)}, chat::BodyKind::Bytes)));
            QVERIFY(bool(user.post("")));
            server.send(chat::Stored{1, 100, 5, {}, 3});
            QTRY_COMPARE(user.fates(1), (QList<Fate>{Fate::Waiting, Fate::Stored}));
        }
        QTRY_COMPARE(server.count<chat::Post>(), 3u);
        const chat::Post second = (server.next<chat::Post>(), *server.next<chat::Post>());
        const chat::Post third = *server.next<chat::Post>();
        {
            User user(server, dir());
            user.connect();
            QVERIFY(server.waitForConnections(2));
            QTRY_COMPARE(user.fates(2), QList<Fate>{Fate::Waiting});
            QVERIFY(server.letIn());
            QCOMPARE(server.next<chat::Post>(), std::optional(second));
            QCOMPARE(server.next<chat::Post>(), std::optional(third));
            QCOMPARE(user.fates(1), QList<Fate>{});
            const Result<quint64> fourth = user.post("fourth");
            QVERIFY(bool(fourth));
            QCOMPARE(fourth.value(), 4u);
            for (quint64 ref = 2; ref <= 4; ++ref)
                server.send(chat::Stored{ref, 100 + ref, 5, {}, 3});
            QTRY_COMPARE(user.fates(4), (QList<Fate>{Fate::Waiting, Fate::Stored}));
            QCOMPARE(user.fates(2), (QList<Fate>{Fate::Waiting, Fate::Stored}));
        }
        User user(server, dir());
        QVERIFY(join(server, user));
        QCOMPARE(user.post("fifth").value(), 5u);
        QCOMPARE(server.next<chat::Post>()->ref, 5u);
        QVERIFY(user.fates(2).isEmpty());
    }

    void postsWithoutAServer()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        const quint16 port = server.port();
        server.stopListening();
        User user(server, dir());
        user.config.port = port;
        user.connect();
        for (quint64 ref = 1; ref <= 20; ++ref)
            QCOMPARE(user.post(QByteArray::number(ref)).value(), ref);
        QVERIFY(user.waitFor(State::WaitingToRetry));
        QTRY_COMPARE(user.fates(20), QList<Fate>{Fate::Waiting});
        server.plays = true;
        QVERIFY(server.listen(port));
        user.client.retryNow();
        QTRY_COMPARE(server.posts.size(), 20u);
        for (quint64 ref = 1; ref <= 20; ++ref)
            QCOMPARE(server.posts.at(ref).body, QByteArray::number(ref));
        QTRY_COMPARE(user.fates(20), (QList<Fate>{Fate::Waiting, Fate::Stored}));
    }

    void countsOnFromTheServersRef()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        server.welcome.lastRef = 41;
        {
            User user(server, dir());
            QVERIFY(join(server, user));
            QCOMPARE(user.post("hello").value(), 42u);
        }
        // Its outbox lost, it must not begin again with refs that are taken.
        server.welcome.lastRef = 42;
        User user(server, dir());
        QVERIFY(QFile::remove(QDir(ChatState::folder(user.config)).filePath(u"outbox"_s)));
        user.connect();
        const std::optional<chat::Hello> hello = server.next<chat::Hello>();
        QVERIFY(hello && !hello->token.isEmpty());
        QVERIFY(!user.post("too early"));
        server.send(server.welcome);
        QVERIFY(user.waitFor(State::Online));
        QCOMPARE(user.post("hello").value(), 43u);
    }

    void keepsFewInFlight()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        constexpr quint64 kPosts = 3'500;
        quint64 answered = 0;
        for (quint64 i = 1; i <= kPosts; ++i)
            user.client.post({}, chat::BodyKind::Text, QByteArray::number(i),
                             [&](const auto &result) { answered += result ? 1 : 0; });
        QTRY_COMPARE_WITH_TIMEOUT(answered, kPosts, 30'000);
        QTRY_COMPARE(server.count<chat::Post>(), 1'000u);
        for (quint64 ref = 1; ref <= kPosts; ++ref) {
            const std::optional<chat::Post> post = server.next<chat::Post>();
            QVERIFY(post);
            QCOMPARE(post->ref, ref);
            QCOMPARE(post->body, QByteArray::number(ref));
            QVERIFY(server.count<chat::Post>() < 1'000);
            server.send(chat::Stored{ref, ref, 5, {}, 3});
        }
        QTRY_COMPARE(user.fates(kPosts), (QList<Fate>{Fate::Waiting, Fate::Stored}));
        QCOMPARE(user.fates(1), (QList<Fate>{Fate::Waiting, Fate::Stored}));
    }

    void manyWaitFromARunBefore()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        constexpr quint64 kPosts = 3'000;
        {
            User user(server, dir());
            user.connect();
            quint64 answered = 0;
            for (quint64 i = 1; i <= kPosts; ++i) {
                user.client.post({}, chat::BodyKind::Text, QByteArray::number(i),
                                 [&](const auto &result) { answered += result ? 1 : 0; });
            }
            QTRY_COMPARE_WITH_TIMEOUT(answered, kPosts, 30'000);
        }
        QVERIFY(server.waitForEnd());
        server.plays = true;
        User user(server, dir());
        user.connect();
        QTRY_COMPARE_WITH_TIMEOUT(server.posts.size(), size_t(kPosts), 30'000);
        QTRY_COMPARE(user.fates(kPosts), (QList<Fate>{Fate::Waiting, Fate::Stored}));
        QCOMPARE(server.count<chat::Post>(), size_t(kPosts));
    }

    void refusesWhatCannotBePosted_data()
    {
        QTest::addColumn<QList<quint64>>("to");
        QTest::addColumn<bool>("everyone");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("code");
        QList<quint64> many;
        for (quint64 id = 1; id <= 101; ++id)
            many << id;
        QTest::newRow("nobody") << QList<quint64>{} << false << QByteArray("x") << int(Error::Code::BadInput);
        QTest::newRow("too many") << many << false << QByteArray("x") << int(Error::Code::TooLarge);
        QTest::newRow("too long") << QList<quint64>{} << true << QByteArray(1'000'001, 'x')
                                  << int(Error::Code::TooLarge);
        QTest::newRow("no text") << QList<quint64>{} << true << QByteArray("\xff")
                                 << int(Error::Code::BadInput);
    }

    void refusesWhatCannotBePosted()
    {
        QFETCH(const QList<quint64>, to);
        QFETCH(const bool, everyone);
        QFETCH(const QByteArray, body);
        QFETCH(const int, code);
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        std::vector<ClientId> ids;
        for (const quint64 id : to)
            ids.emplace_back(id);
        const Result<quint64> posted = user.post(body, everyone ? chat::Addressees() : ids);
        QVERIFY(!posted);
        QCOMPARE(int(posted.error().code), code);
        QVERIFY(bool(user.post("fine")));
        QCOMPARE(server.next<chat::Post>()->body, "fine");
    }

    void plainClientsDoNotPost()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server);
        QCOMPARE(int(user.post("too early").error().code), int(Error::Code::Unsupported));
        user.config.chat.reset();
        user.connect();
        QVERIFY(user.waitFor(State::Online));
        QCOMPARE(int(user.post("hello").error().code), int(Error::Code::Unsupported));
    }

    /// Posted before the server's limits were known, it is told once that it will not be sent.
    void tellsOnceWhatWillNotBeSent()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        {
            User user(server, dir());
            user.connect();
            QVERIFY(server.next<chat::Hello>());
            QVERIFY(bool(user.post(QByteArray(1'000'001, 'x'))));
            QVERIFY(bool(user.post("short")));
            server.send(server.welcome);
            QTRY_COMPARE(user.fates(1), (QList<Fate>{Fate::Waiting, Fate::Failed}));
            QVERIFY(user.last(1)->why.contains(u"1,000,000"));
            QCOMPARE(user.last(1)->body.size(), 1'000'001);
            const std::optional<chat::Post> post = server.next<chat::Post>();
            QVERIFY(post);
            QCOMPARE(post->ref, 2u);
            server.send(chat::Stored{2, 9, 9, {ClientId(88)}, 0});
            QTRY_COMPARE(user.fates(2), (QList<Fate>{Fate::Waiting, Fate::Failed}));
            QVERIFY(user.last(2)->why.contains(u"88"));
            QCOMPARE(user.last(2)->unknown, std::vector{ClientId(88)});
        }
        User user(server, dir());
        QVERIFY(join(server, user));
        QVERIFY(bool(user.post("third")));
        QTRY_COMPARE(user.fates(3), QList<Fate>{Fate::Waiting});
        QVERIFY(user.fates(1).isEmpty() && user.fates(2).isEmpty());
    }

    void refused_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<bool>("isPermanent");
        using namespace chat::refusal;
        for (const QString &code : {Version, Name, UnknownToken, Password, Replaced, Kicked, Banned})
            QTest::newRow(qPrintable(code)) << code << true;
        for (const QString &code : {NotAllowed, Malformed, Deadline, Full, u"something new"_s})
            QTest::newRow(qPrintable(code)) << code << false;
    }

    void refused()
    {
        QFETCH(const QString, code);
        QFETCH(const bool, isPermanent);
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        user.connect();
        QVERIFY(server.next<chat::Hello>());
        server.send(chat::Refused{code, u"because I say so"_s});
        QVERIFY(user.waitFor(isPermanent ? State::Offline : State::WaitingToRetry));
        QVERIFY(user.client.stateReason().contains(u"because I say so"));
        QTRY_COMPARE(user.all<ChatNotice>().size(), 1u);
        QCOMPARE(user.all<ChatNotice>().front().code, code);
        QCOMPARE(server.connections, 1);
        // Posting goes on, for a time when it is let in.
        QVERIFY(bool(user.post("later")));
    }

    void joinsAsNew()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        server.deliver(30, "hello");
        QTRY_COMPARE(user.receivedSeqs().size(), 1);
        QVERIFY(bool(user.post("for bob, perhaps sent", std::vector{ClientId(3)})));
        QVERIFY(server.next<chat::Post>());
        server.cut();
        QVERIFY(user.waitFor(State::WaitingToRetry));
        user.client.retryNow();
        QVERIFY(server.next<chat::Hello>());
        server.send(chat::Refused{chat::refusal::UnknownToken, u"never seen"_s});
        QVERIFY(user.waitFor(State::Offline));

        user.config.chat->joinAsNew = true;
        user.connect();
        const std::optional<chat::Hello> hello = server.next<chat::Hello>();
        QVERIFY(hello);
        QVERIFY(hello->token.isEmpty());
        QCOMPARE(hello->lastSeq, std::optional<quint64>(0));
        server.welcome.token.fill('n');
        server.welcome.id = ClientId(9);
        server.welcome.lastSeq = 0;
        server.send(server.welcome);
        QVERIFY(user.waitFor(State::Online));
        // Its IDs may be other people by now.
        QTRY_COMPARE(user.last(1)->state, Fate::Failed);
        server.deliver(1, "a new count");
        QTRY_COMPARE(user.receivedSeqs(), (QList<quint64>{30, 1}));
        QCOMPARE(user.post("second").value(), 2u);
        QCOMPARE(server.next<chat::Post>()->body, "second");

        user.config.chat->joinAsNew = false;
        user.client.disconnectFromServer();
        QVERIFY(user.waitFor(State::Offline));
        user.connect();
        const std::optional<chat::Hello> known = server.letIn();
        QVERIFY(known);
        QCOMPARE(known->token, server.welcome.token);
    }

    void malformed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("afterWelcome");
        for (const bool after : {false, true}) {
            const char *when = after ? "online" : "greeting";
            QTest::addRow("%s, no CBOR", when) << cborFrame("ff") << after;
            QTest::addRow("%s, empty", when) << cborFrame("") << after;
            QTest::addRow("%s, a map", when) << cborFrame("a10102") << after;
            QTest::addRow("%s, a Delivery cut short", when) << cborFrame("8306") << after;
            QTest::addRow("%s, wrong types", when) << cborFrame("820f63616263") << after;
            QTest::addRow("%s, huge count", when) << cborFrame("9bffffffffffffffff06") << after;
            QTest::addRow("%s, frame over the limit", when) << QByteArray("\xff\xff\xff\xff") << after;
            QTest::addRow("%s, what clients say", when)
                << chat::encodeMessageFrame(chat::Rename{u"bob"_s}) << after;
        }
        QTest::addRow("echo of Hello")
            << chat::encodeMessageFrame(chat::Hello{1, u"ann"_s, {}, {}, {}}, chat::FirstFrame::Yes) << false;
        QTest::addRow("Delivery before Welcome")
            << chat::encodeMessageFrame(chat::Delivery{1, 1, ClientId(3), {}, chat::BodyKind::Text, "x"})
            << false;
        chat::Welcome welcome;
        welcome.version = 2;
        welcome.token = QByteArray(chat::kTokenBytes, 'x');
        QTest::addRow("another version") << chat::encodeMessageFrame(welcome) << false;
        QTest::addRow("a second Welcome") << chat::encodeMessageFrame(welcome) << true;
        QTest::addRow("HTTP") << QByteArray("HTTP/1.1 400 Bad Request\r\n\r\n") << false;
    }

    void malformed()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const bool, afterWelcome);
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        user.connect();
        QVERIFY(server.next<chat::Hello>());
        if (afterWelcome) {
            server.send(server.welcome);
            QVERIFY(user.waitFor(State::Online));
        }
        server.sendRaw(bytes);
        QVERIFY(user.waitFor(State::Offline));
        QVERIFY(!user.client.stateReason().isEmpty());
        QTRY_VERIFY(user.errors().contains(user.client.stateReason()));
        QVERIFY(server.waitForEnd());
        // Asked to, it tries again.
        user.connect();
        QVERIFY(server.waitForConnections(2));
        QVERIFY(server.letIn());
        QVERIFY(user.waitFor(State::Online));
    }

    void ignoresMessagesOfTheFuture()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        server.sendRaw(cborFrame("82183c01")); // [60, 1]
        // Pong as a later version may say it: [12, 5, "more"]
        server.sendRaw(cborFrame("830c05646d6f7265"));
        server.deliver(1, "hello");
        QTRY_COMPARE(user.receivedSeqs(), QList<quint64>{1});
        QCOMPARE(user.client.state(), State::Online);
        QVERIFY(user.errors().isEmpty());
    }

    void noAnswerToTheGreeting()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        user.config.welcomeDeadline = 100ms;
        user.connect();
        QVERIFY(user.waitFor(State::WaitingToRetry));
        QVERIFY(user.client.stateReason().contains(u"no chat server"));
    }

    void comesBackAfterHalfAFrame()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        server.sendRaw(QByteArray::fromHex("00000010860601"));
        server.end();
        QVERIFY(user.waitFor(State::WaitingToRetry));
        QVERIFY2(user.client.stateReason().contains(u"inside a frame"),
                 qPrintable(user.client.stateReason()));
        QVERIFY(server.waitForConnections(2));
    }

    void givesUpADeadConnection()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        user.config.pingInterval = 100ms;
        QVERIFY(join(server, user));
        QVERIFY(user.waitFor(State::WaitingToRetry));
        QTRY_COMPARE(server.count<chat::Ping>(), 2u);
        QVERIFY(user.client.stateReason().contains(u"not answer"));
    }

    void livesByPings()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        user.config.pingInterval = 100ms;
        QVERIFY(join(server, user));
        for (int i = 0; i < 10; ++i) {
            const std::optional<chat::Ping> ping = server.next<chat::Ping>();
            QVERIFY(ping);
            server.send(chat::Pong{ping->clock});
        }
        QCOMPARE(user.client.state(), State::Online);
        QCOMPARE(server.connections, 1);
        server.send(chat::Ping{99});
        const std::optional<chat::Pong> pong = server.next<chat::Pong>();
        QVERIFY(pong);
        QCOMPARE(pong->clock, 99u);
    }

    void asksForHistory()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        std::optional<Result<chat::HistoryPage>> first;
        std::optional<Result<chat::HistoryPage>> second;
        chat::HistoryQuery query;
        query.before = 90;
        query.with = std::vector{ClientId(3), ClientId(7)};
        query.limit = 10'000;
        user.client.queryHistory(query, [&](const auto &page) { first = page; });
        query.with = std::vector<ClientId>();
        query.limit = 20;
        user.client.queryHistory(query, [&](const auto &page) { second = page; });
        const std::optional<chat::HistoryQuery> asked = server.next<chat::HistoryQuery>();
        const std::optional<chat::HistoryQuery> then = server.next<chat::HistoryQuery>();
        QVERIFY(asked && then);
        QCOMPARE(asked->with, chat::Addressees(std::vector{ClientId(3)}));
        QCOMPARE(asked->limit, 200u);
        QCOMPARE(then->with, chat::Addressees(std::vector<ClientId>()));
        QCOMPARE(then->limit, 20u);

        const chat::Delivery old{5, 50, ClientId(3), {}, chat::BodyKind::Text, "old"};
        server.send(chat::HistoryPage{{}, false, then->query});
        server.send(chat::HistoryPage{{old}, true, asked->query});
        server.send(chat::HistoryPage{{old}, true, 12'345});
        QTRY_VERIFY(first && second);
        QCOMPARE(first->value().deliveries, std::vector{old});
        QVERIFY(first->value().more);
        QVERIFY(second->value().deliveries.empty());
        QVERIFY(user.receivedSeqs().isEmpty());
    }

    /// The server answers from its Welcome on, however late the disk is with the token that came in it.
    void asksBeforeItsTokenIsKept()
    {
#ifdef Q_OS_LINUX
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        user.connect();
        QVERIFY(server.next<chat::Hello>());
        std::optional<Result<chat::HistoryPage>> page;
        const std::vector<int> threads = threadsNamed("wireroom-state");
        QCOMPARE(threads.size(), 1u);
        {
            const HeldThread held(threads.front());
            QVERIFY(QTest::qWaitFor(&HeldThread::holds));
            server.send(server.welcome);
            QTRY_COMPARE(user.all<ChatWelcomed>().size(), 1u);
            QCOMPARE(user.client.state(), State::Handshake);
            user.client.queryHistory({}, [&](const auto &answer) { page = answer; });
            const std::optional<chat::HistoryQuery> asked = server.next<chat::HistoryQuery>();
            QVERIFY(asked);
            server.send(chat::HistoryPage{{}, false, asked->query});
            QTRY_VERIFY(page);
            QVERIFY(*page);
            QCOMPARE(user.client.state(), State::Handshake);
        }
        QVERIFY(user.waitFor(State::Online));
#else
        QSKIP("Threads are held up by Linux's means.");
#endif
    }

    void historyThatDoesNotCome()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        std::vector<Error::Code> codes;
        const auto ask = [&] {
            user.client.queryHistory({}, [&](const auto &page) {
                QVERIFY(!page);
                codes.push_back(page.error().code);
            });
        };
        ask();
        QTRY_COMPARE(codes.size(), 1u);
        QCOMPARE(int(codes[0]), int(Error::Code::Unsupported));
        QVERIFY(join(server, user));
        ask();
        QVERIFY(server.next<chat::HistoryQuery>());
        server.send(chat::Notice{chat::notice::NoHistory, u"none kept"_s});
        QTRY_COMPARE(codes.size(), 2u);
        QCOMPARE(int(codes[1]), int(Error::Code::Unsupported));
        ask();
        QVERIFY(server.next<chat::HistoryQuery>());
        server.send(chat::Notice{chat::notice::BadValue, u"no"_s});
        QTRY_COMPARE(codes.size(), 3u);
        QCOMPARE(int(codes[2]), int(Error::Code::BadInput));
        ask();
        QVERIFY(server.next<chat::HistoryQuery>());
        server.cut();
        QTRY_COMPARE(codes.size(), 4u);
        QCOMPARE(int(codes[3]), int(Error::Code::Unreachable));
        ask();
        QTRY_COMPARE(codes.size(), 5u);
        QCOMPARE(int(codes[4]), int(Error::Code::Unreachable));
    }

    void takesAnotherName()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        {
            User user(server, dir());
            QVERIFY(join(server, user));
            std::optional<Result<QString>> answer;
            const auto rename = [&](const QString &name) {
                answer.reset();
                user.client.rename(name, [&](const auto &result) { answer = result; });
            };
            rename(u"a\nb"_s);
            QTRY_VERIFY(answer);
            QVERIFY(!*answer);
            rename(u"taken"_s);
            QVERIFY(server.next<chat::Rename>());
            server.send(chat::Notice{chat::notice::BadValue, u"not that one"_s});
            QTRY_VERIFY(answer);
            QCOMPARE(answer->error().text, u"not that one"_s);
            rename(u"Anna"_s);
            const std::optional<chat::Rename> asked = server.next<chat::Rename>();
            QVERIFY(asked);
            QCOMPARE(asked->name, u"Anna"_s);
            QVERIFY(!answer);
            server.send(chat::Presence{ClientId(7), u"Anna"_s, chat::PresenceState::Online, 6});
            QTRY_VERIFY(answer);
            QCOMPARE(answer->value(), u"Anna"_s);
            QTRY_COMPARE(user.all<ChatPresenceChanged>().size(), 1u);
        }
        QVERIFY(server.waitForEnd());
        User user(server, dir());
        user.connect();
        const std::optional<chat::Hello> hello = server.letIn();
        QVERIFY(hello);
        QCOMPARE(hello->name, u"Anna"_s);
        QCOMPARE(hello->token, server.welcome.token);
        QTRY_COMPARE(user.all<ChatWelcomed>().size(), 1u);
        QCOMPARE(user.all<ChatWelcomed>().front().name, u"Anna"_s);
    }

    void oneProcessAtATime()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        auto first = std::make_unique<User>(server, dir());
        QVERIFY(join(server, *first));
        User second(server, dir());
        second.connect();
        QTRY_COMPARE(second.errors().size(), 1);
        QVERIFY(second.waitFor(State::Offline));
        QVERIFY(second.errors().front().contains(u"ann"));
        QVERIFY(second.errors().front().contains(QString::number(QCoreApplication::applicationPid())));
        QVERIFY(!second.post("nowhere to keep it"));
        User other(server, dir(), u"bob"_s);
        other.connect();
        QVERIFY(server.waitForConnections(2));
        first.reset();
        second.connect();
        QVERIFY(server.waitForConnections(3));
        QVERIFY(server.letIn());
        QVERIFY(second.waitFor(State::Online));
    }

    void stateThatCannotBeKept_data()
    {
        QTest::addColumn<QString>("spoil");
        QTest::newRow("a file where the folder should be") << u"folder"_s;
        QTest::newRow("token") << u"token"_s;
        QTest::newRow("outbox") << u"outbox"_s;
    }

    void stateThatCannotBeKept()
    {
        QFETCH(const QString, spoil);
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        const QString folder = ChatState::folder(user.config);
        const QString path = spoil == u"folder"_s ? folder : QDir(folder).filePath(spoil);
        QVERIFY(QDir().mkpath(QFileInfo(path).path()));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(5'000, 'x'));
        file.close();
        user.connect();
        QTRY_COMPARE(user.errors().size(), 1);
        QVERIFY(user.waitFor(State::Offline));
        QVERIFY2(user.client.stateReason().contains(QDir::toNativeSeparators(path)),
                 qPrintable(user.client.stateReason()));
        QCOMPARE(server.connections, 0);
        QVERIFY(file.remove());
        QVERIFY(join(server, user));
    }

#ifdef Q_OS_LINUX
    /// A limit on the size of files is what a full disk looks like to a program.
    void diskThatFillsUp()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        QVERIFY(bool(user.post("before")));
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit before{};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
        rlimit full = before;
        full.rlim_cur = 200'000;
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &full), 0);
        const Result<quint64> lost = user.post(QByteArray(900'000, 'x'));
        server.deliver(8, "hello");
        QTRY_COMPARE(user.receivedSeqs().size(), 1);
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
        QVERIFY(!lost);
        QVERIFY2(lost.error().text.contains(u"outbox"), qPrintable(lost.error().text));
        QTRY_COMPARE(user.errors().size(), 1);
        QVERIFY(bool(user.post("after")));
        QCOMPARE(server.next<chat::Post>()->body, "before");
        QCOMPARE(server.next<chat::Post>()->body, "after");
        const std::optional<chat::Ack> ack = server.next<chat::Ack>();
        QVERIFY(ack);
        QCOMPARE(ack->seq, 8u);
    }
#endif

    /// One client object that becomes others.
    void changesWhoItIs()
    {
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir());
        QVERIFY(join(server, user));
        QVERIFY(bool(user.post("by ann")));
        user.config.chat->name = u"bob"_s;
        user.connect();
        QVERIFY(server.waitForConnections(2));
        std::optional<chat::Hello> hello = server.letIn();
        QVERIFY(hello);
        QCOMPARE(hello->name, u"bob"_s);
        QVERIFY(hello->token.isEmpty());
        QVERIFY(user.waitFor(State::Online));
        QVERIFY(server.count<chat::Post>() == 0);
        user.config.chat->name = u"ann"_s;
        user.connect();
        QVERIFY(server.waitForConnections(3));
        QVERIFY(server.letIn());
        const std::optional<chat::Post> post = server.next<chat::Post>();
        QVERIFY(post);
        QCOMPARE(post->body, "by ann");
        user.config.chat.reset();
        user.config.format = FrameFormat::U32BE;
        user.connect();
        QVERIFY(server.waitForConnections(4));
        QVERIFY(user.waitFor(State::Online));
    }

    void badNames_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("empty") << QString();
        QTest::newRow("line feed") << u"a\nb"_s;
        QTest::newRow("too long") << QString(65, u'x');
    }

    void badNames()
    {
        QFETCH(const QString, name);
        ScriptedChatServer server;
        QVERIFY(server.listen());
        User user(server, dir(), name);
        user.connect();
        QTRY_COMPARE(user.errors().size(), 1);
        QCOMPARE(user.client.state(), State::Offline);
        QVERIFY(QDir(dir()).isEmpty());
    }

private:
    QString dir() const
    {
        return m_dir->path();
    }

    std::unique_ptr<QTemporaryDir> m_dir;
};

QTEST_GUILESS_MAIN(TestChatSession)
#include "tst_chatsession.moc"

// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/hub.h"
#include "tests/fuzz/fuzzinput.h"
#include "tests/fuzz/fuzztargets.h"
#include "tests/fuzz/sessionclient.h"

#include <QAbstractEventDispatcher>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;

namespace wireroom::fuzz {

namespace {

using namespace std::chrono_literals;

constexpr int kMostSteps = 48;

/// So many turns of the loop, each waiting for at most kTurn, may pass without an answer before it counts as
/// missing; not a deadline, because a machine that stands still for a while is no fault.
constexpr int kPatience = 6'000;
constexpr auto kTurn = 5ms;

const QString kNames[]{u"ann"_s,
                       u"ben"_s,
                       u"Grüße 世界"_s,
                       u""_s,
                       u" blank"_s,
                       u"bell\a"_s,
                       u"\u202eover"_s,
                       QString(64, u'x'),
                       QString(65, u'x'),
                       u"<b>bold</b>"_s,
                       u"'; DROP TABLE accounts; --"_s};
constexpr quint64 kNumbers[]{0,
                             1,
                             2,
                             3,
                             4,
                             5,
                             49,
                             50,
                             500,
                             501,
                             99,
                             0x7fffffff,
                             0xffffffff,
                             0x7fffffffffffffffll,
                             0x8000000000000000ull,
                             0xffffffffffffffffull};
const QByteArray kTag = QByteArrayLiteral("\xd9\xd9\xf7");

/// A server in this very thread, its clients, and one input's steps. All waiting is for what the server owes
/// its clients, so that one input always does the same.
class Scene
{
public:
    explicit Scene(quint8 mode) : m_hub(std::make_unique<Hub>(m_replies))
    {
        ServerConfig config;
        config.port = 0;
        config.serverName = u"fuzzed"_s;
        config.plainPolicy = mode & 2 ? PlainPolicy::Relay : PlainPolicy::None;
        config.messageFeed = mode & 4 ? MessageFeed::Every : MessageFeed::Latest;
        config.maxPayloadBytes = mode & 8 ? 4096 : kDefaultMaxPayloadBytes;
        config.flushDeadline = 1h;
        config.helloDeadline = 1h;
        config.frameDeadline = 1h;
        config.pingInterval = 1h;
        if (mode & 1)
            config.history = m_folder.emplace().filePath(u"history.db"_s);
        else
            config.history = ServerConfig::kNoHistory;
        m_hub->commands().post(StartHub{config});
        turnUntil([this] { return m_port != 0; }, [] { return u"the server's start"_s; });
    }

    void step(Input &in)
    {
        const quint8 what = in.byte();
        SessionClient &client = m_clients[what & 3];
        if (client.stage() == SessionClient::Stage::None)
            client.connectTo(m_port);
        const bool waits = what & 4;
        switch (what >> 3) {
        case 0:
            client.send(in.bytes(in.byte()));
            break;
        case 1:
            client.sendRaw(in.bytes(in.byte()));
            break;
        case 2:
            client.finishSending();
            break;
        case 3:
            client.reset();
            break;
        case 4:
            disconnectByOperator(client);
            break;
        case 5:
            m_hub->commands().post(SendMessage{++m_request, Recipients::everyone(), "to all"});
            break;
        case 6:
            m_hub->commands().post(SendMessage{++m_request, Recipients::only({client.id()}), "to one"});
            break;
        case 7:
            m_hub->commands().post(ListClients{++m_request});
            break;
        default:
            send(client, (what >> 3) - 8, in);
        }
        if (waits || in.isAtEnd())
            settle();
    }

    /// With whoever is connected.
    void stop()
    {
        settle();
        for (SessionClient &client : m_clients)
            client.expectEnd();
        m_hub->commands().post(StopHub{});
        turnUntil([this] { return std::none_of(m_clients.begin(), m_clients.end(), &isOwed); },
                  [this] { return owed(); });
        for (SessionClient &client : m_clients)
            client.reset();
        turnUntil([this] { return m_isStopped; }, [] { return u"the server's stop"_s; });
        m_hub.reset();
    }

private:
    static bool isOwed(const SessionClient &client) { return client.isOwed(); }

    QString owed() const
    {
        QString text;
        for (size_t i = 0; i < m_clients.size(); ++i) {
            if (m_clients[i].isOwed())
                text += u"client %1: "_s.arg(i) % m_clients[i].owed() % u' ';
        }
        return text;
    }

    static bool turn(QEventLoop::ProcessEventsFlags flags = QEventLoop::AllEvents)
    {
        return QAbstractEventDispatcher::instance()->processEvents(flags);
    }

    void receive()
    {
        for (SessionClient &client : m_clients)
            client.receive();
    }

    /// Turns the loop until nothing is left to do right now.
    void becomeIdle()
    {
        for (int idle = 0; idle < 3;)
            idle = turn() ? 0 : idle + 1;
        receive();
    }

    template <typename Condition, typename What> void turnUntil(Condition condition, What what)
    {
        becomeIdle();
        for (int turns = 0; !condition(); ++turns) {
            WIREROOM_FUZZ_CHECK(turns < kPatience, QString(u"did not come: "_s % what()));
            QTimer guard; // a client's bytes wake nobody
            guard.start(kTurn);
            turn(QEventLoop::WaitForMoreEvents);
            receive();
        }
    }

    /// Waits until everybody has what it is owed, and nobody another's account.
    void settle()
    {
        turnUntil([this] { return std::none_of(m_clients.begin(), m_clients.end(), &isOwed); },
                  [this] { return owed(); });
        for (SessionClient &client : m_clients) {
            client.setReplaceable(false);
            for (const SessionClient &other : m_clients) {
                WIREROOM_FUZZ_CHECK(&client == &other || client.stage() != SessionClient::Stage::Joined
                                        || other.stage() != SessionClient::Stage::Joined
                                        || client.id() != other.id(),
                                    u"two connections of one client"_s);
            }
        }
    }

    void disconnectByOperator(SessionClient &client)
    {
        settle();
        if (client.stage() != SessionClient::Stage::Joined)
            return;
        client.expectEnd();
        m_hub->commands().post(DisconnectClients{++m_request, Recipients::only({client.id()})});
    }

    chat::Addressees addressees(Input &in)
    {
        const quint8 count = in.byte() % 6;
        if (count == 5)
            return {};
        std::vector<ClientId> ids;
        for (int i = 0; i < count; ++i) {
            const quint8 which = in.byte();
            ids.push_back(which < 4 ? m_clients[which].id()
                                    : ClientId(kNumbers[which % std::size(kNumbers)]));
        }
        return ids;
    }

    std::optional<quint64> number(Input &in)
    {
        const quint8 which = in.byte();
        return which == 255 ? std::nullopt : std::optional(kNumbers[which % std::size(kNumbers)]);
    }

    static QByteArray body(Input &in)
    {
        const quint8 size = in.byte();
        return size < 250 ? in.bytes(size).toByteArray() : QByteArray(500 * (size - 249), 'b');
    }

    void send(SessionClient &client, int type, Input &in)
    {
        chat::Message message;
        switch (type % 16) {
        case 0:
        case 1: {
            // Who replaces whom is certain only where everybody is in peace.
            settle();
            if (client.stage() == SessionClient::Stage::None)
                client.connectTo(m_port);
            const quint8 whose = in.byte();
            chat::Hello hello{whose & 64 ? kNumbers[in.byte() % std::size(kNumbers)] : 1,
                              kNames[in.byte() % std::size(kNames)],
                              {},
                              number(in),
                              {}};
            if (whose & 4)
                hello.token = whose & 8 ? QByteArray(32, 't') : m_clients[whose & 3].token();
            for (SessionClient &other : m_clients)
                other.setReplaceable(!hello.token.isEmpty() && other.token() == hello.token);
            message = hello;
            break;
        }
        case 2:
        case 3:
        case 4: {
            chat::Post post{kNumbers[in.byte() % std::size(kNumbers)], addressees(in), chat::BodyKind::Bytes,
                            body(in)};
            if (post.body.isValidUtf8())
                post.kind = chat::BodyKind::Text;
            message = post;
            break;
        }
        case 5:
            message = chat::Ack{kNumbers[in.byte() % std::size(kNumbers)]};
            break;
        case 6:
            message = chat::Rename{kNames[in.byte() % std::size(kNames)]};
            break;
        case 7:
            message = chat::Ping{in.byte()};
            break;
        case 8:
            message = chat::Pong{in.byte()};
            break;
        case 9:
        case 10: {
            chat::HistoryQuery query{number(in), number(in), addressees(in), {}, 0, 0};
            query.text = QString::fromUtf8(in.bytes(in.byte() % 32));
            query.limit = kNumbers[in.byte() % std::size(kNumbers)];
            query.query = in.byte();
            message = query;
            break;
        }
        case 11:
            message = chat::Bye{QString::fromUtf8(in.bytes(in.byte() % 32))};
            break;
        case 12:
            message = chat::Welcome{};
            break;
        case 13:
            message = chat::Delivery{};
            break;
        case 14:
            message = chat::Presence{};
            break;
        case 15:
            return client.send(QByteArray(kTag + QByteArrayLiteral("\x82\x18\x63\x00")));
        }
        // The tag may be there in any frame.
        client.send(QByteArrayView(chat::encodeMessageFrame(message, chat::FirstFrame::Yes)).sliced(4));
    }

    void handle(const HubListening &listening) { m_port = listening.port; }

    void handle(const HubStopped &) { m_isStopped = true; }

    void handle(const ServerBatch &batch)
    {
        for (const ServerEvent &event : batch.events) {
            if (const auto *failed = std::get_if<ServerFailed>(&event))
                found(__FILE__, __LINE__, failed->error.text);
        }
        m_hub->commands().post(BatchTaken{});
    }

    template <typename T> void handle(const HubAnswer<T> &) { }

    std::optional<QTemporaryDir> m_folder;
    Inbox<HubReply> m_replies{[this](std::vector<HubReply> &&replies) {
        for (HubReply &reply : replies)
            std::visit([this](const auto &r) { handle(r); }, reply);
    }};
    std::unique_ptr<Hub> m_hub;
    quint16 m_port = 0;
    bool m_isStopped = false;
    quint64 m_request = 0;
    std::array<SessionClient, 4> m_clients;
};

} // namespace

void runSession(QByteArrayView input)
{
    Input in(input);
    Scene scene(in.byte());
    for (int step = 0; step < kMostSteps && !in.isAtEnd(); ++step)
        scene.step(in);
    scene.stop();
}

} // namespace wireroom::fuzz

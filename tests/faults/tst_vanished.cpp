// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/chatclient.h"
#include "tests/faults/faultproxy.h"
#include "tests/support/runningserver.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;

namespace {

/// Whether the real interval is wanted, and the time for it there.
bool isLong()
{
    return qEnvironmentVariableIntValue("WIREROOM_LONG") == 1;
}

/// Both sides'. A side that hears nothing gives up after two of it.
std::chrono::milliseconds pingInterval()
{
    return isLong() ? 30s : 300ms;
}

/// Until a side must have given up, on a busy machine, too.
int patience()
{
    return int((3 * pingInterval() + 20s).count());
}

struct Person
{
    Person(const QString &name, quint16 port, const QString &stateDir)
    {
        QObject::connect(&client, &ChatClient::batchReady, &client, [this](const ClientBatch &batch) {
            for (const ClientEvent &event : batch.events) {
                if (const auto *message = std::get_if<ChatMessageReceived>(&event))
                    received << message->delivery.body;
                if (const auto *presence = std::get_if<ChatPresenceChanged>(&event))
                    presences[presence->presence.name] = presence->presence.state;
                if (const auto *state = std::get_if<ChatMessageState>(&event))
                    states[state->body] = state->state;
            }
        });
        ClientConfig config;
        config.port = port;
        config.chat = ChatIdentity{.name = name, .stateDir = stateDir};
        config.pingInterval = pingInterval();
        client.connectToServer(config);
    }

    bool isOnline() const { return client.state() == ChatClient::State::Online; }

    void say(const QByteArray &text) { client.post({}, chat::BodyKind::Text, text); }

    ChatClient client;
    QList<QByteArray> received;
    QMap<QString, chat::PresenceState> presences;
    QMap<QByteArray, ChatMessageState::State> states;
};

} // namespace

/// A peer that vanishes without a word.
class TestVanished : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isNoticedByBothSides();
};

void TestVanished::isNoticedByBothSides()
{
    QTemporaryDir folder;
    RunningServer server;
    server.config.dataDir = folder.filePath(u"server"_s);
    server.config.pingInterval = pingInterval();
    QVERIFY(server.start());
    faults::FaultOptions options;
    options.to = {u"127.0.0.1"_s, server.port()};
    faults::FaultProxy proxy(options, [](const JsonLine &) {});
    const Result<quint16> port = proxy.open();
    QVERIFY(port);

    Person ann(u"ann"_s, port.value(), folder.filePath(u"ann"_s));
    Person ben(u"ben"_s, server.port(), folder.filePath(u"ben"_s));
    QTRY_VERIFY(ann.isOnline() && ben.isOnline());
    ann.say("before");
    QTRY_COMPARE(ben.received, QList<QByteArray>{"before"});

    QVERIFY(proxy.command(u"black-hole on"));
    QElapsedTimer since;
    since.start();
    ann.say("from ann in the dark");
    ben.say("from ben to the dark");
    std::optional<qint64> seen, known;
    const auto isNoticed = [&] {
        if (!seen
            && ben.presences.value(u"ann"_s, chat::PresenceState::Online) == chat::PresenceState::Offline)
            seen = since.elapsed();
        if (!known && !ann.isOnline())
            known = since.elapsed();
        return seen && known;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isNoticed(), patience());
    qInfo("The others see it as gone after %.1f s, it knows after %.1f s", double(*seen) / 1000,
          double(*known) / 1000);
    if (isLong())
        QVERIFY(std::max(*seen, *known) <= 75'000);
    QVERIFY2(ben.isOnline(), "who is there and answers stays");
    QCOMPARE(ben.received, QList<QByteArray>{"before"});
    const std::optional<ClientDisconnected> told = server.last<ClientDisconnected>();
    QVERIFY(told);
    QVERIFY2(told->reason.contains(u"did not answer"), qPrintable(told->reason));

    QVERIFY(proxy.command(u"black-hole off"));
    QTRY_VERIFY_WITH_TIMEOUT(ann.isOnline(), 40'000);
    QTRY_COMPARE_WITH_TIMEOUT(ben.received, QList<QByteArray>({"before", "from ann in the dark"}), 20'000);
    QTRY_COMPARE_WITH_TIMEOUT(ann.received, QList<QByteArray>{"from ben to the dark"}, 20'000);
    QTRY_VERIFY(ben.presences.value(u"ann"_s) == chat::PresenceState::Online);
    QTRY_VERIFY(ann.states.value("from ann in the dark") == ChatMessageState::State::Delivered);
    QTRY_VERIFY(ben.states.value("from ben to the dark") == ChatMessageState::State::Delivered);
    // Nothing comes twice.
    ann.say("last of ann");
    ben.say("last of ben");
    QTRY_COMPARE(ben.received, QList<QByteArray>({"before", "from ann in the dark", "last of ann"}));
    QTRY_COMPARE(ann.received, QList<QByteArray>({"from ben to the dark", "last of ben"}));
}

QTEST_GUILESS_MAIN(TestVanished)
#include "tst_vanished.moc"

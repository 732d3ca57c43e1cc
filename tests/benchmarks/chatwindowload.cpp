// SPDX-License-Identifier: Apache-2.0
// How the client's window bears a busy conversation that is open, while a person types: a real server in its
// own threads writes so many chat messages a second to it. Prints the longest time that the event loop was
// away, how long keys took, and the memory. It ends with 1 where a message did not come or a key was lost.
#include "client-gui/window/chatpanel.h"
#include "client-gui/window/clientwindow.h"
#include "client-gui/window/threadmodel.h"
#include "server-gui/core/chatserver.h"
#include "tests/benchmarks/windowwatch.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <QTemporaryDir>
#include <QThread>

#include <cstdio>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

constexpr int kTickMs = 10;

/// A server whose operator writes all the time.
///
/// Owner: main(), which ends its thread first. Thread: one of its own; what is atomic may be read from
/// others.
class Writer : public QObject
{
public:
    Writer(const QString &dataDir, quint64 perSecond)
    {
        m_config.port = 0;
        m_config.dataDir = dataDir;
        m_config.messageFeed = MessageFeed::None;
        m_tick.setTimerType(Qt::PreciseTimer);
        connect(&m_tick, &QTimer::timeout, this, [this, perSecond] {
            const quint64 due = perSecond * static_cast<quint64>(m_clock.elapsed()) / 1000;
            while (sent < due) {
                const quint64 number = ++sent;
                m_server->send(Recipients::everyone(),
                               "Message " + QByteArray::number(number) + " of the one who writes so much.");
            }
        });
    }

    void listen()
    {
        m_server = std::make_unique<ChatServer>();
        connect(m_server.get(), &ChatServer::stateChanged, this,
                [this] { port = m_server->listeningPort(); });
        m_server->start(m_config);
    }

    void begin()
    {
        m_clock.start();
        m_tick.start(kTickMs);
    }

    void pause() { m_tick.stop(); }

    void end() { m_server.reset(); }

    std::atomic<quint16> port = 0;
    std::atomic<quint64> sent = 0;

private:
    ServerConfig m_config;
    std::unique_ptr<ChatServer> m_server;
    QTimer m_tick{this};
    QElapsedTimer m_clock;
};

/// What came for the window.
struct Received
{
    quint64 messages = 0;
    std::optional<chat::Delivery> first;

    void add(const ClientBatch &batch)
    {
        for (const ClientEvent &event : batch.events) {
            const auto *message = std::get_if<ChatMessageReceived>(&event);
            if (!message)
                continue;
            ++messages;
            if (!first)
                first = message->delivery;
        }
    }
};

/// In the writer's thread, done when this returns.
void tell(Writer &writer, void (Writer::*what)())
{
    QMetaObject::invokeMethod(
        &writer, [&writer, what] { (writer.*what)(); }, Qt::BlockingQueuedConnection);
}

int measure(Writer &writer, int seconds, const QString &stateDir)
{
    tell(writer, &Writer::listen);
    if (!waitUntil([&writer] { return writer.port != 0; })) {
        std::fputs("The server does not listen\n", stderr);
        return 1;
    }
    ClientOverrides overrides;
    overrides.host = u"127.0.0.1"_s;
    overrides.port = writer.port;
    overrides.name = u"reader"_s;
    overrides.stateDir = stateDir;
    ClientWindow window(overrides);
    window.resize(1100, 760);
    window.show();
    window.activateWindow();
    Received received;
    QObject::connect(window.client(), &ChatClient::batchReady, &window,
                     [&received](const ClientBatch &batch) { received.add(batch); });
    window.connectToServer();
    auto *panel = window.findChild<ChatPanel *>();
    auto *field = panel->findChild<QPlainTextEdit *>(u"message"_s);
    const auto isIn = [&] {
        return panel->controller()->roster().me() != ClientId() && field->isVisible();
    };
    if (!waitUntil(isIn)) {
        std::fputs("The window does not join\n", stderr);
        return 1;
    }

    tell(writer, &Writer::begin);
    waitUntil([&received] { return received.first.has_value(); });
    if (received.first) {
        panel->open(
            Conversation::of(panel->controller()->roster().me(), received.first->from, received.first->to));
    }
    MemoryWatch memory;
    LoopWatch loop;
    memory.start();
    loop.start();
    Typist typist(field);
    QTimer::singleShot(seconds * 1000, Qt::PreciseTimer, &window, &QApplication::quit);
    QApplication::exec();
    loop.stop();
    const qint64 endKib = residentKib();
    tell(writer, &Writer::pause);
    typist.stop();
    const bool isTyped = waitUntil([&typist] { return typist.isDone(); }) && typist.isRight();
    const bool isThere = waitUntil([&] { return received.messages == writer.sent; });
    const ThreadModel *thread = panel->controller()->thread(panel->conversation());

    std::printf(
        "%.1f s; messages: %llu written, %llu came to the window, whose open conversation has the last "
        "%d\n",
        loop.wallSeconds(), static_cast<unsigned long long>(writer.sent),
        static_cast<unsigned long long>(received.messages), thread->rowCount());
    printLoop(loop);
    printTyping(typist.latencies(), isTyped);
    printMemory(memory, endKib);
    return isThere && isTyped && thread->rowCount() > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char *argv[])
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    const QCommandLineOption seconds(u"seconds"_s, u"How long"_s, u"N"_s, u"10"_s);
    const QCommandLineOption messages(u"messages"_s, u"Messages a second"_s, u"N"_s, u"1000"_s);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOptions({seconds, messages});
    parser.process(application);

    const QTemporaryDir temporary;
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, temporary.path());
    Writer writer(temporary.filePath(u"server"_s), parser.value(messages).toULongLong());
    QThread thread;
    writer.moveToThread(&thread);
    thread.start();
    const int code = measure(writer, parser.value(seconds).toInt(), temporary.filePath(u"client"_s));
    tell(writer, &Writer::pause);
    tell(writer, &Writer::end);
    thread.quit();
    thread.wait();
    return code;
}

// SPDX-License-Identifier: Apache-2.0
// The server's real window with its real server, for clients that another program brings. It tells where it
// listens, and answers each line of its standard input with how long its event loop was away since the line
// before, and what it has counted. It ends with its input.
#include "common/base/consoleoutput.h"
#include "common/base/heap.h"
#include "common/base/jsonline.h"
#include "common/base/linereader.h"
#include "common/widgets/messagelogmodel.h"
#include "server-gui/window/serverwindow.h"
#include "tests/benchmarks/windowwatch.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <QTemporaryDir>

#include <cmath>
#include <cstdio>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

void print(const JsonLine &line)
{
    std::printf("%s\n", line.toJson().constData());
    std::fflush(stdout);
}

quint64 thousandths(double value)
{
    return static_cast<quint64>(std::llround(1000 * value));
}

/// What came in the server's batches, besides what the window shows.
struct Heard
{
    quint64 messages = 0;
    quint64 skipped = 0; ///< the window was told only how many
    ServerTotals totals;

    void add(const ServerBatch &batch)
    {
        for (const ServerEvent &event : batch.events) {
            messages += std::holds_alternative<MessagePassed>(event) ? 1 : 0;
            if (const auto *skip = std::get_if<MessagesSkipped>(&event))
                skipped += skip->count;
        }
        totals = batch.totals;
    }
};

} // namespace

int main(int argc, char *argv[])
{
    keepFreedMemory();
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);

    const QCommandLineOption port(u"port"_s, u"Where to listen on 127.0.0.1; 0: any"_s, u"N"_s, u"0"_s);
    const QCommandLineOption dataDir(u"data-dir"_s, u"The server's data directory"_s, u"DIR"_s);
    const QCommandLineOption noHistory(u"no-history"_s, u"Keep no messages"_s);
    const QCommandLineOption tls(u"tls"_s, u"off, offered or required"_s, u"MODE"_s, u"off"_s);
    const QCommandLineOption policy(u"plain-policy"_s, u"none, echo or relay"_s, u"POLICY"_s, u"none"_s);
    const QCommandLineOption maxClients(u"max-clients"_s, u"Most clients"_s, u"N"_s, u"1100"_s);
    const QCommandLineOption type(u"type"_s, u"Type into the message's field all the time"_s);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOptions({port, dataDir, noHistory, tls, policy, maxClients, type});
    parser.process(application);

    const QTemporaryDir temporary;
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, temporary.path());
    ServerOverrides overrides;
    overrides.address = u"127.0.0.1"_s;
    overrides.port = static_cast<quint16>(parser.value(port).toUInt());
    overrides.dataDir = parser.isSet(dataDir) ? parser.value(dataDir) : temporary.filePath(u"data"_s);
    if (parser.isSet(noHistory))
        overrides.history.history = ServerConfig::kNoHistory;
    overrides.maxClients = parser.value(maxClients).toInt();
    overrides.plainPolicy = plainPolicyFromString(parser.value(policy));
    overrides.tls.mode = tlsModeFromString(parser.value(tls));
    if (!overrides.plainPolicy || !overrides.tls.mode) {
        std::fputs(qPrintable(parser.helpText()), stderr);
        return 64;
    }

    ServerWindow window(overrides);
    window.resize(1280, 900);
    window.show();
    const auto *log = window.findChild<MessageLogModel *>();
    Heard heard;
    LoopWatch loop;
    std::optional<Typist> typist;
    // Before the window's own: what it shows is never ahead of what was heard.
    QObject::connect(window.server(), &ChatServer::batchReady, &window,
                     [&heard](const ServerBatch &batch) { heard.add(batch); });
    QObject::connect(&window, &ServerWindow::failed, &window, [](const QString &sentence) {
        printError(sentence);
        QApplication::exit(69);
    });
    QObject::connect(window.server(), &ChatServer::stateChanged, &window, [&](ChatServer::State state) {
        if (state != ChatServer::State::Listening)
            return;
        loop.start();
        if (parser.isSet(type))
            typist.emplace(window.findChild<QPlainTextEdit *>(u"message"_s));
        print(JsonLine("listening"_L1).add("port"_L1, quint64(window.server()->listeningPort())));
    });

    LineReader commands;
    QObject::connect(&commands, &LineReader::lineRead, &window, [&](const QByteArray &) {
        JsonLine line("window"_L1);
        line.add("wall_ms"_L1, thousandths(loop.wallSeconds()))
            .add("cpu_ms"_L1, thousandths(loop.cpuSeconds()))
            .add("gaps"_L1, quint64(loop.gaps().count()))
            .add("longest_us"_L1, thousandths(loop.gaps().quantile(1)))
            .add("p99_us"_L1, thousandths(loop.gaps().quantile(0.99)))
            .add("own_longest_us"_L1, thousandths(loop.ownGaps().quantile(1)))
            .add("clients"_L1, heard.totals.clients)
            .add("frames_in"_L1, heard.totals.framesIn)
            .add("messages"_L1, heard.messages)
            .add("skipped"_L1, heard.skipped)
            .add("log_rows"_L1, log->totals().rows)
            .add("log_kept"_L1, quint64(log->storedRows()))
            .add("log_dropped"_L1, log->totals().droppedRows)
            .add("resident_kib"_L1, quint64(residentKib()));
        if (typist) {
            line.add("is_typed"_L1, typist->isRight())
                .add("keys"_L1, quint64(typist->latencies().count()))
                .add("key_longest_us"_L1, thousandths(typist->latencies().quantile(1)))
                .add("key_p99_us"_L1, thousandths(typist->latencies().quantile(0.99)))
                .add("key_median_us"_L1, thousandths(typist->latencies().quantile(0.5)));
            typist->forget();
        }
        print(line);
        loop.start();
    });
    QObject::connect(&commands, &LineReader::ended, &application, &QApplication::quit);
    window.start();
    return QApplication::exec();
}

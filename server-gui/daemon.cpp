// SPDX-License-Identifier: Apache-2.0
//
// wireroom-serverd: the server without a display, for services, scripts and tests.

#include "common/base/consoleoutput.h"
#include "common/base/exitcodes.h"
#include "common/base/heap.h"
#include "common/base/jsonline.h"
#include "common/base/linereader.h"
#include "common/base/terminalprogram.h"
#include "common/base/terminationsignal.h"
#include "common/framing/byteexplainer.h"
#include "server-gui/bantext.h"
#include "server-gui/core/chatserver.h"
#include "server-gui/core/configfile.h"
#include "server-gui/core/historyoptions.h"
#include "server-gui/core/identityoptions.h"
#include "server-gui/core/limitsoptions.h"
#include "server-gui/core/metricsserver.h"
#include "server-gui/core/tlsoptions.h"
#include "server-gui/daemoncommand.h"
#include "server-gui/eventtext.h"
#include "server-gui/servicemanager.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Runs one server from start to stop: commands in, events out. Lives in main().
class Daemon : public QObject
{
public:
    Daemon(const ServerConfig &config, bool json, MetricsServer *metrics, ChatServer &server)
        : m_json(json), m_metrics(metrics), m_server(server)
    {
        m_isLogged = !json && isJournal(1);
        connect(&m_server, &ChatServer::batchReady, this, &Daemon::onBatch);
        connect(&m_input, &LineReader::lineRead, this, &Daemon::onLine);
        connect(&m_termination, &TerminationSignal::requested, &m_server, &ChatServer::stop);
        connect(&m_server, &ChatServer::stateChanged, this, [](ChatServer::State state) {
            if (state == ChatServer::State::Listening)
                tellServiceManager("READY=1");
            else if (state == ChatServer::State::Stopping)
                tellServiceManager("STOPPING=1");
        });
        if (const auto interval = watchdogInterval()) {
            // Only a network thread that answers keeps the dog quiet.
            connect(&m_watchdog, &QTimer::timeout, this,
                    [this] { m_server.readMetrics([](const auto &) { tellServiceManager("WATCHDOG=1"); }); });
            m_watchdog.start(std::chrono::ceil<std::chrono::milliseconds>(*interval / 3));
        }
        m_server.start(config);
        if (m_metrics)
            tellMetrics();
    }

private:
    void tellMetrics()
    {
        const HostPort place = m_metrics->place();
        if (m_json) {
            m_output.line(
                JsonLine("metrics"_L1).add("address"_L1, place.host).add("port"_L1, place.port).toJson());
        } else {
            log(u"Metrics at http://%1/metrics."_s.arg(place.toString()), LogPriority::Info);
        }
        m_output.flush();
    }

    /// The journal has its own times, and wants to know how grave it is.
    void log(const QString &sentence, LogPriority priority)
    {
        m_output.line(m_isLogged ? toJournalLine(sentence, priority) : toLogLine(sentence));
    }

    void onBatch(const ServerBatch &batch)
    {
        for (const ServerEvent &event : batch.events) {
            const auto *failed = std::get_if<ServerFailed>(&event);
            if (m_json)
                m_output.line(toJson(event));
            else if (!failed)
                log(toSentence(event), priorityOf(event)); // messages are not asked for
            if (failed) {
                printError(isJournal(2) ? toJournalLine(failed->error.text, LogPriority::Error)
                                        : failed->error.text);
                m_exitCode
                    = failed->error.code == Error::Code::BadInput ? ExitConfiguration : ExitUnavailable;
                m_ends = true;
            } else if (std::holds_alternative<ServerStopped>(event)) {
                m_ends = true;
            }
        }
        m_output.flush();
        if (m_ends)
            QCoreApplication::exit(m_exitCode);
    }

    void onLine(const QByteArray &line)
    {
        if (line.trimmed().isEmpty())
            return;
        const Result<DaemonCommand> command = parseDaemonCommand(QString::fromUtf8(line));
        if (!command) {
            const QString name = QString::fromUtf8(line.trimmed().split(' ').first());
            begin()(errorAnswer(name, command.error(), m_json));
            return;
        }
        std::visit([this](const auto &c) { run(c, begin()); }, command.value());
    }

    using Answer = std::function<void(const QByteArray &)>;

    /// Keeps the place of a command's answer: answers come in the order of the commands, whoever takes
    /// longer.
    Answer begin()
    {
        auto place = std::make_shared<QByteArray>();
        m_answers.push_back(place);
        return [this, place](const QByteArray &text) {
            *place = text;
            for (; !m_answers.empty() && !m_answers.front()->isNull(); m_answers.pop_front())
                m_output.line(*m_answers.front());
            m_output.flush();
        };
    }

    void run(const SendCommand &command, const Answer &answer)
    {
        m_server.send(command.to, command.payload,
                      [this, answer, name = command.name, size = command.payload.size()](const auto &result) {
                          answer(result ? sendAnswer(result.value(), quint64(size), m_json)
                                        : errorAnswer(name, result.error(), m_json));
                      });
    }

    void run(const ClientsCommand &, const Answer &answer)
    {
        m_server.listClients(
            [this, answer](const auto &result) { answer(clientsAnswer(result.value(), m_json)); });
    }

    void run(const KickCommand &command, const Answer &answer)
    {
        m_server.disconnectClients(command.who, [this, answer](const auto &result) {
            answer(result ? kickAnswer(result.value(), m_json)
                          : errorAnswer(u"kick"_s, result.error(), m_json));
        });
    }

    void run(const HistoryCommand &command, const Answer &answer)
    {
        HistoryRequest request;
        request.limit = command.count;
        request.before = command.before;
        request.text = command.text;
        m_server.readHistory(request, [this, answer, name = command.name](const auto &result) {
            answer(result ? historyAnswer(result.value(), m_json)
                          : errorAnswer(name, result.error(), m_json));
        });
    }

    void run(const PolicyCommand &command, const Answer &answer)
    {
        m_server.setPlainPolicy(command.policy, [this, answer](const auto &result) {
            answer(policyAnswer(result.value(), m_json));
        });
    }

    void run(const BanCommand &command, const Answer &answer)
    {
        m_server.ban(command.who, command.reason, command.time, [this, answer](const auto &result) {
            answer(result ? banAnswer(result.value(), m_json)
                          : errorAnswer(u"ban"_s, result.error(), m_json));
        });
    }

    void run(const UnbanCommand &command, const Answer &answer)
    {
        m_server.unban(command.who, [this, answer](const auto &result) {
            answer(result ? unbanAnswer(result.value(), m_json)
                          : errorAnswer(u"unban"_s, result.error(), m_json));
        });
    }

    void run(const BansCommand &, const Answer &answer)
    {
        m_server.listBans([this, answer](const auto &result) { answer(bansAnswer(result.value(), m_json)); });
    }

    void run(const ReleaseCommand &command, const Answer &answer)
    {
        m_server.releaseName(command.name, [this, answer](const auto &result) {
            answer(result ? releaseAnswer(result.value(), m_json)
                          : errorAnswer(u"release"_s, result.error(), m_json));
        });
    }

    void run(const HelpCommand &, const Answer &answer) { answer(helpAnswer(m_json)); }

    void run(const StopCommand &, const Answer &answer)
    {
        answer(stopAnswer(m_json));
        m_server.stop();
    }

    bool m_json;
    bool m_isLogged = false;                           ///< by the journal
    std::deque<std::shared_ptr<QByteArray>> m_answers; ///< null until it is there
    bool m_ends = false;
    int m_exitCode = ExitOk;
    ConsoleOutput m_output;
    TerminationSignal m_termination;
    LineReader m_input;
    QTimer m_watchdog;
    MetricsServer *m_metrics; ///< null: not asked for
    ChatServer &m_server;
};

int runDaemon()
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"A message server that any program can connect to, without a display.\n\n"
        "Commands on standard input, one a line:\n  "_s
        % daemonCommandHelp().join(u"\n  "_s));
    ServerConfig config;
    const QCommandLineOption listen(
        u"listen"_s, u"Where to listen: 127.0.0.1:4040, [::1]:4040, *:4040; port 0 for a free one."_s,
        u"HOST:PORT"_s, u"127.0.0.1:4040"_s);
    const QCommandLineOption format(
        u"format"_s,
        u"How plain clients speak: auto, u32le, u32be, u16le, u16be, u8, u64le, u64be, lines, stream."_s,
        u"FORMAT"_s, u"auto"_s);
    const QCommandLineOption defaultFormat(u"default-format"_s,
                                           u"With auto: for a client that is written to before it spoke."_s,
                                           u"FORMAT"_s, u"u32le"_s);
    const QCommandLineOption policy(u"plain-policy"_s,
                                    u"What is done with a plain client's message: none, echo, relay."_s,
                                    u"POLICY"_s, u"none"_s);
    const QCommandLineOption maxClients(u"max-clients"_s, u"How many clients are let in."_s, u"N"_s,
                                        QString::number(config.maxClients));
    const QCommandLineOption ioThreads(
        u"io-threads"_s, u"Threads that the clients' sockets are split over; 1: none but the server's own."_s,
        u"N"_s, QString::number(config.ioThreads));
    const QCommandLineOption maxPayload(u"max-payload"_s, u"The largest message taken, in bytes."_s,
                                        u"BYTES"_s, QString::number(config.maxPayloadBytes));
    const QCommandLineOption dataDir(u"data-dir"_s,
                                     u"Where the client ID counter and the history are kept."_s, u"DIR"_s,
                                     ServerConfig::defaultDataDir());
    const QCommandLineOption configFile(
        u"config"_s,
        u"An INI file to begin with, written like the server window's settings; what options say counts more."_s,
        u"FILE"_s);
    const QCommandLineOption metricsAt(
        u"metrics"_s,
        u"Counters for Prometheus at http://HOST:PORT/metrics, for this machine: 127.0.0.1:PORT."_s,
        u"HOST:PORT"_s);
    const QCommandLineOption json(u"json"_s,
                                  u"Events and answers as JSON, one object a line, messages included."_s);
    parseOrExit(parser,
                QList<QCommandLineOption>{configFile, listen, format, defaultFormat, policy, maxClients,
                                          maxPayload, ioThreads, dataDir}
                    + LimitsOptions::options() + HistoryOptions::options() + TlsOptions::options()
                    + IdentityOptions::options() + QList<QCommandLineOption>{metricsAt, json});
    if (!parser.positionalArguments().isEmpty())
        usageError(u"“%1” is not understood."_s.arg(parser.positionalArguments().first()));

    if (parser.isSet(configFile)) {
        const Result<ServerConfig> read = readConfigFile(parser.value(configFile));
        if (!read) {
            printError(read.error().text);
            return ExitConfiguration;
        }
        config = read.value();
    }
    const auto isGiven = [&](const QCommandLineOption &option) {
        return parser.isSet(option) || !parser.isSet(configFile);
    };
    if (isGiven(listen)) {
        const std::optional<HostPort> place = HostPort::fromString(parser.value(listen));
        if (!place)
            usageError(u"--listen takes HOST:PORT, not “%1”."_s.arg(parser.value(listen)));
        config.address = place->host;
        config.port = place->port;
    }
    if (isGiven(format)) {
        const std::optional<FrameFormat> spoken = FrameFormat::fromString(parser.value(format));
        if (!spoken)
            usageError(u"There is no format “%1”."_s.arg(parser.value(format)));
        config.format = *spoken;
    }
    if (isGiven(defaultFormat)) {
        const std::optional<FrameFormat> fallback = FrameFormat::fromString(parser.value(defaultFormat));
        if (!fallback || fallback->isAuto())
            usageError(u"“%1” is no format for --default-format."_s.arg(parser.value(defaultFormat)));
        config.defaultFormat = *fallback;
    }
    if (isGiven(policy)) {
        const std::optional<PlainPolicy> plain = plainPolicyFromString(parser.value(policy));
        if (!plain)
            usageError(u"--plain-policy is none, echo or relay, not “%1”."_s.arg(parser.value(policy)));
        config.plainPolicy = *plain;
    }
    if (isGiven(maxClients))
        config.maxClients = int(numberOption(parser, u"max-clients"_s, 1, 1'000'000));
    if (isGiven(ioThreads))
        config.ioThreads = int(numberOption(parser, u"io-threads"_s, 1, ServerConfig::kMostIoThreads));
    const quint64 mostPayload = config.format.largestMaxPayloadBytes();
    if (isGiven(maxPayload))
        config.maxPayloadBytes = numberOption(parser, u"max-payload"_s, 1, mostPayload);
    if (config.maxPayloadBytes > mostPayload) {
        printError(u"The configuration says server/maxPayloadBytes=%1; it takes %2 at most."_s.arg(
            grouped(config.maxPayloadBytes), grouped(mostPayload)));
        return ExitConfiguration;
    }
    if (isGiven(dataDir))
        config.dataDir = parser.value(dataDir);
    if (const std::optional<Error> error = LimitsOptions::apply(parser, config))
        usageError(error->text);
    const Result<HistoryOptions> historyOptions = HistoryOptions::read(parser);
    if (!historyOptions)
        usageError(historyOptions.error().text);
    historyOptions.value().applyTo(config);
    const Result<TlsOptions> tlsOptions = TlsOptions::read(parser);
    if (!tlsOptions)
        usageError(tlsOptions.error().text);
    tlsOptions.value().applyTo(config);
    const Result<IdentityOptions> identityOptions = IdentityOptions::read(parser);
    if (!identityOptions) {
        if (identityOptions.error().code == Error::Code::BadInput)
            usageError(identityOptions.error().text);
        printError(identityOptions.error().text);
        return ExitConfiguration;
    }
    identityOptions.value().applyTo(config);
    if (const std::optional<Error> error = takePassword(config)) {
        printError(error->text);
        return ExitConfiguration;
    }
    config.messageFeed = parser.isSet(json) ? MessageFeed::Every : MessageFeed::None;
    config.feedsCounters = false; // its commands ask for them

    ChatServer server;
    std::optional<MetricsServer> metrics;
    if (parser.isSet(metricsAt))
        config.metrics = parser.value(metricsAt);
    if (!config.metrics.isEmpty()) {
        if (const std::optional<Error> error = metrics.emplace(server).listen(config.metrics)) {
            if (error->code == Error::Code::BadInput)
                usageError(error->text);
            printError(error->text);
            return ExitUnavailable;
        }
    }
    Daemon daemon(config, parser.isSet(json), metrics ? &*metrics : nullptr, server);
    return QCoreApplication::exec();
}

} // namespace

} // namespace wireroom

int main(int argc, char *argv[])
{
    wireroom::keepFreedMemory();
    return wireroom::runTerminalProgram(u"wireroom-serverd"_s, &wireroom::runDaemon, argc, argv);
}

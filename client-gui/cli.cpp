// SPDX-License-Identifier: Apache-2.0
//
// wireroom-cli: the client for terminals and scripts.

#include "client-gui/chatcli.h"
#include "client-gui/core/chatclient.h"
#include "client-gui/tlstalk.h"
#include "common/base/consoleoutput.h"
#include "common/base/exitcodes.h"
#include "common/base/hostport.h"
#include "common/base/jsonline.h"
#include "common/base/linereader.h"
#include "common/base/payloadtext.h"
#include "common/base/secretfile.h"
#include "common/base/terminalprogram.h"
#include "common/base/terminationsignal.h"
#include "common/protocol/messagecodec.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QTimer>

#include <deque>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Lines that wait to be sent before no more are read.
constexpr size_t kMostPending = 1'000;

/// How soon to try again when the server does not read what was sent before.
constexpr std::chrono::milliseconds kBusyWait{20};

struct CliOptions
{
    ClientConfig client;
    QStringList sends; ///< instead of standard input
    /// For answers, after the last message was sent; nothing: for ever.
    std::optional<std::chrono::milliseconds> wait{1'000};
    bool json = false;
};

/// Runs one client: typed lines out, messages in. Lives in main().
class Cli : public QObject
{
public:
    explicit Cli(const CliOptions &options) : m_options(options), m_tls(m_client, m_output, options.json)
    {
        connect(&m_tls, &TlsTalk::refused, this, [this](const QString &why) {
            m_failed = true;
            report(why);
            leave();
        });
        m_wait.setSingleShot(true);
        connect(&m_wait, &QTimer::timeout, this, &Cli::leave);
        connect(&m_client, &ChatClient::stateChanged, this, &Cli::onStateChanged);
        connect(&m_client, &ChatClient::batchReady, this, &Cli::onBatch);
        connect(&m_termination, &TerminationSignal::requested, this, &Cli::leave);
        m_client.setReceiveEvery(true);
        m_client.connectToServer(options.client);
        if (options.sends.isEmpty()) {
            m_input = std::make_unique<LineReader>();
            connect(m_input.get(), &LineReader::lineRead, this, [this](const QByteArray &line) {
                if (m_tls.take(line))
                    return;
                m_pending.push_back(line);
                m_input->setPaused(m_pending.size() >= kMostPending);
                sendPending();
            });
            connect(m_input.get(), &LineReader::ended, this, [this] {
                m_inputEnded = true;
                m_tls.inputEnded();
                sendPending();
            });
        } else {
            for (const QString &text : options.sends)
                m_pending.push_back(text.toUtf8());
            m_inputEnded = true;
            m_tls.setReadsInput();
        }
    }

private:
    using State = ChatClient::State;

    void onStateChanged(State state)
    {
        switch (state) {
        case State::Online:
            m_hasBeenOnline = true;
            if (m_options.json) {
                output(JsonLine("connected"_L1)
                           .add("address"_L1, m_client.peerAddress())
                           .add("port"_L1, m_client.peerPort())
                           .add("format"_L1, m_options.client.format.toString())
                           .toJson());
            }
            sendPending();
            break;
        case State::Offline:
            finish();
            break;
        case State::Connecting:
        case State::Confirming:
        case State::Handshake:
        case State::WaitingToRetry:
        case State::Closing:
            break;
        }
    }

    /// Sends what was typed, one message at a time so that an answer tells which one failed.
    void sendPending()
    {
        if (m_client.state() != State::Online || m_sending)
            return;
        if (m_pending.empty()) {
            if (m_options.wait && m_inputEnded && !m_wait.isActive() && !m_leaving)
                m_wait.start(*m_options.wait);
            return;
        }
        m_sending = true;
        m_client.send(m_pending.front(), [this](const Result<quint64> &result) {
            m_sending = false;
            // Lost the connection in between: it stays the next to be sent.
            if (!result && result.error().code == Error::Code::Unreachable)
                return;
            if (!result && result.error().code == Error::Code::Busy) {
                QTimer::singleShot(kBusyWait, this, &Cli::sendPending);
                return;
            }
            m_pending.pop_front();
            if (m_input && m_pending.size() < kMostPending / 2)
                m_input->setPaused(false);
            if (!result) {
                m_failed = true;
                report(result.error().text);
            }
            sendPending();
        });
    }

    void onBatch(const ClientBatch &batch)
    {
        for (const ClientEvent &event : batch.events)
            std::visit([this](const auto &e) { show(e); }, event);
        m_output.flush();
    }

    void show(const MessageReceived &message)
    {
        if (m_options.json) {
            m_output.line(JsonLine("message"_L1)
                              .addPayload(message.payload)
                              .add("time"_L1, message.time.toString(Qt::ISODateWithMs)));
        } else {
            // What others write must not steer the terminal.
            m_output.payloadLine(message.payload);
        }
    }

    void show(const MessageSent &message)
    {
        if (m_options.json) {
            m_output.line(JsonLine("sent"_L1)
                              .addPayload(message.payload)
                              .add("time"_L1, message.time.toString(Qt::ISODateWithMs)));
        }
    }

    void show(const ClientNote &note)
    {
        if (note.isError) {
            m_failed = m_failed || !m_options.client.reconnect;
            report(note.text);
        } else if (!m_options.json) {
            printError(note.text);
        }
    }

    /// Nothing is skipped, as every message is asked for; the others come to chat clients.
    void show(const auto &) { }

    void report(const QString &text)
    {
        if (m_options.json)
            output(JsonLine("error"_L1).add("reason"_L1, text).toJson());
        else
            printError(text);
    }

    void output(const QByteArray &line)
    {
        m_output.line(line);
        m_output.flush();
    }

    void leave()
    {
        if (m_leaving)
            return;
        m_leaving = true;
        if (m_client.state() == State::Offline)
            finish();
        else
            m_client.disconnectFromServer();
    }

    void finish()
    {
        if (m_options.json && m_hasBeenOnline)
            output(JsonLine("disconnected"_L1).add("reason"_L1, m_client.stateReason()).toJson());
        if (m_hasBeenOnline && !m_pending.empty())
            report(u"%1 messages were not sent."_s.arg(m_pending.size()));
        QCoreApplication::exit(!m_hasBeenOnline || !m_pending.empty() || m_failed ? ExitUnavailable : ExitOk);
    }

    CliOptions m_options;
    ConsoleOutput m_output;
    TerminationSignal m_termination;
    ChatClient m_client;
    TlsTalk m_tls;
    std::unique_ptr<LineReader> m_input;
    std::deque<QByteArray> m_pending;
    QTimer m_wait;
    bool m_sending = false;
    bool m_inputEnded = false;
    bool m_hasBeenOnline = false;
    bool m_leaving = false;
    bool m_failed = false;
};

std::chrono::milliseconds secondsFrom(const QCommandLineParser &parser, const QCommandLineOption &option)
{
    bool ok = false;
    const double seconds = parser.value(option).toDouble(&ok);
    if (!ok || seconds < 0 || seconds > 1e6) {
        usageError(u"--%1 takes seconds, not “%2”."_s.arg(option.names().constFirst(), parser.value(option)));
    }
    return std::chrono::milliseconds(qint64(seconds * 1000));
}

int runCli()
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"Sends lines as messages to a server, and prints the messages that "
                                     u"come. With a name it chats; /help "
                                     "then lists what can be typed.\n\n"
                                     "Messages go to standard output, everything else to standard error."_s);
    const QCommandLineOption format(
        u"format"_s, u"How to speak: u32le, u32be, u16le, u16be, u8, u64le, u64be, lines, stream."_s,
        u"FORMAT"_s, u"u32le"_s);
    const QCommandLineOption send(u"send"_s, u"Sends this instead of standard input; may be given again."_s,
                                  u"TEXT"_s);
    const QCommandLineOption wait(
        u"wait"_s,
        u"Seconds to wait for answers after the last message (chat: after it was stored), or forever."_s,
        u"SECONDS"_s, u"1"_s);
    const QCommandLineOption maxPayload(u"max-payload"_s, u"The largest message taken, in bytes."_s,
                                        u"BYTES"_s, QString::number(kDefaultMaxPayloadBytes));
    const QCommandLineOption retry(u"retry"_s,
                                   u"Tries again until the server is there, and when it has gone."_s);
    const QCommandLineOption json(u"json"_s, u"Events as JSON, one object a line."_s);
    const QCommandLineOption name(u"name"_s, u"Chats, as this."_s, u"NAME"_s);
    const QCommandLineOption to(u"to"_s, u"Chat: to whom messages go: IDs like 3,4 (0 is the operator)."_s,
                                u"IDS"_s, u"all"_s);
    const QCommandLineOption waitDelivered(
        u"wait-delivered"_s,
        u"Chat, with --send: ends with 0 once all recipients have it all, with %1 when that takes longer."_s
            .arg(int(ExitTemporary)),
        u"SECONDS"_s);
    const QCommandLineOption state(u"state"_s,
                                   u"Chat: the directory of the outbox and the token. By default %1."_s.arg(
                                       ChatIdentity::defaultStateDir()),
                                   u"DIR"_s, ChatIdentity::defaultStateDir());
    const QCommandLineOption newIdentity(
        u"new-identity"_s, u"Chat: forgets who one was, and joins as new, by a name that nobody has."_s);
    const QCommandLineOption transcript(
        u"transcript"_s, u"Chat: appends each message received to this file, exactly once, as JSON."_s,
        u"FILE"_s);
    const TlsOptions tls;
    const QCommandLineOption passwordFile(
        u"password-file"_s, u"Chat: the room's password is the first line of this file."_s, u"FILE"_s);
    const QCommandLineOption passwordUnencrypted(
        u"password-unencrypted"_s,
        u"Chat: sends the password over a connection that others can read, too, if need be."_s);
    parser.addPositionalArgument(u"HOST:PORT"_s, u"The server."_s);
    parseOrExit(parser,
                QList{format, send, wait, maxPayload, retry, json} + tls.all()
                    + QList{name, to, waitDelivered, state, newIdentity, transcript, passwordFile,
                            passwordUnencrypted});

    if (parser.positionalArguments().size() != 1)
        usageError(u"One HOST:PORT is needed."_s);
    const QString where = parser.positionalArguments().first();
    const std::optional<HostPort> place = HostPort::fromString(where);
    if (!place || place->host.isEmpty() || place->port == 0)
        usageError(u"“%1” is not HOST:PORT."_s.arg(where));

    ClientConfig client;
    client.host = place->host;
    client.port = place->port;
    client.reconnect = parser.isSet(retry);
    const std::optional<FrameFormat> spoken = FrameFormat::fromString(parser.value(format));
    if (!spoken || spoken->isAuto())
        usageError(u"There is no format “%1” for a client."_s.arg(parser.value(format)));
    client.format = *spoken;
    client.maxPayloadBytes = numberOption(parser, u"max-payload"_s, 1, spoken->largestMaxPayloadBytes());
    client.tls = tls.read(parser);
    std::optional<std::chrono::milliseconds> waitFor;
    if (parser.value(wait) != "forever"_L1)
        waitFor = secondsFrom(parser, wait);

    if (!parser.isSet(name)) {
        for (const QCommandLineOption &option :
             {to, waitDelivered, state, newIdentity, transcript, passwordFile, passwordUnencrypted}) {
            if (parser.isSet(option))
                usageError(u"--%1 is for chatting: give a --name."_s.arg(option.names().constFirst()));
        }
        Cli cli({client, parser.values(send), waitFor, parser.isSet(json)});
        return QCoreApplication::exec();
    }

    if (parser.isSet(format))
        usageError(u"Chat has a format of its own: --format and --name exclude each other."_s);
    if (!chat::isAcceptableName(parser.value(name))) {
        usageError(
            u"“%1” is no name: 1 to %2 characters, none of them invisible, no blank at the ends."_s.arg(
                payloadLine(parser.value(name).toUtf8(), true), QString::number(chat::kMaxNameLength)));
    }
    const Result<chat::Addressees> addressees = parseAddressees(parser.value(to));
    if (!addressees)
        usageError(addressees.error().text);
    if (parser.isSet(waitDelivered) && !parser.isSet(send))
        usageError(u"--wait-delivered is for what --send sends."_s);
    client.chat = ChatIdentity{
        .name = parser.value(name), .stateDir = parser.value(state), .joinAsNew = parser.isSet(newIdentity)};
    client.chat->passwordUnencrypted = parser.isSet(passwordUnencrypted);
    if (parser.isSet(passwordFile)) {
        const Result<QString> password = readSecretFile(parser.value(passwordFile));
        if (!password) {
            printError(password.error().text);
            return ExitConfiguration;
        }
        client.chat->password = password.value();
    }
    ChatCliOptions options;
    options.client = client;
    options.sends = parser.values(send);
    options.to = addressees.value();
    options.wait = waitFor;
    if (parser.isSet(waitDelivered))
        options.waitDelivered = secondsFrom(parser, waitDelivered);
    options.transcript = parser.value(transcript);
    options.json = parser.isSet(json);
    ChatCli cli(options);
    if (const std::optional<int> code = cli.start())
        return *code;
    return QCoreApplication::exec();
}

} // namespace

} // namespace wireroom

int main(int argc, char *argv[])
{
    return wireroom::runTerminalProgram(u"wireroom-cli"_s, &wireroom::runCli, argc, argv);
}

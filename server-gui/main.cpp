// SPDX-License-Identifier: Apache-2.0
#include "common/base/heap.h"
#include "common/widgets/icons.h"
#include "common/widgets/windowprogram.h"
#include "server-gui/window/serverwindow.h"

#include <QCommandLineParser>
#include <QDir>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

constexpr char kHelp[] = R"(Usage: wireroom-server [options]
The Wireroom server with its window.

Options:
  --start                  Listen at once, as if Start had been pressed.
  --listen HOST:PORT       Where to listen, e.g. 127.0.0.1:4040, [::1]:4040 or *:4040;
                           port 0 lets the system choose.
  --format FORMAT          auto, u32le, u32be, u8, u16le, u16be, u64le, u64be, lines or stream.
  --plain-policy POLICY    What happens to plain messages besides showing them: none, echo or relay.
  --max-clients N          Most clients at a time.
  --data-dir DIR           Where the counter of IDs and the history are kept.
  --no-history             Keep no messages and no chat clients.
  --history URL            Where messages are kept instead of in the data directory: a file, or
                           postgresql://USER:PASSWORD@HOST/DATABASE.
  --history-days N         Delete messages that are older; 0: never.
  --history-bytes N        Delete the oldest messages beyond so many bytes of messages; 0: never.
  --tls MODE               Encryption, on the same port: off, offered or required.
  --tls-cert FILE          The server's certificate (PEM); without it one is made in the data
                           directory.
  --tls-key FILE           The key of that certificate (PEM).
  --server-name NAME       How the server calls itself to chat clients.
  --password-file FILE     Chat clients need the password in this file's first line to join; its hash is
                           kept in the data directory.
  --no-password            They need none any more.
  --password-unencrypted   Take it over connections that others can read, too.
  --free-names-days N      A name may be taken by another when it was not seen for so many days; 0: never.
  --theme THEME            system, light or dark.
  -h, --help               Show this help.
  -v, --version            Show the version.

Without options the window has the settings of the last time. Options count for this run only.

Exit codes: 0 all went well, 64 wrong usage, 69 no display.
)";

/// What the command line says: of the settings, and to do at once.
struct CommandLine
{
    ServerOverrides overrides;
    bool start = false;
};

std::optional<Error> readCommandLine(const QCommandLineParser &parser, CommandLine &line)
{
    if (!parser.positionalArguments().isEmpty())
        return Error{Error::Code::BadInput,
                     u"“%1” is not an option of this program."_s.arg(parser.positionalArguments().first())};
    line.start = parser.isSet(u"start"_s);
    if (const QString listen = u"listen"_s; parser.isSet(listen)) {
        const auto where = HostPort::fromString(parser.value(listen));
        if (!where)
            return badValue(listen, parser.value(listen), u"HOST:PORT, e.g. 127.0.0.1:4040 or [::1]:4040"_s);
        line.overrides.address = where->host.isEmpty() ? u"*"_s : where->host;
        line.overrides.port = where->port;
    }
    if (const QString format = u"format"_s; parser.isSet(format)) {
        line.overrides.format = FrameFormat::fromString(parser.value(format));
        if (!line.overrides.format)
            return badValue(format, parser.value(format),
                            u"auto, u32le, u32be, lines, stream or another width"_s);
    }
    if (const QString policy = u"plain-policy"_s; parser.isSet(policy)) {
        line.overrides.plainPolicy = plainPolicyFromString(parser.value(policy));
        if (!line.overrides.plainPolicy)
            return badValue(policy, parser.value(policy), u"none, echo or relay"_s);
    }
    if (const QString maxClients = u"max-clients"_s; parser.isSet(maxClients)) {
        bool isNumber = false;
        line.overrides.maxClients = parser.value(maxClients).toInt(&isNumber);
        if (!isNumber || *line.overrides.maxClients < 1)
            return badValue(maxClients, parser.value(maxClients), u"a number from 1"_s);
    }
    if (const QString dataDir = u"data-dir"_s; parser.isSet(dataDir)) {
        if (parser.value(dataDir).isEmpty())
            return badValue(dataDir, {}, u"a directory"_s);
        line.overrides.dataDir = QDir::cleanPath(QDir(parser.value(dataDir)).absolutePath());
    }
    const Result<HistoryOptions> history = HistoryOptions::read(parser);
    if (!history)
        return history.error();
    line.overrides.history = history.value();
    const Result<IdentityOptions> identity = IdentityOptions::read(parser);
    if (!identity)
        return identity.error();
    line.overrides.identity = identity.value();
    const Result<TlsOptions> tls = TlsOptions::read(parser);
    if (!tls)
        return tls.error();
    line.overrides.tls = tls.value();
    return std::nullopt;
}

} // namespace

int main(int argc, char *argv[])
{
    keepFreedMemory();
    CommandLine line;
    const WindowProgram program{
        .name = u"wireroom-server"_s,
        .help = kHelp,
        .icon = &serverApplicationIcon,
        .options = QList<QCommandLineOption>{QCommandLineOption(u"start"_s),
                                             {u"listen"_s, {}, u"HOST:PORT"_s},
                                             {u"format"_s, {}, u"FORMAT"_s},
                                             {u"plain-policy"_s, {}, u"POLICY"_s},
                                             {u"max-clients"_s, {}, u"N"_s},
                                             {u"data-dir"_s, {}, u"DIR"_s}}
            + HistoryOptions::options() + IdentityOptions::options() + TlsOptions::options(),
        .read = [&line](const QCommandLineParser &parser) { return readCommandLine(parser, line); },
        .open =
            [&line, &program](std::optional<ThemeChoice> theme) {
                line.overrides.theme = theme;
                auto window = std::make_unique<ServerWindow>(line.overrides);
                QObject::connect(
                    window.get(), &ServerWindow::failed, window.get(),
                    [&program](const QString &sentence) { printProblem(program.name, sentence); });
                window->show();
                if (line.start)
                    window->start();
                return window;
            },
    };
    return runWindowProgram(program, argc, argv);
}

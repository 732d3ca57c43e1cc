// SPDX-License-Identifier: Apache-2.0
#include "common/base/exitcodes.h"
#include "common/base/terminationsignal.h"
#include "common/widgets/icons.h"
#include "common/widgets/windowhelp.h"
#include "server-gui/window/serverwindow.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>

#include <algorithm>
#include <cstdio>

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
  --data-dir DIR           Where the counter of IDs is kept.
  --theme THEME            system, light or dark.
  -h, --help               Show this help.
  -v, --version            Show the version.

Without options the window has the settings of the last time. Options count for this run only.

Exit codes: 0 all went well, 64 wrong usage, 69 no display.
)";

struct CommandLine
{
    ServerOverrides overrides;
    bool help = false;
    bool version = false;
    bool start = false;
};

/// Qt's own options, which QApplication takes out of the arguments before a program sees them; here they are
/// read before there is one.
QStringList withoutQtOptions(QStringList arguments)
{
    for (qsizetype i = 1; i < arguments.size(); ++i) {
        const QString name = arguments[i].startsWith("--"_L1) ? arguments[i].mid(1) : arguments[i];
        if (name == "-platform"_L1 || name == "-display"_L1 || name == "-style"_L1
            || name == "-platformtheme"_L1) {
            arguments.remove(i, std::min<qsizetype>(2, arguments.size() - i));
            --i;
        }
    }
    return arguments;
}

Error badValue(const QString &option, const QString &value, const QString &expected)
{
    return {Error::Code::BadInput,
            u"“%1” is no value for --%2; expected is %3."_s.arg(value, option, expected)};
}

Result<CommandLine> readCommandLine(const QStringList &arguments)
{
    const QCommandLineOption help(QStringList{u"h"_s, u"help"_s});
    const QCommandLineOption version(QStringList{u"v"_s, u"version"_s});
    const QCommandLineOption start(u"start"_s);
    const QCommandLineOption listen(u"listen"_s, {}, u"HOST:PORT"_s);
    const QCommandLineOption format(u"format"_s, {}, u"FORMAT"_s);
    const QCommandLineOption policy(u"plain-policy"_s, {}, u"POLICY"_s);
    const QCommandLineOption maxClients(u"max-clients"_s, {}, u"N"_s);
    const QCommandLineOption dataDir(u"data-dir"_s, {}, u"DIR"_s);
    const QCommandLineOption theme(u"theme"_s, {}, u"THEME"_s);
    QCommandLineParser parser;
    parser.addOptions({help, version, start, listen, format, policy, maxClients, dataDir, theme});
    if (!parser.parse(arguments))
        return Error{Error::Code::BadInput, parser.errorText()};
    if (!parser.positionalArguments().isEmpty())
        return Error{Error::Code::BadInput,
                     u"“%1” is not an option of this program."_s.arg(parser.positionalArguments().first())};

    CommandLine line;
    line.help = parser.isSet(help);
    line.version = parser.isSet(version);
    line.start = parser.isSet(start);
    if (parser.isSet(listen)) {
        const auto where = HostPort::fromString(parser.value(listen));
        if (!where)
            return badValue(u"listen"_s, parser.value(listen),
                            u"HOST:PORT, e.g. 127.0.0.1:4040 or [::1]:4040"_s);
        line.overrides.address = where->host.isEmpty() ? u"*"_s : where->host;
        line.overrides.port = where->port;
    }
    if (parser.isSet(format)) {
        line.overrides.format = FrameFormat::fromString(parser.value(format));
        if (!line.overrides.format)
            return badValue(u"format"_s, parser.value(format),
                            u"auto, u32le, u32be, lines, stream or another width"_s);
    }
    if (parser.isSet(policy)) {
        line.overrides.plainPolicy = plainPolicyFromString(parser.value(policy));
        if (!line.overrides.plainPolicy)
            return badValue(u"plain-policy"_s, parser.value(policy), u"none, echo or relay"_s);
    }
    if (parser.isSet(maxClients)) {
        bool isNumber = false;
        line.overrides.maxClients = parser.value(maxClients).toInt(&isNumber);
        if (!isNumber || *line.overrides.maxClients < 1)
            return badValue(u"max-clients"_s, parser.value(maxClients), u"a number from 1"_s);
    }
    if (parser.isSet(dataDir)) {
        if (parser.value(dataDir).isEmpty())
            return badValue(u"data-dir"_s, {}, u"a directory"_s);
        line.overrides.dataDir = QDir::cleanPath(QDir(parser.value(dataDir)).absolutePath());
    }
    if (parser.isSet(theme)) {
        line.overrides.theme = themeFromString(parser.value(theme));
        if (!line.overrides.theme)
            return badValue(u"theme"_s, parser.value(theme), u"system, light or dark"_s);
    }
    return line;
}

void printError(const QString &sentence)
{
    std::fprintf(stderr, "wireroom-server: %s\n", qPrintable(sentence));
    std::fflush(stderr);
}

} // namespace

int main(int argc, char *argv[])
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));

    const Result<CommandLine> line = readCommandLine(withoutQtOptions(arguments));
    if (!line) {
        printError(line.error().text % u" See wireroom-server --help."_s);
        return ExitUsage;
    }
    if (line.value().help) {
        std::fputs(kHelp, stdout);
        return ExitOk;
    }
    if (line.value().version) {
        std::puts("wireroom-server " WIREROOM_VERSION);
        return ExitOk;
    }
    if (const auto problem = missingDisplay(arguments)) {
        printError(*problem);
        return ExitUnavailable;
    }

    QCoreApplication::setOrganizationName(u"Wireroom"_s);
    QCoreApplication::setApplicationName(u"wireroom-server"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(WIREROOM_VERSION));
    QApplication application(argc, argv);
    QApplication::setWindowIcon(serverApplicationIcon());

    ServerWindow window(line.value().overrides);
    QObject::connect(&window, &ServerWindow::failed, &printError);
    TerminationSignal termination;
    QObject::connect(&termination, &TerminationSignal::requested, &window, &QWidget::close);
    window.show();
    if (line.value().start)
        window.start();
    return QApplication::exec();
}

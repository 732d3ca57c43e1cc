// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/clientwindow.h"
#include "common/base/exitcodes.h"
#include "common/base/hostport.h"
#include "common/base/result.h"
#include "common/base/terminationsignal.h"
#include "common/widgets/icons.h"
#include "common/widgets/windowhelp.h"

#include <QApplication>
#include <QCommandLineParser>

#include <algorithm>
#include <cstdio>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

constexpr char kHelp[] = R"(Usage: wireroom [options] [HOST:PORT]
The Wireroom client with its window.

HOST:PORT is the server, e.g. 127.0.0.1:4040, [::1]:4040 or chat.example.org:4040.

Options:
  --connect                Connect at once, as if Connect had been pressed.
  --format FORMAT          u32le, u32be, u8, u16le, u16be, u64le, u64be, lines or stream.
  --theme THEME            system, light or dark.
  -h, --help               Show this help.
  -v, --version            Show the version.

Without options the window has the settings of the last time. Options count for this run only.

Exit codes: 0 all went well, 64 wrong usage, 69 no display.
)";

struct CommandLine
{
    ClientOverrides overrides;
    bool help = false;
    bool version = false;
    bool connect = false;
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
    const QCommandLineOption connect(u"connect"_s);
    const QCommandLineOption format(u"format"_s, {}, u"FORMAT"_s);
    const QCommandLineOption theme(u"theme"_s, {}, u"THEME"_s);
    QCommandLineParser parser;
    parser.addOptions({help, version, connect, format, theme});
    if (!parser.parse(arguments))
        return Error{Error::Code::BadInput, parser.errorText()};

    CommandLine line;
    line.help = parser.isSet(help);
    line.version = parser.isSet(version);
    line.connect = parser.isSet(connect);
    const QStringList places = parser.positionalArguments();
    if (places.size() > 1)
        return Error{Error::Code::BadInput, u"One HOST:PORT at most; “%1” is one too many."_s.arg(places[1])};
    if (!places.isEmpty()) {
        const auto where = HostPort::fromString(places.first());
        if (!where || where->host.isEmpty() || where->port == 0)
            return Error{Error::Code::BadInput,
                         u"“%1” is not HOST:PORT, e.g. 127.0.0.1:4040 or [::1]:4040."_s.arg(places.first())};
        line.overrides.host = where->host;
        line.overrides.port = where->port;
    }
    if (parser.isSet(format)) {
        line.overrides.format = FrameFormat::fromString(parser.value(format));
        if (!line.overrides.format || line.overrides.format->isAuto())
            return badValue(u"format"_s, parser.value(format),
                            u"u32le, u32be, lines, stream or another width"_s);
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
    std::fprintf(stderr, "wireroom: %s\n", qPrintable(sentence));
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
        printError(line.error().text % u" See wireroom --help."_s);
        return ExitUsage;
    }
    if (line.value().help) {
        std::fputs(kHelp, stdout);
        return ExitOk;
    }
    if (line.value().version) {
        std::puts("wireroom " WIREROOM_VERSION);
        return ExitOk;
    }
    if (const auto problem = missingDisplay(arguments)) {
        printError(*problem);
        return ExitUnavailable;
    }

    QCoreApplication::setOrganizationName(u"Wireroom"_s);
    QCoreApplication::setApplicationName(u"wireroom"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(WIREROOM_VERSION));
    QApplication application(argc, argv);
    QApplication::setWindowIcon(clientApplicationIcon());

    ClientWindow window(line.value().overrides);
    TerminationSignal termination;
    QObject::connect(&termination, &TerminationSignal::requested, &window, &QWidget::close);
    window.show();
    if (line.value().connect)
        window.connectToServer();
    return QApplication::exec();
}

// SPDX-License-Identifier: Apache-2.0
//
// wireroom-faultproxy: a bad network between two programs.

#include "common/base/consoleoutput.h"
#include "common/base/exitcodes.h"
#include "common/base/linereader.h"
#include "common/base/terminalprogram.h"
#include "common/base/terminationsignal.h"
#include "tests/faults/faultproxy.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QRandomGenerator>

using namespace Qt::StringLiterals;

namespace wireroom::faults {

namespace {

HostPort hostPortFrom(const QCommandLineParser &parser, const QString &option)
{
    const auto found = HostPort::fromString(parser.value(option));
    if (!found)
        usageError(u"“%1” is not HOST:PORT."_s.arg(parser.value(option)));
    return *found;
}

int runFaultProxy()
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"A bad network for tests: passes TCP connections on to another place, and spoils them on the way.\n"
        "\n"
        "    wireroom-faultproxy --listen 127.0.0.1:4041 --to 127.0.0.1:4040 --delay 250~500 --cut "
        "down:20000\n"
        "\n"
        "Each fault is for both directions, or for one: up:VALUE (from whoever connects here) or down:VALUE "
        "(back).\n"
        "Places are counted in bytes of that direction of each connection; LEAST-MOST draws one for each. "
        "The same\n"
        "--seed and the same bytes give the same faults. A fault's option may come twice, once for each "
        "direction.\n"
        "\n"
        "Every connection, every fault and every end is a line of JSON on standard output.\n"
        "\n"
        "Lines on standard input, for all connections at once: cut, reset, black-hole on, black-hole off "
        "(what was\n"
        "swallowed stays lost), refuse on, refuse off (new connections are reset)."_s);
    const QList<QCommandLineOption> options{
        {u"listen"_s, u"Where to listen (127.0.0.1:0: a free port, which the first line tells)."_s,
         u"HOST:PORT"_s, u"127.0.0.1:0"_s},
        {u"to"_s, u"Where to pass everything on to."_s, u"HOST:PORT"_s},
        {u"seed"_s, u"Draw as in the run that told this number."_s, u"N"_s},
        {u"delay"_s, u"Everything comes so much later; ~JITTER: and 0 to so much more, in order."_s,
         u"MS[~JITTER]"_s},
        {u"split"_s, u"In pieces of 1 to so many bytes, a millisecond apart."_s, u"BYTES"_s},
        {u"glue"_s, u"What comes within this time leaves as one piece."_s, u"MS"_s},
        {u"drip"_s, u"So many bytes a second."_s, u"BYTES"_s},
        {u"cut"_s, u"Both ends are told the end after so many bytes."_s, u"BYTES"_s},
        {u"reset"_s, u"The connection is torn down (RST) after so many bytes."_s, u"BYTES"_s},
        {u"half-close"_s, u"This direction ends after so many bytes, the other goes on."_s, u"BYTES"_s},
        {u"black-hole"_s,
         u"Everything after so many bytes vanishes, the end as well, and nobody is told; ,MS: only so long."_s,
         u"BYTES[,MS]"_s},
        {u"bit-flip"_s, u"Each byte has one wrong bit with this probability."_s, u"0…1"_s},
    };
    parseOrExit(parser, options);
    if (!parser.positionalArguments().isEmpty())
        usageError(u"What is “%1” for?"_s.arg(parser.positionalArguments().front()));
    if (!parser.isSet(u"to"_s))
        usageError(u"--to HOST:PORT is missing."_s);

    FaultOptions faults;
    faults.listen = hostPortFrom(parser, u"listen"_s);
    faults.to = hostPortFrom(parser, u"to"_s);
    bool isNumber = true;
    faults.seed = parser.isSet(u"seed"_s) ? parser.value(u"seed"_s).toULongLong(&isNumber)
                                          : QRandomGenerator::global()->generate();
    if (!isNumber)
        usageError(u"“%1” is no number."_s.arg(parser.value(u"seed"_s)));
    for (const QCommandLineOption &option : options.sliced(3)) {
        const QString name = option.names().front();
        for (const QString &value : parser.values(name)) {
            if (const Result<bool> set = setFault(faults, name, value); !set)
                usageError(set.error().text);
        }
    }

    ConsoleOutput output;
    FaultProxy proxy(faults, [&output](const JsonLine &line) {
        output.line(line.toJson());
        output.flush();
    });
    if (const Result<quint16> port = proxy.open(); !port) {
        printError(port.error().text);
        return ExitUnavailable;
    }
    TerminationSignal termination;
    QObject::connect(&termination, &TerminationSignal::requested, &termination,
                     [] { QCoreApplication::quit(); });
    LineReader input;
    QObject::connect(&input, &LineReader::lineRead, &input, [&proxy](const QByteArray &line) {
        if (!proxy.command(QString::fromUtf8(line)))
            printError(u"There is no “%1”; there are: cut, reset, black-hole on|off, refuse on|off."_s.arg(
                QString::fromUtf8(line)));
    });
    return QCoreApplication::exec();
}

} // namespace

} // namespace wireroom::faults

int main(int argc, char *argv[])
{
    return wireroom::runTerminalProgram(u"wireroom-faultproxy"_s, &wireroom::faults::runFaultProxy, argc,
                                        argv);
}

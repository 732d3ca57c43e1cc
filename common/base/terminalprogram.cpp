// SPDX-License-Identifier: Apache-2.0
#include "common/base/terminalprogram.h"

#include "common/base/consoleoutput.h"
#include "common/base/exitcodes.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QLocale>

#include <cstdlib>
#include <exception>

#ifdef Q_OS_UNIX
#include <sys/stat.h>
#endif

using namespace Qt::StringLiterals;

namespace wireroom {

void introduceProgram(const QString &name)
{
#ifdef Q_OS_UNIX
    // All that our programs write is its owner's alone, from the moment when it is there: history, tokens,
    // settings, exports, and what libraries make beside them.
    ::umask(S_IRWXG | S_IRWXO);
#endif
    QCoreApplication::setOrganizationName(u"Wireroom"_s);
    QCoreApplication::setApplicationName(name);
    QCoreApplication::setApplicationVersion(QStringLiteral(WIREROOM_VERSION));
}

int runTerminalProgram(const QString &name, int (*run)(), int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    introduceProgram(name);
    try {
        return run();
    } catch (const std::exception &error) {
        printError(u"Internal error: %1."_s.arg(QString::fromLocal8Bit(error.what())));
        return ExitInternal;
    }
}

void parseOrExit(QCommandLineParser &parser, const QList<QCommandLineOption> &options)
{
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption version = parser.addVersionOption();
    parser.addOptions(options);
    if (!parser.parse(QCoreApplication::arguments()))
        usageError(parser.errorText());
    if (parser.isSet(help))
        parser.showHelp(ExitOk);
    if (parser.isSet(version))
        parser.showVersion();
}

quint64 numberOption(const QCommandLineParser &parser, const QString &name, quint64 lowest, quint64 highest)
{
    bool isNumber = false;
    const quint64 value = parser.value(name).toULongLong(&isNumber);
    if (!isNumber || value < lowest || value > highest) {
        const QLocale locale(QLocale::English, QLocale::UnitedStates);
        usageError(u"--%1 takes a number from %2 to %3."_s.arg(name, locale.toString(lowest),
                                                               locale.toString(highest)));
    }
    return value;
}

void usageError(const QString &text)
{
    printError(QString(text % u" See "_s % QCoreApplication::applicationName() % u" --help."_s));
    std::exit(ExitUsage);
}

} // namespace wireroom

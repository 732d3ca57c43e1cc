// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/windowprogram.h"

#include "common/base/consoleoutput.h"
#include "common/base/exitcodes.h"
#include "common/base/terminalprogram.h"
#include "common/base/terminationsignal.h"
#include "common/widgets/windowhelp.h"

#include <QApplication>
#include <QCommandLineParser>

#include <algorithm>
#include <cstdio>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

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

} // namespace

int runWindowProgram(const WindowProgram &program, int argc, char *argv[])
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));

    const QCommandLineOption help(QStringList{u"h"_s, u"help"_s});
    const QCommandLineOption version(QStringList{u"v"_s, u"version"_s});
    const QCommandLineOption themeName(u"theme"_s, {}, u"THEME"_s);
    QCommandLineParser parser;
    parser.addOptions({help, version, themeName});
    parser.addOptions(program.options);
    std::optional<Error> fault;
    if (!parser.parse(withoutQtOptions(arguments)))
        fault = Error{Error::Code::BadInput, parser.errorText()};
    else
        fault = program.read(parser);
    const std::optional<ThemeChoice> theme = themeFromString(parser.value(themeName));
    if (!fault && parser.isSet(themeName) && !theme)
        fault = badValue(u"theme"_s, parser.value(themeName), u"system, light or dark"_s);
    if (fault) {
        printProblem(program.name, fault->text % u" See "_s % program.name % u" --help."_s);
        return ExitUsage;
    }
    if (parser.isSet(help)) {
        std::fputs(program.help, stdout);
        return ExitOk;
    }
    if (parser.isSet(version)) {
        std::printf("%s " WIREROOM_VERSION "\n", qPrintable(program.name));
        return ExitOk;
    }
    if (const auto problem = missingDisplay(arguments)) {
        printProblem(program.name, *problem);
        return ExitUnavailable;
    }

    introduceProgram(program.name);
    const QApplication application(argc, argv);
    QApplication::setWindowIcon(program.icon());
    std::unique_ptr<QWidget> window;
    const TerminationSignal termination; // from before the window is seen
    window = program.open(theme);
    QObject::connect(&termination, &TerminationSignal::requested, window.get(), &QWidget::close);
    return QApplication::exec();
}

Error badValue(const QString &option, const QString &value, const QString &expected)
{
    return {Error::Code::BadInput,
            u"“%1” is no value for --%2; expected is %3."_s.arg(value, option, expected)};
}

void printProblem(const QString &program, const QString &sentence)
{
    printError(QString(program % u": "_s % sentence));
}

} // namespace wireroom

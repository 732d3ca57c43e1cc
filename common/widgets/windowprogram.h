// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/widgets/theme.h"

#include <QCommandLineOption>
#include <QIcon>
#include <QList>
#include <QString>
#include <QWidget>

#include <functional>
#include <memory>
#include <optional>

class QCommandLineParser;

namespace wireroom {

/// What the programs with a window differ in.
struct WindowProgram
{
    QString name; ///< the command
    const char *help;
    QIcon (*icon)();
    QList<QCommandLineOption> options; ///< besides --help, --version and --theme
    /// Keeps what the options say; an error where they make no sense.
    std::function<std::optional<Error>(const QCommandLineParser &)> read;
    /// The window, shown.
    std::function<std::unique_ptr<QWidget>(std::optional<ThemeChoice>)> open;
};

/// What main() of a program with a window does; returns the exit code. Help and faults of the command line
/// need no display. A termination signal closes the window.
int runWindowProgram(const WindowProgram &program, int argc, char *argv[]);

/// An option's value that makes no sense.
Error badValue(const QString &option, const QString &value, const QString &expected);

/// A sentence on standard error, with the program's name before it.
void printProblem(const QString &program, const QString &sentence);

} // namespace wireroom

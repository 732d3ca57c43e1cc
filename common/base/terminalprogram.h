// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QList>
#include <QString>

class QCommandLineOption;
class QCommandLineParser;

namespace wireroom {

/// The application's name and version as Qt knows them, and its umask: main thread, once, before anything is
/// written.
void introduceProgram(const QString &name);

/// What main() of a program without windows does: sets the application up and returns what `run` returns, or
/// ExitInternal after an exception.
int runTerminalProgram(const QString &name, int (*run)(), int argc, char *argv[]);

/// Reads the arguments with --help, --version and `options`. Ends the program where they ask for one of the
/// first two or make no sense.
void parseOrExit(QCommandLineParser &parser, const QList<QCommandLineOption> &options);

/// What --`name` says; ends the program where it is no number from `lowest` to `highest`.
quint64 numberOption(const QCommandLineParser &parser, const QString &name, quint64 lowest, quint64 highest);

/// Ends the program because its command line makes no sense.
[[noreturn]] void usageError(const QString &text);

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/clientwindow.h"
#include "common/base/hostport.h"
#include "common/protocol/messagecodec.h"
#include "common/widgets/icons.h"
#include "common/widgets/windowprogram.h"

#include <QCommandLineParser>
#include <QDir>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

constexpr char kHelp[] = R"(Usage: wireroom [options] [HOST:PORT]
The Wireroom client with its window.

HOST:PORT is the server, e.g. 127.0.0.1:4040, [::1]:4040 or chat.example.org:4040.

Options:
  --connect                Connect at once, as if Connect had been pressed.
  --format FORMAT          u32le, u32be, u8, u16le, u16be, u64le, u64be, lines or stream.
  --name NAME              Chat, as this.
  --tls                    Encrypted, or not at all.
  --state DIR              Chat: where the identity and the outbox are kept.
  --theme THEME            system, light or dark.
  -h, --help               Show this help.
  -v, --version            Show the version.

Without options the window has the settings of the last time. Options count for this run only.

Exit codes: 0 all went well, 64 wrong usage, 69 no display.
)";

/// What the command line says: of the settings, and to do at once.
struct CommandLine
{
    ClientOverrides overrides;
    bool connect = false;
};

std::optional<Error> readCommandLine(const QCommandLineParser &parser, CommandLine &line)
{
    line.connect = parser.isSet(u"connect"_s);
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
    if (const QString format = u"format"_s; parser.isSet(format)) {
        line.overrides.format = FrameFormat::fromString(parser.value(format));
        if (!line.overrides.format || line.overrides.format->isAuto())
            return badValue(format, parser.value(format), u"u32le, u32be, lines, stream or another width"_s);
    }
    if (const QString name = u"name"_s; parser.isSet(name)) {
        if (line.overrides.format)
            return Error{Error::Code::BadInput,
                         u"Chat has a format of its own: --format and --name exclude each other."_s};
        line.overrides.name = parser.value(name);
        if (!chat::isAcceptableName(*line.overrides.name))
            return badValue(name, parser.value(name),
                            u"1 to %1 characters, none of them invisible"_s.arg(chat::kMaxNameLength));
    }
    line.overrides.tls = parser.isSet(u"tls"_s);
    if (parser.isSet(u"state"_s))
        line.overrides.stateDir = QDir::current().absoluteFilePath(parser.value(u"state"_s));
    return std::nullopt;
}

} // namespace

int main(int argc, char *argv[])
{
    CommandLine line;
    const WindowProgram program{
        .name = u"wireroom"_s,
        .help = kHelp,
        .icon = &clientApplicationIcon,
        .options = {QCommandLineOption(u"connect"_s),
                    {u"format"_s, {}, u"FORMAT"_s},
                    {u"name"_s, {}, u"NAME"_s},
                    QCommandLineOption(u"tls"_s),
                    {u"state"_s, {}, u"DIR"_s}},
        .read = [&line](const QCommandLineParser &parser) { return readCommandLine(parser, line); },
        .open =
            [&line](std::optional<ThemeChoice> theme) {
                line.overrides.theme = theme;
                auto window = std::make_unique<ClientWindow>(line.overrides);
                window->show();
                if (line.connect)
                    window->connectToServer();
                return window;
            },
    };
    return runWindowProgram(program, argc, argv);
}

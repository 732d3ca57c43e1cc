// SPDX-License-Identifier: Apache-2.0
//
// bench_chatload: how many chat messages a second the real daemon makes durable, and how long one takes.
// Starts wireroom-serverd with a history of its own, lets clients post to each other, checks that each
// message arrives exactly once and in order, and prints one line.

#include "common/protocol/messagecodec.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QtEndian>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

struct Options
{
    int clients = 50;
    int bytes = 128;
    int window = 64;
    double seconds = 5;
    double rate = 0; ///< messages a second in all; 0: as fast as the window lets
    bool everyone = false;
};

/// One posting client on a bare descriptor: the generator must not be what is measured.
struct Client
{
    int socket = -1;
    quint64 id = 0;
    quint64 nextRef = 1;
    quint64 stored = 0;
    quint64 delivered = 0;
    quint64 lastSeq = 0;
    quint64 ackedSeq = 0;
    quint64 faults = 0;
    QByteArray out;
    QByteArray in;
    std::vector<qint64> sentNs; ///< by ref, from 1
};

quint64 readUnsigned(const char *&p)
{
    const auto first = quint8(*p++);
    const int extra = first & 0x1f;
    if (extra < 24)
        return quint64(extra);
    quint64 value = 0;
    for (int i = 0; i < (1 << (extra - 24)); ++i)
        value = value << 8 | quint8(*p++);
    return value;
}

void queue(Client &client, const chat::Message &message, chat::FirstFrame first = chat::FirstFrame::No)
{
    chat::appendMessageFrame(client.out, message, first);
}

/// Blocks; only while the clients join.
chat::Message takeMessage(Client &client)
{
    while (true) {
        if (client.in.size() >= 4) {
            const auto size = qsizetype(qFromBigEndian<quint32>(client.in.constData()));
            if (client.in.size() >= 4 + size) {
                const chat::Decoded decoded = chat::decodeMessage(client.in.sliced(4, size));
                client.in.remove(0, 4 + size);
                if (const auto *message = std::get_if<chat::Message>(&decoded))
                    return *message;
                qFatal("The server sent what is no message.");
            }
        }
        char buffer[65536];
        const ssize_t n = ::recv(client.socket, buffer, sizeof buffer, 0);
        if (n <= 0)
            qFatal("The server closed the connection while the clients joined.");
        client.in.append(buffer, n);
    }
}

void flush(Client &client)
{
    if (client.out.isEmpty())
        return;
    const ssize_t n = ::send(client.socket, client.out.constData(), size_t(client.out.size()),
                             MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0)
        client.out.remove(0, n);
}

void handleFrame(Client &client, const char *p, qint64 nowNs, std::vector<qint64> &latencies, const char *end)
{
    ++p; // the array's header
    const quint64 type = readUnsigned(p);
    if (type == 5) {
        const quint64 ref = readUnsigned(p);
        client.faults += ref == client.stored + 1 ? 0 : 1;
        client.stored = ref;
        latencies.push_back(nowNs - client.sentNs[ref]);
    } else if (type == 6) {
        const quint64 seq = readUnsigned(p);
        client.faults += seq > client.lastSeq ? 0 : 1;
        client.lastSeq = seq;
        ++client.delivered;
    } else if (type == 11) {
        queue(client, chat::Pong{readUnsigned(p)});
    } else if (type == 3 || type == 15) {
        std::fprintf(stderr, "The server says: %.*s\n", int(end - p), p);
        ++client.faults;
    }
}

void receive(Client &client, qint64 nowNs, std::vector<qint64> &latencies)
{
    char buffer[1 << 16];
    const ssize_t n = ::recv(client.socket, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n == 0)
        qFatal("The server closed a connection.");
    if (n < 0)
        return;
    client.in.append(buffer, n);
    const char *p = client.in.constData();
    const char *const end = p + client.in.size();
    while (end - p >= 4) {
        const auto size = qsizetype(qFromBigEndian<quint32>(p));
        if (end - p < 4 + size)
            break;
        handleFrame(client, p + 4, nowNs, latencies, p + 4 + size);
        p += 4 + size;
    }
    client.in.remove(0, p - client.in.constData());
    if (client.lastSeq > client.ackedSeq) {
        queue(client, chat::Ack{client.lastSeq});
        client.ackedSeq = client.lastSeq;
    }
}

quint64 cpuTicks(qint64 pid)
{
    QFile file(u"/proc/%1/stat"_s.arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> fields = file.readAll().split(')').last().trimmed().split(' ');
    return fields[11].toULongLong() + fields[12].toULongLong();
}

int run(const Options &options, quint16 port, qint64 pid)
{
    std::vector<Client> clients(size_t(options.clients));
    for (Client &client : clients) {
        QTcpSocket socket;
        socket.connectToHost(u"127.0.0.1"_s, port);
        if (!socket.waitForConnected())
            qFatal("Cannot connect.");
        client.socket = ::dup(int(socket.socketDescriptor()));
        QByteArray hello = chat::encodeMessageFrame(chat::Hello{chat::kVersion, u"load"_s, {}, 0, {}},
                                                    chat::FirstFrame::Yes);
        ::send(client.socket, hello.constData(), size_t(hello.size()), 0);
        pollfd waiting{client.socket, POLLIN, 0};
        while (client.id == 0) {
            ::poll(&waiting, 1, -1);
            const chat::Message message = takeMessage(client);
            if (const auto *welcome = std::get_if<chat::Welcome>(&message))
                client.id = welcome->id.value();
        }
        client.sentNs.reserve(1'000'000);
        client.sentNs.push_back(0);
    }

    std::vector<qint64> latencies;
    latencies.reserve(10'000'000);
    std::vector<pollfd> polled;
    for (const Client &client : clients)
        polled.push_back({client.socket, POLLIN, 0});
    const QByteArray body(options.bytes, 'x');
    const quint64 cpuBefore = cpuTicks(pid);
    QElapsedTimer clock;
    clock.start();
    const auto endNs = qint64(options.seconds * 1e9);
    quint64 posted = 0;
    quint64 stored = 0;
    const auto others = quint64(options.clients - 1);
    qint64 lastProgressNs = 0;
    while (true) {
        const qint64 nowNs = clock.nsecsElapsed();
        if (nowNs < endNs) {
            // Round and round, so that all clients write alike.
            quint64 allowed = options.rate > 0 ? quint64(double(nowNs) * options.rate / 1e9)
                    - std::min(posted, quint64(double(nowNs) * options.rate / 1e9))
                                               : std::numeric_limits<quint64>::max();
            for (size_t n = 0; n < clients.size() && allowed > 0; ++n) {
                Client &client = clients[(n + posted) % clients.size()];
                const auto open = client.nextRef - 1 - client.stored;
                quint64 more = std::min(quint64(options.window) - std::min(open, quint64(options.window)),
                                        options.rate > 0 ? 1 : allowed);
                for (; more > 0 && allowed > 0; --more, --allowed, ++posted) {
                    const Client &next = clients[size_t(&client - clients.data() + 1) % clients.size()];
                    queue(client,
                          chat::Post{client.nextRef++,
                                     options.everyone ? chat::Addressees()
                                                      : chat::Addressees(std::vector{ClientId(next.id)}),
                                     chat::BodyKind::Text, body});
                    client.sentNs.push_back(nowNs);
                }
                flush(client);
            }
        }
        for (size_t i = 0; i < clients.size(); ++i)
            polled[i].events = short(POLLIN | (clients[i].out.isEmpty() ? 0 : POLLOUT));
        ::poll(polled.data(), polled.size(), 1);
        const qint64 arrivedNs = clock.nsecsElapsed();
        for (size_t i = 0; i < clients.size(); ++i) {
            if (polled[i].revents & POLLIN)
                receive(clients[i], arrivedNs, latencies);
            flush(clients[i]);
        }
        quint64 delivered = 0;
        stored = 0;
        for (const Client &client : clients) {
            stored += client.stored;
            delivered += client.delivered;
        }
        const quint64 wanted = options.everyone ? posted * others : posted;
        if (nowNs >= endNs && stored == posted && delivered == wanted) {
            lastProgressNs = arrivedNs;
            break;
        }
        if (nowNs > endNs + 60'000'000'000)
            qFatal("After a minute %llu of %llu messages are stored and %llu of %llu delivered.", stored,
                   posted, delivered, wanted);
    }
    quint64 faults = 0;
    for (const Client &client : clients) {
        faults += client.faults;
        ::close(client.socket);
    }
    std::sort(latencies.begin(), latencies.end());
    const auto at = [&](double share) {
        return double(latencies[size_t(double(latencies.size() - 1) * share)]) / 1e6;
    };
    const double seconds = double(lastProgressNs) / 1e9;
    std::printf("%s: %d clients, %d bytes, window %d%s: %.0f stored/s, %.0f delivered/s; Post to Stored p50 "
                "%.1f ms, p99 %.1f ms, max %.1f ms; server CPU %.2f s in %.2f s; faults %llu\n",
                options.everyone ? "to everyone" : "to one", options.clients, options.bytes, options.window,
                options.rate > 0 ? qPrintable(u", paced %1/s"_s.arg(options.rate)) : "",
                double(posted) / seconds, double(options.everyone ? posted * others : posted) / seconds,
                at(0.5), at(0.99), at(1.0),
                double(cpuTicks(pid) - cpuBefore) / double(::sysconf(_SC_CLK_TCK)), seconds, faults);
    return faults == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(u"Measures how fast wireroom-serverd makes chat messages durable."_s);
    parser.addHelpOption();
    parser.addPositionalArgument(u"SERVERD"_s, u"The daemon."_s);
    parser.addOptions(
        {{u"clients"_s, u"How many write."_s, u"N"_s, u"50"_s},
         {u"size"_s, u"Bytes of a body."_s, u"BYTES"_s, u"128"_s},
         {u"window"_s, u"Messages of one client that are not stored yet."_s, u"N"_s, u"64"_s},
         {u"seconds"_s, u"How long."_s, u"S"_s, u"5"_s},
         {u"rate"_s, u"Messages a second in all, instead of as fast as can be."_s, u"N"_s, u"0"_s},
         {u"everyone"_s, u"Each message goes to all others, not to one."_s},
         {u"no-history"_s, u"Without a history."_s},
         {u"history"_s, u"Where to keep it; a file in a scratch directory otherwise."_s, u"URL"_s},
         {u"dir"_s, u"Where to make the scratch directory."_s, u"DIR"_s}});
    parser.process(app);
    if (parser.positionalArguments().size() != 1)
        parser.showHelp(64);
    Options options;
    options.clients = std::max(2, parser.value(u"clients"_s).toInt());
    options.bytes = parser.value(u"size"_s).toInt();
    options.window = std::max(1, parser.value(u"window"_s).toInt());
    options.seconds = parser.value(u"seconds"_s).toDouble();
    options.rate = parser.value(u"rate"_s).toDouble();
    options.everyone = parser.isSet(u"everyone"_s);

    const QTemporaryDir dir(parser.isSet(u"dir"_s) ? QString(parser.value(u"dir"_s) % u"/chatload-XXXXXX"_s)
                                                   : QString());
    QStringList arguments{u"--listen"_s, u"127.0.0.1:0"_s,   u"--data-dir"_s,
                          dir.path(),    u"--max-clients"_s, u"20000"_s};
    if (parser.isSet(u"no-history"_s))
        arguments << u"--no-history"_s;
    if (parser.isSet(u"history"_s))
        arguments << u"--history"_s << parser.value(u"history"_s);
    QProcess server;
    server.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    server.start(parser.positionalArguments().first(), arguments);
    quint16 port = 0;
    while (port == 0 && server.waitForReadyRead(10'000)) {
        // "… Listening on 127.0.0.1:PORT."
        while (server.canReadLine()) {
            const QByteArray line = server.readLine().trimmed();
            const qsizetype colon = line.lastIndexOf(':');
            if (line.contains("istening"))
                port = line.sliced(colon + 1).chopped(line.endsWith('.') ? 1 : 0).toUShort();
        }
    }
    if (port == 0)
        qFatal("The server does not listen.");
    const int code = run(options, port, server.processId());
    server.terminate();
    server.waitForFinished();
    return code;
}

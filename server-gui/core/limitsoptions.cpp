// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/limitsoptions.h"

#include "common/framing/byteexplainer.h"

#include <QCommandLineParser>

#include <limits>
#include <vector>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr quint64 kMostCount = std::numeric_limits<int>::max();
constexpr quint64 kMostBytes = quint64{1} << 62;
constexpr quint64 kMostSeconds = 7 * 24 * 3600;

const QString kChatOnly = u"chat-only"_s;

struct Number
{
    QString name;
    QString help;
    QString unit;
    quint64 lowest;
    quint64 highest;
    void (*set)(ServerConfig &, quint64);
};

const std::vector<Number> &numbers()
{
    static const std::vector<Number> all{
        {u"max-per-address"_s, u"How many clients of one address are let in; 0: no limit."_s, u"N"_s, 0,
         kMostCount,
         [](ServerConfig &c, quint64 n) {
             c.maxPerAddress = int(n);
         }},
        {u"rate"_s, u"How many messages a second are read from each client; 0: no limit."_s, u"FRAMES/S"_s, 0,
         kMostBytes,
         [](ServerConfig &c, quint64 n) {
             c.maxFramesPerSecond = n;
         }},
        {u"byte-rate"_s, u"How many bytes of messages a second are read from each client; 0: no limit."_s,
         u"BYTES/S"_s, 0, kMostBytes,
         [](ServerConfig &c, quint64 n) {
             c.maxBytesPerSecond = n;
         }},
        {u"max-queue"_s, u"How many bytes may wait for one client that reads slowly."_s, u"BYTES"_s, 1,
         kMostBytes,
         [](ServerConfig &c, quint64 n) {
             c.maxQueueBytes = n;
         }},
        {u"max-queues"_s, u"How many bytes may wait for all of them together."_s, u"BYTES"_s, 1, kMostBytes,
         [](ServerConfig &c, quint64 n) {
             c.maxQueuesBytes = n;
         }},
        {u"max-unauthenticated"_s,
         u"With --chat-only: how many may not have said yet who they are; beyond it the oldest makes room."_s,
         u"N"_s, 1, kMostCount,
         [](ServerConfig &c, quint64 n) {
             c.maxUnauthenticated = int(n);
         }},
        {u"max-unauthenticated-per-address"_s, u"The same for one address."_s, u"N"_s, 1, kMostCount,
         [](ServerConfig &c, quint64 n) {
             c.maxUnauthenticatedPerAddress = int(n);
         }},
        {u"detection-deadline"_s, u"With --chat-only: how long until a client speaks the chat protocol."_s,
         u"SECONDS"_s, 1, kMostSeconds,
         [](ServerConfig &c, quint64 n) {
             c.detectionDeadline = std::chrono::seconds(n);
         }},
        {u"hello-deadline"_s, u"How long until a chat client has said who it is."_s, u"SECONDS"_s, 1,
         kMostSeconds,
         [](ServerConfig &c, quint64 n) {
             c.helloDeadline = std::chrono::seconds(n);
         }},
        {u"frame-deadline"_s, u"How long until a begun message is whole, and 1 s more for each 64 KiB."_s,
         u"SECONDS"_s, 1, kMostSeconds,
         [](ServerConfig &c, quint64 n) {
             c.frameDeadline = std::chrono::seconds(n);
         }},
        {u"idle-deadline"_s, u"Closes a plain client that no message came from or went to; 0: never."_s,
         u"SECONDS"_s, 0, kMostSeconds,
         [](ServerConfig &c, quint64 n) {
             c.idleDeadline = std::chrono::seconds(n);
         }},
    };
    return all;
}

} // namespace

QList<QCommandLineOption> LimitsOptions::options()
{
    QList<QCommandLineOption> options{{kChatOnly, u"Lets chat clients in and nobody else."_s}};
    for (const Number &number : numbers())
        options << QCommandLineOption(number.name, number.help, number.unit);
    return options;
}

std::optional<Error> LimitsOptions::apply(const QCommandLineParser &parser, ServerConfig &config)
{
    config.chatOnly = config.chatOnly || parser.isSet(kChatOnly);
    for (const Number &number : numbers()) {
        if (!parser.isSet(number.name))
            continue;
        bool isNumber = false;
        const quint64 value = parser.value(number.name).toULongLong(&isNumber);
        if (!isNumber || value < number.lowest || value > number.highest)
            return Error{Error::Code::BadInput,
                         u"--%1 takes a number from %2 to %3."_s.arg(number.name, grouped(number.lowest),
                                                                     grouped(number.highest))};
        number.set(config, value);
    }
    return {};
}

} // namespace wireroom

// SPDX-License-Identifier: Apache-2.0
//
// bench_load: lets many connections talk to a server as fast as they can, verifies every byte that comes, and
// prints what it measured as one JSON object.

#include "tests/benchmarks/loadsocket.h"
#include "tests/benchmarks/loadworks.h"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

using namespace wireroom::load;

namespace {

constexpr char kHelp[] = R"(Usage: bench_load WORK --port N [options]

Works:
  echo       each connection sends, waits for its message to come back, and sends again
  relay      one sender and many receivers, or (with several senders) everybody to everybody
  reconnect  connect, one message there and back, close
  hold       connect, be answered once, and say nothing more until standard input ends

Options, with what they are by default:
  --seconds 2 --size 128 --wire frames|chat|redis|nats|mqtt|irc --pid 0 (the server's, to tell its processor time)
  --tls 0 (1: all connections speak TLS and check no certificate: this is for loopback)
  echo:      --connections 100 --depth 1 --idle 0
  relay:     --senders 1 --receivers 50 --window 64 --rate 0 (deliveries a second; 0: as fast as it goes)
  reconnect, hold: --connections 100

It ends with 1 where a message was lost, doubled, damaged or out of order.
)";

double numberFrom(const std::string &text)
{
    char *end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || value < 0)
        fail("“" + text + "” is no number");
    return value;
}

int print(const std::string &work, const Result &result)
{
    const auto microseconds = [&](double share) {
        return double(result.latency.quantile(share)) / 1e3;
    };
    std::printf(
        "{\"work\":\"%s\",\"per_s\":%.0f,\"messages\":%llu,\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,"
        "\"max_us\":%.1f,\"cpu_s\":%.2f,\"lost\":%llu,\"wrong\":%llu}\n",
        work.c_str(), double(result.messages) / result.seconds,
        static_cast<unsigned long long>(result.messages), microseconds(0.5), microseconds(0.99),
        microseconds(0.999), double(result.latency.highest()) / 1e3, result.cpuSeconds,
        static_cast<unsigned long long>(result.lost), static_cast<unsigned long long>(result.wrong));
    return result.lost == 0 && result.wrong == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2 || argc % 2 != 0) {
        std::fputs(kHelp, stderr);
        return 64;
    }
    const std::string work = argv[1];
    std::map<std::string, std::string> given;
    for (int i = 2; i < argc; i += 2)
        given[argv[i]] = argv[i + 1];
    const auto take = [&given](const char *name, double otherwise) {
        const auto node = given.extract(std::string("--") + name);
        return node ? numberFrom(node.mapped()) : otherwise;
    };
    Options options;
    options.port = uint16_t(take("port", 0));
    options.seconds = take("seconds", options.seconds);
    options.size = size_t(take("size", double(options.size)));
    options.connections = uint32_t(take("connections", options.connections));
    options.depth = uint32_t(take("depth", options.depth));
    options.idle = uint32_t(take("idle", options.idle));
    options.senders = uint32_t(take("senders", options.senders));
    options.receivers = uint32_t(take("receivers", options.receivers));
    options.window = uint32_t(take("window", options.window));
    options.pid = int(take("pid", options.pid));
    options.rate = take("rate", options.rate);
    options.isEncrypted = take("tls", 0) > 0;
    const auto named = given.extract("--wire");
    const std::unique_ptr<Wire> wire = Wire::named(named ? named.mapped() : "frames");
    if (!wire || !given.empty() || options.port == 0) {
        std::fputs(kHelp, stderr);
        return 64;
    }
    options.wire = wire.get();

    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    if (work == "echo")
        return print(work, echo(options));
    if (work == "relay")
        return print(work, relay(options));
    if (work == "reconnect")
        return print(work, reconnect(options));
    if (work == "hold") {
        hold(options);
        return 0;
    }
    std::fputs(kHelp, stderr);
    return 64;
}

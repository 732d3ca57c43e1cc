# SPDX-License-Identifier: Apache-2.0
"""What is measured under load, how, and what must hold of it."""
import dataclasses
import json
import statistics
import subprocess

from benchpeers import PEERS
from benchservers import Failure


@dataclasses.dataclass(frozen=True)
class Work:
    """One line of the table. `limit` is of the ratio of Wireroom's figure to the yardstick's in the same round."""
    name: str
    policy: str                 # what the server does with plain messages: echo or relay
    arguments: str              # bench_load's
    limit: float
    metric: str = "per_s"       # of what bench_load prints
    is_at_least: bool = True    # otherwise the ratio is at most the limit
    connections: int = 600      # at a time, for the descriptors that this needs
    servers: tuple = ("raw", "wireroom", "naive")
    yardstick: str = "raw"
    has_peers: bool = False
    times_peers: tuple = ()     # (peer, how many times its figure Wireroom's must be)
    least_rounds: int = 1       # where few say little, and --quick is not asked for


ECHO = "echo --connections 100 --size 128"
WORKS = (
    Work("echo, 100 connections, depth 1", "echo", f"{ECHO} --depth 1", 0.75),
    Work("echo, 100 connections, depth 16", "echo", f"{ECHO} --depth 16", 0.95),
    Work("echo over TLS, depth 16", "echo", f"{ECHO} --depth 16 --tls 1", 0.8, servers=("tlsraw", "wireroom", "tlsnaive"),
         yardstick="tlsraw"),
    Work("echo, depth 1, 900 more idle", "echo", f"{ECHO} --depth 1 --idle 900", 0.75, connections=1_000),
    Work("echo, depth 1, 9,900 more idle", "echo", f"{ECHO} --depth 1 --idle 9900", 0.75, connections=10_000),
    Work("relay 1 → 50, window 64", "relay", "relay --receivers 50 --window 64", 0.95, has_peers=True,
         least_rounds=11),
    Work("relay 1 → 500, window 64", "relay", "relay --receivers 500 --window 64", 0.95, has_peers=True,
         times_peers=(("redis", 2), ("nats", 2)), least_rounds=11),
    Work("relay 1 → 500, window 1", "relay", "relay --receivers 500 --window 1", 0.90),
    Work("relay, 50 senders to 50", "relay", "relay --senders 50 --window 16", 0.85),
    Work("echo of 64 KiB", "echo", "echo --connections 16 --depth 1 --size 65536", 0.95),
    Work("echo of 1 MiB", "echo", "echo --connections 8 --depth 1 --size 1048576", 0.95,
         least_rounds=11),
    Work("paced 50,000 deliveries/s, p99 in µs", "relay", "relay --receivers 50 --rate 50000", 1.2,
         metric="p99_us", is_at_least=False, least_rounds=11),
    Work("chat, a Post to everyone, 1 → 50", "relay", "relay --receivers 50 --window 64", 0.5,
         servers=("raw", "wireroom", "chat"), yardstick="wireroom", has_peers=True, times_peers=(("redis", 1),)),
    Work("connect, one echo, close", "echo", "reconnect --connections 32", 0.85),
)

# It asks poll() about each connection whenever anything happens: 1,000 take half a minute to connect, 10,000 never do.
MOST_FOR_NAIVE = 2_000
MOST_FOR_NAIVE_IN_A_HURRY = 600


def subject(work):
    """Which of the work's servers is the one that something must hold of."""
    return "chat" if "chat" in work.servers else "wireroom"


def generate(programs, server, arguments, seconds, wire="frames"):
    """Lets bench_load work on a server; its figures, which it gives only where every byte was right."""
    command = [str(programs.folder / "bench_load"), *arguments.split(), "--port", str(server.port),
               "--seconds", str(seconds), "--wire", wire]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=100 + 5 * seconds)
    except subprocess.TimeoutExpired as error:
        raise Failure(f"{server.name}: bench_load {arguments} does not end") from error
    if done.returncode != 0:
        said = " ".join((done.stderr + done.stdout).split()) or "nothing"
        ended = "" if server.process.poll() is None else f"; the server ended: {server.last_words()}"
        raise Failure(f"{server.name}: bench_load {arguments} ended with {done.returncode} and said {said}{ended}")
    return json.loads(done.stdout)


class Result:
    """A work's figures, and whether what must hold of it does."""

    def __init__(self, name, unit, subject_name, figures):
        self.name = name
        self.unit = unit
        self.subject = subject_name
        self.figures = figures   # {server: [figure of each round]}
        self.conditions = []     # (text, value, holds or None)
        self.failures = []
        self.details = None      # what has no place in the table

    def median(self, server):
        found = self.figures.get(server)
        return statistics.median(found) if found else None

    def ratio(self, server, to):
        """The median of the rounds' ratios; None where there is none."""
        pairs = zip(self.figures.get(server, ()), self.figures.get(to, ()))
        ratios = [a / b for a, b in pairs if b > 0]
        return statistics.median(ratios) if ratios else None

    def must(self, text, value, holds):
        self.conditions.append((text, value, holds if value is not None else None))

    def as_json(self):
        return {"name": self.name, "unit": self.unit, "of": self.subject, "figures": self.figures,
                "medians": {server: self.median(server) for server in self.figures},
                "ratios_to_raw": {server: self.ratio(server, "raw") for server in self.figures
                                  if server != "raw" and self.figures.get("raw")},
                "conditions": [{"must": text, "value": value, "holds": holds}
                               for text, value, holds in self.conditions],
                "failures": self.failures, "details": self.details}


def measure(work, programs, peers, rounds, seconds, judges):
    """All servers of a work in turns, every other round the other way round; a Result."""
    servers = work.servers + (tuple(peers) if work.has_peers else ())
    if work.connections > (MOST_FOR_NAIVE if judges else MOST_FOR_NAIVE_IN_A_HURRY):
        servers = tuple(server for server in servers if server != "naive")
    result = Result(work.name, "/s" if work.metric == "per_s" else "µs", subject(work), {})
    given_up = set()
    for number in range(max(rounds, work.least_rounds) if judges else rounds):
        for kind in servers if number % 2 == 0 else reversed(servers):
            if kind in given_up:
                continue
            try:
                if kind in PEERS:
                    with programs.start_peer(kind) as server:
                        found = generate(programs, server, work.arguments, seconds, PEERS[kind].wire)
                else:
                    with programs.start("wireroom" if kind == "chat" else kind, work.policy) as server:
                        found = generate(programs, server, work.arguments, seconds,
                                         "chat" if kind == "chat" else "frames")
                result.figures.setdefault(kind, []).append(found[work.metric])
            except Failure as failure:
                # Without a figure of each round there is none to compare.
                given_up.add(kind)
                result.figures.pop(kind, None)
                result.failures.append({"server": kind, "text": str(failure)})
    ratio = result.ratio(result.subject, work.yardstick)
    sign = "≥" if work.is_at_least else "≤"
    holds = ratio is not None and (ratio >= work.limit if work.is_at_least else ratio <= work.limit)
    result.must(f"{sign} {work.limit:g} × {'plain' if work.yardstick == 'wireroom' else work.yardstick}", ratio,
                holds if judges else None)
    for peer, times in work.times_peers:
        if peer in result.figures:
            ratio = result.ratio(result.subject, peer)
            holds = ratio is not None and ratio >= times
            result.must(f"≥ {times:g} × {peer}", ratio, holds if judges else None)
    return result

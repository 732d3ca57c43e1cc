# SPDX-License-Identifier: Apache-2.0
"""What is measured, and what must hold of it."""
import dataclasses
import json
import subprocess

from benchservers import Failure


@dataclasses.dataclass(frozen=True)
class Work:
    """One line of the table. `limit` is of the ratio wireroom : raw; None: told, not judged."""
    name: str
    policy: str
    arguments: str
    limit: float
    metric: str = "per_s"      # of what bench_load prints
    is_at_least: bool = True   # otherwise the ratio is at most the limit
    connections: int = 600     # at a time, for the descriptors that this needs
    has_peers: bool = False
    seconds: float = 1.0       # in relation to what was asked for
    wireroom_extra: str = ""   # for Wireroom's server alone

    def holds(self, ratio):
        return None if self.limit is None else (ratio >= self.limit if self.is_at_least else ratio <= self.limit)

    def must(self):
        return "" if self.limit is None else f"{'≥' if self.is_at_least else '≤'} {self.limit:.2f}"


ECHO = "echo --connections 100 --size 128"
WORKS = (
    Work("echo, 100 connections, depth 1", "echo", f"{ECHO} --depth 1", 0.75),
    Work("echo, 100 connections, depth 16", "echo", f"{ECHO} --depth 16", 0.95),
    Work("echo, depth 1, 900 more idle", "echo", f"{ECHO} --depth 1 --idle 900", 0.75, connections=1_000),
    Work("echo, depth 1, 9,900 more idle", "echo", f"{ECHO} --depth 1 --idle 9900", 0.75, connections=10_000),
    Work("relay 1 → 50, window 64", "relay", "relay --receivers 50 --window 64", 0.95, has_peers=True),
    Work("relay 1 → 500, window 64", "relay", "relay --receivers 500 --window 64", 0.95, has_peers=True),
    Work("relay 1 → 500, window 1", "relay", "relay --receivers 500 --window 1", 0.90),
    Work("relay, 50 senders to 50", "relay", "relay --senders 50 --window 16", 0.85),
    Work("echo of 64 KiB", "echo", "echo --connections 16 --depth 1 --size 65536", 0.95),
    Work("echo of 1 MiB", "echo", "echo --connections 8 --depth 1 --size 1048576", 0.95),
    Work("paced 50,000 deliveries/s, p99 in µs", "relay", "relay --receivers 50 --rate 50000", 1.2,
         metric="p99_us", is_at_least=False),
    Work("connect, one echo, close", "echo", "reconnect --connections 32", 0.85),
)


def generate(programs, server, arguments, seconds, wire="frames"):
    """Lets bench_load work on a server; its figures, which it gives only where every byte was right."""
    command = [str(programs.folder / "bench_load"), *arguments.split(), "--port", str(server.port),
               "--seconds", str(seconds), "--wire", wire]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=180 + 3 * seconds)
    except subprocess.TimeoutExpired as error:
        raise Failure(f"{server.name}: {' '.join(command[1:])} does not end") from error
    if done.returncode != 0:
        said = " ".join((done.stderr + done.stdout).split()) or "nothing"
        alive = "" if server.process.poll() is None else f"; it ended: {server.last_words()}"
        raise Failure(f"{server.name}: {' '.join(command[1:])} ended with {done.returncode} and said {said}{alive}")
    return json.loads(done.stdout)

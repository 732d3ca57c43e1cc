# SPDX-License-Identifier: Apache-2.0
"""What a server costs before it has anything to do: memory for clients that say nothing, and its start."""
import contextlib
import json
import subprocess
import time

from benchservers import Failure
from benchworks import Result

KIB = 1024


@contextlib.contextmanager
def held(programs, server, clients, wire):
    """So many connections that were answered once and say nothing more."""
    command = [str(programs.folder / "bench_load"), "hold", "--connections", str(clients), "--wire", wire,
               "--port", str(server.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as holder:
        try:
            line = holder.stdout.readline()
            if not line or json.loads(line)["held"] != clients:
                holder.stdin.close()
                raise Failure(f"{server.name}: {clients} connections could not be held: {holder.stderr.read()}")
            yield
        finally:
            with contextlib.suppress(OSError):
                holder.stdin.close()


def memory(programs, wire, clients, limit, judges):
    """Bytes for each idle client, whole session included."""
    kinds = ("wireroom",) if wire == "chat" else ("raw", "wireroom")
    name = "chat" if wire == "chat" else "plain"
    result = Result(f"memory of an idle {name} client, of {clients:,}", "KiB", "wireroom", {})
    for kind in kinds:
        try:
            with programs.start(kind, "echo") as server:
                time.sleep(0.3)
                before = server.memory_bytes()
                with held(programs, server, clients, wire):
                    used = (server.memory_bytes() - before) / clients / KIB
            result.figures[kind] = [round(used, 2)]
        except Failure as failure:
            result.failures.append({"server": kind, "text": str(failure)})
    used = result.median("wireroom")
    result.must(f"≤ {limit} KiB", used, used is not None and used <= limit if judges else None)
    return result


def start(programs, rounds, judges, limit=50):
    """Milliseconds from the start of the program to the first connection that it takes."""
    result = Result("start to listening", "ms", "wireroom", {})
    for _ in range(rounds):
        for kind in ("raw", "wireroom", "naive"):
            with programs.start(kind, "echo") as server:
                result.figures.setdefault(kind, []).append(round(server.seconds_to_listen * 1000, 1))
    took = result.median("wireroom")
    result.must(f"≤ {limit} ms", took, took <= limit if judges else None)
    return result


def decode(programs, rounds, quick):
    """Frames a second of 16 bytes in place, and what a byte costs over sizes of chunks and frames."""
    result = Result("decode, frames of 16 bytes in place", "/s", "wireroom", {})
    command = [str(programs.folder / "bench_decode"), *(["--quick"] if quick else [])]
    for _ in range(rounds):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            result.failures.append({"server": "wireroom", "text": f"bench_decode: {done.stderr.strip()}"})
            return result
        result.details = json.loads(done.stdout)  # of the last round
        result.figures.setdefault("wireroom", []).append(result.details["in_place_per_s"])
    per_second = result.median("wireroom")
    result.must("≥ 200 M/s", per_second, None if quick else per_second >= 200e6)
    return result

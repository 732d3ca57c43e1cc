# SPDX-License-Identifier: Apache-2.0
"""How cost grows: throughput, processor time for each message, and memory, over connections and over sizes."""
import pathlib
import re

import benchcharts
import benchreport
from benchservers import Failure
from benchworks import generate

CONNECTIONS = (10, 100, 1_000, 10_000)
SIZES = (16, 256, 4 * 1024, 64 * 1024, 1024 * 1024)

# (line, server, policy, bench_load's arguments for so many connections)
LINES = (("echo", "echo", "echo --depth 1 --connections {n}"), ("relay", "relay", "relay --window 8 --receivers {n}"))
# The same over sizes.
SIZED = (("echo", "echo", "echo --depth 1 --connections 32 --size {n}"),
         ("relay", "relay", "relay --window 8 --receivers 50 --size {n}"))
SERVERS = ("raw", "wireroom")


def peak_memory(server):
    """The most that it ever had in memory, in MiB."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s*(\d+)", status, re.MULTILINE).group(1)) / 1024


def point(programs, kind, policy, arguments, seconds):
    with programs.start(kind, policy) as server:
        found = generate(programs, server, f"{arguments} --pid {server.process.pid}", seconds)
        return {"per_s": found["per_s"], "p99_us": found["p99_us"], "memory_mib": round(peak_memory(server), 1),
                "cpu_us": round(found["cpu_s"] * 1e6 / found["messages"], 3) if found["messages"] else None}


def middle(points):
    """The median of each figure by itself."""
    def of(name):
        values = sorted(p[name] for p in points if p[name] is not None)
        return values[len(values) // 2] if values else None
    return {name: of(name) for name in points[0]}


def sweep(programs, lines, values, rounds, seconds, most):
    """[{line, server, n, figures…}]; the servers take turns."""
    found, failures = [], []
    for line, policy, arguments in lines:
        for n in values:
            if n > most:
                print(f"  {line}, {n:,}: left out, more open files would be needed (ulimit -n).")
                continue
            print(f"  {line}, {n:,}", flush=True)
            points = {kind: [] for kind in SERVERS}
            for number in range(rounds):
                for kind in SERVERS if number % 2 == 0 else reversed(SERVERS):
                    try:
                        points[kind].append(point(programs, kind, policy, arguments.format(n=n), seconds))
                    except Failure as failure:
                        failures.append(str(failure))
            found += [{"line": line, "server": kind, "n": n, **middle(points[kind])} for kind in SERVERS if points[kind]]
    return found, failures


def table(heading, found):
    lines = [f"{heading:<24}{'server':<12}{'messages/s':>12}{'CPU/message':>14}{'p99':>12}{'memory':>12}"]
    lines.append("-" * len(lines[0]))
    for p in found:
        cpu = "–" if p["cpu_us"] is None else f"{p['cpu_us']:.2f} µs"
        lines.append(f"{p['line'] + ', ' + format(p['n'], ','):<24}{p['server']:<12}{p['per_s']:>12,.0f}{cpu:>14}"
                     f"{p['p99_us'] / 1000:>9.2f} ms{p['memory_mib']:>8.1f} MiB")
    return "\n".join(lines)


def panels(found_by_connections, found_by_sizes):
    axes = ((found_by_connections, "connections", [(n, benchcharts.short(n)) for n in CONNECTIONS]),
            (found_by_sizes, "bytes of a message", [(n, benchreport.size_text(n)) for n in SIZES]))
    figures = (("throughput", "per_s", "messages/s"), ("processor time of the server", "cpu_us", "µs/message"),
               ("memory of the server, at most", "memory_mib", "MiB"))
    for heading, name, unit in figures:
        for found, label, ticks in axes:
            curves = {}
            for p in found:
                if p[name]:
                    curves.setdefault(f"{p['line']}, {benchcharts.NAMES[p['server']]}", []).append((p["n"], p[name]))
            yield heading, label, unit, ticks, curves


def run(programs, about, out, rounds, seconds, descriptors):
    """Measures, prints and writes it all; the failures."""
    by_connections, failures = sweep(programs, LINES, CONNECTIONS, rounds, seconds, descriptors - 200)
    by_sizes, more = sweep(programs, SIZED, SIZES, rounds, seconds, max(SIZES))
    print(f"\n{table('connections', by_connections)}\n\n{table('bytes', by_sizes)}\n")
    out.mkdir(parents=True, exist_ok=True)
    benchreport.write_json(out / "growth.json", {
        "machine": about, "connections": by_connections, "sizes": by_sizes, "failures": failures + more})
    benchcharts.curves(out / "growth.svg", "How cost grows",
                       "Server on one core, load on another; messages of 128 bytes where sizes do not vary",
                       list(panels(by_connections, by_sizes)))
    print(f"{out / 'growth.json'}, {out / 'growth.svg'}")
    return failures + more

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures wireroom-serverd against the least that a server can do (raw), against what one would write by hand with
Qt (naive), and where they are asked for and installed, against redis, nats-server, mosquitto and ngircd."""
import argparse
import pathlib
import sys

import benchbasics
import benchcharts
import benchgrowth
import benchpeers
import benchreport
from benchservers import Cores, Failure, Programs, allow_descriptors
from benchworks import WORKS, measure

IDLE_CLIENTS = 10_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, metavar="FOLDER", help="where the built programs are")
    parser.add_argument("--out", default="out/bench", metavar="FOLDER", help="for bench.json and the pictures")
    parser.add_argument("--quick", action="store_true",
                        help="one short round that checks each byte and judges no figure")
    parser.add_argument("--growth", action="store_true",
                        help="instead, how cost grows with connections and sizes: growth.json, growth.svg")
    parser.add_argument("--with-peers", action="store_true", help="also other servers, as far as they are installed")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of each work; the median counts (5)")
    parser.add_argument("--seconds", type=float, default=2.0, metavar="S", help="of each measurement (2)")
    parser.add_argument("--only", metavar="WORDS", help="only works whose name has these words")
    return parser.parse_args()


def peers_here(options):
    peers = []
    for name in benchpeers.PEERS if options.with_peers else ():
        if benchpeers.path_of(name):
            peers.append(name)
        else:
            print(f"{name} is not installed and is left out.")
    return peers


def rounds_and_seconds(options):
    return (1, 0.3) if options.quick else (max(1, options.rounds), options.seconds)


def tasks(options, programs, peers, descriptors):
    """(name, function that gives a Result) of all that is to be measured."""
    rounds, seconds = rounds_and_seconds(options)
    judges = not options.quick
    for work in WORKS:
        if work.connections + 200 > descriptors:
            print(f"{work.name}: left out, only {descriptors} open files are allowed (ulimit -n).")
        else:
            yield work.name, lambda work=work: measure(work, programs, peers, rounds, seconds, judges)
    clients = 200 if options.quick else min(IDLE_CLIENTS, descriptors - 200)
    yield "memory, plain", lambda: benchbasics.memory(programs, "frames", clients, 4, judges)
    yield "memory, chat", lambda: benchbasics.memory(programs, "chat", clients, 8, judges)
    yield "start", lambda: benchbasics.start(programs, rounds, judges)
    yield "decode", lambda: benchbasics.decode(programs, rounds, options.quick)


def main():
    options = arguments()
    cores = Cores(pin=not options.quick)
    descriptors = allow_descriptors()
    programs = Programs(options.programs, cores)
    about = benchreport.machine(cores)
    print(f"{about['processor']}, {about['cores']} cores; {about['placement']}.")
    if about["load_before"] > 0.5 and not options.quick:
        print(f"The machine is busy (load {about['load_before']:.1f}): the figures will be noisy.")
    out = pathlib.Path(options.out)
    if options.growth:
        rounds, seconds = rounds_and_seconds(options)
        failures = benchgrowth.run(programs, about, out, rounds, seconds, descriptors)
        for failure in failures:
            print(f"Failed: {failure}")
        return 1 if failures else 0
    peers = peers_here(options)
    results = []
    for name, task in tasks(options, programs, peers, descriptors):
        if options.only and options.only not in name:
            continue
        print(f"  {name}", flush=True)
        results.append(task())
    print(f"\n{benchreport.table(results)}\n")
    for result in results:
        if result.details:
            print(f"Decoding\n{benchreport.decoding(result.details)}\n")
    held = [holds for result in results for _, _, holds in result.conditions if holds is not None]
    if held:
        print(f"{sum(held)} of {len(held)} hold.")
    failures = benchreport.failures(results)
    for failure in failures:
        print(f"Failed: {failure}")

    out.mkdir(parents=True, exist_ok=True)
    benchreport.write_json(out / "bench.json", {
        "machine": about, "quick": options.quick, "works": [result.as_json() for result in results]})
    drawn = benchcharts.ratios(out / "bench.svg", results, about)
    print(f"{out / 'bench.json'}" + (f", {out / 'bench.svg'}" if drawn else ""))
    # A yardstick that gives up is told, and no fault of what is measured.
    return 1 if any(f["server"] in ("raw", "tlsraw", "wireroom", "chat") for r in results for f in r.failures) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"bench.py: {failure}")

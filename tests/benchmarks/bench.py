#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures wireroom-serverd against the least that a server can do, and against what one would write by hand."""
import argparse
import json
import pathlib
import statistics
import sys

from benchservers import Cores, Failure, Programs, allow_descriptors
from benchworks import WORKS, generate


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, metavar="FOLDER", help="where the built programs are")
    parser.add_argument("--out", default="out/bench", metavar="FOLDER", help="for bench.json and the pictures")
    parser.add_argument("--quick", action="store_true",
                        help="one short round that checks each byte and judges no figure")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of each work (3)")
    parser.add_argument("--seconds", type=float, default=2.0, metavar="S", help="of each measurement (2)")
    parser.add_argument("--only", metavar="WORDS", help="only works whose name has these words")
    return parser.parse_args()


def measure(work, programs, rounds, seconds):
    """{server: [figure of each round]}; the servers take turns, and every other round the other way round."""
    figures = {kind: [] for kind in Programs.OWN}
    for number in range(rounds):
        for kind in Programs.OWN if number % 2 == 0 else reversed(Programs.OWN):
            try:
                with programs.start(kind, work.policy) as server:
                    found = generate(programs, server, work.arguments, seconds)
                figures[kind].append(found[work.metric])
            except Failure as failure:
                # What is compared with may fail; what is measured may not.
                if kind != "naive":
                    raise
                print(f"  {failure}", file=sys.stderr, flush=True)
                figures[kind].append(None)
    return figures


def main():
    options = arguments()
    cores = Cores(pin=not options.quick)
    descriptors = allow_descriptors()
    programs = Programs(options.programs, cores)
    rounds, seconds = (1, 0.3) if options.quick else (max(1, options.rounds), options.seconds)
    print(f"{rounds} round(s) of {seconds:g} s; " + cores.describe(), flush=True)
    results = []
    for work in WORKS:
        if options.only and options.only not in work.name:
            continue
        if work.connections + 200 > descriptors:
            print(f"{work.name}: left out, only {descriptors} descriptors are allowed (ulimit -n)")
            continue
        figures = measure(work, programs, rounds, seconds)
        ratio = statistics.median(w / r for w, r in zip(figures["wireroom"], figures["raw"]))
        print(f"{work.name}: {figures} ratio {ratio:.2f} {work.must()}", flush=True)
        results.append({"name": work.name, "figures": figures, "ratio": ratio})
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.json").write_text(json.dumps({"works": results}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench.py: {failure}")

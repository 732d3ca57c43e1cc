# SPDX-License-Identifier: Apache-2.0
"""The figures as a table for terminals and as JSON."""
import datetime
import json
import os
import pathlib
import platform
import re

from benchpeers import PEERS

HEADINGS = ("work", "raw", "wireroom", "naive", "ratio", "must hold", "")


def figure(value, unit):
    if value is None:
        return "–"
    if value >= 1e6 and unit == "/s":
        return f"{value / 1e6:.2f} M/s"
    if value >= 10_000 and unit == "/s":
        return f"{value / 1e3:.1f} k/s"
    if unit == "/s" or value >= 1_000:
        return f"{value:,.0f}{unit if unit == '/s' else ' ' + unit}"
    return f"{value:.3g} {unit}"


def verdict(holds):
    return {True: "ok", False: "missed", None: ""}[holds]


def ratio(text, value):
    """Of a condition; what has a unit of its own is no ratio."""
    if "×" not in text:
        return ""
    return "–" if value is None else f"{value:.2f}"


def rows(result):
    """A line for the work, and one more for each further thing that must hold or peer that was measured."""
    cells = [result.name]
    least = "tlsraw" if "tlsraw" in result.figures else "raw"
    by_hand = "tlsnaive" if "tlsnaive" in result.figures else "naive"
    own = "wireroom" if result.subject != "chat" else "chat"
    cells += [figure(result.median(server), result.unit) for server in (least, own, by_hand)]
    text, value, holds = result.conditions[0] if result.conditions else ("", None, None)
    cells += [ratio(text, value), text, verdict(holds)]
    yield cells
    if result.subject == "chat":
        yield ["  plain, for comparison", "", figure(result.median("wireroom"), result.unit), "", "", "", ""]
    judged = {condition[0].split()[-1]: condition for condition in result.conditions[1:]}
    for peer in PEERS:
        if peer in result.figures:
            text, _, holds = judged.get(peer, ("", None, None))
            yield [f"  {peer}: {figure(result.median(peer), result.unit)}", "", "", "",
                   f"{result.ratio(result.subject, peer):.2f}", text or f"× {peer}", verdict(holds)]


def table(results):
    lines = [list(HEADINGS)] + [row for result in results for row in rows(result)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    text = []
    for line in lines:
        cells = [cell.rjust(width) if 0 < column < 5 else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(line, widths))]
        text.append("  ".join(cells).rstrip())
    text.insert(1, "-" * max(map(len, text)))
    return "\n".join(text)


def size_text(n):
    for limit, unit in ((1024 ** 3, "GiB"), (1024 ** 2, "MiB"), (1024, "KiB")):
        if n >= limit:
            return f"{n // limit} {unit}"
    return f"{n} B"


def decoding(details):
    """Two lines for each of the sweeps: sizes, and nanoseconds a byte."""
    lines = []
    for name, title in (("chunks", "frames of 1 KiB in chunks of"), ("frames", "chunks of 64 KiB, frames of")):
        lines.append(f"{title:<30}" + "".join(f"{size_text(p['bytes']):>10}" for p in details[name]))
        lines.append(f"{'  ns a byte':<30}" + "".join(f"{p['ns_per_byte']:>10.3f}" for p in details[name]))
    largest = details["frames"][-1]
    lines.append(f"A frame of {size_text(largest['bytes'])} took {largest['peak_mib']:.0f} MiB of memory at most.")
    return "\n".join(lines)


def failures(results):
    return [failure["text"] for result in results for failure in result.failures]


def machine(cores):
    model = ""
    try:
        found = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        model = found.group(1) if found else ""
    except OSError:
        pass
    return {"processor": model or platform.machine(), "cores": os.cpu_count(), "system": platform.platform(),
            "placement": cores.describe(), "load_before": os.getloadavg()[0]}


def write_json(path, content):
    content = {"time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), **content}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

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


def amount(text, value):
    """A ratio stands alone; what has a unit of its own keeps it."""
    if value is None:
        return "–"
    return f"{value:.2f}" if "×" in text else figure(value, text.split()[-1])


def rows(result):
    """A line for the work, and one more for each further thing that must hold or peer that was measured."""
    cells = [result.name]
    own = "wireroom" if result.subject != "chat" else "chat"
    cells += [figure(result.median(server), result.unit) for server in ("raw", own, "naive")]
    text, value, holds = result.conditions[0] if result.conditions else ("", None, None)
    cells += [amount(text, value) if text else "", text, verdict(holds)]
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

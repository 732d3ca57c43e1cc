#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that includes point down the house only, that the rooms without windows include none of Qt's Gui or Widgets
headers, and that the programs without windows link neither library.

The linker does not catch the second: where Qt's headers lie beside each other, a library that links only Qt Core can
include <QtWidgets/QWidget>.

checklayering.py ROOT [--qt-headers DIR] [--program FILE…]     the check
checklayering.py --self-test                                  proves that planted faults are found
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

# Each room and the rooms below it that it may include, besides itself.
ROOMS = {
    "common/base": [],
    "common/framing": ["common/base"],
    "common/protocol": ["common/base"],
    "common/transport": ["common/base", "common/framing", "common/protocol"],
    "common/widgets": ["common/base", "common/framing", "common/protocol"],
    "server-gui/core": ["common/base", "common/framing", "common/protocol", "common/transport"],
    "server-gui/cluster": ["server-gui/core", "common/base", "common/framing", "common/protocol"],
    "server-gui/window": ["server-gui/core", "common/widgets", "common/base", "common/framing", "common/protocol"],
    "client-gui/core": ["common/base", "common/framing", "common/protocol", "common/transport"],
    "client-gui/window": ["client-gui/core", "common/widgets", "common/base", "common/framing", "common/protocol"],
}
# Files that stand in a storey itself: the programs.
PROGRAMS = {
    "server-gui": ["server-gui/core", "server-gui/cluster", "server-gui/window", "common/widgets", "common/base",
                   "common/framing", "common/protocol"],
    "client-gui": ["client-gui/core", "client-gui/window", "common/widgets", "common/base", "common/framing",
                   "common/protocol"],
}
WITH_WINDOWS = ("common/widgets/", "server-gui/window/", "client-gui/window/", "server-gui/main.cpp", "client-gui/main.cpp")
GUI_MODULES = ("QtGui", "QtWidgets", "QtOpenGL", "QtOpenGLWidgets", "QtPrintSupport", "QtSvg", "QtSvgWidgets")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def room_of(path):
    """The room that a file, named from the root, stands in; the storey for a program's own file."""
    folder = str(pathlib.PurePosixPath(path).parent)
    return folder if folder in ROOMS or folder in PROGRAMS else None


def gui_headers(qt_headers):
    names = set()
    for module in GUI_MODULES:
        folder = pathlib.Path(qt_headers) / module
        if folder.is_dir():
            names.update(entry.name for entry in folder.iterdir() if entry.is_file())
    core = pathlib.Path(qt_headers)
    for module in ("QtCore", "QtNetwork", "QtSql", "QtTest"):
        if (core / module).is_dir():
            names -= {entry.name for entry in (core / module).iterdir()}
    return names


def faults_in(root, qt_headers):
    root = pathlib.Path(root)
    forbidden = gui_headers(qt_headers) if qt_headers else set()
    faults = []
    edges = {}
    for storey in ("common", "server-gui", "client-gui"):
        for file in sorted((root / storey).rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            name = file.relative_to(root).as_posix()
            room = room_of(name)
            if room is None:
                faults.append(f"{name}: stands in a folder that is no room of the house")
                continue
            for included in INCLUDE.findall(file.read_text(encoding="utf-8")):
                target = room_of(included) if included.startswith(("common/", "server-gui/", "client-gui/")) else None
                if included.startswith(("common/", "server-gui/", "client-gui/")):
                    allowed = ROOMS.get(room, PROGRAMS.get(room))
                    if target != room and target not in allowed:
                        faults.append(f"{name}: must not include {included}")
                    elif target != room:
                        edges.setdefault(room, set()).add(target)
                elif not name.startswith(WITH_WINDOWS):
                    parts = included.split("/")
                    if parts[0] in GUI_MODULES or parts[-1] in forbidden:
                        faults.append(f"{name}: a room without windows must not include <{included}>")
                if '/' not in included and (file.parent / included).exists():
                    faults.append(f"{name}: includes are written from the root: {included}")
    return faults + circles(edges)


def circles(edges):
    """Each circle of rooms, once."""
    found = []

    def walk(room, way):
        if room in way:
            found.append("a circle of rooms: " + " -> ".join(way[way.index(room):] + [room]))
            return
        for target in sorted(edges.get(room, ())):
            walk(target, way + [room])

    for room in sorted(edges):
        if not found:
            walk(room, [])
    return found


def linked_libraries(program):
    listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in listing.splitlines() if line.strip()]


def program_faults(program):
    return [f"{program}: is linked to {library}" for library in linked_libraries(program)
            if re.match(r"libQt6(Gui|Widgets)\b", library)]


def self_test(qt_headers):
    planted = [
        ("common/base/a.h", '#include "common/framing/b.h"', "must not include common/framing/b.h"),
        ("common/framing/b.h", '#include "common/transport/c.h"', "must not include common/transport/c.h"),
        ("common/widgets/d.cpp", '#include "common/transport/c.h"', "must not include common/transport/c.h"),
        ("common/widgets/d.cpp", '#include "server-gui/core/e.h"', "must not include server-gui/core/e.h"),
        ("server-gui/core/e.cpp", '#include "server-gui/window/f.h"', "must not include server-gui/window/f.h"),
        ("server-gui/core/e.cpp", '#include "client-gui/core/g.h"', "must not include client-gui/core/g.h"),
        ("client-gui/cli.cpp", '#  include <QtWidgets/QWidget>', "must not include <QtWidgets/QWidget>"),
        ("server-gui/core/e.cpp", "#include <QWidget>", "must not include <QWidget>"),
        ("common/transport/c.cpp", "#include <QPainter>", "must not include <QPainter>"),
        ("common/framing/b.cpp", "#include <qcolor.h>", "must not include <qcolor.h>"),
        ("common/attic/h.cpp", "", "no room of the house"),
    ]
    for name, line, fault in planted:
        with tempfile.TemporaryDirectory() as root:
            file = pathlib.Path(root) / name
            file.parent.mkdir(parents=True)
            file.write_text(f"// a comment\n{line}\n", encoding="utf-8")
            found = faults_in(root, qt_headers)
            assert len(found) == 1 and fault in found[0], f"{name}: {line}: {found}"
    with tempfile.TemporaryDirectory() as root:
        for name, line in [("server-gui/window/a.cpp", "#include <QWidget>"), ("server-gui/core/b.cpp", "#include <QTcpServer>"),
                           ("server-gui/main.cpp", '#include "server-gui/window/c.h"')]:
            file = pathlib.Path(root) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(line, encoding="utf-8")
        assert faults_in(root, qt_headers) == [], faults_in(root, qt_headers)
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}}), "a circle is found"
    assert not circles({"a": {"b", "c"}, "b": {"c"}}), "two ways down are none"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?")
    parser.add_argument("--qt-headers", required=True)
    parser.add_argument("--program", action="append", default=[])
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if not gui_headers(options.qt_headers):
        print(f"No headers of Qt's Gui and Widgets in {options.qt_headers}: cannot check.", file=sys.stderr)
        return 1
    if options.self_test:
        self_test(options.qt_headers)
        return 0
    faults = faults_in(options.root, options.qt_headers)
    for program in options.program:
        faults += program_faults(program)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

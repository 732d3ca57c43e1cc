#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every C++ file is formatted as .clang-format says and begins with the licence line.

checkformat.py ROOT [--fix]
"""

import pathlib
import shutil
import subprocess
import sys

FOLDERS = ("common", "server-gui", "client-gui", "tests")
VERSION = "14."  # later versions format a few things differently
LICENCE = "// SPDX-License-Identifier: Apache-2.0"


def formatter():
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path and f"version {VERSION}" in subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout:
            return path
    return None


def main():
    root = pathlib.Path(sys.argv[1])
    files = [file for folder in FOLDERS for file in sorted((root / folder).rglob("*")) if file.suffix in (".h", ".cpp")]
    tool = formatter()
    if tool is None:
        print(f"clang-format {VERSION[:-1]} is not installed (Debian 12: package clang-format).")
        return 1
    if "--fix" in sys.argv:
        subprocess.run([tool, "-i", *files], check=True)
    found = subprocess.run([tool, "--dry-run", "-Werror", *files], capture_output=True, text=True)
    faults = [line for line in found.stderr.splitlines() if "error:" in line]
    faults += [f"{file}: the first line is not {LICENCE}" for file in files
               if file.read_text(encoding="utf-8").split("\n", 1)[0] != LICENCE]
    for fault in faults[:40]:
        print(fault)
    if faults:
        print(f"{len(faults)} places. tests/checks/checkformat.py . --fix mends the formatting.")
    return 1 if faults or found.returncode else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, and one that fails to make things durable: no message is said to be stored that is not,
clients learn why they wait, and the server goes on by itself once it can.

The full disk is a small tmpfs in a mount namespace of the daemon's own; the failing one is the system's answer to
fdatasync, put there by strace. Where the system permits neither, the test is skipped.
"""

import os
import sqlite3
import subprocess
import time
import unittest

from wireroomtest import DEADLINE, WireroomTestCase, everything_is_required, main, require

DISK_BYTES = 8 << 20
BODY = "x" * 4000


def skip(message):
    if everything_is_required() and os.geteuid() == 0 and not message.startswith("not permitted"):
        raise AssertionError(message)
    raise unittest.SkipTest(message)


class Disk(WireroomTestCase):
    def start_chatting(self, daemon, folder, name):
        cli = self.start_cli(daemon.port, "--name", name, "--state", os.path.join(folder, "state"), "--wait", "3600")
        cli.event("welcome")
        return cli

    def texts(self, database):
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            rows = connection.execute("SELECT body FROM messages ORDER BY seq").fetchall()
        return [(row[0].decode() if isinstance(row[0], bytes) else row[0]).split(" ")[0] for row in rows]

    def post(self, cli, number):
        cli.write_line(f"m{number} {BODY}")

    def wait_stored(self, cli, count):
        """The numbers of all messages that are stored by now, in order."""
        until = time.monotonic() + DEADLINE
        while True:
            stored = []
            for event in cli.untaken_events("message"):
                if event.get("state") == "stored" and event["text"] not in stored:
                    stored.append(event["text"])
            if len(stored) >= count or time.monotonic() > until:
                return [text.split(" ")[0] for text in stored]
            time.sleep(0.02)

    def test_full_disk(self):
        unshare = require("util-linux", "unshare")
        folder = self.directory()
        mount = os.path.join(folder, "disk")
        os.mkdir(mount)
        if subprocess.run([unshare, "--mount", "true"], capture_output=True, check=False).returncode != 0:
            skip("not permitted: mount namespaces")
        # The test does in the same namespace what the daemon's disk needs, by a shell that takes commands.
        script = (
            f'mount -t tmpfs -o size={DISK_BYTES} wireroom "$1" && cp /dev/null "$1/filler" && shift && exec "$@"'
        )
        daemon = self.wrapped_daemon(
            [unshare, "--mount", "--propagation", "private", "sh", "-c", script, "sh", mount],
            os.path.join(mount, "data"),
        )
        inside = f"/proc/{daemon.process.pid}/root{mount}"
        ann = self.start_chatting(daemon, folder, "ann")
        bob = self.start_chatting(daemon, folder, "bob")
        self.post(ann, 1)
        self.assertEqual(self.wait_stored(ann, 1), ["m1"])
        with open(os.path.join(inside, "filler"), "wb") as filler:
            try:
                while True:
                    filler.write(b"\0" * 4096)
                    filler.flush()
            except OSError:
                pass
        count = 1
        while not ann.untaken_events("notice"):
            count += 1
            self.post(ann, count)
            self.assertLess(count, 5000, "the disk never got full")
            time.sleep(0.01)
        notice = ann.event("notice", code="cannot-store")
        self.assertTrue(notice["text"])
        bob.event("notice", code="cannot-store")
        self.assertFalse(daemon.event("storing")["works"])
        stored = self.wait_stored(ann, 1)
        self.assertLess(len(stored), count)
        self.assertEqual(stored, self.texts(os.path.join(inside, "data", "history.db"))[: len(stored)])
        # The others are not disturbed: what needs no disk still works.
        bob.write_line("/who")
        os.truncate(os.path.join(inside, "filler"), 0)
        ann.event("notice", code="stores-again")
        self.assertTrue(daemon.event("storing")["works"])
        wanted = [f"m{number}" for number in range(1, count + 1)]
        self.assertEqual(self.wait_stored(ann, count), wanted)
        self.assertEqual(self.texts(os.path.join(inside, "data", "history.db")), wanted)

    def test_failing_fsync(self):
        strace = require("strace", "strace")
        folder = self.directory()
        probe = subprocess.run([strace, "-o", os.devnull, "true"], capture_output=True, check=False)
        if probe.returncode != 0:
            skip("not permitted: strace")
        daemon = self.wrapped_daemon(
            [strace, "-f", "-o", os.devnull, "--seccomp-bpf", "-e", "trace=fdatasync,fsync",
             "-e", "inject=fdatasync,fsync:error=EIO:when=25..32"],
            os.path.join(folder, "data"),
        )
        ann = self.start_chatting(daemon, folder, "ann")
        count = 0
        while not ann.untaken_events("notice"):
            count += 1
            self.post(ann, count)
            self.wait_stored_or_notice(ann, count)
            self.assertLess(count, 500, "no call failed")
        ann.event("notice", code="cannot-store")
        self.assertNotIn(f"m{count}", self.wait_stored(ann, 1))
        ann.event("notice", code="stores-again")
        wanted = [f"m{number}" for number in range(1, count + 1)]
        self.assertEqual(self.wait_stored(ann, count), wanted)
        self.assertEqual(self.texts(os.path.join(folder, "data", "history.db")), wanted)

    def wait_stored_or_notice(self, cli, count):
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until and not cli.untaken_events("notice"):
            stored = {e["text"] for e in cli.untaken_events("message") if e.get("state") == "stored"}
            if len(stored) >= count:
                return
            time.sleep(0.005)

    def wrapped_daemon(self, wrapper, data):
        """wireroom-serverd, started by a program that becomes it or watches it."""
        serverd = os.environ["WIREROOM_SERVERD"]
        launcher = os.path.join(self.directory(), "serverd")
        quoted = " ".join(f"'{part}'" for part in [*wrapper, serverd])
        with open(launcher, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {quoted} "$@"\n')
        os.chmod(launcher, 0o755)
        os.environ["WIREROOM_SERVERD"] = launcher
        try:
            return self.start_daemon(data_dir=data)
        finally:
            os.environ["WIREROOM_SERVERD"] = serverd


if __name__ == "__main__":
    main()

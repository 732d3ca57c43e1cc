# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, and one that fails to make things durable: no message is said to be stored that is not,
clients learn why they wait, and the server goes on by itself once it can.

The full disk is a small tmpfs in a mount namespace of the program's own; the failing one is the system's answer to
fdatasync, put there by strace. Where the system permits neither, the test is skipped.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
import unittest

from wireroomtest import DEADLINE, WireroomTestCase, main, require

DISK_BYTES = 8 << 20
BODY = "x" * 4000
READ = """
import sqlite3, sys
for body, in sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT body FROM messages ORDER BY seq"):
    print((body.decode() if isinstance(body, bytes) else body).split(" ")[0])
"""
STORED = ("stored", "delivered")
"""With nobody else there a message is delivered as soon as it is stored."""


class Disk(WireroomTestCase):
    def setUp(self):
        self.folder = self.directory()

    def start_chatting(self, daemon, name):
        state = os.path.join(self.folder, "state")
        return self.start_cli(daemon.port, "--name", name, "--state", state, "--wait", "3600")

    def texts(self, database, *inside):
        """What the history has, in order; read by a program that is started inside the daemon's namespace."""
        command = [*inside, sys.executable, "-c", READ, database]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    def post(self, cli, number):
        cli.write_line(f"m{number} {BODY}")

    def stored(self, cli):
        """The numbers of all messages that are stored by now, in order."""
        texts = [e["text"].split(" ")[0] for e in cli.untaken_events("message") if e.get("state") in STORED]
        return list(dict.fromkeys(texts))

    def wait_until(self, condition, what):
        until = time.monotonic() + DEADLINE
        while not condition():
            self.assertLess(time.monotonic(), until, f"waited for {what}")
            time.sleep(0.005)

    def wait_stored(self, cli, count):
        self.wait_until(lambda: len(self.stored(cli)) >= count, f"{count} messages to be stored")
        return self.stored(cli)

    def in_small_disk(self, program):
        """A launcher of that program with a small disk at `self.mount`, which nobody else sees."""
        unshare = require("util-linux", "unshare")
        if subprocess.run([unshare, "--mount", "true"], capture_output=True, check=False).returncode != 0:
            raise unittest.SkipTest("mount namespaces are not permitted")
        self.mount = os.path.join(self.folder, "disk")
        os.mkdir(self.mount)
        script = f'mount -t tmpfs -o size={DISK_BYTES} wireroom "$1" && : > "$1/filler" && shift && exec "$@"'
        return self.launcher(
            program, unshare, "--mount", "--propagation", "private", "sh", "-c", script, "sh", self.mount
        )

    def launcher(self, program, *wrapper):
        """A script that starts the program by another one, which becomes it."""
        path = os.path.join(self.directory(), os.path.basename(program))
        quoted = " ".join(f"'{part}'" for part in [*wrapper, program])
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {quoted} "$@"\n')
        os.chmod(path, 0o755)
        return path

    @contextlib.contextmanager
    def environment(self, name, value):
        before = os.environ[name]
        os.environ[name] = value
        try:
            yield
        finally:
            os.environ[name] = before

    def fill(self, program):
        """Leaves no byte on the program's small disk; returns how to make room again."""
        filler = f"/proc/{program.process.pid}/root{self.mount}/filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass
        return lambda: os.truncate(filler, 0)

    def test_full_disk_of_the_server(self):
        with self.environment("WIREROOM_SERVERD", self.in_small_disk(os.environ["WIREROOM_SERVERD"])):
            daemon = self.start_daemon(data_dir=os.path.join(self.mount, "data"))
        history = os.path.join(self.mount, "data", "history.db")
        inside = [require("util-linux", "nsenter"), "--target", str(daemon.process.pid), "--mount"]
        ann = self.start_chatting(daemon, "ann")
        bob = self.start_chatting(daemon, "bob")
        for chat in (ann, bob):
            chat.event("welcome")
        self.post(ann, 1)
        self.assertEqual(self.wait_stored(ann, 1), ["m1"])
        make_room = self.fill(daemon)
        count = 1
        while not ann.untaken_events("notice"):
            count += 1
            self.post(ann, count)
            self.assertLess(count, 5000, "the disk never got full")
            time.sleep(0.01)
        notice = ann.event("notice", code="cannot-store")
        self.assertIn("full", notice["text"])
        bob.event("notice", code="cannot-store")
        self.assertFalse(daemon.event("storing")["works"])
        stored = self.stored(ann)
        self.assertLess(len(stored), count)
        self.assertEqual(stored, self.texts(history, *inside)[: len(stored)])
        # What needs no disk still works, and newcomers learn why they wait.
        bob.write_line("/history 1")
        self.assertEqual(bob.event("history")["messages"][0]["text"].split(" ")[0], stored[-1])
        cid = self.start_chatting(daemon, "cid")
        cid.event("notice", code="cannot-store")
        self.assertEqual(cid.untaken_events("welcome"), [])

        make_room()
        ann.event("notice", code="stores-again")
        self.assertTrue(daemon.event("storing")["works"])
        cid.event("welcome")
        wanted = [f"m{number}" for number in range(1, count + 1)]
        self.assertEqual(self.wait_stored(ann, count), wanted)
        self.assertEqual(self.texts(history, *inside), wanted)
        bob.event("message", text=f"m{count} {BODY}")
        shown = [event["text"].split(" ")[0] for event in bob.untaken_events("message")]
        self.assertEqual(shown, wanted[:-1])

    def test_full_disk_of_a_client(self):
        daemon = self.start_daemon()
        bob = self.start_chatting(daemon, "bob")
        bob.event("welcome")
        with self.environment("WIREROOM_CLI", self.in_small_disk(os.environ["WIREROOM_CLI"])):
            ann = self.start_cli(daemon.port, "--name", "ann", "--state", os.path.join(self.mount, "state"))
        ann.event("welcome")
        make_room = self.fill(ann)
        count = 0
        while not ann.untaken_events("error"):
            count += 1
            self.post(ann, count)
            self.assertLess(count, 5000, "the disk never got full")
            time.sleep(0.01)
        self.assertIn("outbox", ann.event("error")["reason"])
        make_room()
        # What was refused is not sent later by surprise, what was taken is, and it goes on.
        self.post(ann, "last")
        bob.event("message", text=f"mlast {BODY}")
        taken = [e["text"].split(" ")[0] for e in ann.untaken_events("message") if e.get("state") == "waiting"]
        shown = [event["text"].split(" ")[0] for event in bob.untaken_events("message")]
        self.assertEqual(shown, taken[:-1])
        self.assertLess(len(shown), count)

    def test_failing_fsync(self):
        strace = require("strace", "strace")
        probe = subprocess.run([strace, "-D", "-o", os.devnull, "true"], capture_output=True, check=False)
        if probe.returncode != 0:
            raise unittest.SkipTest("strace is not permitted")
        launcher = self.launcher(
            # The leak sanitizer, where it is built in, is another one that traces.
            os.environ["WIREROOM_SERVERD"], "env", "LSAN_OPTIONS=detect_leaks=0",
            strace, "-D", "-f", "-o", os.devnull, "--seccomp-bpf",
            "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=25..32"
        )
        data = os.path.join(self.folder, "data")
        with self.environment("WIREROOM_SERVERD", launcher):
            daemon = self.start_daemon(data_dir=data)
        ann = self.start_chatting(daemon, "ann")
        count = 0
        while not ann.untaken_events("notice"):
            count += 1
            self.post(ann, count)
            self.wait_until(lambda: ann.untaken_events("notice") or len(self.stored(ann)) >= count, "an answer")
            self.assertLess(count, 500, "no call failed")
        ann.event("notice", code="cannot-store")
        ann.event("notice", code="stores-again")
        wanted = [f"m{number}" for number in range(1, count + 1)]
        self.assertEqual(self.wait_stored(ann, count), wanted)
        self.assertEqual(self.texts(os.path.join(data, "history.db")), wanted)
        # The last one was said to be stored once it was, not before.
        events = [json.loads(line) for line in ann.lines]
        again = next(at for at, event in enumerate(events) if event.get("code") == "stores-again")
        last = next(at for at, event in enumerate(events)
                    if event.get("state") in STORED and event["text"] == f"m{count} {BODY}")
        self.assertLess(again, last)


if __name__ == "__main__":
    main()

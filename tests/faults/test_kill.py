# SPDX-License-Identifier: Apache-2.0
"""kill -9, at random moments and under load, of the server or of a client; nothing is lost and nothing comes twice.

Clients write without pause to everyone and to each other; some of the killed ones stay away for a while. After
WIREROOM_KILL_ROUNDS kills everything that was promised is checked against the history and against what each client has
on its screen, which is the file of its --transcript: each message that a client's outbox had taken is in the history
exactly once, and on the screen of each recipient exactly once, in the history's order. In plain, and once more with
TLS required and the server's certificate pinned.
"""

import json
import os
import random
import sqlite3
import threading
import time
import unittest

from faulttest import SLOWER, FaultTestCase
from wireroomtest import DEADLINE, main

ROUNDS = int(os.environ.get("WIREROOM_KILL_ROUNDS", "8"))
SEED = int(os.environ.get("WIREROOM_KILL_SEED", random.randrange(1 << 32)))
CLIENTS = ["ann", "bob", "cid", "dot"]
LINES_A_SECOND = 150
"""Of each client: enough that every kill meets messages at each step of their way."""
START = 3.0
"""Seconds until the server listens again, of its own: without those in which others had the cores."""


class Writer:
    """One client through all its lives: the program that runs now, and the thread that types into it."""

    def __init__(self, test, name, port, folder, options):
        self.test = test
        self.options = options
        self.name = name
        self.port = port
        self.folder = folder
        self.transcript = os.path.join(folder, f"{name}.jsonl")
        self.id = None
        self.lines = 0
        self.taken = {}
        """The texts that its outbox had taken, with how many lives ago."""
        self.stored = set()
        self.others = []
        self.writing = True
        self.lock = threading.Lock()
        self.program = None
        self.start()
        self.thread = threading.Thread(target=self.write, daemon=True)

    def start(self):
        self.program = self.test.start_cli(
            self.port, "--name", self.name, "--retry", "--state", os.path.join(self.folder, "state"),
            "--transcript", self.transcript, "--wait", "3600", *self.options
        )

    def write(self):
        while self.writing:
            with self.lock:
                self.lines += 1
                text = f"{self.name}-{self.lines}"
                to = f"/to {random.choice(self.others).id} " if self.lines % 3 == 0 else "/to all "
                try:
                    self.program.write_line(to + text)
                except (OSError, ValueError):
                    pass  # it was killed this moment; the line is nobody's
            time.sleep(1 / LINES_A_SECOND)

    def note_promises(self):
        """What the program that ran so far said of its messages."""
        for line in list(self.program.lines):
            try:
                event = json.loads(line)
            except ValueError:
                continue  # torn by the kill
            if event.get("event") != "message" or "ref" not in event:
                continue
            self.taken[event["text"]] = event
            if event["state"] in ("stored", "delivered"):
                self.stored.add(event["text"])

    def kill(self):
        """It is away until it is called back; meanwhile what the others write waits for it."""
        self.lock.acquire()
        self.program.process.kill()
        self.program.wait_end()
        self.note_promises()

    def call_back(self):
        self.start()
        self.lock.release()

    def is_away(self):
        return self.lock.locked() and self.program.process.poll() is not None

    def screen(self):
        with open(self.transcript, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]  # it is written to meanwhile


class Kill(FaultTestCase):
    def test_kill(self):
        self.run_kills([])

    def test_kill_with_tls(self):
        self.run_kills(["--tls", "required"])

    def run_kills(self, server_options):
        print(f"seed {SEED}, {ROUNDS} kills", flush=True)
        chance = random.Random(SEED)
        folder = self.directory()
        data = os.path.join(folder, "data")
        daemon = self.try_daemon(*server_options, data_dir=data).wait_listening()
        port = daemon.port
        options = ["--tls", "--pin", daemon.event("tls")["fingerprint"]] if server_options else []
        writers = [Writer(self, name, port, folder, options) for name in CLIENTS]
        for writer in writers:
            writer.id = writer.program.event("welcome")["id"]
        for writer in writers:
            writer.others = [other for other in writers if other is not writer]
            writer.thread.start()

        slowest, waited = 0.0, 0.0
        for _ in range(ROUNDS):
            time.sleep(chance.uniform(0.05, 1.0))  # the moment is the test's subject, not something waited for
            if chance.random() < 0.5:
                daemon.process.kill()
                daemon.wait_end()
                time.sleep(chance.uniform(0.0, 0.3))
                began, starved = time.monotonic(), self.starved_seconds(os.getpid())
                daemon = self.try_daemon("--listen", f"127.0.0.1:{port}", *server_options, data_dir=data)
                daemon.wait_listening()
                took = time.monotonic() - began
                # Its threads start one after the other, so each one's wait for a core is a part of it.
                starved = self.starved_seconds(os.getpid()) - starved + sum(self.starved_threads(daemon.process.pid))
                slowest, waited = max(slowest, took - starved), max(waited, took)
                continue
            writer = chance.choice(writers)
            if not writer.is_away():
                writer.kill()
            if chance.random() < 0.5:
                writer.call_back()
        for writer in writers:
            writer.writing = False
            if writer.is_away():
                writer.call_back()
        for writer in writers:
            writer.thread.join(DEADLINE)
        self.check(writers, data)
        print(f"slowest start of the server after a kill: {slowest:.2f} s, with the waiting for a core {waited:.2f} s",
              flush=True)
        self.assertLess(slowest, START * SLOWER)

    def check(self, writers, data):
        """Waits until what was typed has arrived, then compares."""
        until = time.monotonic() + 4 * DEADLINE
        problems = ["not looked yet"]
        while problems and time.monotonic() < until:
            time.sleep(0.2)
            problems = self.compare(writers, data)
        self.assertEqual(problems, [])
        total = sum(len(writer.taken) for writer in writers)
        self.assertGreater(total, 20 * ROUNDS, "there was no load to speak of")
        print(f"{total} messages promised, each kept once", flush=True)

    def compare(self, writers, data):
        with sqlite3.connect(f"file:{data}/history.db?mode=ro", uri=True) as database:
            rows = database.execute("SELECT seq, sender, conversation = '*', body FROM messages ORDER BY seq").fetchall()
        history = {}
        problems = []
        screens = {writer.id: writer.screen() for writer in writers}
        shown = {client: {message["text"] for message in screen} for client, screen in screens.items()}
        for seq, sender, everyone, body in rows:
            text = body.decode() if isinstance(body, bytes) else body
            if text in history:
                problems.append(f"{text} is in the history twice")
            history[text] = (seq, sender, everyone)
        for writer in writers:
            writer.note_promises()
            for text in writer.taken:
                if text not in history:
                    problems.append(f"{text} was taken by the outbox of {writer.name} and is not in the history")
            seqs = []
            seen = set()
            for message in screens[writer.id]:
                seqs.append(message["seq"])
                if message["text"] in seen:
                    problems.append(f"{message['text']} is on the screen of {writer.name} twice")
                seen.add(message["text"])
                if message["text"] not in history or history[message["text"]][0] != message["seq"]:
                    problems.append(f"{message['text']} is on the screen of {writer.name} but not in the history")
            if seqs != sorted(seqs):
                problems.append(f"the screen of {writer.name} is out of order")
            for text, (_, sender, everyone) in history.items():
                if everyone and sender != writer.id and text not in seen:
                    problems.append(f"{text} is not on the screen of {writer.name}")
            for text, event in writer.taken.items():
                for other in writers:
                    meant = event["to"] is not None and other.id in event["to"]
                    if meant and text in history and text not in shown[other.id]:
                        problems.append(f"{text} is not on the screen of {other.name}")
            if writer.stored - history.keys():
                problems.append(f"{writer.stored - history.keys()} were said to be stored")
        return problems[:5]


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""The database as it is on the disk at any instant under load: it opens, is whole, and has every message that was said to
be stored by then.

The server stands still (SIGSTOP) for as long as it takes to copy the file and its write-ahead log.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import threading
import time

from faulttest import FaultTestCase
from wireroomtest import main

COPIES = int(os.environ.get("WIREROOM_COPIES", "25"))
SEED = int(os.environ.get("WIREROOM_FAULT_SEED", random.randrange(1 << 32)))
LINES_A_SECOND = 500


class Copies(FaultTestCase):
    def test_at_random_instants(self):
        print(f"seed {SEED}, {COPIES} copies", flush=True)
        chance = random.Random(SEED)
        folder = self.directory()
        data = os.path.join(folder, "data")
        daemon = self.start_daemon(data_dir=data)
        writer = self.start_cli(daemon.port, "--name", "writer", "--state", folder, "--wait", "3600")
        writer.event("welcome")
        writes = True

        def write():
            number = 0
            while writes:
                number += 1
                writer.write_line(f"m{number} " + "x" * chance_of_size.randrange(2000))
                time.sleep(1 / LINES_A_SECOND)

        chance_of_size = random.Random(SEED)
        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        try:
            known = 0
            for number in range(COPIES):
                time.sleep(chance.uniform(0.05, 0.4))  # the instant is the test's subject
                stored = self.stored(writer)
                copy = os.path.join(folder, str(number))
                os.mkdir(copy)
                daemon.signal(signal.SIGSTOP)
                try:
                    for name in ("history.db", "history.db-wal"):
                        shutil.copy(os.path.join(data, name), copy)
                finally:
                    daemon.signal(signal.SIGCONT)
                with sqlite3.connect(os.path.join(copy, "history.db")) as database:
                    self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
                    rows = database.execute("SELECT body FROM messages ORDER BY seq").fetchall()
                texts = [(body if isinstance(body, str) else body.decode()).split(" ")[0] for body, in rows]
                self.assertEqual(len(texts), len(set(texts)), "a message is there twice")
                self.assertEqual(stored - set(texts), set(), f"copy {number} lacks what was said to be stored")
                known = len(stored)
                shutil.rmtree(copy)
        finally:
            writes = False
            thread.join()
        self.assertGreater(known, 10 * COPIES, "there was no load to speak of")
        print(f"{known} messages were promised by the last copy", flush=True)

    def stored(self, writer):
        found = set()
        for line in list(writer.lines):
            event = json.loads(line)
            if event["event"] == "message" and event.get("state") in ("stored", "delivered"):
                found.add(event["text"].split(" ")[0])
        return found


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Chat over a bad network: whatever happens to the connections, everybody has each message once and in order.

Clients write without pause; their connections lead through wireroom-faultproxy, which is slow, takes every piece apart,
and ends them in the middle of frames. What each has on its screen is the file of its --transcript.
"""

import json
import os
import time

from faulttest import FaultTestCase
from wireroomtest import DEADLINE, main

SEED = os.environ.get("WIREROOM_FAULT_SEED", "1")
LONG = os.environ.get("WIREROOM_LONG") == "1"


class Network(FaultTestCase):
    def setUp(self):
        self.folder = self.directory()
        self.daemon = self.start_daemon()
        self.clients = {}
        self.written = {}

    def start_client(self, name, port):
        path = os.path.join(self.folder, name)
        self.clients[name] = self.start_cli(
            port, "--name", name, "--retry", "--state", path, "--transcript", path + ".jsonl", "--wait", "3600"
        )
        self.written[name] = []

    def write(self, name, count):
        for _ in range(count):
            text = f"{name}-{len(self.written[name])} " + "x" * 60
            self.written[name].append(text)
            self.clients[name].write_line("/to all " + text)

    def screen(self, name):
        path = os.path.join(self.folder, name + ".jsonl")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def assert_everything_once(self):
        """Waits until nobody misses anything."""
        for name in self.clients:
            wanted = {text for other, texts in self.written.items() if other != name for text in texts}
            self.wait_until(lambda: wanted <= {message["text"] for message in self.screen(name)},
                            f"everything on the screen of {name}")
            screen = self.screen(name)
            self.assertEqual(len(screen), len(wanted), f"{name} has something twice")
            seqs = [message["seq"] for message in screen]
            self.assertEqual(seqs, sorted(seqs), f"the screen of {name} is out of order")
            for other, texts in self.written.items():
                if other != name:
                    theirs = [message["text"] for message in screen if message["text"] in set(texts)]
                    self.assertEqual(theirs, texts, f"{name} has the messages of {other} in another order")

    def test_slow_and_torn(self):
        """500 ms of latency, everything in small pieces, and an end in the middle of a frame of each kind."""
        slow = ["--seed", SEED, "--delay", "250~20", "--split", "40"]
        proxies = {
            "ann": self.start_proxy(self.daemon.port, *slow, "--cut", "up:2000-4000", "--cut", "down:4000-8000"),
            "bob": self.start_proxy(self.daemon.port, *slow, "--reset", "up:2000-4000", "--reset", "down:4000-8000"),
            "cid": self.start_proxy(self.daemon.port, *slow, "--half-close", "up:2000-4000",
                                    "--half-close", "down:4000-8000"),
            "dot": self.start_proxy(self.daemon.port),
        }
        for name, proxy in proxies.items():
            self.start_client(name, proxy.port)
        for client in self.clients.values():
            client.event("welcome")
        for name in self.clients:
            self.write(name, 40)
        self.assert_everything_once()
        for name, kind in (("ann", "cut"), ("bob", "reset"), ("cid", "half-close")):
            faults = proxies[name].faults()
            self.assertGreater(faults.count(kind), 1, f"the network was too good to {name}")
            self.assertGreater(faults.count("split"), 100)
            self.assertGreater(faults.count("delay"), 10)
        self.assertEqual(proxies["dot"].faults(), [])

    def test_away_for_ten_seconds(self):
        self.away(10, 0.1)

    if LONG:

        def test_away_for_five_minutes(self):
            self.away(300, 0.5)

    def away(self, seconds, interval):
        """The link of one is gone for so long while both write."""
        proxy = self.start_proxy(self.daemon.port)
        self.start_client("ann", proxy.port)
        self.start_client("bob", self.daemon.port)
        for client in self.clients.values():
            client.event("welcome")
        for name in self.clients:
            self.write(name, 50)
        proxy.write_line("refuse on")
        proxy.write_line("cut")
        until = time.monotonic() + seconds
        while time.monotonic() < until:  # how long it is gone is the test's subject
            for name in self.clients:
                self.write(name, 2)
            time.sleep(interval)
        self.assertGreaterEqual(proxy.faults().count("refuse"), 2)
        proxy.write_line("refuse off")
        began = time.monotonic()
        # It has learned to wait for up to a minute between its attempts.
        while not self.clients["ann"].untaken_events("welcome"):
            self.assertLess(time.monotonic() - began, 60 + DEADLINE, "ann does not come back")
            time.sleep(0.02)
        for name in self.clients:
            self.write(name, 10)
        self.assert_everything_once()
        print(f"{seconds} s: back {time.monotonic() - began:.1f} s after the link; {sum(map(len, self.written.values()))} messages",
              flush=True)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""One chat client sends as fast as it can, for which 100,000 messages a second are not many: it is held to its rate
and told so once a second; the others do not wait for it."""

import struct
import time

from crowd import Crowd, percentile
from faulttest import SLOWER, ChatPeer, FaultTestCase, connect
from wireroomtest import main

RATE = 1000
SECONDS = 8
POSTS = 200_000
"""Far more than could be taken in that time."""


def posts():
    """Of one text to the operator, whom nothing is sent for."""
    tail = b"\x81\x00\x64text\x65flood"
    frames = bytearray()
    for ref in range(1, POSTS + 1):
        payload = b"\x85\x04\x1a" + struct.pack(">I", ref) + tail
        frames += struct.pack(">I", len(payload)) + payload
    return frames


class Flood(FaultTestCase):
    def test_one_floods(self):
        daemon = self.start_quiet_daemon("--rate", str(RATE))
        crowd = Crowd(self, daemon.port)
        before = crowd.watch(2)
        sock = connect(daemon.port)
        self.addCleanup(sock.close)
        ChatPeer(sock, "flood")
        sock.setblocking(False)
        words, answers = memoryview(posts()), bytearray()
        sent = 0
        began = time.monotonic()

        def work():
            nonlocal sent
            try:
                sent += sock.send(words[sent : sent + (1 << 16)])
            except BlockingIOError:
                pass
            try:
                block = sock.recv(1 << 16)
                self.assertTrue(block, "who floods was disconnected")
                answers.extend(block)
            except BlockingIOError:
                pass
            return False

        waits = crowd.watch(SECONDS, work)
        took = time.monotonic() - began
        counters = daemon.counters()
        self.assertLess(sent, len(words), "it could send without being held")
        stored, notices, at = 0, 0, 0
        while at + 4 <= len(answers):
            length = int.from_bytes(answers[at : at + 4], "big")
            payload = answers[at + 4 : at + 4 + length]
            stored += payload[1:2] == b"\x05"
            if payload[1:2] == b"\x0f":
                notices += 1
                self.assertIn(b"slow-down", payload)
            at += 4 + length
        print(f"{stored / took:.0f} messages a second of it were taken, of {RATE}; it was told {notices} times in {took:.1f} s; "
              f"99 % of the others' answers within {1000 * percentile(waits, 0.99):.1f} ms, before "
              f"{1000 * percentile(before, 0.99):.1f} ms", flush=True)
        # What it had saved of one second, and what was read in one go.
        self.assertLessEqual(stored, RATE * (took + 4))
        self.assertGreaterEqual(stored, RATE * 2)
        self.assertGreater(counters["held_back_total"], 0)
        self.assertGreaterEqual(notices, 2)
        self.assertLessEqual(notices, took + 1)
        self.assertEqual(counters["chat_clients"], 51)
        self.assertLess(percentile(waits, 0.99), 0.5 * SLOWER)


if __name__ == "__main__":
    main()

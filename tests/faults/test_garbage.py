# SPDX-License-Identifier: Apache-2.0
"""Bytes without sense: refused with a reason, without memory, and without anybody else noticing."""

import os
import random
import struct

from faulttest import ChatPeer, FaultTestCase, TAG
from wireroomtest import PREFIXES, main

SEED = int(os.environ.get("WIREROOM_FAULT_SEED", "1"))
LIMIT = 1 << 20
MEASURES = os.environ.get("WIREROOM_SANITIZED") != "1"
"""Sanitizers keep freed memory."""


class Garbage(FaultTestCase):
    def test_hundred_live_ones_do_not_notice(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        chats = [ChatPeer(self.connect(daemon).socket, f"live{number}") for number in range(50)]
        plain = [self.connect(daemon) for _ in range(50)]
        for number, peer in enumerate(plain):
            self.assert_echo(peer, b"%d" % number)
        baseline = self.descriptors(daemon)
        chance = random.Random(SEED)
        starts = [b"", b"\x16\x03\x01\x02\x00\x01\x00", b"\x16\x03\x03", b"GET / HTTP/1.1\r\n", b"\xff" * 8,
                  struct.pack(">I", 40) + TAG, b"\x00\x00", b"SSH-2.0-x\r\n"]
        for number in range(400):
            peer = self.connect(daemon)
            try:
                peer.send_raw(starts[number % len(starts)] + chance.randbytes(chance.randrange(1, 3000)))
                if number % 3 == 0:
                    peer.finish_sending()
            except ConnectionError:
                pass  # refused already
            peer.close()
        for number, peer in enumerate(plain):
            self.assert_echo(peer, b"still %d" % number)
        for chat in chats:
            self.assertTrue(chat.answers())
        self.wait_until(lambda: self.descriptors(daemon) <= baseline, "the descriptors of the garbage")
        reasons = {event["reason"] for event in daemon.untaken_events("refused")}
        self.assertGreater(len(reasons), 20)
        self.assertTrue(all(reasons))

    def test_lengths_that_are_refused_on_the_header(self):
        for wire_format, prefix in PREFIXES.items():
            largest = (1 << 8 * struct.calcsize(prefix)) - 1
            lengths = [length for length in {largest, largest // 2 + 1, LIMIT + 1} if LIMIT < length <= largest]
            if not lengths:
                continue
            daemon = self.start_daemon("--format", wire_format, "--max-payload", str(LIMIT), "--plain-policy", "echo")
            live = self.connect(daemon, wire_format)
            self.assert_echo(live, b"")  # nothing is a message, too
            self.assert_echo(live, b"x")
            for length in lengths:
                for rest in (b"", b"some of what it claims"):
                    with self.subTest(format=wire_format, length=length, rest=len(rest)):
                        before = self.resident(daemon)
                        peer = self.connect(daemon, wire_format)
                        client = daemon.client_of(peer)
                        peer.send_raw(struct.pack(prefix, length) + rest)
                        refused = daemon.event("refused", id=client)
                        self.assertIn(f"{length:,}", refused["reason"])
                        self.assert_closed_cleanly(peer)
                        if MEASURES:
                            self.assertLess(self.resident(daemon) - before, 1 << 20)
            self.assert_echo(live, b"still there")


if __name__ == "__main__":
    main()

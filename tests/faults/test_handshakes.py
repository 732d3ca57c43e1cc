# SPDX-License-Identifier: Apache-2.0
"""TLS handshakes that break or stall, 40 and 400 at a time, again and again: the next real client connects at once.

WIREROOM_HANDSHAKE_ROUNDS is how often: 3 by default, 100 for what the promise says.
"""

import os
import random
import ssl
import time

from faulttest import SLOWER, ChatPeer, FaultTestCase, allow_many_descriptors, anybody, connect
from wireroomtest import main

ROUNDS = int(os.environ.get("WIREROOM_HANDSHAKE_ROUNDS", "3"))
SEED = int(os.environ.get("WIREROOM_FAULT_SEED", "1"))


def client_hello():
    """What a real client says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = anybody().wrap_bio(incoming, outgoing)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Handshakes(FaultTestCase):
    def setUp(self):
        allow_many_descriptors()
        self.chance = random.Random(SEED)
        self.hello = client_hello()
        self.daemon = self.start_quiet_daemon("--tls", "required")
        self.live = connect(self.daemon.port, encrypted=True)
        self.addCleanup(self.live.close)
        self.live = ChatPeer(self.live, "live")
        self.baseline = self.descriptors(self.daemon)

    def broken(self, number):
        """What a peer sends; nothing follows."""
        kind = number % 5
        if kind == 0:
            return self.hello + self.chance.randbytes(600)  # garbage in a handshake
        if kind == 1:
            return b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + self.chance.randbytes(600)  # a Hello without sense
        if kind == 2:
            return self.hello  # no answer to the server's part
        if kind == 3:
            return self.hello[: len(self.hello) // 2]
        return self.hello + b"\x15\x03\x03\x00\x02\x02\x28"  # handshake_failure

    def run_rounds(self, count):
        slowest = 0.0
        for number in range(ROUNDS):
            peers = []
            for index in range(count):
                peers.append(connect(self.daemon.port))
                try:
                    peers[-1].sendall(self.broken(index))
                except ConnectionError:
                    pass  # refused already
            seconds = self.stopwatch(self.daemon)
            self.come_in(self.daemon.port, f"real {count} {number}", encrypted=True)
            slowest = max(slowest, seconds())
            self.assertTrue(self.live.answers())
            for peer in peers:
                peer.close()
            self.wait_until(lambda: self.daemon.counters()["clients"] == 1, "the broken ones to be gone")
        print(f"{count} broken handshakes, {ROUNDS} rounds: a real client came in within {slowest:.2f} s", flush=True)
        self.assertLess(slowest, 1 * SLOWER)
        self.wait_until(lambda: self.descriptors(self.daemon) <= self.baseline, "the descriptors of the broken ones")

    def test_forty(self):
        self.run_rounds(40)

    def test_four_hundred(self):
        self.run_rounds(400)


if __name__ == "__main__":
    main()

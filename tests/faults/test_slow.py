# SPDX-License-Identifier: Apache-2.0
"""Peers that send a byte a second are cut at the deadlines: 5 s for a Hello, 30 s for a frame; who is beside them does
not notice."""

import select
import time

from faulttest import TAG, ChatPeer, FaultTestCase
from wireroomtest import main

DEADLINES = {"hello": 5, "frame": 30, "chat": 30}
SPREAD = 4
"""Seconds that a cut may be late: deadlines are looked at once a second, and the machine may be busy."""


class Slow(FaultTestCase):
    def ended(self, peer):
        """Reads and forgets what is there."""
        try:
            while select.select([peer.socket], [], [], 0)[0]:
                if not peer.socket.recv(1 << 16):
                    return True
        except ConnectionError:
            return True
        return False

    def test_one_byte_a_second(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        live = ChatPeer(self.connect(daemon).socket, "live")
        # The first bytes say how a peer speaks and come at once; it is the rest that drips.
        proxy = self.start_proxy(daemon.port, "--drip", "up:1")
        begun = (100).to_bytes(4, "big")
        peers = {"hello": self.connect(daemon, "u32be"), "frame": self.connect(daemon, "u32le"),
                 "chat": ChatPeer(self.connect(daemon).socket, "slow")}
        peers["hello"].send_raw(begun + TAG)
        peers["frame"].send_raw(begun[::-1])
        peers["chat"].send_raw(begun)
        dripping = self.connect(proxy)
        dripping.send_raw((1000).to_bytes(4, "little") + bytes(1000))
        started = time.monotonic()
        sent, ends = 0, {}
        while peers:
            elapsed = time.monotonic() - started
            self.assertLess(elapsed, 90, f"{list(peers)} may stay for ever")
            for name, peer in list(peers.items()):
                if elapsed >= sent + 1:
                    try:
                        peer.send_raw(b"x")
                    except ConnectionError:
                        pass  # its end is seen below
                if self.ended(peer):
                    ends[name] = elapsed
                    del peers[name]
            if elapsed >= sent + 1:
                sent += 1
                self.assertTrue(live.answers())
            time.sleep(0.05)  # how slow they are is the test's subject
        print(", ".join(f"{name} cut after {seconds:.1f} s" for name, seconds in ends.items()), flush=True)
        for name, deadline in DEADLINES.items():
            self.assertGreaterEqual(ends[name], deadline - 0.5, name)
            self.assertLessEqual(ends[name], deadline + SPREAD, name)
        # Its frame began when its fourth byte had come.
        dripping.receive_rest()
        self.assertTrue(live.answers())


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Peers that send a byte a second are cut at the deadlines: 5 s for a Hello, 30 s for a frame; those beside them are
not disturbed."""

import time
import unittest

from faulttest import TAG, ChatPeer, FaultTestCase, hello
from wireroomtest import Peer, main

SPREAD = 4
"""Seconds that a cut may be late: deadlines are looked at once a second, and the machine may be busy."""


class Slow(FaultTestCase):
    def test_one_byte_a_second(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        proxy = self.start_proxy(daemon.port, "--drip", "up:1")
        live = ChatPeer(self.connect(daemon).socket, "live")

        # The first bytes say how a peer speaks, and so they come at once: of these peers, it is the rest that drips.
        started = time.monotonic()
        slow_hello = self.connect(daemon, "u32be")
        slow_frame = self.connect(daemon, "u32le")
        slow_chat = ChatPeer(self.connect(daemon).socket, "slow")
        frame = (100).to_bytes(4, "big")
        slow_hello.send_raw(frame + TAG)
        slow_frame.send_raw((100).to_bytes(4, "little"))
        slow_chat.send_raw(frame)
        slow_chat.socket.settimeout(None)
        ends = {}
        peers = {"hello": slow_hello, "frame": slow_frame, "chat": slow_chat}
        # The same from the first byte on.
        whole = self.connect(proxy, "u32be")
        whole.send(hello("drop by drop"))
        while peers:
            time.sleep(1)  # how slow they are is the test's subject
            for name, peer in list(peers.items()):
                try:
                    peer.send_raw(b"x")
                    peer.socket.setblocking(False)
                    try:
                        gone = peer.socket.recv(1 << 16) == b""
                    except BlockingIOError:
                        gone = False
                    peer.socket.setblocking(True)
                except OSError:
                    gone = True
                if gone:
                    ends[name] = time.monotonic() - started
                    del peers[name]
            self.assertLess(time.monotonic() - started, 90, f"{list(peers)} may stay for ever")
            self.assertTrue(live.answers())
        print(", ".join(f"{name} cut after {seconds:.1f} s" for name, seconds in ends.items()), flush=True)
        for name, deadline in (("hello", 5), ("frame", 30), ("chat", 30)):
            self.assertGreaterEqual(ends[name], deadline - 0.5, name)
            self.assertLessEqual(ends[name], deadline + SPREAD, name)
        # Its first seven bytes take seven seconds; then its Hello is late.
        whole.receive_rest()
        self.assertTrue(live.answers())


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Chat clients beside the trouble, and how long the server lets them wait."""

import selectors
import ssl
import struct
import time

from faulttest import DEADLINE, ChatPeer, connect

PER_SECOND = 200
"""Pings of all of them together."""


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Crowd:
    """Clients that take turns in asking the server for a Pong. One thread does it all, and does the trouble as well:
    what is measured is not how Python shares its time."""

    def __init__(self, case, port, count=50, encrypted=False):
        self._selector = selectors.DefaultSelector()
        case.addCleanup(self._selector.close)
        self._peers = []
        self._sent = {}
        self._clock = 1 << 16  # takes four bytes
        for number in range(count):
            sock = connect(port, encrypted=encrypted)
            case.addCleanup(sock.close)
            ChatPeer(sock, f"other {number}")
            sock.setblocking(False)
            pending = bytearray()
            self._peers.append(sock)
            self._selector.register(sock, selectors.EVENT_READ, pending)

    def watch(self, seconds, work=None, per_second=PER_SECOND):
        """Asks for that long, or until `work`, which is called all the time, says True. The seconds that each waited."""
        waits = []
        began = due = time.monotonic()
        done = False
        while not done and time.monotonic() < began + seconds:
            if work:
                done = work()
            if time.monotonic() >= due:
                due += 1 / per_second
                self._ask()
            self._read(waits, 0.0005)
        until = time.monotonic() + DEADLINE
        while self._sent:
            if time.monotonic() > until:
                raise AssertionError(f"{len(self._sent)} of the others have no answer")
            self._read(waits, 0.01)
        return waits

    def _ask(self):
        self._clock += 1
        self._sent[self._clock] = time.monotonic()
        self._peers[self._clock % len(self._peers)].sendall(struct.pack(">IBBBI", 7, 0x82, 0x0B, 0x1A, self._clock))

    def _read(self, waits, timeout):
        for key, _ in self._selector.select(timeout):
            pending = key.data
            try:
                while block := key.fileobj.recv(1 << 16):
                    pending += block
                raise AssertionError("One of the others was disconnected")
            except (BlockingIOError, ssl.SSLWantReadError):
                pass
            while len(pending) >= 4 and len(pending) >= 4 + (length := int.from_bytes(pending[:4], "big")):
                frame = bytes(pending[4 : 4 + length])
                del pending[: 4 + length]
                if frame[:3] == b"\x82\x0c\x1a":
                    waits.append(time.monotonic() - self._sent.pop(int.from_bytes(frame[3:], "big")))

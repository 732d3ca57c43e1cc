# SPDX-License-Identifier: Apache-2.0
"""Clients that read slowly or not at all: what waits for them is bounded, for each and for all together, and nobody else
waits for them."""

import multiprocessing
import os
import re
import ssl
import statistics
import struct
import time

from crowd import Crowd, percentile
from faulttest import FaultTestCase, allow_many_descriptors, connect
from wireroomtest import DEADLINE, main

MIB = 1 << 20
PIECE = 64 << 10
SLOW = 64 << 10
"""Bytes that a slow reader reads in a second."""
MOST_FOR_ONE = 8 * MIB
# 512 is the server's default.
MOST_FOR_ALL = int(os.environ.get("WIREROOM_QUEUES_MIB", "64")) * MIB
READERS = 1000
ROUNDS = 3
WINDOWS = int(os.environ.get("WIREROOM_READER_WINDOWS", "0"))
"""How often it is measured whether a slow reader costs the others more than a fifth. Twenty and more decide it, on a quiet
machine alone."""
MEASURES = os.environ.get("WIREROOM_SANITIZED") != "1"
"""Sanitizers keep freed memory."""


def frame(payload):
    return struct.pack("<I", len(payload)) + payload


class Flow:
    """So many bytes a second, in pieces, through a socket."""

    def __init__(self, sock, per_second):
        self._socket = sock
        self._per_second = per_second
        self._began = time.monotonic()
        self.sent = 0
        self._piece = frame(b"x" * (PIECE - 4))

    def go_on(self):
        if self.sent < (time.monotonic() - self._began) * self._per_second:
            self._socket.sendall(self._piece)
            self.sent += PIECE


class Reader:
    """A client that reads so many bytes a second."""

    def __init__(self, sock, per_second):
        self._socket = sock
        self._per_second = per_second
        self._began = time.monotonic()
        self._read = 0
        self.ended = False

    def go_on(self):
        allowed = min(int((time.monotonic() - self._began) * self._per_second) - self._read, 1 << 20)
        if self.ended or allowed < 4096:
            return
        try:
            block = self._socket.recv(allowed)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:  # a reset, or TLS that was cut
            block = b""
        self._read += len(block)
        self.ended = not block


def carry(sender, receiver, per_second):
    """10 MB a second for somebody who reads that much, in a program of its own: the one that measures does nothing else."""
    flow, reader = Flow(sender, 10_000_000), Reader(receiver, per_second)
    while True:
        flow.go_on()
        reader.go_on()
        time.sleep(0.001)


class Readers(FaultTestCase):
    def test_slow(self):
        self.slow_reader(False)

    def test_slow_encrypted(self):
        self.slow_reader(True)

    def slow_reader(self, encrypted):
        daemon = self.start_quiet_daemon("--plain-policy", "relay", "--format", "u32le")
        crowd = Crowd(self, daemon.port, encrypted=encrypted)
        sender = connect(daemon.port, encrypted=encrypted)
        self.addCleanup(sender.close)

        def receiver(per_second, buffer):
            sock = connect(daemon.port, receive_buffer=buffer, encrypted=encrypted)
            self.addCleanup(sock.close)
            sock.setblocking(False)
            self.wait_until(lambda: daemon.counters()["clients"] == 52, "the receiver to be let in")
            return sock, Reader(sock, per_second), Flow(sender, 10_000_000)

        # To somebody who keeps up. What is kept of the messages takes its memory now.
        sock, reader, flow = receiver(1 << 30, None)

        def keep_up():
            flow.go_on()
            reader.go_on()
            return False

        before = crowd.watch(5, keep_up)
        sock.close()
        memory = self.resident(daemon)
        waits, queued, grown, took = [], [0], [0], []
        for number in range(ROUNDS):
            self.wait_until(lambda: daemon.counters()["clients"] == 51, "the one before to be gone")
            _, reader, flow = receiver(SLOW, PIECE)
            looked = time.monotonic()
            began = looked

            def work():
                nonlocal looked
                flow.go_on()
                reader.go_on()
                if time.monotonic() < looked + 0.05:
                    return False
                looked = time.monotonic()
                grown.append(self.resident(daemon) - memory)
                counters = daemon.counters()
                queued.append(counters["queued_bytes"])
                return counters["slow_dropped_total"] > number

            waits += crowd.watch(DEADLINE, work)
            took.append(time.monotonic() - began)
            said = daemon.take(lambda line: "Dropped as a slow reader: " in line, "why it was dropped")
            self.assertRegex(said, r"[\d,]+ bytes were waiting for it")
            self.wait_until(lambda: daemon.counters()["queued_bytes"] == 0, "what waited for it to be forgotten")
        print(f"{'encrypted' if encrypted else 'plain'}: dropped after {max(took):.1f} s, {max(queued) / MIB:.1f} MiB waited "
              f"for it, {max(grown) / MIB:.1f} MiB of memory more; 99 % of the others' answers within "
              f"{1000 * percentile(waits, 0.99):.1f} ms, before {1000 * percentile(before, 0.99):.1f} ms", flush=True)
        self.assertGreater(max(queued), MOST_FOR_ONE // 4)
        self.assertLessEqual(max(queued), MOST_FOR_ONE)
        if MEASURES:
            self.assertLessEqual(max(grown), 24 * MIB)
        self.assertEqual(daemon.counters()["slow_dropped_total"], ROUNDS)
        self.assertEqual(daemon.counters()["chat_clients"], 50)
        self.assertLess(max(took), 10)

    if WINDOWS:
        def test_others_beside_a_slow_one(self):
            self.others(False)

        def test_others_beside_a_slow_one_encrypted(self):
            self.others(True)

    def others(self, encrypted):
        """The same load for one who keeps up, for one who is slow, and for one who keeps up, again and again: the third
        tells how much two equal windows differ."""
        daemon = self.start_quiet_daemon("--plain-policy", "relay", "--format", "u32le")
        crowd = Crowd(self, daemon.port, encrypted=encrypted)
        dropped = 0

        def window(per_second, buffer, seconds, until_dropped):
            self.wait_until(lambda: daemon.counters()["clients"] == 50, "the ones before to be gone")
            with (connect(daemon.port, encrypted=encrypted) as sender,
                  connect(daemon.port, receive_buffer=buffer, encrypted=encrypted) as sock):
                sock.setblocking(False)
                self.wait_until(lambda: daemon.counters()["clients"] == 52, "the receiver to be let in")
                load = multiprocessing.get_context("fork").Process(target=carry, args=(sender, sock, per_second), daemon=True)
                load.start()
                began = looked = time.monotonic()

                def work():
                    nonlocal looked
                    if time.monotonic() < looked + 0.1:
                        return False
                    looked = time.monotonic()
                    return daemon.counters()["slow_dropped_total"] > dropped and until_dropped

                try:
                    waits = crowd.watch(seconds, work, per_second=1000)
                    return waits, time.monotonic() - began
                finally:
                    load.kill()
                    load.join()
                    load.close()

        kinds = {"before": [], "slow": [], "after": []}
        samples, seconds = 0, 1.5
        for _ in range(WINDOWS):
            for kind, found in kinds.items():
                slow = kind == "slow"
                again, gone = 0, None
                while gone != int(slow):
                    self.assertLess(again, 10, "one that keeps up is dropped each time")
                    waits, took = window(SLOW if slow else 1 << 30, PIECE if slow else None, DEADLINE if slow else seconds,
                                         slow)
                    # Who keeps up is dropped as well where other programs have the cores for a second.
                    gone = daemon.counters()["slow_dropped_total"] - dropped
                    dropped += gone
                    again += 1
                if slow:
                    seconds = took
                found.append(1000 * percentile(waits, 0.99))
                samples += len(waits)
        medians = {kind: statistics.median(found) for kind, found in kinds.items()}
        keeps_up = statistics.median(kinds["before"] + kinds["after"])
        print(f"{'encrypted' if encrypted else 'plain'}: {samples} answers; 99 % of a window's within, in the median of "
              f"{WINDOWS}, {medians['slow']:.2f} ms beside a slow reader, {keeps_up:.2f} ms beside one that keeps up "
              f"({medians['before']:.2f} and {medians['after']:.2f}): {100 * (medians['slow'] / keeps_up - 1):+.0f} %")
        for kind, found in kinds.items():
            print(f"  {kind}: {' '.join(f'{wait:.2f}' for wait in found)}", flush=True)
        self.assertLess(medians["slow"], 1.2 * keeps_up)

    def test_a_thousand_that_stop_reading(self):
        """Of all of them one is further behind than the others."""
        self.assertGreater(allow_many_descriptors(), READERS + 100)
        daemon = self.start_quiet_daemon("--plain-policy", "relay", "--format", "u32le", "--max-clients", str(READERS + 100),
                                         "--max-queues", str(MOST_FOR_ALL))
        crowd = Crowd(self, daemon.port)
        sender = connect(daemon.port)
        self.addCleanup(sender.close)
        readers = []

        def add_readers(count):
            for _ in range(count):
                readers.append(connect(daemon.port, receive_buffer=4096))
                self.addCleanup(readers[-1].close)
            self.wait_until(lambda: daemon.counters()["clients"] == 51 + len(readers), "the readers to be let in")

        add_readers(1)
        worst = int(re.search(r"Client (\d+)", daemon.take(
            lambda line: f":{readers[0].getsockname()[1]}" in line, "word of the first reader")).group(1))
        piece = frame(b"x" * (PIECE - 4))
        while daemon.counters()["queued_bytes"] < 4 * MIB:
            sender.sendall(piece)
        add_readers(READERS - 1)
        before = crowd.watch(1)
        queued, memory, had = [], [], self.resident(daemon)
        looked = time.monotonic()
        dealt = -READERS

        def work():
            nonlocal looked, dealt
            if time.monotonic() < looked + 0.1:
                return False
            looked = time.monotonic()
            counters = daemon.counters()
            # One at a time: the last one has been dealt with.
            if counters["messages_sent_total"] >= dealt + READERS * 3 // 4:
                dealt = counters["messages_sent_total"]
                sender.sendall(piece)
            queued.append(counters["queued_bytes"])
            memory.append(self.resident(daemon))
            return counters["slow_dropped_total"] >= 100

        waits = crowd.watch(4 * DEADLINE, work)
        dropped = daemon.take(lambda line: "Dropped as a slow reader: " in line, "the first that was dropped")
        print(f"{READERS} readers: {max(queued) / MIB:.1f} MiB waited for all of them, of {MOST_FOR_ALL / MIB:.0f}; "
              f"{(max(memory) - had) / MIB:.1f} MiB of memory more; 99 % of the others' answers within "
              f"{1000 * percentile(waits, 0.99):.1f} ms, before {1000 * percentile(before, 0.99):.1f} ms", flush=True)
        self.assertRegex(dropped, rf"\b{worst}\b")
        self.assertGreaterEqual(daemon.counters()["slow_dropped_total"], 100)
        self.assertGreater(max(queued), MOST_FOR_ALL // 2)
        self.assertLessEqual(max(queued), MOST_FOR_ALL)
        if MEASURES:
            self.assertLessEqual(max(memory) - had, MOST_FOR_ALL + READERS * PIECE)
        self.assertEqual(daemon.counters()["chat_clients"], 50)


if __name__ == "__main__":
    main()

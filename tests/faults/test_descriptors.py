# SPDX-License-Identifier: Apache-2.0
"""Descriptors that run out, and that must come back: the server idles while it is full, lets people in again, and keeps
nothing of those who went."""

import itertools
import os
import select
import statistics
import subprocess
import time

from faulttest import BYE, ChatPeer, FaultTestCase, LimitedDaemon, allow_many_descriptors, connect, ping
from wireroomtest import DEADLINE, Peer, main

DESCRIPTORS = 200
CHURN_ROUNDS = int(os.environ.get("WIREROOM_CHURN_ROUNDS", "20"))
CHURN_ROUND = 250
WARM_UP = 12
PEOPLE = 1000
CHURN_PER_SECOND = 10
CHURN_SECONDS = int(os.environ.get("WIREROOM_CHURN_SECONDS", "8"))
MOST_GROWTH = 2 << 20
MOST_KEPT = 200
"""Bytes for each connection. The history's page cache takes 25: a quarter of them leave a message there."""
MOST_STEPS = 8 << 20
"""Of memory taken at times: by a part of the program that is used for the first time, and where the history's index is
merged."""
MEASURES = os.environ.get("WIREROOM_SANITIZED") != "1"
"""Sanitizers keep freed memory."""


class Descriptors(FaultTestCase):
    def test_full(self):
        """The server lets in fewer than the system lets it hold, and tells the others."""
        daemon = self._keep(LimitedDaemon(DESCRIPTORS, "--listen", "127.0.0.1:0", "--data-dir", self.directory()))
        daemon.wait_listening()
        daemon.take(lambda event: event["event"] == "note" and str(DESCRIPTORS) in event["text"], "word of the limit")
        live = ChatPeer(self.connect(daemon).socket, "live")
        crowd = [self.connect(daemon) for _ in range(DESCRIPTORS)]
        refused = daemon.event("refused")
        self.assertIn("no more are let in", refused["reason"])
        share = self.share_of_a_core(daemon)
        self.assertTrue(live.answers())
        self.assert_let_in_again(daemon, crowd, share, "full")

    def test_exhausted(self):
        """The system gives it none at all, whatever it counts on."""
        daemon = self._keep(LimitedDaemon(DESCRIPTORS, "--listen", "127.0.0.1:0", "--data-dir", self.directory()))
        daemon.wait_listening()
        live = ChatPeer(self.connect(daemon).socket, "live")
        crowd = [self.connect(daemon) for _ in range(50)]
        self.wait_until(lambda: self.descriptors(daemon) > 50, "the crowd to be let in")
        self.limit(daemon, 40)
        waiting = [self.connect(daemon) for _ in range(10)]
        daemon.take(lambda event: event["event"] == "note" and "cannot be accepted" in event["text"],
                    "word that no descriptor is left")
        for peer in waiting:
            self.assert_closed_cleanly(peer)
        share = self.share_of_a_core(daemon)
        self.assertTrue(live.answers())
        self.limit(daemon, DESCRIPTORS)
        self.assert_let_in_again(daemon, crowd + waiting, share, "exhausted")

    def limit(self, daemon, descriptors):
        subprocess.run(["prlimit", f"--nofile={descriptors}:", f"--pid={daemon.process.pid}"], check=True)

    def share_of_a_core(self, daemon):
        before = self.processor_seconds(daemon)
        began = time.monotonic()
        time.sleep(2)  # the time over which it is measured
        share = (self.processor_seconds(daemon) - before) / (time.monotonic() - began)
        self.assertLess(share, 0.05, "it spins while it is full")
        return share

    def assert_let_in_again(self, daemon, crowd, share, state):
        began = time.monotonic()
        for peer in crowd:
            peer.close()
        newcomer = None
        while newcomer is None:
            try:
                newcomer = ChatPeer(self.connect(daemon).socket, "newcomer")
            except (AssertionError, ConnectionError):
                self.assertLess(time.monotonic() - began, DEADLINE, "nobody is let in again")
                time.sleep(0.05)
        print(f"{state}: {100 * share:.1f} % of a core; a newcomer is in {time.monotonic() - began:.2f} s after the others "
              "went", flush=True)
        self.assertTrue(newcomer.answers())

    def test_come_and_go(self):
        daemon = self.start_daemon()
        people = [ChatPeer(self.connect(daemon).socket, f"p{number}") for number in range(20)]
        tokens = [person.token for person in people]
        for person in people[1:]:
            person.send(BYE)
            person.receive_rest()
            person.close()
        live = people[0]

        def churn(rounds):
            for number in range(rounds):
                who = 1 + number % (len(tokens) - 1)
                kind = number % 4
                if kind == 0:
                    peer = self.connect(daemon)  # silent
                elif kind == 1:
                    peer = Peer.to(daemon.port, "lines")
                    peer.send(b"hello")
                else:
                    peer = ChatPeer(Peer.to(daemon.port).socket, f"p{who}", tokens[who])
                    if kind == 3:
                        peer.send(BYE)
                        peer.receive_rest()
                peer.close()

        def settle():
            self.assertTrue(live.answers())
            self.wait_until(lambda: self.descriptors(daemon) <= baseline, "the descriptors of those who went")

        baseline = self.descriptors(daemon) + 2
        memory = []
        for _ in range(WARM_UP + CHURN_ROUNDS):
            churn(CHURN_ROUND)
            settle()
            memory.append(self.resident(daemon))
        warm = memory[WARM_UP - 1 :]
        grown = warm[-1] - warm[0]
        steps = [after - before for before, after in zip(warm, warm[1:])]
        kept = statistics.median(steps) / CHURN_ROUND
        print(f"{CHURN_ROUNDS * CHURN_ROUND} connections later: {grown / 1024:.0f} KiB more, {max(steps) / 1024:.0f} of them "
              f"within {CHURN_ROUND} connections, {kept:.0f} bytes for each in the median; {self.descriptors(daemon)} "
              "descriptors", flush=True)
        if MEASURES:
            self.assertLess(kept, MOST_KEPT, f"something is kept of each connection: {steps}")
            self.assertLess(grown, MOST_STEPS, f"{steps}")

    def test_a_thousand_of_whom_ten_a_second_come_and_go(self):
        """Everybody hears of each who comes or goes."""
        allow_many_descriptors()
        daemon = self.start_quiet_daemon("--max-clients", str(PEOPLE + 50))
        people, tokens, self.turns = [], [], itertools.count()
        for number in range(PEOPLE):
            person = ChatPeer(connect(daemon.port), f"p{number}")
            self.addCleanup(lambda number=number: people[number].close())
            people.append(person)
            tokens.append(person.token)
            if number % 10 == 0:
                self.hear(people)
        baseline = self.descriptors(daemon)

        def churn(rounds):
            began = time.monotonic()
            for number in range(rounds):
                who = number % PEOPLE
                people[who].close()
                people[who] = ChatPeer(connect(daemon.port), f"p{who}", tokens[who])
                self.hear(people)
                time.sleep(max(0.0, began + (number + 1) / CHURN_PER_SECOND - time.monotonic()))

        churn(5 * CHURN_PER_SECOND)
        warm = self.resident(daemon)
        rounds = CHURN_SECONDS * CHURN_PER_SECOND
        churn(rounds)
        self.hear(people)
        grown = self.resident(daemon) - warm
        self.wait_until(lambda: self.descriptors(daemon) <= baseline, "the descriptors of those who went")
        print(f"{PEOPLE} clients, {rounds} of whom came and went in {CHURN_SECONDS} s: {grown / 1024:.0f} KiB more, "
              f"{self.descriptors(daemon)} descriptors", flush=True)
        self.assertEqual(daemon.counters()["chat_clients"], PEOPLE)
        if MEASURES:
            self.assertLess(grown, MOST_GROWTH, "something is kept of those who went")

    def hear(self, people):
        """Takes what has come for everybody, so that nobody is a slow reader; some show that they live."""
        for _ in range(PEOPLE // 50):
            people[next(self.turns) % len(people)].send(ping(1))
        poll = select.poll()
        sockets = {person.socket.fileno(): person.socket for person in people}
        for descriptor in sockets:
            poll.register(descriptor, select.POLLIN)
        for descriptor, _ in poll.poll(0):
            self.assertTrue(sockets[descriptor].recv(1 << 16), "one who stayed was disconnected")


if __name__ == "__main__":
    main()

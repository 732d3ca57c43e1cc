# SPDX-License-Identifier: Apache-2.0
"""The clock of the wall jumps a day forward and a day back: nobody is disconnected, nothing changes its order, and who
waits does not wait for the clock.

libfaketime stands between the server and the clock; what it says is in a file that the test writes.
"""

import glob
import json
import os
import time
import unittest

from faulttest import ChatPeer, FaultTestCase
from wireroomtest import Daemon, JsonProgram, everything_is_required, main


def libfaketime():
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if found:
        return found[0]
    message = "libfaketime is not installed: apt-get install faketime"
    if everything_is_required():
        raise AssertionError(message)
    raise unittest.SkipTest(message)


class JumpingDaemon(Daemon):
    """wireroom-serverd whose clock is set() by the test."""

    def __init__(self, clock, *options):
        self.clock = clock
        self.set("+0")
        environment = dict(os.environ, LD_PRELOAD=libfaketime(), FAKETIME_TIMESTAMP_FILE=clock, FAKETIME_NO_CACHE="1",
                           FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1")
        JsonProgram.__init__(self, [os.environ["WIREROOM_SERVERD"], "--json", *options], env=environment)
        self.port = None

    def set(self, offset):
        with open(self.clock + ".new", "w", encoding="ascii") as file:
            file.write(offset + "\n")
        os.replace(self.clock + ".new", self.clock)


class Clock(FaultTestCase):
    def test_a_day_forward_and_back(self):
        folder = self.directory()
        daemon = self._keep(JumpingDaemon(os.path.join(folder, "clock"), "--listen", "127.0.0.1:0", "--data-dir", folder))
        daemon.wait_listening()
        transcript = os.path.join(folder, "bob.jsonl")
        ann = self.start_cli(daemon.port, "--name", "ann", "--state", folder, "--wait", "3600")
        bob = self.start_cli(daemon.port, "--name", "bob", "--state", folder, "--wait", "3600", "--transcript", transcript)
        for client in (ann, bob):
            client.event("welcome")
        mute = ChatPeer(self.connect(daemon).socket, "mute")
        wanted = []

        def write():
            for _ in range(20):
                wanted.append(f"m{len(wanted)}")
                ann.write_line(wanted[-1])
            bob.event("message", text=wanted[-1])

        write()
        for offset in ("+1d", "-1d", "+2d", "+0"):
            listener = self.connect(daemon)  # says nothing, and gets what the operator writes
            daemon.client_of(listener)
            daemon.set(offset)
            now = daemon.command("history 1")
            self.assertEqual(now["event"], "history")
            write()
            daemon.command(f"send all from the operator at {offset}")
            wanted.append(f"from the operator at {offset}")
            while listener.receive().decode() != wanted[-1]:
                pass
            bob.event("message", text=wanted[-1])
            self.assertTrue(mute.answers())
        time.sleep(2)  # two looks at the deadlines, with the clock back
        write()
        self.assertTrue(mute.answers())
        with open(transcript, encoding="utf-8") as file:
            screen = [json.loads(line) for line in file]
        self.assertEqual([message["text"] for message in screen], wanted)
        seqs = [message["seq"] for message in screen]
        self.assertEqual(seqs, sorted(seqs))
        times = [message["time"] for message in screen]
        self.assertEqual(times, sorted(times))
        self.assertGreater(times[-1][:10], times[0][:10], "the clock has never jumped")
        self.assertEqual(daemon.untaken_events("disconnected"), [])
        for client in (ann, bob):
            self.assertEqual(client.untaken_events("error"), [])


if __name__ == "__main__":
    main()

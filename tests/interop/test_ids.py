# SPDX-License-Identifier: Apache-2.0
"""A client ID is never given twice, however the server ended in between."""

import os
import signal

from wireroomtest import WireroomTestCase, main


class Ids(WireroomTestCase):
    def setUp(self):
        self.data_dir = os.path.join(self.directory(), "a new one")
        self.given = []

    def meet_clients(self, daemon, count):
        peers = [self.connect(daemon) for _ in range(count)]
        self.given += [daemon.client_of(peer) for peer in peers]
        self.assertEqual(self.given, sorted(set(self.given)), "an ID was given twice, or they do not grow")
        for peer in peers:
            peer.close()

    def test_first_client_is_number_one(self):
        self.meet_clients(self.start_daemon(data_dir=self.data_dir), 3)
        self.assertEqual(self.given, [1, 2, 3])

    def test_after_an_orderly_end(self):
        for _ in range(3):
            daemon = self.start_daemon(data_dir=self.data_dir)
            self.meet_clients(daemon, 5)
            daemon.command("stop")
            self.assertEqual(daemon.wait_end(), 0)

    def test_after_a_kill(self):
        for count in (1, 100, 3):
            daemon = self.start_daemon(data_dir=self.data_dir)
            self.meet_clients(daemon, count)
            daemon.signal(signal.SIGKILL)
            daemon.wait_end()
        self.meet_clients(self.start_daemon(data_dir=self.data_dir), 1)

    def test_those_who_leave_do_not_give_theirs_back(self):
        daemon = self.start_daemon(data_dir=self.data_dir)
        for _ in range(10):
            self.meet_clients(daemon, 1)
            daemon.event("disconnected", id=self.given[-1])

    def test_two_servers_do_not_share_a_directory(self):
        first = self.start_daemon(data_dir=self.data_dir)
        second = self.try_daemon(data_dir=self.data_dir)
        reason = second.event("error")["reason"]
        self.assertIn(self.data_dir, reason)
        self.assertIn(str(first.process.pid), reason)
        self.assertEqual(second.wait_end(), 69)
        self.meet_clients(first, 1)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Five clients on a server that is limited to four."""

from wireroomtest import Peer, WireroomTestCase, main


class ClientLimit(WireroomTestCase):
    def setUp(self):
        self.daemon = self.start_daemon("--max-clients", "4", "--plain-policy", "echo")
        self.four = [self.connect(self.daemon) for _ in range(4)]
        self.ids = [self.daemon.client_of(peer) for peer in self.four]

    def assert_four_go_on(self, text):
        for client, peer in zip(self.ids, self.four):
            message = b"%s from %d" % (text, client)
            self.assert_echo(peer, message)
            self.daemon.message(client, message)

    def assert_refused(self, peer):
        refused = self.daemon.event("refused", port=peer.port, address="127.0.0.1")
        self.assertNotIn("id", refused)
        self.assertRegex(refused["reason"], r"\b4 clients\b")
        self.assert_closed_cleanly(peer)

    def test_fifth_is_told_apart_and_the_four_go_on(self):
        self.assert_four_go_on(b"before")
        fifth = self.connect(self.daemon)
        self.assert_refused(fifth)
        self.assert_four_go_on(b"after")
        self.assertEqual([c["id"] for c in self.daemon.command("clients")["clients"]], self.ids)
        self.assertEqual(self.daemon.untaken_events("connected"), [])
        self.assertEqual(self.daemon.untaken_events("disconnected"), [])

    def test_fifth_that_talks_at_once_is_not_reset(self):
        for payload in [b"hello", b"x" * 100_000]:
            fifth = self.connect(self.daemon)
            fifth.send(payload)
            self.assert_refused(fifth)
        self.assert_four_go_on(b"after")
        self.assertEqual(self.daemon.untaken_events("message"), [])

    def test_place_of_one_who_leaves_is_given_to_the_next(self):
        self.assert_refused(self.connect(self.daemon))
        self.four.pop(0).close()
        self.daemon.event("disconnected", id=self.ids.pop(0))
        newcomer = self.connect(self.daemon)
        self.ids.append(self.daemon.client_of(newcomer))
        self.four.append(newcomer)
        self.assert_four_go_on(b"again")
        self.assertEqual(len(set(self.ids)), 4)
        self.assert_refused(self.connect(self.daemon))

    def test_place_of_one_who_is_kicked_is_given_to_the_next(self):
        self.daemon.command(f"kick {self.ids[2]}")
        self.daemon.event("disconnected", id=self.ids.pop(2))
        self.assert_closed_cleanly(self.four.pop(2))
        newcomer = self.connect(self.daemon)
        self.ids.append(self.daemon.client_of(newcomer))
        self.four.append(newcomer)
        self.assert_four_go_on(b"again")

    def test_many_more_do_not_disturb_the_four(self):
        more = [Peer.to(self.daemon.port) for _ in range(50)]
        for peer in more:
            self.addCleanup(peer.close)
        for peer in more:
            self.assert_refused(peer)
        self.assert_four_go_on(b"after")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Limits by option and by file, and bans that outlive the server."""

import os
import signal
import socket

from wireroomtest import Peer, WireroomTestCase, main


class Limits(WireroomTestCase):
    def config(self, text):
        path = os.path.join(self.directory(), "server.ini")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def connect_from(self, daemon, address):
        peer = Peer(socket.create_connection(("127.0.0.1", daemon.port), source_address=(address, 0)), "u32le")
        self.addCleanup(peer.close)
        return peer

    def assert_turned_away(self, daemon, peer, words):
        self.assertIn(words, daemon.event("refused", port=peer.port)["reason"])
        self.assert_closed_cleanly(peer)

    def test_so_many_of_an_address(self):
        daemon = self.start_daemon("--max-per-address", "2", "--plain-policy", "echo")
        for _ in range(2):
            self.assert_echo(self.connect_from(daemon, "127.0.0.1"), b"in")
        self.assert_turned_away(daemon, self.connect_from(daemon, "127.0.0.1"), "2 clients")
        self.assert_echo(self.connect_from(daemon, "127.0.0.2"), b"from elsewhere")

    def test_only_chat(self):
        daemon = self.start_daemon("--chat-only", "--detection-deadline", "1")
        plain = self.connect(daemon)
        plain.send(b"hello")
        self.assert_turned_away(daemon, plain, "chat clients only")
        silent = self.connect(daemon)
        self.assert_turned_away(daemon, silent, "did not say in time")
        cli = self.start_cli(daemon.port, "--name", "Ann")
        daemon.event("name", name="Ann")
        self.end_cli(cli)

    def test_rate(self):
        daemon = self.start_daemon("--rate", "50", "--plain-policy", "echo")
        flood = self.connect(daemon)
        for _ in range(150):
            flood.send(b"x")
        self.assertIn("50 messages a second", daemon.event("note", id=daemon.client_of(flood))["text"])
        self.assert_echo(self.connect(daemon), b"somebody else")
        for _ in range(150):
            self.assertEqual(flood.receive(), b"x")
        [counted] = [c for c in daemon.command("clients")["clients"] if c["port"] == flood.port]
        self.assertGreater(counted["heldBack"], 0)
        self.assertEqual(counted["framesIn"], 150)

    def test_file_and_options(self):
        config = self.config(
            "[listen]\nplainPolicy=echo\n[server]\nmaxPayloadBytes=100\nname=Hall 3\n[limits]\nmaxPerAddress=1\n"
        )
        daemon = self.start_daemon("--config", config)
        peer = self.connect(daemon)
        self.assert_echo(peer, b"x" * 100)
        self.assert_turned_away(daemon, self.connect(daemon), "1 clients")
        peer.send(b"x" * 101)
        self.assertIn("101", daemon.event("refused", port=peer.port)["reason"])
        daemon = self.start_daemon("--config", config, "--max-per-address", "2", "--max-payload", "200")
        for _ in range(2):
            self.assert_echo(self.connect(daemon), b"x" * 200)
        self.assert_turned_away(daemon, self.connect(daemon), "2 clients")

    def test_file_that_makes_no_sense(self):
        for text, words in (
            ("[limits]\nframesPerSecond=fast\n", "limits/framesPerSecond=fast"),
            ("[limits]\nframes=1\n", "limits/frames"),
            ("[server]\nmaxPayloadBytes=9999999999999\n", "maxPayloadBytes"),
        ):
            with self.subTest(text=text):
                daemon = self.try_daemon("--config", self.config(text))
                self.assertEqual(daemon.wait_end(), 78)
                self.assertIn(words, "".join(daemon.errors))
        daemon = self.try_daemon("--config", "/nowhere/at.all")
        self.assertEqual(daemon.wait_end(), 78)

    def test_options_that_make_no_sense(self):
        for options in (["--rate", "fast"], ["--rate", "-1"], ["--max-queue", "0"], ["--idle-deadline", "1.5"]):
            with self.subTest(options=options):
                self.assertEqual(self.try_daemon(*options).wait_end(), 64)

    def test_ban_outlives_a_kill(self):
        data_dir = self.directory()
        daemon = self.start_daemon("--plain-policy", "echo", data_dir=data_dir)
        there = self.connect_from(daemon, "127.0.0.5")
        client = daemon.client_of(there)
        answer = daemon.command("ban 127.0.0.4/30 for 2h too loud")
        self.assertEqual((answer["event"], answer["who"], answer["closed"]), ("banned", "127.0.0.4/30", [client]))
        self.assert_closed_cleanly(there)
        daemon.event("ban", who="127.0.0.4/30", lifted=False)
        daemon.signal(signal.SIGKILL)
        daemon.wait_end()
        self.assertEqual(os.stat(os.path.join(data_dir, "bans.json")).st_mode & 0o777, 0o600)

        daemon = self.start_daemon("--plain-policy", "echo", data_dir=data_dir)
        self.assert_turned_away(daemon, self.connect_from(daemon, "127.0.0.6"), "too loud")
        self.assert_echo(self.connect_from(daemon, "127.0.0.8"), b"not me")
        self.assertEqual([ban["who"] for ban in daemon.command("bans")["bans"]], ["127.0.0.4/30"])
        self.assertEqual(daemon.command("unban 127.0.0.4/30")["event"], "unbanned")
        self.assertEqual(daemon.command("unban 127.0.0.4/30")["event"], "error")
        self.assert_echo(self.connect_from(daemon, "127.0.0.6"), b"in again")

    def test_banned_client_is_told_and_stays_away(self):
        daemon = self.start_daemon()
        cli = self.start_cli(daemon.port, "--name", "Ann")
        client = daemon.event("name", name="Ann")["id"]
        self.assertEqual(daemon.command(f"ban {client} noise")["closed"], [client])
        self.assertIn("noise", cli.event("notice", code="banned")["text"])
        self.assertEqual(cli.wait_end(), 69)

    def test_damaged_bans_stop_the_start(self):
        data_dir = self.directory()
        with open(os.path.join(data_dir, "bans.json"), "w", encoding="utf-8") as file:
            file.write("{")
        daemon = self.try_daemon(data_dir=data_dir)
        self.assertEqual(daemon.wait_end(), 78)
        self.assertIn("bans.json", "".join(daemon.errors))


if __name__ == "__main__":
    main()

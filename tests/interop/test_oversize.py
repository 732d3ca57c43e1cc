# SPDX-License-Identifier: Apache-2.0
"""A message over the limit: refused with sizes, that connection closes, and the others do not notice."""

import struct

from wireroomtest import PREFIXES, WireroomTestCase, main

LIMIT = 1_000
"""Above what u8 can say at all, so that format is not among those tried."""

OVER = 5_000


class Oversize(WireroomTestCase):
    def start_limited(self, *options):
        self.daemon = self.start_daemon("--max-payload", str(LIMIT), "--plain-policy", "echo", *options)

    def assert_refused(self, peer, client, *words):
        refused = self.daemon.event("refused", port=peer.port, address="127.0.0.1", id=client)
        for word in words:
            self.assertIn(word, refused["reason"])
        self.assert_closed_cleanly(peer)
        self.assertEqual(self.daemon.event("disconnected", id=client)["reason"], refused["reason"])

    def test_offender_is_refused_and_the_others_go_on(self):
        for wire_format in PREFIXES:
            if wire_format == "u8":
                continue
            with self.subTest(wire_format):
                self.start_limited("--format", wire_format)
                offender, other = (self.connect(self.daemon, wire_format) for _ in range(2))
                client = self.daemon.client_of(offender)
                self.assert_echo(other, b"before")
                self.assert_echo(offender, b"x" * LIMIT)
                offender.send_raw(struct.pack(PREFIXES[wire_format], OVER))
                self.assert_echo(other, b"in between")
                self.assert_refused(offender, client, "5,000", "1,000", wire_format)
                self.assert_echo(other, b"after")
                self.assertEqual(len(self.daemon.command("clients")["clients"]), 1)

    def test_first_frame_of_a_detected_client(self):
        self.start_limited()
        offender, other = (self.connect(self.daemon) for _ in range(2))
        client = self.daemon.client_of(offender)
        self.assert_echo(other, b"before")
        offender.send(b"x" * OVER)
        self.assert_refused(offender, client, "5,000", "1,000", "u32le")
        self.assert_echo(other, b"after")

    def test_later_frame_of_a_detected_client(self):
        self.start_limited()
        offender, other = (self.connect(self.daemon) for _ in range(2))
        client = self.daemon.client_of(offender)
        self.assert_echo(offender, b"well behaved")
        offender.send(b"x" * OVER)
        self.assert_echo(other, b"in between")
        self.assert_refused(offender, client, "5,000", "1,000", "u32le")
        self.assert_echo(other, b"after")

    def test_a_client_takes_what_it_was_told_to(self):
        daemon = self.start_daemon("--plain-policy", "relay")
        peer = self.connect(daemon)
        peer.send(b"here")
        daemon.event("message")
        cli = self.start_cli(daemon.port, "--max-payload", str(LIMIT), "--send", "there", "--wait", "forever")
        self.assertEqual(peer.receive(), b"there")
        peer.send(b"y" * LIMIT)
        self.assertEqual(len(cli.event("message")["text"]), LIMIT)
        peer.send(b"y" * (LIMIT + 1))
        self.assertNotEqual(cli.wait_end(), 0)
        self.assertIn("1,001", "".join(cli.errors + cli.lines))

    def test_messages_before_it_are_not_lost(self):
        self.start_limited("--format", "u32le")
        offender = self.connect(self.daemon)
        client = self.daemon.client_of(offender)
        offender.send_raw(offender.frame(b"first") + offender.frame(b"second") + offender.frame(b"x" * OVER))
        self.daemon.message(client, b"first")
        self.daemon.message(client, b"second")
        refused = self.daemon.event("refused", id=client)
        self.assertIn("5,000", refused["reason"])
        # Whether the two are still echoed depends on how the bytes were cut on their way; the end is orderly anyhow.
        self.assertIn(offender.receive_rest(), (b"", offender.frame(b"first") + offender.frame(b"second")))

    def test_line(self):
        self.start_limited("--format", "lines")
        offender, other = (self.connect(self.daemon, "lines") for _ in range(2))
        client = self.daemon.client_of(offender)
        self.assert_echo(offender, b"x" * LIMIT)
        offender.send_raw(b"x" * OVER)
        self.assert_echo(other, b"in between")
        self.assert_refused(offender, client, "1,000")
        self.assert_echo(other, b"after")

    def test_stream(self):
        self.start_limited("--format", "stream")
        offender, other = (self.connect(self.daemon, "stream") for _ in range(2))
        client, other_client = self.daemon.client_of(offender), self.daemon.client_of(other)
        offender.send_raw(b"x" * OVER)
        self.assert_refused(offender, client, "1,000")
        other.send_raw(b"x" * LIMIT)
        other.finish_sending()
        self.daemon.message(other_client, b"x" * LIMIT)
        self.assertEqual(other.receive_rest(), b"x" * LIMIT)

    def test_default_limit_is_checked_on_the_header(self):
        self.daemon = self.start_daemon("--format", "u32be", "--plain-policy", "echo")
        offender = self.connect(self.daemon, "u32be")
        client = self.daemon.client_of(offender)
        offender.send_raw(struct.pack(">I", 16 * 1024 * 1024 + 1))
        self.assert_refused(offender, client, "16,777,217", "16,777,216")

    def test_client_refuses_too(self):
        server = self.serve("u32be")
        cli = self.start_cli(server.port, "--format", "u32be")
        peer = server.accept()
        self.addCleanup(peer.close)
        cli.event("connected")
        peer.send_raw(struct.pack(">I", 0x7FFF_FFFF))
        reason = cli.event("error")["reason"]
        for word in ["2,147,483,647", "16,777,216", "u32be"]:
            self.assertIn(word, reason)
        self.assert_closed_cleanly(peer)
        cli.wait_end()


if __name__ == "__main__":
    main()

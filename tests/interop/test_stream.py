# SPDX-License-Identifier: Apache-2.0
"""Programs for which everything up to the end of the connection is one message: `stream`, in both directions."""

from wireroomtest import WireroomTestCase, main

LONG = b"0123456789" * 100_000
MESSAGES = [b"hello", "Grüße, 世界\nand a second line\r\n".encode(), bytes(range(256)), LONG]


class ClientThatSendsAndCloses(WireroomTestCase):
    def test_message_is_seen_at_the_close(self):
        daemon = self.start_daemon("--format", "stream")
        for message in MESSAGES:
            peer = self.connect(daemon)
            client = daemon.client_of(peer)
            half = len(message) // 2
            peer.send_raw(message[:half])
            # An answer that comes after the first half shows that the half alone is not taken for the message.
            self.assertEqual(daemon.command("clients")["event"], "clients")
            self.assertEqual(daemon.untaken_events("message"), [])
            peer.send_raw(message[half:])
            peer.close()
            daemon.message(client, message)
            daemon.event("disconnected", id=client, reason="The other side closed the connection.")

    def test_answer_comes_after_half_close(self):
        daemon = self.start_daemon("--format", "stream", "--plain-policy", "echo")
        for message in MESSAGES:
            peer = self.connect(daemon, "stream")
            client = daemon.client_of(peer)
            peer.send_raw(message)
            peer.finish_sending()
            daemon.message(client, message)
            self.assertEqual(peer.receive_rest(), message)
            daemon.event("disconnected", id=client)

    def test_nothing_sent_is_no_message(self):
        daemon = self.start_daemon("--format", "stream", "--plain-policy", "echo")
        peer = self.connect(daemon, "stream")
        client = daemon.client_of(peer)
        peer.finish_sending()
        daemon.event("disconnected", id=client)
        self.assert_closed_cleanly(peer)
        self.assertEqual(daemon.untaken_events("message"), [])

    def test_operators_message_ends_the_connection(self):
        daemon = self.start_daemon("--format", "stream")
        for text in ["hello", "x" * 1_000_000]:
            peer = self.connect(daemon, "stream")
            client = daemon.client_of(peer)
            self.assertEqual(daemon.command(f"send {client} {text}")["to"], [client])
            self.assertEqual(peer.receive_rest().decode(), text)
            # Only one direction has ended: what the client has to say still counts.
            peer.send_raw(b"thank you")
            peer.close()
            daemon.message(client, b"thank you")
            daemon.event("disconnected", id=client)

    def test_second_message_to_the_same_client_is_refused(self):
        daemon = self.start_daemon("--format", "stream")
        peer = self.connect(daemon, "stream")
        client = daemon.client_of(peer)
        self.assertEqual(daemon.command(f"send {client} first")["to"], [client])
        second = daemon.command(f"send {client} second")
        self.assertEqual((second["to"], second["failed"][0]["id"]), ([], client))
        self.assertIn("stream", second["failed"][0]["reason"])
        self.assertEqual(peer.receive_rest(), b"first")


class ServerThatReadsUntilTheEnd(WireroomTestCase):
    def test_cli_sends_ends_and_hears_the_answer(self):
        server = self.serve("stream")
        for text in ["hello", "Grüße", "x" * 1_000_000]:
            cli = self.start_cli(server.port, "--format", "stream", "--wait", "30")
            peer = server.accept()
            cli.write_line(text)
            self.assertEqual(peer.receive_rest().decode(), text)
            peer.send_raw(f"you said {text}".encode())
            peer.close()
            self.assertEqual(cli.event("message")["text"], f"you said {text}")
            self.assertEqual(cli.wait_end(), 0)

    def test_cli_for_scripts(self):
        server = self.serve("stream")
        cli = self.start_cli(server.port, "--format", "stream", "--send", "one message", "--wait", "30")
        peer = server.accept()
        self.assertEqual(peer.receive_rest(), b"one message")
        peer.send_raw(b"one answer")
        peer.close()
        self.assertEqual(cli.event("message")["text"], "one answer")
        self.assertEqual(cli.wait_end(), 0)

    def test_server_that_speaks_first_and_closes(self):
        server = self.serve("stream")
        cli = self.start_cli(server.port, "--format", "stream")
        peer = server.accept()
        peer.send_raw(b"the time is ")
        peer.send_raw(b"12:00")
        peer.close()
        self.assertEqual(cli.event("message")["text"], "the time is 12:00")
        self.assertEqual(cli.wait_end(), 0)

    def test_cli_and_daemon(self):
        daemon = self.start_daemon("--format", "stream", "--plain-policy", "echo")
        cli = self.start_cli(daemon.port, "--format", "stream", "--send", "both are ours", "--wait", "30")
        daemon.event("message", text="both are ours")
        self.assertEqual(cli.event("message")["text"], "both are ours")
        self.assertEqual(cli.wait_end(), 0)


if __name__ == "__main__":
    main()

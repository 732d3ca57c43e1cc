# SPDX-License-Identifier: Apache-2.0
"""SIGTERM and SIGINT end both programs in good order: what is queued is sent, and the exit code is 0."""

import signal

from wireroomtest import WireroomTestCase, main

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Signals(WireroomTestCase):
    def test_server_without_clients(self):
        for number in SIGNALS:
            daemon = self.start_daemon()
            daemon.signal(number)
            daemon.event("stopped")
            self.assertEqual(daemon.wait_end(), 0)

    def test_server_sends_what_is_queued(self):
        size = 6_000_000
        for number in SIGNALS:
            daemon = self.start_daemon("--format", "u32le")
            peer = self.connect(daemon)
            client = daemon.client_of(peer)
            self.assertEqual(daemon.command(f"send {client} {'x' * size}")["to"], [client])
            daemon.signal(number)
            self.assertEqual(len(peer.receive()), size)
            self.assert_closed_cleanly(peer)
            daemon.event("disconnected", id=client, reason="The server was stopped.")
            daemon.event("stopped")
            self.assertEqual(daemon.wait_end(), 0)

    def test_server_does_not_wait_for_ever(self):
        daemon = self.start_daemon("--format", "u32le")
        peer = self.connect(daemon)
        client = daemon.client_of(peer)
        # More than the system takes for a peer that does not read.
        self.assertEqual(daemon.command(f"send {client} {'x' * 7_500_000}")["to"], [client])
        daemon.signal(signal.SIGTERM)
        self.assertIn("could not be sent", daemon.event("disconnected", id=client)["reason"])
        self.assertEqual(daemon.wait_end(), 0)

    def test_server_with_clients_in_every_state(self):
        for number in SIGNALS:
            daemon = self.start_daemon("--max-clients", "4", "--plain-policy", "echo", "--max-payload", "1000")
            silent, undecided, talking, offender = (self.connect(daemon) for _ in range(4))
            for peer in (silent, undecided, talking, offender):
                daemon.client_of(peer)
            undecided.send_raw(b"\x00")
            self.assert_echo(talking, b"hello")
            offender.send_raw(b"\xff" * 8)
            daemon.event("refused", port=offender.port)
            daemon.signal(number)
            for peer in (silent, talking, offender):
                self.assert_closed_cleanly(peer)
            daemon.event("stopped")
            self.assertEqual(daemon.wait_end(), 0)

    def test_client_sends_what_is_queued(self):
        text = "x" * 5_000_000
        for number in SIGNALS:
            server = self.serve("u32be")
            cli = self.start_cli(server.port, "--format", "u32be")
            peer = server.accept()
            self.addCleanup(peer.close)
            cli.event("connected")
            cli.write_line(text)
            cli.event("sent", text=text)
            cli.signal(number)
            self.assertEqual(peer.receive().decode(), text)
            self.assert_closed_cleanly(peer)
            peer.close()
            self.assertEqual(cli.wait_end(), 0)


if __name__ == "__main__":
    main()

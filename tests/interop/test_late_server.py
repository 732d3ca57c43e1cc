# SPDX-License-Identifier: Apache-2.0
"""A client whose server is not there yet: it connects by itself once it is."""

import signal
import socket

from wireroomtest import WireroomTestCase, main


class LateServer(WireroomTestCase):
    def setUp(self):
        # Bound but not listening: connecting is refused, nobody else is given the port, and a server may still
        # take it (SO_REUSEADDR on both sides, as servers have it).
        self.place = socket.socket()
        self.addCleanup(self.place.close)
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.place.bind(("127.0.0.1", 0))
        self.port = self.place.getsockname()[1]

    def start_late_daemon(self):
        return self.start_daemon("--plain-policy", "echo", "--listen", f"127.0.0.1:{self.port}")

    def test_client_started_first_connects(self):
        cli = self.start_cli(self.port, "--retry", "--wait", "30")
        cli.write_line("typed before there was a server")
        self.assertRegex(cli.event("error")["reason"], rf"127\.0\.0\.1:{self.port}\b")
        daemon = self.start_late_daemon()
        cli.event("connected", port=self.port)
        daemon.event("message", text="typed before there was a server")
        cli.event("message", text="typed before there was a server")
        cli.write_line("typed after")
        cli.event("message", text="typed after")
        cli.signal(signal.SIGTERM)
        self.assertEqual(cli.wait_end(), 0)

    def test_client_finds_the_server_again(self):
        first = self.start_late_daemon()
        cli = self.start_cli(self.port, "--retry", "--wait", "30")
        cli.event("connected")
        first.signal(signal.SIGKILL)
        first.wait_end()
        cli.event("error")
        second = self.start_late_daemon()
        cli.event("connected", port=self.port)
        cli.write_line("hello again")
        second.event("message", text="hello again")
        cli.event("message", text="hello again")
        cli.signal(signal.SIGTERM)
        self.assertEqual(cli.wait_end(), 0)

    def test_without_retry_it_does_not_wait(self):
        cli = self.start_cli(self.port, "--send", "hello")
        self.assertRegex(cli.event("error")["reason"], rf"127\.0\.0\.1:{self.port}\b")
        self.assertEqual(cli.wait_end(), 69)

    def test_waiting_client_can_be_stopped(self):
        cli = self.start_cli(self.port, "--retry")
        cli.event("error")
        cli.signal(signal.SIGTERM)
        self.assertEqual(cli.wait_end(), 69)


if __name__ == "__main__":
    main()

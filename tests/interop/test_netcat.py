# SPDX-License-Identifier: Apache-2.0
"""OpenBSD's netcat, as client and as server: `lines`."""

import re

from wireroomtest import WireroomTestCase, main, require

PACKAGE = "netcat-openbsd"


class Netcat(WireroomTestCase):
    @classmethod
    def setUpClass(cls):
        cls.netcat = require(PACKAGE, "nc.openbsd", "nc")

    def start_netcat(self, daemon, *options):
        return self.run_program(self.netcat, "-N", *options, "127.0.0.1", daemon.port)

    def test_typed_lines_are_detected_and_answered(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        netcat = self.start_netcat(daemon)
        client = daemon.event("connected")["id"]
        # The first is shorter than a length would be.
        for text in ["hi", "hello there", "", "Grüße, 世界", "x" * 50_000]:
            netcat.write_line(text)
            self.assertEqual(daemon.message(client, text.encode())["format"], "lines")
            netcat.take_line(text)
        daemon.event("format", id=client, format="lines", detected=True)
        netcat.end_input()
        self.assertEqual(netcat.wait_end(), 0)
        daemon.event("disconnected", id=client, reason="The other side closed the connection.")

    def test_carriage_return_is_dropped(self):
        daemon = self.start_daemon()
        netcat = self.start_netcat(daemon, "-C")
        client = daemon.event("connected")["id"]
        netcat.write_line("hello there")
        daemon.message(client, b"hello there")
        netcat.write_line("")
        daemon.message(client, b"")

    def test_operators_message_arrives_as_a_line(self):
        daemon = self.start_daemon()
        netcat = self.start_netcat(daemon)
        client = daemon.event("connected")["id"]
        netcat.write_line("here I am")
        daemon.message(client, b"here I am")
        daemon.command(f"send {client} good morning")
        daemon.command("send all Grüße")
        netcat.take_line("good morning")
        netcat.take_line("Grüße")

    def test_silent_client_of_a_lines_server_gets_lines(self):
        daemon = self.start_daemon("--format", "lines")
        netcat = self.start_netcat(daemon)
        client = daemon.event("connected", format="lines")["id"]
        daemon.command(f"send {client} good morning")
        netcat.take_line("good morning")

    def test_pipe_into_netcat_gets_its_answer(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        for text in ["hi", "hello there"]:
            netcat = self.start_netcat(daemon)
            netcat.write_line(text)
            netcat.end_input()
            netcat.take_line(text)
            self.assertEqual(netcat.wait_end(), 0)
            daemon.event("message", text=text, format="lines")

    def test_netcat_as_server(self):
        netcat = self.run_program(self.netcat, "-l", "-n", "-v", "127.0.0.1", "0", stderr_is_output=True)
        listening = re.compile(r"Listening on 127\.0\.0\.1 (\d+)")
        port = listening.match(netcat.take(listening.match, "netcat's port"))[1]
        cli = self.start_cli(port, "--format", "lines", "--wait", "0")
        cli.event("connected")
        for text in ["hello", "", "Grüße"]:
            cli.write_line(text)
            netcat.take_line(text)
        netcat.write(b"good morning\nand a second line\r\n")
        cli.event("message", text="good morning")
        cli.event("message", text="and a second line")
        self.end_cli(cli)
        self.assertEqual(netcat.wait_end(), 0)


if __name__ == "__main__":
    main()

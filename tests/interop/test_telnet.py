# SPDX-License-Identifier: Apache-2.0
"""telnet in a terminal, as a person uses it: `lines`, with CR LF at their ends."""

from wireroomtest import WireroomTestCase, main, require


class Telnet(WireroomTestCase):
    @classmethod
    def setUpClass(cls):
        cls.telnet = require("inetutils-telnet", "telnet")

    def start_telnet(self, daemon):
        telnet = self.run_program(self.telnet, "127.0.0.1", daemon.port, terminal=True)
        telnet.take(lambda line: line.startswith("Escape character"), "telnet's greeting")
        return telnet

    def test_typed_lines_are_detected_and_shown_without_carriage_return(self):
        daemon = self.start_daemon()
        telnet = self.start_telnet(daemon)
        client = daemon.event("connected")["id"]
        for text in [b"hi", b"hello there", b"", "Grüße".encode()]:
            telnet.write(text + b"\r")
            self.assertEqual(daemon.message(client, text)["format"], "lines")
        daemon.event("format", id=client, format="lines", detected=True)

    def test_answer_and_operators_message_arrive_as_lines(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        telnet = self.start_telnet(daemon)
        client = daemon.event("connected")["id"]
        telnet.write(b"here I am\r")
        daemon.message(client, b"here I am")
        # The terminal shows what is typed, too.
        telnet.take(lambda line: line.endswith("here I am"), "what was typed")
        telnet.take(lambda line: line.endswith("here I am"), "the answer")
        daemon.command(f"send {client} good morning")
        telnet.take_line("good morning")

    def test_end_of_the_server_ends_telnet(self):
        daemon = self.start_daemon()
        telnet = self.start_telnet(daemon)
        client = daemon.event("connected")["id"]
        daemon.command(f"kick {client}")
        daemon.event("disconnected", id=client, reason="Disconnected by the operator.")
        telnet.take(lambda line: "Connection closed by foreign host" in line, "telnet's last words")
        telnet.wait_end()


if __name__ == "__main__":
    main()

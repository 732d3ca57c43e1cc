# SPDX-License-Identifier: Apache-2.0
"""Names, messages and reasons that try to steer a terminal: on the output of both programs they are text."""

import os
import struct
import time
import unicodedata

from wireroomtest import DEADLINE, Peer, WireroomTestCase, main, without_display

CLI = os.environ["WIREROOM_CLI"]
SERVERD = os.environ["WIREROOM_SERVERD"]

TEXTS = {
    "HTML": "<img src=http://127.0.0.1:9/x><b>bold</b>",
    "override": "photo\u202egpj.exe\u2066x\u2069\u200f",
    "SQL": "'); DROP TABLE clients; --\"`\\",
    "terminal": "\x1b[31mred\x1b]0;title\x07\x9b2J\b\b\x7f",
    "two lines": "one\r\n2000-01-01 00:00:00.000 Stopped.",
    "1 MiB word": "w" * (1 << 20),
}


def cbor(value):
    """Just enough of it."""
    def head(major, number):
        for limit, code, form in ((24, None, None), (1 << 8, 24, ">B"), (1 << 16, 25, ">H"), (1 << 32, 26, ">I")):
            if number < limit:
                return bytes([major << 5 | (number if code is None else code)]) + (struct.pack(form, number) if form else b"")
        raise ValueError(number)

    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(4, len(value)) + b"".join(cbor(item) for item in value)


def steers(line):
    """What acts on a terminal, or turns the direction of writing."""
    return [c for c in line if unicodedata.category(c) in ("Cc", "Zl", "Zp")
            or (unicodedata.category(c) == "Cf" and c != "\u200d")]


class HostileText(WireroomTestCase):
    def assert_harmless(self, program):
        for line in program.lines + program.errors:
            self.assertEqual(steers(line.replace("\t", " ")), [], ascii(line[:200]))

    def say(self, peer, *message, first=False):
        peer.send((b"\xd9\xd9\xf7" if first else b"") + cbor(list(message)))

    def join(self, port, name):
        peer = Peer.to(port, "u32be")
        self.addCleanup(peer.close)
        self.say(peer, 1, 1, name, None, None, None, first=True)
        return peer

    def show_history(self, daemon):
        """Asks until there is one: whoever wrote the first message may go before it is stored."""
        until = time.monotonic() + DEADLINE
        shown = ""
        while "#1" not in shown:
            self.assertLess(time.monotonic(), until, "nothing is stored")
            daemon.write_line("history 20")
            shown = daemon.take(lambda line: "#1" in line or line == "No messages.", "the history")

    def test_by_the_server(self):
        for what, text in TEXTS.items():
            with self.subTest(what):
                daemon = self.run_program(SERVERD, "--listen", "127.0.0.1:0", "--data-dir", self.directory(),
                                          env=without_display())
                listening = daemon.take(lambda line: "Listening" in line, "that it listens")
                port = int(listening.rstrip(".").rpartition(":")[2])
                ann = self.join(port, "ann")
                ann.receive()  # Welcome
                self.say(ann, 4, 1, None, "text", text)
                self.say(ann, 16, text)
                daemon.take(lambda line: "It said goodbye" in line, "the goodbye")
                bad = self.join(port, text[:64])
                bad.receive()
                plain = Peer.to(port)
                self.addCleanup(plain.close)
                plain.send(text.encode())
                daemon.write_line("clients")
                daemon.write_line(f"release {text[:1000]}".replace("\n", " "))
                self.show_history(daemon)
                daemon.write_line("stop")
                self.assertEqual(daemon.wait_end(), 0)
                self.assert_harmless(daemon)
                # The reason is part of one line, and nothing else begins one.
                self.assertFalse([line for line in daemon.lines if line.startswith("2000-01-01")])

    def test_in_json(self):
        daemon = self.start_daemon()
        for number, text in enumerate(TEXTS.values(), 1):
            peer = Peer.to(daemon.port)
            self.addCleanup(peer.close)
            peer.send(text.encode())
            daemon.event("message", text=text)
        self.assertEqual(number, len(TEXTS))
        self.assert_harmless(daemon)

    def test_by_the_chat_client(self):
        """A server that takes no care of names, neither its own nor others'."""
        for what, text in TEXTS.items():
            with self.subTest(what):
                server = self.serve("u32be")
                chat = self.run_program(CLI, "--name", "ann", "--state", self.directory(), f"127.0.0.1:{server.port}",
                                        env=without_display())
                peer = server.accept()
                self.addCleanup(peer.close)
                peer.receive()  # Hello
                self.say(peer, 2, 1, 7, b"t" * 32, text, 1, [100_000, 100, 64, 100],
                         [[7, "ann", "online", 1], [3, text, "online", 1]], 0, first=True)
                self.say(peer, 6, 1, 1_000, 3, None, "text", text)
                self.say(peer, 6, 2, 1_000, 3, None, "text", "the last")
                chat.take(lambda line: line.endswith("the last"), "the last message")
                self.say(peer, 15, "slow-down", text)
                self.say(peer, 3, "kicked", text)
                self.assertNotEqual(chat.wait_end(), 0)
                self.assert_harmless(chat)
                self.assertFalse([line for line in chat.lines if line.startswith("2000-01-01")])

    def test_by_the_plain_client(self):
        for what, text in TEXTS.items():
            with self.subTest(what):
                server = self.serve("u32le")
                plain = self.run_program(CLI, "--wait", "forever", f"127.0.0.1:{server.port}", env=without_display())
                peer = server.accept()
                self.addCleanup(peer.close)
                peer.send(text.encode())
                peer.send(b"the last")
                plain.take(lambda line: line == "the last", "the last message")
                peer.close()
                plain.wait_end()
                self.assert_harmless(plain)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""A message of any size costs wireroom-cli its own size in memory, and little besides."""

import json
import os
import struct
import subprocess
import sys
import unittest

from wireroomtest import DEADLINE, WireroomTestCase, main, without_display

SIZE = 48 << 20

# A tenth, and what a busy allocator keeps.
ALLOWED = SIZE + SIZE // 10 + (6 << 20)


@unittest.skipUnless(sys.platform == "linux", "the peak is read from /proc")
class BigMessages(WireroomTestCase):
    def setUp(self):
        self.server = self.serve("u64le")
        self.server.socket.settimeout(DEADLINE)

    def start(self, *options, **streams):
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **streams}
        command = [os.environ["WIREROOM_CLI"], "--format", "u64le", "--max-payload", str(SIZE), "--wait", "forever",
                   *options, f"127.0.0.1:{self.server.port}"]
        cli = subprocess.Popen(command, env=without_display(), **streams)
        self.addCleanup(cli.wait)
        self.addCleanup(cli.kill)
        peer = self.server.accept()
        self.addCleanup(peer.close)
        return cli, peer

    @staticmethod
    def peak(cli):
        with open(f"/proc/{cli.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

    def assert_received(self, payload, expected, *options):
        """`expected` makes one line of output of what lies between its beginning and its end."""
        cli, peer = self.start("--send", "hi", *options, stdout=subprocess.PIPE)
        self.addCleanup(cli.stdout.close)
        self.assertEqual(peer.receive(), b"hi")
        before = self.peak(cli)
        peer.send_raw(struct.pack("<Q", len(payload)) + payload)
        line = cli.stdout.readline()
        while options and b'"message"' not in line[:100]:
            line = cli.stdout.readline()
        self.assertTrue(expected(line.rstrip(b"\n")), f"{len(line)} bytes: {line[:60]!r} … {line[-60:]!r}")
        self.assertLess(self.peak(cli) - before, ALLOWED)

    def test_bytes_are_shown_in_pieces(self):
        payload = os.urandom(1 << 20) * (SIZE >> 20)
        self.assert_received(payload, lambda line: line == b"hex: " + payload.hex(" ").encode())

    def test_text_is_shown_in_pieces(self):
        # An odd number of bytes: any of them comes to lie where a piece might end.
        words = "ünï€codé text, 😀 and more".encode()
        payload = words * (SIZE // len(words))
        self.assert_received(payload, lambda line: line == payload)

    def test_json_is_written_in_pieces(self):
        payload = os.urandom(1 << 20) * (SIZE >> 20)
        self.assert_received(payload, lambda line: json.loads(line)["hex"] == payload.hex(), "--json")

    def test_json_of_text_is_written_in_pieces(self):
        text = "“ünï€codé” \u202e 😀\n"
        payload = text.encode() * (SIZE // len(text.encode()))
        self.assert_received(payload, lambda line: json.loads(line)["text"].encode() == payload, "--json")

    def assert_sent(self, line):
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, read_end)
        cli, peer = self.start(stdin=read_end)
        with open(write_end, "wb") as typed:
            typed.write(b"a short one\n")
            before = self.peak(cli)
            typed.write(line + b"\r\nthe last one")
        for expected in [b"a short one", line, b"the last one"]:
            self.assertTrue(peer.receive() == expected)
        self.assertLess(self.peak(cli) - before, ALLOWED)

    def test_long_line_is_sent_as_it_is(self):
        self.assert_sent(os.urandom(1 << 20).translate(bytes(range(256)).replace(b"\r", b"x").replace(b"\n", b"y"))
                         * (SIZE >> 20))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""wireroom-cli and wireroom-serverd in every format, with empty, short and long messages."""

import os

from wireroomtest import FORMATS, WireroomTestCase, main

MEBIBYTE = "0123456789abcdef" * 65_536

LARGEST = {"u8": 255, "u16le": 65_535, "u16be": 65_535}
"""What a prefix of this width can say at most."""


class Formats(WireroomTestCase):
    def start_pair(self, wire_format):
        daemon = self.start_daemon("--format", wire_format, "--plain-policy", "echo")
        cli = self.start_cli(daemon.port, "--format", wire_format, "--wait", "30")
        cli.event("connected", format=wire_format, port=daemon.port)
        return daemon, cli

    def test_echo_of_every_size(self):
        for wire_format in FORMATS:
            if wire_format == "stream":
                continue
            with self.subTest(wire_format):
                daemon, cli = self.start_pair(wire_format)
                client = daemon.event("connected", format=wire_format)["id"]
                texts = ["hello", "", "Grüße, 世界", MEBIBYTE[: LARGEST.get(wire_format, len(MEBIBYTE))], "", "x"]
                for text in texts:
                    cli.write_line(text)
                for text in texts:
                    self.assertEqual(daemon.event("message", **{"from": client})["text"], text)
                    self.assertEqual(cli.event("message")["text"], text)
                self.assertEqual(cli.untaken_events("message"), [])

    def test_bytes_that_are_no_text(self):
        data = bytes(byte for byte in range(256) if byte != ord("\n"))[:255]
        for wire_format in FORMATS:
            if wire_format in ("stream", "lines"):
                continue
            with self.subTest(wire_format):
                daemon, cli = self.start_pair(wire_format)
                cli.write(data + b"\n")
                daemon.event("message", hex=data.hex())
                cli.event("message", hex=data.hex())

    def test_stream(self):
        for text in ["hello", MEBIBYTE]:
            daemon, cli = self.start_pair("stream")
            cli.write_line(text)
            daemon.event("message", text=text)
            self.assertEqual(cli.event("message")["text"], text)
            self.assertEqual(cli.wait_end(), 0)

    def test_message_too_large_for_the_prefix(self):
        for wire_format, largest in LARGEST.items():
            with self.subTest(wire_format):
                daemon, cli = self.start_pair(wire_format)
                client = daemon.event("connected")["id"]
                cli.write_line("x" * (largest + 1))
                reason = cli.event("error")["reason"]
                for word in (wire_format, f"{largest:,}", f"{largest + 1:,}"):
                    self.assertIn(word, reason)
                cli.write_line("the next one")
                self.assertEqual(cli.event("message")["text"], "the next one")
                answer = daemon.command(f"send {client} {'x' * (largest + 1)}")
                self.assertEqual((answer["to"], answer["failed"][0]["id"]), ([], client))
                self.assertIn(f"{largest + 1:,}", answer["failed"][0]["reason"])

    def test_for_scripts(self):
        """What the README says: --send and --wait, the messages on standard output and nothing else."""
        for wire_format in FORMATS:
            if wire_format == "stream":
                continue
            with self.subTest(wire_format):
                daemon = self.start_daemon("--format", wire_format, "--plain-policy", "echo")
                cli = self.run_program(
                    os.environ["WIREROOM_CLI"], "--format", wire_format, "--send", "hello", "--send", "Grüße",
                    "--wait", "0.5", f"127.0.0.1:{daemon.port}",
                )
                self.assertEqual(cli.wait_end(), 0)
                self.assertEqual(cli.lines, ["hello", "Grüße"])

    def test_terminal_is_not_steered(self):
        """Without --json, control characters that others send are not passed to the terminal."""
        daemon = self.start_daemon("--format", "u32le")
        cli = self.run_program(os.environ["WIREROOM_CLI"], f"127.0.0.1:{daemon.port}")
        client = daemon.event("connected")["id"]
        daemon.command(f"sendhex {client} {b'red'.hex()}1b5b33316d{b'alert'.hex()}")
        daemon.command(f"send {client} the end")
        cli.take_line("the end")
        self.assertEqual(len(cli.lines), 2)
        self.assertNotIn("\x1b", "".join(cli.lines))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""The conversations that a client and a server of another platform have with ours, whatever they are written in.

Both take lines and print "received TEXT" for each message. The client ends its sending direction with its input and
ends when the server does; the server prints "listening PORT" first, answers "you said TEXT", and sends each line typed
to everybody.
"""

import os
import subprocess

from wireroomtest import DEADLINE

LONG = "0123456789" * 20_000
"""Longer than what a socket hands over at once."""

TEXTS = ["hello", "", "Grüße, 世界", LONG, "the last one"]
"""The first is not empty: its length tells the byte order."""


def compile_program(*command):
    """Runs a compiler; what it says is shown where it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=4 * DEADLINE)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}\n{done.stdout.decode()}{done.stderr.decode()}")


class FramedPeerConversations:
    """Mixed into a WireroomTestCase that says how to start the two programs and how they speak."""

    client_command = None
    server_command = None
    wire_format = None

    def start_client(self, daemon):
        return self.run_program(*self.client_command, "127.0.0.1", daemon.port)

    def test_client_is_understood_and_answered(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        client = self.start_client(daemon)
        client_id = daemon.event("connected")["id"]
        for text in TEXTS:
            client.write_line(text)
        daemon.event("format", id=client_id, format=self.wire_format, detected=True)
        for text in TEXTS:
            message = daemon.event("message", **{"from": client_id})
            self.assertEqual(message["text"], text)
            self.assertEqual(message["format"], self.wire_format)
            self.assertEqual(message["to"], [0])
        for text in TEXTS:
            self.assertEqual(client.take(lambda line: True, "an answer"), f"received {text}")

    def test_operator_reaches_client(self):
        daemon = self.start_daemon()
        client = self.start_client(daemon)
        client_id = daemon.event("connected")["id"]
        client.write_line("here I am")
        daemon.message(client_id, b"here I am")
        for text in ["good morning", LONG, "Grüße"]:
            answer = daemon.command(f"send {client_id} {text}")
            self.assertEqual((answer["event"], answer["to"]), ("sent", [client_id]))
            self.assertEqual(client.take(lambda line: True, "what the operator sent"), f"received {text}")

    def test_client_that_ends_is_let_go(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        client = self.start_client(daemon)
        client_id = daemon.event("connected")["id"]
        client.write_line("goodbye")
        client.end_input()
        client.take_line("received goodbye")
        self.assertEqual(client.wait_end(), 0)
        daemon.event("disconnected", id=client_id, reason="The other side closed the connection.")

    def test_server_is_understood_and_answered(self):
        server = self.run_program(*self.server_command)
        port = int(server.take(lambda line: line.startswith("listening "), "its port").split()[1])
        cli = self.start_cli(port, "--format", self.wire_format, "--wait", "0")
        cli.event("connected", port=port, format=self.wire_format)
        server.take_line("connected")
        for text in TEXTS:
            cli.write_line(text)
            cli.event("sent", text=text)
            server.take_line(f"received {text}")
            self.assertEqual(cli.event("message")["text"], f"you said {text}")
        for text in ["unasked", LONG]:
            server.write_line(text)
            self.assertEqual(cli.event("message")["text"], text)
        self.end_cli(cli)
        server.take_line("disconnected")
        server.end_input()
        self.assertEqual(server.wait_end(), 0)


def sources(folder, *names):
    here = os.path.dirname(os.path.abspath(__file__))
    return [os.path.join(here, folder, name) for name in names]

# SPDX-License-Identifier: Apache-2.0
"""The chat client in Python that PROTOCOL.md names: with another one, wireroom-cli, the operator and a plain client."""

import os
import stat
import sys

from wireroomtest import WireroomTestCase, main

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../resources/examples/chat.py")


class PythonChat(WireroomTestCase):
    def setUp(self):
        self.folder = self.directory()

    def token(self, name):
        return os.path.join(self.folder, f"{name}.token")

    def start_chat(self, daemon, name, client):
        """chat.py with that name, once the daemon knows it as that client."""
        chat = self.run_program(sys.executable, EXAMPLE, "127.0.0.1", daemon.port, name, self.token(name))
        daemon.event("presence", id=client, name=name, state="online")
        return chat

    def start_named_cli(self, daemon, name, client):
        cli = self.start_cli(daemon.port, "--name", name, "--state", os.path.join(self.folder, "state"))
        self.assertEqual(cli.event("welcome")["id"], client)
        return cli

    def end(self, chat, code=0):
        """No more lines for it: it goes once what it posted is stored."""
        chat.end_input()
        self.assertEqual(chat.wait_end(), code)
        self.assertEqual(chat.errors, [])

    def assert_took_all(self, chat, *lines):
        """Nothing was printed but these and the end."""
        self.assertEqual([line for line in chat.lines if not line.startswith("* ")], list(lines))

    def test_it_is_short(self):
        with open(EXAMPLE, encoding="utf-8") as source:
            self.assertLess(len(source.readlines()), 60)

    def test_three_clients_and_the_operator(self):
        daemon = self.start_daemon()
        ann, ben = self.start_chat(daemon, "ann", 1), self.start_chat(daemon, "ben", 2)
        cid = self.start_named_cli(daemon, "cid", 3)

        ann.write_line("good morning")
        ben.take_line("ann (1): 'good morning'")
        self.assertIsNone(cid.event("message", **{"from": 1}, text="good morning")["to"])
        self.assertIsNone(daemon.event("message", **{"from": 1}, text="good morning")["to"])

        cid.write_line("/to 1 Grüße, 世界")
        ann.take_line("cid (3): 'Grüße, 世界'")
        cid.event("message", ref=1, state="delivered")
        ben.write_line("1,3: for two")
        ann.take_line("ben (2): 'for two'")
        self.assertEqual(cid.event("message", **{"from": 2}, text="for two")["to"], [1, 3])
        ben.write_line("0: for the operator")
        self.assertEqual(daemon.event("message", **{"from": 2}, text="for the operator")["to"], [0])
        ben.write_line("3,99: one is nobody")
        ben.take_line("* Nobody has the ID 99.")
        self.assertEqual(cid.event("message", **{"from": 2}, text="one is nobody")["to"], [3])

        answer = daemon.command("send 1,3 from the office")
        self.assertEqual((answer["event"], answer["seq"]), ("sent", 6))
        ann.take_line("operator (0): 'from the office'")
        self.assertEqual(cid.event("message", **{"from": 0}, text="from the office")["to"], [1, 3])
        for client in (1, 3):
            daemon.event("delivered", seq=6, id=client)
        daemon.command("send all to everyone")
        for chat in (ann, ben):
            chat.take_line("operator (0): 'to everyone'")
        cid.event("message", **{"from": 0}, text="to everyone")

        # Names and words that would steer a terminal come as what they are.
        cid.write_line("/to 2 \x1b[31mred\u202e")
        ben.take_line(r"cid (3): '\x1b[31mred\u202e'")
        cid.write_line("/name Cid of the hill")
        cid.event("presence", id=3, name="Cid of the hill")
        cid.write_line("/to 2 who am I?")
        ben.take_line("Cid of the hill (3): 'who am I?'")

        self.end_cli(cid)
        for chat in (ann, ben):
            self.end(chat)
        self.assert_took_all(ann, "cid (3): 'Grüße, 世界'", "ben (2): 'for two'", "operator (0): 'from the office'",
                             "operator (0): 'to everyone'")

    def test_who_comes_back_gets_exactly_what_was_missed(self):
        daemon = self.start_daemon()
        ann, ben = self.start_chat(daemon, "ann", 1), self.start_chat(daemon, "ben", 2)
        ann.write_line("before")
        ben.take_line("ann (1): 'before'")
        self.end(ben)
        daemon.event("presence", id=2, state="offline")
        self.assertEqual(stat.S_IMODE(os.stat(self.token("ben")).st_mode), 0o600)
        self.assertEqual(os.path.getsize(self.token("ben")), 32)

        cid = self.start_named_cli(daemon, "cid", 3)
        ann.write_line("2: while you were away")
        ann.write_line("to everyone")
        ann.write_line("3: not for ben")
        cid.event("message", text="not for ben")
        cid.write_line("/to 2,1 and so did I")
        cid.event("message", text="and so did I", state="stored")
        self.assertEqual(daemon.command("send 2 the operator, too")["waiting"], [2])

        ben = self.start_chat(daemon, "ben", 2)
        expected = ["ann (1): 'while you were away'", "ann (1): 'to everyone'", "cid (3): 'and so did I'",
                    "operator (0): 'the operator, too'"]
        for line in expected:
            ben.take_line(line)
        cid.event("message", text="and so did I", state="delivered")
        daemon.event("delivered", id=2)
        ben.write_line("1: I am back")
        ann.take_line("ben (2): 'I am back'")
        self.end(ben)
        self.assert_took_all(ben, *expected)

        # It has all of it: nothing comes again.
        daemon.event("presence", id=2, state="offline")
        ben = self.start_chat(daemon, "ben", 2)
        ann.write_line("2: new")
        ben.take_line("ann (1): 'new'")
        self.end(ben)
        self.assert_took_all(ben, "ann (1): 'new'")
        self.end_cli(cid)
        self.end(ann)

    def test_many_lines_are_stored_in_order_before_it_ends(self):
        daemon = self.start_daemon()
        ann = self.start_chat(daemon, "ann", 1)
        count = 2000
        for number in range(count):
            ann.write_line(f"line {number}")
        self.end(ann)
        newest = daemon.command("history 500")["messages"]
        self.assertEqual([message["text"] for message in newest], [f"line {n}" for n in range(count - 500, count)])
        self.assertEqual([message["seq"] for message in newest], list(range(count - 499, count + 1)))

    def test_plain_client_gets_chat_as_a_frame_and_is_not_heard_by_it(self):
        daemon = self.start_daemon()
        plain = self.connect(daemon, "u32le")
        plain.send(b"I am plain")
        self.assertEqual(daemon.event("message", text="I am plain")["from"], 1)
        ann = self.start_chat(daemon, "ann", 2)
        ann.write_line("1: Grüße")
        self.assertEqual(plain.receive(), "Grüße".encode())
        ann.write_line("to everyone")
        self.assertEqual(plain.receive(), b"to everyone")
        plain.send(b"for the operator")
        daemon.message(1, b"for the operator")
        daemon.command("send 2 marker")
        ann.take_line("operator (0): 'marker'")
        self.end(ann)
        self.assert_took_all(ann, "operator (0): 'marker'")

    def test_a_refusal_tells_why(self):
        daemon = self.start_daemon("--max-clients", "2")
        refusals = [("x" * 65, b"", "name"), (" ann", b"", "name"), ("ann", b"\x01" * 32, "token")]
        for name, token, word in refusals:
            with self.subTest(name=name, token=token):
                path = self.token(f"refused-{word}")
                with open(path, "wb") as file:
                    file.write(token)
                chat = self.run_program(sys.executable, EXAMPLE, "127.0.0.1", daemon.port, name, path)
                self.assertEqual(chat.wait_end(), 1)
                self.assertEqual((len(chat.lines), chat.errors), (1, []), chat.transcript())
                self.assertRegex(chat.lines[0], rf"^\* .*{word}.*\.$")
                with open(path, "rb") as file:
                    self.assertEqual(file.read(), token)

    def test_the_operator_ends_it(self):
        daemon = self.start_daemon()
        ann = self.start_chat(daemon, "ann", 1)
        daemon.command("kick 1")
        self.assertEqual(ann.wait_end(), 1)
        self.assertEqual(len(ann.lines), 1, ann.transcript())
        ben = self.start_chat(daemon, "ben", 2)
        daemon.command("stop")
        self.assertEqual(ben.wait_end(), 0)
        self.assertEqual(ben.lines, ["* The server was stopped."])


if __name__ == "__main__":
    main()

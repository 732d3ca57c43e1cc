# SPDX-License-Identifier: Apache-2.0
"""What can be typed to wireroom-serverd while it runs."""

import time
from datetime import datetime, timezone

from wireroomtest import ANSWERS, WireroomTestCase, main


class Commands(WireroomTestCase):
    def setUp(self):
        self.daemon = self.start_daemon("--format", "u32le")
        self.one, self.two, self.three = (self.connect(self.daemon) for _ in range(3))
        self.peers = [self.one, self.two, self.three]
        self.assertEqual([self.daemon.client_of(peer) for peer in self.peers], [1, 2, 3])

    def assert_sent(self, command, recipients, size):
        answer = self.daemon.command(command)
        self.assertEqual((answer["event"], answer.get("to"), answer.get("bytes")), ("sent", recipients, size))
        self.assertNotIn("failed", answer)

    def assert_refused(self, command, *words):
        """Refused with these words, and nobody was sent anything: the next thing that each gets is what comes later."""
        answer = self.daemon.command(command)
        self.assertEqual((answer["event"], answer.get("command")), ("error", command.split(" ")[0]))
        for word in words:
            self.assertIn(word, answer["reason"])
        marker = f"after {command}"[:60]
        self.assert_sent(f"send all {marker}", [1, 2, 3], len(marker.encode()))
        self.assert_everybody_gets(marker.encode())

    def assert_everybody_gets(self, payload):
        for peer in self.peers:
            self.assertEqual(peer.receive(), payload)

    def test_send_to_one(self):
        self.assert_sent("send 2 hello", [2], 5)
        self.assertEqual(self.two.receive(), b"hello")
        self.daemon.event("message", **{"from": 0}, to=[2], text="hello")
        self.assert_sent("send all next", [1, 2, 3], 4)
        self.assert_everybody_gets(b"next")

    def test_send_to_several(self):
        self.assert_sent("send 1,3 hello", [1, 3], 5)
        self.daemon.event("message", **{"from": 0}, to=[1, 3], text="hello")
        self.assert_sent("send 2-3 there", [2, 3], 5)
        self.assert_sent("send all next", [1, 2, 3], 4)
        self.assertEqual([self.one.receive() for _ in range(2)], [b"hello", b"next"])
        self.assertEqual([self.two.receive() for _ in range(2)], [b"there", b"next"])
        self.assertEqual([self.three.receive() for _ in range(3)], [b"hello", b"there", b"next"])

    def test_recipient_named_twice_gets_it_once(self):
        self.assert_sent("send 2,1-3,2 hello", [1, 2, 3], 5)
        self.assert_sent("send all next", [1, 2, 3], 4)
        for peer in self.peers:
            self.assertEqual([peer.receive() for _ in range(2)], [b"hello", b"next"])

    def test_send_to_all_but_some(self):
        self.assert_sent("send !2 hello", [1, 3], 5)
        self.assert_sent("send !1,3 there", [2], 5)
        self.assertEqual(self.one.receive(), b"hello")
        self.assertEqual(self.two.receive(), b"there")
        self.assertEqual(self.three.receive(), b"hello")

    def test_text_is_sent_as_it_is(self):
        for text in ["two  blanks ", "Grüße, 世界", ' leading, "quotes" and \\ ', "x" * 300_000]:
            self.assert_sent(f"send all {text}", [1, 2, 3], len(text.encode()))
            self.assert_everybody_gets(text.encode())

    def test_empty_message(self):
        self.assert_sent("send all ", [1, 2, 3], 0)
        self.assert_everybody_gets(b"")

    def test_sendhex(self):
        self.assert_sent("sendhex 1 00ff", [1], 2)
        self.assertEqual(self.one.receive(), b"\x00\xff")
        self.daemon.event("message", **{"from": 0}, to=[1], hex="00ff")
        self.assert_sent("sendhex all DE ad be EF", [1, 2, 3], 4)
        self.assert_everybody_gets(b"\xde\xad\xbe\xef")
        for wrong in ["0", "0g", "hello"]:
            self.assert_refused(f"sendhex 1 {wrong}")

    def test_unknown_id_is_refused_before_anything_is_sent(self):
        for recipients in ["4", "1,4", "4,1", "1-4", "!4", "1,2,3,99999999999"]:
            self.assert_refused(f"send {recipients} hello", "9999" if "9999" in recipients else "4")
        self.assert_refused("sendhex 1,4 00", "4")
        answer = self.daemon.command("kick 1,4")
        self.assertEqual((answer["event"], answer["command"]), ("error", "kick"))
        self.assert_sent("send all still here", [1, 2, 3], 10)

    def test_id_of_one_who_has_left_is_unknown(self):
        self.two.close()
        self.daemon.event("disconnected", id=2)
        answer = self.daemon.command("send 1,2 hello")
        self.assertEqual((answer["event"], answer["command"]), ("error", "send"))
        self.assertIn("2", answer["reason"])
        self.assert_sent("send all next", [1, 3], 4)
        self.assertEqual((self.one.receive(), self.three.receive()), (b"next", b"next"))

    def test_nonsense_is_refused(self):
        for command in ["send", "send 1", "send x hello", "send 0 hello", "send 3-1 hello", "send 1,,2 hello"]:
            self.assert_refused(command)
        for command in ["dance", "kick", "kick x", "policy", "policy maybe", "clients 1", "stop now"]:
            self.assert_refused(command)

    def test_each_command_has_one_answer_in_its_turn(self):
        commands = ["send 1 hello", "dance", "clients", "", "   ", "policy none", "send 9 hello", "sendhex 1 00", "help"]
        for command in commands:
            self.daemon.write_line(command)
        self.daemon.write_line("stop")
        self.daemon.event("stopped")
        self.assertEqual(self.daemon.wait_end(), 0)
        answers = [e for e in self.daemon.untaken() if e["event"] in ANSWERS or "command" in e]
        kinds = [event["event"] for event in answers]
        self.assertEqual(kinds, ["sent", "error", "clients", "policy", "error", "sent", "help", "stopping"])
        self.assertEqual(self.daemon.untaken_events("not JSON"), [])

    def test_clients(self):
        self.two.send(b"hello")
        self.daemon.message(2, b"hello")
        self.daemon.command("send 2 good morning")
        self.assertEqual(self.two.receive(), b"good morning")
        clients = self.daemon.command("clients")["clients"]
        self.assertEqual([client["id"] for client in clients], [1, 2, 3])
        self.assertEqual([client["port"] for client in clients], [peer.port for peer in self.peers])
        for client in clients:
            self.assertEqual((client["address"], client["format"]), ("127.0.0.1", "u32le"))
        counters = ("framesIn", "framesOut", "bytesIn", "bytesOut", "queuedBytes")
        self.assertEqual([[client[name] for name in counters] for client in clients],
                         [[0, 0, 0, 0, 0], [1, 1, 5, 12, 0], [0, 0, 0, 0, 0]])
        for name in ("connected", "lastSeen"):
            seen = datetime.fromisoformat(clients[1][name].replace("Z", "+00:00")).astimezone(timezone.utc)
            self.assertLess(abs(time.time() - seen.timestamp()), 300)

    def test_queued_bytes_are_those_that_do_not_leave(self):
        size = 2_000_000
        sent = 0
        queued = 0
        # What the system takes off the daemon's hands is a matter of its settings.
        while queued == 0 and sent < 100:
            self.assert_sent(f"send 1 {'x' * size}", [1], size)
            sent += 1
            queued = self.daemon.command("clients")["clients"][0]["queuedBytes"]
        self.assertGreater(queued, 0)
        self.assertLessEqual(queued, sent * (size + 4))
        for _ in range(sent):
            self.assertEqual(len(self.one.receive()), size)
        # Once the last one is read, nothing waits.
        self.assert_sent("send 1 next", [1], 4)
        self.assertEqual(self.one.receive(), b"next")
        self.assertEqual(self.daemon.command("clients")["clients"][0]["queuedBytes"], 0)

    def test_kick(self):
        answer = self.daemon.command("kick 1,3")
        self.assertEqual((answer["event"], answer["ids"]), ("kicked", [1, 3]))
        self.daemon.event("disconnected", id=1, reason="Disconnected by the operator.")
        self.daemon.event("disconnected", id=3)
        self.assert_closed_cleanly(self.one)
        self.assert_closed_cleanly(self.three)
        self.assert_sent("send all next", [2], 4)
        self.assertEqual(self.two.receive(), b"next")
        self.assertEqual(self.daemon.command("kick all")["ids"], [2])
        self.assert_closed_cleanly(self.two)
        self.daemon.event("disconnected", id=2)
        self.assertEqual(self.daemon.command("clients")["clients"], [])

    def test_kick_sends_what_is_queued_first(self):
        size = 6_000_000
        self.assert_sent(f"send 1 {'x' * size}", [1], size)
        self.assertEqual(self.daemon.command("kick 1")["ids"], [1])
        self.assertEqual(len(self.one.receive()), size)
        self.assert_closed_cleanly(self.one)

    def test_policy(self):
        def switch_to(policy):
            answer = self.daemon.command(f"policy {policy}")
            self.assertEqual((answer["event"], answer["policy"]), ("policy", policy))

        self.one.send(b"into the void")
        self.daemon.message(1, b"into the void")
        for _ in range(20):
            switch_to("echo")
            self.assert_echo(self.one, b"hello")
            switch_to("relay")
            self.one.send(b"everybody")
            self.assertEqual((self.two.receive(), self.three.receive()), (b"everybody", b"everybody"))
            switch_to("none")
            self.one.send(b"nobody")
            self.daemon.message(1, b"nobody")
        self.assert_sent("send all next", [1, 2, 3], 4)
        self.assert_everybody_gets(b"next")

    def test_help(self):
        text = "\n".join(self.daemon.command("help")["commands"])
        for command in ["send", "sendhex", "clients", "kick", "policy", "stop"]:
            self.assertIn(command, text)

    def test_stop(self):
        self.assertEqual(self.daemon.command("stop")["event"], "stopping")
        for client in (1, 2, 3):
            self.daemon.event("disconnected", id=client, reason="The server was stopped.")
        self.daemon.event("stopped")
        for peer in self.peers:
            self.assert_closed_cleanly(peer)
        self.assertEqual(self.daemon.wait_end(), 0)

    def test_end_of_input_does_not_stop_it(self):
        self.daemon.write_line("policy echo")
        self.daemon.event("policy")
        self.daemon.write_line("send 1 the last command")
        self.daemon.end_input()
        self.assertEqual(self.one.receive(), b"the last command")
        late = self.connect(self.daemon)
        self.daemon.client_of(late)
        for peer in (self.two, late):
            self.assert_echo(peer, b"are you there?")
        self.assertIsNone(self.daemon.process.poll())

    def test_last_command_without_line_feed(self):
        self.daemon.write(b"send 1 the last command")
        self.daemon.end_input()
        self.assertEqual(self.one.receive(), b"the last command")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""wireroom-serverd's history: its commands and events, where it is kept, for how long, and what holds without one."""

import json
import os
import sqlite3
import stat
import subprocess
import time

from wireroomtest import DEADLINE, WireroomTestCase, main, without_display

SERVERD = os.environ["WIREROOM_SERVERD"]

USAGE, UNAVAILABLE, CONFIGURATION = 64, 69, 78
DAY_MS = 86_400_000


class HistoryTestCase(WireroomTestCase):
    def setUp(self):
        self.data = self.directory()
        self.state = self.directory()
        self.port = 0

    def start(self, *options):
        """Each time on the same port, as a client's profile is for a host and a port."""
        daemon = self.start_daemon("--listen", f"127.0.0.1:{self.port}", *options, data_dir=self.data)
        self.port = daemon.port
        return daemon

    def stop(self, daemon):
        daemon.command("stop")
        self.assertEqual(daemon.wait_end(), 0)

    def chat(self, daemon, name):
        """It goes as soon as its input ends and everything is stored."""
        cli = self.start_cli(daemon.port, "--name", name, "--state", self.state, "--wait", "0")
        cli.id = cli.event("welcome")["id"]
        return cli

    def until(self, ask, wanted):
        """Asks until the answer is that; what indexes and deletes old messages does so when it has time."""
        end = time.monotonic() + DEADLINE
        while (answer := ask()) != wanted:
            self.assertLess(time.monotonic(), end, f"{answer} is not {wanted}")
            time.sleep(0.01)


def texts(page):
    return [message.get("text") for message in page["messages"]]


class Commands(HistoryTestCase):
    def test_pages(self):
        daemon = self.start()
        self.assertEqual(daemon.command("history"), {"event": "history", "messages": [], "more": False})
        plain = self.connect(daemon)
        for number in range(1, 31):
            plain.send(b"plain %d" % number)
            daemon.message(1, b"plain %d" % number)
        ann = self.chat(daemon, "ann")
        ann.write_line("Good morning")
        ann.write_line("/to 0,1 for two")
        ann.write(b"/to 0 a\xff\n")
        daemon.event("message", seq=33)
        daemon.command("send 2 for Ann")
        daemon.event("stored", seq=34)

        page = daemon.command("history 4")
        wanted = [(31, 2, None, "Good morning"), (32, 2, [0, 1], "for two"), (33, 2, [0], None),
                  (34, 0, [2], "for Ann")]
        self.assertEqual([(m["seq"], m["from"], m["to"], m.get("text")) for m in page["messages"]], wanted)
        self.assertEqual((page["messages"][2]["hex"], page["more"]), ("61ff", True))
        times = [message["time"] for message in page["messages"]]
        self.assertEqual(times, sorted(times))
        self.assertRegex(times[0], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")

        self.assertEqual([m["seq"] for m in daemon.command("history")["messages"]], list(range(15, 35)))
        page = daemon.command("history 3 before 31")
        self.assertEqual((texts(page), page["more"]), (["plain 28", "plain 29", "plain 30"], True))
        page = daemon.command("history 500 before 3")
        self.assertEqual((texts(page), page["more"]), (["plain 1", "plain 2"], False))
        self.assertEqual(daemon.command("history 10 before 1")["messages"], [])
        self.assertEqual((page["messages"][0]["from"], page["messages"][0]["to"]), (1, [0]))

    def test_search(self):
        daemon = self.start()
        ann = self.chat(daemon, "ann")
        for line in ["Grüße aus ULM", "100% sure", "under_score", "two  blanks", "another", "/to 0 secret word"]:
            ann.write_line(line)
        daemon.event("message", seq=6)

        def search(words):
            return texts(daemon.command(f"search {words}"))

        for words, found in [
            ("ulm", ["Grüße aus ULM"]),
            ("GRÜSSE", []),
            ("grüße AUS", ["Grüße aus ULM"]),
            ("%", ["100% sure"]),
            ("_", ["under_score"]),
            ("r_s", ["under_score"]),
            ("o  b", ["two  blanks"]),
            ("o b", []),
            ("'", []),
            ('"', []),
            ("secret", ["secret word"]),
            ("o", ["under_score", "two  blanks", "another", "secret word"]),
            ("zzz", []),
        ]:
            with self.subTest(words=words):
                self.until(lambda words=words: search(words), found)

    def test_wrong_ones(self):
        daemon = self.start()
        for command, word in [
            ("history 0", "history 20"),
            ("history 501", "500"),
            ("history -1", "history 20"),
            ("history many", "history 20"),
            ("history 5 before", "before 4711"),
            ("history 5 before x", "before 4711"),
            ("history 5 before 0", "before 4711"),
            ("history before 5", "before 4711"),
            ("history 5 after 3", "before 4711"),
            ("history 1 2", "before 4711"),
            ("search", "search"),
            ("search  ", "search"),
        ]:
            with self.subTest(command=command):
                answer = daemon.command(command)
                self.assertEqual((answer["event"], answer["command"]), ("error", command.split(" ")[0]))
                self.assertIn(word, answer["reason"])

    def test_answers_come_in_the_order_of_the_commands(self):
        daemon = self.start()
        commands = ["history 5", "clients", "search x", "policy none", "history 0", "history", "help"]
        for command in commands:
            daemon.write_line(command)
        kinds = [daemon.take(lambda e: e["event"] != "tls", "an answer")["event"] for _ in commands]
        self.assertEqual(kinds, ["history", "clients", "history", "policy", "error", "history", "help"])

    def test_text_for_people(self):
        daemon = self.run_program(SERVERD, "--listen", "127.0.0.1:0", "--data-dir", self.data)
        port = int(daemon.take(lambda line: "Listening on" in line, "the port").rstrip(".").rsplit(":")[-1])
        ann = self.start_cli(port, "--name", "ann", "--state", self.state)
        ann.write_line("good\x1b[2J morning")
        daemon.take(lambda line: line.endswith(" Client 1 speaks chat."), "its format")
        daemon.take(lambda line: line.endswith(" Client 1 is ann."), "its name")
        ann.event("message", state="delivered")
        daemon.write_line("history")
        daemon.take(lambda line: line.endswith("#1  1 → all: good␛[2J morning"), "the message")
        daemon.write_line("search nothing")
        daemon.take_line("No messages.")
        daemon.write_line("history 0")
        daemon.take(lambda line: line.startswith("Write history"), "what to write")
        daemon.write_line("stop")
        self.assertEqual(daemon.wait_end(), 0)


class Events(HistoryTestCase):
    def test_names_and_presence(self):
        daemon = self.start()
        ann = self.chat(daemon, "ann")
        self.assertNotIn("was", daemon.event("name", id=1, name="ann"))
        self.assertEqual(daemon.event("presence", id=1)["state"], "online")
        ann.write_line("/name Anna")
        daemon.event("name", id=1, name="Anna")
        daemon.event("presence", id=1, name="Anna", state="online")
        self.end_cli(ann)
        daemon.event("disconnected", id=1)
        self.assertEqual(daemon.event("presence", id=1, state="offline")["waiting"], 0)
        ann = self.chat(daemon, "ann")
        daemon.event("connected", id=2)
        daemon.event("name", id=1, name="Anna", was=2)
        daemon.event("presence", id=1, state="online")

    def test_what_becomes_of_the_operators_messages(self):
        daemon = self.start()
        ann, ben = self.chat(daemon, "ann"), self.chat(daemon, "ben")
        answer = daemon.command("send 1,2 hello")
        self.assertEqual((answer["event"], answer["waiting"], answer["seq"]), ("sent", [1, 2], 1))
        daemon.event("stored", seq=1)
        for client in (1, 2):
            daemon.event("delivered", seq=1, id=client)
        self.end_cli(ben)
        daemon.event("presence", id=2, state="offline")
        answer = daemon.command("send 1,2 again")
        self.assertEqual((answer["waiting"], answer["seq"]), ([1, 2], 2))
        daemon.event("stored", seq=2)
        daemon.event("delivered", seq=2, id=1)
        clients = {client["id"]: client for client in daemon.command("clients")["clients"]}
        self.assertEqual((clients[2]["connected"], clients[2]["name"], clients[2]["state"]), (False, "ben", "offline"))
        self.assertEqual((clients[1]["format"], clients[1]["name"], clients[1]["state"]), ("chat", "ann", "online"))
        self.assertEqual(clients[2]["waiting"], 1)
        ben = self.chat(daemon, "ben")
        ben.event("message", text="again")
        daemon.event("delivered", seq=2, id=2)
        ann.write_line("to everyone")
        self.assertIsNone(daemon.event("message", seq=3)["to"])

    def test_who_is_known_after_a_restart(self):
        daemon = self.start()
        ann, ben = self.chat(daemon, "ann"), self.chat(daemon, "ben")
        self.end_cli(ben)
        daemon.event("presence", id=2, state="offline")
        for number in range(5):
            ann.write_line(f"/to 2 {number}")
        daemon.event("message", seq=5)
        self.assertEqual(daemon.untaken_events("known"), [])
        daemon.signal(9)
        daemon.wait_end()

        daemon = self.start()
        known = daemon.event("known")["clients"]
        self.assertEqual([(c["id"], c["name"], c["state"]) for c in known],
                         [(1, "ann", "offline"), (2, "ben", "offline")])
        self.until(lambda: {c["id"]: c["waiting"] for c in daemon.command("clients")["clients"]}, {1: 0, 2: 5})
        ben = self.chat(daemon, "ben")
        self.assertEqual([ben.event("message")["text"] for _ in range(5)], [str(number) for number in range(5)])
        # An ID is never given twice, whatever the counter's file says.
        self.stop(daemon)
        os.remove(os.path.join(self.data, "next-id"))
        daemon = self.start()
        self.assertGreater(daemon.client_of(self.connect(daemon)), 2)

    def test_server_name(self):
        daemon = self.start("--server-name", "the office 世界")
        ann = self.start_cli(daemon.port, "--name", "ann", "--state", self.state)
        self.assertEqual(ann.event("welcome")["server"], "the office 世界")
        self.stop(daemon)
        daemon = self.start()
        ben = self.start_cli(daemon.port, "--name", "ben", "--state", self.state)
        self.assertTrue(ben.event("welcome")["server"])


class Places(HistoryTestCase):
    def test_data_directory(self):
        daemon = self.start()
        path = os.path.join(self.data, "history.db")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        other = self.try_daemon(data_dir=self.data)
        self.assertEqual(other.wait_end(), UNAVAILABLE)
        self.assertIn("another", other.event("error")["reason"].lower())
        daemon.command("clients")

    def test_another_file(self):
        for option in ("{}", "sqlite:{}"):
            path = os.path.join(self.directory(), "messages.db")
            daemon = self.start("--history", option.format(path))
            daemon.command("send all hello")
            daemon.event("stored", seq=1)
            self.assertEqual(texts(daemon.command("history")), ["hello"])
            self.stop(daemon)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            self.assertNotIn("history.db", os.listdir(self.data))
            with sqlite3.connect(path) as database:
                self.assertEqual(database.execute("SELECT body FROM messages").fetchall(), [(b"hello",)])
        # One server at a time, wherever its data directory is.
        daemon = self.start("--history", path)
        other = self.try_daemon("--history", path)
        self.assertEqual(other.wait_end(), UNAVAILABLE)
        self.assertIn(path, other.event("error")["reason"])
        self.assertEqual(texts(daemon.command("history")), ["hello"])

    def finish(self, *options):
        done = subprocess.run(
            [SERVERD, "--listen", "127.0.0.1:0", "--data-dir", self.data, *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE, env=without_display()
        )
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.returncode, done.stderr

    def test_places_that_cannot_be(self):
        letter = os.path.join(self.directory(), "letter.txt")
        with open(letter, "w", encoding="utf-8") as file:
            file.write("Dear Ann,\n" * 1000)
        below = os.path.join(letter, "history.db")
        for url, code, word in [
            ("mysql://user@host/db", CONFIGURATION, "mysql:"),
            ("http://localhost/", CONFIGURATION, "postgresql://"),
            ("postgresql://", CONFIGURATION, "postgresql://"),
            ("postgresql://user@host:99999/db", CONFIGURATION, "URL"),
            ("sqlite:", CONFIGURATION, "sqlite:FILE"),
            (letter, CONFIGURATION, letter),
            (below, UNAVAILABLE, below),
            ("postgresql://user:geheim@127.0.0.1:1/db", UNAVAILABLE, "127.0.0.1:1"),
        ]:
            with self.subTest(url=url):
                actual, reason = self.finish("--history", url)
                self.assertEqual(actual, code, reason)
                self.assertIn(word, reason)
                self.assertNotIn("geheim", reason)
        with open(letter, encoding="utf-8") as file:
            self.assertEqual(file.read(), "Dear Ann,\n" * 1000)

    def test_usage(self):
        for options in [
            ("--no-history", "--history", "x.db"),
            ("--no-history", "--history-days", "3"),
            ("--no-history", "--history-bytes", "3"),
            ("--history-days", "many"),
            ("--history-days", "-1"),
            ("--history-days", "100001"),
            ("--history-bytes", "1M"),
            ("--history-bytes", "-1"),
        ]:
            with self.subTest(options=options):
                code, reason = self.finish(*options)
                self.assertEqual(code, USAGE)
                self.assertIn(options[0], reason)
        self.assertEqual(os.listdir(self.data), [])


class Age(HistoryTestCase):
    def test_old_messages_are_deleted(self):
        daemon = self.start()
        for number in range(1, 601):
            daemon.command(f"send all {number}")
        daemon.event("stored", seq=600)
        self.stop(daemon)
        with sqlite3.connect(os.path.join(self.data, "history.db")) as database:
            database.execute("UPDATE messages SET time = time - ? WHERE seq <= 500", (3 * DAY_MS,))
        daemon = self.start("--history-days", "2")
        self.until(lambda: texts(daemon.command("history 500")), [str(number) for number in range(501, 601)])
        self.assertEqual(texts(daemon.command("search 500")), [])
        self.assertEqual(texts(daemon.command("search 555")), ["555"])
        daemon.command("send all next")
        self.assertEqual(daemon.event("stored")["seq"], 601)

    def test_the_oldest_are_deleted_beyond_a_size(self):
        daemon = self.start("--history-bytes", "20000")
        for number in range(100, 200):
            daemon.command(f"send all {number} {'x' * 996}")
        daemon.event("stored", seq=100)
        self.until(lambda: [message[:3] for message in texts(daemon.command("history 500"))],
                   [str(number) for number in range(180, 200)])

    def test_seqs_go_on_when_everything_was_deleted(self):
        daemon = self.start()
        ann = self.chat(daemon, "ann")
        for number in range(10):
            ann.write_line(f"old {number}")
        daemon.event("message", seq=10)
        self.end_cli(ann)
        self.stop(daemon)
        with sqlite3.connect(os.path.join(self.data, "history.db")) as database:
            database.execute("UPDATE messages SET time = time - ?", (3 * DAY_MS,))
        daemon = self.start("--history-days", "1")
        self.until(lambda: texts(daemon.command("history")), [])
        self.stop(daemon)
        daemon = self.start("--history-days", "1")
        ann = self.chat(daemon, "ann")
        ann.write_line("new")
        stored = ann.event("message", text="new", state="delivered")
        self.assertEqual((stored["ref"], stored["seq"]), (11, 11))


class WithoutHistory(HistoryTestCase):
    def test_nothing_is_kept(self):
        daemon = self.start("--no-history")
        for command in ("history", "search word"):
            answer = daemon.command(command)
            self.assertEqual((answer["event"], answer["command"]), ("error", command.split(" ")[0]))
            self.assertIn("no history", answer["reason"])
        self.assertNotIn("history.db", os.listdir(self.data))
        ann = self.chat(daemon, "ann")
        for command in ("/history", "/search word"):
            ann.write_line(command)
            ann.event("notice", code="no-history")
            self.assertIn("no history", ann.event("error")["reason"])

    def test_chat(self):
        daemon = self.start("--no-history")
        ann, ben = self.chat(daemon, "ann"), self.chat(daemon, "ben")
        plain = self.connect(daemon)
        plain.send(b"I am plain")
        daemon.message(3, b"I am plain")
        ann.write_line("/to 2,3,0 hello")
        ben.event("message", text="hello", to=[0, 2, 3])
        self.assertEqual(plain.receive(), b"hello")
        self.assertEqual(daemon.event("message", **{"from": 1})["text"], "hello")
        self.assertEqual(ann.event("message", state="delivered")["recipients"], 3)
        self.assertIn("seq", daemon.command("send 2 from the operator"))
        ben.event("message", text="from the operator")
        daemon.event("delivered", id=2)

        # Who is away gets nothing later, and the sender learns so.
        self.end_cli(ben)
        daemon.event("presence", id=2, state="offline")
        ann.write_line("/to 2 gone")
        self.assertEqual(ann.event("message", text="gone", state="failed")["unknown"], [2])
        answer = daemon.command("send 2 gone")
        self.assertEqual((answer["event"], answer["command"]), ("error", "send"))
        ben = self.chat(daemon, "ben")
        self.assertEqual(ben.id, 2)
        ann.write_line("/to 2 back")
        self.assertEqual(ben.event("message")["text"], "back")

    def test_a_restart_forgets_the_clients(self):
        daemon = self.start("--no-history")
        self.end_cli(self.chat(daemon, "ann"))
        self.stop(daemon)
        daemon = self.start("--no-history")
        ann = self.start_cli(daemon.port, "--name", "ann", "--state", self.state)
        ann.event("notice", code="unknown-token")
        self.assertEqual(ann.wait_end(), UNAVAILABLE)
        new = self.start_cli(daemon.port, "--name", "ann", "--state", self.state, "--new-identity")
        self.assertGreater(new.event("welcome")["id"], 1)


if __name__ == "__main__":
    main()

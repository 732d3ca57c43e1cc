# SPDX-License-Identifier: Apache-2.0
"""wireroom-cli with a name: what is typed, what scripts rely on, and what is kept on disk."""

import json
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys

from wireroomtest import DEADLINE, WireroomTestCase, main, without_display

CLI = os.environ["WIREROOM_CLI"]
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))

OK, USAGE, DATA_ERROR, NO_USER, UNAVAILABLE, TEMPORARY, CONFIGURATION = 0, 64, 65, 67, 69, 75, 78


class ChatCliTestCase(WireroomTestCase):
    def setUp(self):
        self.state = self.directory()

    def start_chat(self, port, name, *options):
        """Without waiting for the server. Once its input ends it goes as soon as everything is stored."""
        return self.start_cli(port, "--name", name, "--state", self.state, "--wait", "0", *options)

    def chat(self, port, name, *options):
        chat = self.start_chat(port, name, *options)
        chat.id = chat.event("welcome", name=name)["id"]
        return chat

    def finish(self, port, name, *options):
        """Runs a client that ends by itself: its exit code and its events."""
        done = subprocess.run(
            [CLI, "--json", "--name", name, "--state", self.state, "--wait", "0", *options, f"127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE, env=without_display()
        )
        self.assertEqual(done.stderr, "")
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def start_again(self, daemon, data_dir, *options):
        """The daemon on the same port and directory, after it has ended."""
        return self.start_daemon("--listen", f"127.0.0.1:{daemon.port}", *options, data_dir=data_dir)

    def stop(self, daemon):
        daemon.command("stop")
        self.assertEqual(daemon.wait_end(), 0)

    def profile(self, port, name):
        return os.path.join(self.state, f"127%2E0%2E0%2E1_{port}", name)


def texts(events):
    return [event["text"] for event in events]


def received(chat):
    """What others wrote: own messages have a ref."""
    return [event for event in chat.untaken_events("message") if "ref" not in event]


class Typing(ChatCliTestCase):
    def setUp(self):
        super().setUp()
        self.daemon = self.start_daemon("--server-name", "the office")
        self.ann, self.ben, self.cid, self.dan = (
            self.chat(self.daemon.port, name) for name in ("ann", "ben", "cid", "dan")
        )
        self.assertEqual([chat.id for chat in (self.ann, self.ben, self.cid, self.dan)], [1, 2, 3, 4])

    def assert_took(self, chats, *expected):
        """Each of them, and nothing else: what comes after a marker to everyone comes later."""
        self.daemon.command("send all marker")
        for chat, lines in zip(chats, expected):
            chat.event("message", **{"from": 0}, text="marker")
            self.assertEqual([event["text"] for event in received(chat) if event["from"] != 0], lines)

    def test_lines_go_to_whom_they_should(self):
        lines = [
            ("hello all", None, "hello all"),
            ("/to 3,4 for two", [3, 4], "for two"),
            ("/to 4,3,4 twice named", [3, 4], "twice named"),
            ("/to 2", None, None),
            ("chosen", [2], "chosen"),
            ("/to 3 once", [3], "once"),
            ("chosen still", [2], "chosen still"),
            ("/to 0,2 and the operator", [0, 2], "and the operator"),
            ("/to all everybody", None, "everybody"),
            ("/to all", None, None),
            ("//who", None, "/who"),
            ("//", None, "/"),
            (" /who", None, " /who"),
            ("", None, None),
            ("two  blanks ", None, "two  blanks "),
            ("Grüße, 世界 🎈", None, "Grüße, 世界 🎈"),
        ]
        for line, _, _ in lines:
            self.ann.write_line(line)
        posted = [(to, text) for _, to, text in lines if text is not None]
        for ref, (to, text) in enumerate(posted, 1):
            stored = self.ann.event("message", ref=ref, state="stored")
            self.assertEqual((sorted(stored["to"]) if to else stored["to"], stored["text"]), (to, text))
        for other in (2, 3, 4):
            wanted = [text for to, text in posted if to is None or other in to]
            chat = (self.ben, self.cid, self.dan)[other - 2]
            self.assert_took([chat], wanted)
        self.daemon.event("message", **{"from": 1}, to=[0, 2], text="and the operator")

    def test_long_lines_and_many(self):
        long = "x" * 1_000_000
        self.ann.write_line(f"/to 2 {long}")
        self.assertEqual(len(self.ben.event("message", **{"from": 1})["text"]), len(long))
        count = 3000
        for number in range(count):
            self.ann.write_line(f"/to 2 {number}")
        self.ben.event("message", text=str(count - 1))
        self.assertEqual(texts(received(self.ben)), [str(number) for number in range(count - 1)])

    def test_one_object_for_each_event(self):
        self.ann.write_line("/to 2,0 hello")
        ours = [self.ann.event("message", ref=1, state=state) for state in ("waiting", "stored", "delivered")]
        theirs = self.ben.event("message", text="hello")
        for event in ours:
            self.assertEqual((event["from"], sorted(event["to"]), event["text"]), (1, [0, 2], "hello"))
        self.assertNotIn("seq", ours[0])
        self.assertEqual((ours[2]["recipients"], ours[2]["delivered"]), (2, 2))
        seqs = {event["seq"] for event in (*ours[1:], theirs)}
        self.assertEqual(seqs, {1})
        self.assertEqual((theirs["from"], theirs["to"], theirs["time"]), (1, [0, 2], ours[1]["time"]))
        self.assertNotIn("state", theirs)
        self.assertEqual(self.ann.untaken_events("not JSON"), [])

    def test_bytes_that_are_no_text(self):
        self.ann.write(b"/to 2 a\xff\n")
        self.assertEqual(self.ben.event("message", **{"from": 1})["hex"], "61ff")
        self.ann.event("message", hex="61ff", state="delivered")

    def test_who(self):
        self.end_cli(self.dan)
        self.ben.event("presence", id=4, state="offline")
        self.ann.write_line("/name Ann B")
        self.ben.event("presence", id=1, name="Ann B")
        self.end_cli(self.cid)
        self.ben.event("presence", id=3, state="offline")
        self.ben.write_line("/who")
        for number, name, state in ((1, "Ann B", "online"), (3, "cid", "offline"), (4, "dan", "offline")):
            self.ben.event("presence", id=number, name=name, state=state)

    def test_history_and_search(self):
        for number in range(1, 31):
            self.ann.write_line(f"line {number}")
        self.ann.write_line("/to 3 Between US")
        self.ann.event("message", ref=31, state="delivered")

        def ask(chat, command):
            chat.write_line(command)
            answer = chat.event("history")
            return texts(answer["messages"]), answer["more"]

        lines = [f"line {number}" for number in range(1, 31)]
        self.assertEqual(ask(self.ann, "/history"), (lines[11:] + ["Between US"], True))
        self.assertEqual(ask(self.ben, "/history 20"), (lines[10:], True))
        self.assertEqual(ask(self.ben, "/history 500"), (lines, False))
        self.assertEqual(ask(self.cid, "/search between us"), (["Between US"], False))
        self.assertEqual(ask(self.cid, "/search LINE 2"), (["line 2"] + lines[19:29], False))
        self.assertEqual(ask(self.ben, "/search between"), ([], False))
        self.assertEqual(ask(self.ben, "/search % _"), ([], False))

    def test_name(self):
        self.ann.write_line("/name  Anna 世界 ")
        for chat in (self.ann, self.ben):
            chat.event("presence", id=1, name="Anna 世界")
        self.daemon.event("name", id=1, name="Anna 世界")
        self.end_cli(self.ann)
        # The profile keeps the name that was taken later, and stays the same client.
        again = self.start_chat(self.daemon.port, "ann")
        self.assertEqual(again.event("welcome", name="Anna 世界")["id"], 1)

    def test_wrong_commands(self):
        for line, *words in [
            ("/", "/help"),
            ("/nonsense", "/nonsense", "/help"),
            ("/Who", "/Who"),
            ("/who is there", "/who is there"),
            ("/to", "IDs"),
            ("/to ben hello", "ben"),
            ("/to 3, 4 hello", "no ID"),
            ("/to -1 hello", "-1"),
            ("/to 3-4 hello", "3-4"),
            ("/to 9223372036854775808 hello", "9223372036854775808"),
            ("/history 0", "1 to 500"),
            ("/history many", "many"),
            ("/search", "word"),
            ("/name", "name"),
            ("/name " + "x" * 65, "64"),
            ("/name a\u202eb", "invisible"),
            ("/quit now", "/quit now"),
        ]:
            with self.subTest(line=line):
                self.ann.write_line(line)
                reason = self.ann.event("error")["reason"]
                for word in words:
                    self.assertIn(word, reason)
        self.ann.write_line("still here")
        for chat in (self.ben, self.cid, self.dan):
            self.assertEqual(chat.event("message", **{"from": 1})["text"], "still here")
        self.end_cli(self.ann)

    def test_unknown_recipients_are_named(self):
        self.ann.write_line("/to 2,77,78 hello")
        stored = self.ann.event("message", ref=1, state="stored")
        self.assertEqual((stored["unknown"], stored["recipients"]), ([77, 78], 1))
        self.ben.event("message", text="hello")
        self.ann.write_line("/to 77 nobody")
        failed = self.ann.event("message", ref=2, state="failed")
        self.assertEqual(failed["unknown"], [77])
        self.assertIn("77", failed["reason"])
        self.ann.end_input()
        self.assertEqual(self.ann.wait_end(), NO_USER)

    def test_quit_ends_once_everything_is_stored(self):
        count = 500
        for number in range(count):
            self.ann.write_line(f"/to 2 {number}")
        self.ann.write_line("/quit")
        self.assertEqual(self.ann.wait_end(), OK)
        stored = [event["ref"] for event in self.ann.untaken_events("message") if event["state"] == "stored"]
        self.assertEqual(sorted(set(stored)), list(range(1, count + 1)))
        self.assertEqual(self.ann.untaken_events("error"), [])


class ForPeople(ChatCliTestCase):
    """Without --json: messages on standard output, everything else on standard error."""

    def start_text(self, port, name, *options, **how):
        return self.run_program(CLI, "--name", name, "--state", self.state, *options, f"127.0.0.1:{port}", **how)

    def test_what_is_read(self):
        daemon = self.start_daemon()
        ann = self.start_text(daemon.port, "ann", stderr_is_output=True)
        ann.take_line("You are #1 ann. Here: nobody else.")
        daemon.event("presence", id=1, state="online")
        ben = self.chat(daemon.port, "ben")
        ann.take_line("#2 ben, online")
        for line in ["hello", "/to 1,0 for you", "/to 1 \x1b[31mred\u202e"]:
            ben.write_line(line)
        ann.take_line("#2 ben → all: hello")
        ann.take_line("#2 ben → the operator, you: for you")
        ann.take_line("#2 ben → you: ␛[31mred\\u202e")
        ben.write_line("/name b\u2066en")
        ben.event("error")
        ben.write_line("/name Ben")
        ben.event("presence", id=2, name="Ben")
        ann.take_line("#2 Ben, online")
        daemon.command("send 1 good morning")
        ann.take_line("the operator → you: good morning")
        code, _ = self.finish(daemon.port, "cid", "--send", "first\nthe operator → all: faked", "--to", "1")
        self.assertEqual(code, OK)
        ann.take_line("#3 cid → you: first")
        ann.take_line("    the operator → all: faked")
        ann.take_line("#3 cid, online")
        ann.take(lambda line: line.startswith("#3 cid, last seen 2"), "that cid has gone")
        ann.write_line("/who")
        ann.take_line("#1 ann, online (you)")
        ann.take_line("#2 Ben, online")
        ann.take(lambda line: line.startswith("#3 cid, last seen 2"), "when cid was seen")
        ann.write_line("/search ELL")
        ann.take(lambda line: line.endswith("  #2 Ben → all: hello"), "what was found, with its time")
        ann.write_line("/to 2")
        ann.write_line("chosen")
        ann.take_line("Lines go to #2 Ben from now on.")
        ben.event("message", **{"from": 1}, to=[2], text="chosen")
        ann.write_line("/help")
        ann.take(lambda line: line.startswith("/to 3,4 TEXT "), "the help")
        ann.end_input()
        self.assertEqual(ann.wait_end(), OK)
        self.assertFalse([line for line in ann.untaken() if "→" in line])

    def test_only_messages_are_on_standard_output(self):
        daemon = self.start_daemon()
        ann = self.start_text(daemon.port, "ann", "--send", "to myself", "--to", "1,0")
        self.assertEqual(ann.wait_end(), OK)
        self.assertEqual(ann.lines, ["#1 ann → the operator, you: to myself"])
        self.assertEqual(ann.errors, [f"Connected to 127.0.0.1:{daemon.port}.", "You are #1 ann. Here: nobody else.",
                                      "✓ “to myself” is stored", "✓✓ “to myself” was delivered to 2 of 2",
                                      "Disconnected."])

    def test_what_becomes_of_messages_in_a_terminal(self):
        daemon = self.start_daemon()
        ben = self.chat(daemon.port, "ben")
        ann = self.start_text(daemon.port, "ann", terminal=True)
        ann.take(lambda line: line.startswith("You are #2 ann."), "the welcome")
        ann.write_line("hello")
        ann.take_line("✓ “hello” is stored")
        ann.take_line("✓✓ “hello” was delivered to 1 of 1")
        ann.write_line("/to 9 nobody")
        ann.take_line("✗ “nobody” was not sent: Nobody has the ID 9.")
        ann.write_line("/nonsense")
        ann.take(lambda line: "/nonsense" in line and "/help" in line, "that there is no such command")
        self.end_cli(ben)
        ann.take(lambda line: line.startswith("#1 ben, last seen"), "that ben has gone")
        ann.write_line("/quit")
        self.assertEqual(ann.wait_end(), NO_USER)


class Sending(ChatCliTestCase):
    """--send, for scripts."""

    def test_delivered(self):
        daemon = self.start_daemon()
        ben = self.chat(daemon.port, "ben")
        code, events = self.finish(daemon.port, "ann", "--send", "lunch?", "--to", "1", "--wait-delivered", "20")
        self.assertEqual(code, OK)
        states = [event["state"] for event in events if event["event"] == "message"]
        self.assertEqual(states, ["waiting", "stored", "delivered"])
        ben.event("message", text="lunch?", to=[1])
        for to in ("0", "0,1", "all"):
            sends = ["--send", f"{to} one", "--send", f"{to} two", "--send", ""]
            self.assertEqual(self.finish(daemon.port, "ann", *sends, "--to", to, "--wait-delivered", "20")[0], OK)
        for text in ("0,1 one", "0,1 two", "", "all one", "all two", ""):
            self.assertEqual(ben.event("message", **{"from": 2})["text"], text)

    def test_not_in_time(self):
        daemon = self.start_daemon()
        self.end_cli(self.chat(daemon.port, "ben"))
        code, events = self.finish(daemon.port, "ann", "--send", "lunch?", "--to", "1", "--wait-delivered", "0.5")
        self.assertEqual(code, TEMPORARY)
        self.assertIn("1 message is stored", events[-1]["reason"])
        # Without the wait it is enough that it is stored.
        self.assertEqual(self.finish(daemon.port, "ann", "--send", "dinner?", "--to", "1")[0], OK)
        # It is delivered when ben is back.
        ben = self.chat(daemon.port, "ben")
        self.assertEqual([ben.event("message")["text"] for _ in range(2)], ["lunch?", "dinner?"])

    def test_unknown_id(self):
        daemon = self.start_daemon()
        ben = self.chat(daemon.port, "ben")
        for to in ("99", "1,99"):
            code, events = self.finish(daemon.port, "ann", "--send", to, "--to", to, "--wait-delivered", "20")
            self.assertEqual(code, NO_USER)
            self.assertEqual([e["unknown"] for e in events if e.get("state") in ("stored", "failed")], [[99]])
            self.assertEqual(self.finish(daemon.port, "ann", "--send", to, "--to", to)[0], NO_USER)
        ben.event("message", text="1,99")
        ben.event("message", text="1,99")
        # A failed one is told once and then forgotten.
        self.assertEqual(self.finish(daemon.port, "ann", "--send", "x", "--to", "1", "--wait-delivered", "20")[0], OK)
        self.assertEqual(received(ben)[-1]["text"], "x")

    def test_too_large(self):
        daemon = self.start_daemon("--max-payload", "1000")
        sends = ["--send", "x" * 5000, "--send", "small"]
        code, events = self.finish(daemon.port, "ann", *sends, "--wait-delivered", "20")
        self.assertEqual(code, DATA_ERROR)
        self.assertEqual([e["text"] for e in events if e.get("state") == "stored"
                          or e.get("state") == "delivered"][-1], "small")
        reasons = [event["reason"] for event in events if event.get("state") == "failed" or event["event"] == "error"]
        self.assertTrue(any("5,000" in reason for reason in reasons), reasons)

    def test_no_server(self):
        with self.serve().socket as closed:
            port = closed.getsockname()[1]
        for number, options in enumerate(([], ["--wait-delivered", "20"]), 1):
            code, events = self.finish(port, "ann", "--send", "kept", *options)
            self.assertEqual(code, UNAVAILABLE)
            reasons = [event["reason"] for event in events if event["event"] == "error"]
            self.assertIn("refused", reasons[0])
            self.assertIn("in the outbox", reasons[-1])
            kept = [event["ref"] for event in events if event.get("state") == "waiting"]
            self.assertEqual(sorted(kept), list(range(1, number + 1)))
        code, events = self.finish(port, "ann", "--send", "kept", "--retry", "--wait-delivered", "0.2")
        self.assertEqual(code, TEMPORARY)
        # What waited is sent with the next one.
        daemon = self.start_daemon("--listen", f"127.0.0.1:{port}")
        self.assertEqual(self.finish(port, "ann", "--send", "last", "--wait-delivered", "20")[0], OK)
        history = daemon.command("history")["messages"]
        self.assertEqual(texts(history), ["kept", "kept", "kept", "last"])

    def test_waits_for_a_late_server(self):
        with self.serve().socket as closed:
            port = closed.getsockname()[1]
        ann = self.start_chat(port, "ann", "--retry", "--send", "hello", "--wait-delivered", str(DEADLINE))
        ann.event("error")
        self.start_daemon("--listen", f"127.0.0.1:{port}")
        self.assertEqual(ann.wait_end(), OK)

    def test_usage(self):
        for options, word in [
            (["--to", "3"], "--name"),
            (["--state", "x"], "--name"),
            (["--transcript", "x"], "--name"),
            (["--new-identity"], "--name"),
            (["--send", "x", "--wait-delivered", "1"], "--name"),
            (["--name", "ann", "--wait-delivered", "1"], "--send"),
            (["--name", "ann", "--send", "x", "--wait-delivered", "soon"], "soon"),
            (["--name", "ann", "--to", "ben"], "ben"),
            (["--name", "ann", "--to", ""], "IDs"),
            (["--name", "ann", "--format", "lines"], "--format"),
            (["--name", ""], "name"),
            (["--name", " ann"], "name"),
            (["--name", "x" * 65], "64"),
        ]:
            with self.subTest(options=options):
                done = subprocess.run([CLI, *options, "127.0.0.1:1"], stdin=subprocess.DEVNULL, capture_output=True,
                                      text=True, timeout=DEADLINE, env=without_display())
                self.assertEqual((done.returncode, done.stderr.count("\n")), (USAGE, 1), done.stderr)
                self.assertIn(word, done.stderr)
                self.assertIn("--help", done.stderr)


class Kept(ChatCliTestCase):
    """Identity, outbox and transcript."""

    def test_profile(self):
        daemon = self.start_daemon()
        for name, number in (("ann", 1), ("ben", 2)):
            self.assertEqual(self.chat(daemon.port, name).id, number)
        token = os.path.join(self.profile(daemon.port, "ann"), "token")
        self.assertEqual(stat.S_IMODE(os.stat(token).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(token)).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(os.path.dirname(token), "outbox")).st_mode), 0o600)
        with open(token, encoding="ascii") as file:
            self.assertRegex(file.read(), r"\A[0-9a-f]{64}\n\Z")

    def test_same_client_again_and_a_new_one(self):
        daemon = self.start_daemon()
        for _ in range(2):
            ann = self.chat(daemon.port, "ann")
            self.assertEqual(ann.id, 1)
            self.end_cli(ann)
        # Another directory is somebody else, whose name this is not.
        other = self.start_cli(daemon.port, "--name", "ann", "--state", self.directory())
        self.assertEqual(other.event("notice")["code"], "name-taken")
        self.assertEqual(other.wait_end(), UNAVAILABLE)
        # Who forgets who it was is somebody else, too, until the operator frees the name.
        code, _ = self.finish(daemon.port, "ann", "--new-identity")
        self.assertEqual(code, UNAVAILABLE)
        self.assertEqual(daemon.command("release ann")["id"], 1)
        new = self.chat(daemon.port, "ann", "--new-identity")
        self.assertGreater(new.id, 1)
        self.end_cli(new)
        self.assertEqual(self.chat(daemon.port, "ann").id, new.id)

    def test_two_at_once_make_their_directories(self):
        daemon = self.start_daemon()
        self.state = os.path.join(self.state, "not", "there", "yet")
        chats = [self.start_chat(daemon.port, f"n{number}") for number in range(8)]
        ids = {chat.event("welcome")["id"] for chat in chats}
        self.assertEqual(len(ids), 8)

    def test_profile_in_use(self):
        daemon = self.start_daemon()
        ann = self.chat(daemon.port, "ann")
        code, events = self.finish(daemon.port, "ann", "--send", "hello")
        self.assertEqual((code, len(events)), (UNAVAILABLE, 1), events)
        for words in ("ann", str(ann.process.pid), "already"):
            self.assertIn(words, events[0]["reason"])
        ann.write_line("not disturbed")
        daemon.message(ann.id, b"not disturbed")
        # It is free again however its user ended.
        ann.kill()
        self.assertEqual(self.finish(daemon.port, "ann", "--send", "hello", "--wait-delivered", "20")[0], OK)
        daemon.message(ann.id, b"hello")

    def test_directory_that_cannot_be_used(self):
        daemon = self.start_daemon()
        blocked = os.path.join(self.state, "file")
        with open(blocked, "w", encoding="utf-8"):
            pass
        self.state = blocked
        code, events = self.finish(daemon.port, "ann", "--send", "hello")
        self.assertEqual((code, len(events)), (UNAVAILABLE, 1))
        self.assertIn(blocked, events[0]["reason"])

    def test_token_that_the_server_does_not_know(self):
        daemon = self.start_daemon()
        self.end_cli(self.chat(daemon.port, "ann"))
        self.stop(daemon)
        daemon = self.start_again(daemon, self.directory())
        code, events = self.finish(daemon.port, "ann", "--retry", "--send", "hello", "--to", "1")
        self.assertEqual(code, UNAVAILABLE)
        self.assertEqual([event["code"] for event in events if event["event"] == "notice"], ["unknown-token"])
        self.assertTrue(any("--new-identity" in event.get("reason", "") for event in events))
        # What was written to the IDs of another server is not sent to these.
        code, events = self.finish(daemon.port, "ann", "--new-identity", "--send", "new", "--wait-delivered", "20")
        self.assertIn("failed", [event.get("state") for event in events if event.get("text") == "hello"])
        self.assertEqual(texts(daemon.command("history")["messages"]), ["new"])

    def test_same_token_from_elsewhere(self):
        daemon = self.start_daemon()
        older = self.chat(daemon.port, "ann", "--retry")
        copy = self.directory()
        shutil.copytree(self.state, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("lock"))
        newer = self.start_cli(daemon.port, "--name", "ann", "--state", copy)
        self.assertEqual(newer.event("welcome")["id"], older.id)
        # It says so and does not fight for the place.
        older.event("notice", code="replaced")
        self.assertEqual(older.wait_end(), UNAVAILABLE)
        daemon.command("send 1 still here")
        newer.event("message", text="still here")
        daemon.command("kick 1")
        newer.event("notice", code="kicked")
        self.assertEqual(newer.wait_end(), UNAVAILABLE)

    def test_outbox_survives_a_kill_while_the_server_is_down(self):
        data = self.directory()
        daemon = self.start_daemon(data_dir=data)
        ben = self.chat(daemon.port, "ben", "--retry")
        self.end_cli(self.chat(daemon.port, "ann"))
        self.stop(daemon)
        ann = self.start_chat(daemon.port, "ann", "--retry")
        written = [f"line {number}" for number in range(1200)]
        for line in written:
            ann.write_line(f"/to 1 {line}")
        for line in written:
            ann.event("message", text=line, state="waiting")
        ann.signal(signal.SIGKILL)
        ann.wait_end()

        daemon = self.start_again(daemon, data)
        ann = self.chat(daemon.port, "ann")
        ann.write_line("/to 1 last")
        ben.event("message", text="last")
        self.assertEqual(texts(received(ben)), written)
        ann.event("message", text="last", state="delivered")
        for ref in (1, 1200):
            self.assertEqual(ann.event("message", ref=ref, state="stored")["to"], [1])
        self.end_cli(ann)
        # And only once.
        again = self.chat(daemon.port, "ann")
        again.write_line("/to 1 marker")
        ben.event("message", text="marker")
        self.assertEqual(texts(received(ben)), written)

    def test_written_while_the_server_restarts(self):
        data = self.directory()
        daemon = self.start_daemon(data_dir=data)
        ann, ben = (self.chat(daemon.port, name, "--retry") for name in ("ann", "ben"))
        ann.write_line("/to 2 before")
        ben.event("message", text="before")
        daemon.signal(signal.SIGKILL)
        daemon.wait_end()
        for chat in (ann, ben):
            chat.event("error")
        ann.write_line("/to 2 meanwhile")
        ann.event("message", text="meanwhile", state="waiting")
        self.start_again(daemon, data)
        ann.event("message", text="meanwhile", state="delivered")
        self.assertEqual(texts(received(ben)), ["meanwhile"])

    def transcript(self, path):
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_transcript(self):
        daemon = self.start_daemon()
        path = os.path.join(self.state, "room.jsonl")
        log = self.chat(daemon.port, "log", "--transcript", path)
        daemon.command("send all one")
        log.event("message", text="one")
        log.signal(signal.SIGKILL)
        log.wait_end()
        with open(path, "a", encoding="utf-8") as file:
            file.write('{"seq":2,"fr')
        daemon.event("presence", id=1, state="offline")
        for text in ("two", "three\\n"):
            daemon.command(f"send 1 {text}")
        log = self.chat(daemon.port, "log", "--transcript", path)
        log.event("message", text="three\\n")
        self.end_cli(log)
        messages = self.transcript(path)
        self.assertEqual(texts(messages), ["one", "two", "three\\n"])
        self.assertEqual([(m["seq"], m["from"], m["to"]) for m in messages], [(1, 0, None), (2, 0, [1]), (3, 0, [1])])
        # What the file does not have comes again, whatever was acknowledged.
        with open(path, encoding="utf-8") as file:
            first = file.readline()
        with open(path, "w", encoding="utf-8") as file:
            file.write(first)
        log = self.chat(daemon.port, "log", "--transcript", path)
        log.event("message", text="three\\n")
        self.end_cli(log)
        self.assertEqual(self.transcript(path), messages)

    def test_file_that_is_no_transcript(self):
        daemon = self.start_daemon()
        path = os.path.join(self.state, "letter.txt")
        for text in ("Dear Ann,\nyours\n", "no line feed", '{"name":"settings"}\n'):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            code, events = self.finish(daemon.port, "log", "--transcript", path, "--send", "x")
            self.assertEqual((code, len(events)), (CONFIGURATION, 1))
            self.assertIn(path, events[0]["reason"])
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), text)
        code, events = self.finish(daemon.port, "log", "--transcript", os.path.join(path, "below"), "--send", "x")
        self.assertEqual((code, len(events)), (CONFIGURATION, 1))


class Readme(ChatCliTestCase):
    """Its sample commands work as they are written, but for the server's port."""

    def samples(self, port):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            block = file.read().partition("With a name `wireroom-cli` speaks chat:")[2].partition("```sh\n")[2]
        for line in block.partition("```")[0].splitlines():
            words = shlex.split(line, comments=True)
            words[0] = {"wireroom-cli": CLI, "python3": sys.executable}[words[0]]
            yield [word.replace("4040", str(port)).replace("resources/", f"{ROOT}/resources/") for word in words]

    def test_samples(self):
        daemon = self.start_daemon()
        environment = {**without_display(), "HOME": self.state}
        environment.pop("XDG_DATA_HOME", None)
        options = {"env": environment, "cwd": self.state}
        ann, bot, log, ben = self.samples(daemon.port)
        ann = self.run_program(*ann, **options)
        daemon.event("presence", id=1, name="ann", state="online")
        log = self.run_program(*log, **options)
        daemon.event("presence", id=2, name="log", state="online")
        log.end_input()
        bot = self.run_program(*bot, **options)
        ann.take_line("#3 bot → you: lunch?")
        self.assertEqual(bot.wait_end(), OK)
        ben = self.run_program(*ben, **options)
        daemon.event("presence", name="ben", state="online")
        ben.write_line("1,2: yes")
        ann.take_line("#4 ben → you, #2 log: yes")
        path = os.path.join(self.state, "room.jsonl")
        daemon.command("send 2 to the log")
        daemon.event("delivered", id=2)
        with open(path, encoding="utf-8") as file:
            self.assertEqual([json.loads(line)["text"] for line in file], ["yes", "to the log"])
        log.signal(signal.SIGTERM)
        self.assertEqual(log.wait_end(), OK)


class NoChatServer(ChatCliTestCase):
    def test_a_server_that_speaks_something_else(self):
        server = self.serve("u32be")
        ann = self.start_chat(server.port, "ann")
        peer = server.accept()
        self.assertTrue(peer.receive().startswith(b"\xd9\xd9\xf7"))
        peer.send(b"hello")
        self.assertIn("does not speak the chat protocol", ann.event("error")["reason"])
        self.assertEqual(ann.wait_end(), UNAVAILABLE)
        peer.close()

    def test_a_server_that_closes(self):
        server = self.serve("u32be")
        ann = self.start_chat(server.port, "ann")
        peer = server.accept()
        peer.receive()
        peer.close()
        ann.event("error")
        self.assertEqual(ann.wait_end(), UNAVAILABLE)


if __name__ == "__main__":
    main()

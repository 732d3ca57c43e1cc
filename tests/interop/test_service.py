# SPDX-License-Identifier: Apache-2.0
"""wireroom-serverd as a service: what it tells systemd, the journal and Prometheus, and what its unit allows it."""

import http.client
import os
import re
import socket
import subprocess
import unittest

from wireroomtest import DEADLINE, Peer, Program, WireroomTestCase, main, require, without_display

SERVERD = os.environ["WIREROOM_SERVERD"]
UNIT = os.environ.get("WIREROOM_UNIT", "")

USAGE, UNAVAILABLE = 64, 69


class Manager(WireroomTestCase):
    """A service manager's socket, as sd_notify(3) describes it."""

    def start(self, name, options=(), **environment):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.settimeout(DEADLINE)
        self.socket.bind(name)
        shown = "@" + name[1:] if name.startswith("\0") else name
        daemon = self.run_program(
            SERVERD, "--listen", "127.0.0.1:0", "--data-dir", self.directory(), *options,
            env={**without_display(), "NOTIFY_SOCKET": shown, **environment},
        )
        return daemon

    def hear(self, wanted):
        """The next message that is this one; others before it are returned."""
        before = []
        while True:
            message = self.socket.recv(4096).decode()
            if message == wanted:
                return before
            before.append(message)

    def test_ready_and_stopping(self):
        for name in (os.path.join(self.directory(), "notify"), f"\0wireroom-test-{os.getpid()}"):
            with self.subTest(name):
                daemon = self.start(name)
                self.assertEqual(self.hear("READY=1"), [])
                # It is there: not a moment too early.
                port = int(re.search(r"Listening on 127\.0\.0\.1:(\d+)", daemon.take(lambda l: "Listening" in l, "it")).group(1))
                Peer.to(port).close()
                daemon.write_line("stop")
                self.assertEqual(self.hear("STOPPING=1"), [])
                self.assertEqual(daemon.wait_end(), 0)

    def test_the_dog_is_fed(self):
        daemon = self.start(os.path.join(self.directory(), "notify"), WATCHDOG_USEC="300000")
        self.hear("READY=1")
        for _ in range(5):
            self.hear("WATCHDOG=1")
        daemon.write_line("stop")
        self.hear("STOPPING=1")
        self.assertEqual(daemon.wait_end(), 0)

    def test_somebody_elses_dog(self):
        daemon = self.start(os.path.join(self.directory(), "notify"), WATCHDOG_USEC="1000", WATCHDOG_PID="1")
        self.assertEqual(self.hear("READY=1"), [])
        daemon.write_line("stop")
        self.assertEqual(self.hear("STOPPING=1"), [])
        self.assertEqual(daemon.wait_end(), 0)

    def test_a_manager_that_is_not_there(self):
        for place in ("/nowhere/notify", "relative", "@", "/" + "x" * 200):
            with self.subTest(place):
                daemon = self.run_program(
                    SERVERD, "--listen", "127.0.0.1:0", "--data-dir", self.directory(),
                    env={**without_display(), "NOTIFY_SOCKET": place},
                )
                daemon.take(lambda line: "Listening" in line, "that it listens")
                daemon.write_line("stop")
                self.assertEqual(daemon.wait_end(), 0)


class Journal(WireroomTestCase):
    def run_logged(self, *options, is_journal=True):
        """Its standard output and error are one stream, which it is told to be the journal's."""
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        ours.settimeout(DEADLINE)
        status = os.fstat(theirs.fileno())
        inode = status.st_ino if is_journal else status.st_ino + 1
        process = subprocess.Popen(
            [SERVERD, "--listen", "127.0.0.1:0", "--data-dir", self.directory(), *options],
            stdin=subprocess.PIPE, stdout=theirs, stderr=theirs,
            env={**without_display(), "JOURNAL_STREAM": f"{status.st_dev}:{inode}"},
        )
        self.addCleanup(process.wait, DEADLINE)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdin.close)
        theirs.close()
        return process, ours.makefile(encoding="utf-8")

    def test_lines_have_priorities(self):
        process, lines = self.run_logged()
        first = lines.readline()
        self.assertRegex(first, r"^<5>Listening on 127\.0\.0\.1:\d+\.$")
        port = int(first.rstrip(".\n").rpartition(":")[2])
        peer = Peer.to(port)
        peer.send(b"hello")
        connected = next(line for line in lines if "connected" in line)
        self.assertRegex(connected, r"^<6>Client 1 connected")
        peer.send_raw(b"\xff\xff\xff\xff")  # over the limit
        refused = next(line for line in lines if "Refused" in line)
        self.assertRegex(refused, "^<4>Refused ")
        peer.close()
        process.stdin.write(b"stop\n")
        process.stdin.flush()
        self.assertIn("<5>Stopped.\n", lines.readlines())
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_errors_too(self):
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        process, lines = self.run_logged("--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertRegex(lines.readline(), "^<3>")
        self.assertEqual(process.wait(DEADLINE), UNAVAILABLE)

    def test_another_stream_is_none(self):
        process, lines = self.run_logged(is_journal=False)
        self.assertRegex(lines.readline(), r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} Listening")
        process.stdin.write(b"stop\n")
        process.stdin.flush()
        self.assertEqual(process.wait(DEADLINE), 0)


class Metrics(WireroomTestCase):
    def setUp(self):
        self.daemon = self.start_daemon("--metrics", "127.0.0.1:0", "--plain-policy", "echo", "--format", "u32le")
        place = self.daemon.event("metrics")
        self.assertEqual(place["address"], "127.0.0.1")
        self.port = place["port"]

    def ask(self, method="GET", path="/metrics"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        self.addCleanup(connection.close)
        connection.request(method, path)
        return connection.getresponse()

    def values(self):
        response = self.ask()
        self.assertEqual(response.status, 200)
        self.assertEqual(response.getheader("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
        lines = response.read().decode().splitlines()
        samples = [line for line in lines if not line.startswith("#")]
        for line in samples:
            self.assertRegex(line, r"^wireroom_[a-z_]+ \d+$")
            name = line.split()[0]
            self.assertIn(f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}", lines)
            self.assertTrue(any(other.startswith(f"# HELP {name} ") for other in lines))
        return {line.split()[0].removeprefix("wireroom_"): int(line.split()[1]) for line in samples}

    def test_what_is_counted(self):
        before = self.values()
        self.assertEqual(before["clients"], 0)
        self.assertEqual((before["history_kept"], before["history_failing"]), (1, 0))
        peer = self.connect(self.daemon)
        for _ in range(3):
            self.assert_echo(peer, b"seven b")
        after = self.values()
        self.assertEqual(
            {name: after[name] for name in ("clients", "messages_received_total", "messages_sent_total",
                                            "received_bytes_total", "sent_bytes_total", "queued_bytes")},
            {"clients": 1, "messages_received_total": 3, "messages_sent_total": 3, "received_bytes_total": 21,
             "sent_bytes_total": 21, "queued_bytes": 0},
        )
        peer.send_raw(b"\xff\xff\xff\xff")
        self.daemon.event("refused")
        self.assertEqual(self.values()["refusals_total"], before["refusals_total"] + 1)

    def test_other_questions(self):
        for method, path, status in (("GET", "/", 404), ("GET", "/metrics/x", 404), ("POST", "/metrics", 405)):
            with self.subTest(f"{method} {path}"):
                self.assertEqual(self.ask(method, path).status, status)
        for request, status in ((b"nonsense\r\n\r\n", b"400"), (b"GET /metrics HTTP/1.0\r\nX: " + b"x" * 9000, b"431")):
            with self.subTest(request[:20]):
                with socket.create_connection(("127.0.0.1", self.port), DEADLINE) as peer:
                    peer.settimeout(DEADLINE)
                    peer.sendall(request)
                    self.assertEqual(peer.recv(4096).split()[1], status)
        self.assertEqual(self.ask().status, 200)

    def test_the_silent_do_not_hold_it_up(self):
        silent = [socket.create_connection(("127.0.0.1", self.port), DEADLINE) for _ in range(40)]
        for peer in silent:
            self.addCleanup(peer.close)
        # Sixteen are waited for, five seconds at most; the others are closed at once.
        for _ in range(100):
            try:
                self.assertEqual(self.ask().status, 200)
                return
            except (ConnectionError, http.client.HTTPException):
                silent[0].settimeout(DEADLINE)
                silent[0].recv(1)  # until the deadline makes room
        self.fail("no answer while others are silent")

    def test_places_that_are_none(self):
        for place, code, word in (
            ("*:0", USAGE, "this machine alone"),
            ("0.0.0.0:0", USAGE, "this machine alone"),
            ("192.0.2.1:9404", USAGE, "this machine alone"),
            ("[::]:0", USAGE, "this machine alone"),
            ("example.org:9404", USAGE, "this machine alone"),
            ("nonsense", USAGE, "HOST:PORT"),
            (f"127.0.0.1:{self.port}", UNAVAILABLE, "No metrics at"),
        ):
            with self.subTest(place):
                daemon = self.run_program(SERVERD, "--data-dir", self.directory(), "--listen", "127.0.0.1:0",
                                          "--metrics", place)
                self.assertEqual(daemon.wait_end(), code)
                self.assertIn(word, "".join(daemon.errors))

    def test_as_the_configuration_says(self):
        path = os.path.join(self.directory(), "server.ini")
        with open(path, "w", encoding="utf-8") as file:
            file.write("[server]\nmetrics=127.0.0.1:0\n")
        place = self.start_daemon("--config", path).event("metrics")
        self.assertEqual(place["address"], "127.0.0.1")
        self.assertGreater(place["port"], 0)

    def test_none_unless_asked_for(self):
        daemon = self.start_daemon()
        self.assertEqual(daemon.untaken_events("metrics"), [])


class Unit(unittest.TestCase):
    def setUp(self):
        self.assertTrue(UNIT, "WIREROOM_UNIT names the unit file")
        self.tool = require("systemd", "systemd-analyze")

    def test_exposure(self):
        done = subprocess.run([self.tool, "security", "--offline=true", "--no-pager", UNIT], capture_output=True,
                              text=True, check=False, timeout=DEADLINE)
        found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
        self.assertTrue(found, done.stdout + done.stderr)
        print(f"exposure {found.group(1)}")
        self.assertLessEqual(float(found.group(1)), 2.0, done.stdout)

    def test_it_makes_sense(self):
        with open(UNIT, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("@CMAKE", text)
        self.assertRegex(text, r"(?m)^ExecStart=/\S+/wireroom-serverd ")
        done = subprocess.run([self.tool, "verify", "--man=no", UNIT], capture_output=True, text=True, check=False,
                              timeout=DEADLINE)
        complaints = [line for line in done.stderr.splitlines()
                      if os.path.basename(UNIT) in line and "is not executable" not in line]
        self.assertEqual(complaints, [])

    def test_its_options_are_understood(self):
        """The command line of the unit, started with a state directory of our own."""
        with open(UNIT, encoding="utf-8") as file:
            command = re.search(r"(?m)^ExecStart=\S+ (.*)$", file.read()).group(1)
        options = [part for part in command.split() if part.startswith("--")]
        help_text = subprocess.run([SERVERD, "--help"], capture_output=True, text=True, check=True).stdout
        for option in options:
            self.assertIn(option, help_text)


if __name__ == "__main__":
    main()

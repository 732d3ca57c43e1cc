# SPDX-License-Identifier: Apache-2.0
"""What the interoperability tests share: the programs, their events with deadlines, and peers of our own making.

Nothing here waits for a fixed time: each wait is for a condition, and fails with everything the programs said once
DEADLINE has passed. The programs under test are named by WIREROOM_SERVERD and WIREROOM_CLI.
"""

import json
import os
import pty
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

DEADLINE = 30.0
"""Seconds until a wait has failed; long, because a loaded machine or a sanitizer is no fault."""

SKIPPED = 77
"""The exit code that CTest knows as "skipped"."""

PREFIXES = {
    "u8": "<B",
    "u16le": "<H",
    "u16be": ">H",
    "u32le": "<I",
    "u32be": ">I",
    "u64le": "<Q",
    "u64be": ">Q",
}
"""The formats with a length in front, as Python's struct module writes them."""

FORMATS = [*PREFIXES, "lines", "stream"]

ANSWERS = {"sent", "clients", "kicked", "banned", "unbanned", "bans", "policy", "released", "history", "help", "stopping"}
"""Events that only ever answer a command; an answer may also be an "error" that names the command."""


def everything_is_required():
    """True where a missing tool must fail the test, because what it needs was to be installed."""
    return os.environ.get("CI") == "true" or os.environ.get("WIREROOM_REQUIRE_ALL") == "1"


def require(package, *names):
    """The path of the first of these tools that is there; else the test is skipped, or fails where all is required."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    message = f"{names[-1]} is not installed: apt-get install {package}"
    if everything_is_required():
        raise AssertionError(message)
    raise unittest.SkipTest(message)


def without_display():
    """The environment of a machine that has no display."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "QT_QPA_PLATFORM")
    }


class Program:
    """A running program: its lines as they come, taken with deadlines, and its end. Killed by its own process ID."""

    def __init__(self, command, terminal=False, stderr_is_output=False, **options):
        self.arguments = [str(part) for part in command]
        self.lines = []
        self.errors = []
        self._untaken = []
        self._changed = threading.Condition()
        self._readers = []
        self._ended = False
        options.setdefault("env", without_display())
        if terminal:
            ours, theirs = pty.openpty()
            self.process = subprocess.Popen(
                self.arguments, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, **options
            )
            os.close(theirs)
            self._input = os.fdopen(ours, "wb", buffering=0)
            self._read(os.dup(ours), self._line_came)
        else:
            pipe = subprocess.PIPE
            errors = subprocess.STDOUT if stderr_is_output else pipe
            self.process = subprocess.Popen(
                self.arguments, stdin=pipe, stdout=pipe, stderr=errors, bufsize=0, **options
            )
            self._input = self.process.stdin
            self._read(self.process.stdout.fileno(), self._line_came)
            if not stderr_is_output:
                self._read(self.process.stderr.fileno(), self.errors.append)

    def _read(self, descriptor, line_came):
        def run():
            pending = b""
            while True:
                try:
                    block = os.read(descriptor, 1 << 16)
                except OSError:  # a terminal whose other side is closed
                    block = b""
                if not block:
                    break
                *whole, pending = (pending + block).split(b"\n") if b"\n" in block else (pending + block,)
                for line in whole:
                    line_came(line.decode(errors="surrogateescape").rstrip("\r"))
            if pending:
                line_came(pending.decode(errors="surrogateescape"))
            with self._changed:
                self._ended = self._ended or line_came == self._line_came
                self._changed.notify_all()

        reader = threading.Thread(target=run, daemon=True)
        reader.start()
        self._readers.append(reader)

    def _line_came(self, line):
        with self._changed:
            self.lines.append(line)
            self._untaken.append(self._parse(line))
            self._changed.notify_all()

    def _parse(self, line):
        return line

    def take(self, wanted, what):
        """The first line not taken yet that `wanted` accepts, waited for; later calls do not see it again."""
        until = time.monotonic() + DEADLINE
        with self._changed:
            while True:
                for index, item in enumerate(self._untaken):
                    if wanted(item):
                        return self._untaken.pop(index)
                left = until - time.monotonic()
                if self._ended or left <= 0:
                    why = "it has ended" if self._ended else f"{DEADLINE:.0f} s have passed"
                    raise AssertionError(f"Waited for {what}, but {why}.\n{self.transcript()}")
                self._changed.wait(left)

    def take_line(self, text):
        return self.take(lambda line: line == text, f"the line {text[:80]!r}")

    def untaken(self):
        """What has come and was not taken."""
        with self._changed:
            return list(self._untaken)

    def write(self, data):
        self._input.write(data)

    def write_line(self, text):
        # A pipe takes what it has room for; the rest follows.
        data = memoryview(text.encode() + b"\n")
        while data:
            data = data[self._input.write(data) :]

    def end_input(self):
        self._input.close()

    def signal(self, number):
        self.process.send_signal(number)

    def wait_end(self):
        """Waits until it has ended by itself, and its output is read to the end. Returns the exit code."""
        try:
            code = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"Waited for its end, but {DEADLINE:.0f} s have passed.\n{self.transcript()}") from None
        for reader in self._readers:
            reader.join(DEADLINE)
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.wait_end()

    def release(self):
        """Ends it if need be, and gives back what it held."""
        self.kill()
        for pipe in (self._input, self.process.stdout, self.process.stderr):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass

    def transcript(self):
        def shown(lines):
            return "".join(f"    {line[:400]}\n" for line in lines[-60:]) or "    (nothing)\n"

        return (
            f"  {' '.join(self.arguments)[:400]}\n  (exit code so far: {self.process.poll()})\n"
            f"  said:\n{shown(self.lines)}  on standard error:\n{shown(self.errors)}"
        )


class JsonProgram(Program):
    """One of ours, started with --json: its lines are events."""

    def _parse(self, line):
        try:
            return json.loads(line)
        except ValueError:
            return {"event": "not JSON", "line": line}

    def event(self, kind, **fields):
        """The first event of this kind, not taken yet, that has these fields."""

        def wanted(event):
            return event["event"] == kind and all(event.get(name) == value for name, value in fields.items())

        return self.take(wanted, f"the event {kind} {str(fields)[:200]}")

    def untaken_events(self, kind):
        return [event for event in self.untaken() if event["event"] == kind]


class Daemon(JsonProgram):
    """wireroom-serverd --json, ready to be spoken to."""

    def __init__(self, *options):
        super().__init__([os.environ["WIREROOM_SERVERD"], "--json", *options])
        self.port = None

    def wait_listening(self):
        self.port = self.event("listening")["port"]
        return self

    def command(self, text):
        """Types one command; returns its answer."""
        self.write_line(text)

        def is_answer(event):
            return event["event"] in ANSWERS or (event["event"] == "error" and "command" in event)

        return self.take(is_answer, f"the answer to {text[:80]!r}")

    def message(self, client, payload):
        """Waits for that message of that client."""
        try:
            return self.event("message", **{"from": client}, text=payload.decode())
        except UnicodeDecodeError:
            return self.event("message", **{"from": client}, hex=payload.hex())

    def client_of(self, peer):
        """Waits until the peer is let in; returns its ID."""
        return self.event("connected", port=peer.port)["id"]


class Peer:
    """A socket that speaks one format, made without any of Wireroom's code."""

    def __init__(self, sock, wire_format):
        self.socket = sock
        self.format = wire_format
        self.port = sock.getsockname()[1]
        sock.settimeout(DEADLINE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @classmethod
    def to(cls, port, wire_format="u32le"):
        return cls(socket.create_connection(("127.0.0.1", port), DEADLINE), wire_format)

    def frame(self, payload):
        if self.format in PREFIXES:
            return struct.pack(PREFIXES[self.format], len(payload)) + payload
        return payload + b"\n" if self.format == "lines" else payload

    def send(self, payload):
        self.send_raw(self.frame(payload))

    def send_raw(self, data):
        self.socket.sendall(data)

    def finish_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def receive(self):
        """The next message; with `stream`, all that comes until the end."""
        if self.format in PREFIXES:
            prefix = PREFIXES[self.format]
            return self._receive_exactly(struct.unpack(prefix, self._receive_exactly(struct.calcsize(prefix)))[0])
        if self.format == "lines":
            line = b""
            while not line.endswith(b"\n"):
                line += self._receive_exactly(1)
            return line[:-1]
        return self.receive_rest()

    def _receive_exactly(self, count):
        data = bytearray()
        while len(data) < count:
            block = self.socket.recv(count - len(data))
            if not block:
                raise AssertionError(f"The connection ended after {len(data)} of {count} bytes: {bytes(data[:80])!r}")
            data += block
        return bytes(data)

    def receive_rest(self):
        """Everything until the other side's end; a reset is an error."""
        blocks = []
        while block := self.socket.recv(1 << 16):
            blocks.append(block)
        return b"".join(blocks)

    def close(self):
        self.socket.close()


class PeerServer:
    """A listening socket whose connections are peers."""

    def __init__(self, wire_format):
        self.format = wire_format
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(DEADLINE)
        self.port = self.socket.getsockname()[1]

    def accept(self):
        return Peer(self.socket.accept()[0], self.format)

    def close(self):
        self.socket.close()


class WireroomTestCase(unittest.TestCase):
    """Starts programs and sockets, and clears them away. When a test fails, shows what its programs said."""

    maxDiff = 2000

    def run(self, result=None):
        self._programs = []
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            for program in self._programs:
                print(program.transcript(), file=sys.stderr)

    def directory(self):
        """A new directory, gone after the test."""
        path = tempfile.TemporaryDirectory(prefix="wireroom-test-")
        self.addCleanup(path.cleanup)
        return path.name

    def _keep(self, program):
        self._programs.append(program)
        self.addCleanup(program.release)
        return program

    def run_program(self, *command, **options):
        return self._keep(Program(command, **options))

    def start_daemon(self, *options, data_dir=None):
        """wireroom-serverd, listening on a free port unless the options say otherwise. It must end well, too."""
        daemon = self.try_daemon(*options, data_dir=data_dir)
        self.addCleanup(self._end_daemon, daemon)
        return daemon.wait_listening()

    def try_daemon(self, *options, data_dir=None):
        """wireroom-serverd as start_daemon() starts it, but it may fail."""
        options = list(options)
        if "--listen" not in options:
            options += ["--listen", "127.0.0.1:0"]
        return self._keep(Daemon("--data-dir", data_dir or self.directory(), *options))

    def _end_daemon(self, daemon):
        if daemon.process.poll() is None:
            daemon.signal(signal.SIGTERM)
            self.assertEqual(daemon.wait_end(), 0, "wireroom-serverd did not end well")
        if daemon.process.returncode != -signal.SIGKILL:
            self.assertEqual(daemon.process.returncode, 0, "wireroom-serverd did not end well")
        self.assertEqual(daemon.errors, [], "wireroom-serverd wrote to standard error")

    def start_cli(self, port, *options):
        """wireroom-cli --json on that port of this machine."""
        return self._keep(JsonProgram([os.environ["WIREROOM_CLI"], "--json", *options, f"127.0.0.1:{port}"]))

    def end_cli(self, cli):
        """No more lines for it: it ends once its --wait is over."""
        cli.end_input()
        self.assertEqual(cli.wait_end(), 0)

    def connect(self, daemon, wire_format="u32le"):
        """A peer that the daemon has not been waited for to notice."""
        peer = Peer.to(daemon.port, wire_format)
        self.addCleanup(peer.close)
        return peer

    def serve(self, wire_format="u32le"):
        server = PeerServer(wire_format)
        self.addCleanup(server.close)
        return server

    def assert_echo(self, peer, payload):
        """To a daemon with the policy `echo`: it comes back, and nothing else does before it."""
        peer.send(payload)
        self.assertEqual(peer.receive(), payload)

    def assert_closed_cleanly(self, peer):
        """The other side has closed: no more bytes, and no reset."""
        self.assertEqual(peer.receive_rest(), b"")


def main():
    """Runs the tests of the file that was started; ends with SKIPPED where one of them lacked a tool."""
    result = unittest.main(exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    for test, reason in result.skipped:
        print(f"SKIPPED {test}: {reason}", file=sys.stderr)
    if result.skipped:
        sys.exit(SKIPPED)
    sys.exit(0 if result.testsRun > 0 else 1)

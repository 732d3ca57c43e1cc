# SPDX-License-Identifier: Apache-2.0
"""What the fault tests share: the bad network, chat spoken by hand, and what the system says of a program.

The programs are named by WIREROOM_FAULTPROXY, WIREROOM_SERVERD and WIREROOM_CLI.
"""

import http.client
import os
import re
import resource
import socket
import ssl
import time

from wireroomtest import DEADLINE, Daemon, JsonProgram, Peer, Program, WireroomTestCase

TAG = bytes.fromhex("d9d9f7")
"""What the first payload of a chat client begins with."""

SLOWER = 10 if os.environ.get("WIREROOM_SANITIZED") == "1" else 1
"""How much longer a time may be than what is promised."""

TICK = os.sysconf("SC_CLK_TCK")


class Proxy(JsonProgram):
    """wireroom-faultproxy before a port of this machine."""

    def __init__(self, port, *options):
        super().__init__([os.environ["WIREROOM_FAULTPROXY"], "--to", f"127.0.0.1:{port}", *options])
        self.port = self.event("listening")["port"]

    def faults(self):
        return [event["fault"] for event in self.untaken_events("fault")]


class LimitedDaemon(Daemon):
    """wireroom-serverd that may have so many descriptors, and not more."""

    def __init__(self, descriptors, *options):
        limit = f"--nofile={descriptors}:{descriptors}"
        JsonProgram.__init__(self, ["prlimit", limit, os.environ["WIREROOM_SERVERD"], "--json", *options])
        self.port = None


class QuietDaemon(Program):
    """wireroom-serverd that does not tell each message, and whose counters can be read."""

    def __init__(self, *options):
        super().__init__([os.environ["WIREROOM_SERVERD"], "--metrics", "127.0.0.1:0", *options])
        self.port = self._port(r"Listening on .*:(\d+)\.")
        self._metrics = self._port(r"Metrics at http://.*:(\d+)/metrics\.")

    def _port(self, words):
        return int(re.search(words, self.take(lambda line: re.search(words, line), words)).group(1))

    def counters(self):
        connection = http.client.HTTPConnection("127.0.0.1", self._metrics, timeout=DEADLINE)
        try:
            connection.request("GET", "/metrics")
            lines = connection.getresponse().read().decode().splitlines()
        finally:
            connection.close()
        return {name.removeprefix("wireroom_"): int(value)
                for name, value in (line.split() for line in lines if not line.startswith("#"))}


def connect(port, address="127.0.0.1", receive_buffer=None, encrypted=False):
    """A socket to that port, from that address; its certificate is not what these tests are about."""
    plain = socket.socket()
    try:
        plain.settimeout(DEADLINE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.bind((address, 0))
        plain.connect(("127.0.0.1", port))
        return anybody().wrap_socket(plain) if encrypted else plain
    except Exception:
        plain.close()
        raise


def anybody():
    """A TLS client's side that trusts everybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def allow_many_descriptors():
    """As many sockets as the system lets this program have; how many that is."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def hello(name, token=None):
    """A Hello's payload."""
    text = name.encode()
    assert len(text) < 24
    secret = b"\xf6" if token is None else bytes([0x58, len(token)]) + token
    return TAG + b"\x86\x01\x01" + bytes([0x60 + len(text)]) + text + secret + b"\xf6\xf6"


def ping(clock):
    return bytes([0x82, 0x0B, clock])


def pong(clock):
    return bytes([0x82, 0x0C, clock])


BYE = b"\x82\x10\x60"


def token_of(welcome):
    """Of a Welcome, with or without its prefix (which may be 58 20 itself): behind type, version and ID."""
    at = welcome.index(TAG + b"\x89\x02\x01") + 6
    at += {24: 2, 25: 3, 26: 5, 27: 9}.get(welcome[at] & 31, 1)
    if welcome[at : at + 2] != b"\x58\x20":
        raise AssertionError(f"That has no token: {welcome[:80]!r}")
    return welcome[at + 2 : at + 34]


class ChatPeer(Peer):
    """Joins at once."""

    def __init__(self, sock, name, token=None):
        super().__init__(sock, "u32be")
        self.send(hello(name, token))
        welcome = self.receive()
        if welcome[:5] != TAG + b"\x89\x02":
            raise AssertionError(f"That is no Welcome: {welcome[:80]!r}")
        self.token = token_of(welcome)

    def answers(self):
        """True once it has a Pong for a Ping; what comes meanwhile is dropped."""
        self.send(ping(7))
        while self.receive() != pong(7):
            pass
        return True


class FaultTestCase(WireroomTestCase):
    def start_quiet_daemon(self, *options):
        daemon = self._keep(QuietDaemon("--listen", "127.0.0.1:0", "--data-dir", self.directory(), *options))
        self.addCleanup(self._end_daemon, daemon)
        return daemon

    def start_proxy(self, port, *options):
        return self._keep(Proxy(port, *options))

    def wait_until(self, condition, what):
        until = time.monotonic() + 2 * DEADLINE
        while not condition():
            self.assertLess(time.monotonic(), until, f"waited for {what}")
            time.sleep(0.02)

    def resident(self, program):
        """The memory that it has, in bytes."""
        with open(f"/proc/{program.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self, program):
        return len(os.listdir(f"/proc/{program.process.pid}/fd"))

    def processor_seconds(self, program):
        with open(f"/proc/{program.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def starved_threads(self, pid):
        """How long each thread of a process has waited for a core that others had; nothing where the system does not
        tell."""
        waited = []
        for thread in os.listdir(f"/proc/{pid}/task"):
            try:
                with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                    waited.append(int(file.read().split()[1]) / 1e9)
            except (FileNotFoundError, ProcessLookupError):
                pass  # it has just ended
        return waited

    def starved_seconds(self, pid):
        """The same of the busiest thread."""
        return max(self.starved_threads(pid), default=0.0)

    def stopwatch(self, program):
        """What it returns tells the seconds since, without those for which other programs had the cores."""
        pids = (program.process.pid, os.getpid())
        began, starved = time.monotonic(), [self.starved_seconds(pid) for pid in pids]

        def seconds():
            waited = max(self.starved_seconds(pid) - before for pid, before in zip(pids, starved))
            return time.monotonic() - began - waited

        return seconds

    def come_in(self, port, name, address="127.0.0.1", encrypted=False):
        """A real client, which comes again where its place was taken, as all do: a busy machine may hold it up so long."""
        until = time.monotonic() + DEADLINE
        while True:
            try:
                with connect(port, address, encrypted=encrypted) as sock:
                    return self.assertTrue(ChatPeer(sock, name).answers())
            except (OSError, AssertionError):
                if time.monotonic() > until:
                    raise

# SPDX-License-Identifier: Apache-2.0
"""Many TLS chat clients that lose the server at once and come back at once: each with a whole handshake, each under its
own name. One thread does it all."""

import selectors
import socket
import ssl
import time

from faulttest import anybody, hello, ping, token_of

RETRY = 0.5
"""Seconds until who was turned away comes again; Wireroom's own clients begin with about that."""


class Client:
    """One of them: never waits, goes on where its socket can."""

    def __init__(self, number, context):
        self.name = f"client {number}"
        self.token = None
        self.isIn = False
        self._context = context
        self._socket = None

    def come(self, port, selector):
        self.drop(selector)
        plain = socket.socket()
        plain.setblocking(False)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.connect_ex(("127.0.0.1", port))
        # Not connected yet; the handshake begins when it can be written to.
        self._socket, self._isConnected, self._isSecure = plain, False, False
        self._pending = b""
        selector.register(plain, selectors.EVENT_WRITE, self)

    def drop(self, selector):
        if self._socket:
            try:
                selector.unregister(self._socket)
            except KeyError:
                pass
            self._socket.close()
            self._socket = None
        self.isIn = False

    def go_on(self, selector):
        """False where the connection has ended."""
        try:
            if not self._isConnected:
                if error := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    raise OSError(error, "not connected")
                selector.unregister(self._socket)
                self._socket = self._context.wrap_socket(self._socket, do_handshake_on_connect=False)
                self._isConnected = True
                selector.register(self._socket, selectors.EVENT_READ, self)
            if not self._isSecure:
                self._socket.do_handshake()
                self._isSecure = True
                self._send(hello(self.name, self.token))
            while block := self._socket.recv(1 << 16):
                # The others' presence comes as well, later.
                if not self.isIn:
                    self._pending += block
                    self.look()
                elif ping(0)[:2] in block:
                    self._send(ping(1))  # as good a sign of life as a Pong
            return False
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False

    def _send(self, words):
        self._socket.sendall(len(words).to_bytes(4, "big") + words)

    def look(self):
        if len(self._pending) < 4 or len(self._pending) < 4 + int.from_bytes(self._pending[:4], "big"):
            return
        if self._pending[4:9] != b"\xd9\xd9\xf7\x89\x02":
            raise AssertionError(f"That is no Welcome: {self._pending[:80]!r}")
        self.token = token_of(self._pending)
        self._pending = b""
        self.isIn = True


class Comeback:
    """All of them, and how they come."""

    def __init__(self, case, count):
        self._case = case
        self._selector = selectors.DefaultSelector()
        case.addCleanup(self._selector.close)
        context = anybody()
        self._clients = [Client(number, context) for number in range(count)]
        for client in self._clients:
            case.addCleanup(client.drop, self._selector)

    def tokens(self):
        return {client.name: client.token for client in self._clients}

    def leave(self):
        """Without a word."""
        for client in self._clients:
            client.drop(self._selector)

    def bring_in(self, port, most):
        """All of them; how often one was turned away."""
        away, turned_away = [], 0
        until = time.monotonic() + most
        for client in self._clients:
            client.come(port, self._selector)
        missing = len(self._clients)
        while missing:
            if time.monotonic() > until:
                raise AssertionError(f"{missing} are not in after {most:.0f} s")
            for key, _ in self._selector.select(0.05):
                client = key.data
                was_in = client.isIn
                if client.go_on(self._selector):
                    missing -= client.isIn and not was_in
                    continue
                self._case.assertFalse(was_in, f"{client.name} was disconnected")
                client.drop(self._selector)
                turned_away += 1
                away.append((time.monotonic() + RETRY, client))
            while away and away[0][0] <= time.monotonic():
                away.pop(0)[1].come(port, self._selector)
        return turned_away

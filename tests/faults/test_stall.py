# SPDX-License-Identifier: Apache-2.0
"""A server that was held up for longer than its deadlines (a suspended machine, a busy one) blames nobody for it: who
spoke in time is let in."""

import signal
import socket
import struct
import time

from wireroomtest import WireroomTestCase, main

CLIENTS = 800
"""More than become ready in one turn of the server's loop."""

HELLO_DEADLINE = 5
TAG = b"\xd9\xd9\xf7"


def hello(name):
    payload = TAG + b"\x86\x01\x01" + bytes([0x60 + len(name)]) + name + b"\xf6\xf6\xf6"
    return struct.pack(">I", len(payload)) + payload


class Stall(WireroomTestCase):
    def test_hello_that_waits(self):
        daemon = self.start_daemon("--max-clients", str(CLIENTS))
        clients = []
        for number in range(CLIENTS):
            client = socket.create_connection(("127.0.0.1", daemon.port))
            self.addCleanup(client.close)
            clients.append((client, hello(b"c%d" % number)))
        for client, words in clients:
            client.sendall(words[:8])
        for _ in range(CLIENTS):
            daemon.event("format")
        daemon.signal(signal.SIGSTOP)
        try:
            for client, words in clients:
                client.sendall(words[8:])
            time.sleep(HELLO_DEADLINE + 1)  # what is tested is that this time passes
        finally:
            daemon.signal(signal.SIGCONT)
        for client, words in clients:
            client.settimeout(30)
            answer = client.recv(4 + len(TAG) + 2, socket.MSG_WAITALL)
            # An array that begins with 2, Welcome, rather than with 3, Refused.
            self.assertEqual(answer[-1:], b"\x02", answer)


if __name__ == "__main__":
    main()

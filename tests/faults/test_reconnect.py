# SPDX-License-Identifier: Apache-2.0
"""A thousand TLS clients lose the server at once, and all come back at once: each with a whole handshake, each under its
own name. Where only encryption is served, those who are too many at a time are turned away, and try again."""

import os
import resource
import signal
import time

from comeback import Comeback
from faulttest import SLOWER, FaultTestCase, QuietDaemon, allow_many_descriptors
from wireroomtest import DEADLINE, main

CLIENTS = int(os.environ.get("WIREROOM_RECONNECT_CLIENTS", "1000"))
MOST_SECONDS = 15 * SLOWER


class Reconnect(FaultTestCase):
    def test_where_encryption_is_offered(self):
        self.reconnect("offered")

    def test_where_encryption_is_required(self):
        self.reconnect("required")

    def start(self, mode, port):
        return self._keep(QuietDaemon("--listen", f"127.0.0.1:{port}", "--data-dir", self.place, "--tls", mode,
                                      "--max-clients", str(CLIENTS + 50)))

    def reconnect(self, mode):
        self.assertGreater(allow_many_descriptors(), CLIENTS + 100)
        self.place = self.directory()
        clients = Comeback(self, CLIENTS)
        first = self.start(mode, 0)
        clients.bring_in(first.port, 4 * DEADLINE)
        tokens = clients.tokens()
        first.signal(signal.SIGKILL)
        first.wait_end()
        daemon = self.start(mode, first.port)
        self.addCleanup(self._end_daemon, daemon)
        own_seconds = self.stopwatch(daemon)
        server, own = self.processor_seconds(daemon), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        began = time.monotonic()
        turned_away = clients.bring_in(daemon.port, 4 * DEADLINE)
        took = time.monotonic() - began
        undisturbed = own_seconds()
        print(f"{mode}: {CLIENTS} are back after {took:.1f} s, having been turned away {turned_away} times; processor time of "
              f"the server {self.processor_seconds(daemon) - server:.1f} s, of the clients "
              f"{sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - own:.1f} s; other programs had the cores for "
              f"{took - undisturbed:.1f} s", flush=True)
        self.assertLess(undisturbed, MOST_SECONDS)
        self.assertEqual(clients.tokens(), tokens)
        self.wait_until(lambda: daemon.counters()["chat_clients"] == CLIENTS, "all of them to be online")


if __name__ == "__main__":
    main()

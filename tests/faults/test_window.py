# SPDX-License-Identifier: Apache-2.0
"""The server's real window with its real server: a flood of messages, and a thousand TLS clients that come back at once,
after the server was killed and after the network was gone. Its event loop is never away for long, nothing that came is
lost from its counters, and all are back in time."""

import os
import selectors
import signal
import time

from comeback import Comeback
from faulttest import SLOWER, FaultTestCase, allow_many_descriptors, connect
from wireroomtest import DEADLINE, JsonProgram, main

CLIENTS = int(os.environ.get("WIREROOM_RECONNECT_CLIENTS", "1000"))
MOST_SECONDS = 15 * SLOWER
MOST_AWAY_MS = 100 * SLOWER

SENDERS = 100
PER_SECOND = int(os.environ.get("WIREROOM_WINDOW_RATE", "100000")) // SLOWER
SECONDS = float(os.environ.get("WIREROOM_WINDOW_SECONDS", "5"))
FRAME = (40).to_bytes(4, "little") + b"What one of a hundred clients writes. \r\n"
ROUND = 0.01
"""Seconds between two pieces of one sender."""


class Window(JsonProgram):
    """bench_windowcrowd: a window that listens."""

    def __init__(self, data_dir, *options):
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        super().__init__([os.environ["WIREROOM_WINDOWCROWD"], "--data-dir", data_dir, *options], env=environment)
        self.port = self.event("listening")["port"]

    def report(self):
        """What it has counted, and how its event loop has been since the report before."""
        self.write_line("report")
        return self.event("window")


def told(report):
    keys = ""
    if report.get("keys"):
        keys = (f"; {report['keys']} keys, in the text after {report['key_median_us'] / 1000:.1f} ms (median), "
                f"{report['key_p99_us'] / 1000:.1f} ms (99 %), {report['key_longest_us'] / 1000:.1f} ms at the longest")
    return (f"the event loop was away for {report['longest_us'] / 1000:.1f} ms at the longest, "
            f"{report['own_longest_us'] / 1000:.1f} ms without the time for which others had the cores, "
            f"{report['p99_us'] / 1000:.1f} ms (99 %); the GUI thread had {100 * report['cpu_ms'] / report['wall_ms']:.0f} % "
            f"of a core; {report['resident_kib'] / 1024:.0f} MiB{keys}")


class WindowTest(FaultTestCase):
    def start(self, data_dir, *options):
        return self._keep(Window(data_dir, "--type", *options))

    def assert_never_away(self, report):
        self.assertGreater(report["gaps"], 0)
        self.assertLess(report["own_longest_us"] / 1000, MOST_AWAY_MS)
        self.assertEqual(report["log_kept"] + report["log_dropped"], report["log_rows"])
        self.assertTrue(report["is_typed"], "a key was lost")

    def reports(self, window, condition, what):
        """All of them until one fulfils the condition."""
        all_of_them = [window.report()]
        until = time.monotonic() + 2 * DEADLINE
        while not condition(all_of_them[-1]):
            self.assertLess(time.monotonic(), until, f"waited for {what}: {all_of_them[-1]}")
            time.sleep(0.1)
            all_of_them.append(window.report())
        return all_of_them

    def test_a_flood(self):
        self.flood("flood")

    def test_a_flood_without_history(self):
        self.flood("flood, no history", "--no-history")

    def flood(self, name, *options):
        window = self.start(self.directory(), *options)
        senders = [connect(window.port) for _ in range(SENDERS)]
        selector = selectors.DefaultSelector()
        self.addCleanup(selector.close)
        for sender in senders:
            self.addCleanup(sender.close)
            sender.sendall(FRAME)
        self.reports(window, lambda report: report["frames_in"] == SENDERS, "the first messages")
        sent = SENDERS
        began = due = time.monotonic()
        while time.monotonic() < began + SECONDS:
            piece = FRAME * round(PER_SECOND * ROUND / SENDERS)
            for sender in senders:
                sender.sendall(piece)
                sent += len(piece) // len(FRAME)
            due += ROUND
            time.sleep(max(0, due - time.monotonic()))
        took = time.monotonic() - began
        report = window.report()
        last = self.reports(window, lambda report: report["frames_in"] == sent, f"{sent} messages")[-1]
        print(f"{name}: {sent} messages in {took:.1f} s, {sent / took:.0f}/s; {told(report)}; the window counts "
              f"{last['frames_in']}, {last['messages']} shown and {last['skipped']} told as too many; of {last['log_rows']} "
              f"rows of its log {last['log_kept']} are kept", flush=True)
        self.assert_never_away(report)
        self.assertEqual(last["messages"] + last["skipped"], sent)
        self.assertGreaterEqual(last["log_rows"], last["messages"])
        self.assertEqual(last["log_kept"] + last["log_dropped"], last["log_rows"])

    def test_where_encryption_is_offered(self):
        self.comeback("offered")

    def test_where_encryption_is_required(self):
        self.comeback("required")

    def comeback(self, mode):
        self.assertGreater(allow_many_descriptors(), CLIENTS + 100)
        data_dir = self.directory()
        clients = Comeback(self, CLIENTS)
        first = self.start(data_dir, "--tls", mode, "--max-clients", str(CLIENTS + 50))
        clients.bring_in(first.port, 4 * DEADLINE)
        tokens = clients.tokens()
        first.signal(signal.SIGKILL)
        first.wait_end()
        window = self.start(data_dir, "--tls", mode, "--max-clients", str(CLIENTS + 50), "--port", str(first.port))
        self.come_back(f"{mode}, after the server was killed", window, clients)
        clients.leave()
        self.reports(window, lambda report: report["clients"] == 0, "all of them to be gone")
        self.come_back(f"{mode}, after the network was gone", window, clients)
        self.assertEqual(clients.tokens(), tokens)

    def come_back(self, when, window, clients):
        seconds = self.stopwatch(window)
        began = time.monotonic()
        turned_away = clients.bring_in(window.port, 4 * DEADLINE)
        took, undisturbed = time.monotonic() - began, seconds()
        # What the others' coming makes to show belongs to it.
        reports = self.reports(window, lambda report: report["clients"] == CLIENTS, "all of them to be shown")
        print(f"{when}: {CLIENTS} are back after {took:.1f} s, {took - undisturbed:.1f} s of them without a core, having been "
              f"turned away {turned_away} times; {told(reports[0])}", flush=True)
        self.assertLess(undisturbed, MOST_SECONDS)
        for report in reports:
            self.assert_never_away(report)


if __name__ == "__main__":
    main()

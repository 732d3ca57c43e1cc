# SPDX-License-Identifier: Apache-2.0
"""Thousands of connections that never send a byte, where clients have to begin with something: few of them may wait, each
is closed at its deadline, and who speaks gets in.

WIREROOM_SILENT is how many they are: 3,000 by default, 10,000 for what the promise says.
"""

import bisect
import datetime
import os
import re
import select
import time

from faulttest import SLOWER, FaultTestCase, allow_many_descriptors, connect
from wireroomtest import DEADLINE, main

SILENT = int(os.environ.get("WIREROOM_SILENT", "3000"))
MOST, MOST_OF_ONE = 256, 16
SPREAD = 4
"""Seconds that an end may be late: deadlines are looked at once a second, and the machine may be busy."""
BATCH = 100


class Silent(FaultTestCase):
    def test_where_only_chat_is_served(self):
        self.silent("--chat-only", "--detection-deadline", "2", deadline=2, encrypted=False)

    def test_where_encryption_is_required(self):
        self.silent("--tls", "required", deadline=5, encrypted=True)

    def come(self, count, address_of):
        """They come as fast as they can; a real client comes after each hundred of them."""
        slowest, most = 0.0, 0
        for number in range(count):
            sock = connect(self.daemon.port, address_of(number))
            self.addCleanup(sock.close)
            sock.setblocking(False)
            self.opened[sock.fileno()] = sock
            self.poll.register(sock, select.POLLIN)
            if number % 10 == 9:
                self.look()
            if number % BATCH == BATCH - 1:
                self.take_ends()
                seconds = self.stopwatch(self.daemon)
                self.real_client(address_of(number))
                slowest = max(slowest, seconds())
                most = max(most, self.daemon.counters()["clients"])
        return slowest, most

    def real_client(self, address):
        self.real += 1
        self.come_in(self.daemon.port, f"real {self.real}", address, self.encrypted)

    def take_ends(self):
        """Who was closed."""
        for descriptor, _ in self.poll.poll(0):
            sock = self.opened.pop(descriptor)
            self.poll.unregister(descriptor)
            try:
                while sock.recv(4096):
                    pass
            except ConnectionError:
                pass
            sock.close()

    def look(self):
        """Notes for how long other programs have kept the server waiting."""
        self.looked.append(datetime.datetime.now())
        self.starved.append(self.starved_seconds(self.daemon.process.pid))

    def stays(self):
        """How many seconds each was there that was closed at its deadline, without those for which other programs had the
        cores. By the server's own log: when this program notices an end depends on how busy it is with those who come."""
        came, stays = {}, []
        for line in list(self.daemon.lines):
            if event := re.match(r"(\S+ \S+) Client (\d+) (connected|disconnected)\b(.*)", line):
                moment = datetime.datetime.fromisoformat(event[1])
                if event[3] == "connected":
                    came[event[2]] = moment
                elif "in time" in event[4]:
                    first = max(0, bisect.bisect(self.looked, came[event[2]]) - 1)
                    last = min(len(self.looked) - 1, bisect.bisect(self.looked, moment))
                    stays.append((moment - came[event[2]]).total_seconds() - self.starved[last] + self.starved[first])
        return stays

    def silent(self, *options, deadline, encrypted):
        self.assertGreater(allow_many_descriptors(), SILENT + 100)
        self.daemon = self.start_quiet_daemon(*options)
        self.deadline = deadline
        self.encrypted = encrypted
        self.real = 0
        self.opened, self.poll = {}, select.poll()
        self.looked, self.starved = [], []
        # None of so many addresses has more than it may.
        self.crowd(options, SILENT, MOST, lambda number: f"127.1.{number // 16 // 250}.{1 + number // 16 % 250}")
        self.crowd(options, SILENT // 3, MOST_OF_ONE, lambda number: "127.0.0.1")

    def crowd(self, options, count, places, address_of):
        self.look()
        began, earlier = time.monotonic(), len(self.stays())
        slowest, most = self.come(count, address_of)
        until = time.monotonic() + DEADLINE
        while self.opened:
            self.take_ends()
            self.look()
            self.assertLess(time.monotonic(), until, f"{len(self.opened)} stay")
            time.sleep(0.01)
        took = time.monotonic() - began
        reasons = [self.daemon.take(lambda line: "Refused" in line, "word of each") for _ in range(count)]
        late = sum("in time" in reason for reason in reasons)
        self.wait_until(lambda: len(self.stays()) >= earlier + late, "word of when each was closed")
        longest = max(self.stays()[earlier:])
        self.assertEqual(late + sum("made room" in reason for reason in reasons), count)
        print(f"{' '.join(options)}: of {count} silent ones at most {most} were there at a time and {late} at the deadline; the "
              f"last was closed after {longest:.1f} s; a real client came in within {slowest:.2f} s", flush=True)
        self.assertLessEqual(most, MOST)
        # So many places there are, once for each time that the deadline passed.
        self.assertGreaterEqual(late, places // 2)
        self.assertLessEqual(late, places * (1 + took / self.deadline))
        self.assertLessEqual(longest, self.deadline + SPREAD)
        self.assertLess(slowest, 2 * SLOWER)
        self.real_client(address_of(0))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""A thousand guesses at the room's password, from one address and from many: few are looked at, hashing takes no more
than a quarter of a core, and who is in notices nothing.

WIREROOM_GUESS_SECONDS is how long the thousand take: 20 by default, 60 for what the promise says.
"""

import os
import socket
import struct
import threading
import time

from wireroomtest import DEADLINE, JsonProgram, WireroomTestCase, main

CLI = os.environ["WIREROOM_CLI"]
SECONDS = float(os.environ.get("WIREROOM_GUESS_SECONDS", "20"))
GUESSES = 1000


def text(words):
    data = words.encode()
    return struct.pack(">BH", 0x79, len(data)) + data


def hello(name, password):
    payload = b"\xd9\xd9\xf7\x86\x01\x01" + text(name) + b"\xf6\xf6" + text(password)
    return struct.pack(">I", len(payload)) + payload


def guess(port, address, name, password):
    """What the server answers: a whole Refused, or nothing."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE, (address, 0)) as peer:
        peer.settimeout(DEADLINE)
        peer.sendall(hello(name, password))
        answer = b""
        try:
            while block := peer.recv(4096):
                answer += block
        except ConnectionResetError:
            pass
        return answer


class Guesses(WireroomTestCase):
    def setUp(self):
        self.secret = os.path.join(self.directory(), "secret")
        with open(os.open(self.secret, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write("open sesame\n")
        self.daemon = self.start_daemon("--password-file", self.secret)
        self.ann = self.bob = None

    def join(self, name):
        chat = self._keep(JsonProgram([CLI, "--json", "--name", name, "--state", self.directory(), "--password-file",
                                       self.secret, f"127.0.0.1:{self.daemon.port}"]))
        chat.event("welcome")
        return chat

    def cpu_seconds(self):
        """Of the whole server: what is not hashing is in it, too."""
        with open(f"/proc/{self.daemon.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def guess_all(self, address_of, name_of):
        """The thousand, evenly over the time; the answers by their code, and the server's share of a core."""
        codes = {}
        lock = threading.Lock()
        numbers = iter(range(GUESSES))
        began = time.monotonic()
        cpu = self.cpu_seconds()

        def run():
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                time.sleep(max(0.0, began + SECONDS * number / GUESSES - time.monotonic()))
                answer = guess(self.daemon.port, address_of(number), name_of(number), f"guess {number}")
                code = next((c for c in ("too-many", "password") if c.encode() in answer[:40]), "none")
                with lock:
                    codes[code] = codes.get(code, 0) + 1

        threads = [threading.Thread(target=run) for _ in range(32)]
        for thread in threads:
            thread.start()
        talked = self.talk(threads)
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        share = (self.cpu_seconds() - cpu) / took
        print(f"{GUESSES} guesses in {took:.0f} s: {codes}, {100 * share:.1f} % of a core, {talked} messages meanwhile")
        self.assertEqual(sum(codes.values()), GUESSES)
        return codes, share

    def talk(self, threads):
        """Who is in goes on meanwhile."""
        count = 0
        while self.ann and any(thread.is_alive() for thread in threads):
            count += 1
            self.ann.write_line(f"message {count}")
            self.bob.event("message", text=f"message {count}")
        return count

    def test_from_one_address(self):
        self.ann, self.bob = self.join("ann"), self.join("bob")
        codes, share = self.guess_all(lambda number: "127.0.0.2", lambda number: f"name {number}")
        # Ten, and one after each delay of 1, 2, 4 … seconds.
        self.assertGreaterEqual(codes["password"], 10)
        self.assertLessEqual(codes["password"], 18)
        self.assertEqual(codes["password"] + codes["too-many"], GUESSES)
        self.assertLess(share, 0.5)
        for _ in range(codes["password"]):
            self.assertEqual(self.daemon.event("login-failed")["address"], "127.0.0.2")
        self.assertEqual(self.ann.untaken_events("disconnected") + self.bob.untaken_events("disconnected"), [])
        # Elsewhere nobody has to wait.
        self.join("cid")

    def test_from_many_addresses(self):
        """Nobody is held up then, and nobody has given the right one yet: all that can be hashed is hashed."""
        codes, share = self.guess_all(lambda number: f"127.0.{1 + number // 250}.{1 + number % 250}",
                                      lambda number: f"name {number}")
        self.assertGreater(codes["password"], 10)
        # A quarter for hashing; the connections cost the rest.
        self.assertLess(share, 0.4)
        self.join("ann")


if __name__ == "__main__":
    main()

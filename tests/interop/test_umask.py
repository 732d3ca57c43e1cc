# SPDX-License-Identifier: Apache-2.0
"""What the programs write is its owner's alone, also where the umask keeps nothing back: files 0600, folders 0700."""

import os
import stat
import subprocess

from wireroomtest import DEADLINE, JsonProgram, WireroomTestCase, main, without_display

CLI = os.environ["WIREROOM_CLI"]
SERVERD = os.environ["WIREROOM_SERVERD"]


class Umask(WireroomTestCase):
    def setUp(self):
        self.home = self.directory()
        os.chmod(self.home, 0o777)
        self.addCleanup(os.umask, os.umask(0))

    def place(self, *names):
        return os.path.join(self.home, *names)

    def assert_private(self, *expected):
        """All below the home, of which these must be there."""
        seen = []
        for folder, folders, files in os.walk(self.home):
            for name in folders + files:
                path = os.path.join(folder, name)
                status = os.lstat(path)
                mode = stat.S_IMODE(status.st_mode)
                seen.append(os.path.relpath(path, self.home))
                with self.subTest(seen[-1]):
                    self.assertEqual(oct(mode & 0o077), "0o0", f"{seen[-1]} is {oct(mode)}")
                    self.assertEqual(oct(mode), "0o700" if stat.S_ISDIR(status.st_mode) else "0o600")
        for name in expected:
            self.assertTrue(any(path.endswith(name) for path in seen), f"{name} is not among {seen}")

    def secret(self):
        path = self.place("secret")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write("open sesame\n")
        return path

    def start(self, *options):
        daemon = JsonProgram([SERVERD, "--json", "--listen", "127.0.0.1:0", "--data-dir", self.place("a", "new", "place"),
                              *options])
        self._keep(daemon)
        daemon.port = daemon.event("listening")["port"]
        return daemon

    def stop(self, daemon):
        daemon.write_line("stop")
        self.assertEqual(daemon.wait_end(), 0)

    def test_all_that_is_kept(self):
        secret = self.secret()
        daemon = self.start("--password-file", secret)
        chat = self._keep(JsonProgram([
            CLI, "--json", "--name", "ann", "--state", self.place("the", "state"), "--transcript", self.place("room.jsonl"),
            "--password-file", secret, f"127.0.0.1:{daemon.port}",
        ]))
        chat.event("welcome")
        chat.write_line("hello")
        chat.event("message", state="delivered")
        daemon.write_line("send all and back")
        chat.event("message", text="and back")
        # While all of it is open, with the database's own files.
        self.assert_private("next-id", "server.lock", "history.db", "history.db-wal", "history.db-shm", "password",
                            "token", "outbox", "room.jsonl", "state", "place")
        chat.end_input()
        self.assertEqual(chat.wait_end(), 0)
        self.stop(daemon)
        self.assert_private("history.db")

    def test_a_history_elsewhere(self):
        daemon = self.start("--history", self.place("elsewhere.db"))
        self.assert_private("elsewhere.db")
        self.stop(daemon)
        self.assert_private("elsewhere.db")

    def test_an_outbox_that_waits(self):
        done = subprocess.run(
            [CLI, "--json", "--name", "ann", "--state", self.place("state"), "--send", "later", "127.0.0.1:1"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE, env=without_display(), check=False,
        )
        self.assertNotEqual(done.returncode, 0)
        self.assert_private("outbox")


if __name__ == "__main__":
    main()

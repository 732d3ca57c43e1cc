# SPDX-License-Identifier: Apache-2.0
"""Exit codes as sysexits.h numbers them, each with one clear sentence; help and version without a display."""

import os
import socket
import subprocess

from wireroomtest import DEADLINE, WireroomTestCase, main, without_display

SERVERD = os.environ["WIREROOM_SERVERD"]
CLI = os.environ["WIREROOM_CLI"]

OK, USAGE, UNAVAILABLE, CONFIGURATION = 0, 64, 69, 78


class ExitCodes(WireroomTestCase):
    def finish(self, *command):
        """Runs a program that ends by itself: its code, what it printed, and what it complained of."""
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE, env=without_display()
        )
        return done.returncode, done.stdout, done.stderr

    def assert_fails(self, code, words, *command):
        actual, _, errors = self.finish(*command)
        self.assertEqual((actual, errors.count("\n")), (code, 1), f"{command}\n{errors}")
        for word in words:
            self.assertIn(word, errors)

    def serverd(self, *options):
        return (SERVERD, "--data-dir", self.directory(), *options)

    def test_help(self):
        code, text, errors = self.finish(SERVERD, "--help")
        self.assertEqual((code, errors), (OK, ""))
        for option in ["--listen", "--format", "--plain-policy", "--max-clients", "--data-dir", "--json", "sendhex"]:
            self.assertIn(option, text)
        code, text, errors = self.finish(CLI, "--help")
        self.assertEqual((code, errors), (OK, ""))
        for option in ["--format", "--send", "--wait", "--retry", "--json", "HOST:PORT"]:
            self.assertIn(option, text)

    def test_version(self):
        for program in (SERVERD, CLI):
            code, text, errors = self.finish(program, "--version")
            self.assertEqual((code, errors), (OK, ""))
            self.assertRegex(text, rf"^{os.path.basename(program)} \d+\.\d+\.\d+\n$")

    def test_usage_of_the_server(self):
        for options, word in [
            (["--nonsense"], "nonsense"),
            (["surplus"], "surplus"),
            (["--format", "u24le"], "u24le"),
            (["--plain-policy", "maybe"], "maybe"),
            (["--max-clients", "0"], "max-clients"),
            (["--max-clients", "many"], "max-clients"),
            (["--max-payload", "-1"], "max-payload"),
            (["--listen", "127.0.0.1"], "127.0.0.1"),
            (["--listen", "127.0.0.1:65536"], "65536"),
            (["--default-format", "auto"], "auto"),
            (["--listen"], "listen"),
        ]:
            with self.subTest(options=options):
                self.assert_fails(USAGE, [word, "--help"], *self.serverd(*options))

    def test_usage_of_the_client(self):
        for options, word in [
            ([], "HOST:PORT"),
            (["--nonsense", "127.0.0.1:1"], "nonsense"),
            (["127.0.0.1"], "127.0.0.1"),
            (["127.0.0.1:0"], "127.0.0.1:0"),
            (["127.0.0.1:1", "127.0.0.1:2"], "HOST:PORT"),
            (["--format", "auto", "127.0.0.1:1"], "auto"),
            (["--format", "u24le", "127.0.0.1:1"], "u24le"),
            (["--wait", "-1", "127.0.0.1:1"], "-1"),
            (["--wait", "long", "127.0.0.1:1"], "long"),
        ]:
            with self.subTest(options=options):
                self.assert_fails(USAGE, [word, "--help"], CLI, *options)

    def test_port_in_use(self):
        port = self.start_daemon().port
        self.assert_fails(UNAVAILABLE, [str(port), "in use"], *self.serverd("--listen", f"127.0.0.1:{port}"))
        self.assert_fails(UNAVAILABLE, [str(port), "in use"], *self.serverd("--listen", f"127.0.0.1:{port}", "--json"))

    def test_port_in_use_as_an_event(self):
        port = self.start_daemon().port
        second = self.try_daemon("--listen", f"127.0.0.1:{port}")
        self.assertIn("in use", second.event("error")["reason"])
        self.assertEqual(second.wait_end(), UNAVAILABLE)

    def test_address_that_is_none(self):
        self.assert_fails(CONFIGURATION, ["nonsense"], *self.serverd("--listen", "nonsense:0"))

    def test_address_of_another_machine(self):
        # 192.0.2.0/24 is set aside for documentation (RFC 5737): no machine has it.
        self.assert_fails(UNAVAILABLE, ["192.0.2.1"], *self.serverd("--listen", "192.0.2.1:0"))

    def test_data_directory_that_cannot_be_made(self):
        file = os.path.join(self.directory(), "a file")
        with open(file, "w", encoding="ascii"):
            pass
        place = os.path.join(file, "below")
        self.assert_fails(CONFIGURATION, [place], SERVERD, "--listen", "127.0.0.1:0", "--data-dir", place)

    def test_data_directory_with_a_spoilt_counter(self):
        place = self.directory()
        with open(os.path.join(place, "next-id"), "w", encoding="ascii") as counter:
            counter.write("not a number\n")
        self.assert_fails(CONFIGURATION, [place], SERVERD, "--listen", "127.0.0.1:0", "--data-dir", place)

    def test_client_cannot_connect(self):
        with socket.socket() as nobody:  # bound, and not listening
            nobody.bind(("127.0.0.1", 0))
            place = f"127.0.0.1:{nobody.getsockname()[1]}"
            self.assert_fails(UNAVAILABLE, [place], CLI, "--send", "hello", place)
            self.assert_fails(UNAVAILABLE, [place], CLI, place)

    def test_client_that_did_its_work(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        place = f"127.0.0.1:{daemon.port}"
        self.assertEqual(self.finish(CLI, "--send", "hello", "--wait", "0.3", place)[:2], (OK, "hello\n"))
        self.assertEqual(self.finish(CLI, "--wait", "0", place)[0], OK)


if __name__ == "__main__":
    main()

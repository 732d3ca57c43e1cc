# SPDX-License-Identifier: Apache-2.0
"""The room's password and names, by the two programs without a window: files, exit codes, what is kept."""

import json
import os
import shutil
import stat
import subprocess

from wireroomtest import DEADLINE, WireroomTestCase, main, require, without_display

CLI = os.environ["WIREROOM_CLI"]
SERVERD = os.environ["WIREROOM_SERVERD"]

OK, USAGE, UNAVAILABLE, NO_PERMISSION, CONFIGURATION = 0, 64, 69, 77, 78


class IdentityTestCase(WireroomTestCase):
    def setUp(self):
        self.state = self.directory()
        self.files = self.directory()

    def secret(self, text, mode=0o600):
        path = os.path.join(self.files, f"secret-{len(os.listdir(self.files))}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def cli(self, port, name, *options, host="127.0.0.1", prefix=()):
        done = subprocess.run(
            [*prefix, CLI, "--json", "--name", name, "--state", self.state, "--wait", "0", "--send", "hello", *options,
             f"{host}:{port}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE, env=without_display()
        )
        self.assertEqual(done.stderr, "")
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


class Password(IdentityTestCase):
    def test_only_who_knows_it_is_let_in(self):
        right = self.secret("open sesame\n")
        daemon = self.start_daemon("--password-file", right)
        for name, options, code in (
            ("none", [], NO_PERMISSION),
            ("wrong", ["--password-file", self.secret("open")], NO_PERMISSION),
            ("right", ["--password-file", right], OK),
        ):
            with self.subTest(name):
                ended, events = self.cli(daemon.port, name, *options)
                self.assertEqual(ended, code, events)
                refusals = [event for event in events if event["event"] == "notice" and event["code"] == "password"]
                self.assertEqual(len(refusals), 0 if code == OK else 1, events)
        failed = daemon.event("login-failed")
        self.assertEqual((failed["name"], failed["address"], failed["failures"]), ("wrong", "127.0.0.1", 1))
        self.assertEqual(daemon.untaken_events("login-failed"), [])

    def test_a_wrong_one_is_not_tried_again(self):
        daemon = self.start_daemon("--password-file", self.secret("open sesame"))
        code, events = self.cli(daemon.port, "ann", "--retry", "--password-file", self.secret("guess"))
        self.assertEqual(code, NO_PERMISSION, events)
        daemon.event("login-failed")
        self.assertEqual(daemon.untaken_events("login-failed"), [])

    def test_a_hash_is_kept_and_nothing_else(self):
        data = self.directory()
        right = self.secret("open sesame")
        daemon = self.start_daemon("--password-file", right, data_dir=data)
        self.assertEqual(self.cli(daemon.port, "ann", "--password-file", right)[0], OK)
        self._stop(daemon)
        for folder, _, names in os.walk(data):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(b"sesame", file.read(), name)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(data, "password")).st_mode), 0o600)
        with open(os.path.join(data, "password"), encoding="ascii") as file:
            kept = file.read().splitlines()[1]
        # Without the option it is still asked for; who was in comes back without it.
        daemon = self.start_daemon("--listen", f"127.0.0.1:{daemon.port}", data_dir=data)
        self.assertEqual(self.cli(daemon.port, "bob")[0], NO_PERMISSION)
        self.assertEqual(self.cli(daemon.port, "ann")[0], OK)
        self._stop(daemon)
        # The hash will do in place of the password.
        daemon = self.start_daemon("--password-file", self.secret(kept))
        self.assertEqual(self.cli(daemon.port, "cid", "--password-file", right)[0], OK)
        self._stop(daemon)
        daemon = self.start_daemon("--no-password", data_dir=data)
        self.assertEqual(self.cli(daemon.port, "dan")[0], OK)
        self.assertFalse(os.path.exists(os.path.join(data, "password")))

    def _stop(self, daemon):
        daemon.command("stop")
        self.assertEqual(daemon.wait_end(), 0)

    def test_files_that_are_no_secret(self):
        missing = os.path.join(self.files, "missing")
        for what, path, word in (
            ("readable", self.secret("open sesame", 0o644), "chmod 600"),
            ("writable", self.secret("open sesame", 0o620), "chmod 600"),
            ("missing", missing, "There is no file"),
            ("empty", self.secret(""), "empty"),
            ("a directory", self.files, "directory"),
        ):
            with self.subTest(what):
                daemon = self.run_program(
                    SERVERD, "--listen", "127.0.0.1:0", "--data-dir", self.directory(), "--password-file", path
                )
                self.assertEqual(daemon.wait_end(), CONFIGURATION)
                self.assertIn(word, "".join(daemon.errors))
                self.assertNotIn("sesame", "".join(daemon.errors))
                client = self.run_program(CLI, "--name", "ann", "--password-file", path, "127.0.0.1:1")
                self.assertEqual(client.wait_end(), CONFIGURATION)
                self.assertIn(word, "".join(client.errors))

    def test_options_that_make_no_sense(self):
        for options in (
            ["--password-file", self.secret("x"), "--no-password"],
            ["--free-names-days", "x"],
            ["--free-names-days", "-1"],
        ):
            with self.subTest(options):
                daemon = self.run_program(SERVERD, "--data-dir", self.directory(), *options)
                self.assertEqual(daemon.wait_end(), USAGE)
        client = self.run_program(CLI, "--password-file", self.secret("x"), "127.0.0.1:1")
        self.assertEqual(client.wait_end(), USAGE)

    def test_a_configuration_names_it(self):
        config = os.path.join(self.files, "server.ini")
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[identity]\npasswordFile={self.secret('open sesame')}\nfreeNamesDays=30\n")
        daemon = self.start_daemon("--config", config)
        self.assertEqual(self.cli(daemon.port, "ann")[0], NO_PERMISSION)
        self.assertEqual(self.cli(daemon.port, "ann", "--password-file", self.secret("open sesame"))[0], OK)
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[identity]\npasswordFile={self.secret('open sesame', 0o644)}\n")
        daemon = self.try_daemon("--config", config)
        self.assertEqual(daemon.wait_end(), CONFIGURATION)

    def test_a_spoiled_file_keeps_the_door_shut(self):
        data = self.directory()
        with open(os.path.join(data, "password"), "w", encoding="ascii") as file:
            file.write("open sesame\n")
        daemon = self.try_daemon(data_dir=data)
        self.assertEqual(daemon.wait_end(), CONFIGURATION)
        self.assertIn("room password", "".join(daemon.errors))


class OtherMachines(IdentityTestCase):
    """An address that is no loopback, in a network of its own that reaches nobody."""

    SCRIPT = 'ip link set lo up && ip address add 192.0.2.1/32 dev lo && exec "$@"'

    def setUp(self):
        super().setUp()
        self.unshare = require("util-linux", "unshare")
        require("iproute2", "ip")
        probe = subprocess.run([*self.inside(), "true"], capture_output=True, text=True, check=False)
        if probe.returncode != 0:
            self.skipTest(f"no network of one's own is to be had here: {probe.stderr.strip()}")

    def inside(self):
        return [self.unshare, "--user", "--map-root-user", "--net", "sh", "-c", self.SCRIPT, "sh"]

    def talk(self, server_options, client_options):
        """Both in one such network; the client's exit code and what it said."""
        script = (
            'coproc D { exec "$SERVERD" --json --listen 192.0.2.1:0 --data-dir "$DATA" $SERVER_OPTIONS; }; '
            'read -r line <&"${D[0]}"; port=${line##*\\"port\\":}; port=${port%%[^0-9]*}; '
            '"$CLI" --json --name ann --state "$STATE" --wait 0 --send hello $CLIENT_OPTIONS "192.0.2.1:$port"; '
            'echo "exit $?"; echo stop >&"${D[1]}"; wait'
        )
        environment = {
            **without_display(), "SERVERD": SERVERD, "CLI": CLI, "DATA": self.directory(), "STATE": self.directory(),
            "SERVER_OPTIONS": " ".join(server_options), "CLIENT_OPTIONS": " ".join(client_options),
        }
        done = subprocess.run(
            [*self.inside(), shutil.which("bash"), "-c", script], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=DEADLINE, env=environment, check=False
        )
        lines = done.stdout.splitlines()
        codes = [int(line.split()[1]) for line in lines if line.startswith("exit ")]
        self.assertEqual(len(codes), 1, done.stdout + done.stderr)
        return codes[0], done.stdout

    def test_no_password_goes_where_others_can_read_it(self):
        given = ["--password-file", self.secret("sesame")]
        open_link = ["--password-unencrypted"]
        code, said = self.talk(given, given)
        self.assertEqual(code, NO_PERMISSION, said)
        self.assertIn("is not sent to 192.0.2.1", said)
        code, said = self.talk(given, [*given, *open_link])
        self.assertEqual(code, NO_PERMISSION, said)
        self.assertIn("takes its password over encrypted connections only", said)
        code, said = self.talk([*given, *open_link], [*given, *open_link])
        self.assertEqual(code, OK, said)
        code, said = self.talk([], [])
        self.assertEqual(code, OK, said)


class Names(IdentityTestCase):
    def test_a_name_belongs_to_its_token(self):
        daemon = self.start_daemon()
        self.assertEqual(self.cli(daemon.port, "Ann")[0], OK)
        own = self.state
        self.state = self.directory()
        code, events = self.cli(daemon.port, "ANN")
        self.assertEqual(code, UNAVAILABLE)
        self.assertEqual([e["code"] for e in events if e["event"] == "notice"], ["name-taken"])

        refused = daemon.command("release nobody")
        self.assertEqual(refused["event"], "error")
        released = daemon.command("release ann")
        self.assertEqual((released["event"], released["name"]), ("released", f"Ann ({released['id']})"))
        self.assertEqual(self.cli(daemon.port, "ANN")[0], OK)
        # Who had it is let in as it is called now, and is told.
        self.state = own
        code, events = self.cli(daemon.port, "Ann")
        self.assertEqual(code, OK)
        self.assertEqual([e["name"] for e in events if e["event"] == "welcome"], [released["name"]])
        self.assertIn("name-taken", [e.get("code") for e in events])


if __name__ == "__main__":
    main()

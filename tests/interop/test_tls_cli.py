# SPDX-License-Identifier: Apache-2.0
"""wireroom-cli --tls against servers of Python's and OpenSSL's making."""

import os
import ssl
import stat
import subprocess
import threading

from wireroomtest import Program, WireroomTestCase, main, require


class EchoServer:
    """Echoes every byte; with a context over TLS. Keeps what it was sent."""

    def __init__(self, listening, context=None):
        self.socket = listening
        self.context = context
        self.received = b""
        self.handshakes = 0
        self.failures = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            connection.settimeout(30)
            try:
                if self.context:
                    connection = self.context.wrap_socket(connection, server_side=True)
                    self.handshakes += 1
                while block := connection.recv(65536):
                    self.received += block
                    connection.sendall(block)
            except OSError:
                self.failures += 1
            connection.close()


class TlsCli(WireroomTestCase):
    @classmethod
    def setUpClass(cls):
        cls.openssl = require("openssl", "openssl")

    def setUp(self):
        self.folder = self.directory()
        self.known = os.path.join(self.folder, "state", "known-servers")
        self.key, self.certificate = self.make_certificate("server")

    def make_certificate(self, name):
        key, certificate = (os.path.join(self.folder, name + ending) for ending in (".key", ".pem"))
        subprocess.run(
            [self.openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9",
             "-subj", f"/CN={name}", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )
        return key, certificate

    def fingerprint(self, certificate):
        """As openssl tells it, in our groups."""
        told = subprocess.run(
            [self.openssl, "x509", "-noout", "-fingerprint", "-sha256", "-in", certificate],
            check=True, capture_output=True, text=True,
        ).stdout
        digits = told.split("=")[1].strip().replace(":", "")
        return ":".join(digits[i : i + 4] for i in range(0, 64, 4))

    def context(self, key=None, certificate=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate or self.certificate, key or self.key)
        return context

    def serve_echo(self, context):
        listening = self.serve()
        return EchoServer(listening.socket, context), listening.port

    def tls_cli(self, port, *options):
        return self.start_cli(port, "--tls", "--known-servers", self.known, *options)

    def at_terminal(self, port, *options):
        command = [os.environ["WIREROOM_CLI"], "--tls", "--known-servers", self.known, *options, f"127.0.0.1:{port}"]
        return self._keep(Program(command, terminal=True))

    def test_a_given_fingerprint(self):
        server, port = self.serve_echo(self.context())
        pin = self.fingerprint(self.certificate)
        for text in (pin, pin.replace(":", "").lower()):
            cli = self.tls_cli(port, "--pin", text, "--send", "hello")
            tls = cli.event("tls")
            self.assertEqual(tls["fingerprint"], pin)
            self.assertEqual(tls["protocol"], "TLSv1.3")
            self.assertIn("_", tls["cipher"])
            self.assertEqual(tls["trusted"], "pin")
            cli.event("connected", port=port)
            cli.event("message", text="hello")
            self.assertEqual(cli.wait_end(), 0)
            self.assertEqual([event["event"] for event in map(cli._parse, cli.lines)][:2], ["tls", "connected"])
        self.assertIn(b"hello", server.received)
        self.assertFalse(os.path.exists(self.known))

    def test_a_wrong_fingerprint(self):
        server, port = self.serve_echo(self.context())
        wrong = self.fingerprint(self.make_certificate("other")[1])
        cli = self.tls_cli(port, "--pin", wrong, "--retry", "--send", "hello")
        reason = cli.event("error")["reason"]
        self.assertIn(wrong, reason)
        self.assertIn(self.fingerprint(self.certificate), reason)
        self.assertEqual(cli.wait_end(), 69)
        self.assertEqual(server.received, b"")

    def test_the_first_is_kept(self):
        server, port = self.serve_echo(self.context())
        for trusted in ("first", "known"):
            cli = self.tls_cli(port, "--pin", "first", "--send", "hello")
            cli.event("tls", trusted=trusted, fingerprint=self.fingerprint(self.certificate))
            cli.event("message", text="hello")
            self.assertEqual(cli.wait_end(), 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.known).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(self.known)).st_mode), 0o700)

        server.context = self.context(*self.make_certificate("other"))
        before = server.received
        cli = self.tls_cli(port, "--pin", "first", "--retry", "--send", "hello")
        self.assertIn("has changed", cli.event("error")["reason"])
        self.assertEqual(cli.wait_end(), 69)
        self.assertEqual(server.received, before)

    def test_nobody_to_ask(self):
        server, port = self.serve_echo(self.context())
        pin = self.fingerprint(self.certificate)
        cli = self.tls_cli(port, "--send", "hello")
        untrusted = cli.event("untrusted", fingerprint=pin, before=None)
        self.assertEqual(untrusted["subject"], "server")
        self.assertRegex(untrusted["validTo"], r"^\d{4}-\d\d-\d\dT.*Z$")
        reason = cli.event("error")["reason"]
        self.assertEqual(cli.wait_end(), 69)
        # What it says to run is what works.
        said = reason[reason.index("wireroom-cli ") :].split()
        self.assertEqual(said, ["wireroom-cli", "--tls", "--pin", pin, f"127.0.0.1:{port}"])
        again = self.run_program(os.environ["WIREROOM_CLI"], *said[1:], "--send", "hello")
        again.take_line("hello")
        self.assertEqual(again.wait_end(), 0)
        self.assertFalse(os.path.exists(self.known))

        plain = self.run_program(
            os.environ["WIREROOM_CLI"], "--tls", "--known-servers", self.known, "--send", "hello", f"127.0.0.1:{port}"
        )
        self.assertEqual(plain.wait_end(), 69)
        self.assertIn(f"--tls --pin {pin} 127.0.0.1:{port}", "\n".join(plain.errors))
        self.assertEqual(plain.lines, [])

    def test_a_person_says_yes(self):
        server, port = self.serve_echo(self.context())
        pin = self.fingerprint(self.certificate)
        for options in ([], ["--send", "hello"]):
            if os.path.exists(self.known):
                os.remove(self.known)
            cli = self.at_terminal(port, *options, "--wait", "forever")
            cli.take(lambda line: "is not known yet" in line and pin in line, "what is asked about")
            cli.take(lambda line: line == "    " + pin[:39].replace(":", " "), "the first half")
            cli.take(lambda line: line == "    " + pin[40:].replace(":", " "), "the second half")
            cli.take(lambda line: line.startswith("Type “yes”"), "the question")
            cli.write_line("yes")
            cli.take(lambda line: "encrypted with TLSv1.3" in line, "that it is encrypted")
            if not options:
                cli.write_line("hello")
                cli.take_line("hello")  # the terminal's own echo
            cli.take_line("hello")
            cli.signal(15)
            self.assertEqual(cli.wait_end(), 0)
            with open(self.known, encoding="utf-8") as file:
                self.assertIn(f"127.0.0.1:{port} {pin}\n", file.read())
        self.assertNotIn(b"yes", server.received)

    def test_a_person_says_something_else(self):
        server, port = self.serve_echo(self.context())
        for answer in ("no", "", "yes, why not"):
            cli = self.at_terminal(port, "--retry")
            cli.take(lambda line: line.startswith("Type “yes”"), "the question")
            cli.write_line(answer)
            cli.take(lambda line: "was not confirmed" in line, "that it is over")
            self.assertEqual(cli.wait_end(), 69)
        # Control-D is no yes either.
        cli = self.at_terminal(port, "--retry")
        cli.take(lambda line: line.startswith("Type “yes”"), "the question")
        cli.write(b"\x04")
        self.assertEqual(cli.wait_end(), 69)
        self.assertFalse(os.path.exists(self.known))
        self.assertEqual(server.received, b"")

    def test_a_person_is_asked_about_a_change(self):
        server, port = self.serve_echo(self.context())
        old = self.fingerprint(self.certificate)
        self.assertEqual(self.tls_cli(port, "--pin", "first", "--send", "hello").wait_end(), 0)
        key, certificate = self.make_certificate("other")
        server.context = self.context(key, certificate)
        cli = self.at_terminal(port, "--send", "again")
        cli.take(lambda line: "has changed" in line, "the warning")
        cli.take(lambda line: line == "    " + old[:39].replace(":", " "), "the old one")
        cli.take(lambda line: line == "    " + self.fingerprint(certificate)[:39].replace(":", " "), "the new one")
        cli.take(lambda line: line.startswith("Type “yes”"), "the question")
        cli.write_line("YES")
        cli.take_line("again")
        self.assertEqual(cli.wait_end(), 0)

    def test_a_damaged_file(self):
        server, port = self.serve_echo(self.context())
        os.makedirs(os.path.dirname(self.known))
        with open(self.known, "w", encoding="utf-8") as file:
            file.write("rubbish\n")
        for pin in ("ask", "first"):
            cli = self.tls_cli(port, "--pin", pin, "--send", "hello")
            self.assertIn(f"{self.known}, line 1", cli.event("error")["reason"])
            self.assertEqual(cli.wait_end(), 69)
        self.assertEqual(server.received, b"")

    def test_a_server_without_tls(self):
        server, port = self.serve_echo(None)
        cli = self.tls_cli(port, "--pin", "first", "--send", "a secret")
        # An echo is TLS to look at, but nobody's handshake.
        self.assertIn("TLS handshake", cli.event("error")["reason"])
        self.assertEqual(cli.wait_end(), 69)
        self.assertTrue(server.received.startswith(b"\x16\x03"))
        self.assertNotIn(b"a secret", server.received)

    def test_openssl_s_server(self):
        listening = self.serve()
        port = listening.port
        listening.close()
        server = self.run_program(
            self.openssl, "s_server", "-quiet", "-tls1_2", "-accept", f"127.0.0.1:{port}", "-key", self.key, "-cert",
            self.certificate,
        )
        cli = self.tls_cli(port, "--retry", "--format", "lines", "--pin", self.fingerprint(self.certificate), "--wait", "30")
        cli.event("tls", protocol="TLSv1.2")
        cli.write_line("from the client")
        server.take_line("from the client")
        server.write_line("from the server")
        cli.event("message", text="from the server")
        server.kill()
        cli.event("error")
        cli.signal(15)
        self.assertEqual(cli.wait_end(), 0)

    def test_wrong_usage(self):
        for options in (
            ["--pin", "first"],
            ["--known-servers", "x"],
            ["--tls", "--pin", "second"],
            ["--tls", "--pin", "ABCD"],
            ["--tls", "--pin", ""],
        ):
            cli = self.run_program(os.environ["WIREROOM_CLI"], *options, "127.0.0.1:1")
            self.assertEqual(cli.wait_end(), 64, options)

    def test_fingerprints_are_found_in_the_help(self):
        cli = self.run_program(os.environ["WIREROOM_CLI"], "--help")
        self.assertEqual(cli.wait_end(), 0)
        text = " ".join(" ".join(cli.lines).split())
        for words in ("--tls", "--pin <FINGERPRINT|first|ask>", "--known-servers <FILE>"):
            self.assertIn(words, text)


if __name__ == "__main__":
    main()

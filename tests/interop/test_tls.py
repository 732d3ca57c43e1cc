# SPDX-License-Identifier: Apache-2.0
"""TLS as other programs speak it: openssl's own client and Python's ssl; and a start that must not succeed."""

import hashlib
import os
import signal
import socket
import ssl
import struct
import subprocess

from wireroomtest import DEADLINE, WireroomTestCase, main, require, without_display

SERVERD = os.environ["WIREROOM_SERVERD"]
USAGE, CONFIGURATION = 64, 78


class Tls(WireroomTestCase):
    def start(self, *options):
        self.place = self.directory()
        return self.start_daemon(*options, data_dir=self.place)

    def stop(self, daemon):
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait_end(), 0)

    def certificate(self):
        return os.path.join(self.place, "tls-certificate.pem")

    def open(self, daemon, **settings):
        """A connection of Python's that trusts the server's certificate, and nobody else's."""
        context = ssl.create_default_context(cafile=self.certificate())
        for name, value in settings.items():
            setattr(context, name, value)
        plain = socket.create_connection(("127.0.0.1", daemon.port), timeout=DEADLINE)
        self.addCleanup(plain.close)
        secured = context.wrap_socket(plain, server_hostname="localhost")
        self.addCleanup(secured.close)
        return secured

    def exactly(self, peer, count):
        received = b""
        while len(received) < count:
            block = peer.recv(count - len(received))
            self.assertTrue(block, f"the end came after {received!r}")
            received += block
        return received

    def test_python_trusts_the_certificate_by_name_and_by_address(self):
        daemon = self.start("--plain-policy", "echo")
        peer = self.open(daemon)
        self.assertEqual(peer.version(), "TLSv1.3")
        frame = struct.pack("<I", 5) + b"hello"
        peer.sendall(frame)
        self.assertEqual(self.exactly(peer, len(frame)), frame)
        context = ssl.create_default_context(cafile=self.certificate())
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=DEADLINE) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as by_address:
                self.assertEqual(by_address.version(), "TLSv1.3")

    def test_python_with_tls_1_2(self):
        daemon = self.start("--plain-policy", "echo")
        peer = self.open(daemon, maximum_version=ssl.TLSVersion.TLSv1_2)
        self.assertEqual(peer.version(), "TLSv1.2")
        peer.sendall(b"a line\n")
        self.assertEqual(self.exactly(peer, 7), b"a line\n")
        client = daemon.event("secured")
        self.assertEqual(client["tls"], "TLS 1.2")
        self.assertEqual(client["cipher"], peer.cipher()[0])

    def test_fingerprint_is_that_of_the_certificate(self):
        daemon = self.start("--tls", "offered")
        told = daemon.event("tls")
        peer = self.open(daemon)
        digest = hashlib.sha256(peer.getpeercert(binary_form=True)).hexdigest()
        self.assertEqual(told["fingerprint"].replace(":", "").lower(), digest)
        self.assertEqual(told["mode"], "offered")

    def test_server_keeps_its_certificate(self):
        first = self.start()
        fingerprint = first.event("tls")["fingerprint"]
        self.stop(first)
        second = self.start_daemon(data_dir=self.place)
        self.assertEqual(second.event("tls")["fingerprint"], fingerprint)

    def test_files_are_for_the_user_alone_whatever_the_umask(self):
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        daemon = self.start()
        daemon.event("tls")
        self.assertEqual(os.stat(os.path.join(self.place, "tls-key.pem")).st_mode & 0o777, 0o600)

    def test_peer_that_sends_closes_and_never_reads_loses_nothing(self):
        daemon = self.start("--format", "u32le")
        for size in (1, 1000, 100_000, 3_000_000):
            with self.subTest(size=size):
                peer = self.open(daemon)
                peer.sendall(struct.pack("<I", size) + size * b"s")
                peer.close()
                self.assertEqual(len(daemon.event("message")["text"]), size)

    def test_peer_that_ends_tls_still_gets_its_answer(self):
        daemon = self.start("--plain-policy", "echo", "--format", "stream")
        context = ssl.create_default_context(cafile=self.certificate())
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=DEADLINE) as plain:

            def exchange(step):
                while True:
                    try:
                        return step()
                    except ssl.SSLWantReadError:
                        plain.sendall(outgoing.read())
                        block = plain.recv(65536)
                        incoming.write(block) if block else incoming.write_eof()

            exchange(tls.do_handshake)
            tls.write(b"all of it")
            try:
                tls.unwrap()
            except ssl.SSLWantReadError:
                pass
            plain.sendall(outgoing.read())
            # What follows is the server's answer, in a record, and then its end.
            answer = b""
            while block := plain.recv(65536):
                answer += block
            self.assertTrue(answer.startswith(b"\x17\x03\x03"), answer)
        self.assertEqual(daemon.event("message")["text"], "all of it")

    def test_openssl_client(self):
        openssl = require("openssl", "openssl")
        daemon = self.start("--plain-policy", "echo")
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version=version):
                client = subprocess.Popen(
                    [openssl, "s_client", "-connect", f"127.0.0.1:{daemon.port}", version, "-quiet",
                     "-CAfile", self.certificate(), "-verify_return_error", "-verify_hostname", "localhost"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.addCleanup(client.stderr.close)
                self.addCleanup(client.stdout.close)
                self.addCleanup(client.wait)
                self.addCleanup(client.kill)
                client.stdin.write(b"through openssl\n")
                client.stdin.flush()
                self.assertEqual(client.stdout.readline(), b"through openssl\n")
                client.stdin.close()

    def test_old_versions_are_refused(self):
        openssl = require("openssl", "openssl")
        daemon = self.start()
        done = subprocess.run(
            [openssl, "s_client", "-connect", f"127.0.0.1:{daemon.port}", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("protocol version", done.stderr)
        self.assertIn("TLS", daemon.event("refused")["reason"])

    def test_required_serves_nobody_in_plain(self):
        daemon = self.start("--tls", "required", "--plain-policy", "echo")
        plain = self.connect(daemon, "lines")
        plain.send_raw(b"hello\n")
        self.assertIn(b"Connect with TLS", plain.receive_rest())
        secured = self.open(daemon)
        secured.sendall(b"hello\n")
        self.assertEqual(self.exactly(secured, 6), b"hello\n")
        self.assertEqual(daemon.event("message")["text"], "hello")

    def test_off_refuses(self):
        daemon = self.start("--tls", "off")
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=DEADLINE) as plain:
            with self.assertRaises(ssl.SSLError):
                ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
        self.assertIn("does not offer", daemon.event("refused")["reason"])
        self.assertEqual([name for name in os.listdir(self.place) if name.startswith("tls")], [])

    def fails(self, code, words, *options, **settings):
        done = subprocess.run(
            [SERVERD, "--listen", "127.0.0.1:0", *options], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=DEADLINE, env=without_display(), **settings)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (code, 1), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_does_not_start_without_its_key(self):
        place = self.directory()
        self.stop(self.start())
        certificate, key = self.certificate(), os.path.join(self.place, "tls-key.pem")
        empty = os.path.join(place, "empty.pem")
        with open(empty, "w", encoding="ascii"):
            pass
        for mode in ("offered", "required"):
            for words, options in [
                (["no.pem", "not there"], ["--tls-cert", certificate, "--tls-key", "no.pem"]),
                (["no.pem", "not there"], ["--tls-cert", "no.pem", "--tls-key", key]),
                (["without its key"], ["--tls-cert", certificate]),
                (["without its certificate"], ["--tls-key", key]),
                (["holds no TLS key"], ["--tls-cert", certificate, "--tls-key", empty]),
                (["holds no TLS certificate"], ["--tls-cert", empty, "--tls-key", key]),
                (["is a directory"], ["--tls-cert", certificate, "--tls-key", place]),
            ]:
                with self.subTest(mode=mode, options=options):
                    self.fails(CONFIGURATION, words, "--data-dir", place, "--tls", mode, *options)
        # Named without a mode as well.
        self.fails(CONFIGURATION, ["not there"], "--data-dir", place, "--tls-cert", "a.pem", "--tls-key", "b.pem")
        os.remove(key)
        self.fails(CONFIGURATION, ["tls-key.pem", "not there"], "--data-dir", self.place)

    def test_does_not_start_with_a_key_that_it_may_not_read(self):
        self.stop(self.start())
        os.chmod(os.path.join(self.place, "tls-key.pem"), 0)
        somebody = {}
        if os.geteuid() == 0:  # who may read everything
            somebody = {"user": 65534, "group": 65534, "extra_groups": []}
            for name in {".", *os.listdir(self.place)} - {"tls-key.pem"}:
                os.chown(os.path.join(self.place, name), 65534, 65534)
        self.fails(CONFIGURATION, ["tls-key.pem", "cannot be read"], "--data-dir", self.place, **somebody)

    def test_usage(self):
        place = self.directory()
        self.fails(USAGE, ["--tls", "maybe"], "--data-dir", place, "--tls", "maybe")
        self.fails(USAGE, ["--tls-cert", "off"], "--data-dir", place, "--tls", "off", "--tls-cert", "c.pem")


if __name__ == "__main__":
    main()

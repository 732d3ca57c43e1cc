# SPDX-License-Identifier: Apache-2.0
"""wireroom-cli and wireroom-serverd with TLS between them: chat over restarts, and who is refused."""

import json
import os
import signal

from wireroomtest import WireroomTestCase, main


class TlsRoom(WireroomTestCase):
    def setUp(self):
        self.folder = self.directory()
        self.known = os.path.join(self.folder, "known-servers")
        self.data = os.path.join(self.folder, "server")

    def serve_room(self, mode, port=0, *options):
        daemon = self.try_daemon("--tls", mode, "--listen", f"127.0.0.1:{port}", *options, data_dir=self.data)
        self.addCleanup(self._end_daemon, daemon)
        return daemon.wait_listening()

    def chat(self, port, name, *options):
        return self.start_cli(
            port, "--tls", "--pin", "first", "--known-servers", self.known, "--name", name, "--state",
            os.path.join(self.folder, name), *options,
        )

    def test_chat_over_a_killed_server(self):
        daemon = self.serve_room("required")
        port = daemon.port
        transcript = os.path.join(self.folder, "transcript")
        ann = self.chat(port, "ann", "--retry", "--wait", "forever", "--transcript", transcript)
        tls = ann.event("tls")
        ann.event("welcome")
        ben = self.chat(port, "ben", "--retry", "--wait", "forever")
        ben.event("tls", fingerprint=tls["fingerprint"])
        ben.event("welcome")
        texts = []
        for round_ in range(3):
            for number in range(20):
                texts.append(f"{round_} {number}")
                ben.write_line(texts[-1])
            # Some of them are under way.
            ann.event("message", text=f"{round_} 0")
            daemon.signal(signal.SIGKILL)
            daemon.wait_end()
            daemon = self.serve_room("required", port)
            for cli in (ann, ben):
                # The same certificate again.
                cli.event("tls", fingerprint=tls["fingerprint"], trusted="known")
            ann.event("message", text=f"{round_} 19")
        with open(transcript, encoding="utf-8") as file:
            received = [json.loads(line)["text"] for line in file]
        self.assertEqual(received, texts)
        for cli in (ann, ben):
            cli.signal(signal.SIGTERM)
            self.assertEqual(cli.wait_end(), 0)

    def test_a_plain_client_of_a_server_that_requires_it(self):
        daemon = self.serve_room("required")
        cli = self.start_cli(
            daemon.port, "--name", "ann", "--state", os.path.join(self.folder, "ann"), "--send", "hello"
        )
        self.assertIn("only encrypted connections", cli.event("error")["reason"])
        self.assertEqual(cli.wait_end(), 69)

    def test_a_server_that_does_not_offer_it(self):
        daemon = self.serve_room("off")
        cli = self.chat(daemon.port, "ann", "--send", "hello")
        self.assertIn("encryption is off there", cli.event("error")["reason"])
        self.assertEqual(cli.wait_end(), 69)
        self.assertFalse(os.path.exists(self.known))
        self.assertEqual(daemon.untaken_events("name"), [])

    def test_a_server_with_another_certificate(self):
        daemon = self.serve_room("required")
        port = daemon.port
        self.assertEqual(self.chat(port, "ann", "--send", "hello").wait_end(), 0)
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait_end(), 0)
        self.data = os.path.join(self.folder, "another")
        self.serve_room("required", port)
        cli = self.chat(port, "ann", "--retry", "--send", "hello again")
        self.assertIn("has changed", cli.event("error")["reason"])
        self.assertEqual(cli.wait_end(), 69)

    def test_a_stream_over_tls(self):
        daemon = self.serve_room("offered", 0, "--format", "stream")
        cli = self.start_cli(
            daemon.port, "--tls", "--pin", "first", "--known-servers", self.known, "--format", "stream", "--send", "all of it"
        )
        daemon.event("message", text="all of it")
        self.assertEqual(cli.wait_end(), 0)


if __name__ == "__main__":
    main()

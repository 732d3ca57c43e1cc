# SPDX-License-Identifier: Apache-2.0
"""Clients of every kind on one port, without a setting: the server finds out how each speaks, and answers so."""

from wireroomtest import Peer, WireroomTestCase, main


class Detection(WireroomTestCase):
    KINDS = ["u32le", "u32be", "lines"]

    def connect_known(self, wire_format, first=b"hello"):
        peer = self.connect(self.daemon, wire_format)
        client = self.daemon.client_of(peer)
        peer.send(first)
        self.daemon.event("format", id=client, format=wire_format, detected=True)
        self.assertEqual(self.daemon.message(client, first)["format"], wire_format)
        return client, peer

    def test_three_kinds_on_one_port(self):
        self.daemon = self.start_daemon("--plain-policy", "echo")
        known = [self.connect_known(kind) for kind in self.KINDS * 2]
        for _, peer in known:
            self.assertEqual(peer.receive(), b"hello")
        for _ in range(10):
            for client, peer in known:
                text = f"from {client}".encode()
                self.assert_echo(peer, text)
                self.daemon.message(client, text)
        answer = self.daemon.command("send all good morning")
        self.assertEqual(answer["to"], [client for client, _ in known])
        for _, peer in known:
            self.assertEqual(peer.receive(), b"good morning")

    def test_they_talk_to_each_other(self):
        self.daemon = self.start_daemon("--plain-policy", "relay")
        known = [self.connect_known(self.KINDS[0])]
        for kind in self.KINDS[1:]:
            known.append(self.connect_known(kind))
            for _, peer in known[:-1]:
                self.assertEqual(peer.receive(), b"hello")
        for client, sender in known:
            text = f"Grüße from {client}".encode()
            sender.send(text)
            for other, peer in known:
                if other != client:
                    self.assertEqual(peer.receive(), text)

    def test_first_bytes_one_by_one(self):
        self.daemon = self.start_daemon("--plain-policy", "echo")
        for kind in self.KINDS:
            peer = self.connect(self.daemon, kind)
            client = self.daemon.client_of(peer)
            for byte in peer.frame(b"hello"):
                peer.send_raw(bytes([byte]))
                self.daemon.command("clients")  # a round trip, so that the bytes do not join on their way
            self.assertEqual(peer.receive(), b"hello")
            self.daemon.event("format", id=client, format=kind, detected=True)

    def test_short_lines(self):
        self.daemon = self.start_daemon("--plain-policy", "echo")
        for text in [b"", b"a", b"ab"]:
            _, peer = self.connect_known("lines", text)
            self.assertEqual(peer.receive(), text)

    def test_silent_client_gets_the_default(self):
        for default in ["u32le", "u16be", "lines"]:
            self.daemon = self.start_daemon("--default-format", default)
            peer = self.connect(self.daemon, default)
            client = self.daemon.client_of(peer)
            self.assertEqual(self.daemon.command(f"send {client} good morning")["to"], [client])
            self.assertEqual(peer.receive(), b"good morning")
            self.daemon.event("format", id=client, format=default, detected=False)
            peer.send(b"thank you")
            self.assertEqual(self.daemon.message(client, b"thank you")["format"], default)

    def test_many_small_frames_at_once(self):
        self.daemon = self.start_daemon("--plain-policy", "echo")
        for kind in self.KINDS:
            peer = self.connect(self.daemon, kind)
            texts = [f"message {n}".encode() for n in range(2_000)]
            peer.send_raw(b"".join(peer.frame(text) for text in texts))
            for text in texts:
                self.assertEqual(peer.receive(), text)

    def test_client_that_ends_at_once(self):
        """What it said before its end is still read."""
        self.daemon = self.start_daemon()
        for kind in self.KINDS:
            peer = Peer.to(self.daemon.port, kind)
            port = peer.port
            peer.send(b"hello and goodbye")
            peer.close()
            client = self.daemon.event("connected", port=port)["id"]
            self.daemon.message(client, b"hello and goodbye")
            self.daemon.event("disconnected", id=client, reason="The other side closed the connection.")


if __name__ == "__main__":
    main()

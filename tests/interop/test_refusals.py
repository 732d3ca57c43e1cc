# SPDX-License-Identifier: Apache-2.0
"""What the server cannot make sense of, it explains in the log, and closes cleanly."""

import gzip
import io
import ssl
import struct

from wireroomtest import WireroomTestCase, main


def client_hello():
    """What a TLS client says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def gzip_with_name():
    buffer = io.BytesIO()
    with gzip.GzipFile("notes.txt", "wb", fileobj=buffer, mtime=0) as file:
        file.write(b"a few words")
    return buffer.getvalue()


def counting_itself(payload, prefix="<I"):
    """A frame of a sender that counts the length's own bytes in."""
    return struct.pack(prefix, struct.calcsize(prefix) + len(payload)) + payload


class Refusals(WireroomTestCase):
    def setUp(self):
        self.daemon = self.start_daemon("--plain-policy", "echo", "--tls", "off")
        self.bystander = self.connect(self.daemon)
        self.daemon.client_of(self.bystander)
        self.assert_echo(self.bystander, b"before")

    def tearDown(self):
        self.assert_echo(self.bystander, b"after")

    def meet(self):
        peer = self.connect(self.daemon)
        return peer, self.daemon.client_of(peer)

    def assert_refused(self, peer, client, *words):
        refused = self.daemon.event("refused", id=client, port=peer.port, address="127.0.0.1")
        for word in words:
            self.assertIn(word, refused["reason"])
        self.assert_closed_cleanly(peer)
        self.assertEqual(self.daemon.event("disconnected", id=client)["reason"], refused["reason"])

    def assert_refused_at_once(self, data, *words):
        peer, client = self.meet()
        peer.send_raw(data)
        self.assert_refused(peer, client, *words)

    def assert_refused_at_its_end(self, data, *words):
        peer, client = self.meet()
        peer.send_raw(data)
        peer.finish_sending()
        refused = self.daemon.event("refused", id=client)
        for word in words:
            self.assertIn(word, refused["reason"])
        peer.receive_rest()

    def test_tls(self):
        peer, client = self.meet()
        peer.send_raw(client_hello())
        self.assertIn("TLS", self.daemon.event("refused", id=client)["reason"])
        # A fatal alert, handshake_failure: the client need not wait to know.
        self.assertEqual(peer.receive_rest(), bytes.fromhex("15030100020228"))

    def test_http_request_is_named(self):
        peer, client = self.meet()
        peer.send_raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertIn("HTTP", self.daemon.event("note", id=client)["text"])
        self.assertEqual(self.daemon.message(client, b"GET / HTTP/1.1")["format"], "lines")

    def test_ssh_greeting_is_named(self):
        peer, client = self.meet()
        peer.send_raw(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.assertIn("SSH", self.daemon.event("note", id=client)["text"])

    def test_garbage(self):
        # Beyond the limit in both byte orders, and no text.
        self.assert_refused_at_once(bytes.fromhex("8081828384858687"), "80 81 82 83", "u32le", "2,206,368,128", "u32be",
                                    "2,155,971,203", "16,777,216")

    def test_gzip_that_no_length_fits(self):
        self.assert_refused_at_once(gzip_with_name(), "1f 8b 08 08", "gzip")

    def test_gzip_that_could_be_a_length(self):
        self.assert_refused_at_its_end(gzip.compress(b"a few words", mtime=0), "gzip")

    def test_too_few_bytes_to_tell(self):
        self.assert_refused_at_its_end(b"\x05\x00", "2 bytes", "05 00")

    def test_frame_that_ends_early(self):
        self.assert_refused_at_its_end(struct.pack("<I", 100) + b"only this", "9 of the 100 bytes", "u32le")

    def test_swapped_byte_order(self):
        peer, client = self.meet()
        peer.send_raw(struct.pack("<I", 5) + b"hello")
        self.daemon.message(client, b"hello")
        self.assertEqual(peer.receive(), b"hello")
        peer.send_raw(struct.pack(">I", 5) + b"hello")
        self.assert_refused(peer, client, "83,886,080", "u32be", "byte order")

    def test_length_that_counts_its_header_in_one_piece(self):
        peer, client = self.meet()
        peer.send_raw(counting_itself(b"hello") + counting_itself(b"world"))
        refused = self.daemon.event("refused", id=client)
        self.assertIn("counts the", refused["reason"])
        self.assertIn("header", refused["reason"])

    def test_length_that_counts_its_header_in_separate_sends(self):
        peer, client = self.meet()
        frame = counting_itself(b"hello")
        peer.send_raw(frame[:4])
        peer.send_raw(frame[4:])
        next_frame = counting_itself(b"world")
        peer.send_raw(next_frame[:4])
        # The second length was taken for the first message's end; only then does its text come.
        self.daemon.message(client, b"hello" + next_frame[:4])
        self.assertEqual(peer.receive(), b"hello" + next_frame[:4])
        peer.send_raw(next_frame[4:])
        self.assert_refused(peer, client, "counts the", "header")

    def test_length_that_counts_its_header_and_no_second_frame(self):
        self.assert_refused_at_its_end(counting_itself(b"hello"), "counts the header")

    def test_length_that_counts_its_header_big_endian(self):
        self.assert_refused_at_its_end(counting_itself(b"hello", ">I"), "counts the header")

    def test_carriage_return_and_line_feed_after_each_frame(self):
        peer, client = self.meet()
        peer.send_raw(struct.pack(">I", 5) + b"hello\r\n" + struct.pack(">I", 5) + b"world\r\n")
        self.daemon.message(client, b"hello")
        refused = self.daemon.event("refused", id=client)
        self.assertIn("CR LF", refused["reason"])

    def test_carriage_return_and_line_feed_that_could_be_a_length(self):
        # 0d 0a 05 00 is a small length in little-endian: it shows only when the rest does not come.
        frames = struct.pack("<I", 5) + b"hello\r\n" + struct.pack("<I", 5) + b"world\r\n"
        self.assert_refused_at_its_end(frames, "CR LF")

    def test_carriage_return_and_line_feed_after_the_only_frame(self):
        self.assert_refused_at_its_end(struct.pack("<I", 5) + b"hello\r\n", "CR LF")


if __name__ == "__main__":
    main()

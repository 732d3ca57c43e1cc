#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the fuzzers: small inputs made from the examples of PROTOCOL.md.

makecorpus.py FOLDER PROTOCOL.md
"""

import pathlib
import re
import struct
import sys


def examples(document):
    """The bytes of each block that is marked `wire`."""
    for block in re.findall(r"```wire\n(.*?)```", document, re.DOTALL):
        lines = [line for line in block.splitlines() if re.fullmatch(r"([0-9a-f]{2}( +|$))+", line)]
        yield bytes.fromhex("".join(lines))


def detector(frames):
    """A limit, a default format, then the first bytes of a connection."""
    firsts = [
        b"hello\n", b"hi\n", b"\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n",
        "grüße\n".encode(), b"\xef\xbb\xbfbom\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x16\x03\x09\x00",
        struct.pack("<I", 5) + b"hello", struct.pack(">I", 5) + b"hello", bytes(8), b"\x00\x00\x00\x01\x00",
        struct.pack("<Q", 2) + b"hi", b"\xff\xff\xff\xff\xff", b"\x02hi", b"{\"json\": 1}\n", b"\x89PNG\r\n\x1a\n", b"\x1f\x8b\x08",
    ]
    for index, first in enumerate(firsts + frames[:3]):
        yield bytes([4, index % 5]) + first
        yield bytes([index % 8, 0]) + first


def decoder(frames):
    """A format, a limit, a way to split; then frames."""
    for number, (prefix, size) in enumerate([("<B", 1), ("<H", 2), (">H", 2), ("<I", 4), (">I", 4), ("<Q", 8), (">Q", 8)]):
        stream = b"".join(struct.pack(prefix, len(text)) + text for text in (b"hello", b"", b"x" * 40, b"end"))
        for split in (0, 1, 2, 3):
            yield bytes([number, 9, split]) + stream
        yield bytes([number, 3, 2]) + stream
        yield bytes([number, 9, 3]) + stream[:-2]
        yield bytes([number, 9, 0]) + b"\xff" * size + b"GET / HTTP/1.1\r\n"
        yield bytes([number, 5, 1]) + b"".join(struct.pack(prefix, len(text)) + text + b"\r\n" for text in (b"one", b"two"))
    for split in (0, 1, 2, 3):
        yield bytes([7, 9, split]) + b"one\ntwo\r\n\n\r\nlast"
        yield bytes([7, 3, split]) + b"one\ntwo\r\nfour\n"
        yield bytes([8, 9, split]) + b"all of this is one message"
    yield bytes([8, 3, 0]) + b"too long"
    yield bytes([4, 9, 3]) + b"".join(frames)


def codec(frames):
    """One payload."""
    for frame in frames:
        yield frame[4:]
    nested = b"\x81" * 40
    yield nested
    yield bytes([0x82, 0x18, 0x63]) + nested
    yield b"\x9b\x00\x00\x00\x00\x80\x00\x00\x00\x01"  # an array of 2^31 elements
    yield b"\x82\x10\x7b\x00\x00\x00\x00\x80\x00\x00\x00"  # a text of 2^31 bytes
    yield b"\x82\x10\x7f\x61a\x7f\x61b\xff\xff"  # a text in pieces, one of which is in pieces
    yield b"\x82\x10\x7f\x62\xc3\xbc\x60\x63abc\xff"
    yield b"\x82\x10\x62\xc3\x28"  # no UTF-8
    yield b"\x9f\x0b\x05\xa1\x01\x02\xc1\x00\xff"
    yield b"\x82\x0b\x1b\xff\xff\xff\xff\xff\xff\xff\xff"


def session(frames):
    """A mode, then steps: fuzzsession.cpp tells what they mean."""
    hello, post, ack, rename, ping, pong, query, bye = (number + 8 for number in (0, 2, 5, 6, 7, 8, 9, 11))

    def step(client, what, *more, waits=True):
        return bytes([what << 3 | (4 if waits else 0) | client, *more])

    join = [step(client, hello, 0, client % 3, 0) for client in range(4)]
    to_all, to_two = (5,), (2, 0, 1)
    both = join[0] + join[1]
    yield from (both + rest for rest in (
        step(0, post, 1, *to_all, 5, *b"hello") + step(1, ack, 1) + step(1, post, 1, *to_two, 2, *b"hi"),
        step(0, post, 1, *to_all, 2, *b"hi", waits=False) + step(0, ping, 7, waits=False) + step(0, query, 255, 255, 5, 0, 7, 3),
        step(0, rename, 2) + step(1, rename, 4) + step(0, pong, 0) + step(0, bye, 0) + step(1, ping, 1),
        step(2, hello, 4, 0, 255) + step(2, post, 1, *to_all, 1, 65),  # 2 comes back as 0
        step(0, 3) + step(1, post, 1, *to_all, 2, *b"hi") + step(0, hello, 4, 0, 255) + step(0, ack, 1),
        step(0, 2) + step(1, 4) + step(0, 5) + step(0, 6) + step(0, 7),
        step(0, hello, 0, 0, 0),
        step(0, post, 0, *to_all, 1, 65),
        step(0, post, 1, *to_all, 255) + step(1, post, 2, *to_all, 250),
        step(0, 12 + 8) + step(1, 13 + 8),
        step(1, 15 + 8) + step(1, ping, 1),
        step(2, 1, 5, *b"lines") + step(3, 1, 7, 0, 0, 0, 3, 65, 66, 67) + step(0, post, 1, *to_all, 2, *b"hi"),
        step(2, 1, 6, 0x16, 3, 1, 2, 0, 1) + step(3, 1, 2, 0, 0) + step(0, ping, 1),
    ))
    yield join[0] + join[1] + join[2] + join[3]
    for frame in frames:
        payload = frame[4:]
        if len(payload) < 250:
            yield step(0, 0, len(payload), *payload)
            yield join[0] + step(0, 0, len(payload), *payload) + step(0, ping, 1)


def main():
    folder, document = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
    frames = list(examples(document))
    assert len(frames) > 16, "PROTOCOL.md has lost its examples"
    for make in (detector, decoder, codec, session):
        target = folder / make.__name__
        target.mkdir(parents=True, exist_ok=True)
        for old in target.iterdir():
            old.unlink()
        inputs = list(make(frames))
        if make is session:
            # Without and with a history, and in the other modes.
            inputs = [bytes([mode]) + steps for mode in (0, 1) for steps in inputs] + [bytes([14]) + steps for steps in inputs[:12]]
        for number, data in enumerate(inputs):
            (target / f"{number:03}").write_bytes(data)


if __name__ == "__main__":
    main()

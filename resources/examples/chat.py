#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# chat.py HOST PORT NAME TOKENFILE: joins a chat, or returns to it once TOKENFILE is there. Prints what comes and sends
# the lines typed: "3,4: hello" to those IDs, others to everyone. common/protocol/PROTOCOL.md explains the protocol.
import io, os, re, socket, struct, sys, threading
HELLO, WELCOME, REFUSED, POST, STORED, DELIVERY, ACK, _, PRESENCE, _, PING, PONG, _, _, NOTICE, BYE = range(1, 17)

def encode(value):
    def head(major, number):
        return bytes([major << 5 | number]) if number < 24 else struct.pack(">BQ", major << 5 | 27, number)
    return {type(None): lambda: b"\xf6", int: lambda: head(0, value), bytes: lambda: head(2, len(value)) + value,
            str: lambda: head(3, len(value.encode())) + value.encode(),
            list: lambda: head(4, len(value)) + b"".join(map(encode, value))}[type(value)]()

def decode(data):
    major, number = divmod(data.read(1)[0], 32)
    number = number if number < 24 else int.from_bytes(data.read(1 << number - 24), "big")
    return (lambda: number, lambda: -1 - number, lambda: data.read(number), lambda: data.read(number).decode(),
            lambda: [decode(data) for _ in range(number)], lambda: {decode(data): decode(data) for _ in range(number)},
            lambda: decode(data), lambda: {20: False, 21: True}.get(number))[major]()

def send(*message, tag=b""):
    payload = tag + encode(list(message))
    with sending:
        server.sendall(struct.pack(">I", len(payload)) + payload)

def post_lines(last_ref, count=0):
    for count, line in enumerate(sys.stdin, 1):
        ids, text = re.fullmatch(r"(?:(\d+(?:, *\d+)*): )?(.*)", line.rstrip("\n"), re.DOTALL).groups()
        send(POST, last_ref + count, ids and [int(number) for number in ids.split(",")], "text", text)
    for _ in range(count):
        stored.acquire()
    send(BYE, "")

host, port, name, token_file = *sys.argv[1:4], os.open(sys.argv[4], os.O_RDWR | os.O_CREAT, 0o600)
sending, stored, kind = threading.RLock(), threading.Semaphore(0), None
server = socket.create_connection((host, int(port)))
incoming = server.makefile("rb")
send(HELLO, 1, name, os.read(token_file, 32) or None, None, None, tag=b"\xd9\xd9\xf7")
while prefix := incoming.read(4):
    kind, *fields = decode(io.BytesIO(incoming.read(*struct.unpack(">I", prefix))))
    if kind == WELCOME:
        os.pwrite(token_file, fields[2], 0)
        names = {0: "operator"} | {number: called for number, called, *_ in fields[6]}
        threading.Thread(target=post_lines, args=(fields[7],), daemon=True).start()
    elif kind == DELIVERY:
        with sending:  # a BYE in between would leave it unacknowledged
            print(f"{names.get(fields[2], 'client')} ({fields[2]}): {fields[5]!r}", flush=True)
            send(ACK, fields[0])
    elif kind == PRESENCE:
        names[fields[0]] = fields[1]
    elif kind == STORED:
        stored.release()
        print(*(f"* Nobody has the ID {number}.\n" for number in fields[3]), sep="", end="", flush=True)
    elif kind == PING:
        send(PONG, fields[0])
    elif kind in (NOTICE, REFUSED, BYE):
        print("*", fields[0 if kind == BYE else 1] or "Goodbye.", flush=True)
sys.exit(kind != BYE)

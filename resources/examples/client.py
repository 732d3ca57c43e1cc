#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# client.py HOST PORT [MESSAGE…]: sends the messages, else the lines typed, and prints what comes.
import socket, struct, sys, threading

def send(messages):
    for text in messages:
        data = text.encode()
        server.sendall(struct.pack("<I", len(data)) + data)
    server.shutdown(socket.SHUT_WR)

host, port, *messages = sys.argv[1:]
server = socket.create_connection((host, int(port)))
typed = (line.rstrip("\n") for line in sys.stdin)
threading.Thread(target=send, args=(messages or typed,), daemon=True).start()
incoming = server.makefile("rb")
while header := incoming.read(4):
    print(incoming.read(*struct.unpack("<I", header)).decode(errors="replace"), flush=True)

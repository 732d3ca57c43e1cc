# SPDX-License-Identifier: Apache-2.0
"""Lets clients of several kinds talk with the server window and saves pictures of both windows, light and dark.

Run by resources/scripts/screenshots: pictures.py PROGRAMS FOLDER.
"""

import pathlib
import socket
import struct
import subprocess
import sys

from virtualdesktop import VirtualDesktop
from windowdriver import wait_for

PORT = 4040


class Peer:
    """A client of our own making, in one of the formats that the server tells apart."""

    def __init__(self, encode):
        self._encode = encode
        self._socket = socket.create_connection(("127.0.0.1", PORT))

    def say(self, *texts):
        for text in texts:
            self._socket.sendall(self._encode(text.encode() if isinstance(text, str) else text))


def lines(payload):
    return payload + b"\n"


def little_endian(payload):
    return struct.pack("<I", len(payload)) + payload


def big_endian(payload):
    return struct.pack(">I", len(payload)) + payload


class Chatter:
    """Somebody who chats from a terminal."""

    def __init__(self, programs, name):
        self._program = subprocess.Popen([programs / "wireroom-cli", "--name", name, f"127.0.0.1:{PORT}"], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self._program.stderr.readline()

    def say(self, text):
        self._program.stdin.write(text + "\n")
        self._program.stdin.flush()

    def leave(self):
        self._program.stdin.close()


def mentions(text):
    return lambda row: any(text in cell for cell in row)


def last_cell(text):
    return lambda row: row[-1].strip() == text


def take(programs, folder, theme):
    with VirtualDesktop() as desktop:
        server = desktop.run(programs / "wireroom-server", "--theme", theme, "--start", "--listen", f"127.0.0.1:{PORT}")
        server.place(0, 0, 1120, 760)
        client = desktop.run(programs / "wireroom", "--theme", theme, "--name", "Ann", "--connect", f"127.0.0.1:{PORT}")
        client.place(960, 280, 940, 660)
        log = server.table("Messages")
        wait_for("the client to be connected", client.button("Send").enabled)
        bob = Chatter(programs, "Bob")
        cecile = Chatter(programs, "Cécile")
        log.wait_for_row("Cécile", lambda row: "Cécile" in row[-1] or "Cécile" in " ".join(row))

        def write(window, text):
            field = window.field("Message")
            field.fill(text)
            field.press("Return")
            window.table("Messages").wait_for_row(text, lambda row: any(text in cell for cell in row))

        terminal = Peer(lines)
        terminal.say("Grüße from a terminal in Zürich")
        sensor = Peer(big_endian)
        sensor.say('{"sensor":"hall 3","celsius":21.5}')
        device = Peer(little_endian)
        device.say("pump 2 ready", b"\x02\x10\x00\x00\x00\xff\x7f\x03")
        log.wait_for_row("the device", last_cell("pump 2 ready"))
        write(client, "Good morning! Is anybody there?")
        bob.say("Good morning, Ann. I am in hall 3, and it is getting warm here: the fan of pump 2 stands still.")
        log.wait_for_row("Bob", mentions("getting warm"))
        sensor.say('{"sensor":"hall 3","celsius":22.8}')
        log.wait_for_row("the sensor", last_cell('{"sensor":"hall 3","celsius":22.8}'))
        server.field("To").fill("6")
        write(server, "fan 2 on")
        device.say("fan 2 runs at 1,200 rpm")
        log.wait_for_row("the device", last_cell("fan 2 runs at 1,200 rpm"))
        server.field("To").fill("all")
        write(server, "The fan is on, it will be cooler soon.")
        cecile.say("/to 1 Shall I bring the spare one all the same?")
        log.wait_for_row("Cécile", mentions("spare one"))
        bob.say("It runs.")
        log.wait_for_row("Bob", mentions("It runs."))
        write(client, "Thank you both! Have a look at its bearing when you pass by, please.")
        bob.leave()
        server.table("Clients").wait_for_row("Bob to be away", lambda row: "Bob" in row and "Offline" in row)
        server.field("To").fill("2")
        write(server, "Please call me when you are back.")
        server.field("To").fill("all")
        table = server.table("Messages")
        table.click_row(next(index for index, row in enumerate(table.rows()) if mentions("celsius\":22.8")(row)))
        for name, window in (("server", server), ("client", client)):
            window.raise_window()
            path = folder / f"{name}-{theme}.png"
            window.screenshot(path)
            subprocess.run(["convert", path, "-strip", "-define", "png:compression-level=9", path], check=True)
            print(f"{path} ({path.stat().st_size // 1024} KiB)")


def main():
    programs, folder = map(pathlib.Path, sys.argv[1:3])
    folder.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        # The accessibility bus is a process's for good: a process of its own for each desktop.
        if len(sys.argv) == 4:
            take(programs, folder, sys.argv[3])
            return
        subprocess.run([sys.executable, __file__, programs, folder, theme], check=True)


if __name__ == "__main__":
    main()

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


def last_cell(text):
    return lambda row: row[-1].strip() == text


def take(programs, folder, theme):
    with VirtualDesktop() as desktop:
        server = desktop.run(programs / "wireroom-server", "--theme", theme, "--start", "--listen", f"127.0.0.1:{PORT}")
        server.place(0, 0, 1120, 760)
        client = desktop.run(programs / "wireroom", "--theme", theme, "--connect", f"127.0.0.1:{PORT}")
        client.place(1000, 300, 900, 640)
        log = server.table("Messages")
        wait_for("the client to be connected", client.button("Disconnect").enabled)

        def write(window, text):
            field = window.field("Message")
            field.fill(text)
            field.press("Return")
            window.table("Messages").wait_for_row(text, last_cell(text))

        terminal = Peer(lines)
        terminal.say("Grüße from a terminal in Zürich")
        sensor = Peer(big_endian)
        sensor.say('{"sensor":"hall 3","celsius":21.5}')
        device = Peer(little_endian)
        device.say("pump 2 ready", b"\x02\x10\x00\x00\x00\xff\x7f\x03")
        log.wait_for_row("the device", last_cell("pump 2 ready"))
        write(client, "Good morning! Is anybody there?")
        log.wait_for_row("the client", last_cell("Good morning! Is anybody there?"))
        server.field("To").fill("all")
        write(server, "Good morning, everybody.")
        client.table("Messages").wait_for_row("the operator", last_cell("Good morning, everybody."))
        sensor.say('{"sensor":"hall 3","celsius":22.8}')
        log.wait_for_row("the sensor", last_cell('{"sensor":"hall 3","celsius":22.8}'))
        write(client, "It is getting warm in hall 3.")
        log.wait_for_row("the client", last_cell("It is getting warm in hall 3."))
        server.field("To").fill("4")
        write(server, "fan 2 on")
        device.say("fan 2 runs at 1,200 rpm")
        log.wait_for_row("the device", last_cell("fan 2 runs at 1,200 rpm"))
        server.field("To").fill("1")
        write(server, "The fan is on, it will be cooler soon.")
        client.table("Messages").wait_for_row("the answer", last_cell("The fan is on, it will be cooler soon."))

        for window, text in ((server, '{"sensor":"hall 3","celsius":22.8}'), (client, "The fan is on, it will be cooler soon.")):
            table = window.table("Messages")
            table.click_row(next(index for index, row in enumerate(table.rows()) if last_cell(text)(row)))
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

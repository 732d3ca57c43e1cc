# SPDX-License-Identifier: Apache-2.0
"""Lets the server and the client window talk on a virtual display, by clicks and keys, and tells what they show.

Run by resources/scripts/start where there is no display. Every line of the transcript is read from what the windows
call "Messages"; a message that one window sent and the other does not show ends it with an error.
"""

import argparse
import pathlib
import sys

from virtualdesktop import VirtualDesktop, missing_tools
from windowdriver import DriverError, wait_for

CONVERSATION = [
    ("client", "Good morning! Is anybody there?"),
    ("server", "Yes - the operator. You are the first one today."),
    ("client", "Then please restart the pump in hall 3."),
    ("server", "Done. It runs again."),
    ("client", "Thank you, goodbye."),
]


def shows(text):
    """True for a row that has this text: a cell of it, or a chat's "Ann, 12:30: text"."""
    return lambda row: any(text in cell for cell in row)


def count_rows(table, text):
    return sum(1 for row in table.rows() if shows(text)(row))


def hold_conversation(server, client, port):
    """Start, Connect, messages both ways; returns the server's row about the client."""
    server.field("Port").fill(str(port))
    server.button("Start").click()
    wait_for("the server to listen", lambda: server.button("Stop").enabled())

    client.field("Host").fill("127.0.0.1")
    client.field("Port").fill(str(port))
    client.field("Name").fill("Ann")
    client.button("Connect").click()
    known = server.table("Clients").wait_for_row("the client", lambda row: any(cell.strip() for cell in row))
    wait_for("the client to be connected", lambda: client.button("Send").enabled())

    for index, (speaker, text) in enumerate(CONVERSATION):
        window, other = (client, server) if speaker == "client" else (server, client)
        if speaker == "server" and index == 1:
            server.field("To").fill("all")
        field = window.field("Message")
        field.fill(text)
        if index % 2:
            field.press("Return")
        else:
            window.button("Send").click()
        other.table("Messages").wait_for_row(f'"{text}"', shows(text))
        window.table("Messages").wait_for_row(f'its own "{text}"', shows(text))
    return known


def print_table(title, table):
    print(f"\n{title}")
    rows = table.rows()
    headers = table.headers()
    if len(headers) > 1 and any(headers) and rows and len(headers) == len(rows[0]):
        rows.insert(0, headers)
    # A message may have lines of its own; the table has one line for each row.
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the folder of the built programs")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where the pictures go")
    options = parser.parse_args()

    missing = missing_tools()
    if missing:
        print(f"start: not found on this system: {', '.join(missing)}", file=sys.stderr)
        return 1
    pictures = {"server": options.out / "server.png", "client": options.out / "client.png"}
    with VirtualDesktop() as desktop:
        try:
            server = desktop.run(options.programs / "wireroom-server")
            server.place(0, 0, 1040, 720)
            client = desktop.run(options.programs / "wireroom")
            client.place(1050, 0, 860, 640)
            known = hold_conversation(server, client, options.port)

            print_table('The client in the server window\'s "Clients":', server.table("Clients"))
            print_table('The server window\'s "Messages":', server.table("Messages"))
            print_table('The client window\'s "Messages":', client.table("Messages"))
            server.screenshot(pictures["server"])
            client.screenshot(pictures["client"])

            client.button("Disconnect").click()
            server.table("Clients").wait_for_row("the client to be away", lambda row: row[0] == known[0] and "Offline" in row)
            server.button("Stop").click()
            wait_for("the server to stop", lambda: server.button("Start").enabled())
            for window in (client, server):
                code = window.close()
                if code != 0:
                    raise DriverError(f"{window.name} ended with {code}: {window.output()}")
        except DriverError as error:
            failure = options.out / "failure.png"
            try:
                desktop.screenshot(failure)
                where = f" The screen at that moment: {failure}"
            except DriverError:
                where = ""
            print(f"\nstart: {error}.{where}", file=sys.stderr)
            return 1
    print("\nScreenshots:")
    for path in pictures.values():
        print(f"  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

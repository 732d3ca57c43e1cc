# SPDX-License-Identifier: Apache-2.0
"""Both windows as a person uses them: real programs, a real X server, real clicks and keys.

What the windows show is read through the accessibility tree. On a failure the screen is saved as failure.png in the
folder that WIREROOM_PICTURES names.
"""

import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "resources" / "scripts"))

from virtualdesktop import VirtualDesktop, free_port, missing_tools  # noqa: E402
from windowdriver import wait_for  # noqa: E402

SKIPPED = 77


def holds(*texts):
    """True for a row that has all these texts as cells."""
    return lambda row: all(text in [cell.strip() for cell in row] for text in texts)


def mentions(text):
    return lambda row: any(text in cell for cell in row)


def say(window, text):
    field = window.field("Message")
    field.fill(text)
    field.press("Return")


class Windows(unittest.TestCase):
    def setUp(self):
        self.desktop = VirtualDesktop()
        self.desktop.__enter__()
        self.addCleanup(self.desktop.__exit__, None, None, None)
        self.port = str(free_port())
        self.server = self.desktop.run(os.environ["WIREROOM_SERVER_WINDOW"])
        self.server.place(0, 0, 1040, 760)

    def run(self, result=None):
        # Cleaning up takes the screen away: the picture is taken where the failure is reported.
        for report in ("addFailure", "addError"):
            setattr(result, report, self.with_picture(getattr(result, report)))
        return super().run(result)

    def with_picture(self, report):
        def take_and_report(test, error):
            picture = pathlib.Path(os.environ["WIREROOM_PICTURES"]) / "failure.png"
            self.desktop.screenshot(picture)
            print(f"The screen at that moment: {picture}", file=sys.stderr)
            report(test, error)

        return take_and_report

    def open_client(self):
        self.client = self.desktop.run(os.environ["WIREROOM_CLIENT_WINDOW"], "--format", "u32le")
        self.client.place(1050, 0, 860, 680)

    def open_chat(self, name, x, y):
        """A client window of a person with a home of their own, connected."""
        home = os.path.join(self.desktop.scratch, name)
        window = self.desktop.run(os.environ["WIREROOM_CLIENT_WINDOW"], "--name", name, "--state", home, "--connect",
                                  f"127.0.0.1:{self.port}")
        window.place(x, y, 860, 560)
        wait_for(f"{name} to be in the chat", window.button("Send").enabled)
        return window

    def start_server(self):
        self.server.field("Port").fill(self.port)
        self.server.button("Start").click()
        wait_for("the server to listen", self.server.button("Stop").enabled)

    def connect_client(self):
        self.client.field("Host").fill("127.0.0.1")
        self.client.field("Port").fill(self.port)
        self.client.button("Connect").click()
        wait_for("the client to be connected", self.client.button("Disconnect").enabled)

    def test_chat(self):
        self.start_server()
        ann = self.open_chat("Ann", 1050, 0)
        bob = self.open_chat("Bob", 1050, 500)
        clients = self.server.table("Clients")
        clients.wait_for_row("Bob", lambda row: row[0].strip() == "2" and "Bob" in row and "Online" in row)

        say(ann, "Good morning, everybody.")
        bob.table("Messages").wait_for_row("Ann's message", mentions("Good morning, everybody."))
        ann.table("Messages").wait_for_row("its delivery", mentions("Delivered to 1 of 1: Bob"))
        self.server.table("Messages").wait_for_row("Ann's message", holds("Good morning, everybody.", "Ann (1)"))
        self.server.field("To").fill("all")
        say(self.server, "Good morning from the operator.")
        for window in (ann, bob):
            window.table("Messages").wait_for_row("the operator", mentions("Good morning from the operator."))

        # Who is away gets it later, from the operator as from others.
        self.assertEqual(bob.close(), 0, bob.output())
        clients.wait_for_row("Bob to be away", lambda row: "Bob" in row and "Offline" in row)
        to = ann.field("To")
        to.fill("bob")
        to.press("Return")
        say(ann, "Read this when you are back.")
        ann.table("Messages").wait_for_row("that it waits", mentions("delivered to none of 1"))
        self.server.field("To").fill("2")
        say(self.server, "And this.")
        clients.wait_for_row("that two wait for Bob", lambda row: "Bob" in row and "2" in row[1:])

        bob = self.open_chat("Bob", 1050, 500)
        ann.table("Messages").wait_for_row("its delivery", mentions("Delivered to 1 of 1"))
        for sender, text in (("Ann", "Read this when you are back."), ("Operator", "And this.")):
            to = bob.field("To")
            to.fill(sender)
            to.press("Return")
            rows = bob.table("Messages")
            rows.wait_for_row(f"what {sender} wrote", mentions(text))
            self.assertEqual(sum(map(mentions(text), rows.rows())), 1)
        for window in (ann, bob):
            self.assertEqual(window.close(), 0, window.output())
        self.server.button("Stop").click()
        wait_for("the server to stop", self.server.button("Start").enabled)
        self.assertEqual(self.server.close(), 0, self.server.output())

    def test_conversation(self):
        self.open_client()
        self.start_server()
        self.connect_client()
        self.server.table("Clients").wait_for_row("the client with its ID", lambda row: row[0].strip() == "1")

        # By mouse.
        self.client.field("Message").fill("Is anybody there?")
        self.client.button("Send").click()
        self.server.table("Messages").wait_for_row("the client's message", holds("Is anybody there?", "1", "operator"))
        self.client.table("Messages").wait_for_row("its own message", holds("Is anybody there?"))

        # By keyboard.
        self.server.field("To").fill("1")
        answer = self.server.field("Message")
        answer.fill("Yes, the operator.")
        answer.press("Return")
        self.client.table("Messages").wait_for_row("the operator's answer", holds("Yes, the operator."))
        self.assertEqual(answer.text().strip(), "")

        # To somebody who is not there: refused in words, nothing cleared, nothing sent.
        self.server.field("To").fill("1,7")
        answer.fill("To nobody")
        self.server.button("Send").click()
        wait_for("the refusal in words", lambda: any("ID 7" in label for label in self.server.labels()))
        self.assertEqual(answer.text().strip(), "To nobody")

        self.client.button("Disconnect").click()
        self.server.table("Clients").wait_for_no_row("the client", lambda row: row[0].strip() == "1")
        wait_for("the client to be offline", self.client.button("Connect").enabled)
        self.assertFalse(any(map(mentions("To nobody"), self.client.table("Messages").rows())))

        self.server.button("Stop").click()
        wait_for("the server to stop", self.server.button("Start").enabled)
        for window in (self.client, self.server):
            self.assertEqual(window.close(), 0, window.output())

    def test_late_server(self):
        self.open_client()
        self.client.field("Host").fill("127.0.0.1")
        self.client.field("Port").fill(self.port)
        self.client.button("Connect").click()
        wait_for("the countdown", lambda: any("again in" in label for label in self.client.labels()))
        self.start_server()
        wait_for("the client to be connected by itself", self.client.button("Disconnect").enabled)
        self.server.table("Clients").wait_for_row("the client", lambda row: row[0].strip() == "1")


if __name__ == "__main__":
    missing = missing_tools()
    if missing and os.environ.get("CI") != "true" and os.environ.get("WIREROOM_REQUIRE_ALL") != "1":
        print(f"SKIPPED: not installed: {', '.join(missing)}")
        sys.exit(SKIPPED)
    if missing:
        sys.exit(f"Not installed: {', '.join(missing)}")
    unittest.main(verbosity=2)

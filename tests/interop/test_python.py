# SPDX-License-Identifier: Apache-2.0
"""The Python client that the README shows: `u32le` with struct.pack."""

import os
import sys

from wireroomtest import WireroomTestCase, main

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../resources/examples/client.py")


class PythonExample(WireroomTestCase):
    def start_example(self, daemon, *messages):
        return self.run_program(sys.executable, EXAMPLE, "127.0.0.1", daemon.port, *messages)

    def test_it_is_short(self):
        with open(EXAMPLE, encoding="utf-8") as source:
            self.assertLess(len(source.readlines()), 20)

    def test_the_readme_shows_it(self):
        readme = os.path.join(os.path.dirname(EXAMPLE), "../../README.md")
        with open(EXAMPLE, encoding="utf-8") as source, open(readme, encoding="utf-8") as shown:
            self.assertIn("```python\n" + source.read() + "```\n", shown.read())

    def test_arguments_are_sent_and_answers_printed(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        example = self.start_example(daemon, "hello", "", "Grüße, 世界")
        client = daemon.event("connected")["id"]
        for text in ["hello", "", "Grüße, 世界"]:
            self.assertEqual(daemon.message(client, text.encode())["format"], "u32le")
            example.take_line(text)
        self.assertEqual(example.wait_end(), 0)
        self.assertEqual(example.errors, [])
        daemon.event("format", id=client, format="u32le", detected=True)

    def test_typed_lines_are_sent_and_the_operator_is_heard(self):
        daemon = self.start_daemon("--plain-policy", "echo")
        example = self.start_example(daemon)
        client = daemon.event("connected")["id"]
        for text in ["hello", "x" * 100_000]:
            example.write_line(text)
            daemon.message(client, text.encode())
            example.take_line(text)
        daemon.command(f"send {client} good morning")
        example.take_line("good morning")
        example.end_input()
        self.assertEqual(example.wait_end(), 0)

    def test_silent_example_hears_the_operator(self):
        daemon = self.start_daemon()
        example = self.start_example(daemon)
        client = daemon.event("connected")["id"]
        daemon.command(f"send {client} good morning")
        example.take_line("good morning")


if __name__ == "__main__":
    main()

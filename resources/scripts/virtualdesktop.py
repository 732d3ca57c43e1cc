# SPDX-License-Identifier: Apache-2.0
"""A desktop of its own for real windows, where there is no screen or nobody's screen shall be used.

Needs the Debian packages xvfb, openbox, dbus and at-spi2-core besides what the window driver needs.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from windowdriver import DriverError, Window, atspi, capture, die_with_parent, wait_for, xdotool

OPENBOX_CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <theme><keepBorder>no</keepBorder></theme>
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <keyboard><keybind key="A-F4"><action name="Close"/></keybind></keyboard>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
  </mouse>
  <applications><application class="*" type="normal"><decor>no</decor></application></applications>
</openbox_config>
"""


def missing_tools():
    """The names of the tools that are not on this system."""
    tools = ["Xvfb", "openbox", "xdotool", "dbus-daemon", "import"]
    missing = [tool for tool in tools if shutil.which(tool) is None]
    try:
        atspi()
    except (ImportError, ValueError):
        missing.append("python3-gi with gir1.2-atspi-2.0")
    return missing


def free_port():
    """A TCP port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class VirtualDesktop:
    """An X server of its own with a window manager, a session bus and the accessibility bus.

    A context manager. While it is entered, this process and the programs that it starts live there, and their
    settings, data and caches in a scratch directory that is removed at the end.
    """

    def __init__(self, width=1920, height=1000):
        self._size = f"{width}x{height}x24"
        self._processes = []
        self._environment = dict(os.environ)
        self.scratch = None
        self.programs = []

    def __enter__(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="wireroom-"))
        try:
            self._begin()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def _begin(self):
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "SESSION_MANAGER", "AT_SPI_BUS_ADDRESS"):
            os.environ.pop(name, None)
        for variable, folder in (
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "run"),
        ):
            (self.scratch / folder).mkdir(mode=0o700)
            os.environ[variable] = str(self.scratch / folder)
        os.environ.update(
            QT_QPA_PLATFORM="xcb",
            QT_ACCESSIBILITY="1",
            QT_LINUX_ACCESSIBILITY_ALWAYS_ON="1",
            # The usual desktop plugins would bring the machine's own look into the windows.
            QT_QPA_PLATFORMTHEME="",
            LC_ALL="C.UTF-8",
        )

        number = self._start_announcing("Xvfb", [
                "Xvfb",
                "-displayfd",
                "{fd}",
                "-screen",
                "0",
                self._size,
                "-noreset",
                "-nolisten",
                "tcp",
            ])
        os.environ["DISPLAY"] = f":{number}"
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self._start_announcing(
            "the session bus",
            [
                "dbus-daemon",
                "--session",
                "--nofork",
                f"--address=unix:path={self.scratch}/run/bus",
                "--print-address={fd}",
            ],
        )
        launcher = pathlib.Path("/usr/libexec/at-spi-bus-launcher")
        if launcher.exists():
            self._start([str(launcher), "--launch-immediately"])
        config = self.scratch / "openbox.xml"
        config.write_text(OPENBOX_CONFIG, encoding="utf-8")
        self._start(["openbox", "--config-file", str(config)])
        wait_for("the window manager", self._has_window_manager)

    def _end(self):
        for program in self.programs:
            program.kill()
        for process in reversed(self._processes):
            process.terminate()
        for process in reversed(self._processes):
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        os.environ.clear()
        os.environ.update(self._environment)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _start(self, command, **options):
        with open(self.scratch / f"{pathlib.Path(command[0]).name}.log", "ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
                **options,
            )
        self._processes.append(process)
        return process

    def _start_announcing(self, what, command):
        """Starts a command that writes one line about itself to the descriptor {fd}; returns that line."""
        reader, writer = os.pipe()
        try:
            process = self._start([part.format(fd=writer) for part in command], pass_fds=(writer,))
        finally:
            os.close(writer)
        with os.fdopen(reader, "rb") as answer:
            line = answer.readline().decode().strip()
        if not line:
            process.wait(5)
            log = (self.scratch / f"{command[0]}.log").read_text(errors="replace").strip()
            raise DriverError(f"{what} did not start: {log or 'it said nothing'}")
        return line

    def _has_window_manager(self):
        try:
            return xdotool("get_num_desktops").strip() == "1"
        except DriverError:
            return False

    def run(self, *command):
        """Starts a program with a window and returns its Window once it is on the screen."""
        window = Window([str(part) for part in command], self.scratch)
        self.programs.append(window)
        window.wait_until_shown()
        return window

    def screenshot(self, path):
        """Saves the whole screen."""
        capture("root", path)

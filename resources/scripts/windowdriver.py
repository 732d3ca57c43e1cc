# SPDX-License-Identifier: Apache-2.0
"""Drives real windows on a real X server, the way a person does.

Controls are found by their accessible names (AT-SPI), clicked at the coordinates where they are on the screen and
typed into by key events (xdotool). What the windows show is read back through AT-SPI as well. Every wait is for a
condition and has a deadline; a DriverError says what did not happen.

Needs the Debian packages xdotool, python3-gi, gir1.2-atspi-2.0 and imagemagick, and therefore Debian's own
interpreter: /usr/bin/python3.
"""

import ctypes
import pathlib
import signal
import subprocess
import time

TIMEOUT = 20.0
POLL = 0.05

BUTTON = ("push button", "toggle button")
FIELD = ("text", "entry", "spin button", "combo box")
TABLE = ("table", "list", "tree", "tree table")
COMBO = ("combo box",)

_atspi = None


class DriverError(Exception):
    """Something that a person at the screen would have seen did not happen."""


def atspi():
    """The AT-SPI binding. It connects to the session bus of the environment at its first use."""
    global _atspi
    if _atspi is None:
        import gi

        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi

        _atspi = Atspi
    return _atspi


def wait_for(what, condition, timeout=TIMEOUT):
    """Returns the first true value of condition(); a DriverError naming `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    problem = None
    while True:
        try:
            value = condition()
            problem = None
        except DriverError as error:
            value, problem = None, error
        if value:
            return value
        if time.monotonic() > deadline:
            detail = f" ({problem})" if problem else ""
            raise DriverError(f"waited {timeout:.0f} s for {what}, in vain{detail}")
        time.sleep(POLL)


def die_with_parent():
    """For preexec_fn: a process started so ends with this one, however this one ends."""
    prctl_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(prctl_set_pdeathsig, signal.SIGTERM)


def xdotool(*arguments):
    """Runs xdotool and returns what it wrote."""
    done = subprocess.run(
        ["xdotool", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise DriverError(f"xdotool {' '.join(map(str, arguments))}: {done.stderr.strip() or 'failed'}")
    return done.stdout


def capture(window, path):
    """Saves what the screen shows of that X window, or of the whole screen ("root")."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["import", "-silent", "-window", str(window), "-strip", str(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not path.exists():
        raise DriverError(f"no picture in {path}: {done.stderr.strip()}")


class Window:
    """A program that was started and its main window."""

    def __init__(self, command, log_dir):
        self.name = pathlib.Path(command[0]).name
        self._log = log_dir / f"{self.name}-{time.monotonic_ns()}.log"
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
            )
        self._x_window = None

    # The program

    def output(self):
        """What the program wrote to its standard output and error."""
        return self._log.read_text(errors="replace").strip()

    def check_alive(self):
        if self._process.poll() is not None:
            raise DriverError(f"{self.name} ended with {self._process.returncode}: {self.output() or 'no word'}")

    def wait_until_shown(self):
        def shown():
            if self._process.poll() is not None:
                return True
            return self._find_x_window() and self._frame() is not None

        wait_for(f"the window of {self.name}", shown)
        self.check_alive()

    def close(self, timeout=TIMEOUT):
        """Closes the window by the keyboard (Alt+F4) and returns the program's exit code."""
        self.raise_window()
        xdotool("key", "--clearmodifiers", "alt+F4")
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise DriverError(f"{self.name} was still running {timeout:.0f} s after its window was closed") from None

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    # The window

    def _find_x_window(self):
        if self._x_window is None:
            try:
                found = xdotool("search", "--onlyvisible", "--pid", self._process.pid).split()
            except DriverError:
                found = []
            if found:
                self._x_window = int(found[-1])
        return self._x_window

    def _root(self):
        desktop = atspi().get_desktop(0)
        desktop.clear_cache()
        for index in range(desktop.get_child_count()):
            try:
                application = desktop.get_child_at_index(index)
                if application is not None and application.get_process_id() == self._process.pid:
                    # What the library keeps goes stale here: nobody runs its event loop.
                    application.set_cache_mask(atspi().Cache.NONE)
                    return application
            except _glib_error():
                continue
        return None

    def _frame(self):
        application = self._root()
        if application is None:
            return None
        try:
            return application.get_child_at_index(0) if application.get_child_count() else None
        except _glib_error():
            return None

    def place(self, x, y, width, height):
        """Puts the window there, in this size."""
        xdotool("windowmove", self._x_window, x, y)
        xdotool("windowsize", self._x_window, width, height)

        def there():
            shell = dict(
                line.split("=") for line in xdotool("getwindowgeometry", "--shell", self._x_window).split()
            )
            return (shell["X"], shell["Y"], shell["WIDTH"], shell["HEIGHT"]) == tuple(map(str, (x, y, width, height)))

        wait_for(f"the window of {self.name} to be {width} by {height} at {x},{y}", there)

    def raise_window(self):
        xdotool("windowactivate", "--sync", self._x_window)

    def screenshot(self, path):
        capture(self._x_window, path)

    # What is in it

    def _walk(self, node, into=()):
        """Everything below node; of tables and lists only those roles' children that `into` names."""
        for index in range(node.get_child_count()):
            child = node.get_child_at_index(index)
            if child is None:
                continue
            yield child
            if child.get_role_name() not in TABLE or child.get_role_name() in into:
                yield from self._walk(child, into)

    def find(self, name, roles):
        """The visible control of that accessible name and one of these roles, or None."""
        application = self._root()
        if application is None:
            return None
        try:
            for node in self._walk(application):
                if (
                    node.get_role_name() in roles
                    and _is_called(node, name)
                    and node.get_state_set().contains(atspi().StateType.SHOWING)
                ):
                    return Control(self, node, name)
        except _glib_error():
            return None
        return None

    def control(self, name, roles):
        """The control of that name, waited for."""

        def found():
            self.check_alive()
            return self.find(name, roles)

        return wait_for(f'"{name}" in the window of {self.name}', found)

    def button(self, name):
        return self.control(name, BUTTON)

    def field(self, name):
        return self.control(name, FIELD)

    def table(self, name):
        return self.control(name, TABLE)

    def labels(self):
        """The texts of all visible labels and status texts."""
        application = self._root()
        texts = []
        for node in self._walk(application) if application else ():
            if node.get_role_name() in ("label", "status bar", "static", "text"):
                if node.get_state_set().contains(atspi().StateType.SHOWING):
                    texts.append(node.get_name() or _text_of(node))
        return [text for text in texts if text]

    def choose_from_menu(self, *path):
        """Opens a menu of the menu bar and goes down to an entry, by clicks."""
        for step in path:
            self.control(step, ("menu item", "menu", "check menu item", "radio menu item")).click()

    def describe(self):
        """Names and roles of all that is shown: for a person who asks why something was not found."""
        lines = []
        application = self._root()
        for node in self._walk(application) if application else ():
            if node.get_state_set().contains(atspi().StateType.SHOWING):
                lines.append(f"{node.get_role_name()}: {node.get_name()!r} {_text_of(node)!r}")
        return "\n".join(lines)


class Control:
    """A control of a window, found when it was asked for."""

    def __init__(self, window, node, name):
        self._window = window
        self._node = node
        self._name = name

    def _extents(self):
        area = self._node.get_component_iface().get_extents(atspi().CoordType.SCREEN)
        return area.x, area.y, area.width, area.height

    def enabled(self):
        return self._node.get_state_set().contains(atspi().StateType.ENABLED)

    def focused(self):
        return self._node.get_state_set().contains(atspi().StateType.FOCUSED)

    def click(self, button=1):
        """Clicks into the middle of it, with the real pointer, once it can be clicked and stands still."""
        previous = None

        def still():
            nonlocal previous
            previous, now = self._extents(), previous
            return self.enabled() and previous == now and previous[2] > 0 and previous[3] > 0

        wait_for(f'"{self._name}" of {self._window.name} to be enabled', still)
        x, y, width, height = previous
        _click_at(x + width // 2, y + height // 2, button)

    def text(self):
        """What stands in it."""
        return _text_of(self._node)

    def fill(self, text):
        """Clicks into it and types, instead of what was there."""
        self.click()
        xdotool("key", "--clearmodifiers", "ctrl+a")
        xdotool("key", "--clearmodifiers", "BackSpace")
        xdotool("type", "--clearmodifiers", "--delay", 8, text)
        wait_for(
            f'"{self._name}" of {self._window.name} to hold "{text}" (it holds "{self.text()}")',
            lambda: self.text() == text,
        )

    def press(self, key):
        """Presses a key where the focus is, e.g. "Return"."""
        xdotool("key", "--clearmodifiers", key)

    def choose(self, entry):
        """Opens a combo box with a click and clicks the entry whose text begins so."""
        self.click()

        def found():
            for node in self._window._walk(self._node, into=("list",)):
                if (
                    node.get_role_name() == "list item"
                    and node.get_name().startswith(entry)
                    and node.get_state_set().contains(atspi().StateType.SHOWING)
                ):
                    return Control(self._window, node, entry)
            return None

        def chosen():
            # Qt takes no notice of a click that comes too soon after the list has opened.
            item = found()
            if item is not None:
                item.click()
            return item is None and self.text().startswith(entry)

        wait_for(f'the entry "{entry}" of "{self._name}"', found)
        wait_for(f'"{self._name}" to be "{entry}"', chosen)

    # Tables

    def headers(self):
        table = self._node.get_table_iface()
        if table is None:
            return []
        return [table.get_column_description(column) or "" for column in range(table.get_n_columns())]

    def rows(self):
        """Every row as a list of its cells' texts; a list's entries are rows with one cell."""
        try:
            table = self._node.get_table_iface()
            if table is None:
                count = self._node.get_child_count()
                return [[self._node.get_child_at_index(index).get_name()] for index in range(count)]
            rows = []
            for row in range(table.get_n_rows()):
                cells = []
                for column in range(table.get_n_columns()):
                    cell = table.get_accessible_at(row, column)
                    cells.append((cell.get_name() if cell is not None else "") or "")
                rows.append(cells)
            return rows
        except (_glib_error(), AttributeError) as error:
            # A row went away while it was read.
            raise DriverError(f'"{self._name}" changed while it was read: {error}') from None

    def wait_for_row(self, what, matches, timeout=TIMEOUT):
        """The first row for which matches(cells) is true."""

        def look():
            self._window.check_alive()
            return next((row for row in self.rows() if matches(row)), None)

        return wait_for(f'{what} in "{self._name}" of {self._window.name}', look, timeout)

    def wait_for_no_row(self, what, matches, timeout=TIMEOUT):
        """Waits until matches(cells) is true for no row."""

        def look():
            self._window.check_alive()
            return not any(matches(row) for row in self.rows())

        wait_for(f'{what} to be gone from "{self._name}" of {self._window.name}', look, timeout)

    def click_row(self, index, button=1):
        """Clicks on a row's first visible cell."""
        table = self._node.get_table_iface()
        node = table.get_accessible_at(index, 0) if table else self._node.get_child_at_index(index)
        Control(self._window, node, f"row {index} of {self._name}").click(button)


def _click_at(x, y, button=1):
    xdotool("mousemove", "--sync", x, y)
    xdotool("click", button)


def _glib_error():
    atspi()
    from gi.repository import GLib

    return GLib.Error


def _plain(name):
    return (name or "").replace("&", "").strip()


def _is_called(node, name):
    """True where that is the control's accessible name, or that of the label beside it.

    A combo box of Qt tells its current entry as its name on this platform; only its label has the name.
    """
    if _plain(node.get_name()) == name:
        return True
    if node.get_role_name() in COMBO:
        for relation in node.get_relation_set():
            if relation.get_relation_type() == atspi().RelationType.LABELLED_BY:
                for index in range(relation.get_n_targets()):
                    if _plain(relation.get_target(index).get_name()).rstrip(":") == name:
                        return True
    return False


def _text_of(node):
    text = node.get_text_iface()
    if text is not None:
        content = atspi().Text.get_text(text, 0, -1)
        if content:
            return content
    if node.get_role_name() in FIELD:
        for index in range(node.get_child_count()):
            child = node.get_child_at_index(index)
            if child is not None and child.get_text_iface() is not None:
                return atspi().Text.get_text(child.get_text_iface(), 0, -1)
        return "" if text is not None else node.get_name()
    return node.get_name() or ""

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs test programs of the history against a real PostgreSQL server, started for them and stopped afterwards.

postgresqltest.py PROGRAM...

The server lives in a temporary folder, listens on a free port of the loopback interface and on a Unix socket, and
asks for a password. Exit code: 0 all passed; 77 (CTest: skipped) PostgreSQL or Qt's driver for it is not installed;
else 1. Where the environment says that everything must be there, a missing part is a failure.
"""

import glob
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
DEADLINE = 60.0
USER = "wireroom"
DATABASE = "chat"


def everything_is_required():
    """True where a missing tool must fail the test, because what it needs was to be installed."""
    return os.environ.get("CI") == "true" or os.environ.get("WIREROOM_REQUIRE_ALL") == "1"


def give_up(message):
    print(f"\n*** NOT TESTED WITH POSTGRESQL: {message} ***\n", flush=True)
    sys.exit(1 if everything_is_required() else SKIPPED)


def binaries():
    """The folder of the newest server that is installed."""
    def version(folder):
        return [int(part) for part in folder.split("/")[-2].split(".") if part.isdigit()]

    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=version)
    folders = [folder for folder in folders if os.access(os.path.join(folder, "initdb"), os.X_OK)]
    if folders:
        return folders[-1]
    initdb = shutil.which("initdb")
    if initdb:
        return os.path.dirname(os.path.realpath(initdb))
    return give_up("the server is not installed (apt-get install postgresql)")


def as_server_user():
    """What stands before a command of the server, which refuses to be root."""
    if os.geteuid() != 0:
        return [], None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if shutil.which("setpriv"):
            return ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups", "--"], entry
    return give_up("root cannot become another user for the server (apt-get install util-linux)")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A PostgreSQL server of our own; killed by its own process ID."""

    def __init__(self, folder):
        self.binaries = binaries()
        self.prefix, owner = as_server_user()
        self.folder = folder
        self.process = None
        self.password = secrets.token_hex(8)
        self.environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        os.chmod(folder, 0o700)
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *command):
        tool = os.path.join(self.binaries, command[0])
        done = subprocess.run([*self.prefix, tool, *command[1:]], env=self.environment, cwd=self.folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=DEADLINE)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}")

    def start(self):
        with open(self.path("password"), "w", encoding="ascii") as file:
            file.write(self.password + "\n")
        self.run("initdb", "--pgdata", self.path("data"), "--username", USER, "--auth", "scram-sha-256", "--pwfile",
                 self.path("password"), "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions")
        for _attempt in range(5):
            self.port = free_port()  # somebody else may take it before the server does
            if self.launch():
                break
        else:
            raise RuntimeError("The server does not start:\n" + self.log())
        self.environment["PGPASSWORD"] = self.password
        self.run("psql", "-h", self.folder, "-p", str(self.port), "-U", USER, "-d", "postgres", "-q", "-c",
                 f"CREATE DATABASE {DATABASE}")

    def launch(self):
        # Should this script be killed, the server goes too.
        prefix = [*(self.prefix[:-1] or ["setpriv"]), "--pdeathsig=INT", "--"] if shutil.which("setpriv") else []
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(
                [*prefix, os.path.join(self.binaries, "postgres"), "-D", self.path("data"), "-p", str(self.port), "-k",
                 self.folder, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=20"],
                env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until and self.process.poll() is None:
            ready = subprocess.run([os.path.join(self.binaries, "pg_isready"), "-q", "-h", "127.0.0.1", "-p",
                                    str(self.port)], check=False, timeout=DEADLINE)
            if ready.returncode == 0:
                return True
            time.sleep(0.05)
        self.stop()
        return False

    def stop(self):
        if not self.process:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # it ends at once, in an orderly way
            try:
                self.process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-30:])

    def urls(self):
        """One way over TCP, one over the Unix socket."""
        return [
            f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}",
            f"postgresql://{USER}:{self.password}@:{self.port}/{DATABASE}?host={self.folder}",
        ]


def main():
    programs = sys.argv[1:]
    if not programs:
        sys.exit(__doc__)
    # Not below a folder that only its owner may enter.
    folder = tempfile.mkdtemp(prefix="wireroom-postgresql-", dir="/tmp" if os.path.isdir("/tmp") else None)
    server = None
    failed = []
    try:
        server = Server(folder)
        server.start()
        for number, program in enumerate(programs):
            name = os.path.basename(program)
            url = server.urls()[number % 2]
            print(f"== {name}, {'Unix socket' if number % 2 else 'TCP'}", flush=True)
            done = subprocess.run([program, "-silent"], env={**os.environ, "WIREROOM_POSTGRESQL": url}, check=False)
            if done.returncode == SKIPPED:
                give_up("Qt's driver for it is not installed (apt-get install libqt6sql6-psql)")
            if done.returncode != 0:
                failed.append(f"{name} ({done.returncode})")
        if failed:
            print("The end of the server's log:\n" + server.log())
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if failed:
        sys.exit("Failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()

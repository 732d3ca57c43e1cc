# SPDX-License-Identifier: Apache-2.0
"""The servers that are measured: started on a core of their own, on a free port, and ended again."""
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from benchpeers import command_for


class Failure(Exception):
    """Something that cannot be measured here, in words for people."""


class Cores:
    """Which core the servers get and which one the generator; none where there is only one, or none is wanted."""

    def __init__(self, pin=True):
        mine = sorted(os.sched_getaffinity(0))
        self.pinned = pin and len(mine) > 1
        self.server = mine[0] if self.pinned else None
        self.generator = mine[1] if self.pinned else None
        if self.pinned:
            # What measures stays out of the servers' way; the generators inherit it.
            os.sched_setaffinity(0, {self.generator})

    def pin_server(self):
        if self.pinned:
            os.sched_setaffinity(0, {self.server})

    def describe(self):
        if self.pinned:
            return f"server on core {self.server}, generator on core {self.generator}"
        return "server and generator share what cores there are: the figures say little"


def allow_descriptors(wanted=24_000):
    """Raises the limit as far as it goes; tells how many descriptors a program may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(hard, wanted) if hard != resource.RLIM_INFINITY else hard
    for limit in ((highest, highest), (hard, hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            break
        except (ValueError, OSError):
            continue
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return soft if soft != resource.RLIM_INFINITY else wanted


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One running server; use it with `with`. `seconds_to_listen` is from its start to the first connection."""

    def __init__(self, cores, name, command_for, patience=20):
        self.name = name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wireroom-bench-"))
        self.port = free_port()
        self.log = open(self.folder / "log", "w+b")
        command = [str(part) for part in command_for(self.port, self.folder)]
        begin = time.perf_counter()
        # Its standard input stays open: for the daemon that is where commands come from.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=self.log, stderr=self.log,
                                        cwd=self.folder, preexec_fn=cores.pin_server)
        try:
            self._wait(begin + patience)
        except Failure:
            self.close()
            raise
        self.seconds_to_listen = time.perf_counter() - begin

    def _wait(self, end):
        while True:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                raise Failure(f"{self.name} ended with {self.process.returncode}: {self.last_words()}")
            if time.perf_counter() > end:
                raise Failure(f"{self.name} does not listen: {self.last_words()}")
            time.sleep(0.0005)

    def last_words(self):
        self.log.flush()
        text = (self.folder / "log").read_text(errors="replace").strip()
        return text[-600:] or "it says nothing"

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self):
        """What the process has for itself, and its share of what it shares (PSS)."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        raise Failure("this system does not tell a program's share of memory (smaps_rollup)")

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGKILL)
                self.process.wait()
        self.process.stdin.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Programs:
    """Wireroom's own programs in a folder, and the servers that can be made of them."""

    OWN = ("raw", "tlsraw", "wireroom", "naive", "tlsnaive")

    def __init__(self, folder, cores):
        self.folder = pathlib.Path(folder).resolve()
        self.cores = cores
        for name in ("wireroom-serverd", "bench_load", "bench_rawserver", "bench_tlsrawserver", "bench_naiveserver",
                     "bench_tlsnaiveserver", "bench_decode"):
            if not os.access(self.folder / name, os.X_OK):
                raise Failure(f"there is no {name} in {self.folder}; resources/scripts/bench builds it")

    def start(self, kind, policy):
        """`kind` is one of OWN; `policy` is echo or relay."""
        def command(port, folder):
            if kind == "wireroom":
                return [self.folder / "wireroom-serverd", "--listen", f"127.0.0.1:{port}", "--no-history",
                        "--plain-policy", policy, "--max-clients", "20000", "--data-dir", folder / "data"]
            return [self.folder / f"bench_{kind}server", port, policy]
        return Server(self.cores, kind, command)

    def start_peer(self, name):
        return Server(self.cores, name, lambda port, folder: command_for(name, port, folder))

"""Commands forked from a process that has read the programme and its dictionaries: a start of its own takes 4 s of a
processor. Each is a process with its own settings, output and signals, and begins with `create_app` as any other does.

`python -m tests.forked` is that process. It reads orders ({"arguments", "settings"}) from the socket that is its input,
with what the command is to read, write, complain to, and where its number and its end are told.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import flask.cli

import app  # noqa: F401  (what every command reads)
from bot import texts, understanding
from search import warm

ROOT = Path(__file__).parents[1]


class Forked:
    """Of such a command what subprocess.Popen would tell."""

    def __init__(self, arguments: Sequence[str], settings: Mapping[str, str]) -> None:
        nothing = os.open(os.devnull, os.O_RDONLY)
        ours, theirs = zip(*(os.pipe() for _ in range(3)), strict=True)
        order = json.dumps({"arguments": arguments, "settings": dict(settings)}).encode()
        socket.send_fds(_nursery(), [order], [nothing, *theirs])
        for end in (nothing, *theirs):
            os.close(end)
        self.stdout, stderr, self._told = (os.fdopen(end, encoding="utf-8") for end in ours)
        self._complaints: list[str] = []
        self._reader = threading.Thread(target=lambda: self._complaints.append(stderr.read()), daemon=True)
        self._reader.start()
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def poll(self, seconds: float | None = 0) -> int | None:
        """The exit code once it has ended; waits so long, None for ever."""
        if self.returncode is None and select.select([self._told], [], [], seconds)[0]:
            self.returncode = os.waitstatus_to_exitcode(int(self._told.readline()))
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises subprocess.TimeoutExpired."""
        code = self.poll(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(f"{self.pid}", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """At once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it has printed since, and all it complained of, after its end. Raises subprocess.TimeoutExpired."""
        self.wait(timeout)
        self._reader.join()
        with self.stdout, self._told:
            return self.stdout.read(), "".join(self._complaints)


@cache
def _nursery() -> socket.socket:
    """Where orders go; it ends with us."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "tests.forked"]
        subprocess.Popen(command, cwd=ROOT, stdin=theirs.fileno(), stdout=subprocess.DEVNULL)
    return ours


def main() -> None:
    """Fork one for each order, until nobody can give any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for whoever runs the tests
    for what in (warm, understanding.warm, texts.warm):
        what()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever saw a command to its end needs no burial
    with socket.socket(fileno=os.dup(0)) as orders:
        while True:
            order, ends, *_ = socket.recv_fds(orders, 1 << 16, 4)
            if not order:
                return
            if os.fork() == 0:
                break
            for end in ends:
                os.close(end)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, told = ends
    if born := os.fork():
        os.write(told, f"{born}\n".encode())
        os.write(told, f"{os.waitpid(born, 0)[1]}\n".encode())
        os._exit(0)
    os.close(told)
    for number, end in enumerate(streams):
        os.dup2(end, number)
        os.close(end)
    _run(**json.loads(order))


def _run(arguments: list[str], settings: dict[str, str]) -> None:
    """What `python -m flask` does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(settings)
    sys.argv = ["flask", *arguments]
    flask.cli.main()


if __name__ == "__main__":
    main()

"""The `flask` commands as somebody at a terminal runs them: another process, its own settings and data folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from app import create_app
from settings import read_settings
from tests.forked import Forked

ROOT = Path(__file__).parents[1]
FLASK = [sys.executable, "-m", "flask"]


def settings(data: Path, **given: str) -> dict[str, str]:
    """This process's environment with only the named settings (DATA=…, NOW=…)."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("SHUXIN_", "FLASK_"))}
    return {**ours, "SHUXIN_DATA": str(data), **{f"SHUXIN_{name}": value for name, value in given.items()}}


def run(data: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    process = Forked(arguments, settings(data, **given))
    out, complaints = process.communicate(120)
    return subprocess.CompletedProcess(arguments, process.wait(), out, complaints)


def run_from_shell(data: Path, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """The same as a shell starts it; `said` is what it reads."""
    command = [*FLASK, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=settings(data), input=said, capture_output=True, encoding="utf-8", timeout=120
    )


def here(data: Path, *arguments: str, said: str | bytes = "", **given: str) -> subprocess.CompletedProcess[str]:
    """The same in this process: quicker by two seconds, where only what is read and printed matters."""
    app = create_app(read_settings(settings(data, SECRET="s" * 32, **given)))
    try:
        with app.app_context():
            done = app.test_cli_runner().invoke(args=list(arguments), input=said)
    finally:
        app.extensions["shuxin"]["service"].store.close()
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class Running:
    """A command that goes on until it is told to end."""

    def __init__(self, process: subprocess.Popen[str] | Forked, port: int) -> None:
        self.process = process
        self.address = f"http://127.0.0.1:{port}"

    def ready(self, seconds: float = 60) -> httpx.Response:
        """Wait until it answers."""
        end = time.monotonic() + seconds
        with httpx.Client(timeout=seconds) as asking:  # a new one each time would take half of what the start takes
            while True:
                with suppress(httpx.HTTPError):
                    answer = asking.get(f"{self.address}/healthz")
                    if "still starting" not in answer.text:
                        return answer
                assert self.process.poll() is None, self.process.communicate()
                assert time.monotonic() < end, "no answer"
                time.sleep(0.05)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float, str, str]:
        """Send the signal; exit code, seconds it took, and all that was printed and complained of."""
        began = time.monotonic()
        self.process.send_signal(number)
        out, complaints = self.process.communicate(timeout=60)
        return self.process.wait(), time.monotonic() - began, out, complaints


@contextmanager
def running(data: Path, *arguments: str, port: int = 0, shell: bool = False, **given: str) -> Iterator[Running]:
    """Start a command that goes on, and see to it that it does not outlive the test; `shell`: as a shell starts it."""
    process = (_from_shell if shell else Forked)(arguments, settings(data, **given))
    try:
        yield Running(process, port)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _from_shell(arguments: Sequence[str], given: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*FLASK, *arguments], cwd=ROOT, env=given, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@contextmanager
def serving(data: Path, shell: bool = False, **given: str) -> Iterator[Running]:
    """`flask serve` on a port of its own."""
    port = free_port()
    with running(data, "serve", "--port", str(port), port=port, shell=shell, **given) as service:
        yield service

"""A library with kiosks: the server on a free port, and a client that none of us wrote."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pysip2
import pytest
from Sip2.wrapper import Sip2Wrapper

from bot.texts import Words, refusal
from lending import cards, catalogue
from lending.clock import Clock
from lending.database import Store
from partners.sip2 import server as server_module
from partners.sip2.kiosk import Kiosk, Terminal
from partners.sip2.server import Sip2Server
from tests.lending.world import World

KEY = b"a key for cards"
PASSWORD = "open sesame".replace(" ", "-")


class WorldClock(Clock):
    """Stands where the world's clock stands."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.now


def valid(frame: bytes, encoding: str = "utf-8") -> Any:
    """The frame as a strict reader, written by somebody else, understands it; it raises for what should not be."""
    decoded = pysip2.decode_message(frame, encoding=encoding)
    assert decoded.checksum is None or len(decoded.checksum) == 4
    return decoded.message


class Line:
    """A bare connection, for what no decent client would send."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._rest = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def hear(self) -> bytes:
        """The next frame with its end, b'' when the line was cut."""
        while b"\r" not in self._rest:
            try:
                more = self.socket.recv(4096)
            except ConnectionError:
                return b""
            if not more:
                return b""
            self._rest += more
        frame, self._rest = self._rest.split(b"\r", 1)
        return frame + b"\r"

    def ask(self, text: str, end: bytes = b"\r", encoding: str = "utf-8") -> Any:
        """Send a line and read the answer strictly; None when the line was cut."""
        self.send(text.encode(encoding) + end)
        heard = self.hear()
        return valid(heard, encoding) if heard else None

    def log_in(self, name: str = "k1") -> Line:
        assert self.ask(f"9300CN{name}|CO{PASSWORD}|CPhere|").ok == "1"
        return self


class Machine:
    """A kiosk run by the PyPI client `Sip2`; every answer it hears is read by `pysip2` too."""

    def __init__(
        self, port: int, folder: Path, name: str, encoding: str = "utf-8", institution: str = "shuxin"
    ) -> None:
        settings = {
            "hostName": "127.0.0.1", "hostPort": port, "tlsEnable": False, "hostEncoding": encoding,
            "institutionId": "shuxin", "scLocation": "here", "logfile_path": str(folder), "loglevel": "ERROR",
        }  # fmt: skip
        with contextlib.redirect_stdout(io.StringIO()):
            self.wrapper = Sip2Wrapper(settings, True)
        self.sip = self.wrapper._sip2
        self.encoding = encoding
        self.heard: list[Any] = []
        self._get: Callable[[str], str] = self.sip.get_response
        self.sip.get_response = self._listen
        self.wrapper._command_available = lambda _n: True  # it takes "denied" for "allowed", and would not ask
        self.wrapper.login_device(name, PASSWORD)

    def _listen(self, request: str) -> str:
        response = self._get(request)
        self.heard.append(valid(response.encode(self.encoding), self.encoding))
        return response

    def patron(self, card: str) -> bool:
        return bool(self.wrapper.login_patron(card))

    @property
    def answer(self) -> Any:
        """The last answer, as the strict reader has it."""
        return self.heard[-1]

    @property
    def screen(self) -> str:
        return "\n".join(self.answer.screen_message)


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    """Two branches, the default rules."""
    made = World(store, now)
    made.branch("main")
    made.branch("west")
    return made


@pytest.fixture
def kiosk(world: World) -> Kiosk:
    return Kiosk(
        world.store, world.policy, WorldClock(world), Words, lambda _, error: refusal(_, error)[0], "云栖市图书馆", KEY
    )


@pytest.fixture
def terminals(world: World) -> dict[str, Terminal]:
    points = {point.code: point for point in catalogue.points(world.db)}
    return {
        "k1": Terminal("k1", PASSWORD, points["main"]),
        "k2": Terminal("k2", PASSWORD, points["west"]),
        "old": Terminal("old", PASSWORD, points["main"], "gbk"),
    }


@contextlib.contextmanager
def listening(kiosk: Kiosk, terminals: dict[str, Terminal], seconds: float) -> Iterator[Sip2Server]:
    """A server that waits so many seconds for the rest of a frame."""
    with mock.patch.object(server_module, "LOOK_SECONDS", 0.02):  # so long its end is waited for
        made = Sip2Server(kiosk, terminals, "127.0.0.1", 0, frame_seconds=seconds)
    stop = threading.Event()
    thread = threading.Thread(target=made.run, args=(stop,))
    thread.start()
    yield made
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()


@pytest.fixture
def server(kiosk: Kiosk, terminals: dict[str, Terminal]) -> Iterator[Sip2Server]:
    with listening(kiosk, terminals, 20.0) as made:
        yield made


@pytest.fixture
def impatient(kiosk: Kiosk, terminals: dict[str, Terminal]) -> Iterator[Line]:
    """A line to a server that waits for a second only."""
    with listening(kiosk, terminals, 1.0) as made:
        line = Line(made.port)
        yield line
        line.socket.close()


@pytest.fixture
def machine(server: Sip2Server, tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """machine("k1"): a kiosk that has logged in."""
    made: list[Machine] = []

    def switch_on(name: str = "k1", **settings: str) -> Machine:
        made.append(Machine(server.port, tmp_path, name, **settings))
        return made[-1]

    yield switch_on
    with contextlib.redirect_stdout(io.StringIO()):
        for one in made:
            one.sip.disconnect()


@pytest.fixture
def line(server: Sip2Server) -> Iterator[Line]:
    made = Line(server.port)
    yield made
    made.socket.close()


def card_of(world: World, reader: int) -> str:
    """A kiosk card for the reader."""
    return cards.issue(world.db, reader, KEY, world.now)

"""The whole application with the sample catalogue, and the three ways to talk to it."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from bot import worker
from bot.channels import terminal
from bot.channels.telegram import Poller
from bot.pacer import Pacer
from bot.receive import receive
from bot.service import Service
from lending.policy import load_policy
from settings import Settings
from tests.fakes.telegram_server import TOKEN, FakeTelegram
from tests.talking import FRIDAY, copy_sample, first_password


class Voice(Protocol):
    """A reader on some channel."""

    def say(self, text: str) -> str:
        """Write; what is answered."""

    def tap(self, label: str) -> str:
        """Press the newest button whose label begins so; what is answered."""

    def hear(self, awaited: str) -> str:
        """What comes without being asked, until this is in it."""


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    """Telegram itself, as far as we need it."""
    with FakeTelegram(hurry=100) as server:
        yield server


@pytest.fixture
def app(prepared: Path, tmp_path: Path, telegram: FakeTelegram) -> Iterator[Flask]:
    """The service as `make run` puts it together, with Telegram polling; ten o'clock on a Friday."""
    copy_sample(prepared, tmp_path / "data")
    settings = Settings(
        data=tmp_path / "data", library="云栖市图书馆", policy=load_policy(), secret="s" * 40, start=FRIDAY,
        telegram_token=TOKEN, telegram_api=telegram.base_url.removesuffix("/bot"),
    )  # fmt: skip
    made = create_app(settings)
    parts = made.extensions["shuxin"]
    parts["service"].finder.open()
    poll = Poller(parts["telegram"]["channel"], parts["telegram"]["intake"], wait=1).run
    finish = worker.start(parts["service"], [parts["telegram"]["channel"]], [poll], Pacer(1000, chat_seconds=0))
    yield made
    finish()
    parts["telegram"]["channel"].close()
    parts["service"].store.close()


@pytest.fixture
def service(app: Flask) -> Service:
    """The parts behind it."""
    return app.extensions["shuxin"]["service"]


class TerminalVoice:
    """`flask chat --json`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._buttons: list[dict[str, str]] = []

    def say(self, text: str) -> str:
        out = io.StringIO()
        terminal.talk(
            lambda event: receive(self._service, event), self._service.store, "reader", [text], out, as_json=True
        )
        replies = json.loads(out.getvalue())["replies"]
        self._buttons = [button for reply in replies for button in reply["buttons"]] or self._buttons
        return "\n".join(reply["text"] for reply in replies)

    def tap(self, label: str) -> str:
        return self.say("/press " + _newest(self._buttons, label, "label")["action"])

    def hear(self, awaited: str) -> str:
        return _until(awaited, lambda: self.say("谢谢"))


class WebVoice:
    """The page's own requests."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self._client.get("/")
        self._after = 0
        self._count = 0
        self._buttons: list[dict[str, str]] = []

    def _heard(self, messages: list[dict[str, Any]]) -> str:
        library = [message for message in messages if message["from"] == "library" and message["id"] > self._after]
        self._after = max([self._after, *(message["id"] for message in library)])
        for message in library:
            found = [button for row in message["buttons"] for button in row]
            found += [button for card in message["cards"] for button in card["buttons"]]
            self._buttons = found or self._buttons
        return "\n".join(message["text"] for message in library)

    def _post(self, **what: str) -> str:
        self._count += 1
        answer = self._client.post("/chat/events", json={"id": f"w{self._count}", "after": self._after, **what})
        assert answer.status_code == 200, answer.text
        return self._heard(answer.json["messages"])  # type: ignore[index]

    def say(self, text: str) -> str:
        return self._post(text=text)

    def tap(self, label: str) -> str:
        return self._post(press=_newest(self._buttons, label, "label")["action"])

    def hear(self, awaited: str) -> str:
        """Polls as the page does."""
        path = "/chat/messages?after="
        return _until(awaited, lambda: self._heard(self._client.get(f"{path}{self._after}").json["messages"]))  # type: ignore[index]


class TelegramVoice:
    """Someone with the app on a phone, long polling in between."""

    CHAT = 7

    def __init__(self, telegram: FakeTelegram) -> None:
        self._telegram = telegram
        telegram.join(self.CHAT)
        self._seen: dict[int, tuple[str, int]] = {}

    def _wait(self, act: Callable[[], object], seconds: float = 10.0) -> str:
        before = dict(self._seen)
        act()
        self._telegram.wait_for(lambda: self._state() != before, seconds)
        settled = threading.Event()
        while True:  # several messages may belong to one answer
            state = self._state()
            settled.wait(0.35)
            if self._state() == state:
                break
        fresh = [shown.text for shown in self._telegram.inbox(self.CHAT) if before.get(shown.id) != state[shown.id]]
        self._seen = state
        return "\n".join(fresh)

    def _state(self) -> dict[int, tuple[str, int]]:
        return {shown.id: (shown.text, shown.edits) for shown in self._telegram.inbox(self.CHAT)}

    def say(self, text: str) -> str:
        return self._wait(lambda: self._telegram.say(self.CHAT, text))

    def tap(self, label: str) -> str:
        for shown in reversed(self._telegram.inbox(self.CHAT)):
            for button in shown.buttons:
                if button["text"].startswith(label) and "callback_data" in button:
                    return self._wait(lambda: self._telegram.press(self.CHAT, shown.id, button["callback_data"]))  # noqa: B023
        raise AssertionError(f"no button {label!r}")

    def hear(self, awaited: str) -> str:
        return _until(awaited, lambda: self._wait(lambda: None))


def _until(awaited: str, listen: Callable[[], str], seconds: float = 10.0) -> str:
    heard, end = "", time.monotonic() + seconds
    while awaited not in heard:
        assert time.monotonic() < end, f"{awaited!r} did not come, but: {heard!r}"
        heard += listen()
        time.sleep(0.05)
    return heard


def _newest(buttons: list[dict[str, str]], label: str, name: str) -> dict[str, str]:
    for button in reversed(buttons):
        if button[name].startswith(label) and button.get("action"):
            return button
    raise AssertionError(f"no button {label!r} among {[button[name] for button in buttons]}")


@pytest.fixture(params=["terminal", "web", "telegram"])
def voice(request: pytest.FixtureRequest, app: Flask, service: Service, telegram: FakeTelegram) -> Voice:
    """The same reader on each channel in turn."""
    if request.param == "terminal":
        return TerminalVoice(service)
    return WebVoice(app.test_client()) if request.param == "web" else TelegramVoice(telegram)


class Librarian:
    """Someone at the staff page, with its forms."""

    def __init__(self, app: Flask, password: str) -> None:
        self._client = app.test_client()
        self.post("/admin/login", name="admin", password=password)

    def get(self, path: str) -> str:
        """A page's text."""
        answer = self._client.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, **fields: str) -> str:
        """Send a form with the token of a page that has one."""
        page = self._client.get("/admin/login" if path == "/admin/login" else "/admin", follow_redirects=True).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, "a page with a form"
        answer = self._client.post(path, data={**fields, "csrf_token": token.group(1)}, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.text


@pytest.fixture
def librarian(app: Flask, service: Service) -> Librarian:
    """Logged in with the first password that the start printed."""
    password = first_password(service)
    assert password
    return Librarian(app, password)

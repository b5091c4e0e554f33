"""Telegram and its people for the crash tests: updates come again until they are taken, some come twice."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

from tests.crash.library import BOOKS
from tests.crash.nursery import SECRET
from tests.fakes.telegram_server import FakeTelegram

AGAIN = 0.1  # of the updates are delivered a second time
PATIENCE = 30.0  # seconds a reader waits for an answer
SEARCHES = 2  # of each reader before the order
IDLE_TALK, IDLE_SECONDS = 10, 0.03  # searches of one who only looks, and the time between: the sender must keep up
SHOWN = ("sendMessage", "sendPhoto", "editMessageText")


class GaveUp(Exception):
    """The run is over, or an answer never came."""


class Crowd(FakeTelegram):
    """Delivers each update itself, in the thread of whoever speaks, until the webhook says 200."""

    def __enter__(self) -> Crowd:
        super().__enter__()
        return self

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.port = 0  # of the web service
        self.over = threading.Event()  # nobody says a word more
        self.closing = threading.Event()  # nobody begins a new visit
        self.acknowledged: set[int] = set()
        self.asked: Counter[int] = Counter()  # updates of each chat, as soon as they are on their way
        self.heard: Counter[int] = Counter()  # and those acknowledged
        self.ordered: set[int] = set()
        self.stuck: list[str] = []
        self.last_taken = (0.0, 0.0)  # when the update taken last had set out, and when it was acknowledged
        self.takes = 0.006  # seconds an update is under way, as the last ones were
        self.speaking = threading.Event()  # set when an update sets out
        self._ids = count(1)
        self._chats = count(1001)
        self._chance = random.Random(seed)
        self._local = threading.local()

    def push(self, update: dict[str, Any]) -> int:
        """In order for each chat, as Telegram does; now and then twice, at once or a little later."""
        number, chat = next(self._ids), _chat_of(update)
        self.asked[chat] += 1
        body = json.dumps({"update_id": number} | update).encode()
        twin = self._chance.random() < AGAIN
        at_once = twin and self._chance.random() < 0.5
        if at_once:
            threading.Thread(target=self._deliver_quietly, args=(body,), daemon=True).start()
        self._deliver(body)
        self.acknowledged.add(number)
        self.heard[chat] += 1
        if twin and not at_once:
            self._deliver(body)
        return number

    def _deliver_quietly(self, body: bytes) -> None:
        with suppress(GaveUp):
            self._deliver(body)

    def _deliver(self, body: bytes) -> None:
        while not self.over.is_set():
            set_out = time.monotonic()
            try:
                if self._post(body) == 200:
                    self.last_taken = set_out, time.monotonic()
                    return
            except (OSError, http.client.HTTPException):
                self._local.line = None
            time.sleep(0.005)
        raise GaveUp

    def _post(self, body: bytes) -> int:
        line = getattr(self._local, "line", None)
        if line is None:
            line = self._local.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        self.speaking.set()
        started = time.monotonic()
        line.request("POST", "/webhooks/telegram", body, headers)
        answer = line.getresponse()
        answer.read()
        self.takes += (time.monotonic() - started - self.takes) / 8
        return int(answer.status)

    # ---- what a reader does ------------------------------------------------------------------------------------------

    def visit(self) -> None:
        """A fresh reader looks for books, borrows one and orders it; the buttons are those that were really sent."""
        chat = next(self._chats)
        self.join(chat)
        for _ in range(SEARCHES):
            self.say(chat, self._chance.choice(BOOKS))
        self._press(chat, "t:")
        for button in ("b:", "w:locker:", "credit:ladder", "ok:"):
            self._press(chat, button)
        self.ordered.add(chat)

    def _press(self, chat: int, begins: str) -> None:
        """Press a button that does this, of the last message that has one, once it has been shown."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not self.over.is_set():
            for shown in reversed(self.inbox(chat)):
                actions = [str(button.get("callback_data", "")) for button in shown.buttons]
                if fitting := [action for action in actions if action.startswith(begins)]:
                    self.press(chat, shown.id, self._chance.choice(fitting))
                    return
            time.sleep(0.01)
        self.stuck.append(begins)
        raise GaveUp

    def look_around(self) -> None:
        """Someone who only searches and waits for nothing."""
        chat = next(self._chats)
        for _ in range(IDLE_TALK):
            self.say(chat, self._chance.choice(BOOKS))
            time.sleep(IDLE_SECONDS)

    def live(self, visit: Callable[[], None]) -> None:
        """One visit after another until it is over."""
        while not self.over.is_set() and not self.closing.is_set():
            with suppress(GaveUp):
                visit()

    def sends(self) -> Counter[int]:
        """How many messages each chat was sent."""
        with self._changed:
            calls = list(self.calls)
        return Counter(int(parameters["chat_id"]) for _, method, parameters in calls if method in SHOWN)


def _chat_of(update: dict[str, Any]) -> int:
    message = update["message"] if "message" in update else update["callback_query"]["message"]
    return int(message["chat"]["id"])

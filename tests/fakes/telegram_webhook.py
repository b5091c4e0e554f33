"""How Telegram delivers to a webhook: a queue per chat whose head must succeed, and doubling waits between tries."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import httpx

FIRST_WAIT, LONGEST_WAIT, LONGEST_ASKED = 1.0, 60.0, 3600.0  # seconds
LIFETIME = {"callback_query": 150.0}  # after which an update is thrown away
MESSAGE_LIFETIME = 24 * 3600.0


class Webhook:
    """Delivers until closed. `tries` holds (update id, status) of every attempt, 0 for a connection that failed."""

    def __init__(
        self, url: str, secret: str, hurry: float, connections: int, carry_out: Callable[[dict[str, Any]], None]
    ) -> None:
        self.url = url
        self.tries: list[tuple[int, int]] = []
        self._headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        self._hurry = hurry
        self._connections = threading.Semaphore(connections)
        self._carry_out = carry_out
        self._guard = threading.Lock()
        self._queues: dict[tuple[str, int], deque[dict[str, Any]]] = {}
        self._threads: list[threading.Thread] = []
        self._closed = threading.Event()
        self._client = httpx.Client(timeout=30)

    @property
    def pending(self) -> int:
        """Updates not yet taken."""
        with self._guard:
            return sum(len(queue) for queue in self._queues.values())

    def deliver(self, update: dict[str, Any]) -> None:
        """Queue an update behind those of its chat; presses have a queue of their own."""
        key = _queue_of(update)
        with self._guard:
            queue = self._queues.setdefault(key, deque())
            queue.append(update)
            if len(queue) == 1:
                thread = threading.Thread(target=self._drain, args=(queue,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def close(self) -> list[dict[str, Any]]:
        """Stop; returns what was not taken."""
        self._closed.set()
        for thread in self._threads:
            thread.join(timeout=5)
        self._client.close()
        with self._guard:
            return [update for queue in self._queues.values() for update in queue]

    def _drain(self, queue: deque[dict[str, Any]]) -> None:
        while not self._closed.is_set():
            if not self._insist(queue[0]):
                return
            with self._guard:
                queue.popleft()
                if not queue:
                    return

    def _insist(self, update: dict[str, Any]) -> bool:
        """Post it until it is taken or too old; False when closed meanwhile."""
        wait, left = FIRST_WAIT, _lifetime(update)
        while left > 0:
            asked = self._post(update)
            if asked is None:
                return True
            pause = min(asked, LONGEST_ASKED) or wait
            if self._closed.wait(pause / self._hurry):
                return False
            left -= pause
            wait = min(wait * 2, LONGEST_WAIT)
        return True

    def _post(self, update: dict[str, Any]) -> float | None:
        """None when taken; else the seconds the answer asks to wait, or 0."""
        try:
            with self._connections:
                answer = self._client.post(self.url, json=update, headers=self._headers)
        except httpx.HTTPError:
            self.tries.append((update["update_id"], 0))
            return 0.0
        self.tries.append((update["update_id"], answer.status_code))
        if not answer.is_success:
            return float(answer.headers.get("Retry-After", 0))
        try:
            body = json.loads(answer.content or b"{}")
        except ValueError:
            body = None
        if isinstance(body, dict):
            self._carry_out(body)
        return None


def _queue_of(update: dict[str, Any]) -> tuple[str, int]:
    if "callback_query" in update:
        return "presses", update["callback_query"]["from"]["id"]
    for kind in ("message", "my_chat_member"):
        chat = update.get(kind)
        if isinstance(chat, dict) and isinstance(chat.get("chat"), dict):
            return "chat", int(chat["chat"].get("id", 0))
    return "others", 0


def _lifetime(update: dict[str, Any]) -> float:
    return next((seconds for kind, seconds in LIFETIME.items() if kind in update), MESSAGE_LIFETIME)

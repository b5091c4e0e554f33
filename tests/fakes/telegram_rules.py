"""What Telegram refuses: shapes of texts, keyboards and commands, and how fast it may be spoken to."""

from __future__ import annotations

import json
import math
import re
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
LINK = re.compile(r"(https?|tg)://[^\s/]+.*")


MOST_DOWNLOADED = 20 * 1024 * 1024
MOST_SENT = 50 * 1024 * 1024  # a document of a bot's


class Refusal(Exception):
    """An answer that is not ok."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad(description: str) -> Refusal:
    """A 400."""
    return Refusal(400, f"Bad Request: {description}")


def check_text(text: str, limit: int = 4096) -> str:
    """The text as it will be shown; refuses an empty or too long one, counted in UTF-16 units."""
    text = text.strip()
    if not text:
        raise bad("message text is empty")
    if len(text.encode("utf-16-le")) // 2 > limit:
        raise bad("message is too long")
    return text


def check_markup(raw: str | None, private: bool = True) -> dict[str, Any]:
    """The keyboard, if it is one Telegram accepts."""
    if not raw:
        return {}
    markup: dict[str, Any] = json.loads(raw)
    if "inline_keyboard" in markup:
        _check_rows(markup["inline_keyboard"], _check_inline)
    elif "keyboard" in markup:
        if not private and any(key.get("request_location") for row in markup["keyboard"] for key in row):
            raise bad("location can be requested in private chats only")
        _check_rows(markup["keyboard"], _check_key)
    elif not markup.get("remove_keyboard") and not markup.get("force_reply"):
        raise bad("object expected as reply markup")
    return markup


def _check_rows(rows: list[list[dict[str, Any]]], check: Any) -> None:
    if sum(len(row) for row in rows) > 100 or any(len(row) > 8 for row in rows):
        raise bad("reply markup is too long")
    for row in rows:
        for button in row:
            if not str(button.get("text", "")).strip():
                raise bad("text buttons are unallowed in the inline keyboard")
            check(button)


def _check_inline(button: dict[str, Any]) -> None:
    kinds = set(button) - {"text"}
    if len(kinds) != 1:
        raise bad("inline keyboard button must have exactly one optional field")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button and not LINK.fullmatch(button["url"]):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def _check_key(button: dict[str, Any]) -> None:
    if len({"request_contact", "request_location"} & {name for name in button if button[name]}) > 1:
        raise bad("keyboard button must have at most one optional field")


def check_commands(raw: str) -> list[dict[str, str]]:
    """The menu, if it is one Telegram accepts."""
    commands: list[dict[str, str]] = json.loads(raw)
    if len(commands) > 100:
        raise bad("too many commands")
    for command in commands:
        if not COMMAND.fullmatch(command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def check_results(parameters: Mapping[str, str]) -> None:
    """The answer to an inline question, if it is one Telegram accepts."""
    results: list[dict[str, Any]] = json.loads(parameters["results"])
    ids = [result["id"] for result in results]
    if len(results) > 50:
        raise bad("RESULTS_TOO_MUCH")
    if any(not 1 <= len(one.encode()) <= 64 for one in ids):
        raise bad("RESULT_ID_INVALID")
    if len(set(ids)) != len(ids):
        raise bad("RESULT_ID_DUPLICATE")
    if len(parameters.get("next_offset", "").encode()) > 64:
        raise bad("NEXT_OFFSET_INVALID")
    for result in results:
        if result["type"] != "article" or not result.get("title"):
            raise bad("ARTICLE_TITLE_EMPTY")
        check_text(result["input_message_content"]["message_text"])
        check_markup(json.dumps(result["reply_markup"]) if "reply_markup" in result else None)


class Limit(Protocol):
    """Decides whether a message may come now; raises a 429 when not."""

    def check(self) -> None:
        """Count one message."""


def too_fast(seconds: float) -> Refusal:
    """A 429 that tells how long to wait, in whole seconds as Telegram does."""
    wait = max(1, math.ceil(seconds))
    return Refusal(429, f"Too Many Requests: retry after {wait}", wait)


class StrictLimit:
    """At most `count` in any window that slides by; one too many refuses everything for a while."""

    def __init__(self, count: int = 30, window: float = 1.0, penalty: float = 3.0) -> None:
        self._window = window
        self._penalty = penalty
        self._recent: deque[float] = deque(maxlen=count)
        self._until = 0.0

    def check(self) -> None:
        """Count one message."""
        now = time.monotonic()
        if now < self._until:
            raise too_fast(self._until - now)
        if len(self._recent) == self._recent.maxlen and now - self._recent[0] < self._window:
            self._until = now + self._penalty
            raise too_fast(self._penalty)
        self._recent.append(now)


class LenientLimit:
    """A leaky bucket: `rate` a second with a burst on top."""

    def __init__(self, rate: float = 30.0, burst: float = 30.0) -> None:
        self._rate = rate
        self._burst = burst
        self._level = 0.0
        self._seen = time.monotonic()

    def check(self) -> None:
        """Count one message."""
        now = time.monotonic()
        self._level = max(0.0, self._level - (now - self._seen) * self._rate)
        self._seen = now
        if self._level + 1 > self._burst:
            raise too_fast((self._level + 1 - self._burst) / self._rate)
        self._level += 1

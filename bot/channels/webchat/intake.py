"""What a browser posts, checked and turned into an Event; what is wrong with it is said in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from bot.channels.webchat.chat import CHANNEL, Words
from bot.events import ACTION_BYTES, Event, Photo

BODY_BYTES = 64 * 1024
TEXT_LENGTH = 4096
ID_LENGTH = 100
LARGEST = 2**63 - 1  # what the store can hold as a number
KINDS = ("text", "press", "location", "start")
START = re.compile(r"[A-Za-z0-9_-]{1,64}")  # a deep link's payload, as Telegram allows it


class NotAnEvent(Exception):
    """What came is no event; its text says why, in the visitor's language."""


def read_json(body: bytes, _: Words) -> dict[str, Any]:
    """The posted object. NotAnEvent when the body is no JSON object or is too large."""
    if len(body) > BODY_BYTES:
        raise NotAnEvent(_("这条消息太长了，请分几次发。"))
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotAnEvent(_("没有看懂：请发一个 JSON 对象。"))
    return found


def read_event(raw: dict[str, Any], address: str, language: str, _: Words) -> Event:
    """The event a posted object stands for. NotAnEvent for a missing id, a wrong type or more than one thing at once.

    The id is kept apart for each address: nobody can use up another reader's ids.
    """
    own_id = _short_text(raw, "id", ID_LENGTH, _)
    given = [kind for kind in KINDS if raw.get(kind) is not None]
    if len(given) != 1:
        raise NotAnEvent(_("没有看懂：text、press、location、start 里要有一个，也只要一个。"))
    what = _READERS[given[0]](raw, _)
    return Event(CHANNEL, address, event_id(address, own_id), language=language, **what)


def event_id(address: str, own_id: str) -> str:
    """The page's own id, kept apart for each address; the address itself is not to be read from it."""
    return f"{sha256(address.encode()).hexdigest()[:24]}:{own_id}"


def read_photo(asked: Mapping[str, str], picture: bytes, address: str, language: str, _: Words) -> Event:
    """The event a posted photo stands for. NotAnEvent for a missing id."""
    own_id = _short_text(dict(asked), "id", ID_LENGTH, _)
    return Event(CHANNEL, address, event_id(address, own_id), language=language, photo=Photo(picture))


def whole_number(value: object, name: str, _: Words) -> int:
    """A message's number, 0 or more. NotAnEvent otherwise."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise NotAnEvent(_("没有看懂：{name} 要是一个不小于 0 的整数。", name=name))
    return value


def line_heard(value: object, _: Words) -> str | None:
    """The id of the last line of the reader's that a page shows: '' for none, None where it asks for none."""
    return _short_text({"heard": value}, "heard", ID_LENGTH, _) if value else "" if value == "" else None


def _short_text(raw: dict[str, Any], name: str, longest: int, _: Words) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value.strip():
        raise NotAnEvent(_("没有看懂：少了 {name}，要是一段文字。", name=name))
    if len(value) > longest:
        raise NotAnEvent(_("{name} 太长了，最多 {n} 个字。", name=name, n=longest))
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise NotAnEvent(_("{name} 里有存不下的字符。", name=name))
    return value


def _text(raw: dict[str, Any], _: Words) -> dict[str, Any]:
    return {"text": _short_text(raw, "text", TEXT_LENGTH, _).strip()}


def _press(raw: dict[str, Any], _: Words) -> dict[str, Any]:
    action = _short_text(raw, "press", ACTION_BYTES, _)
    if len(action.encode()) > ACTION_BYTES:
        raise NotAnEvent(_("没有看懂：这不是我们给的按钮。"))
    message = raw.get("message")
    return {"press": action, "message": None if message is None else whole_number(message, "message", _)}


def _start(raw: dict[str, Any], _: Words) -> dict[str, Any]:
    payload = _short_text(raw, "start", ACTION_BYTES, _)
    if not START.fullmatch(payload):
        raise NotAnEvent(_("没有看懂：start 只能有字母、数字、- 和 _。"))
    return {"start": payload}


def _location(raw: dict[str, Any], _: Words) -> dict[str, Any]:
    value = raw["location"]
    pair = value if isinstance(value, list) else []
    numbers = [float(part) for part in pair if _is_number(part)]
    if len(pair) != 2 or len(numbers) != 2 or not (abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180):
        raise NotAnEvent(_("没有看懂：location 要是 [纬度, 经度]。"))
    return {"location": (numbers[0], numbers[1])}


def _is_number(part: object) -> bool:
    return isinstance(part, int | float) and not isinstance(part, bool) and -180 <= part <= 180


_READERS = {"text": _text, "press": _press, "start": _start, "location": _location}

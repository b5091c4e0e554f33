"""The terminal as a channel: a line in, replies out; buttons stand as numbers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable
from typing import TextIO

from bot import outbox
from bot.events import Abilities, Event, Reply
from lending.database import Store

NAME = "terminal"
ABILITIES = Abilities(length=100_000)
PRESS = "/press "

Receive = Callable[[Event], object]


def talk(receive: Receive, store: Store, who: str, lines: Iterable[str], out: TextIO, as_json: bool = False) -> None:
    """One turn for each line until the lines end. `/press ACTION` presses a button; `/start WORD` opens a deep link."""
    for line in lines:
        receive(_event(line.rstrip("\r\n"), who))
        said = outbox.after(store.db, NAME, who, outbox.last_shown(store.db, NAME, who), limit=1_000)
        replies = [message.reply for message in said]
        out.write(as_object(replies) if as_json else as_text(replies))
        out.flush()
        if said:
            outbox.shown(store.db, NAME, who, said[-1].id)


def _event(line: str, who: str) -> Event:
    event_id = uuid.uuid4().hex
    if line.startswith(PRESS):
        return Event(NAME, who, event_id, press=line[len(PRESS) :].strip() or "?")
    if line.startswith("/start ") and line[7:].strip():
        return Event(NAME, who, event_id, start=line[7:].strip())
    return Event(NAME, who, event_id, text=line, name="" if who == "reader" else who)


def as_text(replies: Iterable[Reply]) -> str:
    """Numbered replies for a person."""
    parts = []
    for reply in replies:
        parts.append(reply.text)
        parts += [f"  [{n}] {label}" for n, label in enumerate(labels(reply), 1)]
        parts += [f"  → {button.label}: {button.url}" for row in reply.buttons for button in row if button.url]
        parts.append("")
    return "\n".join(parts) + "\n"


def labels(reply: Reply) -> list[str]:
    """The labels in the order in which their numbers count."""
    return [button.label for row in reply.buttons for button in row if button.action]


def as_object(replies: Iterable[Reply]) -> str:
    """One JSON object a turn."""
    said = [
        {
            "text": reply.text,
            "buttons": [{"label": b.label, "action": b.action} for row in reply.buttons for b in row if b.action],
        }
        for reply in replies
    ]
    return json.dumps({"replies": said}, ensure_ascii=False) + "\n"

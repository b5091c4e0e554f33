"""The terminal as a channel: a line in, replies out; buttons stand as numbers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO
from urllib.parse import urljoin

from bot import outbox
from bot.events import Event, Reply
from lending.database import Store

NAME = "terminal"
PRESS = "/press "

Receive = Callable[[Event], object]
Save = Callable[[str], Sequence[Path]]


def talk(
    receive: Receive, store: Store, who: str, lines: Iterable[str], out: TextIO, as_json: bool = False,
    save: Save = lambda _ticket: (), pages: str = "",
) -> None:  # fmt: skip
    """One turn for each line until the lines end. `/press ACTION` presses a button; `/start WORD` opens a deep link.

    `save` writes the copy of a reader's data that a reply has a ticket for, and says where; `pages` is the address
    that links within our own site lead to from here.
    """
    for line in lines:
        receive(_event(line.rstrip("\r\n"), who))
        said = outbox.after(store.db, NAME, who, outbox.last_shown(store.db, NAME, who), limit=1_000)
        replies = [message.reply for message in said]
        saved = [path for reply in replies if reply.export for path in save(reply.export)]
        out.write(as_object(replies, saved) if as_json else as_text(replies, saved, pages))
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


def as_text(replies: Iterable[Reply], saved: Sequence[Path], pages: str) -> str:
    """Numbered replies for a person, and the files that were written for them."""
    parts = []
    for reply in replies:
        parts.append(reply.text)
        parts += [f"  [{n}] {label}" for n, label in enumerate(labels(reply), 1)]
        links = [button for row in reply.buttons for button in row if button.url and not reply.export]
        parts += [f"  → {button.label}: {urljoin(pages, button.url)}" for button in links]
        parts.append("")
    return "\n".join([*parts, *(f"→ {path}" for path in saved)]) + "\n"


def labels(reply: Reply) -> list[str]:
    """The labels in the order in which their numbers count."""
    return [button.label for row in reply.buttons for button in row if button.action]


def as_object(replies: Iterable[Reply], saved: Sequence[Path]) -> str:
    """One JSON object a turn; `files` where some were written."""
    said = [
        {
            "text": reply.text,
            "buttons": [{"label": b.label, "action": b.action} for row in reply.buttons for b in row if b.action],
        }
        for reply in replies
    ]
    files = {"files": [str(path) for path in saved]} if saved else {}
    return json.dumps({"replies": said} | files, ensure_ascii=False) + "\n"

"""Where each reader's talk stands: the step, and what the last messages offered. Any screen can be rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from bot import offered
from bot.events import Reply
from lending.database import Database, writing
from lending.model import stamp

Memory = dict[str, Any]
AWAY = timedelta(days=7)  # who has written nothing for so long begins anew when the library speaks


def load(db: Database, reader_id: int) -> tuple[str, Memory]:
    """The step and the memory; a clean one when there is none, or none that can be read."""
    row = db.one("SELECT step, legible(memory) AS memory FROM conversations WHERE reader_id = :r", r=reader_id)
    return (row["step"], msgspec.json.decode(row["memory"] or "{}")) if row else ("", {})


def save(db: Database, reader_id: int, step: str, memory: Memory) -> None:
    """Remember."""
    db.run(
        "INSERT INTO conversations (reader_id, step, memory) VALUES (:r, :step, seal(:memory)) "
        "ON CONFLICT (reader_id) DO UPDATE SET step = excluded.step, memory = excluded.memory",
        r=reader_id, step=step, memory=msgspec.json.encode(memory).decode(),
    )  # fmt: skip


def offer(memory: Memory, reply: Reply) -> None:
    """Remember what "2" or a label typed out will mean now; a message without buttons changes nothing."""
    choices = [[button.action, button.label] for row in reply.buttons for button in row if button.action]
    if choices:
        if offered.alike((action, label) for action, label in memory.get("choices", [])):
            memory["stood"] = memory["choices"]  # what is asked in between does not end the choosing
        memory["choices"] = choices
        if asked := next((label for action, label in choices if action == memory.get("confirm")), ""):
            memory["confirm_label"] = asked


def overhear(db: Database, reader_id: int, reply: Reply, now: datetime, loans: Sequence[int] = ()) -> None:
    """The library has said something by itself: its buttons can be answered, also by who was long away.

    `loans` are those it has numbered, if any.
    """
    step, memory = load(db, reader_id)
    lately = "SELECT COUNT(*) FROM contacts WHERE reader_id = :r AND last_seen >= :since"
    away = not db.value(lately, r=reader_id, since=stamp(now - AWAY))
    if away:
        step, memory = "", {}  # nothing said before is kept longer by this
    for word in ("about", "loans"):  # what was shown before is not what is asked about, or counted in, next
        memory.pop(word, None)
    if loans:
        memory["loans"] = list(loans)
    offer(memory, reply)
    save(db, reader_id, step, memory)
    if away:
        db.run("UPDATE conversations SET told_at = :now WHERE reader_id = :r", now=stamp(now), r=reader_id)


OLD = (
    "step || legible(memory) <> '{}' AND reader_id NOT IN (SELECT reader_id FROM contacts WHERE last_seen >= :before) "
    "AND (told_at IS NULL OR told_at < :before)"
)


def forget_old(db: Database, before: datetime) -> int:
    """Whoever has not been here since, nor been told anything anew, begins anew; returns how many."""
    with writing(db) as db:
        return db.run(f"UPDATE conversations SET step = '', memory = seal('{{}}') WHERE {OLD}", before=stamp(before))


def count_old(db: Database, before: datetime) -> int:
    """Talks left standing by those who have not been here since."""
    return int(db.value(f"SELECT COUNT(*) FROM conversations WHERE {OLD}", before=stamp(before)))

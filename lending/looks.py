"""Who looked at a reader's page, address or talk or took a copy of all, when and why: for the reader to see (A11-5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending.database import Database, writing
from lending.model import parse_stamp, stamp

PAGE, ADDRESS, TALK, COPY = "page", "address", "talk", "copy"
GUARDIAN = "guardian"  # who, where a guardian took a copy: their name would stand open, and outlive them here
ORDER, CASE, APPEAL, PHOTO, MESSAGE, PHONE = "order", "case", "appeal", "photo", "message", "phone"
AGAIN = timedelta(minutes=10)  # the same person looking at the same thing again is the same look


@dataclass(frozen=True, slots=True)
class Look:
    """One look. `what`: one of the names above; `why`: an order's or request's number, or what was asked for.

    `who` is a librarian, GUARDIAN, or "" for the reader themselves.
    """

    who: str
    what: str
    why: str
    at: datetime


def note(db: Database, reader_id: int, who: str, what: str, why: str, now: datetime) -> bool:
    """Write a look down; False when it is the same as one some minutes ago."""
    with writing(db) as db:
        return bool(
            db.run(
                "INSERT INTO looks (reader_id, who, what, why, at) SELECT :r, :who, :what, :why, :now "
                "WHERE NOT EXISTS (SELECT 1 FROM looks WHERE reader_id = :r AND who = :who AND what = :what "
                "AND why = :why AND at > :since)",
                r=reader_id, who=who, what=what, why=why[:60], now=stamp(now), since=stamp(now - AGAIN),
            )
        )  # fmt: skip


def note_all(db: Database, seen: Mapping[int, str], who: str, what: str, now: datetime) -> None:
    """The same for everybody on a page, reader → why; a page that is asked for again and again writes once."""
    rows = db.all(
        "SELECT reader_id, why FROM looks WHERE who = :who AND what = :what AND at > :since",
        who=who, what=what, since=stamp(now - AGAIN),
    )  # fmt: skip
    known = {(row["reader_id"], row["why"]) for row in rows}
    fresh = {reader_id: why for reader_id, why in seen.items() if (reader_id, why[:60]) not in known}
    if fresh:
        with writing(db) as db:
            for reader_id, why in fresh.items():
                note(db, reader_id, who, what, why, now)


def of_reader(db: Database, reader_id: int, limit: int = 20) -> list[Look]:
    """The newest first."""
    rows = db.all(
        "SELECT who, what, why, at FROM looks WHERE reader_id = :r ORDER BY id DESC LIMIT :n", r=reader_id, n=limit
    )
    return [Look(**{**row, "at": parse_stamp(row["at"])}) for row in rows]

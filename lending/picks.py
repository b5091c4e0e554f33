"""主编推荐: titles the librarians choose, each with a line of their own (A2-18)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from lending.database import Database, writing
from lending.errors import UnknownThing
from lending.model import parse_stamp, stamp
from lending.stock import named

LONGEST = 120  # characters of a note
MOST = 200  # that a reader can page through
STANDING = "EXISTS (SELECT 1 FROM titles t WHERE t.id = p.title_id AND t.withdrawn = 0)"


class Pick(NamedTuple):
    """A chosen title, the librarian's words about it, and when it was chosen."""

    title_id: int
    note: str
    picked_at: datetime


def picked(db: Database, limit: int = MOST, skip: int = 0) -> list[Pick]:
    """What is recommended now, the newest first, from the one after `skip` on; withdrawn titles are left out."""
    rows = db.all(
        f"SELECT p.* FROM picks p WHERE {STANDING} "
        "ORDER BY p.picked_at DESC, p.title_id DESC LIMIT :n OFFSET :skip",
        n=limit, skip=skip,
    )  # fmt: skip
    return [Pick(row["title_id"], row["note"], parse_stamp(row["picked_at"])) for row in rows]


def how_many(db: Database) -> int:
    """All that is recommended now, also what one page has no room for."""
    return int(db.value(f"SELECT COUNT(*) FROM picks p WHERE {STANDING}"))


def among(db: Database, title_ids: Iterable[int]) -> set[int]:
    """Which of these are recommended already."""
    marks, values = named(title_ids)
    return {row["title_id"] for row in db.all(f"SELECT title_id FROM picks WHERE title_id IN ({marks})", **values)}


def pick(db: Database, title_id: int, note: str, now: datetime) -> None:
    """Recommend a title, or change what is said about it. Raises UnknownThing."""
    with writing(db) as db:
        if not db.value("SELECT 1 FROM titles WHERE id = :id AND withdrawn = 0", id=title_id):
            raise UnknownThing("title", str(title_id))
        db.run(
            "INSERT INTO picks (title_id, note, picked_at) VALUES (:id, :note, :now) "
            "ON CONFLICT (title_id) DO UPDATE SET note = :note",
            id=title_id, note=" ".join(note.split())[:LONGEST], now=stamp(now),
        )  # fmt: skip


def unpick(db: Database, title_id: int) -> bool:
    """Recommend it no longer; False when it was not recommended."""
    with writing(db) as db:
        return db.run("DELETE FROM picks WHERE title_id = :id", id=title_id) == 1

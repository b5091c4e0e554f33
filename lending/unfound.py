"""书架上没找到: a reader stood before the shelf and the book was not there; a librarian goes to look (E3).

One search of a title at a branch at a time, however many say so. Who said it is kept while it is open, to be told what
came of it; the schema drops them with the same step that settles it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import copy_states, notices
from lending.catalogue import STANDS_AT
from lending.database import Database, Row, writing
from lending.errors import CannotChange, UnknownThing
from lending.model import parse_stamp, stamp
from lending.policy import Policy

STEPS = {  # name: from which state, to which
    "found": ("open", "found"),  # 在架上，或者放错了地方，已经放回去
    "missing": ("open", "missing"),  # 也没找到：记为清点缺失
}


@dataclass(frozen=True, slots=True)
class Search:
    """A title to be looked for at a branch; `said` by so many readers."""

    id: int
    title_id: int
    title: str
    point_id: int
    said: int
    first_at: datetime


SEARCH = (
    "SELECT u.id, u.title_id, t.title, u.point_id, u.said, u.first_at FROM unfound u "
    "JOIN titles t ON t.id = u.title_id WHERE u.state = 'open' "
)


def _search(row: Row) -> Search:
    return Search(**{**row, "first_at": parse_stamp(row["first_at"])})


def report(db: Database, title_id: int, point_id: int, reader_id: int, now: datetime) -> bool:
    """The reader did not find it on the shelf there; whether nobody is looking for it yet. Call in `writing`.

    Raises UnknownThing where no copy of the title is said to stand on the shelf.
    """
    there = "SELECT 1 FROM copies WHERE title_id = :t AND point_id = :p AND state = 'available'"
    if not db.value(there, t=title_id, p=point_id):
        raise UnknownThing("title", str(title_id))
    first = "SELECT 1 FROM unfound WHERE title_id = :t AND point_id = :p AND state = 'open'"
    new = not db.value(first, t=title_id, p=point_id)
    asked = db.run(
        "INSERT INTO unfound_askers (title_id, point_id, reader_id, at) VALUES (:t, :p, :r, :now) "
        "ON CONFLICT (title_id, point_id, reader_id) DO NOTHING",
        t=title_id, p=point_id, r=reader_id, now=stamp(now),
    )  # fmt: skip
    if new or asked:  # twice from one reader is once
        db.run(
            "INSERT INTO unfound (title_id, point_id, state, first_at) VALUES (:t, :p, 'open', :now) "
            "ON CONFLICT (title_id, point_id) WHERE state = 'open' DO UPDATE SET said = said + 1",
            t=title_id, p=point_id, now=stamp(now),
        )  # fmt: skip
    return new


def open_ones(db: Database, limit: int = 100) -> list[Search]:
    """What is to be looked for, the oldest first."""
    return [_search(row) for row in db.all(SEARCH + "ORDER BY u.id LIMIT :n", n=limit)]


def copies(db: Database, search: Search) -> list[Row]:
    """The copies that should stand there: barcode, call number, shelf."""
    return db.all(
        f"SELECT barcode, call_number, {STANDS_AT} AS shelf FROM copies c WHERE title_id = :t AND point_id = :p "
        "AND state = 'available' ORDER BY id",
        t=search.title_id, p=search.point_id,
    )  # fmt: skip


def settle(
    db: Database, search_id: int, name: str, actor: str, policy: Policy, now: datetime, barcodes: tuple[str, ...] = ()
) -> int:
    """'found', or 'missing' with the copies that are not there; returns how many of these were marked.

    Who asked is told, and not known any more.
    Raises UnknownThing, CannotChange when another librarian was first.
    """
    with writing(db) as db:
        before, after = STEPS[name]
        row = db.one(SEARCH + "AND u.id = :id", id=search_id)
        asked = _askers(db, _search(row)) if row else []
        changed = db.run(
            f"UPDATE unfound SET state = '{after}', settled_at = :now, settled_by = :who "
            f"WHERE id = :id AND state = '{before}'",
            now=stamp(now), who=actor, id=search_id,
        )  # fmt: skip
        if changed != 1 or row is None:
            state = db.value("SELECT state FROM unfound WHERE id = :id", id=search_id)
            raise CannotChange("unfound", str(search_id), state) if state else UnknownThing("unfound", str(search_id))
        standing = {copy["barcode"] for copy in copies(db, _search(row))}  # what was lent meanwhile is not missing
        gone = [barcode for barcode in barcodes if barcode in standing] if name == "missing" else []
        for barcode in gone:
            copy_states.step(db, barcode, "miss", actor, policy, now)
        outcome = "lent" if name == "missing" and not gone else name
        due = notices.outside_quiet_hours(now, policy)
        for asker in asked:
            facts = {"title": row["title_id"], "point": row["point_id"]}
            notices.record(db, asker["reader_id"], "shelf_searched", f"asked:{asker['id']}", outcome, now, due, **facts)
        return len(gone)


def _askers(db: Database, search: Search) -> list[Row]:
    return db.all(
        "SELECT id, reader_id FROM unfound_askers WHERE title_id = :t AND point_id = :p ORDER BY id",
        t=search.title_id, p=search.point_id,
    )  # fmt: skip


def has_it(db: Database, reader_id: int, title_id: int) -> bool:
    """Whether the reader has got the book meanwhile, at home or in an order."""
    return bool(
        db.value(
            "SELECT 1 FROM loans WHERE reader_id = :r AND title_id = :t AND returned_at IS NULL "
            "UNION ALL SELECT 1 FROM orders o JOIN order_items i ON i.order_id = o.id AND i.open = 1 "
            "WHERE o.reader_id = :r AND i.title_id = :t LIMIT 1",
            r=reader_id, t=title_id,
        )
    )  # fmt: skip

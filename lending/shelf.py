"""暂存架: what a reader means to read later; one step leads from cart and holds to it, and back (A10-8)."""

from __future__ import annotations

from datetime import datetime

from lending import cart, holds
from lending.database import Database, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import stamp
from lending.policy import Policy


@fact
class ShelfFull(LendingError):
    """The shelf for later holds as many titles as it can."""

    limit: int


def items(db: Database, reader_id: int) -> list[int]:
    """Title ids, the last one put there first."""
    rows = db.all(
        "SELECT title_id FROM shelf_items WHERE reader_id = :r ORDER BY added_at DESC, title_id DESC", r=reader_id
    )
    return [row["title_id"] for row in rows]


def keep(db: Database, reader_id: int, title_id: int, policy: Policy, now: datetime) -> bool:
    """Put a title on the shelf and out of the cart; False when it was there. Raises UnknownThing, ShelfFull."""
    with writing(db) as db:
        if not db.value("SELECT 1 FROM titles WHERE id = :t AND withdrawn = 0", t=title_id):
            raise UnknownThing("title", str(title_id))
        there, most = items(db, reader_id), policy.lending.shelf_titles
        if len(there) >= most and title_id not in there:
            raise ShelfFull(most)
        cart.remove(db, reader_id, title_id)
        return bool(
            db.run(
                "INSERT INTO shelf_items (reader_id, title_id, added_at) VALUES (:r, :t, :now) "
                "ON CONFLICT (reader_id, title_id) DO NOTHING",
                r=reader_id, t=title_id, now=stamp(now),
            )
        )  # fmt: skip


def keep_hold(db: Database, reader_id: int, hold_id: int, policy: Policy, now: datetime) -> int:
    """Out of the queue and onto the shelf; returns the title's id. Raises UnknownThing, ShelfFull."""
    with writing(db) as db:
        title_id = holds.hold(db, hold_id, reader_id).title_id
        keep(db, reader_id, title_id, policy, now)
        holds.cancel(db, reader_id, hold_id, policy, now)
        return title_id


def drop(db: Database, reader_id: int, title_id: int) -> bool:
    """Off the shelf; False when it was not there."""
    with writing(db) as db:
        return bool(db.run("DELETE FROM shelf_items WHERE reader_id = :r AND title_id = :t", r=reader_id, t=title_id))


def to_cart(db: Database, reader_id: int, title_id: int, policy: Policy, now: datetime) -> None:
    """From the shelf into the cart; the shelf keeps it when the cart refuses (see cart.add)."""
    with writing(db) as db:
        cart.add(db, reader_id, title_id, policy, now)
        drop(db, reader_id, title_id)


def to_hold(
    db: Database, reader_id: int, title_id: int, now: datetime, most: int | None = None, classes: tuple[str, ...] = ()
) -> holds.Hold:  # fmt: skip
    """From the shelf into the queue; the shelf keeps it when there is no need to wait (see holds.place)."""
    with writing(db) as db:
        placed = holds.place(db, reader_id, title_id, now, most, classes)
        drop(db, reader_id, title_id)
        return placed

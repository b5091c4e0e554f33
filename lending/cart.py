"""借书车: what a reader means to borrow. It survives restarts; the stock is looked at again when ordering (A10-7)."""

from __future__ import annotations

from datetime import datetime

from lending import audience
from lending.database import Database, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import library_day, stamp
from lending.policy import Policy


@fact
class CartFull(LendingError):
    """The cart holds as many titles as may be borrowed at once."""

    limit: int


@fact
class AlreadyHere(LendingError):
    """The reader has this title at home, or ordered it."""

    title: str


MINE = (
    "((SELECT COUNT(*) FROM loans WHERE reader_id = :r AND title_id = :t AND returned_at IS NULL) + "
    "(SELECT COUNT(*) FROM order_items i JOIN orders o ON o.id = i.order_id WHERE o.reader_id = :r "
    "AND i.title_id = :t AND i.open = 1))"
)


def is_mine(db: Database, reader_id: int, title_id: int) -> bool:
    """Whether the reader has this title at home, or ordered it."""
    return bool(db.value(f"SELECT {MINE}", r=reader_id, t=title_id))


def items(db: Database, reader_id: int) -> list[int]:
    """Title ids in the order they were put in."""
    rows = db.all("SELECT title_id FROM cart_items WHERE reader_id = :r ORDER BY added_at, title_id", r=reader_id)
    return [row["title_id"] for row in rows]


def add(db: Database, reader_id: int, title_id: int, policy: Policy, now: datetime) -> bool:
    """Put a title in; False when it was in already. Raises UnknownThing, CartFull, AlreadyHere, NotAllowed."""
    with writing(db) as db:
        facts = db.one(
            f"SELECT t.title, t.audience, t.clc, {audience.CHILD}, "
            "(SELECT COUNT(*) FROM cart_items WHERE reader_id = :r) AS filled, "
            f"{MINE} AS mine FROM titles t WHERE t.id = :t AND t.withdrawn = 0",
            r=reader_id, t=title_id, today=str(library_day(now)),
        )  # fmt: skip
        if facts is None:
            raise UnknownThing("title", str(title_id))
        if facts["mine"]:
            raise AlreadyHere(facts["title"])
        audience.refuse_row(facts, policy.minors.adult_classes)
        if facts["filled"] >= policy.lending.cart_size and title_id not in items(db, reader_id):
            raise CartFull(policy.lending.cart_size)
        return bool(
            db.run(
                "INSERT INTO cart_items (reader_id, title_id, added_at) VALUES (:r, :t, :now) "
                "ON CONFLICT (reader_id, title_id) DO NOTHING",
                r=reader_id, t=title_id, now=stamp(now),
            )
        )  # fmt: skip


def remove(db: Database, reader_id: int, title_id: int) -> bool:
    """Take a title out; False when it was not in."""
    with writing(db) as db:
        return bool(db.run("DELETE FROM cart_items WHERE reader_id = :r AND title_id = :t", r=reader_id, t=title_id))


def empty(db: Database, reader_id: int) -> None:
    """What was in it has been ordered. Call in `writing`."""
    db.run("DELETE FROM cart_items WHERE reader_id = :r", r=reader_id)

"""Boxes of the smart lockers: reserved with an order, filled, emptied. A box never serves two orders (A9)."""

from __future__ import annotations

import secrets

from lending.database import Database
from lending.errors import LockerFull


def reserve(db: Database, point_id: int, order_id: int, books: int) -> str:
    """Reserve the smallest free box that holds the books; returns its label.

    Raises LockerFull naming lockers with room.
    """
    label = db.value(
        "UPDATE boxes SET state = 'reserved', order_id = :order WHERE id = (SELECT id FROM boxes "
        "WHERE point_id = :point AND state = 'free' AND holds_books >= :books ORDER BY holds_books, id LIMIT 1) "
        "AND state = 'free' RETURNING label",
        order=order_id, point=point_id, books=books,
    )  # fmt: skip
    if label is None:
        name = db.value("SELECT name FROM points WHERE id = :id", id=point_id) or ""
        raise LockerFull(name, tuple(room["name"] for room in with_room(db, books) if room["id"] != point_id))
    return str(label)


def with_room(db: Database, books: int) -> list[dict[str, object]]:
    """Lockers that can take that many books now, with their free boxes (A9-6: known before a reader is sent there)."""
    return db.all(
        "SELECT p.id, p.code, p.name, p.name_en, COUNT(b.id) AS free FROM points p JOIN boxes b ON b.point_id = p.id "
        "AND b.state = 'free' AND b.holds_books >= :books WHERE p.kind = 'locker' "
        "GROUP BY p.id, p.code, p.name, p.name_en ORDER BY p.id",
        books=books,
    )


def fill(db: Database, order_id: int) -> str | None:
    """The door closed on the books; returns the box's label."""
    return db.value("UPDATE boxes SET state = 'filled' WHERE order_id = :order RETURNING label", order=order_id)


def free(db: Database, order_id: int) -> None:
    """The order's box is empty again."""
    db.run(
        "UPDATE boxes SET order_id = NULL, state = CASE state WHEN 'out_of_order' THEN state ELSE 'free' END "
        "WHERE order_id = :order",
        order=order_id,
    )


def label(db: Database, order_id: int) -> str:
    """Which box, as painted on its door; '' when the order has none."""
    return db.value("SELECT label FROM boxes WHERE order_id = :order", order=order_id) or ""


def new_code(db: Database) -> str:
    """Six digits that no other waiting order has; not to be guessed."""
    while True:
        code = f"{secrets.randbelow(1_000_000):06d}"
        if db.value("SELECT 1 FROM orders WHERE pickup_code = :code AND state = 'in_locker'", code=code) is None:
            return code

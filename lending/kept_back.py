"""What a child had begun before the title was kept for adults, or before the library knew of the child (B8, art. 50).

A place in a queue, a purchase not sent and a book of an order not packed end, and the child is told of each. What is
packed or at home already was promised, and stays until it comes back.
"""

from __future__ import annotations

from datetime import datetime

from lending import audience, holds, missing_copies, notices, purchases
from lending.addition_terms import UNPACKED
from lending.database import Database, Row, writing
from lending.model import library_day, stamp
from lending.policy import Policy

NOT_PACKED = ", ".join(f"'{state}'" for state in UNPACKED)
HOLDS = (
    "SELECT h.id, h.reader_id, h.title_id FROM minors m JOIN holds h ON h.reader_id = m.reader_id "
    "AND h.state IN ('waiting', 'ready') JOIN titles t ON t.id = h.title_id WHERE m.until > :today AND "
)
BOOKS = (
    "SELECT o.number, o.reader_id, i.copy_id, i.title_id FROM minors m JOIN orders o ON o.reader_id = m.reader_id "
    f"AND o.state IN ({NOT_PACKED}) JOIN order_items i ON i.order_id = o.id AND i.open = 1 "
    "JOIN titles t ON t.id = i.title_id WHERE m.until > :today AND "
)
PURCHASES = (
    "SELECT p.id, p.reader_id FROM minors m JOIN purchases p ON p.reader_id = m.reader_id "
    "AND p.state IN ('asked', 'approved') JOIN shop_books b ON b.id = p.shop_book_id "
    f"WHERE m.until > :today AND b.audience = '{audience.ADULTS}'"
)


def settle(db: Database, policy: Policy, now: datetime) -> int:
    """End what a child may not have any more; returns how many things ended. Any number of times, one effect."""
    if not any(_found(db, policy, now)):
        return 0
    with writing(db) as db:
        waited, ordered, bought = _found(db, policy, now)
        for row in waited:
            holds.cancel(db, row["reader_id"], row["id"], policy, now)
            _tell(db, row["reader_id"], f"hold:{row['id']}", policy, now, title=row["title_id"])
        for row in ordered:
            left = missing_copies.leave_out(db, row["number"], row["copy_id"], "kept_back", policy, now).left
            about = {"title": row["title_id"], "order": row["number"], "left": left}
            _tell(db, row["reader_id"], f"order:{row['number']}", policy, now, **about)
        for row in bought:
            purchases.cancel(db, row["reader_id"], row["id"], now)
            _tell(db, row["reader_id"], f"purchase:{row['id']}", policy, now, purchase=row["id"])
        return len(waited) + len(ordered) + len(bought)


def _found(db: Database, policy: Policy, now: datetime) -> tuple[list[Row], list[Row], list[Row]]:
    kept, bound = audience.condition(policy.minors.adult_classes)
    today = str(library_day(now))
    waited, ordered = (db.all(ask + kept, today=today, **bound) for ask in (HOLDS, BOOKS))
    return waited, ordered, db.all(PURCHASES, today=today)


def _tell(db: Database, reader_id: int, of: str, policy: Policy, now: datetime, **facts: int | str) -> None:
    step = f"{facts.get('title', '')}@{stamp(now)}"  # a second book of the order is told too
    notices.record(db, reader_id, "kept_back", of, step, now, notices.outside_quiet_hours(now, policy), **facts)

"""我的书架: every book a reader has, is being brought, or waits for, in one list and one number (A2-15)."""

from __future__ import annotations

from dataclasses import dataclass

from lending.database import Database

BOOKS = (
    "SELECT 'loan' AS kind, t.title, l.due_at AS at, '' AS state FROM loans l JOIN titles t ON t.id = l.title_id "
    "WHERE l.reader_id = :r AND l.returned_at IS NULL UNION ALL "
    "SELECT 'order', t.title, '', o.state FROM orders o JOIN order_items i ON i.order_id = o.id AND i.open = 1 "
    "JOIN titles t ON t.id = i.title_id "
    "WHERE o.reader_id = :r AND o.state NOT IN ('done', 'cancelled', 'refused') UNION ALL "
    "SELECT 'hold', t.title, '', h.state FROM holds h JOIN titles t ON t.id = h.title_id "
    "WHERE h.reader_id = :r AND h.state IN ('waiting', 'ready')"
)


@dataclass(frozen=True, slots=True)
class Book:
    """A title at home ("loan", until `at`), in an order or in a queue ("order", "hold", with the state of that)."""

    kind: str
    title: str
    at: str
    state: str


def books(db: Database, reader_id: int) -> list[Book]:
    """Those at home by their due dates, then those on their way, then those waited for."""
    found = [Book(**row) for row in db.all(BOOKS, r=reader_id)]
    return sorted(found, key=lambda book: (("loan", "order", "hold").index(book.kind), book.at))


def count(db: Database, reader_id: int) -> int:
    """How many they are."""
    return int(db.value(f"SELECT COUNT(*) FROM ({BOOKS})", r=reader_id))

"""Questions across the library's tables: counts for the front room, and whom a number belongs to. Reading only."""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import readers
from lending.database import Database, Row
from lending.model import library_day, parse_stamp, stamp


def counts(db: Database, now: datetime) -> Row:
    """How much waits in each room, and how much of it is late."""
    row = db.one(
        "SELECT (SELECT COUNT(*) FROM escalations e WHERE state IN ('open', 'claimed') OR (state = 'answered' "
        "AND 'reader' = (SELECT who FROM escalation_lines WHERE escalation_id = e.id ORDER BY id DESC LIMIT 1))) "
        "AS escalations, "
        "(SELECT COUNT(*) FROM escalations WHERE state IN ('open', 'claimed') "
        "AND promised_at < :now) AS escalations_late, "
        "(SELECT COUNT(*) FROM orders WHERE state = 'in_review') AS review, "
        "(SELECT COUNT(*) FROM orders WHERE state = 'in_review' AND promised_at < :now) AS review_late, "
        "(SELECT COUNT(*) FROM orders WHERE state IN ('approved', 'picking', 'packed')) AS prepare, "
        "(SELECT COUNT(*) FROM orders WHERE state IN ('approved', 'picking', 'packed') AND (promised_at < :now "
        "OR (state <> 'packed' AND pack_by < :now))) AS prepare_late, "
        "(SELECT COUNT(*) FROM orders WHERE state IN ('shipped', 'in_locker', 'at_counter')) AS waiting, "
        "(SELECT COUNT(*) FROM orders WHERE state IN ('in_locker', 'at_counter') "
        "AND pickup_until < :now) AS waiting_late, "
        "(SELECT COUNT(*) FROM loans WHERE returned_at IS NULL) AS loans, "
        "(SELECT COUNT(*) FROM loans WHERE returned_at IS NULL AND due_at < :now) AS loans_late, "
        "(SELECT COUNT(*) FROM appeals WHERE state IN ('open', 'proposed')) + (SELECT COUNT(*) FROM compensations "
        "WHERE state NOT IN ('settled', 'found')) AS cases, "
        "(SELECT COUNT(*) FROM compensations WHERE state = 'reported' AND promised_at < :now) + (SELECT COUNT(*) "
        "FROM appeals WHERE state IN ('open', 'proposed') AND promised_at < :now) AS cases_late, "
        "(SELECT COUNT(*) FROM outbox WHERE state = 'failed') AS undelivered, "
        "(SELECT COUNT(DISTINCT key) FROM usage_counts WHERE kind = 'miss' AND day >= :week) AS missed",
        now=stamp(now),
        week=(library_day(now) - timedelta(days=6)).isoformat(),
    )
    assert row is not None
    return row


def readers_by(db: Database, words: str, limit: int = 20) -> list[int]:
    """Ids of readers by reader number, the last 4 or more digits of a phone, an order number, or a book's barcode.

    A barcode leads to who has the book on loan or in an open order. The exact matches come first.
    """
    wanted = words.strip().upper()
    rows = db.all(
        "SELECT id, 1 AS rank FROM readers WHERE number = :w "
        "UNION SELECT reader_id, 2 FROM orders WHERE number = :w "
        "UNION SELECT l.reader_id, 3 FROM loans l JOIN copies c ON c.id = l.copy_id "
        "WHERE c.barcode = :w AND l.returned_at IS NULL "
        "UNION SELECT o.reader_id, 4 FROM orders o JOIN order_items i ON i.order_id = o.id AND i.open = 1 "
        "JOIN copies c ON c.id = i.copy_id WHERE c.barcode = :w ORDER BY 2, 1 LIMIT :n",
        w=wanted, n=limit,
    )  # fmt: skip
    found = [row["id"] for row in rows] + readers.by_phone(db, wanted, limit)
    return list(dict.fromkeys(found))[:limit]


def overdue_readers(db: Database, now: datetime, limit: int = 50) -> list[int]:
    """Ids of readers with overdue books, the longest overdue first."""
    rows = db.all(
        "SELECT reader_id FROM loans WHERE returned_at IS NULL AND due_at < :now "
        "GROUP BY reader_id ORDER BY MIN(due_at) LIMIT :n",
        now=stamp(now), n=limit,
    )  # fmt: skip
    return [row["reader_id"] for row in rows]


def titles_of_loans(db: Database, reader_id: int) -> dict[str, str]:
    """The title behind each "loan:7" of a reader's ledger."""
    rows = db.all(
        "SELECT l.id, t.title FROM loans l JOIN titles t ON t.id = l.title_id WHERE l.reader_id = :r", r=reader_id
    )
    return {f"loan:{row['id']}": row["title"] for row in rows}


def due_of(db: Database, loan_id: int) -> datetime:
    """When a loan was due, open or returned."""
    return parse_stamp(db.value("SELECT due_at FROM loans WHERE id = :id", id=loan_id))

"""Questions across the library's tables: whom a number belongs to, who is late, which title. Reading only."""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import catalogue, readers
from lending.database import Database, Row
from lending.model import parse_stamp, stamp, typed


def readers_by(db: Database, words: str, limit: int) -> list[int]:
    """Ids of readers by reader number, the last 4 or more digits of a phone, an order number, or a book's barcode.

    A barcode leads to who has the book on loan or in an open order. The exact matches come first.
    """
    wanted, copy_id = typed(words), catalogue.copy_id(db, words)
    rows = db.all(
        f"SELECT id, 1 AS rank FROM ({readers.NOW}) "
        "UNION SELECT reader_id, 2 FROM orders WHERE number = :w "
        "UNION SELECT reader_id, 3 FROM loans WHERE copy_id = :c AND returned_at IS NULL "
        "UNION SELECT o.reader_id, 4 FROM orders o JOIN order_items i ON i.order_id = o.id AND i.open = 1 "
        "WHERE i.copy_id = :c ORDER BY 2, 1 LIMIT :n",
        w=wanted, number=wanted, c=copy_id, n=limit,
    )  # fmt: skip
    found = [row["id"] for row in rows] + readers.by_phone(db, wanted, limit)
    return list(dict.fromkeys(found))[:limit]


def overdue_readers(db: Database, now: datetime, limit: int) -> list[int]:
    """Ids of readers with overdue books, the longest overdue first."""
    rows = db.all(
        "SELECT reader_id FROM loans WHERE returned_at IS NULL AND stopped_at IS NULL AND due_at < :now "
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


def names_of_events(db: Database, reader_id: int) -> dict[str, str]:
    """The name behind each "event:7" of a reader's ledger."""
    rows = db.all(
        "SELECT e.id, e.name FROM events e WHERE 'event:' || e.id IN "
        "(SELECT object FROM credit_lines WHERE reader_id = :r)",
        r=reader_id,
    )
    return {f"event:{row['id']}": row["name"] for row in rows}


def handing_on(db: Database, copy_id: int) -> bool:
    """Whether its reader is just handing the copy on to another (转借中)."""
    return bool(
        db.value(
            "SELECT 1 FROM transfers t JOIN loans l ON l.id = t.loan_id WHERE l.copy_id = :c AND l.returned_at IS NULL "
            "AND t.state IN ('offered', 'accepted')",
            c=copy_id,
        )
    )


def of_copy(db: Database, copy_id: int, limit: int) -> list[Row]:
    """What happened to a copy, the newest first, with no reader named: `kind` step, lent, back, order or case; `what`
    the step, how the loan or the order's book ended, or the case's kind; `who`, `note` (a place, a number) and `at`.
    """
    rows = db.all(
        "SELECT * FROM (SELECT 'step' AS kind, step AS what, actor AS who, note, at FROM copy_events "
        "WHERE copy_id = :c "
        "UNION ALL SELECT 'lent', '', '', '', started_at FROM loans WHERE copy_id = :c "
        "UNION ALL SELECT 'back', l.ended_as, '', COALESCE(p.name, ''), l.returned_at FROM loans l "
        "LEFT JOIN points p ON p.id = l.returned_point_id WHERE l.copy_id = :c AND l.returned_at IS NOT NULL "
        "UNION ALL SELECT 'order', i.ended_as, '', o.number, o.placed_at FROM order_items i "
        "JOIN orders o ON o.id = i.order_id WHERE i.copy_id = :c "
        "UNION ALL SELECT 'case', k.kind, '', k.number, k.opened_at FROM compensations k "
        "JOIN loans l ON l.id = k.loan_id WHERE l.copy_id = :c) ORDER BY at DESC LIMIT :n",
        c=copy_id, n=limit,
    )  # fmt: skip
    return [row | {"at": parse_stamp(row["at"])} for row in rows]


def due_of(db: Database, loan_id: int) -> datetime:
    """When a loan was due, open or returned."""
    return parse_stamp(db.value("SELECT due_at FROM loans WHERE id = :id", id=loan_id))


UNTOLD = (  # by reader and since when: no chat of theirs, or of a child's guardian, takes messages, nor was telephoned
    "NOT EXISTS (SELECT 1 FROM contacts k WHERE k.reader_id = {reader} AND k.reachable = 1) "
    "AND NOT EXISTS (SELECT 1 FROM mandates m JOIN contacts k ON k.reader_id = m.proxy_id AND k.reachable = 1 "
    "WHERE m.grantor_id = {reader} AND m.kind = 'guardian' AND m.state = 'active' AND m.expires_at > :now) "
    "AND NOT EXISTS (SELECT 1 FROM staff_log s JOIN readers r ON r.id = {reader} "
    "WHERE s.object = 'reader:' || r.number AND s.action = 'called' "
    "AND COALESCE(unseal(s.facts) ->> 'seen', s.at) >= {since})"  # what came after the page was opened was not told
)
READY_UNTOLD = (  # books that wait for a reader who cannot know it
    "SELECT o.reader_id, o.id AS order_id, 0 AS hold_id, o.point_id, o.pickup_until AS until FROM orders o "
    "WHERE o.state IN ('in_locker', 'at_counter') AND o.pickup_until >= :now "
    f"AND {UNTOLD.format(reader='o.reader_id', since='o.changed_at')} "
    "UNION ALL SELECT h.reader_id, 0, h.id, COALESCE(h.point_id, c.point_id), h.ready_until FROM holds h "
    "JOIN copies c ON c.hold_id = h.id WHERE h.state = 'ready' "
    f"AND h.ready_until >= :now AND {UNTOLD.format(reader='h.reader_id', since='h.ready_at')}"
)
LATELY = timedelta(days=14)  # for so long whoever waits for an order is told that it will not come
CHANGED_UNTOLD = (  # an order the library refused or called off, a book asked back, a case where the reader chooses
    "SELECT o.reader_id, o.state AS what, o.number AS thing, o.changed_at AS since "
    "FROM orders o INDEXED BY orders_for_nothing "
    "WHERE o.state IN ('refused', 'cancelled') AND o.changed_at >= :lately AND (o.state = 'refused' OR EXISTS "
    "(SELECT 1 FROM order_events e WHERE e.order_id = o.id AND e.state = 'cancelled' "
    "AND e.actor NOT IN ('reader', 'rule'))) "
    f"AND {UNTOLD.format(reader='o.reader_id', since='o.changed_at')} "
    "UNION ALL SELECT l.reader_id, 'recalled', l.id, l.recalled_at FROM loans l WHERE l.recalled_at IS NOT NULL "
    "AND l.returned_at IS NULL AND l.stopped_at IS NULL AND l.due_at >= :now "
    f"AND {UNTOLD.format(reader='l.reader_id', since='l.recalled_at')} "
    "UNION ALL SELECT one.reader_id, 'assessed', one.number, one.changed_at FROM compensations one "
    "WHERE one.state = 'assessed' AND one.drifting_id IS NULL "
    f"AND {UNTOLD.format(reader='one.reader_id', since='one.changed_at')}"
)


def changed_untold(db: Database, now: datetime, limit: int) -> list[Row]:
    """reader_id, what (refused or cancelled: an order; recalled: a loan; assessed: a case), the thing by its number, a
    loan by its id, and since when; the oldest first."""
    asked = f"{CHANGED_UNTOLD} ORDER BY since, reader_id LIMIT :n"
    rows = db.all(asked, now=stamp(now), lately=stamp(now - LATELY), n=limit)
    return [row | {"since": parse_stamp(row["since"])} for row in rows]


def ready_untold(db: Database, now: datetime, limit: int) -> list[Row]:
    """reader_id, order_id or hold_id (the other is 0), point_id, and until when it is kept; the soonest first."""
    return db.all(f"{READY_UNTOLD} ORDER BY until, reader_id LIMIT :n", now=stamp(now), n=limit)

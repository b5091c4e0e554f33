"""The days a reader has to keep, for a calendar: due dates, when and until when books are fetched, activities (D 41).

What has ended before its day stays for a while, marked so, that a calendar may strike it out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending.database import Database
from lending.model import parse_stamp, stamp

RECENT_DAYS = 30  # how long a calendar that holds an order may not have been looked at
UNTOLD = (  # a librarian may still take it back, and the reader does not know yet (B2-20)
    "SELECT 1 FROM notices n WHERE n.reader_id = :r AND n.state = 'waiting' AND n.event = "
)
LOANS = (
    "SELECT l.id AS number, l.due_at AS at, t.title, l.returned_at IS NOT NULL OR l.stopped_at IS NOT NULL AS over "
    "FROM loans l JOIN titles t ON t.id = l.title_id WHERE l.reader_id = :r "
    "AND (l.returned_at IS NULL OR l.due_at > :now) ORDER BY l.due_at, l.id"
)
ORDERS = (
    "SELECT o.number, COALESCE(a.starts_at, o.pickup_until, o.changed_at) AS at, a.ends_at AS until, o.point_id, "
    "a.id IS NULL AND o.pickup_until IS NULL AS over, "
    "(SELECT GROUP_CONCAT(t.title, CHAR(31)) FROM order_items i JOIN titles t ON t.id = i.title_id "
    "WHERE i.order_id = o.id) AS title FROM orders o LEFT JOIN appointments a ON a.order_id = o.id "
    "AND a.state = 'booked' AND a.ends_at > :now WHERE o.reader_id = :r AND (a.id IS NOT NULL OR "
    f"(o.state IN ('in_locker', 'at_counter') AND NOT EXISTS ({UNTOLD} 'order_moved' "
    "AND n.object = 'order:' || o.number)) "
    "OR (o.state IN ('approved', 'picking', 'packed') AND EXISTS (SELECT 1 FROM appointments g "
    "WHERE g.order_id = o.id AND g.changed_at > :recent)) "
    "OR (o.state IN ('done', 'cancelled') AND o.fulfilment <> 'delivery' AND o.changed_at > :recent)) ORDER BY o.id"
)
HOLDS = (
    "SELECT h.id AS number, h.ready_until AS at, h.point_id, t.title, h.state <> 'ready' AS over "
    "FROM holds h JOIN titles t ON t.id = h.title_id WHERE h.reader_id = :r AND h.ready_until IS NOT NULL "
    f"AND (h.ready_until > :now OR h.state = 'ready') AND NOT EXISTS ({UNTOLD} 'hold_ready' "
    "AND n.object = 'hold:' || h.id) ORDER BY h.id"
)
EVENTS = (
    "SELECT e.id AS number, e.starts_at AS at, e.ends_at AS until, e.point_id, e.place, e.name AS title, "
    "s.state <> 'signed_up' OR e.state = 'cancelled' AS over FROM sign_ups s JOIN events e ON e.id = s.event_id "
    "WHERE s.reader_id = :r AND e.ends_at > :now AND s.state <> 'waiting' AND NOT EXISTS (SELECT 1 FROM sign_ups n "
    "WHERE n.reader_id = :r AND n.event_id = e.id AND n.id > s.id) ORDER BY e.id"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing by its kind and number, the moment it ends, its titles, and where; `over` when it ended before.

    An activity is there from `at` to `until`, perhaps at a `place` that is no point of ours; so is an order whose
    reader has booked a time to come for it.
    """

    kind: str
    number: str
    at: datetime
    titles: tuple[str, ...]
    point_id: int | None
    over: bool
    until: datetime | None = None
    place: str = ""


def entries(db: Database, reader_id: int, now: datetime) -> list[Entry]:
    """All of a reader's, kind by kind."""
    return [entry for source in SOURCES for entry in source(db, reader_id, now)]


def _rows(kind: str, sql: str) -> Callable[[Database, int, datetime], list[Entry]]:
    def read(db: Database, reader_id: int, now: datetime) -> list[Entry]:
        moments = {"now": stamp(now), "recent": stamp(now - timedelta(days=RECENT_DAYS))}
        used = {name: value for name, value in moments.items() if f":{name}" in sql}
        return [
            Entry(
                kind, str(row["number"]), parse_stamp(row["at"]), tuple((row["title"] or "").split("\x1f")),
                row.get("point_id"), bool(row["over"]), parse_stamp(row["until"]) if row.get("until") else None,
                row.get("place") or "",
            )
            for row in db.all(sql, r=reader_id, **used)
        ]  # fmt: skip

    return read


SOURCES = (  # each kind of day has one place here
    _rows("loan", LOANS), _rows("order", ORDERS), _rows("hold", HOLDS), _rows("event", EVENTS),
)  # fmt: skip

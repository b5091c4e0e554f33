"""The ladder for books nobody fetches (B4): a word after a day, another after two, then a librarian telephones.

The hours count from when the reader could know (a locker may say days late that its door has closed on the books),
or had them kept longer; whoever has booked a time to come is not pressed.
What comes after (to the counter, then back) is in the table of an order's steps.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import notices
from lending.database import Database, Row, writing
from lending.model import stamp
from lending.order_records import DOOR_SHUT
from lending.policy import Policy

KNOWN_SINCE = (  # of orders o, with a moment: the reader was told by then, and the door opened
    "(o.changed_at <= {0} AND COALESCE(o.extended_at, '') <= {0} "
    "AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.reader_id = o.reader_id "
    "AND n.event = 'order_moved' AND n.object = 'order:' || o.number AND n.step IN ('load', 'shelve', 'move_on') "
    "AND n.due_at > {0}) "
    "AND NOT EXISTS (SELECT 1 FROM door_claims d WHERE d.order_id = o.id AND d.settled_at > {0}))"
)
COMES = (  # of orders o: the reader has booked a time to come, which is not over yet (D 30)
    "EXISTS (SELECT 1 FROM appointments a WHERE a.order_id = o.id AND a.state = 'booked' AND a.ends_at > :now)"
)
WAITING = (
    "SELECT o.id, o.number, o.reader_id, o.changed_at, o.pickup_until, o.state, o.point_id, o.extended_at, "
    "p.name AS point, p.name_en AS point_en, r.number AS reader, unseal(r.name) AS name, unseal(r.phone) AS phone "
    "FROM orders o JOIN points p ON p.id = o.point_id JOIN readers r ON r.id = o.reader_id "
    f"WHERE o.state IN ('in_locker', 'at_counter') AND {KNOWN_SINCE.format(':since')} AND o.pickup_until >= :now "
    f"AND NOT {DOOR_SHUT} AND NOT {COMES} "
    "ORDER BY o.changed_at, o.id"
)


def remind(db: Database, policy: Policy, now: datetime) -> int:
    """Note the furthest reminder each waiting order has reached; returns how many are new."""
    furthest = {
        row["id"]: (row, f"after-{hours}") for hours in sorted(policy.lockers.remind_hours)
        for row in _waiting(db, hours, now)
    }  # fmt: skip
    fresh = [(row, step) for row, step in furthest.values() if not _noted(db, row, step)]
    if not fresh:
        return 0
    due = notices.outside_quiet_hours(now, policy)
    with writing(db) as db:
        return sum(
            notices.record(
                db, row["reader_id"], "uncollected", _object(row), step, now, due, order=row["number"],
                state=row["state"],
            )
            for row, step in fresh
        )  # fmt: skip


def _waiting(db: Database, hours: int, now: datetime) -> list[Row]:
    return db.all(WAITING, since=stamp(now - timedelta(hours=hours)), now=stamp(now))


def _object(row: Row) -> str:
    """At each place, and where they are kept longer, a new row of steps."""
    return f"order:{row['number']}@{row['state']}{'+' if row['extended_at'] else ''}"


def _noted(db: Database, row: Row, step: str) -> bool:
    return bool(
        db.value(
            "SELECT 1 FROM notices WHERE reader_id = :r AND event = 'uncollected' AND object = :o AND step = :s",
            r=row["reader_id"], o=_object(row), s=step,
        )
    )  # fmt: skip


def to_call(db: Database, policy: Policy, now: datetime) -> list[Row]:
    """Orders waiting so long that a librarian telephones, the longest first (B4: after two days)."""
    return _waiting(db, policy.lockers.call_hours, now)

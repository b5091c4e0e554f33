"""The ladder for books nobody fetches (B4): a word after a day, another after two, then a librarian telephones.

What comes after (to the counter, then back) is in the table of an order's steps.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import notices
from lending.database import Database, Row, writing
from lending.model import parse_stamp, stamp
from lending.order_records import DOOR_SHUT
from lending.policy import Policy

WAITING = (
    "SELECT o.id, o.number, o.reader_id, o.changed_at, o.pickup_until, o.state, o.point_id, p.name AS point, "
    "p.name_en AS point_en, r.number AS reader, unseal(r.name) AS name, unseal(r.phone) AS phone FROM orders o "
    "JOIN points p ON p.id = o.point_id JOIN readers r ON r.id = o.reader_id "
    "WHERE o.state IN ('in_locker', 'at_counter') AND o.changed_at <= :since AND o.pickup_until >= :now "
    f"AND NOT {DOOR_SHUT} "
    "ORDER BY o.changed_at, o.id"
)


def remind(db: Database, policy: Policy, now: datetime) -> int:
    """Note the furthest reminder each waiting order has reached; returns how many are new."""
    hours = sorted(policy.lockers.remind_hours)
    if not hours:
        return 0
    rows = db.all(WAITING, since=stamp(now - timedelta(hours=hours[0])), now=stamp(now))
    steps = [(row, _step(row, hours, now)) for row in rows]
    fresh = [(row, step) for row, step in steps if not _noted(db, row, step)]
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


def _step(row: Row, hours: list[int], now: datetime) -> str:
    waited = now - parse_stamp(row["changed_at"])
    return f"after-{max(hour for hour in hours if timedelta(hours=hour) <= waited)}"


def _object(row: Row) -> str:
    """At each place a new row of steps."""
    return f"order:{row['number']}@{row['state']}"


def _noted(db: Database, row: Row, step: str) -> bool:
    return bool(
        db.value(
            "SELECT 1 FROM notices WHERE reader_id = :r AND event = 'uncollected' AND object = :o AND step = :s",
            r=row["reader_id"], o=_object(row), s=step,
        )
    )  # fmt: skip


def to_call(db: Database, policy: Policy, now: datetime) -> list[Row]:
    """Orders waiting so long that a librarian telephones, the longest first (B4: after two days)."""
    return db.all(WAITING, since=stamp(now - timedelta(hours=policy.lockers.call_hours)), now=stamp(now))

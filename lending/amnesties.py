"""宽免日: whoever has an overdue book is told when the days begin and when they end, once each (B5 湖北, D-8)."""

from __future__ import annotations

from datetime import datetime, time

from lending import notices
from lending.database import Database, writing
from lending.ledger_rules import Amnesty
from lending.model import LIBRARY_ZONE, library_day, stamp, start_of_day
from lending.policy import Policy

CHUNK = 200  # readers a turn
OVERDUE = (
    "SELECT DISTINCT l.reader_id AS reader FROM loans l WHERE l.returned_at IS NULL AND l.stopped_at IS NULL "
    "AND l.due_at < :now AND l.reader_id > :after AND NOT EXISTS (SELECT 1 FROM notices n WHERE "
    "n.reader_id = l.reader_id AND n.event = 'amnesty' AND n.object = :obj AND n.step = :step) "
)
HEARD_BEFORE = (
    "AND EXISTS (SELECT 1 FROM notices n WHERE n.reader_id = l.reader_id AND n.event = 'amnesty' "
    "AND n.object = :obj AND n.step = 'begins' AND n.made_at < :today) "
)


def tell(db: Database, policy: Policy, now: datetime) -> int:
    """Note the beginning, and on the last day of several the end; how many are new. Nothing on any other day."""
    today = library_day(now)
    amnesty = policy.amnesty(today)
    if amnesty is None:
        return 0
    told = _note(db, amnesty, "begins", policy, now)
    if amnesty.until == today != amnesty.since:
        told += _note(db, amnesty, "last", policy, now)
    return told


def _note(db: Database, amnesty: Amnesty, step: str, policy: Policy, now: datetime) -> int:
    """For every reader with something overdue; who has just heard of the beginning needs no end."""
    asked = OVERDUE + (HEARD_BEFORE if step == "last" else "") + "ORDER BY l.reader_id LIMIT :chunk"
    today, obj, new, after = library_day(now), f"{amnesty.name}:{amnesty.since}", 0, 0
    at_hour = datetime.combine(today, time(policy.reminders.hour), LIBRARY_ZONE)
    due = notices.outside_quiet_hours(max(now, at_hour), policy)
    values = {"now": stamp(now), "obj": obj, "chunk": CHUNK, "step": step}
    if step == "last":
        values["today"] = stamp(start_of_day(today))
    while rows := db.all(asked, after=after, **values):
        with writing(db) as door:
            new += sum(notices.record(door, row["reader"], "amnesty", obj, step, now, due) for row in rows)
        after = rows[-1]["reader"]
    return new

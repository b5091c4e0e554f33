"""What the clock does about events: free seats find whoever waits, a reminder before, the reckoning after (F-8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import attendance, events, notices, sign_ups
from lending.database import Database, writing
from lending.events import Event
from lending.model import stamp
from lending.policy import Policy


def tick(db: Database, policy: Policy, now: datetime) -> int:
    """All three, any number of times with one effect; how many reminders are new."""
    for event_id in sign_ups.room_for(db, now):
        with writing(db) as door:
            sign_ups.serve(door, event_id, policy, now)
    settle_due(db, policy, now)
    return remind(db, policy, now)


def remind(db: Database, policy: Policy, now: datetime) -> int:
    """Everybody who signed up before the reminder was due hears of what is near, once for each time it is moved to.

    Whoever signs up, or is told of a new time, later than that knows it already.
    """
    lead, new = timedelta(hours=policy.events.remind_hours), 0
    for found in events.coming(db, now):
        if not now < found.starts_at <= now + lead or found.moved_at > found.starts_at - lead:
            continue
        rows = _to_remind(db, found, found.starts_at - lead)
        if rows:
            with writing(db) as door:
                due = notices.outside_quiet_hours(now, policy)
                new += sum(_note(door, found, row, now, due) for row in rows)
    return new


def _to_remind(db: Database, found: Event, since: datetime) -> list[int]:
    rows = db.all(
        "SELECT s.id FROM sign_ups s JOIN readers r ON r.id = s.reader_id AND r.reminders_on = 1 "
        "WHERE s.event_id = :e AND s.state = 'signed_up' AND s.changed_at <= :since AND NOT EXISTS (SELECT 1 "
        "FROM notices n WHERE n.reader_id = s.reader_id AND n.event = 'event_soon' AND n.object = :object)",
        e=found.id, since=stamp(since), object=_object(found),
    )  # fmt: skip
    return [row["id"] for row in rows]


def _object(found: Event) -> str:
    """With its time: moved, it is reminded of anew."""
    return f"event:{found.id}@{stamp(found.starts_at)}"


def _note(db: Database, found: Event, sign_up_id: int, now: datetime, due: datetime) -> bool:
    reader = sign_ups.by_id(db, sign_up_id).reader_id
    return notices.record(
        db, reader, "event_soon", _object(found), "remind", now, due, sign_up=sign_up_id, starts=stamp(found.starts_at)
    )


def settle_due(db: Database, policy: Policy, now: datetime) -> int:
    """Reckon up what was over long enough; returns how many events."""
    before = stamp(now - timedelta(hours=policy.events.settle_hours))
    rows = db.all("SELECT id FROM events WHERE state = 'planned' AND ends_at <= :before ORDER BY id", before=before)
    for row in rows:
        attendance.settle(db, row["id"], policy, now)
    return len(rows)

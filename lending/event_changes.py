"""An event is changed or called off: everybody who comes or waits is told, and new seats go to those who wait (F-8)."""

from __future__ import annotations

from datetime import datetime

from lending import events, notices, sign_ups
from lending.database import Database, writing
from lending.events import Event, Plan
from lending.model import stamp
from lending.policy import Policy

LONGEST_REASON = 200  # characters


def change(db: Database, event_id: int, plan: Plan, policy: Policy, now: datetime) -> Event:
    """The event as it is to be. Raises UnknownThing, BadEvent, EventMoved when it is cancelled or over."""
    with writing(db) as db:
        before = events.event(db, event_id)
        events.check(db, plan, policy, now, before)
        if events.rewrite(db, before, plan, now).moved_from(before):
            _moved(db, event_id, policy, now)
        sign_ups.serve(db, event_id, policy, now)
        return events.event(db, event_id)


def _moved(db: Database, event_id: int, policy: Policy, now: datetime) -> None:
    """Who gave seats back late could not know; who comes or waits is told."""
    for row in db.all("SELECT id FROM sign_ups WHERE event_id = :e AND state = 'late_back'", e=event_id):
        sign_ups.step(db, "in_time", row["id"], now)
    _tell(db, event_id, f"moved {stamp(now)}", policy, now)


def cancel(db: Database, event_id: int, reason: str, policy: Policy, now: datetime) -> Event:
    """It does not take place; nobody loses anything. Raises UnknownThing, EventMoved, ValueError without a reason."""
    said = " ".join(reason.split())[:LONGEST_REASON]
    if not said:
        raise ValueError("a reason is told to everybody who wanted to come")
    with writing(db) as db:
        gone = events.step(db, "cancel", event_id, said)
        _tell(db, event_id, "cancelled", policy, now)
        return gone


def _tell(db: Database, event_id: int, step: str, policy: Policy, now: datetime) -> None:
    """In the morning, unless that would be after it was to begin."""
    found, due = events.event(db, event_id), notices.outside_quiet_hours(now, policy)
    for one in sign_ups.listed(db, event_id):
        if one.state in sign_ups.COMES:
            notices.record(
                db, one.reader_id, "event_changed", f"event:{event_id}", step, now,
                due if due < found.starts_at else now, event=event_id,
            )  # fmt: skip

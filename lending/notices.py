"""Facts a reader must be told. One row per (reader, event, object, step): telling twice is impossible (B2-4).

Here stands what and when; who says it in which words and where is the conversation's matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from lending.database import Database, writing
from lending.model import LIBRARY_ZONE, end_of_day, library_day, parse_stamp, stamp
from lending.policy import Policy

CATCH_UP_DAYS = 366  # a tick that slept longer than this has nobody left to remind
CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Notice:
    """One fact waiting to be told, or told."""

    id: int
    reader_id: int
    event: str
    object: str
    step: str
    facts: dict[str, Any]
    due_at: datetime


def record(
    db: Database, reader_id: int, event: str, obj: str, step: str, now: datetime, due: datetime | None = None, /, **facts: Any
) -> bool:
    """Note a fact to be told; False when it had been noted before."""
    return bool(
        db.run(
            "INSERT INTO notices (reader_id, event, object, step, facts, due_at, made_at) "
            "VALUES (:reader, :event, :object, :step, :facts, :due, :now) "
            "ON CONFLICT (reader_id, event, object, step) DO NOTHING",
            reader=reader_id, event=event, object=obj, step=step, facts=json.dumps(facts, ensure_ascii=False),
            due=stamp(due or now), now=stamp(now),
        )
    )  # fmt: skip


def waiting(db: Database, now: datetime, limit: int = CHUNK) -> list[Notice]:
    """Notices whose time has come, reader by reader."""
    rows = db.all(
        "SELECT id, reader_id, event, object, step, facts, due_at FROM notices "
        "WHERE state = 'waiting' AND due_at <= :now ORDER BY reader_id, id LIMIT :limit",
        now=stamp(now), limit=limit,
    )  # fmt: skip
    return [_notice(row) for row in rows]


def by_ids(db: Database, ids: Iterable[int]) -> list[Notice]:
    """Notices again, for a second look at sending time (B2-7)."""
    found = [
        db.one("SELECT id, reader_id, event, object, step, facts, due_at FROM notices WHERE id = :id", id=n) for n in ids
    ]
    return [_notice(row) for row in found if row]


def _notice(row: dict[str, Any]) -> Notice:
    return Notice(**{**row, "facts": json.loads(row["facts"]), "due_at": parse_stamp(row["due_at"])})


def settle(db: Database, notice_id: int, told: bool) -> bool:
    """Told, or dropped because the fact no longer holds; False when another worker was first."""
    return bool(
        db.run(
            "UPDATE notices SET state = :state WHERE id = :id AND state = 'waiting'",
            state="told" if told else "dropped", id=notice_id,
        )
    )  # fmt: skip


def outside_quiet_hours(moment: datetime, policy: Policy) -> datetime:
    """The moment itself, or the end of the quiet hours it falls into."""
    local = moment.astimezone(LIBRARY_ZONE)
    start, end = policy.reminders.quiet_from, policy.reminders.quiet_until
    quiet = (start <= local.time() or local.time() < end) if start > end else start <= local.time() < end
    if not quiet:
        return moment
    day = local.date() + timedelta(days=1 if local.time() >= end else 0)
    return datetime.combine(day, end, LIBRARY_ZONE)


def reminder_step(due: date, today: date, before_days: Iterable[int], overdue_days: Iterable[int]) -> str:
    """The furthest reminder this day has reached: 'before-3', 'before-0', 'overdue-7', or '' when none has.

    A tick that slept over several steps sends the last one only, late rather than never.
    """
    late = (today - due).days
    if late > 0:
        reached = [days for days in overdue_days if days <= late]
        return f"overdue-{max(reached)}" if reached else ""
    reached = [days for days in before_days if days >= -late]
    return f"before-{min(reached)}" if reached else ""


def plan_reminders(db: Database, policy: Policy, now: datetime) -> int:
    """Note every reminder that has come due, in chunks so that orders are not held up; returns how many are new.

    The object of a reminder holds the due date: a renewal makes a new object, and the old one's steps fall away (B2-6).
    """
    today = library_day(now)
    at_hour = datetime.combine(today, time(policy.reminders.hour), LIBRARY_ZONE)
    due = outside_quiet_hours(max(now, at_hour), policy)
    widest = max([*policy.reminders.before_days, 30])
    first, last = end_of_day(today - timedelta(days=CATCH_UP_DAYS)), end_of_day(today + timedelta(days=widest))
    after, new = 0, 0
    while True:
        rows = db.all(
            "SELECT l.id, l.reader_id, l.due_at, r.remind_days, r.reminders_on FROM loans l "
            "JOIN readers r ON r.id = l.reader_id WHERE l.returned_at IS NULL AND l.due_at BETWEEN :first AND :last "
            "AND l.id > :after ORDER BY l.id LIMIT :chunk",
            first=stamp(first), last=stamp(last), after=after, chunk=CHUNK,
        )  # fmt: skip
        if not rows:
            return new
        after = rows[-1]["id"]
        with writing(db) as door:
            new += sum(_plan_one(door, row, policy, today, now, due) for row in rows)


def _plan_one(db: Database, row: dict[str, Any], policy: Policy, today: date, now: datetime, due: datetime) -> bool:
    due_day = library_day(parse_stamp(row["due_at"]))
    before: tuple[int, ...] = policy.reminders.before_days
    if row["remind_days"] is not None:
        before = (row["remind_days"], 0)
    if not row["reminders_on"]:
        before = ()  # a reader may do without reminders, not without knowing that a book is overdue
    step = reminder_step(due_day, today, before, policy.reminders.overdue_days)
    if not step:
        return False
    return record(db, row["reader_id"], "loan_due", f"loan:{row['id']}@{due_day}", step, now, due, loan=row["id"], day=str(due_day))

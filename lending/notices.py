"""Facts a reader must be told. One row per (reader, event, object, step): telling twice is impossible (B2-4).

Here stands what and when; who says it in which words and where is the conversation's matter.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from lending.database import Database, writing
from lending.model import LIBRARY_ZONE, end_of_day, library_day, parse_stamp, stamp
from lending.policy import Policy

CATCH_UP_DAYS = 366  # a tick that slept longer than this has nobody left to remind
CHUNK = 1_000
OF_LOAN = "object >= 'loan:' || {0} || '@' AND object < 'loan:' || {0} || 'A'"  # whatever the due date after the @


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
    db: Database, reader_id: int, event: str, obj: str, step: str, now: datetime, due: datetime | None = None, /,
    **facts: Any,
) -> bool:  # fmt: skip
    """Note a fact to be told, from `due` on; False when it had been noted before. Call in `writing`."""
    return bool(
        db.run(
            "INSERT INTO notices (reader_id, event, object, step, facts, due_at, made_at) "
            "VALUES (:reader, :event, :object, :step, :facts, :due, :now) "
            "ON CONFLICT (reader_id, event, object, step) DO NOTHING",
            reader=reader_id, event=event, object=obj, step=step, facts=json.dumps(facts, ensure_ascii=False),
            due=stamp(due or now), now=stamp(now),
        )
    )  # fmt: skip


def waiting(db: Database, now: datetime, limit: int = CHUNK, reader_id: int | None = None) -> list[Notice]:
    """Notices whose time has come, reader by reader; of one reader when named."""
    mine = "reader_id = :reader AND" if reader_id is not None else ""
    rows = db.all(
        "SELECT id, reader_id, event, object, step, facts, due_at FROM notices "
        f"WHERE {mine} state = 'waiting' AND due_at <= :now ORDER BY reader_id, id LIMIT :limit",
        now=stamp(now), limit=limit, reader=reader_id,
    )  # fmt: skip
    return [_notice(row) for row in rows]


def by_ids(db: Database, ids: Iterable[int]) -> list[Notice]:
    """Notices again, for a second look at sending time (B2-7)."""
    one = "SELECT id, reader_id, event, object, step, facts, due_at FROM notices WHERE id = :id"
    return [_notice(row) for row in (db.one(one, id=number) for number in ids) if row]


def _notice(row: dict[str, Any]) -> Notice:
    return Notice(**{**row, "facts": json.loads(row["facts"]), "due_at": parse_stamp(row["due_at"])})


def settle(db: Database, notice_id: int, told: bool) -> bool:
    """Told, or dropped because the fact no longer holds; False when another worker was first."""
    state = "told" if told else "dropped"
    with writing(db) as db:
        return bool(
            db.run("UPDATE notices SET state = :state WHERE id = :id AND state = 'waiting'", state=state, id=notice_id)
        )


def say_again(db: Database, ids: Iterable[int]) -> None:
    """They were told into the void: somebody else is to hear them, or the same reader later. Call in `writing`."""
    for one in ids:
        db.run("UPDATE notices SET state = 'waiting' WHERE id = :id AND state = 'told'", id=one)


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
    Once a step is noted none before it is, even if the clock is set back.
    """
    today = library_day(now)
    at_hour = datetime.combine(today, time(policy.reminders.hour), LIBRARY_ZONE)
    due = outside_quiet_hours(max(now, at_hour), policy)
    after, new = (stamp(end_of_day(today - timedelta(days=CATCH_UP_DAYS))), 0), 0
    while rows := _coming_due(db, policy, today, after):
        before, after = after, (rows[-1]["due_at"], rows[-1]["id"])
        known = _known_ranks(db, before, after)
        steps = [(row, _step(row, policy, today)) for row in rows]
        fresh = [(row, step) for row, step in steps if step and _rank(step) > known.get(_object(row), -math.inf)]
        if fresh:
            with writing(db) as door:
                new += sum(_note(door, row, step, now, due) for row, step in fresh)
    return new


def _coming_due(db: Database, policy: Policy, today: date, after: tuple[str, int]) -> list[dict[str, Any]]:
    """The next open loans, by due date and id, whose due date is near enough to be spoken of."""
    widest = max(*policy.reminders.before_days, policy.reminders.earliest_days)
    return db.all(
        "SELECT l.id, l.reader_id, l.due_at, r.remind_days, r.reminders_on FROM loans l "
        "JOIN readers r ON r.id = l.reader_id WHERE l.returned_at IS NULL AND l.stopped_at IS NULL "
        "AND (l.due_at, l.id) > (:due, :id) AND l.due_at <= :last ORDER BY l.due_at, l.id LIMIT :chunk",
        due=after[0], id=after[1], last=stamp(end_of_day(today + timedelta(days=widest))), chunk=CHUNK,
    )  # fmt: skip


def _known_ranks(db: Database, after: tuple[str, int], last: tuple[str, int]) -> dict[str, int]:
    """For the open loans between these, by object: the furthest step noted so far."""
    rows = db.all(
        "SELECT n.object, n.step FROM loans l JOIN notices n ON n.reader_id = l.reader_id AND n.event = 'loan_due' "
        f"AND {OF_LOAN.format('l.id')} WHERE l.returned_at IS NULL "
        "AND (l.due_at, l.id) > (:due, :id) AND (l.due_at, l.id) <= (:last_due, :last_id)",
        due=after[0], id=after[1], last_due=last[0], last_id=last[1],
    )  # fmt: skip
    known: dict[str, int] = {}
    for row in rows:
        known[row["object"]] = max(_rank(row["step"]), known.get(row["object"], _rank(row["step"])))
    return known


def _object(row: dict[str, Any]) -> str:
    return f"loan:{row['id']}@{library_day(parse_stamp(row['due_at']))}"


def _rank(step: str) -> int:
    """Days after the due date a step stands for: 'before-3' is -3, 'overdue-7' is 7."""
    side, days = step.split("-")
    return -int(days) if side == "before" else int(days)


def _step(row: dict[str, Any], policy: Policy, today: date) -> str:
    before: tuple[int, ...] = policy.reminders.before_days
    if row["remind_days"] is not None:
        before = (row["remind_days"], 0)
    if not row["reminders_on"]:
        before = ()  # a reader may do without reminders, not without knowing that a book is overdue
    return reminder_step(library_day(parse_stamp(row["due_at"])), today, before, policy.reminders.overdue_days)


def _note(db: Database, row: dict[str, Any], step: str, now: datetime, due: datetime) -> bool:
    """Note one step instead of those not told yet, unless the loan has changed since it was read."""
    unchanged = "SELECT 1 FROM loans WHERE id = :id AND returned_at IS NULL AND due_at = :due"
    if not db.value(unchanged, id=row["id"], due=row["due_at"]):
        return False
    drop_reminders(db, row["reader_id"], row["id"])
    day = str(library_day(parse_stamp(row["due_at"])))
    return record(db, row["reader_id"], "loan_due", _object(row), step, now, due, loan=row["id"], day=day)


def hasten(db: Database, reader_id: int, event: str, obj: str, step: str, due: datetime) -> bool:
    """Tell it by then at the latest; False when it is, or has been. Call in `writing`."""
    return bool(
        db.run(
            "UPDATE notices SET due_at = :due WHERE reader_id = :r AND event = :e AND object = :o AND step = :s "
            "AND state = 'waiting' AND due_at > :due",
            due=stamp(due), r=reader_id, e=event, o=obj, s=step,
        )
    )  # fmt: skip


def put_off(db: Database, reader_id: int, event: str, obj: str, step: str, due: datetime) -> bool:
    """Tell it then at the earliest; False when it is to be told later, or has been told. Call in `writing`."""
    return bool(
        db.run(
            "UPDATE notices SET due_at = :due WHERE reader_id = :r AND event = :e AND object = :o AND step = :s "
            "AND state = 'waiting' AND due_at < :due",
            due=stamp(due), r=reader_id, e=event, o=obj, s=step,
        )
    )  # fmt: skip


def waits_until(db: Database, reader_id: int, event: str, obj: str, step: str) -> datetime | None:
    """When a fact not yet told will be; None when it has been, or is none."""
    due = db.value(
        "SELECT due_at FROM notices WHERE reader_id = :r AND event = :e AND object = :o AND step = :s "
        "AND state = 'waiting'",
        r=reader_id, e=event, o=obj, s=step,
    )  # fmt: skip
    return parse_stamp(due) if due else None


def noted(db: Database, reader_id: int, event: str, obj: str) -> bool:
    """Whether this has been told, or is about to be."""
    asked = "SELECT 1 FROM notices WHERE reader_id = :r AND event = :event AND object = :o"
    return bool(db.value(asked, r=reader_id, event=event, o=obj))


def unsay(db: Database, reader_id: int, event: str, obj: str, step: str) -> bool:
    """Take back what nobody has been told, as if it had never been so; False when it has been told. In `writing`."""
    return bool(
        db.run(
            "DELETE FROM notices WHERE reader_id = :r AND event = :e AND object = :o AND step = :s "
            "AND state = 'waiting'",
            r=reader_id, e=event, o=obj, s=step,
        )
    )  # fmt: skip


def unsay_all(db: Database, reader_id: int, event: str, obj: str) -> int:
    """The same, whichever step waits to be told. Call in `writing`."""
    return db.run(
        "DELETE FROM notices WHERE reader_id = :r AND event = :e AND object = :o AND state = 'waiting'",
        r=reader_id, e=event, o=obj,
    )  # fmt: skip


def unsay_before(db: Database, reader_id: int) -> None:
    """Reminders not yet told, but of late books, are planned anew by what the reader wants now. Call in `writing`."""
    db.run(
        "DELETE FROM notices WHERE reader_id = :r AND event = 'loan_due' AND state = 'waiting' "
        "AND step LIKE 'before-%'",
        r=reader_id,
    )


def retract(db: Database, reader_id: int, event: str, obj: str) -> bool:
    """It was not so: the fact may come true later and be told then. True when it has been told. Call in `writing`."""
    gone = db.all(
        "DELETE FROM notices WHERE reader_id = :r AND event = :e AND object = :o RETURNING state",
        r=reader_id, e=event, o=obj,
    )  # fmt: skip
    return any(row["state"] == "told" for row in gone)


def plan_anew(db: Database, reader_id: int, loan_id: int) -> None:
    """Reminders that fell with a loan's end, which was none, or with a date that is back, may be planned again.

    Call in `writing`.
    """
    db.run(
        "DELETE FROM notices WHERE reader_id = :r AND event = 'loan_due' AND state = 'dropped' "
        f"AND {OF_LOAN.format(':loan')}",
        r=reader_id, loan=loan_id,
    )  # fmt: skip


def drop_reminders(db: Database, reader_id: int, loan_id: int) -> int:
    """Let fall what is not yet told about a loan: it is back, renewed, or there is a newer word. Call in `writing`."""
    return db.run(
        "UPDATE notices SET state = 'dropped' WHERE reader_id = :r AND event = 'loan_due' AND state = 'waiting' "
        f"AND {OF_LOAN.format(':loan')}",
        r=reader_id, loan=loan_id,
    )  # fmt: skip

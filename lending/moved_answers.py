"""Answers promised for days on which the library is then declared closed: moved past them, told, and moved back (D-1).

What was promised before any closing stands beside it, `promised_first`, '' where none has moved it. An answer is
people's work: only a closing of the whole library moves it, and one already late stays late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import appeal_records, moved_promises, notices
from lending.database import Database, Row, writing
from lending.model import library_day, parse_stamp, stamp, start_of_day
from lending.moved_promises import Closed
from lending.policy import Policy


@dataclass(frozen=True, slots=True)
class Kind:
    """What a person is to answer: its name to readers, its table, the rows nobody has answered, the hours promised."""

    name: str
    table: str
    waiting: str
    hours: Callable[[Policy], int]


def _look_hours(policy: Policy) -> int:
    return policy.cases.answer_hours


OURS = (
    Kind("case", "compensations", "state = 'reported'", _look_hours),
    Kind("appeal", "appeals", f"state IN ({appeal_records.WAITING_SQL})", _look_hours),
)


def settle(db: Database, policy: Policy, now: datetime, kinds: Sequence[Kind] = OURS) -> int:
    """Move every answer still to come that was promised for a closed day, and tell who waits; returns how many."""
    if not (found := moved_promises.closings(db, now)):
        return 0
    moved = 0
    for kind in kinds:
        for row in _waiting(db, kind, now):
            before = parse_stamp(row["promised_at"])
            after = moved_promises.past(found, None, before, policy)
            if after != before:
                cause = max(one.id for one in found if one.covers(None, library_day(before)))
                first = row["promised_first"] or row["promised_at"]
                moved += _set(db, kind, row, after, first, cause, "moved", policy, now)
    return moved


def take_back(db: Database, gone: Closed, policy: Policy, now: datetime, kinds: Sequence[Kind] = OURS) -> int:
    """Open after all: back to what was promised, but never before an answer asked for now would come.

    Where other closings stand as well, as far back as those let it; returns how many.
    """
    if gone.point_id is not None:
        return 0
    found, back = moved_promises.closings(db, now), 0
    for kind in kinds:
        soonest = moved_promises.answer_by(db, policy, kind.hours(policy), now)
        for row in _waiting(db, kind, now):
            if not row["promised_first"]:
                continue
            before, first = parse_stamp(row["promised_at"]), parse_stamp(row["promised_first"])
            moved = f"{kind.name}:{row['number']}@{library_day(before)}", f"moved-{gone.id}"
            unheard = notices.waits_until(db, row["reader_id"], "date_moved", *moved) and first > now
            after = max(moved_promises.past(found, None, first, policy), first if unheard else soonest)
            if after < before and gone.first <= library_day(before) and gone.last >= library_day(first):
                still = "" if after == first else row["promised_first"]
                step = "unsaid" if unheard and not still else "back"
                back += _set(db, kind, row, after, still, gone.id, step, policy, now)
    return back


def counted(db: Database, gone: Closed, kinds: Sequence[Kind] = OURS) -> int:
    """How many answers promised for these closed days stand later now."""
    if gone.point_id is not None:
        return 0
    days = {"since": stamp(start_of_day(gone.first)), "until": stamp(start_of_day(gone.last + timedelta(days=1)))}
    within = "promised_first >= :since AND promised_first < :until"
    return sum(db.value(f"SELECT COUNT(*) FROM {kind.table} WHERE {within}", **days) for kind in kinds)


def _waiting(db: Database, kind: Kind, now: datetime) -> list[Row]:
    return db.all(
        f"SELECT id, number, reader_id, promised_at, promised_first FROM {kind.table} WHERE {kind.waiting} "
        "AND promised_at >= :now AND promised_at > opened_at ORDER BY id",
        now=stamp(now),
    )


def _set(
    db: Database, kind: Kind, row: Row, after: datetime, first: str, special_id: int, step: str, policy: Policy,
    now: datetime,
) -> int:  # fmt: skip
    """The new moment, unless somebody has answered or another was promised since; the reader is told."""
    with writing(db) as db:
        changed = db.run(
            f"UPDATE {kind.table} SET promised_at = :after, promised_first = :first WHERE id = :id "
            f"AND promised_at = :before AND {kind.waiting}",
            after=stamp(after), first=first, id=row["id"], before=row["promised_at"],
        )  # fmt: skip
        if changed and step == "unsaid":
            moved = f"{kind.name}:{row['number']}@{library_day(parse_stamp(row['promised_at']))}"
            notices.unsay(db, row["reader_id"], "date_moved", moved, f"moved-{special_id}")
        elif changed:
            due = notices.outside_quiet_hours(now, policy)
            notices.record(
                db, row["reader_id"], "date_moved", f"{kind.name}:{row['number']}@{library_day(after)}",
                f"{step}-{special_id}", now, due,
                kind=kind.name, id=row["number"], special=special_id, after=stamp(after), step=step,
            )  # fmt: skip
        return changed

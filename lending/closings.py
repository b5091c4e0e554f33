"""Special days: a point or the whole library closed, or open at other hours. Dates that stand there move, and back.

`settle` moves every date that stands on a closed day, whatever closed it; `take_back` undoes a closing where that harms
nobody. Both go on in turns, and `unfinished` says of a closing what is still to be done: whoever settles next does it.
Days that have gone by stay as they were: what was or was not counted then is not counted anew (B2-9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from lending import appointment_clock, calendar, loans, moved_answers, moved_promises, notices, recalls, rounds
from lending.calendar import FURTHEST, Calendar
from lending.database import Database, Row, writing
from lending.errors import CannotChange, LendingError, UnknownThing, fact
from lending.model import end_of_day, library_day, parse_stamp, stamp
from lending.moved_answers import Kind
from lending.order_records import DOOR_SHUT
from lending.points import point
from lending.policy import Policy

CHUNK = 200  # dates moved in one turn, so that orders are not held up


@fact
class BadDays(LendingError):
    """`why`: 'order' (they end before they begin), 'past' (they have gone by), 'hours' (not to be read), 'twice'
    (declared already, so that taking one back would not open the door) or 'long' (the whole library, for so long that
    no date could move behind them)."""

    why: str


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Special days as declared, with how many dates they moved."""

    id: int
    point_id: int | None
    first: date
    last: date
    planned_last: date
    hours: str
    reason: str
    emergency: bool
    made_by: str
    taken_back_at: datetime | None
    moved: int


class Date(NamedTuple):
    """A date that a reader was told: a loan's due date, or how long an order or a hold is kept."""

    kind: str
    id: int
    reader_id: int
    point_id: int | None
    ends_at: datetime


def declare(
    db: Database, point_id: int | None, first: date, last: date, reason: str, actor: str, policy: Policy,
    now: datetime, hours: str = "", emergency: bool = False, answers: Sequence[Kind] = moved_answers.OURS,
) -> int:  # fmt: skip
    """Closed (or open at `hours` only) from the first day to the last, at one point or at all; dates move at once.

    The answers that people owe move in the same turn as it is declared: who waits for one is not told two things.
    Returns its id. Raises BadDays, UnknownThing for a point there is not.
    """
    if last < first:
        raise BadDays("order")
    if first < library_day(now):
        raise BadDays("past")
    if point_id is None and not hours and (last - first).days + 1 >= FURTHEST:  # where would a date move to?
        raise BadDays("long")
    if not readable(hours):
        raise BadDays("hours")
    with writing(db) as door:
        if point_id is not None:
            point(door, point_id)
        if door.value(
            "SELECT 1 FROM special_days WHERE COALESCE(point_id, 0) = COALESCE(:p, 0) AND first_day = :first "
            "AND last_day = :last AND hours = :hours AND taken_back_at IS NULL",
            p=point_id, first=str(first), last=str(last), hours=hours,
        ):  # fmt: skip
            raise BadDays("twice")
        made = door.value(
            "INSERT INTO special_days (point_id, first_day, last_day, planned_last, hours, reason, emergency, made_by, "
            "made_at, unfinished) VALUES (:p, :first, :last, :last, :hours, :reason, :emergency, :actor, :now, "
            "'stands') RETURNING id",
            p=point_id, first=str(first), last=str(last), hours=hours, reason=reason.strip()[:200],
            emergency=int(emergency), actor=actor, now=stamp(now),
        )  # fmt: skip
        moved_answers.settle(door, policy, now, answers)
    settle(db, policy, now, answers)
    return int(made)


def readable(hours: str) -> bool:
    """Whether these are opening hours, one after the other: "" or "09:00-12:00,14:00-21:00"."""
    try:
        times = [_minutes(clock) for part in hours.split(",") for clock in part.strip().split("-")] if hours else []
        two_each = all(part.count("-") == 1 for part in hours.split(",")) if hours else True
    except ValueError:
        return False
    return two_each and all(early < late for early, late in pairwise(times))


def _minutes(clock: str) -> int:
    """Minutes since midnight of "09:00". Raises ValueError."""
    hour, minute = map(int, clock.split(":"))
    if len(clock) != 5 or not 0 <= minute < 60 or not 0 <= hour * 60 + minute <= 24 * 60:
        raise ValueError(clock)
    return hour * 60 + minute


COLUMNS = (
    "id, point_id, first_day, last_day, planned_last, hours, reason, emergency, made_by, taken_back_at, "
    "(SELECT COUNT(*) FROM moved_dates m WHERE m.special_id = s.id AND m.moved_back = 0) + (SELECT "
    "COUNT(DISTINCT order_id) FROM moved_promises p WHERE p.special_id = s.id AND p.moved_back = 0) AS moved"
)


def declared(db: Database, since: date) -> list[SpecialDays]:
    """Those that had not ended by that day when they were declared, the next first."""
    rows = db.all(
        f"SELECT {COLUMNS} FROM special_days s WHERE planned_last >= :since ORDER BY first_day, id", since=str(since)
    )
    return [_special_days(row) for row in rows]


def special_days(db: Database, special_id: int) -> SpecialDays:
    """Raises UnknownThing."""
    row = db.one(f"SELECT {COLUMNS} FROM special_days s WHERE id = :id", id=special_id)
    if row is None:
        raise UnknownThing("special_days", str(special_id))
    return _special_days(row)


def _special_days(row: Row) -> SpecialDays:
    first, last, planned = (date.fromisoformat(row[name]) for name in ("first_day", "last_day", "planned_last"))
    taken = parse_stamp(row["taken_back_at"]) if row["taken_back_at"] else None
    return SpecialDays(
        row["id"], row["point_id"], first, last, planned, row["hours"], row["reason"], bool(row["emergency"]),
        row["made_by"], taken, row["moved"],
    )  # fmt: skip


# ---- moving ---------------------------------------------------------------------------------------------------------


def settle(db: Database, policy: Policy, now: datetime, answers: Sequence[Kind] = moved_answers.OURS) -> int:
    """Move every date still to come that stands on a closed day to the next open one, and tell its reader.

    The library's own promises and rounds move with them; times booked to fetch books are freed where the door is shut.
    Any number of times, one effect; returns how many moved.
    """
    for special_id in _unfinished(db, "comes"):
        _give_back(db, special_id, policy, now)
    _shut_doors(db, now)
    days, moved = calendar.load(db, policy), 0
    wrong = [*_due(db, days, now), *_kept(db, days, now)]
    for start in range(0, len(wrong), CHUNK):
        with writing(db) as door:
            moved += sum(_move(door, one, days, policy, now) for one in wrong[start : start + CHUNK])
    moved += moved_promises.settle(db, policy, now) + rounds.settle(db, policy, now)
    moved += moved_answers.settle(db, policy, now, answers)
    appointment_clock.settle(db, policy, now)  # after the books' own dates have moved
    for special_id in _unfinished(db, "stands"):
        _finish(db, special_id, "stands", policy, now)
    return moved


def _shut_doors(db: Database, now: datetime) -> None:
    """What stands behind a door that is shut for good from today on cannot be had, until somebody carries it away."""
    gone = calendar.gone(db, library_day(now))
    if gone == {row["point_id"] for row in db.all("SELECT point_id FROM shut_points")}:
        return
    with writing(db) as door:
        door.run("DELETE FROM shut_points")
        shut = f"INSERT INTO shut_points (point_id) {calendar.GONE} ON CONFLICT DO NOTHING"
        door.run(shut, day=str(library_day(now)))


def _unfinished(db: Database, step: str) -> list[int]:
    """Days just declared ("stands") or taken back ("comes"), and those left half done when somebody pulled the plug."""
    return [row["id"] for row in db.all("SELECT id FROM special_days WHERE unfinished = :s ORDER BY id", s=step)]


def _due(db: Database, days: Calendar, now: datetime) -> list[Date]:
    """Loans due on a closed day; the days are looked at first, so that an ordinary tick reads no loan."""
    ends = db.all("SELECT DISTINCT due_at FROM loans WHERE returned_at IS NULL AND due_at >= :now", now=stamp(now))
    found = []
    for end in (row["due_at"] for row in ends):
        if not days.open_on(None, library_day(parse_stamp(end))):
            rows = db.all("SELECT id, reader_id FROM loans WHERE returned_at IS NULL AND due_at = :end", end=end)
            found += [Date("loan", row["id"], row["reader_id"], None, parse_stamp(end)) for row in rows]
    return found


def _kept(db: Database, days: Calendar, now: datetime) -> list[Date]:
    """Those kept until a day on which their point is closed, or a bus has missed a stop and not come again.

    Nothing is kept for a year: where the door stays shut, its readers hear that it does, see `_finish`.
    """
    today = library_day(now)
    missed = [one for one in _waiting(db, now) if days.missed(one.point_id, today, library_day(one.ends_at))]
    return [one for one in missed if one.point_id not in calendar.gone(db, library_day(one.ends_at))]


def _waiting(db: Database, now: datetime) -> list[Date]:
    """Orders and holds that wait for their readers; behind a shut door no day counts (D-13)."""
    rows = db.all(
        "SELECT 'order' AS kind, id, reader_id, point_id, pickup_until AS ends_at FROM orders o "
        f"WHERE state IN ('in_locker', 'at_counter') AND pickup_until >= :now AND NOT {DOOR_SHUT} UNION ALL "
        "SELECT 'hold', h.id, h.reader_id, COALESCE(h.point_id, c.point_id), h.ready_until FROM holds h "
        "JOIN copies c ON c.hold_id = h.id AND c.state = 'reserved' WHERE h.state = 'ready' AND h.ready_until >= :now",
        now=stamp(now),
    )
    return [
        Date(row["kind"], row["id"], row["reader_id"], row["point_id"], parse_stamp(row["ends_at"])) for row in rows
    ]


def _move(db: Database, one: Date, days: Calendar, policy: Policy, now: datetime) -> bool:
    today, day = library_day(now), library_day(one.ends_at)
    cause = _cause(db, one, days.missed(one.point_id, today, day) or day)
    onward = days.kept(one.point_id, today, day)
    if cause and cause["emergency"]:
        onward = days.kept(one.point_id, today, onward + timedelta(days=policy.calendar.grace_days))
    after = end_of_day(onward)
    if onward == day or not _set(db, one.kind, one.id, one.ends_at, after):
        return False
    if cause:
        db.run(
            "INSERT INTO moved_dates (special_id, kind, object_id, reader_id, before_at, after_at) "
            "VALUES (:s, :kind, :id, :r, :before, :after) ON CONFLICT DO NOTHING",
            s=cause["id"], kind=one.kind, id=one.id, r=one.reader_id, before=stamp(one.ends_at), after=stamp(after),
        )  # fmt: skip
    _tell(db, one, after, cause["id"] if cause else 0, "moved", policy, now)
    return True


def _cause(db: Database, one: Date, day: date) -> Row | None:
    """The newest special days that close that point, or the library, on that day; for a bus, other hours count too."""
    return db.one(
        "SELECT id, emergency FROM special_days WHERE first_day <= :day AND last_day >= :day "
        "AND (point_id IS NULL OR point_id = :p OR :p IS NULL) "
        "AND (hours = '' OR EXISTS (SELECT 1 FROM points WHERE id = :p AND branch_type = 'bus')) "
        "ORDER BY id DESC LIMIT 1",
        day=str(day), p=one.point_id,
    )  # fmt: skip


def _set(db: Database, kind: str, object_id: int, before: datetime, after: datetime) -> bool:
    """The new date, unless it is not any more the one that was read."""
    if kind == "loan":
        return loans.move_due(db, object_id, before, after)
    return db.run(SET[kind], id=object_id, before=stamp(before), after=stamp(after)) == 1


SET = {
    "order": "UPDATE orders SET pickup_until = :after WHERE id = :id AND pickup_until = :before",
    "hold": "UPDATE holds SET ready_until = :after WHERE id = :id AND state = 'ready' AND ready_until = :before",
}


def _tell(db: Database, one: Date, after: datetime, special_id: int, step: str, policy: Policy, now: datetime) -> None:
    if one.kind == "loan" and recalls.untold(db, one.id):  # the recall will name this date; the reader knows no other
        return
    due = notices.outside_quiet_hours(now, policy)
    notices.record(
        db, one.reader_id, "date_moved", f"{one.kind}:{one.id}@{library_day(after)}", f"{step}-{special_id}", now, due,
        kind=one.kind, id=one.id, special=special_id, after=stamp(after), step=step,
    )  # fmt: skip


def _finish(db: Database, special_id: int, step: str, policy: Policy, now: datetime) -> None:
    """Every date has moved. Whoever waits behind a shut door, or for a bus that does not come, hears of it also when
    theirs stands.

    Nobody waits in the snow. `step` is "stands", or "comes" when the door opens after all: who has not heard that it
    would not, hears neither.
    """
    with writing(db) as door:
        made, days = special_days(door, special_id), calendar.load(door, policy)
        if step == "comes":
            door.run(
                "DELETE FROM notices WHERE event = 'date_moved' AND state = 'waiting' AND step IN (:stands, :gone)",
                stands=f"stands-{special_id}", gone=f"gone-{special_id}",
            )  # fmt: skip
        if step == "stands" and made.point_id in calendar.gone(door, made.first):
            for one in concerned(door, made.point_id or 0, now):
                _tell(door, one, one.ends_at, special_id, "gone", policy, now)
        if step == "comes":
            for one in _not_gone(door, made, now):
                _tell(door, one, one.ends_at, special_id, "stays", policy, now)
        for one in _at_the_door(door, made, step, days, now):
            _tell(door, one, one.ends_at, special_id, step, policy, now)
        door.run("UPDATE special_days SET unfinished = '' WHERE id = :id AND unfinished = :s", id=special_id, s=step)


def _not_gone(db: Database, made: SpecialDays, now: datetime) -> list[Date]:
    """Who heard that it closes for good and still waits for something to come there: it does not close after all."""
    asked = "SELECT object FROM notices WHERE event = 'date_moved' AND step = :gone"
    told = {row["object"].partition("@")[0] for row in db.all(asked, gone=f"gone-{made.id}")}
    there = {(one.kind, one.id) for one in _waiting(db, now)}
    waits = concerned(db, made.point_id, now) if told and made.point_id else []
    return [one for one in waits if (one.kind, one.id) not in there and f"{one.kind}:{one.id}" in told]


def left_there(db: Database, point_id: int, now: datetime) -> list[Date]:
    """What readers are to fetch at a point: it waits for them there, or is on its way."""
    return [one for one in (*_waiting(db, now), *_coming(db)) if one.point_id == point_id]


def concerned(db: Database, point_id: int, now: datetime) -> list[Date]:
    """That, and what readers still wait for, to fetch it there when it comes."""
    rows = db.all(
        "SELECT id, reader_id, point_id, placed_at FROM holds WHERE state = 'waiting' AND point_id = :p ORDER BY id",
        p=point_id,
    )
    queued = [Date("hold", row["id"], row["reader_id"], point_id, parse_stamp(row["placed_at"])) for row in rows]
    return [*left_there(db, point_id, now), *queued]


def _coming(db: Database) -> list[Date]:
    rows = db.all(
        "SELECT id, reader_id, point_id, promised_at FROM orders WHERE state IN ('in_review', 'approved', 'picking', "
        "'packed') AND point_id IS NOT NULL ORDER BY id"
    )
    return [
        Date("order", row["id"], row["reader_id"], row["point_id"], parse_stamp(row["promised_at"])) for row in rows
    ]


def _at_the_door(db: Database, made: SpecialDays, step: str, days: Calendar, now: datetime) -> list[Date]:
    """Who waits there on those days and has not heard of them by a date that moved; of the end of them, by one that
    moved back."""
    gone = "" if step == "stands" else "AND moved_back = 1"
    rows = db.all(f"SELECT kind, object_id FROM moved_dates WHERE special_id = :s {gone}", s=made.id)
    known = {(row["kind"], row["object_id"]) for row in rows}
    waiting = [one for one in _waiting(db, now) if (one.kind, one.id) not in known]
    if step == "comes":
        asked = "SELECT object FROM notices WHERE event = 'date_moved' AND step IN (:moved, :stands, :gone)"
        heard = db.all(asked, moved=f"moved-{made.id}", stands=f"stands-{made.id}", gone=f"gone-{made.id}")
        told = {row["object"].partition("@")[0] for row in heard}
        return [one for one in waiting if f"{one.kind}:{one.id}" in told]
    if made.point_id is not None and point(db, made.point_id).is_bus:
        return [one for one in waiting if one.point_id == made.point_id and library_day(one.ends_at) >= made.first]
    if made.point_id in calendar.gone(db, made.first):  # they have heard that it is for good
        return []
    return [one for one in waiting if made.point_id in (None, one.point_id) and _shut(made, one, days, now)]


def _shut(made: SpecialDays, one: Date, days: Calendar, now: datetime) -> bool:
    """Whether one of those days, from today until theirs, is a day on which nothing can be fetched there.

    Of an emergency alone: what was announced in time stands at the door and in the calendar.
    """
    first, last = max(made.first, library_day(now)), min(made.last, library_day(one.ends_at))
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return made.emergency and made.hours == "" and any(not days.open_on(one.point_id, day) for day in span)


# ---- moving back ----------------------------------------------------------------------------------------------------


def take_back(
    db: Database, special_id: int, actor: str, policy: Policy, now: datetime,
    answers: Sequence[Kind] = moved_answers.OURS,
) -> int:  # fmt: skip
    """It is open after all, from today on: dates go back to what they were unless that leaves too few days.

    A date changed since (a renewal) stays. Returns how many moved back. Raises UnknownThing, CannotChange.
    """
    today = library_day(now)
    with writing(db) as door:
        kept = min(special_days(door, special_id).last, today - timedelta(days=1))
        changed = door.run(
            "UPDATE special_days SET taken_back_at = :now, taken_back_by = :actor, last_day = :kept, "
            "unfinished = 'comes' WHERE id = :id AND taken_back_at IS NULL AND last_day >= :today",
            now=stamp(now), actor=actor, kept=str(kept), id=special_id, today=str(today),
        )  # fmt: skip
        if changed != 1:
            raise CannotChange("special_days", str(special_id), "over")
        gone = moved_promises.declared(door, special_id)
        back = moved_answers.take_back(door, gone, policy, now, answers)
    return back + _give_back(db, special_id, policy, now)


def _give_back(db: Database, special_id: int, policy: Policy, now: datetime) -> int:
    """What days taken back had moved, as far as it has not gone back yet; returns how many went."""
    gone = moved_promises.declared(db, special_id)
    _shut_doors(db, now)
    moved = db.all("SELECT * FROM moved_dates WHERE special_id = :id AND moved_back = 0", id=special_id)
    days, back = calendar.load(db, policy), 0
    for start in range(0, len(moved), CHUNK):
        with writing(db) as door:
            back += sum(_move_back(door, row, days, policy, now) for row in moved[start : start + CHUNK])
    back += moved_promises.take_back(db, gone, policy, now) + rounds.take_back(db, gone, policy, now)
    _finish(db, special_id, "comes", policy, now)
    return back


def _move_back(db: Database, row: Row, days: Calendar, policy: Policy, now: datetime) -> bool:
    before, after = parse_stamp(row["before_at"]), parse_stamp(row["after_at"])
    point_id = _point_of(db, row["kind"], row["object_id"])
    target = end_of_day(days.kept(point_id, library_day(now), library_day(before)))
    left = (library_day(target) - library_day(now)).days
    if left < policy.calendar.give_back_days or target >= after:
        return False
    if row["kind"] == "order" and db.value(SHUT, id=row["object_id"]):  # its days begin anew with the door
        return False
    if not _set(db, row["kind"], row["object_id"], after, target):
        return False
    db.run(
        "UPDATE moved_dates SET moved_back = 1 WHERE special_id = :s AND kind = :kind AND object_id = :id "
        "AND before_at = :before",
        s=row["special_id"], kind=row["kind"], id=row["object_id"], before=row["before_at"],
    )  # fmt: skip
    one = Date(row["kind"], row["object_id"], row["reader_id"], point_id, target)
    moved = f"{one.kind}:{one.id}@{library_day(after)}", f"moved-{row['special_id']}"
    unheard = notices.unsay(db, one.reader_id, "date_moved", *moved)
    if not unheard or target != before:  # it stands as its reader knows it, who has heard of no other
        _tell(db, one, target, row["special_id"], "back", policy, now)
    return True


SHUT = f"SELECT 1 FROM orders o WHERE id = :id AND {DOOR_SHUT}"
POINT = {
    "order": "SELECT point_id FROM orders WHERE id = :id",
    "hold": "SELECT COALESCE(h.point_id, c.point_id) FROM holds h LEFT JOIN copies c ON c.hold_id = h.id "
    "WHERE h.id = :id",
}


def _point_of(db: Database, kind: str, object_id: int) -> int | None:
    if kind == "loan":
        return None
    found: int | None = db.value(POINT[kind], id=object_id)
    return found


def forget(db: Database, reader_id: int) -> None:
    """Which of the reader's dates were moved goes with them. Call in `writing`."""
    db.run("DELETE FROM moved_dates WHERE reader_id = :r", r=reader_id)

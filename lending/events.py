"""活动: what happens in the library, where, when and for how many people; the table is an event's life (F-8, A10-15).

Who comes stands in sign_ups.py, what becomes of a change in event_changes.py, what coming is worth in attendance.py.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lending import calendar
from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import library_day, parse_stamp, stamp
from lending.points import point
from lending.policy import Policy

STEPS = {  # name: from which states, to which
    "cancel": (("planned",), "cancelled"),  # 取消（原因，报了名的人都会听到）
    "settle": (("planned",), "over"),  # 结束：谁没有来，数清楚了
}
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else
DOOR_LETTERS = 6  # of the code that hangs at the door
TAKEN = "state IN ('signed_up', 'came', 'late')"  # a sign-up that has its seats
LONGEST_NAME, LONGEST_ABOUT = 60, 600  # characters
YEARS = 2  # within which everything about an event lies: another year is a slip of the hand


@fact
class BadEvent(LendingError):
    """Why an event cannot be so: name, place, order (it ends before it begins), past, until (signing up ends after the
    start), far (not within `number` years), seats (fewer than `number`), closed (nobody is there on `day`; `other` is
    the next day somebody is).
    """

    reason: str
    number: int = 0
    day: date | None = None
    other: date | None = None


@fact
class EventMoved(LendingError):
    """The event no longer stands where the step begins: it is cancelled or over."""

    name: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a librarian says of an event. Without `point_id` it is somewhere else, and `place` says where."""

    name: str
    starts_at: datetime
    ends_at: datetime
    sign_up_until: datetime
    seats: int
    about: str = ""
    point_id: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Plan):
    """An event. `taken` counts people with a seat, `waiting` people without one; `came` once it is over."""

    id: int
    door: str
    state: str
    reason: str
    came: int | None
    moved_at: datetime
    taken: int
    waiting: int

    @property
    def left(self) -> int:
        """Seats nobody has."""
        return self.seats - self.taken

    def open_for_sign_up(self, now: datetime) -> bool:
        """Whether one may still sign up."""
        return self.state == "planned" and now < self.sign_up_until

    def moved_from(self, before: Plan) -> bool:
        """Whether it is at another time or place than before."""
        where = (self.starts_at, self.ends_at, self.point_id, self.place)
        return where != (before.starts_at, before.ends_at, before.point_id, before.place)


SELECT = (
    "SELECT e.id, e.name, e.about, e.point_id, e.place, e.starts_at, e.ends_at, e.sign_up_until, e.seats, e.door, "
    "e.state, e.reason, e.came, e.moved_at, "
    f"(SELECT COALESCE(SUM(people), 0) FROM sign_ups s WHERE s.event_id = e.id AND s.{TAKEN}) AS taken, "
    "(SELECT COALESCE(SUM(people), 0) FROM sign_ups s WHERE s.event_id = e.id AND s.state = 'waiting') AS waiting "
    "FROM events e "
)
MOMENTS = ("starts_at", "ends_at", "sign_up_until", "moved_at")


def _event(row: Row) -> Event:
    return Event(**{**row, **{name: parse_stamp(row[name]) for name in MOMENTS}})


def event(db: Database, event_id: int) -> Event:
    """Raises UnknownThing."""
    row = db.one(SELECT + "WHERE e.id = :id", id=event_id)
    if row is None:
        raise UnknownThing("event", str(event_id))
    return _event(row)


def by_door(db: Database, code: str) -> Event:
    """The event at whose door this code hangs. Raises UnknownThing."""
    row = db.one(SELECT + "WHERE e.door = :code", code=code.upper())
    if row is None:
        raise UnknownThing("event_door", code[:40])
    return _event(row)


def coming(db: Database, now: datetime, limit: int = 100) -> list[Event]:
    """What is not over yet and not cancelled, the next first."""
    rows = db.all(
        SELECT + "WHERE e.state = 'planned' AND e.ends_at > :now ORDER BY e.starts_at, e.id LIMIT :n",
        now=stamp(now), n=limit,
    )  # fmt: skip
    return [_event(row) for row in rows]


def past(db: Database, now: datetime, limit: int = 100) -> list[Event]:
    """What is over or was cancelled, the last first."""
    rows = db.all(
        SELECT + "WHERE e.state <> 'planned' OR e.ends_at <= :now ORDER BY e.starts_at DESC, e.id DESC LIMIT :n",
        now=stamp(now), n=limit,
    )  # fmt: skip
    return [_event(row) for row in rows]


# ---- making ----------------------------------------------------------------------------------------------------------


def make(db: Database, plan: Plan, policy: Policy, now: datetime) -> Event:
    """A new event. Raises BadEvent, UnknownThing for a point there is not."""
    with writing(db) as db:
        check(db, plan, policy, now)
        made = db.value(
            "INSERT INTO events (name, about, point_id, place, starts_at, ends_at, sign_up_until, seats, door, "
            "made_at, moved_at) VALUES (:name, :about, :point, :place, :starts, :ends, :until, :seats, :door, "
            ":now, :now) RETURNING id",
            door="".join(secrets.choice(ALPHABET) for _ in range(DOOR_LETTERS)), now=stamp(now), **_columns(plan),
        )  # fmt: skip
        return event(db, made)


def rewrite(db: Database, before: Event, plan: Plan, now: datetime) -> Event:
    """The event as planned now, its door's code as it was. Call in `writing`, after `check`. Raises EventMoved."""
    changed = db.run(
        "UPDATE events SET name = :name, about = :about, point_id = :point, place = :place, starts_at = :starts, "
        "ends_at = :ends, sign_up_until = :until, seats = :seats, moved_at = :moved WHERE id = :id "
        "AND state = 'planned'",
        id=before.id, moved=stamp(now if before.moved_from(plan) else before.moved_at), **_columns(plan),
    )  # fmt: skip
    found = event(db, before.id)
    if changed != 1:
        raise EventMoved(found.name, found.state)
    return found


def _columns(plan: Plan) -> dict[str, object]:
    """A plan as parameters of a statement."""
    return {
        "name": " ".join(plan.name.split())[:LONGEST_NAME], "about": plan.about.strip()[:LONGEST_ABOUT],
        "point": plan.point_id, "place": " ".join(plan.place.split())[:LONGEST_NAME],
        "starts": stamp(plan.starts_at), "ends": stamp(plan.ends_at), "until": stamp(plan.sign_up_until),
        "seats": plan.seats,
    }  # fmt: skip


def check(db: Database, plan: Plan, policy: Policy, now: datetime, before: Event | None = None) -> None:
    """Whether an event can be so; what stays as it was is not asked again. Raises BadEvent, UnknownThing."""
    wrong = {
        "name": not plan.name.strip(),
        "place": plan.point_id is None and not plan.place.strip(),
        "order": plan.ends_at <= plan.starts_at,
        "past": plan.starts_at <= now and (before is None or plan.starts_at != before.starts_at),
        "until": plan.sign_up_until > plan.starts_at,
    }
    for reason, is_so in wrong.items():
        if is_so:
            raise BadEvent(reason)
    span = timedelta(days=365 * YEARS)
    if plan.ends_at > now + span or plan.sign_up_until < now - span:
        raise BadEvent("far", YEARS)
    taken = before.taken if before else 0
    if plan.seats < max(1, taken):
        raise BadEvent("seats", max(1, taken))
    if plan.point_id is not None and (before is None or before.moved_from(plan)):
        point(db, plan.point_id)
        _open_then(db, plan, policy)


def _open_then(db: Database, plan: Plan, policy: Policy) -> None:
    """Somebody is there when it begins and when it ends (B2-9). Raises BadEvent."""
    days = calendar.load(db, policy)
    for day in (library_day(plan.starts_at), library_day(plan.ends_at - timedelta(seconds=1))):
        if not days.open_on(plan.point_id, day):
            raise BadEvent("closed", 0, day, days.next_open(plan.point_id, day))


def stands_closed(db: Database, one: Event, policy: Policy) -> bool:
    """Whether its branch has been closed for that day since."""
    return one.point_id is not None and not calendar.open_on(db, policy, one.point_id, library_day(one.starts_at))


def shut_out(db: Database, policy: Policy, now: datetime) -> int:
    """How many of those to come stand on a day on which their branch is closed: nobody has moved them yet."""
    return sum(stands_closed(db, one, policy) for one in coming(db, now))


def step(db: Database, name: str, event_id: int, reason: str = "", came: int | None = None) -> Event:
    """One row of the table, guarded. Call in `writing`. Raises UnknownThing, EventMoved."""
    before, after = STEPS[name]
    states = ", ".join(f"'{state}'" for state in before)
    changed = db.run(
        f"UPDATE events SET state = '{after}', reason = :reason, came = :came WHERE id = :id AND state IN ({states})",
        reason=reason, came=came, id=event_id,
    )  # fmt: skip
    found = event(db, event_id)
    if changed != 1:
        raise EventMoved(found.name, found.state)
    return found

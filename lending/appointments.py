"""约时间来取: a time to come for books at a counter, never more at once than it has places for (D 30).

Whoever has none may come whenever the door is open. What the clock does with them stands in appointment_clock.py.

| state      | how it comes to be so                                          |
|------------|----------------------------------------------------------------|
| booked     | by the reader, or by a librarian on the reader's word          |
| given_back | the reader comes at another time, or without one               |
| freed      | the library cannot keep it: closed then, or the books are late |
| over       | the order was fetched, called off or went on elsewhere         |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from lending import calendar, order_records, points
from lending.calendar import Calendar, staff_work
from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import LIBRARY_ZONE, Fulfilment, OrderState, library_day, parse_stamp, stamp, start_of_day
from lending.order_records import Order
from lending.points import EVERY_HOUR, Point
from lending.policy import Policy
from lending.stops import minutes

S = OrderState
TO_COME = (S.APPROVED, S.PICKING, S.PACKED)  # not at the counter yet, with a moment by which it is promised to be
FETCHED = (*TO_COME, S.AT_COUNTER)  # where an order may have an appointment
WHY_NOT = ("here", "order", "late", "taken", "outside")  # no appointments here, nothing to fetch, the books are late,
# all its places are taken, not among the times there are
HELD = "id, order_id, point_id, starts_at, ends_at, booked_at"


@fact
class NoAppointment(LendingError):
    """`why` is one of WHY_NOT; `near` are the next free times to the one that was asked for, the earliest first."""

    number: str
    why: str
    near: tuple[datetime, ...] = ()


class Slot(NamedTuple):
    """A time to come, and for how many more orders."""

    starts_at: datetime
    ends_at: datetime
    left: int


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booked time of an order."""

    id: int
    order_id: int
    point_id: int
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime


def appointment_of(row: Row) -> Appointment:
    """The appointment a row (HELD) stands for."""
    return Appointment(**{**row, **{n: parse_stamp(row[n]) for n in ("starts_at", "ends_at", "booked_at")}})


def of_order(db: Database, order_id: int) -> Appointment | None:
    """What is booked for the order, also where its time has gone by."""
    row = db.one(f"SELECT {HELD} FROM appointments WHERE order_id = :o AND state = 'booked'", o=order_id)
    return appointment_of(row) if row else None


def coming(db: Database, order: Order, now: datetime) -> Appointment | None:
    """What is booked and not yet gone by."""
    found = of_order(db, order.id) if order.state in FETCHED else None
    return found if found and found.ends_at > now else None


# ---- the times there are ---------------------------------------------------------------------------------------------


def why_not(order: Order, point: Point | None, now: datetime) -> str:
    """Why no time is booked for this order at its counter, '' where one may be."""
    if order.state not in FETCHED or (order.state is not S.AT_COUNTER and order.fulfilment is not Fulfilment.COUNTER):
        return "order"
    if point is None or not point.takes_appointments:
        return "here"
    if order.state is S.AT_COUNTER:
        return "order" if order.pickup_until is None or order.pickup_until <= now else ""
    return "late" if order.promised_at < now else ""  # a promise that is broken is no ground for the next one


def _window(db: Database, order: Order, policy: Policy, now: datetime) -> tuple[datetime, datetime]:
    """From when until when it may be fetched: not before it is ready, never after its days on the shelf.

    Those begin with the books on the shelf, which may be this moment: what ends later is not promised yet.
    """
    furthest = start_of_day(library_day(now) + timedelta(days=policy.slots.days_ahead + 1))
    if order.state is S.AT_COUNTER:
        return now, min(order.pickup_until or now, furthest)
    until = calendar.shelf_end(db, policy, order.point_id, now, policy.promise.pickup_days)
    return order.promised_at, min(until, furthest)


def free(db: Database, order: Order, policy: Policy, now: datetime) -> list[Slot]:
    """The times with a place left, the earliest first; none where none may be booked. Its own place counts as free."""
    point = points.point(db, order.point_id) if order.point_id else None
    if point is None or why_not(order, point, now):
        return []
    first, last = _window(db, order, policy, now)
    days, begin = calendar.load(db, policy), library_day(first)
    spans = [begin + timedelta(days=n) for n in range((library_day(last) - begin).days + 1)]
    taken = _taken(db, point.id, order.id, first, last)
    made = (one for day in spans for one in _times(days, point, day, policy) if first <= one[0] and one[1] <= last)
    found = (Slot(*one, (point.slot_orders or 0) - _meeting(taken, *one)) for one in made)
    return [one for one in found if one.left > 0]


def _taken(db: Database, point_id: int, but: int, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    rows = db.all(
        "SELECT starts_at, ends_at FROM appointments WHERE state = 'booked' AND point_id = :p AND order_id <> :o "
        "AND starts_at < :last AND ends_at > :first",
        p=point_id, o=but, first=stamp(first), last=stamp(last),
    )  # fmt: skip
    return [(parse_stamp(row["starts_at"]), parse_stamp(row["ends_at"])) for row in rows]


def _meeting(taken: Sequence[tuple[datetime, datetime]], starts: datetime, ends: datetime) -> int:
    """How many of those booked have a minute in common with it: a counter may have changed its times since."""
    return sum(begin < ends and end > starts for begin, end in taken)


def _times(days: Calendar, point: Point, day: date, policy: Policy) -> Iterator[tuple[datetime, datetime]]:
    length = timedelta(minutes=point.slot_minutes or policy.slots.length_minutes)
    for opens, closes in open_spans(days, point, day, policy):
        begin = opens
        while begin + length <= closes:
            yield begin, begin + length
            begin += length


def open_spans(days: Calendar, point: Point, day: date, policy: Policy) -> list[tuple[datetime, datetime]]:
    """From when until when the counter is open that day; where no hours were entered, while people are at the desk."""
    hours, desk = days.hours(point, day), policy.desk
    if hours == EVERY_HOUR and not point.opens:
        works = staff_work(day, policy.calendar, desk.weekdays)
        hours = f"{desk.opens:%H:%M}-{desk.closes:%H:%M}" if works else ""
    spans = (part.strip().split("-") for part in hours.split(",") if part.strip())
    midnight = datetime.combine(day, time(0), LIBRARY_ZONE)
    made = []
    for opens, closes in spans:
        begin, end = minutes(opens), minutes(closes)
        end += 24 * 60 if end <= begin else 0
        made.append((midnight + timedelta(minutes=begin), midnight + timedelta(minutes=end)))
    return made


# ---- booking and giving back -----------------------------------------------------------------------------------------


def book(
    db: Database, number: str, reader_id: int | None, starts_at: datetime, policy: Policy, now: datetime
) -> Appointment:
    """The order is fetched then, whatever was booked before; a librarian books for any reader.

    The last place goes to one alone. Booked again, it is the same. Raises UnknownThing, NoAppointment.
    """
    with writing(db) as db:
        order = order_records.by_number(db, number, reader_id)
        before = of_order(db, order.id)
        if before and before.starts_at == starts_at and before.ends_at > now:
            return before
        point = points.point(db, order.point_id) if order.point_id else None
        if why := why_not(order, point, now):
            raise NoAppointment(order.number, why)
        times = free(db, order, policy, now)
        slot = next((one for one in times if one.starts_at == starts_at), None)
        if slot is None:
            raise NoAppointment(order.number, _why_gone(db, order, starts_at, policy, now), nearest(times, starts_at))
        _end(db, order.id, "given_back", now)
        made = db.one(
            "INSERT INTO appointments (order_id, point_id, starts_at, ends_at, booked_at, changed_at) "
            f"VALUES (:o, :p, :starts, :ends, :now, :now) RETURNING {HELD}",
            o=order.id, p=order.point_id, starts=stamp(slot.starts_at), ends=stamp(slot.ends_at), now=stamp(now),
        )  # fmt: skip
        assert made is not None
        return appointment_of(made)


def _why_gone(db: Database, order: Order, starts_at: datetime, policy: Policy, now: datetime) -> str:
    """Whether others have all its places, or it never was one of the times."""
    point = points.point(db, order.point_id or 0)
    first, last = _window(db, order, policy, now)
    times = _times(calendar.load(db, policy), point, library_day(starts_at), policy)
    return "taken" if any(one[0] == starts_at and first <= one[0] and one[1] <= last for one in times) else "outside"


def nearest(times: Sequence[Slot], wanted: datetime, n: int = 3) -> tuple[datetime, ...]:
    """Free times of that day next to the one that was wanted; where it has none, much the same hour of other days."""
    day = library_day(wanted)
    same = [one.starts_at for one in times if library_day(one.starts_at) == day]
    if same:
        return tuple(sorted(sorted(same, key=lambda at: abs(at - wanted))[:n]))
    by_day: dict[date, datetime] = {}
    for at in (one.starts_at for one in times):
        other = library_day(at)
        shifted = wanted + (other - day)
        by_day[other] = min(by_day.get(other, at), at, key=lambda one: abs(one - shifted))
    return tuple(sorted(by_day[one] for one in sorted(by_day, key=lambda one: abs(one - day))[:n]))


def give_back(db: Database, number: str, reader_id: int | None, now: datetime) -> Order:
    """Its place is free for others; the order stays as it is. Raises UnknownThing, also where nothing is booked."""
    with writing(db) as db:
        order = order_records.by_number(db, number, reader_id)
        if not _end(db, order.id, "given_back", now):
            raise UnknownThing("appointment", order.number)
        return order


def end(db: Database, order: Order, now: datetime) -> None:
    """The order has gone on to where nothing is fetched at a counter any more. Call in `writing`."""
    if order.state not in FETCHED:
        drop(db, order.id, now)


def drop(db: Database, order_id: int, now: datetime) -> None:
    """The order has gone on. Call in `writing`."""
    _end(db, order_id, "over", now)


def let_go(db: Database, appointment_id: int, now: datetime) -> bool:
    """The library cannot keep it; False where somebody was first. Call in `writing`."""
    freed = f"{ENDING} WHERE id = :id AND state = 'booked'"
    return db.run(freed, id=appointment_id, now=stamp(now), after="freed") == 1


ENDING = "UPDATE appointments SET state = :after, changed_at = :now"


def _end(db: Database, order_id: int, after: str, now: datetime) -> bool:
    return db.run(f"{ENDING} WHERE order_id = :o AND state = 'booked'", o=order_id, now=stamp(now), after=after) == 1


# ---- who comes, who is here ------------------------------------------------------------------------------------------


@fact
class NotWaiting(LendingError):
    """Nothing of this order waits at a counter; `state` is where it stands."""

    number: str
    state: str


def arrive(db: Database, number: str, reader_id: int, now: datetime) -> tuple[Order, datetime]:
    """The reader stands at the counter; since when, if it is said twice today. Raises UnknownThing, NotWaiting."""
    with writing(db) as db:
        order = order_records.by_number(db, number, reader_id)
        if order.state is not S.AT_COUNTER:
            raise NotWaiting(order.number, order.state)
        if here := arrived_today(order, now):
            return order, here
        db.run("UPDATE orders SET arrived_at = :now WHERE id = :o", now=stamp(now), o=order.id)
        return order_records.by_id(db, order.id), now


def arrived_today(order: Order, now: datetime) -> datetime | None:
    """Since when the reader is at the counter; who came yesterday and left is not."""
    at = order.arrived_at if order.state is S.AT_COUNTER else None
    return at if at and library_day(at) == library_day(now) else None


def of_day(db: Database, day: date) -> list[Appointment]:
    """All that are booked for that day, the earliest first."""
    rows = db.all(
        f"SELECT {HELD} FROM appointments WHERE state = 'booked' AND starts_at >= :first AND starts_at < :next "
        "ORDER BY starts_at, id",
        first=stamp(start_of_day(day)), next=stamp(start_of_day(day + timedelta(days=1))),
    )  # fmt: skip
    return [appointment_of(row) for row in rows]


def how_many(db: Database, now: datetime) -> int:
    """How many are booked and still to come."""
    return int(db.value("SELECT COUNT(*) FROM appointments WHERE state = 'booked' AND ends_at > :now", now=stamp(now)))


def here_now(db: Database, now: datetime) -> list[Order]:
    """Orders whose readers stand at a counter, the first who came first."""
    rows = db.all(
        f"SELECT {order_records.COLUMNS} FROM orders WHERE state = 'at_counter' AND arrived_at >= :today "
        "ORDER BY arrived_at, id",
        today=stamp(start_of_day(library_day(now))),
    )
    return [order_records.order_of(row) for row in rows]


def forget(db: Database, reader_id: int) -> None:
    """When the reader came or meant to. Call in `writing`."""
    mine = "SELECT id FROM orders WHERE reader_id = :r"
    db.run(f"DELETE FROM appointments WHERE order_id IN ({mine})", r=reader_id)
    db.run("UPDATE orders SET arrived_at = NULL WHERE reader_id = :r AND arrived_at IS NOT NULL", r=reader_id)

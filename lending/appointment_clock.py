"""What the clock does about appointments: those that cannot be kept are freed and told, others reminded of (D 30)."""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import appointments, calendar, notices, order_records
from lending.appointments import FETCHED, HELD, Appointment
from lending.calendar import Calendar
from lending.database import Database, writing
from lending.model import LIBRARY_ZONE, OrderState, library_day, stamp
from lending.order_records import Order
from lending.policy import Policy

THE_EVENING_BEFORE = timedelta(minutes=30)  # before the quiet hours, where the morning would be too late


def settle(db: Database, policy: Policy, now: datetime) -> int:
    """Free every booked time that cannot be kept any more, and tell its reader; any number of times, one effect."""
    waiting = _booked(db, now, None)
    if not waiting:
        return 0
    days, freed = calendar.load(db, policy), 0
    for one in waiting:
        if why := _why_freed(days, one, order_records.by_id(db, one.order_id), policy):
            with writing(db) as door:
                due = notices.outside_quiet_hours(now, policy)
                freed += _free(door, one, why, now, due if due < one.starts_at else now)
    return freed


def outrun(db: Database, order: Order, policy: Policy, now: datetime) -> Appointment | None:
    """The order's booked time still to come that it could not keep, if it stood as given; None where there is none."""
    one = appointments.of_order(db, order.id)
    if one is None or one.ends_at <= now:
        return None
    return one if _why_freed(calendar.load(db, policy), one, order, policy) else None


def keep_up(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The reader has just changed the order: a time it cannot keep now is freed and told at once. Call in `writing`."""
    if one := outrun(db, order, policy, now):
        _free(db, one, _why_freed(calendar.load(db, policy), one, order, policy), now, now)


def _booked(db: Database, now: datetime, until: datetime | None) -> list[Appointment]:
    """Those still to come, or to end; with `until` those that begin by then."""
    rows = db.all(
        f"SELECT {HELD} FROM appointments WHERE state = 'booked' AND ends_at > :now AND starts_at <= :until "
        "ORDER BY id",
        now=stamp(now), until=stamp(until) if until else "9",
    )
    return [appointments.appointment_of(row) for row in rows]


def _why_freed(days: Calendar, one: Appointment, order: Order, policy: Policy) -> str:
    """'closed', 'later' (the books come), 'shelf' (they are not kept so long); '' where it stands."""
    point, day = days.points[one.point_id], library_day(one.starts_at)
    nights = (day - timedelta(days=1), day)  # a door may be open past midnight
    spans = [span for night in nights for span in appointments.open_spans(days, point, night, policy)]
    if not any(opens <= one.starts_at and one.ends_at <= closes for opens, closes in spans):
        return "closed"
    if order.state is OrderState.AT_COUNTER:
        return "shelf" if order.pickup_until and one.starts_at > order.pickup_until else ""
    return "later" if order.state not in FETCHED or order.promised_at > one.starts_at else ""


def _free(db: Database, one: Appointment, why: str, now: datetime, due: datetime) -> bool:
    if not appointments.let_go(db, one.id, now):
        return False
    order = order_records.by_id(db, one.order_id)
    notices.record(
        db, order.reader_id, "appointment_freed", f"appointment:{one.id}", "freed", now, due,
        order=order.number, starts=stamp(one.starts_at), why=why,
    )  # fmt: skip
    return True


def remind_at(starts_at: datetime, policy: Policy) -> datetime:
    """So many hours before, after the quiet hours; the evening before where nobody may be disturbed until it begins."""
    due = notices.outside_quiet_hours(starts_at - timedelta(hours=policy.slots.remind_before_hours), policy)
    if due < starts_at:
        return due
    quiet = policy.reminders.quiet_from
    evening = datetime.combine(starts_at.astimezone(LIBRARY_ZONE), quiet, LIBRARY_ZONE)
    return evening - timedelta(days=1 if evening >= starts_at else 0) - THE_EVENING_BEFORE


def remind(db: Database, policy: Policy, now: datetime) -> int:
    """Whoever booked before the reminder was due hears of what is near, once; later than that they know it already."""
    ahead = now + timedelta(days=1, hours=policy.slots.remind_before_hours)
    due = notices.outside_quiet_hours(now, policy)
    fresh = [
        one for one in _booked(db, now, ahead)
        if one.booked_at < remind_at(one.starts_at, policy) <= now and due < one.starts_at and _unsaid(db, one)
    ]  # fmt: skip
    if not fresh:
        return 0
    with writing(db) as door:
        return sum(_note(door, one, now, due) for one in fresh)


def _unsaid(db: Database, one: Appointment) -> bool:
    """Whether the reader wants reminders and has had none of this time."""
    return bool(
        db.value(
            "SELECT 1 FROM orders o JOIN readers r ON r.id = o.reader_id AND r.reminders_on = 1 WHERE o.id = :o "
            "AND o.arrived_at IS NULL AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.reader_id = r.id "
            "AND n.event = 'appointment_soon' AND n.object = :object)",
            o=one.order_id, object=_object(one),
        )
    )  # fmt: skip


def _object(one: Appointment) -> str:
    return f"appointment:{one.id}"


def _note(db: Database, one: Appointment, now: datetime, due: datetime) -> bool:
    order = order_records.by_id(db, one.order_id)
    facts = {"order": order.number, "starts": stamp(one.starts_at)}
    return notices.record(db, order.reader_id, "appointment_soon", _object(one), "remind", now, due, **facts)

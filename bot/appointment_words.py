"""约时间来取 in words and as buttons, wherever an order is told of that is fetched at such a counter (D 30)."""

from __future__ import annotations

from datetime import datetime

from bot.events import Button
from bot.texts import Words
from lending import appointments, points
from lending.appointments import Appointment
from lending.database import Database
from lending.model import OrderState, library_day
from lending.orders import Order


def when(_: Words, one: Appointment) -> str:
    """11月21日（周六） 10:00–10:30."""
    return span(_, one.starts_at, one.ends_at)


def span(_: Words, starts: datetime, ends: datetime) -> str:
    """The day once, and both hours."""
    return f"{_.date(library_day(starts))} {_.time(starts)}–{_.time(ends)}"


def of_order(_: Words, db: Database, order: Order, now: datetime) -> tuple[Button, ...]:
    """What may be done about a time to come; nothing at a counter that takes no appointments."""
    if order.state not in appointments.FETCHED or order.point_id is None:
        return ()
    point = points.point(db, order.point_id)
    booked = appointments.coming(db, order, now) if point.takes_appointments else None
    made: list[Button] = []
    if booked or not appointments.why_not(order, point, now):
        made.append(Button(_("改个时间") if booked else _("约个时间来取"), f"ap:{order.number}"))
    if booked:
        made.append(Button(_("不约了"), f"ap-:{order.number}"))
    if order.state is OrderState.AT_COUNTER and point.takes_appointments:
        made.append(Button(_("我到了"), f"here:{order.number}"))
    return tuple(made)

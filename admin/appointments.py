"""约了来取: who stands at a counter, who comes when; times booked by phone; which counters take appointments (D 30)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import orders as order_room
from admin import staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import again, page
from lending import appointments, catalogue, orders
from lending.appointments import NoAppointment
from lending.database import writing
from lending.errors import UnknownThing
from lending.model import LIBRARY_ZONE, library_day, parse_stamp, stamp
from lending.points import set_slots

WRONG = {
    "here": N_("这个服务台没有开取书约时间，没有约上。"), "order": N_("订单 {number} 现在不在等人来取，没有约上。"),
    "late": N_("订单 {number} 已经晚了，书放好以后再约。"), "taken": N_("那个时间刚刚约满了，换一个。"),
    "outside": N_("那个时间约不了，换一个。"),
}  # fmt: skip
MINUTES, ORDERS = range(5, 241), range(1, 1000)  # what a counter may say, as the store sees to it


def add_to(made: Blueprint, desk: Desk) -> None:
    """A day's page, one order's time, a counter's own numbers."""
    made.add_url_rule("/appointments", "appointments", partial(show, desk))
    made.add_url_rule("/appointments/live", "appointments_live", partial(show, desk, "appointment_list.html"))
    made.add_url_rule("/orders/<number>/appointment", "book_appointment", partial(book, desk), methods=["POST"])
    made.add_url_rule("/calendar/slots", "point_slots", partial(set_point_slots, desk), methods=["POST"])


def show(desk: Desk, template: str = "appointments.html") -> str:
    """Whoever is here first, whether they had a time or none; then a day's times, counter by counter."""
    now, today = desk.now(), library_day(desk.now())
    days = [today + timedelta(days=n) for n in range(desk.policy.slots.days_ahead + 1)]
    day = _day(request.args.get("day", ""), days)
    here = [order_room.shown(desk, order, now) for order in appointments.here_now(desk.db, now)] if day == today else []
    booked = sorted(appointments.of_day(desk.db, day), key=lambda one: (one.point_id, one.starts_at, one.id))
    seen = {item.order.id for item in here}
    counters = [
        (catalogue.point(desk.db, point_id), [
            (one, order_room.shown(desk, orders.by_id(desk.db, one.order_id), now))
            for one in group if one.order_id not in seen
        ])
        for point_id, group in groupby(booked, key=lambda one: one.point_id)
    ]  # fmt: skip
    takes = [point for point in catalogue.points(desk.db, "branch") if point.takes_appointments]
    back = url_for("admin.appointments", day=day.isoformat())
    return page(
        template, day=day, days=days, today=today, now=now, here=here, takes=takes, back=back,
        counters=[one for one in counters if one[1]], **order_room.labels(desk),
    )  # fmt: skip


def _day(asked: str, days: list[date]) -> date:
    with suppress(ValueError):
        if (found := date.fromisoformat(asked)) in days:
            return found
    return days[0]


def book(desk: Desk, number: str) -> AnyResponse:
    """On the reader's word by phone: the time chosen, or none any more."""
    _, now, starts = desk.say(), desk.now(), _moment(request.form.get("starts", ""))
    try:
        with writing(desk.db) as db:
            said = ""
            if "free" in request.form:
                order = appointments.give_back(db, number, None, now)
                text = _("订单 {number} 的取书时间退掉了。", number=order.number)
            elif starts is None:
                raise NoAppointment(number, "outside")
            else:
                made = appointments.book(db, number, None, starts, desk.policy, now)
                text = _("订单 {number} 约在 {moment} 来取。", number=number, moment=_.moment(made.starts_at))
                said = f"{made.starts_at.astimezone(LIBRARY_ZONE):%m-%d %H:%M}"
            staff.log(db, current_user.name, "book_appointment", f"order:{number}", now, starts=said)
        tell(text)
    except NoAppointment as error:
        tell(_(WRONG[error.why], number=number), "stop")
    except UnknownThing as error:
        if error.kind != "appointment":
            raise
        tell(_("订单 {number} 没有约好的时间，什么都没改。", number=number), "stop")
    return redirect(url_for("admin.order", number=number))


def _moment(asked: str) -> datetime | None:
    with suppress(ValueError):
        moment = parse_stamp(asked)
        return moment if moment.tzinfo is not None and stamp(moment) == asked else None
    return None


def set_point_slots(desk: Desk) -> AnyResponse | tuple[str, int]:
    """Whether a counter takes appointments, how long each is and for how many orders; those booked stay."""
    _, form = desk.say(), request.form
    point = next((one for one in catalogue.points(desk.db, "branch") if str(one.id) == form.get("point")), None)
    if point is None or point.is_bus:
        raise UnknownThing("point", form.get("point", "")[:40])
    minutes, most = (_number(form.get(name, "")) for name in ("slot_minutes", "slot_orders"))
    takes = "takes" in form
    if takes and (minutes not in MINUTES or most not in ORDERS):
        said = {"least": MINUTES[0], "most": MINUTES[-1], "orders": ORDERS[-1]}
        tell(_("每段写 {least} 到 {most} 分钟，每段最多 {orders} 单，什么都没改。", **said), "stop")
        return again("calendar")
    kept = (minutes, most) if takes else (None, None)
    with writing(desk.db) as db:
        set_slots(db, point.id, *kept)
        facts = dict(zip(("slot_minutes", "slot_orders"), kept, strict=True))
        staff.log(db, current_user.name, "point_slots", f"point:{point.id}", desk.now(), **facts)
    tell(_("开好了，读者下单以后就可以约。") if takes else _("不再收新的预约；已经约好的照旧。"))
    return redirect(url_for("admin.calendar", point=point.id))


def _number(asked: str) -> int | None:
    text = asked.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None

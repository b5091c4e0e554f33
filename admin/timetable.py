"""大篷车的停靠表: a bus's stops, edited where others have their hours; one stop of one day called off (A10-15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import N_, Desk, Words
from admin.guard import tell
from admin.pages import again, changed_since
from bot import escalations
from lending import appointments, calendar, catalogue, closings, events, moved_answers, moved_promises, stops
from lending.catalogue import Point
from lending.closings import SpecialDays
from lending.database import writing
from lending.errors import UnknownThing
from lending.points import set_stops
from lending.stops import Stop, Visit

WEEKDAYS = {
    "mon": N_("周一"), "tue": N_("周二"), "wed": N_("周三"), "thu": N_("周四"), "fri": N_("周五"), "sat": N_("周六"),
    "sun": N_("周日"),
}  # fmt: skip
STALE = N_("没有改：这一页打开以后有同事改过。现在存着：{kept}。您写的在下面，核对以后再存。")
SPARE = 2  # empty lines to write new stops in
FIELDS = ("day", "date", "from", "to", "place", "place_en", "spot", "off")
WRONG = {
    "day": N_("「只一天」的停靠要写上日期，什么都没改。"),
    "hours": N_("每一站都要写几点到几点，开走要晚于到站，什么都没改。"),
    "place": N_("每一站都要写地点，不超过 {n} 个字，什么都没改。"),
    "spot": N_("位置写成「纬度, 经度」，不知道就空着，什么都没改。"),
    "meet": N_("有两站的时间重叠了，一辆车去不了两处，什么都没改。"),
    "many": N_("一辆车最多 {n} 站，什么都没改。"),
}


def add_to(made: Blueprint, desk: Desk) -> None:
    """A bus's stops, and one stop called off."""
    made.add_url_rule("/calendar/stops", "bus_stops", partial(set_bus_stops, desk), methods=["POST"])
    made.add_url_rule("/calendar/stop-off", "stop_off", partial(call_off, desk), methods=["POST"])


def lines(bus: Point, form: Mapping[str, str]) -> list[dict[str, str]]:
    """The stops as fields to write in: what was just sent and refused, else what stands, and some empty lines."""
    if form:
        return list(_sent(form))
    return [_fields(stop) for stop in bus.stops] + [dict.fromkeys(FIELDS, "")] * SPARE


def _sent(form: Mapping[str, str]) -> list[dict[str, str]]:
    count = sum(name.startswith("place_en") for name in form)
    return [{name: form.get(f"{name}{n}", "").strip() for name in FIELDS} for n in range(min(count, 2 * stops.MOST))]


def _fields(stop: Stop) -> dict[str, str]:
    begins, ends = stop.hours.split("-")
    spot = "" if stop.lat is None else f"{stop.lat}, {stop.lon}"
    day, on = (stop.day, "") if stop.weekly else ("", stop.day)
    return {
        "day": day, "date": on, "from": begins, "to": ends, "place": stop.place, "place_en": stop.place_en,
        "spot": spot, "off": "",
    }  # fmt: skip


def _stop(line: Mapping[str, str]) -> Stop:
    """Raises ValueError for a place on the map that cannot be read."""
    lat = lon = None
    if line["spot"]:
        lat, lon = (float(part) for part in line["spot"].replace("，", ",").split(","))
    day, hours = line["day"] or line["date"], f"{line['from']}-{line['to']}"
    return Stop(day, hours, line["place"], line["place_en"], lat, lon)


def edited(point: Point) -> tuple[object, ...]:
    """What the form for a point's hours, or a bus's stops, changes."""
    return point.opens, point.branch_type, point.stops


def _listed(_: Words, some: Iterable[Stop]) -> str:
    return _.listed(f"{_(WEEKDAYS.get(one.day, one.day))} {one.hours} {one.place}" for one in some)


def _bus(desk: Desk, asked: str) -> Point:
    """Raises UnknownThing for what is no bus."""
    found = next((one for one in catalogue.points(desk.db) if str(one.id) == asked and one.is_bus), None)
    if found is None:
        raise UnknownThing("point", asked[:40])
    return found


def set_bus_stops(desk: Desk) -> AnyResponse | tuple[str, int]:
    """The whole timetable without the lines that are ticked off or empty. What waits on the bus moves with it."""
    _, form = desk.say(), request.form
    bus, wrong = _bus(desk, form.get("point", "")), ""
    written = [line for line in _sent(form) if not line["off"] and any(line[name] for name in FIELDS[1:])]
    try:
        made = [_stop(line) for line in written]
        wrong = stops.wrong(made)
    except ValueError:
        wrong = "spot"
    if wrong:
        tell(_(WRONG[wrong], n=stops.MOST if wrong == "many" else stops.LONGEST), "stop")
        return again("calendar")
    with writing(desk.db) as db:
        now = catalogue.point(db, bus.id)
        if not (stale := changed_since(*edited(now))):
            set_stops(db, bus.id, made)
            staff.log(db, current_user.name, "bus_stops", f"point:{bus.id}", desk.now(), stops=_listed(_, made))
            closings.settle(db, desk.policy, desk.now())
    if stale:
        tell(_(STALE, kept=_listed(_, now.stops)), "stop")
        return again("calendar", 409)
    tell(_("已改好。以后的取书日和保留日都按新的停靠表算。"))
    say_what_fell(desk, 0)
    return redirect(url_for("admin.calendar", point=bus.id))


def call_off(desk: Desk) -> AnyResponse | tuple[str, int]:
    """One stop of one day: an emergency closing, or, where others are left that day, their hours alone."""
    _, form = desk.say(), request.form
    bus, reason = _bus(desk, form.get("point", "")), " ".join(form.get("reason", "").split())
    visits = _visits(desk, bus, form.get("day", ""))
    left = [one.hours for one in visits if one.hours != form.get("hours")]
    if not reason or len(left) == len(visits):
        tell(_("请写上原因，读者会看到。") if not reason else _("那一站已经取消了，什么都没改。"), "stop")
        return again("calendar")
    day, hours = visits[0].day, ",".join(left)
    try:
        made = closings.declare(
            desk.db, bus.id, day, day, reason, current_user.shown_as, desk.policy, desk.now(), hours, emergency=True
        )
    except closings.BadDays:  # a colleague was faster by a moment
        tell(_("那一站已经取消了，什么都没改。"), "stop")
        return again("calendar")
    with writing(desk.db) as db:
        facts = {"first": str(day), "last": str(day), "hours": hours, "reason": reason}
        staff.log(db, current_user.name, "special_days", f"special_days:{made}", desk.now(), **facts)
    tell(declared(desk, made))
    say_what_fell(desk, 0)
    return redirect(url_for("admin.calendar"))


def declared(desk: Desk, special_id: int) -> str:
    """That the days are declared, and how many dates moved for it."""
    _, n = desk.say(), moved(desk, closings.special_days(desk.db, special_id))
    if not n:
        return _("已登记，没有要顺延的日期。")
    return _.n("已登记，{n} 个日期顺延了，读者会收到消息。", "已登记，{n} 个日期顺延了，读者会收到消息。", n)


def say_what_fell(desk: Desk, booked: int) -> None:
    """Of `booked` times to fetch books, how many are gone; and that activities on closed days wait for a person."""
    _, now = desk.say(), desk.now()
    if (gone := booked - appointments.how_many(desk.db, now)) > 0:
        tell(_.n("{n} 个约好的取书时间退掉了，读者会收到消息。", "{n} 个约好的取书时间退掉了，读者会收到消息。", gone))
    if n := events.shut_out(desk.db, desk.policy, now):
        told = _.n("有 {n} 个活动排在闭馆的日子：请到「活动」改期、改地方，或者取消。",
                   "有 {n} 个活动排在闭馆的日子：请到「活动」改期、改地方，或者取消。", n)  # fmt: skip
        tell(told, "stop")


def moved(desk: Desk, one: SpecialDays) -> int:
    """How many dates stand later because of it: of books, of orders, and of answers."""
    if one.hours:  # people work that day: no answer moves for it
        return one.moved
    gone = moved_promises.declared(desk.db, one.id)
    return one.moved + moved_answers.counted(desk.db, gone, escalations.ANSWERS)


def _visits(desk: Desk, bus: Point, day: str) -> list[Visit]:
    """The bus's stops of that day that are still to come."""
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        return []
    visits = calendar.load(desk.db, desk.policy).visits(bus, asked)
    return visits if visits and visits[-1].ends > desk.now() else []

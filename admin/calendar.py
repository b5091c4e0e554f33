"""日历: opening hours of each point, special days and emergency closings, and which public holidays are known."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff, timetable
from admin.desk import N_, Desk, Words
from admin.guard import tell
from admin.pages import again, changed_since, page, seen, written
from bot import escalations
from lending import appointments, calendar, catalogue, cities, closings, floating, holidays
from lending.closings import BadDays
from lending.database import writing
from lending.errors import CannotChange, UnknownThing
from lending.model import library_day
from lending.points import WEEK, Point, set_branch_type, set_city, set_hours

DAYS = {**timetable.WEEKDAYS, "holiday": N_("节假日"), "working": N_("调休上班日")}
TYPES = {  # A10-18
    "": N_("没有登记"), "public": N_("公共图书馆分馆"), "home": N_("家庭图书室"), "community": N_("社区图书室"),
}  # fmt: skip
WRONG = {
    "order": N_("结束的那天要在开始之后，什么都没改。"),
    "past": N_("过去的日子不能再改，什么都没改。"),
    "hours": N_("时间写成 09:00-12:00,14:00-21:00 这样，从早到晚，什么都没改。"),
    "long": N_("全馆一次最多登记闭馆一年，什么都没改。"),
    "twice": N_("这几天已经这样登记过了，见上面，什么都没改。"),
}
SHOWN_DAYS = 14
REFUSED = ("point_hours", "point_city", "point_slots", "bus_stops", "stop_off")  # forms on the page of one point


def add_to(made: Blueprint, desk: Desk) -> None:
    """The page, special days declared and taken back, a point's hours."""
    made.add_url_rule("/calendar", "calendar", partial(show, desk))
    made.add_url_rule("/calendar", "declare_days", partial(declare, desk), methods=["POST"])
    back = f"/calendar/<int(max={2**63 - 1}):id>/back"
    made.add_url_rule(back, "take_days_back", partial(take_back, desk), methods=["POST"])
    made.add_url_rule("/calendar/hours", "point_hours", partial(set_point_hours, desk), methods=["POST"])
    made.add_url_rule("/calendar/city", "point_city", partial(set_point_city, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """The next two weeks of every point, what is declared, the week's hours, the years' holidays."""
    today, points = library_day(desk.now()), catalogue.points(desk.db)
    days = calendar.load(desk.db, desk.policy)
    ahead = [today + timedelta(days=n) for n in range(SHOWN_DAYS)]
    branches = [point for point in points if point.kind == "branch"]
    asked = _asked()
    chosen = next((point for point in points if str(point.id) == asked), None)
    return page(
        "calendar.html", cities=desk.cities(),
        today=today, ahead=ahead, points=points, names={point.id: point for point in points},
        rows=[(point, [_cell(desk.say(), days, point, day) for day in ahead]) for point in branches],
        public={day: holidays.public_day(day) for day in ahead}, declared=closings.declared(desk.db, today),
        moved=partial(timetable.moved, desk),
        chosen=chosen, seen=seen(*timetable.edited(chosen)) if chosen else "",
        lockers=[point for point in points if point.kind == "locker"],
        known=dict.fromkeys(point.city for point in points if point.city), types=TYPES, day_names=DAYS,
        lines=timetable.lines(chosen, written("bus_stops")) if chosen else [],
        visits=days.coming(chosen, desk.now()) if chosen and chosen.is_bus else [],
        years=[(*_year(number), desk.words(desk.language(), number)) for number in (today.year, today.year + 1)],
        slots=desk.policy.slots, grace=desk.policy.calendar.grace_days, keep=desk.policy.calendar.give_back_days,
    )  # fmt: skip


def _asked() -> str:
    """The point whose hours or stops are wanted, or were just refused."""
    refused = next((form for name in REFUSED if (form := written(name))), {})
    return refused.get("point", "") or request.args.get("point", "")


def _cell(_: Words, days: calendar.Calendar, point: Point, day: date) -> list[str]:
    """A day's spans; of a bus with the place of each."""
    if point.is_bus:
        return [f"{one.hours} {_.called(one.stop.place, one.stop.place_en)}" for one in days.visits(point, day)]
    return [span for span in days.hours(point, day).split(",") if span]


def _year(number: int) -> tuple[int, bool, list[tuple[str, date, date, list[date]]]]:
    """The year, whether its notice is in, and each holiday: name, first and last day off, weekend days worked."""
    found: dict[str, list[holidays.PublicDay]] = {}
    for one in holidays.year(number).values():
        found.setdefault(one.name, []).append(one)
    lines = []
    for name, days in found.items():
        off = sorted(one.day for one in days if not one.working)
        lines.append((name, off[0], off[-1], sorted(one.day for one in days if one.working)))
    return number, holidays.announced(number), sorted(lines, key=lambda line: line[1])


def _point(desk: Desk, asked: str) -> int:
    found = next((point.id for point in catalogue.points(desk.db) if str(point.id) == asked), None)
    if found is None:
        raise UnknownThing("point", asked[:40])
    return found


def declare(desk: Desk) -> AnyResponse | tuple[str, int]:
    """Closed, or open at other hours; readers whose dates move are told."""
    _, form = desk.say(), request.form
    reason = " ".join(form.get("reason", "").split())
    try:
        first, last = date.fromisoformat(form.get("first", "")), date.fromisoformat(form.get("last", ""))
    except ValueError:
        reason = ""
    if not reason:
        tell(_("请写上日期和原因，读者会看到原因。"), "stop")
        return again("calendar")
    point = _point(desk, form["point"]) if form.get("point") else None
    booked = appointments.how_many(desk.db, desk.now())
    try:
        made = closings.declare(
            desk.db, point, first, last, reason, current_user.shown_as, desk.policy, desk.now(),
            form.get("hours", "").replace("，", ",").replace(" ", ""), emergency="emergency" in form,
            answers=escalations.ANSWERS,
        )  # fmt: skip
        facts = {"first": str(first), "last": str(last), "reason": reason}
        _log(desk, "special_days", made, **facts)
    except BadDays as error:
        tell(_(WRONG[error.why]), "stop")
        return again("calendar")
    tell(timetable.declared(desk, made))
    timetable.say_what_fell(desk, booked)
    if point in calendar.gone(desk.db, first):
        _say_what_is_left(desk, point or 0)
    return redirect(url_for("admin.calendar"))


def _say_what_is_left(desk: Desk, point: int) -> None:
    """It is for good: nobody can choose it any more, and what was to be fetched there is a person's to settle."""
    _, n = desk.say(), len(closings.left_there(desk.db, point, desk.now()))
    tell(_("关一年以上，算不再开了：读者取书时不会再看到这个网点。"))
    if books := floating.standing_at(desk.db, point):
        told = _.n(
            "那里架上还有 {n} 册书，关了以后读者借不到：请搬到别的馆，在那里扫一下就又能借。"
            "该搬去哪里，「找书、取书、调书」里列着。",
            "那里架上还有 {n} 册书，关了以后读者借不到：请搬到别的馆，在那里扫一下就又能借。"
            "该搬去哪里，「找书、取书、调书」里列着。",
            books,
        )
        tell(told, "stop")
    if n:
        told = _.n(
            "还有 {n} 件要在那里取，读者会收到消息：没放好的，读者自己能换个地方取，您也可以在订单页上替他换；"
            "放好没来取的请拿走。",
            "还有 {n} 件要在那里取，读者会收到消息：没放好的，读者自己能换个地方取，您也可以在订单页上替他换；"
            "放好没来取的请拿走。",
            n,
        )
        tell(told, "stop")


def _log(desk: Desk, action: str, special_id: int, **facts: object) -> None:
    """Apart from the change, which moves many dates in several turns and keeps who made it by itself."""
    with writing(desk.db) as db:
        staff.log(db, current_user.name, action, f"special_days:{special_id}", desk.now(), **facts)


def take_back(desk: Desk, id: int) -> AnyResponse:
    """Open after all."""
    _ = desk.say()
    try:
        moved = closings.take_back(
            desk.db, id, current_user.shown_as, desk.policy, desk.now(), escalations.ANSWERS
        )  # fmt: skip
        _log(desk, "days_taken_back", id, moved=moved)
    except CannotChange:
        tell(_("这条已经撤回或已经过去了，什么都没改。"), "stop")
        return redirect(url_for("admin.calendar"))
    if moved:
        tell(_.n("已撤回，{n} 个日期改了回去，读者会收到消息。", "已撤回，{n} 个日期改了回去，读者会收到消息。", moved))
    else:
        tell(_("已撤回，没有要改回去的日期。"))
    return redirect(url_for("admin.calendar"))


def set_point_hours(desk: Desk) -> AnyResponse | tuple[str, int]:
    """A point's week; an empty day is closed, an empty field for holidays follows the library's rule."""
    _, form = desk.say(), request.form
    point = _point(desk, form.get("point", ""))
    opens = {day: form.get(day, "").replace("，", ",").replace(" ", "") for day in DAYS}
    if not all(closings.readable(hours) for hours in opens.values()) or not any(opens[day] for day in WEEK):
        tell(_(WRONG["hours"]), "stop")
        return again("calendar")
    for day in ("holiday", "working"):
        if form.get(f"{day}_closed"):
            opens[day] = ""
        elif not opens[day]:
            del opens[day]
    booked = appointments.how_many(desk.db, desk.now())
    with writing(desk.db) as db:
        now = catalogue.point(db, point)
        if not (stale := changed_since(*timetable.edited(now))):
            set_hours(db, point, opens)
            house = {name: value for name, value in form.items() if name == "branch_type" and value in TYPES}
            for chosen in house.values():
                set_branch_type(db, point, chosen)
            staff.log(db, current_user.name, "point_hours", f"point:{point}", desk.now(), **opens, **house)
            closings.settle(db, desk.policy, desk.now())
    if stale:
        kept = _.listed(f"{_(DAYS[day])} {hours or _('闭馆')}" for day, hours in now.opens.items())
        tell(_(timetable.STALE, kept=kept), "stop")
        return again("calendar", 409)
    tell(_("已改好。以后的到期日和保留日都按新的时间算。"))
    timetable.say_what_fell(desk, booked)
    return redirect(url_for("admin.calendar"))


def set_point_city(desk: Desk) -> AnyResponse | tuple[str, int]:
    """In which city a point is; empty is none. A city of another point brings its English name."""
    _, form = desk.say(), request.form
    point = _point(desk, form.get("point", ""))
    given, english = (form.get(name, "").strip() for name in ("city", "city_en"))
    if not cities.may_be_called(given) or not cities.may_be_called(english) or (english and not given):
        text = _("城市写成「湖州」「Huzhou」这样，只写文字，不超过 {n} 个；要有中文的。什么都没改。", n=cities.LONGEST)
        tell(text, "stop")
        return again("calendar")
    city = cities.short(given)
    with writing(desk.db) as db:
        set_city(db, point, city, english)
        now = catalogue.point(db, point)
        staff.log(
            db, current_user.name, "point_city", f"point:{point}", desk.now(), city=now.city, city_en=now.city_en
        )
    tell(_("记好了：在{city}。", city=city) if city else _("记好了：不归哪座城市。"))
    return redirect(url_for("admin.calendar", point=point))

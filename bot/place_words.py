"""Places in words: how far, whose house, and where the bus stops next (A10-14, A10-15, A10-18)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from bot.books import place_name
from bot.texts import N_, Words
from lending import calendar, points
from lending.calendar import Calendar
from lending.database import Database
from lending.points import Point
from lending.policy import Policy
from lending.rules import Desk, Nearby
from lending.stops import WEEK, Stop, Visit

DAYS = {
    "mon": N_("周一"), "tue": N_("周二"), "wed": N_("周三"), "thu": N_("周四"),
    "fri": N_("周五"), "sat": N_("周六"), "sun": N_("周日"),
}  # fmt: skip
TYPES = {"public": N_("公共图书馆分馆"), "home": N_("家庭图书室"), "community": N_("社区图书室")}


def desk_hours(_: Words, desk: Desk) -> str:
    """When people work: 周一至周五 09:00–18:00; the hours alone where that is every day."""
    hours = _("{opens}–{closes}", opens=f"{desk.opens:%H:%M}", closes=f"{desk.closes:%H:%M}")
    if len(set(desk.weekdays)) == len(WEEK):
        return hours
    runs = [list(run) for on, run in groupby(WEEK, lambda day: WEEK.index(day) + 1 in desk.weekdays) if on]
    names = [(_(DAYS[run[0]]), _(DAYS[run[-1]])) for run in runs]
    days = [first if first == last else _("{first}至{last}", first=first, last=last) for first, last in names]
    return _("{days} {hours}", days=_.listed(days), hours=hours)


def of_lockers(_: Words, known: Iterable[Point], always: str, otherwise: str) -> list[str]:
    """What is said of lockers that never shut, and the hours of each where some do."""
    boxes = [one for one in known if one.kind == "locker"]
    if all(points.always_open(one) for one in boxes):
        return [always]
    said = {one.id: _("24 小时") if points.always_open(one) else hours(_, one) for one in boxes}
    return [otherwise, *(_("· {place} {hours}", place=place_name(_, one), hours=said[one.id]) for one in boxes)]


def hours(_: Words, point: Point) -> str:
    """周二至周日 09:00-21:00，周一闭馆."""
    said = []
    for group in points.hours(point):
        days = _(DAYS[group.first])
        if group.first != group.last:
            days = _("{first}至{last}", first=_(DAYS[group.first]), last=_(DAYS[group.last]))
        said.append(f"{days} {_.listed(group.spans)}" if group.spans else _("{days}闭馆", days=days))
    return "，".join(said) if _.language != "en" else ", ".join(said)


def distance(_: Words, metres: int, nearby: Nearby) -> str:
    """350 米（走路约 6 分钟） · 4.1 公里, as the crow flies."""
    away = _("{n} 米", n=metres) if metres < 1000 else _("{n} 公里", n=f"{metres / 1000:.1f}")
    minutes = -(-metres // nearby.walk_metres_a_minute) or 1
    if minutes > nearby.walk_minutes:
        return away
    return _.n("{away}（走路约 {n} 分钟）", "{away}（走路约 {n} 分钟）", minutes, away=away)


def stop_name(_: Words, stop: Stop) -> str:
    """Where it stands, in the reader's language."""
    return _.called(stop.place, stop.place_en)


def visit(_: Words, one: Visit, now: datetime) -> str:
    """12月2日（周三） 14:00-15:30 望川区梅坞村; or that it stands there now."""
    place = stop_name(_, one.stop)
    if one.begins < now:
        return _("现在停在{place}，{time} 开走", place=place, time=_.time(one.ends))
    return _("{day} {hours} {place}", day=_.date(one.day), hours=one.hours, place=place)


def next_stop(_: Words, days: Calendar, bus: Point, now: datetime) -> str:
    """The next of all its stops, or the one where it stands."""
    coming = days.coming(bus, now)
    if not coming:
        return _("还没有排定下一站")
    said = visit(_, coming[0], now)
    return said if coming[0].begins < now else _("下一站 {visit}", visit=said)


def first_stop(_: Words, days: Calendar, bus: Point, ready: datetime) -> str:
    """The first stop to which it can bring what is ready by then."""
    coming = [one for one in days.coming(bus, ready) if one.begins >= ready]
    return _("备好后先到 {visit}", visit=visit(_, coming[0], ready)) if coming else _("还没有排定下一站")


def stops_until(_: Words, db: Database, point: Point, policy: Policy, now: datetime, until: datetime) -> str:
    """For whoever fetches something from a bus: the next visit to each of its places by then, a line each; else ''."""
    if not point.is_bus:
        return ""
    coming = [one for one in calendar.load(db, policy).coming(point, now) if one.begins <= until]
    return "".join(f"\n· {visit(_, one, now)}" for one in coming)

"""Places in words: how far, whose house, and where the bus stops next (A10-14, A10-15, A10-18)."""

from __future__ import annotations

from datetime import datetime

from bot.texts import N_, Words
from lending import calendar
from lending.calendar import Calendar
from lending.database import Database
from lending.points import Point
from lending.policy import Policy
from lending.rules import Nearby
from lending.stops import Stop, Visit

TYPES = {"public": N_("公共图书馆分馆"), "home": N_("家庭图书室"), "community": N_("社区图书室")}


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

"""An activity in words: when, where, how many seats; one wording for the talk and for the news."""

from __future__ import annotations

from datetime import datetime

from bot.books import place_name
from bot.texts import Words
from lending import catalogue
from lending.database import Database
from lending.events import Event
from lending.model import library_day


def when(_: Words, one: Event) -> str:
    """11月28日（周六） 15:00–16:30; over several days, both ends."""
    same = library_day(one.starts_at) == library_day(one.ends_at)
    ends = _.time(one.ends_at) if same else _.moment(one.ends_at)
    return f"{_.moment(one.starts_at)}–{ends}" if same else f"{_.moment(one.starts_at)} – {ends}"


def where(_: Words, db: Database, one: Event) -> str:
    """The branch, the room in it, or the place in words."""
    branch = place_name(_, catalogue.point(db, one.point_id)) if one.point_id is not None else ""
    return " · ".join(part for part in (branch, one.place) if part)


def seats(_: Words, one: Event, now: datetime) -> str:
    """What is left, or how many wait."""
    if not one.open_for_sign_up(now):
        return _("报名截止了")
    if one.left > 0:
        return _.n("还有 {n} 个位子", "还有 {n} 个位子", one.left)
    return _.n("满了，{n} 位在排队", "满了，{n} 位在排队", one.waiting) if one.waiting else _("满了，可以排队")


def line(_: Words, db: Database, one: Event, now: datetime) -> str:
    """A line of a list."""
    told = " · ".join((when(_, one), where(_, db, one), seats(_, one, now)))
    return f"{one.name}\n{told}"

"""大篷车: when the book bus comes where, the nearest stop first when the reader says where they are (A10-15)."""

from __future__ import annotations

import re

from bot import cities, place_words
from bot.books import place_name
from bot.events import Button
from bot.folding import fold
from bot.handlers import opening
from bot.talk import Rows, Talk
from bot.texts import menu, rows
from lending import calendar, catalogue, points
from lending.catalogue import Point
from lending.model import library_day
from lending.stops import Visit

NAMES = re.compile(
    r"大篷车|流动(图书车|书车|图书馆)|汽车图书馆|图书车"
    r"|\b(book ?(bus|van|mobile)|mobile library|library (bus|van))\b"
)


def asked(text: str) -> bool:
    """Whether the book bus is named."""
    return bool(NAMES.search(fold(text)))


def show(talk: Talk) -> None:
    """The next visit to each of its places, the next first."""
    _, seen = talk._, cities.view(talk)
    buses = seen.first(_buses(talk))
    if not buses:
        return talk.say(_("我们这里没有流动图书车。离您近的网点在这里："), rows(menu(_, "find_branches")))
    talk.memory["bus"] = True  # a location sent now asks for its stops
    days = calendar.load(talk.db, talk.policy)
    lines = []
    for bus in buses:
        coming = days.coming(bus, talk.now)
        lines.append(_("{name}接下来这样走：", name=seen.called(_, bus)))
        lines += [f"· {place_words.visit(_, one, talk.now)}" for one in coming] or [_("· 还没有排定下一站")]
    lines += opening.coming(talk, library_day(talk.now), {bus.id for bus in buses})
    lines.append(_("车上能还书，也能取您在这里借的书，都不收费。"))
    talk.say("\n".join(lines), ((Button(_("发送位置，最近的排在前面"), ask="location"),), *_ways(talk, buses)))


def show_nearest(talk: Talk, location: tuple[float, float]) -> None:
    """Its places with their next visit, the nearest first; those not on the map at the end."""
    _, buses = talk._, _buses(talk)
    days = calendar.load(talk.db, talk.policy)
    found = [(points.metres_to(one.stop, *location), one) for bus in buses for one in days.coming(bus, talk.now)]
    found.sort(key=lambda pair: (pair[0] is None, pair[0] or 0))
    lines = [_line(talk, n, metres, one) for n, (metres, one) in enumerate(found, 1)]
    talk.say("\n".join([_("大篷车的停靠点，离您近的在前（位置只用这一次，不保存）："), *lines]), _ways(talk, buses))


def _line(talk: Talk, n: int, metres: int | None, one: Visit) -> str:
    away = "" if metres is None else place_words.distance(talk._, metres, talk.policy.nearby)
    return " ".join(filter(None, (f"{n}.", away, place_words.visit(talk._, one, talk.now))))


def _buses(talk: Talk) -> list[Point]:
    return [point for point in catalogue.points(talk.db, "branch") if point.is_bus]


def _ways(talk: Talk, buses: list[Point]) -> Rows:
    """On with the order that is being made, or the bus as the usual place."""
    _ = talk._
    action = "w:counter:{}" if talk.memory.get("way") or _chooses(talk) else "like:{}"
    here = (Button(_("在{name}取书", name=place_name(_, bus)), action.format(bus.id)) for bus in buses)
    return rows(*here, menu(_, "find_branches"), menu(_, "return_books"))


def _chooses(talk: Talk) -> bool:
    """Whether the ways to get the books stand there."""
    return any(action.startswith("w:") for action, _label in talk.memory.get("choices", []))

"""A book in words: its name, its line, what can be borrowed, its card; nothing that is not known is named (A7-5)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.events import Button, Card
from bot.texts import Words
from lending.catalogue import Availability, Point, Title
from lending.cities import City
from search import browse

SHELF_PLACE = re.compile(r"(?P<floor>\d+)楼(?P<area>[A-Z])区 (?P<rack>\d+)架")


def summary(_: Words, title: Title, stock: Availability, place: str = "", count: str = "") -> str:
    """A book in a few lines, with where it stands; nothing that is not known is named (A7-5).

    `count` says how many can be borrowed where something else is to be said than the sum.
    """
    lines = (name(title), byline(title), " · ".join(part for part in (count or stock_line(_, stock), place) if part))
    return "\n".join(line for line in lines if line)


def name(title: Title) -> str:
    """《标题 卷：副题》."""
    volume = f" {title.volume}" if title.volume else ""
    subtitle = f"：{title.subtitle}" if title.subtitle else ""
    return f"《{title.title}{volume}{subtitle}》"


def label(title: Title) -> str:
    """A short name for a button."""
    text = f"《{title.title}{' ' + title.volume if title.volume else ''}》"
    return text if len(text) <= 24 else text[:22] + "…》"


def byline(title: Title) -> str:
    """Author · publisher · year, as far as known."""
    authors = title.authors[:3]
    parts = [(", " if all(map(str.isascii, authors)) else "、").join(authors), title.publisher, str(title.year or "")]
    return " · ".join(part for part in parts if part)


def stock_line(_: Words, stock: Availability) -> str:
    """How many can be borrowed now."""
    if stock.available:
        return _.n("可借 {n} 本", "可借 {n} 本", stock.available)
    if not stock.total:
        return _("馆里现在一册也没有")
    if stock.shut:
        return _("在关了的馆里，等馆员搬出来才能借")
    waiting = _.n("，{n} 人在等", "，{n} 人在等", stock.waiting) if stock.waiting else ""
    return _("都借出去了") + waiting


def card(_: Words, title: Title, stock: Availability, place: str = "", count: str = "") -> Card:
    """The same as a card."""
    buttons = book_buttons(_, title.id, stock)[:2]
    return Card(name(title), byline(title), place or title.clc, count or stock_line(_, stock), title.clc[:1], buttons)


def standing(
    _: Words, stock: Availability, points: Mapping[int, Point], at: int | None = None, city: str = ""
) -> str:  # fmt: skip
    """Where a copy can be taken from: call number, branch and shelf; at that branch if one is named (A8-3).

    Otherwise in that city if one stands there (A2-16).
    """
    near = sorted(stock.places, key=lambda place: bool(city) and points[place.point_id].city != city)
    place = next((place for place in near if at in (None, place.point_id)), None)
    if place is None:
        return ""
    where = (place.call_number, place_name(_, points[place.point_id]), shelf_place(_, place.shelf))
    return " ".join(part for part in where if part)


def shelf_place(_: Words, written: str) -> str:
    """ "3楼B区 19架" in the reader's language; what a library writes otherwise stays as it is."""
    found = SHELF_PLACE.fullmatch(written)
    return _("{floor}楼{area}区 {rack}架", **found.groupdict()) if found else written


def book_buttons(_: Words, title_id: int, stock: Availability) -> tuple[Button, ...]:
    """What can be done with a book now, the likeliest first."""
    if stock.available:
        return (Button(_("借这本"), f"b:{title_id}"), Button(_("详情"), f"t:{title_id}"))
    if stock.total:
        return (Button(_("预约这本"), f"hold:{title_id}"), Button(_("详情"), f"t:{title_id}"))
    return (Button(_("详情"), f"t:{title_id}"),)


def class_name(_: Words, clc: str) -> str:
    """The class in words, in the reader's language."""
    shelf = browse.classify(clc)
    return shelf_name(_, shelf) if shelf.code else ""


def shelf_name(_: Words, shelf: browse.Shelf) -> str:
    """A class or shelf in the reader's language; the traditional form comes from the catalogue of words."""
    return shelf.english if _.language == "en" else _(shelf.name)


def place_name(_: Words, point: Point) -> str:
    """A point's name in the reader's language."""
    return _.called(point.name, point.name_en)


def city_name(_: Words, city: City) -> str:
    """A city's name in the reader's language (A2-16)."""
    return city.name_en if _.language == "en" and city.name_en else _(city.name)

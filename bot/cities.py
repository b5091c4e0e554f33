"""Cities in words (A2-16): whose places come first in this turn, and how a place of another city is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.books import city_name, place_name
from bot.events import Button
from bot.folding import fold, letters
from bot.talk import Talk
from bot.texts import Words
from lending import cities, readers
from lending.catalogue import Availability
from lending.cities import City
from lending.points import Point

PAGE = 8
CHOOSE = "城市"  # what phrases.toml makes of a wish to choose one
AROUND = ("市图书馆", "图书馆", "市馆", "馆", "市", "city library", "library")


@dataclass(frozen=True, slots=True)
class View:
    """The cities there are and the reader's own; of a library in one city empty, and then nothing changes."""

    all: tuple[City, ...]
    mine: str

    def first(self, points: Iterable[Point]) -> list[Point]:
        """One's own city's before the others."""
        return cities.first(points, self.mine)

    def own(self, points: Iterable[Point]) -> list[Point]:
        """One's own city's only; all of them where no city is chosen, or none of these is in it."""
        points = list(points)
        return [point for point in points if self.mine and point.city == self.mine] or points

    def elsewhere(self, point: Point) -> bool:
        """Whether the point is in another city than the reader's."""
        return bool(self.mine and point.city and point.city != self.mine)

    def name(self, _: Words, city: str) -> str:
        """A city in the reader's language."""
        return city_name(_, next((one for one in self.all if one.name == city), City(city, "", 0)))

    def called(self, _: Words, point: Point) -> str:
        """A place by its name, with its city where that is not the reader's and the name does not tell it."""
        name, city = place_name(_, point), self.name(_, point.city) if point.city else ""
        told = not city or point.city == self.mine or letters(city) in letters(name)
        return name if told or not self.all else _("{city} · {place}", city=city, place=name)


NOWHERE = View((), "")


def view(talk: Talk, points: Iterable[Point] | None = None) -> View:
    """The cities as this reader sees them; `points` are all there are, where they are at hand."""
    known = cities.named(talk.db) if points is None else cities.among(points)
    return View(known, cities.own(known, talk.reader.city))


def called(known: Iterable[City], words: str) -> str:
    """The city that goes by this name, 湖州, 湖州市, 湖州图书馆 or Huzhou; '' for none."""
    said = fold(words).strip(" .,!?")
    bare = next((said.removesuffix(end) for end in AROUND if said.endswith(end)), said).strip()
    for city in known:
        if {said, bare} & {fold(city.name), fold(city.name_en)} - {""}:
            return city.name
    return ""


def mentioned(known: Iterable[City], text: str) -> str:
    """A city that stands in what was said ("湖州有哪些馆"); '' for none."""
    said = fold(text)
    return next((one.name for one in known if one.name in said or fold(one.name_en or one.name) in said), "")


def offer(talk: Talk, seen: View) -> tuple[str, tuple[Button, ...]]:
    """The one gentle offer to choose a city, where places are shown for the first time; ('', ()) ever after."""
    _ = talk._
    if not seen.all or talk.acting or talk.reader.city is not None or not readers.offer_city(talk.db, talk.reader.id):
        return "", ()
    count = len(seen.all)
    text = _.n(
        "这里有 {n} 座城市的图书馆，都能借。选好您的城市，就先看您那里的；不选也行。",
        "这里有 {n} 座城市的图书馆，都能借。选好您的城市，就先看您那里的；不选也行。",
        count,
    )
    return text, (Button(_("选城市"), "cities:0"),)


def page(_: Words, buttons: Sequence[Button], at: int, turn: str) -> tuple[list[Button], list[Button]]:
    """The buttons of that page or the last, and those that turn; `turn` is their action with {} for the page."""
    at = min(at, max(0, (len(buttons) - 1) // PAGE))
    turns = [Button(_("上一页"), turn.format(at - 1))] if at else []
    turns += [Button(_("下一页"), turn.format(at + 1))] if len(buttons) > (at + 1) * PAGE else []
    return list(buttons[at * PAGE : at * PAGE + PAGE]), turns


def take(_: Words, seen: View, city: str) -> Button:
    """To this city from now on."""
    return Button(_("以后先看{city}", city=seen.name(_, city)), f"city:{city}")


def others(talk: Talk, seen: View) -> tuple[Button, ...]:
    """To the places of the other cities, without changing one's own; none where no city is chosen."""
    return (Button(talk._("别的城市"), "cityp:"),) if seen.mine else ()


def stock_line(_: Words, seen: View, stock: Availability, points: Iterable[Point]) -> str:
    """How many can be borrowed in one's own city, and how many elsewhere; '' where that says no more than the sum.

    An order takes a copy from wherever it stands and brings it to the pick-up point, so each of them can be had.
    """
    if not seen.mine or not stock.available:
        return ""
    mine, more = cities.split(stock, points, seen.mine)
    city = seen.name(_, seen.mine)
    if not mine:
        return _.n(
            "{city}现在没有，别的城市可借 {n} 本，可以调来", "{city}现在没有，别的城市可借 {n} 本，可以调来",
            more, city=city,
        )  # fmt: skip
    here = _.n("{city}可借 {n} 本", "{city}可借 {n} 本", mine, city=city)
    return here + (_.n("，别的城市 {n} 本，可以调来", "，别的城市 {n} 本，可以调来", more) if more else "")

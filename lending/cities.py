"""One service over the libraries of several cities (A2-16): which there are, a reader's own, what stands in it.

A point without a city belongs to none. With fewer than two cities there are none to speak of: nothing is asked or said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lending import readers
from lending.catalogue import ON_SHELF, Availability
from lending.database import Database, Row, writing
from lending.errors import UnknownThing
from lending.points import Point, nearest
from lending.policy import Policy

LONGEST = 12  # characters; it stands on buttons
_WANTED = "COALESCE((SELECT city FROM points WHERE id = :p), (SELECT city FROM readers WHERE id = :r), '')"
NEAREST_COPY = (  # of copies c: at the pick-up point :p, in its city (sent home: in that of reader :r), elsewhere
    f"CASE WHEN c.point_id = :p THEN 0 WHEN {_WANTED} IN ('', (SELECT city FROM points WHERE id = c.point_id)) THEN 1 "
    "ELSE 2 END, c.id"
)
THE_COPY = (  # of title k.title_id, the copy that goes when reader :r orders it now: the one held for them, the nearest
    "COALESCE((SELECT c.id FROM holds h JOIN copies c ON c.hold_id = h.id AND c.state = 'reserved' "
    "WHERE h.reader_id = :r AND h.title_id = k.title_id AND h.state = 'ready' LIMIT 1), "
    "(SELECT c.id FROM copies c WHERE c.title_id = k.title_id AND "
    f"{ON_SHELF} ORDER BY {NEAREST_COPY} LIMIT 1))"
)


class City(NamedTuple):
    """A city by its names; `name_en` may be ''. `points` is how many service points it has."""

    name: str
    name_en: str
    points: int


class Stray(NamedTuple):
    """A copy that stands in another city than its own, and goes home; city and point are its home's."""

    copy_id: int
    city: str
    point_id: int


def may_be_called(name: str) -> bool:
    """Whether it can be said on a button; '' may."""
    most = LONGEST * 2 if name.isascii() else LONGEST
    return not name.strip() or (len(name) <= most and all(sign.isalpha() or sign in " '-·." for sign in name))


def short(name: str) -> str:
    """湖州市 as 湖州."""
    name = name.strip()
    return name.removesuffix("市") if len(name) > 2 else name


def among(points: Iterable[Point]) -> tuple[City, ...]:
    """The cities these points name, in the order they come; none where they name fewer than two."""
    found: dict[str, City] = {}
    for point in points:
        if point.city:
            before = found.get(point.city, City(point.city, "", 0))
            found[point.city] = City(point.city, before.name_en or point.city_en, before.points + 1)
    return tuple(found.values()) if len(found) > 1 else ()


def named(db: Database) -> tuple[City, ...]:
    """As `among` of all the points, in one short statement."""
    rows = db.all(
        "SELECT city, MAX(city_en) AS city_en, COUNT(*) AS n FROM points WHERE city <> '' "
        "GROUP BY city ORDER BY MIN(id)"
    )
    return tuple(City(row["city"], row["city_en"], row["n"]) for row in rows) if len(rows) > 1 else ()


def own(cities: Iterable[City], chosen: str | None) -> str:
    """The reader's city as long as there is one of that name; '' for all alike."""
    return next((city.name for city in cities if city.name == chosen), "")


def first(points: Iterable[Point], city: str) -> list[Point]:
    """The same points, those of the city before the others."""
    return sorted(points, key=lambda point: bool(city) and point.city != city)


def choose(db: Database, reader_id: int, name: str) -> None:
    """This city's places come first from now on; "" all alike. Raises UnknownThing for a city we are not in."""
    with writing(db) as db:
        if name and not own(named(db), name):
            raise UnknownThing("city", name[:20])
        readers.set_city(db, reader_id, name)


def at(points: Iterable[Point], lat: float, lon: float, policy: Policy) -> str:
    """In whose city somebody stands: that of the nearest point; '' where none is near, or it belongs to no city."""
    closest = nearest(points, lat, lon, 1)
    return closest[0][0].city if closest and closest[0][1] <= policy.cities.near_km * 1000 else ""


def split(stock: Availability, points: Iterable[Point], city: str) -> tuple[int, int]:
    """How many copies can be borrowed in the city, and how many elsewhere."""
    there = {point.id for point in points if point.city == city}
    mine = sum(place.n for place in stock.places if place.point_id in there)
    return mine, stock.available - mine


# ---- where books do not stay in another city (return_anywhere = false) ----------------------------------------------

STRAYS = (
    "SELECT c.id, c.barcode, t.title, c.call_number, '' AS shelf, c.point_id, c.home_point_id, home.city FROM copies c "
    "JOIN titles t ON t.id = c.title_id JOIN points here ON here.id = c.point_id "
    "JOIN points home ON home.id = c.home_point_id "
    "WHERE c.state = 'available' AND home.city <> '' AND here.city <> '' AND here.city <> home.city"
)


def strays(db: Database, policy: Policy, limit: int) -> Sequence[Row]:
    """Free copies that stand outside their city and are to be carried home; none where books stay anywhere."""
    if policy.cities.return_anywhere:
        return []
    return db.all(f"{STRAYS} ORDER BY c.point_id, c.home_point_id, c.id LIMIT :n", n=limit)


def stray(db: Database, barcode: str, policy: Policy) -> Stray | None:
    """Where that copy belongs, if it stands free in another city than its own."""
    if policy.cities.return_anywhere:
        return None
    row = db.one(f"{STRAYS} AND c.barcode = :barcode", barcode=barcode)
    return Stray(row["id"], row["city"], row["home_point_id"]) if row else None

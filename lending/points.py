"""Service points (网点): branches, lockers and book buses, where they are, when open, and the boxes of lockers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

import msgspec

from lending import by_hand
from lending.by_hand import BUS, Differing
from lending.database import Database, Row
from lending.errors import UnknownThing
from lending.stock import named
from lending.stops import WEEK, Stop, minutes

BOX_HOLDS = {"S": 2, "M": 5, "L": 10}  # books a box takes; the sources name no sizes, so the numbers are ours
EARTH_METRES = 6_371_000


@dataclass(frozen=True)
class Point:
    """A branch or a locker. `opens` maps mon … sun to "09:00-12:00,14:00-21:00"; a missing or empty day is closed.

    It may also have "holiday" and "working" (调休), see calendar.usual_hours. `branch_type` is '', 'public', 'home',
    'community' (公共图书馆分馆, 家庭图书室, 社区: A10-18) or 'bus', which has `stops` instead of hours and a place.
    A counter that takes appointments has how many minutes one is and for how many orders, see set_slots.
    `city` is '' where the library serves one city only (A2-16).
    """

    id: int
    code: str
    kind: str
    name: str
    name_en: str = ""
    level: str = ""
    parent_id: int | None = None
    district: str = ""
    address: str = ""
    address_en: str = ""
    near: str = ""
    phone: str = ""
    lat: float | None = None
    lon: float | None = None
    opens: dict[str, str] = field(default_factory=dict)
    branch_type: str = ""
    stops: tuple[Stop, ...] = ()
    slot_minutes: int | None = None
    slot_orders: int | None = None
    city: str = ""
    city_en: str = ""

    @property
    def takes_appointments(self) -> bool:
        """Whether readers may book a time to come for their books here (D 30)."""
        return self.slot_minutes is not None and not self.is_bus

    @property
    def is_bus(self) -> bool:
        """Whether it comes to its readers."""
        return self.branch_type == BUS


@dataclass(frozen=True)
class PointEntry:
    """A point to be stored; `parent` is a code, `boxes` counts boxes by size (S, M, L)."""

    code: str
    kind: str
    name: str
    name_en: str = ""
    level: str = ""
    parent: str = ""
    district: str = ""
    address: str = ""
    address_en: str = ""
    near: str = ""
    phone: str = ""
    lat: float | None = None
    lon: float | None = None
    opens: Mapping[str, str] = field(default_factory=dict)
    boxes: Mapping[str, int] = field(default_factory=dict)
    branch_type: str = ""
    stops: Sequence[Stop] = ()
    city: str = ""
    city_en: str = ""


EVERY_HOUR = "00:00-24:00"


class Hours(NamedTuple):
    """Days in a row with the same hours: ("mon", "fri", ("09:00-21:00",)); no spans means closed."""

    first: str
    last: str
    spans: tuple[str, ...]


def _point(row: Row) -> Point:
    stops = () if row["stops"] == "[]" else tuple(Stop(**one) for one in msgspec.json.decode(row["stops"]))
    return Point(**{**row, "opens": msgspec.json.decode(row["opens"]), "stops": stops})


def points(db: Database, kind: str | None = None) -> list[Point]:
    """Every point, or those of one kind ('branch', 'locker'), in the order they were stored."""
    found = db.all("SELECT * FROM points WHERE kind = coalesce(:kind, kind) ORDER BY id", kind=kind)
    return [_point(row) for row in found]


def points_by_id(db: Database, ids: Iterable[int]) -> dict[int, Point]:
    """The points with those ids, by id; unknown ids are left out."""
    marks, values = named(sorted(set(ids)))
    return {row["id"]: _point(row) for row in db.all(f"SELECT * FROM points WHERE id IN ({marks})", **values)}


def point(db: Database, point_id: int) -> Point:
    """The point with that id; raises UnknownThing."""
    row = db.one("SELECT * FROM points WHERE id = :id", id=point_id)
    if row is None:
        raise UnknownThing("point", str(point_id))
    return _point(row)


def point_by_code(db: Database, code: str) -> Point:
    """The point with that code; raises UnknownThing."""
    row = db.one("SELECT * FROM points WHERE code = :code", code=code)
    if row is None:
        raise UnknownThing("point", code)
    return _point(row)


def metres_between(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance in metres."""
    north, east = math.radians(other_lat - lat), math.radians(other_lon - lon)
    chord = math.sin(north / 2) ** 2
    chord += math.cos(math.radians(lat)) * math.cos(math.radians(other_lat)) * math.sin(east / 2) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, chord)))


def nearest(among: Iterable[Point], lat: float, lon: float, n: int = 3) -> list[tuple[Point, int]]:
    """The n nearest points with their distance in whole metres, of a bus that of its nearest stop.

    Points without a place are left out.
    """
    placed = [(one, min(away)) for one in among if (away := _metres_to(one, lat, lon))]
    return sorted(placed, key=lambda pair: (pair[1], pair[0].id))[:n]


def _metres_to(point: Point, lat: float, lon: float) -> list[int]:
    spots = [metres_to(stop, lat, lon) for stop in point.stops] if point.is_bus else [metres_to(point, lat, lon)]
    return [metres for metres in spots if metres is not None]


def metres_to(place: Point | Stop, lat: float, lon: float) -> int | None:
    """Whole metres from there to the point or the stop; None where its place is not known."""
    if place.lat is None or place.lon is None:
        return None
    return round(metres_between(lat, lon, place.lat, place.lon))


def _spans(point: Point, day: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in point.opens.get(day, "").split(",") if part.strip())


def within(hours: str, minute: int) -> bool:
    """Whether that minute of the day lies in one of the spans of "09:00-12:00,14:00-21:00"; one may end at 24:00."""
    return any(_covers(part.strip(), minute) for part in hours.split(",") if part.strip())


def _covers(span: str, minute: int) -> bool:
    start, end = (minutes(clock) for clock in span.split("-"))
    return start <= minute < (end if end > start else end + 24 * 60)


def hours(point: Point) -> list[Hours]:
    """The week's opening hours with equal neighbouring days put together: facts, no words."""
    groups: list[Hours] = []
    for day in WEEK:
        spans = _spans(point, day)
        if groups and groups[-1].spans == spans:
            groups[-1] = groups[-1]._replace(last=day)
        else:
            groups.append(Hours(day, day, spans))
    return groups


def always_open(point: Point) -> bool:
    """Whether its door never shuts, special days aside; hours never entered count as that."""
    return not point.opens or all(_spans(point, day) == (EVERY_HOUR,) for day in WEEK)


def set_hours(db: Database, point_id: int, opens: Mapping[str, str]) -> None:
    """A point's own hours by day (mon … sun, holiday, working). Call inside `writing`. Raises UnknownThing."""
    if not db.run("UPDATE points SET opens = :opens WHERE id = :id", opens=json.dumps(dict(opens)), id=point_id):
        raise UnknownThing("point", str(point_id))


def set_stops(db: Database, point_id: int, stops: Sequence[Stop]) -> None:
    """The timetable of a bus, see stops.wrong. Call inside `writing`. Raises UnknownThing for what is no bus."""
    changed = db.run(
        "UPDATE points SET stops = :stops WHERE id = :id AND branch_type = :bus",
        stops=_written(stops), id=point_id, bus=BUS,
    )  # fmt: skip
    if changed != 1:
        raise UnknownThing("point", str(point_id))


def set_branch_type(db: Database, point_id: int, branch_type: str) -> None:
    """Whose house it is (A10-18); a bus stays a bus. Call inside `writing`. Raises UnknownThing."""
    changed = db.run(
        "UPDATE points SET branch_type = :type WHERE id = :id AND kind = 'branch' AND branch_type <> :bus",
        type=branch_type, id=point_id, bus=BUS,
    )  # fmt: skip
    if changed != 1:
        raise UnknownThing("point", str(point_id))


def set_city(db: Database, point_id: int, city: str, english: str) -> None:
    """In which city it is, '' for none; its English name is the city's, wherever else that stands.

    '' leaves what the city is called in English. Call inside `writing`. Raises UnknownThing.
    """
    known = db.value("SELECT MAX(city_en) FROM points WHERE city = :city AND city <> ''", city=city) or ""
    english = (english or known) if city else ""
    changed = db.run(
        "UPDATE points SET city = :city, city_en = :english WHERE id = :id", city=city, english=english, id=point_id
    )
    if changed != 1:
        raise UnknownThing("point", str(point_id))
    db.run("UPDATE points SET city_en = :english WHERE city = :city AND city <> ''", city=city, english=english)


def set_slots(db: Database, point_id: int, minutes: int | None, orders: int | None) -> None:
    """From now on a branch's counter takes appointments, so long and for so many orders each; None is none.

    Those booked stay. Call inside `writing`. Raises UnknownThing for what has no counter of one place.
    """
    changed = db.run(
        "UPDATE points SET slot_minutes = :minutes, slot_orders = :orders "
        "WHERE id = :id AND kind = 'branch' AND branch_type <> :bus",
        minutes=minutes, orders=orders, id=point_id, bus=BUS,
    )  # fmt: skip
    if changed != 1:
        raise UnknownThing("point", str(point_id))


def _written(stops: Sequence[Stop]) -> str:
    return json.dumps([asdict(stop) for stop in stops], ensure_ascii=False)


def store_points(db: Database, entries: Sequence[PointEntry], overwrite: bool = False) -> list[Differing]:
    """Add or renew points by their code; boxes are added, never taken away. Call inside `writing`.

    What a person changed since stays, unless `overwrite`; returns where they and the entries differ.
    """
    found: list[Differing] = []
    for entry in entries:
        told = _columns(entry)
        now, stands = db.one("SELECT * FROM points WHERE code = :code", code=entry.code), told
        if now is not None:
            stands, differing = by_hand.settle(db, now, told, COLUMNS[1:], overwrite)
            found += differing
        db.run(STORE_POINT, **stands)
        by_hand.remember(db, told)
    for entry in entries:
        db.run(SET_PARENT, code=entry.code, parent=entry.parent)
        _store_boxes(db, entry)
    return found


def _columns(entry: PointEntry) -> dict[str, object]:
    named = {name: getattr(entry, name) for name in COLUMNS}
    return {**named, "opens": json.dumps(dict(entry.opens)), "stops": _written(entry.stops)}


def _store_boxes(db: Database, entry: PointEntry) -> None:
    for size, count in entry.boxes.items():
        for number in range(1, count + 1):
            db.run(STORE_BOX, code=entry.code, label=f"{size}{number:02d}", size=size, holds=BOX_HOLDS[size])


COLUMNS = (
    "code", "kind", "name", "name_en", "level", "district", "address", "address_en", "near", "phone", "lat", "lon",
    "opens", "branch_type", "stops", "city", "city_en",
)  # fmt: skip
STORE_POINT = f"""
INSERT INTO points ({", ".join(COLUMNS)}) VALUES ({", ".join(":" + name for name in COLUMNS)})
ON CONFLICT (code) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])}"""
SET_PARENT = "UPDATE points SET parent_id = (SELECT id FROM points WHERE code = :parent) WHERE code = :code"
STORE_BOX = """
INSERT INTO boxes (point_id, label, size, holds_books)
SELECT id, :label, :size, :holds FROM points WHERE code = :code
ON CONFLICT (point_id, label) DO NOTHING"""

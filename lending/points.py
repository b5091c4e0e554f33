"""Service points (网点): branches and lockers, where they are, when they are open, and the boxes of lockers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from lending.database import Database, Row
from lending.errors import UnknownThing
from lending.model import LIBRARY_ZONE
from lending.stock import named

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BOX_HOLDS = {"S": 2, "M": 5, "L": 10}  # books a box takes; the sources name no sizes, so the numbers are ours
EARTH_METRES = 6_371_000


@dataclass(frozen=True)
class Point:
    """A branch or a locker. `opens` maps mon … sun to "09:00-12:00,14:00-21:00"; a missing or empty day is closed.

    It may also have "holiday" and "working" (调休), see calendar.usual_hours.
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


class Hours(NamedTuple):
    """Days in a row with the same hours: ("mon", "fri", ("09:00-21:00",)); no spans means closed."""

    first: str
    last: str
    spans: tuple[str, ...]


def _point(row: Row) -> Point:
    return Point(**{**row, "opens": msgspec.json.decode(row["opens"])})


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
    """The n nearest points with their distance in whole metres; points without a place are left out."""
    placed = (
        (one, round(metres_between(lat, lon, one.lat, one.lon)))
        for one in among
        if one.lat is not None and one.lon is not None
    )
    return sorted(placed, key=lambda pair: (pair[1], pair[0].id))[:n]


def _spans(point: Point, day: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in point.opens.get(day, "").split(",") if part.strip())


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def is_open(point: Point, moment: datetime) -> bool:
    """Is the point open then? Spans may end at 24:00 or run past midnight ("18:00-02:00")."""
    local = moment.astimezone(LIBRARY_ZONE)
    minute = local.hour * 60 + local.minute
    yesterday = WEEK[(local - timedelta(days=1)).weekday()]
    today = point.opens.get(WEEK[local.weekday()], "")
    return within(today, minute) or within(point.opens.get(yesterday, ""), minute + 24 * 60)


def within(hours: str, minute: int) -> bool:
    """Whether that minute of the day lies in one of the spans of "09:00-12:00,14:00-21:00"."""
    return any(_covers(part.strip(), minute) for part in hours.split(",") if part.strip())


def _covers(span: str, minute: int) -> bool:
    start, end = (_minutes(clock) for clock in span.split("-"))
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


def set_hours(db: Database, point_id: int, opens: Mapping[str, str]) -> None:
    """A point's own hours by day (mon … sun, holiday, working). Call inside `writing`. Raises UnknownThing."""
    if not db.run("UPDATE points SET opens = :opens WHERE id = :id", opens=json.dumps(dict(opens)), id=point_id):
        raise UnknownThing("point", str(point_id))


def store_points(db: Database, entries: Sequence[PointEntry]) -> int:
    """Add or renew points by their code; boxes are added, never taken away. Call inside `writing`."""
    for entry in entries:
        db.run(STORE_POINT, **_columns(entry))
    for entry in entries:
        db.run(SET_PARENT, code=entry.code, parent=entry.parent)
        _store_boxes(db, entry)
    return len(entries)


def _columns(entry: PointEntry) -> dict[str, object]:
    named = {name: getattr(entry, name) for name in COLUMNS}
    return {**named, "opens": json.dumps(dict(entry.opens))}


def _store_boxes(db: Database, entry: PointEntry) -> None:
    for size, count in entry.boxes.items():
        for number in range(1, count + 1):
            db.run(STORE_BOX, code=entry.code, label=f"{size}{number:02d}", size=size, holds=BOX_HOLDS[size])


COLUMNS = (
    "code", "kind", "name", "name_en", "level", "district", "address", "address_en", "near", "phone", "lat", "lon",
    "opens",
)  # fmt: skip
STORE_POINT = f"""
INSERT INTO points ({", ".join(COLUMNS)}) VALUES ({", ".join(":" + name for name in COLUMNS)})
ON CONFLICT (code) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])}"""
SET_PARENT = "UPDATE points SET parent_id = (SELECT id FROM points WHERE code = :parent) WHERE code = :code"
STORE_BOX = """
INSERT INTO boxes (point_id, label, size, holds_books)
SELECT id, :label, :size, :holds FROM points WHERE code = :code
ON CONFLICT (point_id, label) DO NOTHING"""

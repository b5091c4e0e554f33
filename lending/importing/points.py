"""Service points out of a points.toml: what is wrong with one is told with its line, everything else goes in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from lending import toml_lines
from lending.cities import may_be_called, short
from lending.closings import readable
from lending.database import Database, Row, Store
from lending.importing.problems import ImportRefused, Place, Problem
from lending.importing.report import Report
from lending.importing.source import Source
from lending.points import BOX_HOLDS, BUS, PointEntry, store_points
from lending.stops import WEEK, Stop, wrong

KINDS = ("branch", "locker")
TYPES = ("", "public", "home", "community", BUS)
NEEDED = ("code", "kind", "name")
KNOWN = {field.name for field in fields(PointEntry)}


@dataclass(frozen=True, slots=True)
class _Told:
    """A point's table, and where each of its lines stands."""

    says: dict[str, Any]
    number: int
    lines: Mapping[toml_lines.Path, int]

    def wrong(self, reason: str, key: str = "", **facts: Any) -> Problem:
        """What is wrong, at the line of that key, else where the point begins."""
        begins = self.lines.get(("point", self.number), 0)
        line = self.lines.get(("point", self.number, key), begins)
        return Problem(Place(line=line), reason, facts | {"name": str(self.says.get("name", self.number))[:40]})


def load_points(store: Store, path: Path, overwrite: bool = False) -> Report:
    """Add or renew the points of a file by their codes; what a person changed stays, unless `overwrite`.

    Raises ImportRefused for one that cannot be read as a whole.
    """
    report = Report()
    entries = read_points(_text(path), report)
    codes = tuple(entry.code for entry in entries)
    with store.writing() as db:
        before = _rows(db)
        report.by_hand = store_points(db, entries, overwrite)
        after = _rows(db)
    for code in dict.fromkeys(codes):
        what = "added" if code not in before else "same" if before[code] == after[code] else "changed"
        setattr(report, what, getattr(report, what) + 1)
    return report


def _text(path: Path) -> str:
    source = Source(path)
    with source.open() as file:
        return file.read().decode(source.encoding(), "replace").removeprefix("\ufeff")


def _rows(db: Database) -> dict[str, Row]:
    return {row["code"]: row for row in db.all("SELECT * FROM points")}


def read_points(text: str, report: Report) -> list[PointEntry]:
    """The points a points.toml tells of; `report` hears what stays out. Raises ImportRefused where it is no TOML."""
    try:
        listed = tomllib.loads(text).get("point")
    except tomllib.TOMLDecodeError as error:
        raise ImportRefused("bad_toml", detail=str(error)) from error
    except (ValueError, RecursionError) as error:  # Python reads no number of thousands of digits
        raise ImportRefused("too_deep_toml") from error
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ImportRefused("no_points")
    lines = toml_lines.lines(text)
    found = []
    for number, says in enumerate(listed, 1):
        report.read += 1
        if entry := _entry(_Told(says, number, lines), report):
            found.append((number, entry))
    return _cities_agree(found, lines, report)


def _entry(told: _Told, report: Report) -> PointEntry | None:
    says = told.says
    for key in NEEDED:
        if not isinstance(says.get(key), str) or not says[key].strip():
            report.refuse(told.wrong("point_without", key, field=key))
            return None
    if says["kind"] not in KINDS:
        report.refuse(told.wrong("point_kind", "kind", value=says["kind"][:20]))
        return None
    good: dict[str, Any] = {}
    for key, value in says.items():
        if key not in KNOWN:
            report.warn(told.wrong("point_field", key, field=key[:20]))
        elif not _fits(key, value):
            report.warn(told.wrong("point_value", key, field=key))
        else:
            good[key] = value
    good["stops"] = [Stop(**stop) for stop in good.get("stops", [])]
    for problem in _city(told, good):
        report.warn(problem)
    return PointEntry(**good)


def _fits(key: str, value: Any) -> bool:
    """Whether a value is what its field holds. A city is looked at apart."""
    if key in ("lat", "lon"):
        most = 90 if key == "lat" else 180
        return isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most
    if key == "opens":
        days = (*WEEK, "holiday", "working")
        return isinstance(value, dict) and all(
            day in days and isinstance(hours, str) and readable(hours) for day, hours in value.items()
        )
    if key == "boxes":
        return isinstance(value, dict) and all(
            size in BOX_HOLDS and type(count) is int and 0 <= count < 1000 for size, count in value.items()
        )
    if key == "stops":
        return isinstance(value, list) and _are_stops(value)
    if key == "branch_type":
        return value in TYPES
    return key in ("city", "city_en") or isinstance(value, str)


def _are_stops(listed: list[Any]) -> bool:
    try:
        return not wrong([Stop(**stop) for stop in listed])
    except (TypeError, ValueError, AttributeError):
        return False


def _city(told: _Told, good: dict[str, Any]) -> Iterator[Problem]:
    """Leave in `good` a city that can be said on a button, 湖州市 as 湖州; what cannot is taken out and told."""
    city, english = good.pop("city", ""), good.pop("city_en", "")
    if not _is_name(city) or not _is_name(english):
        yield told.wrong("bad_city", "city" if not _is_name(city) else "city_en")
        return
    city, english = city.strip(), english.strip()
    if english and not city:
        yield told.wrong("city_in_english_only", "city_en", value=english)
        return
    good["city"] = short(city)
    good["city_en"] = english


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and may_be_called(value)


def _cities_agree(
    found: list[tuple[int, PointEntry]], lines: Mapping[toml_lines.Path, int], report: Report
) -> list[PointEntry]:
    """One English name for each city, the first that is given; a city nobody gave one is told once."""
    english: dict[str, str] = {}
    for _number, entry in found:
        english[entry.city] = english.get(entry.city, "") or entry.city_en
    told: set[str] = set()
    for number, entry in found:
        where = _Told({"name": entry.name}, number, lines)
        if entry.city and not english[entry.city] and entry.city not in told:
            told.add(entry.city)
            report.warn(where.wrong("city_without_english", "city", value=entry.city))
        if entry.city_en and entry.city_en != english[entry.city]:
            facts = {"city": entry.city, "value": entry.city_en, "kept": english[entry.city]}
            report.warn(where.wrong("city_two_names", "city_en", **facts))
    return [replace(entry, city_en=english[entry.city]) for _number, entry in found]

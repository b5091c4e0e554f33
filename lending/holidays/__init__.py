"""China's public holidays and 调休 working weekends, a file for each year, as the State Council announced them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PublicDay:
    """A day off, or a weekend day worked for one. `special` is the name of a day within the holiday: 除夕."""

    day: date
    name: str
    working: bool
    special: str = ""


def public_day(day: date) -> PublicDay | None:
    """What the State Council made of that day; None for a day like any other, or of a year without a file."""
    return year(day.year).get(day)


@cache
def year(number: int) -> dict[date, PublicDay]:
    """Every day of that year that is not like any other."""
    found: dict[date, PublicDay] = {}
    for holiday in _read(number).get("holiday", []):
        name, special = holiday["name"], {day: word for word, day in holiday.get("days", {}).items()}
        length = (holiday["last"] - holiday["first"]).days
        for day in (holiday["first"] + timedelta(days=n) for n in range(length + 1)):
            found[day] = PublicDay(day, name, False, special.get(day, ""))
        for day in holiday.get("working", []):
            found[day] = PublicDay(day, name, True)
    return found


def announced(number: int) -> bool:
    """Whether that year's notice is in; without it only what the law names is known, or nothing."""
    return bool(_read(number).get("announced", False))


@cache
def _read(number: int) -> dict[str, Any]:
    path = FOLDER / f"{number}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

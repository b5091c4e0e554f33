"""How far ahead a reader means: "10天", "两周", "12月20日", "2026-12-20", "three weeks", as days from today."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

from bot.numbers import CARDINAL, NUMBER, to_int

_SPAN = re.compile(
    rf"(?P<n>\d{{1,3}}|{NUMBER}|{CARDINAL}|半|an?) ?个?(?P<unit>天|日(?!月)|周|星期|礼拜|月|days?|weeks?|months?)"
)
_DATE = re.compile(r"(?:(?P<y>20\d\d)[-/.年])?(?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?")
UNITS = {"天": 1, "日": 1, "d": 1, "周": 7, "星": 7, "礼": 7, "w": 7, "月": 30, "m": 30}


def days_ahead(text: str, today: date) -> int | None:
    """Days from today, 1 at least; None when no span or coming date is named. A date without a year is the next one."""
    said = text.strip().lower()
    if found := _DATE.search(said):
        return _until(found, today)
    if not (found := _SPAN.search(said)):
        return None
    unit = UNITS[found["unit"][0]]
    days = unit // 2 if found["n"] == "半" else (to_int(found["n"]) or 0) * unit
    return days or None


def _until(found: re.Match[str], today: date) -> int | None:
    years = (int(found["y"]),) if found["y"] else (today.year, today.year + 1)
    for year in years:
        with suppress(ValueError):
            days = (date(year, int(found["m"]), int(found["d"])) - today).days
            if days > 0:
                return days
    return None

"""When a reader means: "10天", "两周", "12月20日" as days from today; "周六", "后天" as days; "上午十点" as hours."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

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


# ---- days by their names ---------------------------------------------------------------------------------------------

DAYS = {"大后天": 3, "后天": 2, "明天": 1, "明早": 1, "明晚": 1, "明日": 1, "tomorrow": 1}
TODAY = re.compile(r"今天|今晚|今日|今早|today|tonight")
WEEKDAYS = {
    **dict(zip("一二三四五六日", range(7), strict=True)), "天": 6,
    **{name: n for n, name in enumerate(("mon", "tues", "wednes", "thurs", "fri", "satur", "sun"))},
}  # fmt: skip
WEEKDAY = re.compile(
    r"(?P<later>下*)个?(周|星期|礼拜)(?P<day>[一二三四五六日天末])"
    r"|(?P<next>next )?\b((?P<name>mon|tues|wednes|thurs|fri|satur|sun)day|(?P<both>weekend))"
)


def days_named(text: str, today: date) -> list[date]:
    """周末 and 周一 are the next such days, 下周一 that of the week after this one; [] where no day is named."""
    if found := {day for one in WEEKDAY.finditer(text) for day in _of_week(one, today)}:
        return sorted(found)
    ahead = next((n for word, n in DAYS.items() if word in text), 0)
    return [today + timedelta(days=ahead)] if ahead or TODAY.search(text) else []


def _of_week(found: re.Match[str], today: date) -> list[date]:
    word = found["day"] or found["name"]
    wanted = [5, 6] if found["both"] or word == "末" else [WEEKDAYS[word]]
    weeks = len(found["later"] or "") or int(bool(found["next"]))
    monday = today + timedelta(days=7 * weeks - today.weekday())
    days = [monday + timedelta(days=n) for n in wanted]
    return [day for day in days if day >= today] or [days[0] + timedelta(days=7)]


# ---- hours -----------------------------------------------------------------------------------------------------------

NOON, DAY = 12 * 60, 24 * 60  # minutes
PARTS = (  # of the day: its words, from which minute to which
    (re.compile(r"早上|上午|早晨|[明今]早|morning"), 0, NOON), (re.compile(r"中午|\bnoon"), 11 * 60, 14 * 60),
    (re.compile(r"下午|午后|afternoon"), NOON, 18 * 60),
    (re.compile(r"晚上|傍晚|[今明]晚|evening|tonight"), 17 * 60, DAY),
)  # fmt: skip
EARLIEST = 7  # an hour before it, without a part of the day, is one of the afternoon
QUARTERS = {"半": 30, "一刻": 15, "三刻": 45}
CLOCK = re.compile(
    rf"(?P<h>\d{{1,2}}|{NUMBER}) ?(?:点钟?|[:时])"
    r"(?: ?(?P<m>半|[一三]刻|\d{1,2}|[二三四五]?十[一二三四五六七八九]?) ?分?)?"
    r"|(?P<h2>\d{1,2}) ?(?:o'?clock)? ?(?P<half>am|pm|o'?clock)\b|(?<=\bat )(?P<h3>\d{1,2})\b"
)


class Hours(NamedTuple):
    """Minutes of the day from the first up to the last; one moment where they are the same."""

    first: int
    last: int


def hours_named(text: str) -> Hours | None:
    """ "上午十点", "下午" or "3:30"; None where no hour is named."""
    part = next(((first, last) for words, first, last in PARTS if words.search(text)), None)
    found = CLOCK.search(text)
    if not found:
        return Hours(*part) if part else None
    hour = to_int(found["h"] or found["h2"] or found["h3"]) or 0
    minute = QUARTERS.get(found["m"] or "", 0) or to_int(found["m"] or "零") or 0
    if part:
        late = part[1] > NOON and hour * 60 < part[0]
    else:
        late = found["half"] == "pm" or (hour < EARLIEST and found["half"] != "am")
    if late and hour < 12:
        hour += 12
    at = hour * 60 + minute
    return Hours(at, at) if at < DAY and minute < 60 else None


def day_of_month(text: str, today: date) -> list[date]:
    """ "21号" is the next such day, "11月21日" the one that is named; [] where none is."""
    if named := _DATE.search(text):
        with suppress(ValueError):
            day = date(int(named["y"] or today.year), int(named["m"]), int(named["d"]))
            return [day if named["y"] or day >= today else day.replace(year=day.year + 1)]
        return []
    found = re.search(r"(?<![\d月])(\d{1,2})[号日](?!楼|线|书)", text)
    ahead = (today + timedelta(days=n) for n in range(32)) if found else iter(())
    return [day for day in ahead if found and day.day == int(found[1])][:1]

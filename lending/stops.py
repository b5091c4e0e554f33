"""大篷车: a service point that moves. Its hours are its stops, some every week, some on one date alone (A10-15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from lending.model import LIBRARY_ZONE

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST = 40  # stops of one bus
LONGEST = 60  # characters of a place


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the bus stands and when: `day` is mon … sun or one date, 2026-12-05; `hours` is one span, "14:00-16:00"."""

    day: str
    hours: str
    place: str
    place_en: str = ""
    lat: float | None = None
    lon: float | None = None

    @property
    def weekly(self) -> bool:
        """Whether it comes again every week."""
        return self.day in WEEK

    def on(self, day: date) -> bool:
        """Whether the timetable has it on that day."""
        return self.day in (WEEK[day.weekday()], day.isoformat())


class Visit(NamedTuple):
    """The bus at one of its stops on one day; `hours` are those of that day."""

    stop: Stop
    day: date
    hours: str

    @property
    def begins(self) -> datetime:
        """When it comes."""
        return _moment(self.day, self.hours.partition("-")[0])

    @property
    def ends(self) -> datetime:
        """When it leaves."""
        return _moment(self.day, self.hours.partition("-")[2])


def _moment(day: date, clock: str) -> datetime:
    return datetime.combine(day, time(0), LIBRARY_ZONE) + timedelta(minutes=minutes(clock))


def minutes(clock: str) -> int:
    """Minutes of the day: 14:30 → 870."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def within(hours: str, allowed: str) -> str:
    """What is left of one span on a day that is open at `allowed` only; '' where nothing is."""
    begins, ends = hours.split("-")
    for part in allowed.split(","):
        first, last = part.strip().split("-")
        span = max(begins, first), min(ends, last)
        if span[0] < span[1]:
            return "-".join(span)
    return ""


def wrong(stops: Sequence[Stop]) -> str:
    """What keeps this from being a timetable: 'day', 'hours', 'place', 'spot', 'meet', 'many'; '' for nothing.

    A bus is not at two places at once.
    """
    if len(stops) > MOST:
        return "many"
    return next((why for stop in stops if (why := _wrong(stop))), "") or ("meet" if _meet(stops) else "")


def _wrong(stop: Stop) -> str:
    try:
        begins, ends = (datetime.strptime(clock, "%H:%M") for clock in stop.hours.split("-"))
    except ValueError:
        return "hours"
    if begins >= ends or len(stop.hours) != len("09:00-12:00"):
        return "hours"
    if not stop.place or len(stop.place) > LONGEST or len(stop.place_en) > LONGEST:
        return "place"
    if (stop.lat is None) != (stop.lon is None) or not (abs(stop.lat or 0) <= 90 and abs(stop.lon or 0) <= 180):
        return "spot"
    return "" if stop.weekly or _date(stop.day) else "day"


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None


def _meet(stops: Sequence[Stop]) -> bool:
    """Whether two stops of one weekday, or of one date and its weekday, have a minute in common."""
    for place, one in enumerate(stops):
        for other in stops[place + 1 :]:
            if _same_day(one.day, other.day) and within(one.hours, other.hours):
                return True
    return False


def _same_day(one: str, other: str) -> bool:
    if one == other:
        return True
    dated = _date(one) or _date(other)
    return dated is not None and WEEK[dated.weekday()] in (one, other)

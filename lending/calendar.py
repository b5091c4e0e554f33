"""日历: on which days which point takes books. No due date and no shelf end falls on a day nobody can (B2-9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lending import points, stops
from lending.database import Database, Row
from lending.holidays import public_day
from lending.model import LIBRARY_ZONE, end_of_day, library_day
from lending.points import EVERY_HOUR, WEEK, Point
from lending.policy import Policy
from lending.rules import Calendar as Rules
from lending.stops import Visit

FURTHEST = 366  # a library that is closed for longer has no next open day
SEEN_AHEAD = 60  # days in which a bus's next stops are looked for


@dataclass(frozen=True, slots=True)
class Special:
    """Days unlike the week's: closed when `hours` is empty; of every point when `point_id` is None."""

    id: int
    point_id: int | None
    first: date
    last: date
    hours: str
    reason: str

    def covers(self, point_id: int, day: date) -> bool:
        """Whether it speaks of that point on that day."""
        return self.point_id in (None, point_id) and self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Calendar:
    """Everything that decides whether a door is open; read once, asked often."""

    points: dict[int, Point]
    specials: tuple[Special, ...]
    rules: Rules

    def hours(self, point: Point, day: date) -> str:
        """Opening hours that day, "09:00-12:00,14:00-21:00"; '' when closed. Hours never entered count as open."""
        if point.is_bus:
            return ",".join(visit.hours for visit in self.visits(point, day))
        special = self._special_hours(point, day)
        return usual_hours(point, day, self.rules) if special is None else special

    def _special_hours(self, point: Point, day: date) -> str | None:
        """What a special day says, '' for closed; None when there is none."""
        special = [one for one in self.specials if one.covers(point.id, day)]
        if not special:
            return None
        return "" if any(not one.hours for one in special) else special[-1].hours

    def visits(self, bus: Point, day: date) -> list[Visit]:
        """Where a bus stands that day, the first stop first; on a special day what its hours leave (A10-15)."""
        special = self._special_hours(bus, day)
        planned = [stop for stop in bus.stops if stop.on(day)]
        if special is None:
            left = [Visit(stop, day, stop.hours) for stop in planned if not (stop.weekly and self._rests(bus, day))]
        else:
            left = [Visit(stop, day, stops.within(stop.hours, special)) for stop in planned if special]
        return sorted((one for one in left if one.hours), key=lambda one: one.hours)

    def _rests(self, bus: Point, day: date) -> bool:
        """Whether a public holiday leaves out the week's stops; a stop with a date of its own is meant for that day."""
        public = public_day(day)
        off = public is not None and not public.working
        return off and (self.rules.holidays == "closed" or _closed_by_name(bus, day, self.rules))

    def coming(self, bus: Point, now: datetime) -> list[Visit]:
        """The next visit to each of its places, the one where it stands now too, the next first."""
        today, found = library_day(now), dict[str, Visit]()
        for n in range(SEEN_AHEAD):
            for visit in self.visits(bus, today + timedelta(days=n)):
                if visit.ends > now:
                    found.setdefault(visit.stop.place, visit)
        return list(found.values())

    def open_on(self, point_id: int | None, day: date) -> bool:
        """Whether that point takes books that day; for None, whether any place where people bring books does."""
        if point_id is not None:
            return bool(self.hours(self.points[point_id], day))
        counted = [point for point in self.points.values() if self._counts(point)]
        return not counted or any(self.hours(point, day) for point in counted)

    def gone(self, point_id: int, day: date) -> bool:
        """Whether that point is closed for good on that day: declared closed for a year or longer."""
        mine = (one for one in self.specials if one.point_id == point_id and one.covers(point_id, day))
        return any(for_good(one.first, one.last, one.hours) for one in mine)

    def _counts(self, point: Point) -> bool:
        """Whether an open door there makes a day on which anybody can bring a book: a bus in one village does not."""
        return (point.kind == "branch" and not point.is_bus) or (point.kind == "locker" and self.rules.lockers_count)

    def next_open(self, point_id: int | None, day: date) -> date:
        """That day or the first one after it that is open; the day itself when none is for a year."""
        days = (day + timedelta(days=n) for n in range(FURTHEST))
        return next((one for one in days if self.open_on(point_id, one)), day)

    def missed(self, point_id: int | None, since: date, day: date, owed: bool = False) -> date | None:
        """The day because of which nothing can be kept until `day` at that point; None when it can.

        It is the day itself when the point is closed then. A bus comes to a place once a week, so it is also the last
        day since then on which it left a stop out and was not there again. `owed`: each place is to be called at once.
        """
        if not self.open_on(point_id, day):
            return day
        point = self.points.get(point_id) if point_id is not None else None
        if point is None or not point.is_bus:
            return None
        lost = {stop.place: since for stop in point.stops if stop.weekly and owed}
        for one in (since + timedelta(days=n) for n in range((day - since).days + 1)):
            lost |= {stop.place: one for stop in point.stops if stop.weekly and stop.on(one)}
            for visit in self.visits(point, one):
                lost.pop(visit.stop.place, None)
        return max(lost.values(), default=None)

    def kept(self, point_id: int | None, since: date, day: date, owed: bool = False) -> date:
        """That day or the first one after it until which something can be kept there, see `missed`."""
        days = (day + timedelta(days=n) for n in range(FURTHEST))
        can = (one for one in days if self.missed(point_id, since, one, owed) is None)
        return next(can, self.next_open(point_id, day))

    def end(self, point_id: int | None, day: date) -> datetime:
        """The last second of `next_open` (B2-15): a due date, a shelf's end."""
        return end_of_day(self.next_open(point_id, day))

    def open_days(self, after: date, until: date) -> list[date]:
        """Days after the one up to the other on which books could be brought: those that may count as late."""
        days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
        return [day for day in days if self.open_on(None, day)]

    def is_open(self, point: Point, moment: datetime) -> bool:
        """Whether the door is open at that moment; hours may run past midnight ("18:00-02:00")."""
        local = moment.astimezone(LIBRARY_ZONE)
        minute, today = local.hour * 60 + local.minute, local.date()
        return points.within(self.hours(point, today), minute) or points.within(
            self.hours(point, today - timedelta(days=1)), minute + 24 * 60
        )

    def opens_next(self, point: Point, moment: datetime) -> datetime | None:
        """When a door that is closed at that moment opens; None when it is open, or stays closed for a year."""
        if self.is_open(point, moment):
            return None
        local = moment.astimezone(LIBRARY_ZONE)
        today = datetime.combine(local.date(), time(0), LIBRARY_ZONE)
        for day in (today + timedelta(days=n) for n in range(FURTHEST)):
            spans = [span for span in self.hours(point, day.date()).split(",") if span]
            begins = [day + timedelta(minutes=stops.minutes(span.split("-")[0].strip())) for span in spans]
            if later := [one for one in begins if one > local]:
                return min(later)
        return None


def for_good(first: date, last: date, hours: str) -> bool:
    """Whether a point with such special days is not to be counted on any more; FOR_GOOD says the same."""
    return not hours and (last - first).days >= FURTHEST - 1


def usual_hours(point: Point, day: date, rules: Rules) -> str:
    """What the week and the public holidays say, before any special day. Lockers know no holidays.

    A point may have hours of its own for "holiday" and "working" (调休) days beside mon … sun. Without them a holiday
    follows the policy, and who closes on that weekend but works on Fridays opens as on a Friday (ours).
    """
    if not point.opens:
        return "" if _closed_by_name(point, day, rules) else EVERY_HOUR
    weekly, public = point.opens.get(WEEK[day.weekday()], ""), public_day(day)
    if public is None or point.kind == "locker":
        return weekly
    if public.working:
        return point.opens.get("working", weekly or point.opens.get("fri", ""))
    if "holiday" in point.opens:
        return point.opens["holiday"]
    if rules.holidays == "closed" or _closed_by_name(point, day, rules):
        return ""
    return weekly or (point.opens.get("sun", "") if rules.holidays == "open" else "")


def _closed_by_name(point: Point, day: date, rules: Rules) -> bool:
    public = public_day(day)
    return point.kind != "locker" and public is not None and public.special in rules.closed_on and not public.working


def staff_work(day: date, rules: Rules, weekdays: Iterable[int]) -> bool:
    """Whether people are at the desk that day: its weekdays, 调休 worked, holidays as the policy says."""
    public = public_day(day)
    if public is None:
        return day.isoweekday() in weekdays
    if public.working:
        return True
    return rules.holidays != "closed" and public.special not in rules.closed_on and day.isoweekday() in weekdays


# ---- asked of the store --------------------------------------------------------------------------------------------


def load(db: Database, policy: Policy) -> Calendar:
    """The calendar as it stands; two statements. For many questions in a row keep the object."""
    rows = db.all(
        "SELECT id, point_id, first_day, last_day, hours, reason FROM special_days "
        "WHERE first_day <= last_day ORDER BY id"
    )
    return Calendar({point.id: point for point in points.points(db)}, tuple(map(_special, rows)), policy.calendar)


def _special(row: Row) -> Special:
    first, last = date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"])
    return Special(row["id"], row["point_id"], first, last, row["hours"], row["reason"])


FOR_GOOD = (  # points declared closed for a year or longer: for good, as far as anybody can tell
    f"(point_id IS NOT NULL AND hours = '' AND julianday(last_day) - julianday(first_day) >= {FURTHEST - 1})"
)
GONE = f"SELECT point_id FROM special_days WHERE {FOR_GOOD} AND first_day <= :day AND last_day >= :day"
GOING = f"SELECT point_id FROM special_days WHERE {FOR_GOOD} AND last_day >= :day"


def gone(db: Database, day: date) -> set[int]:
    """Points that are closed for good on that day."""
    return {row["point_id"] for row in db.all(GONE, day=str(day))}


def closing_for_good(db: Database, day: date) -> set[int]:
    """Those, and the points of which it is declared that they will be."""
    return {row["point_id"] for row in db.all(GOING, day=str(day))}


def open_on(db: Database, policy: Policy, point_id: int | None, day: date) -> bool:
    """Whether that point (None: the library) takes books that day."""
    return load(db, policy).open_on(point_id, day)


def next_open(db: Database, policy: Policy, point_id: int | None, day: date) -> date:
    """That day or the first one after it on which that point (None: the library) takes books."""
    return load(db, policy).next_open(point_id, day)


def shelf_end(db: Database, policy: Policy, point_id: int | None, now: datetime, days: int) -> datetime:
    """So many days from now at that point, and never on a day it is closed: pick-up ends and hold-shelf ends.

    At a bus long enough for it to call once, from tomorrow on, at each of its places (A10-15).
    """
    today = library_day(now)
    last = load(db, policy).kept(point_id, today + timedelta(days=1), today + timedelta(days=days), owed=True)
    return end_of_day(last)


def late_days(db: Database, policy: Policy, due: datetime, now: datetime) -> list[date]:
    """The days a loan has been late on which its book could have been brought, today included (A6-6, B2-9)."""
    return load(db, policy).open_days(library_day(due), library_day(now))

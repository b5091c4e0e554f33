"""Open or closed on which day: the week, the public holidays as announced, special days (B2-9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lending import calendar, holidays
from lending.calendar import Calendar, Special
from lending.model import LIBRARY_ZONE
from lending.points import WEEK, Point
from lending.policy import load_policy

RULES = load_policy().calendar
DAILY = dict.fromkeys(WEEK, "09:00-21:00")
OFFICE = dict.fromkeys(WEEK[:5], "09:00-17:00")
NOT_MONDAYS = dict.fromkeys(WEEK[1:], "09:00-21:00")
ALWAYS = dict.fromkeys(WEEK, "00:00-24:00")


def library(*opens: Mapping[str, str], specials: tuple[Special, ...] = (), **rules: object) -> Calendar:
    """Branches with these weeks, numbered from one."""
    places = {n: Point(n, f"b{n}", "branch", f"{n}馆", opens=dict(week)) for n, week in enumerate(opens, 1)}
    return Calendar(places, specials, replace(RULES, **rules))  # type: ignore[arg-type]


def day(text: str) -> date:
    return date.fromisoformat(text)


# ---- what the State Council announced ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "days_off", "worked"),
    [
        (2025, 28, {"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"}),
        (2026, 33, {"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}),
    ],
)
def test_the_days_are_those_of_the_notices(year: int, days_off: int, worked: set[str]) -> None:
    """国办发明电〔2024〕12号 and 〔2025〕7号."""
    days = holidays.year(year)
    assert sum(not one.working for one in days.values()) == days_off
    assert {str(one.day) for one in days.values() if one.working} == {str(day(text)) for text in worked}
    assert all(one.day.isoweekday() > 5 for one in days.values() if one.working)
    assert holidays.announced(year)


def test_a_year_without_a_notice_knows_only_the_days_in_the_law_and_says_so() -> None:
    assert not holidays.announced(2027)
    assert sum(not one.working for one in holidays.year(2027).values()) == 13  # 国务院令第795号
    assert holidays.year(2031) == {} and not holidays.announced(2031)


@pytest.mark.parametrize(
    ("text", "special"),
    [("2025-01-28", "除夕"), ("2025-01-29", "正月初一"), ("2026-02-16", "除夕"), ("2026-02-17", "正月初一")],
)
def test_new_years_eve_is_known_by_name(text: str, special: str) -> None:
    public = holidays.public_day(day(text))
    assert public is not None and (public.name, public.special) == ("春节", special)


# ---- golden dates ------------------------------------------------------------------------------------------------

GOLDEN = [  # asked for, the library's week, the first open day from there on
    ("2026-02-15", DAILY, "2026-02-15"),  # 春节 begins, open as on that weekday
    ("2026-02-16", DAILY, "2026-02-18"),  # 除夕, then 初一
    ("2026-02-17", DAILY, "2026-02-18"),
    ("2026-02-16", NOT_MONDAYS, "2026-02-18"),
    ("2025-01-27", NOT_MONDAYS, "2025-01-30"),  # a Monday, 除夕, 初一
    ("2026-02-14", OFFICE, "2026-02-14"),  # 调休: a Saturday that is worked
    ("2026-02-28", OFFICE, "2026-02-28"),
    ("2026-02-21", OFFICE, "2026-02-23"),  # the weekend in the holiday
    ("2026-10-10", OFFICE, "2026-10-10"),  # 国庆 调休
    ("2026-09-20", OFFICE, "2026-09-20"),
    ("2026-10-11", OFFICE, "2026-10-12"),  # an ordinary Sunday
    ("2026-10-05", NOT_MONDAYS, "2026-10-06"),
    ("2025-10-11", OFFICE, "2025-10-11"),
]


@pytest.mark.parametrize(("asked", "week", "open_on"), GOLDEN)
def test_golden_days_around_new_year_and_national_day(asked: str, week: dict[str, str], open_on: str) -> None:
    assert library(week).next_open(1, day(asked)) == day(open_on)
    assert library(week).next_open(None, day(asked)) == day(open_on)


@pytest.mark.parametrize(
    ("rule", "monday", "wednesday"), [("open", True, True), ("weekly", False, True), ("closed", False, False)]
)
def test_what_a_holiday_does_is_the_policys_choice(rule: str, monday: bool, wednesday: bool) -> None:
    """周一闭馆，法定节假日除外: National Day 2026 has a Monday and a Wednesday in it."""
    one = library(NOT_MONDAYS, holidays=rule)
    assert one.open_on(1, day("2026-10-05")) is monday
    assert one.open_on(1, day("2026-10-07")) is wednesday


def test_a_whole_holiday_closed_ends_on_the_first_worked_day() -> None:
    closed = library(OFFICE, holidays="closed")
    assert closed.next_open(1, day("2026-02-15")) == day("2026-02-24")
    assert closed.next_open(1, day("2026-10-01")) == day("2026-10-08")
    assert closed.next_open(1, day("2025-10-01")) == day("2025-10-09")


def test_a_point_may_have_hours_of_its_own_for_holidays_and_worked_weekends() -> None:
    one = library(OFFICE | {"holiday": "10:00-16:00", "working": ""})
    assert one.hours(one.points[1], day("2026-10-03")) == "10:00-16:00"
    assert one.next_open(1, day("2026-10-10")) == day("2026-10-12")


# ---- the library and its points ----------------------------------------------------------------------------------


def test_the_library_is_open_while_one_branch_is() -> None:
    both = library(NOT_MONDAYS, OFFICE)
    assert both.open_on(None, day("2026-11-23")) and not both.open_on(1, day("2026-11-23"))


@pytest.mark.parametrize("counted", [True, False])
def test_a_locker_has_no_holidays_and_counts_for_due_dates_where_the_policy_says_so(counted: bool) -> None:
    branch, locker = Point(1, "b", "branch", "馆", opens=DAILY), Point(2, "l", "locker", "柜", opens=ALWAYS)
    one = Calendar({1: branch, 2: locker}, (), replace(RULES, lockers_count=counted))
    assert one.open_on(2, day("2026-02-16"))
    assert one.open_on(None, day("2026-02-16")) is counted


def test_hours_never_entered_count_as_open_but_not_on_new_years_eve() -> None:
    assert library({}).open_on(1, day("2026-11-23"))
    assert library({}).next_open(None, day("2026-02-16")) == day("2026-02-18")


def test_a_library_that_never_opens_keeps_the_day_asked_for() -> None:
    assert library({"mon": ""}).next_open(None, day("2026-11-24")) == day("2026-11-24")


def special(first: str, last: str, point: int | None = None, hours: str = "") -> Special:
    return Special(1, point, day(first), day(last), hours, "台风")


def test_a_special_day_goes_before_the_week_and_a_closing_before_other_hours() -> None:
    shorter = special("2026-11-20", "2026-11-22", 1, "10:00-12:00")
    one = library(DAILY, DAILY, specials=(shorter,))
    assert one.hours(one.points[1], day("2026-11-21")) == "10:00-12:00"
    assert one.hours(one.points[2], day("2026-11-21")) == "09:00-21:00"
    one = library(DAILY, DAILY, specials=(special("2026-11-21", "2026-11-22"), shorter))
    assert (one.next_open(1, day("2026-11-21")), one.next_open(None, day("2026-11-21"))) == (day("2026-11-23"),) * 2


def test_a_special_opening_opens_a_day_that_is_closed_by_the_week() -> None:
    assert library(NOT_MONDAYS, specials=(special("2026-11-23", "2026-11-23", 1, "09:00-12:00"),)).open_on(
        1, day("2026-11-23")
    )


def test_b2_9_days_nobody_could_bring_the_book_are_not_days_late() -> None:
    one = library(DAILY, specials=(special("2026-11-21", "2026-11-23"),))
    assert one.open_days(day("2026-11-20"), day("2026-11-25")) == [day("2026-11-24"), day("2026-11-25")]
    assert one.open_days(day("2026-11-20"), day("2026-11-20")) == []


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("2026-11-20T08:59", False), ("2026-11-20T09:00", True), ("2026-11-20T21:00", False), ("2026-02-16T10:00", False)],
)
def test_the_door_is_open_at_that_moment(clock: str, is_open: bool) -> None:
    one = library(DAILY)
    assert one.is_open(one.points[1], datetime.fromisoformat(clock).replace(tzinfo=LIBRARY_ZONE)) is is_open


def test_hours_past_midnight_belong_to_the_day_before() -> None:
    one = library({"fri": "18:00-02:00", "sun": "09:00-12:00"})
    moment = datetime(2026, 11, 21, 1, 30, tzinfo=LIBRARY_ZONE)
    assert one.is_open(one.points[1], moment)
    assert not one.is_open(one.points[1], moment + timedelta(hours=1))


@pytest.mark.parametrize(
    ("text", "weekdays", "works"),
    [
        ("2026-10-10", range(1, 6), True),  # 调休
        ("2026-11-21", range(1, 6), False),
        ("2026-02-16", range(1, 8), False),  # 除夕
        ("2026-02-18", range(1, 8), True),
    ],
)
def test_people_work_on_worked_weekends_and_not_on_new_years_eve(text: str, weekdays: range, works: bool) -> None:
    assert calendar.staff_work(day(text), RULES, weekdays) is works

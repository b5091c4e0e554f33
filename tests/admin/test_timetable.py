"""The bus's stops on the calendar page: edited, called off, refused with everything still there (A10-15, A10-18)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from markupsafe import Markup

from lending import calendar, closings, points
from lending.database import Store
from lending.model import library_day
from lending.points import Point, PointEntry, store_points
from lending.stops import Stop
from tests.admin.conftest import Hand
from tests.small_desk import POLICY, StoodStill

EVERY_DAY = [Stop(day, hours, place) for day in ("mon", "wed", "fri")
             for hours, place in (("09:00-10:00", "溪口村"), ("14:00-15:00", "梅坞村"))]  # fmt: skip


@pytest.fixture
def bus(store: Store) -> Point:
    with store.writing() as db:
        store_points(db, [PointEntry("bus", "branch", "大篷车", branch_type="bus", stops=EVERY_DAY)])
    return points.point_by_code(store.db, "bus")


@pytest.fixture
def next_day(store: Store, now: object, bus: Point) -> date:
    """The next day on which the bus makes both its stops."""
    clock, days = StoodStill(store, now), calendar.load(store.db, POLICY)  # type: ignore[arg-type]
    coming = days.coming(bus, clock.now())
    return next(one.day for one in coming if one.day > library_day(clock.now()))


def line(
    n: int, day: str = "sat", hours: str = "08:30-11:00", place: str = "稻香镇集市", **more: str
) -> dict[str, Any]:
    begins, ends = hours.split("-")
    sent = {"day": day, "date": "", "from": begins, "to": ends, "place": place, "place_en": "", "spot": "", **more}
    return {f"{name}{n}": value for name, value in sent.items()}


def test_the_page_shows_the_next_stops_and_the_timetable(chief: Hand, bus: Point) -> None:
    assert "大篷车" in chief.read("/admin/calendar")
    page = chief.read(f"/admin/calendar?point={bus.id}")
    assert "大篷车接下来的停靠" in page and "周三 14:00-15:00 梅坞村" in page and "添一站" in page


def test_in_english_a_stop_is_told_by_its_english_name(chief: Hand, store: Store) -> None:
    stops = [Stop("mon", "09:00-10:00", "溪口村", "Xikou Village")]
    with store.writing() as db:
        store_points(db, [PointEntry("bus", "branch", "大篷车", branch_type="bus", stops=stops)])
    assert "09:00-10:00 溪口村" in chief.read("/admin/calendar")
    chief.post("/admin/language", language="en")
    assert "09:00-10:00 Xikou Village" in chief.read("/admin/calendar")


def test_a_new_timetable_is_kept_and_noted(chief: Hand, store: Store, bus: Point) -> None:
    chief.read("/admin")
    form = line(0, spot="29.5, 119.3", place_en="Market") | line(1, "", date="2027-01-10") | line(2, off="1")
    empty = dict.fromkeys(line(3), "") | {"day3": "mon"}
    assert "已改好" in chief.post("/admin/calendar/stops", point=str(bus.id), **form, **empty).get_data(as_text=True)
    assert points.point(store.db, bus.id).stops == (
        Stop("sat", "08:30-11:00", "稻香镇集市", "Market", 29.5, 119.3),
        Stop("2027-01-10", "08:30-11:00", "稻香镇集市"),
    )  # fmt: skip
    log = chief.read("/admin/colleagues")
    assert "改大篷车停靠表" in log and "周六 08:30-11:00 稻香镇集市、2027-01-10 08:30-11:00 稻香镇集市" in log


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"place": ""}, "写地点"),
        ({"hours": "11:00-08:30"}, "开走要晚于到站"),
        ({"day": ""}, "要写上日期"),
        ({"spot": "north of the river"}, "纬度, 经度"),
        ({"spot": "29.5"}, "纬度, 经度"),
        ({"spot": "129.5, 1"}, "纬度, 经度"),
        ({"spot": "nan, nan"}, "纬度, 经度"),
        ({"day": "wed", "hours": "14:30-16:00"}, "时间重叠"),
    ],
)
def test_what_cannot_be_changes_nothing_and_stays_in_the_form(
    chief: Hand, store: Store, bus: Point, wrong: dict[str, str], said: str
) -> None:
    chief.read("/admin")
    form = line(0, "wed", "14:00-15:00", "梅坞村") | line(1, place_en="to be kept", **wrong)
    answer = chief.send("/admin/calendar/stops", point=str(bus.id), **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page and 'value="to be kept"' in page
    assert points.point(store.db, bus.id) == bus


def test_one_of_two_stops_is_called_off_and_then_the_other(
    chief: Hand, store: Store, bus: Point, next_day: date
) -> None:
    """The readers are told by the closing, see tests/lending/test_book_bus.py."""
    chief.read(f"/admin/calendar?point={bus.id}")
    form: dict[str, Any] = {"point": str(bus.id), "day": str(next_day), "hours": "09:00-10:00"}
    assert "请写上原因" in chief.send("/admin/calendar/stop-off", **form, reason=" ").get_data(as_text=True)
    assert "大雪封山" in chief.post("/admin/calendar/stop-off", **form, reason=" 大雪封山 ").get_data(as_text=True)
    visits = calendar.load(store.db, POLICY).visits(bus, next_day)
    assert [one.stop.place for one in visits] == ["梅坞村"]
    assert "什么都没改" in chief.send("/admin/calendar/stop-off", **form, reason="又来").get_data(as_text=True)
    chief.post("/admin/calendar/stop-off", **{**form, "hours": "14:00-15:00"}, reason="还在下")
    assert calendar.load(store.db, POLICY).visits(bus, next_day) == []
    declared = closings.declared(store.db, next_day)
    assert [(one.hours, one.emergency) for one in declared] == [("14:00-15:00", True), ("", True)]


@pytest.mark.parametrize("day", ["", "x", "2020-01-01"])
def test_a_stop_that_is_none_is_not_called_off(chief: Hand, store: Store, bus: Point, day: str) -> None:
    chief.read("/admin")
    form: dict[str, Any] = {"point": str(bus.id), "day": day, "hours": "09:00-10:00", "reason": "雪"}
    assert "什么都没改" in chief.send("/admin/calendar/stop-off", **form).get_data(as_text=True)
    assert closings.declared(store.db, date(2000, 1, 1)) == []


def test_a_branch_is_given_its_type_with_its_hours_and_a_bus_keeps_its_own(
    chief: Hand, store: Store, bus: Point
) -> None:
    assert "谁办的" in chief.read("/admin/calendar?point=1") and "谁办的" not in chief.read("/admin/calendar?point=3")
    for point, chosen, kept in (("1", "home", "home"), ("1", "bus", "home"), ("1", "castle", "home"), ("1", "", "")):
        chief.post("/admin/calendar/hours", point=point, mon="09:00-12:00", branch_type=chosen)
        assert points.point(store.db, int(point)).branch_type == kept
    assert "谁办的：家庭图书室" in "".join(Markup(chief.read("/admin/colleagues")).striptags().split())
    assert chief.send("/admin/calendar/stops", point="1", **line(0)).status_code == 404

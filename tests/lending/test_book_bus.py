"""大篷车: a point whose hours are its stops; what waits on it is kept until it has come, and snow moves it (A10-15)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lending import calendar, closings, holds, points
from lending.calendar import Calendar, Special
from lending.errors import UnknownThing
from lending.model import LIBRARY_ZONE, CopyState, library_day, parse_stamp
from lending.points import Point, PointEntry, metres_to, nearest, set_branch_type, set_stops, store_points
from lending.policy import load_policy
from lending.stops import Stop, within, wrong
from tests.lending.world import World

XIKOU = Stop("wed", "14:00-15:30", "溪口村", lat=29.52, lon=119.28)
MEIWU = Stop("thu", "10:00-11:30", "梅坞村", lat=29.50, lon=119.30)
ROUND = (XIKOU, MEIWU)
RULES = load_policy().calendar
WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)


def timetable(stops: Sequence[Stop] = ROUND, specials: tuple[Special, ...] = (), **rules: object) -> Calendar:
    bus = Point(1, "bus", "branch", "大篷车", branch_type="bus", stops=tuple(stops))
    return Calendar({1: bus}, specials, replace(RULES, **rules))  # type: ignore[arg-type]


def special(first: date, last: date, hours: str = "", point: int | None = 1) -> Special:
    return Special(1, point, first, last, hours, "雪")


def put_bus(world: World, *stops: Stop) -> int:
    with world.store.writing() as db:
        store_points(db, [PointEntry("bus", "branch", "大篷车", branch_type="bus", stops=stops or ROUND)])
    return points.point_by_code(world.db, "bus").id


def snow(world: World, bus: int, first: date, last: date, hours: str = "", emergency: bool = False) -> int:
    return closings.declare(world.db, bus, first, last, "大雪", "馆员", world.policy, world.now, hours, emergency)


def waiting(world: World, bus: int) -> tuple[int, int, date]:
    """A reader whose order stands on the bus: reader, order, and until when (told on a Friday)."""
    reader = world.reader()
    order = world.step(world.order(reader, *world.books(1), at=bus), "pick", "pack", "shelve")
    return reader, order.id, until(world, order.id)


def until(world: World, order_id: int) -> date:
    return library_day(parse_stamp(world.db.value("SELECT pickup_until FROM orders WHERE id = :o", o=order_id)))


# ---- the timetable -----------------------------------------------------------------------------------------------


def test_a_bus_is_open_where_and_when_it_stands() -> None:
    days = timetable()
    bus = days.points[1]
    assert [days.hours(bus, WEDNESDAY + timedelta(days=n)) for n in range(3)] == ["14:00-15:30", "10:00-11:30", ""]
    assert days.is_open(bus, datetime(2026, 11, 25, 15, 0, tzinfo=LIBRARY_ZONE))
    assert not days.is_open(bus, datetime(2026, 11, 25, 15, 30, tzinfo=LIBRARY_ZONE))


def test_a_stop_may_have_a_date_of_its_own() -> None:
    days = timetable([*ROUND, Stop("2026-11-27", "09:00-10:00", "稻香镇")])
    assert [one.stop.place for one in days.coming(days.points[1], datetime(2026, 11, 26, 18, tzinfo=LIBRARY_ZONE))] == [
        "稻香镇", "溪口村", "梅坞村",
    ]  # fmt: skip
    assert days.open_on(1, date(2026, 11, 27)) and not days.open_on(1, date(2026, 12, 4))


def test_the_next_stops_begin_with_the_one_where_it_stands_now() -> None:
    days = timetable()
    now = datetime(2026, 11, 25, 15, 0, tzinfo=LIBRARY_ZONE)
    here, there = days.coming(days.points[1], now)
    assert here.begins <= now < here.ends and (there.stop, there.day) == (MEIWU, THURSDAY)
    assert days.coming(days.points[1], here.ends)[0].stop == MEIWU


@pytest.mark.parametrize(("stop", "comes"), [(XIKOU, False), (Stop("2027-02-06", "09:00-10:00", "庙会"), True)])
def test_new_years_day_leaves_out_the_weeks_stops_and_not_one_made_for_that_day(stop: Stop, comes: bool) -> None:
    """2027-02-06 is 正月初一, a Saturday; with the rule "closed" every holiday is without a bus."""
    new_year = date(2027, 2, 6)
    days = timetable([replace(XIKOU, day="sat"), stop])
    assert [one.stop.place for one in days.visits(days.points[1], new_year)] == ([stop.place] if comes else [])


@pytest.mark.parametrize(
    ("hours", "left"),
    [
        ("", []),
        ("09:00-12:00", []),
        ("15:00-18:00", ["15:00-15:30"]),
        ("09:00-12:00,14:00-21:00", ["14:00-15:30"]),
    ],
)
def test_a_special_day_leaves_of_a_stop_what_its_hours_allow_and_makes_none(hours: str, left: list[str]) -> None:
    days = timetable(specials=(special(WEDNESDAY, WEDNESDAY, hours, None), special(date(2026, 11, 27), THURSDAY)))
    bus = days.points[1]
    assert [one.hours for one in days.visits(bus, WEDNESDAY)] == left
    assert days.visits(bus, date(2026, 11, 24)) == []


def test_a_bus_in_one_village_is_no_day_on_which_everybody_can_bring_a_book() -> None:
    """B2-9: due dates look at the houses."""
    house = Point(2, "main", "branch", "馆", opens={"fri": "09:00-21:00"})
    days = Calendar({**timetable().points, 2: house}, (), RULES)
    assert not days.open_on(None, WEDNESDAY) and days.open_on(None, date(2026, 11, 27))


@pytest.mark.parametrize(
    ("stop", "why"),
    [
        (Stop("someday", "14:00-15:00", "村"), "day"),
        (Stop("20261205", "14:00-15:00", "村"), "day"),
        (Stop("wed", "15:00-14:00", "村"), "hours"),
        (Stop("wed", "9:00-14:00", "村"), "hours"),
        (Stop("wed", "", "村"), "hours"),
        (Stop("fri", "14:00-15:00", ""), "place"),
        (Stop("fri", "14:00-15:00", "村" * 61), "place"),
        (Stop("fri", "14:00-15:00", "村", lat=29.5), "spot"),
        (Stop("fri", "14:00-15:00", "村", lat=129.5, lon=1.0), "spot"),
        (Stop("fri", "14:00-15:00", "村", lat=float("nan"), lon=float("nan")), "spot"),
        (Stop("wed", "15:00-16:00", "村"), "meet"),
        (Stop("2026-12-02", "15:00-16:00", "村"), "meet"),
        (Stop("2026-12-03", "15:00-16:00", "村"), ""),
        (Stop("wed", "15:30-16:00", "村"), ""),
    ],
)
def test_a_timetable_that_cannot_be_says_why(stop: Stop, why: str) -> None:
    assert wrong([*ROUND, stop]) == why
    assert wrong([XIKOU] * 41) == "many"


def test_what_is_left_of_a_span() -> None:
    assert within("14:00-16:00", "09:00-15:00") == "14:00-15:00"
    assert within("14:00-16:00", "16:00-18:00") == ""


# ---- where it is kept --------------------------------------------------------------------------------------------


def test_a_bus_is_as_near_as_its_nearest_stop(world: World) -> None:
    """A10-14."""
    put_bus(world)
    ((bus, metres),) = nearest(points.points(world.db), 29.5201, 119.2801)
    assert bus.code == "bus" and metres == metres_to(XIKOU, 29.5201, 119.2801) and metres < 20


def test_only_a_bus_has_a_timetable_and_only_a_branch_a_type(world: World) -> None:
    """A10-18: 公共图书馆分馆, 家庭图书室, 社区."""
    bus, (main, locker) = put_bus(world), points.points(world.db)[:2]
    with world.store.writing() as db:
        set_branch_type(db, main.id, "home")
        set_stops(db, bus, [MEIWU])
        for point in (bus, locker.id):
            with pytest.raises(UnknownThing):
                set_branch_type(db, point, "public")
        with pytest.raises(UnknownThing):
            set_stops(db, main.id, [MEIWU])
        with pytest.raises(sqlite3.IntegrityError):
            db.run("UPDATE points SET branch_type = 'castle' WHERE id = :id", id=main.id)
    assert points.point(world.db, main.id).branch_type == "home"
    assert points.point(world.db, bus).stops == (MEIWU,)


# ---- what waits on it --------------------------------------------------------------------------------------------


def test_what_waits_on_the_bus_is_kept_until_it_has_called_everywhere(world: World) -> None:
    """A10-15: three days would end before the bus comes at all; nobody knows in which village the reader lives."""
    world.rule("promise", pickup_days=3)
    bus = put_bus(world)
    assert waiting(world, bus)[2] == THURSDAY


def test_shelved_on_the_very_day_each_village_still_gets_its_turn(world: World) -> None:
    world.rule("promise", pickup_days=1)
    bus = put_bus(world)
    world.now = datetime(2026, 11, 25, 16, 0, tzinfo=LIBRARY_ZONE)  # it has just left 溪口
    assert waiting(world, bus)[2] == WEDNESDAY + timedelta(days=7)


def test_a_hold_on_the_bus_ends_at_a_stop(world: World) -> None:
    bus, reader = put_bus(world), world.reader()
    (title,) = world.books(1)
    (loan,) = world.lend(world.reader(), title)
    hold = holds.place(world.db, reader, title, world.now)
    holds.pick_up_at(world.db, reader, hold.id, bus, world.policy, world.now)
    world.give_back(loan)
    kept = holds.hold(world.db, hold.id, reader).ready_until
    assert kept is not None and library_day(kept) in (WEDNESDAY, THURSDAY, WEDNESDAY + timedelta(days=7))


def test_a_stop_called_off_moves_what_waits_to_the_next_time_the_bus_comes_there(world: World) -> None:
    """The last day, Thursday, is a stop of another village: those of 溪口 could not come on it."""
    world.rule("promise", pickup_days=3)
    bus = put_bus(world)
    reader, order, kept = waiting(world, bus)
    made = snow(world, bus, WEDNESDAY, WEDNESDAY)
    assert kept == THURSDAY and until(world, order) == WEDNESDAY + timedelta(days=7)
    assert world.told(reader, "date_moved") == [("date_moved", f"moved-{made}", "waiting")]
    assert closings.settle(world.db, world.policy, world.now) == 0, "once is enough"
    assert closings.take_back(world.db, made, "馆员", world.policy, world.now) == 1
    assert until(world, order) == THURSDAY


def test_after_an_emergency_the_last_day_is_still_one_on_which_the_bus_comes(world: World) -> None:
    world.rule("promise", pickup_days=3)
    bus = put_bus(world)
    _, order, _kept = waiting(world, bus)
    snow(world, bus, WEDNESDAY, THURSDAY, emergency=True)
    days = calendar.load(world.db, world.policy)
    assert until(world, order) == date(2026, 12, 9) and days.open_on(bus, until(world, order))


def test_hours_that_leave_out_one_of_two_stops_count_as_calling_that_one_off(world: World) -> None:
    world.rule("promise", pickup_days=3)
    bus = put_bus(world, XIKOU, replace(MEIWU, day="wed"))
    reader, order, kept = waiting(world, bus)
    made = snow(world, bus, WEDNESDAY, WEDNESDAY, hours="10:00-11:30")
    assert kept == WEDNESDAY and until(world, order) == WEDNESDAY + timedelta(days=7)
    assert world.told(reader, "date_moved") == [("date_moved", f"moved-{made}", "waiting")]


def heard(world: World) -> None:
    """Whoever was to be told has been."""
    with world.store.writing() as db:
        db.run("UPDATE notices SET state = 'told'")


def test_a_village_that_gets_another_visit_in_time_is_not_moved_and_told_all_the_same(world: World) -> None:
    """Nobody waits in the snow; nor stays at home when the bus comes after all."""
    bus = put_bus(world)
    world.rule("promise", pickup_days=14)
    reader, order, kept = waiting(world, bus)
    made = snow(world, bus, WEDNESDAY, WEDNESDAY)
    assert kept >= WEDNESDAY + timedelta(days=7) and until(world, order) == kept
    assert [step for _, step, _ in world.told(reader, "date_moved")] == [f"stands-{made}"]
    heard(world)
    assert closings.take_back(world.db, made, "馆员", world.policy, world.now) == 0
    assert [step for _, step, _ in world.told(reader, "date_moved")] == [f"stands-{made}", f"comes-{made}"]


@pytest.mark.parametrize("step", ["stands", "comes"])
def test_who_waits_for_the_bus_hears_of_it_also_where_the_plug_was_pulled_before_they_were_told(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    world.rule("promise", pickup_days=14)
    bus = put_bus(world)
    reader, _, _ = waiting(world, bus)
    if step == "comes":
        snow(world, bus, WEDNESDAY, WEDNESDAY)
        heard(world)

    def dark(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(closings, "_tell", dark)
        if step == "stands":
            snow(world, bus, WEDNESDAY, WEDNESDAY)
        closings.take_back(world.db, 1, "馆员", world.policy, world.now)
    closings.settle(world.db, world.policy, world.now)
    assert [said for _, said, _ in world.told(reader, "date_moved")][-1] == f"{step}-1"


def test_a_branch_that_closes_as_announced_tells_only_whose_date_moves_and_a_bus_nobody_whose_books_are_gone_by_then(
    world: World,
) -> None:
    world.rule("promise", pickup_days=14)
    bus = put_bus(world)
    reader, _order, kept = waiting(world, bus)
    late, main = kept + timedelta(days=1), points.points(world.db)[0].id
    snow(world, bus, late, late)
    world.step(world.order(reader, *world.books(1), at=main), "pick", "pack", "shelve")
    snow(world, main, WEDNESDAY, WEDNESDAY)
    assert world.told(reader, "date_moved") == []


def test_a_new_timetable_moves_what_it_leaves_standing(world: World) -> None:
    world.rule("promise", pickup_days=3)
    bus = put_bus(world)
    _, order, _kept = waiting(world, bus)
    with world.store.writing() as db:
        set_stops(db, bus, [XIKOU, replace(MEIWU, day="fri")])
    closings.settle(world.db, world.policy, world.now)
    assert until(world, order) == THURSDAY + timedelta(days=1)


def test_a_book_given_back_on_the_bus_stays_on_it(world: World) -> None:
    """A2-6: it floats as at any branch."""
    bus, reader = put_bus(world), world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.give_back(loan, at=bus)
    copy = world.db.one("SELECT point_id, state FROM copies WHERE barcode = :b", b=loan.barcode)
    assert copy == {"point_id": bus, "state": CopyState.AVAILABLE}

"""Closed when it was to be open: dates move, readers hear, and a closing taken back harms nobody (B2-9)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import count
from types import ModuleType
from typing import Any

import pytest

from lending import calendar, closings, credit, holds, loans, moved_promises, orders, rounds
from lending.calendar import FURTHEST
from lending.closings import BadDays
from lending.errors import CannotChange, NotAllowed, UnknownThing
from lending.model import library_day
from tests.lending.world import World


def close(
    world: World, first: date, last: date, point: int | None = None, emergency: bool = False, hours: str = ""
) -> int:
    return closings.declare(
        world.db, point, first, last, "台风", "馆员", world.policy, world.now, hours, emergency=emergency
    )


def heard(world: World) -> None:
    """Whoever was to be told has been."""
    with world.store.writing() as db:
        db.run("UPDATE notices SET state = 'told'")


def due(world: World, loan_id: int) -> date:
    return library_day(loans.loan(world.db, loan_id).due_at)


def lent(world: World) -> tuple[int, loans.Loan, date]:
    """A reader, the loan, its due day (a Wednesday, 40 days on)."""
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    return reader, loan, library_day(loan.due_at)


def days(n: int) -> timedelta:
    return timedelta(days=n)


def test_b2_9_a_due_date_on_a_day_closed_later_moves_to_the_reopening_and_is_told(world: World) -> None:
    reader, loan, day = lent(world)
    close(world, day - days(1), day + days(2))
    assert due(world, loan.id) == day + days(3)
    assert world.told(reader, "date_moved") == [("date_moved", "moved-1", "waiting")]


@pytest.mark.parametrize("more", [0, 2, 5])
def test_after_an_emergency_not_everybody_must_come_on_the_reopening_day(world: World, more: int) -> None:
    world.rule("calendar", grace_days=more)
    _, loan, day = lent(world)
    close(world, day, day, emergency=True)
    assert due(world, loan.id) == day + days(1 + more)


def test_other_hours_move_nothing(world: World) -> None:
    reader, loan, day = lent(world)
    close(world, day, day, hours="10:00-12:00")
    assert (due(world, loan.id), world.told(reader, "date_moved")) == (day, [])


def test_one_branch_closed_moves_what_waits_there_and_no_due_date(world: World) -> None:
    """The book can still go to the others."""
    other = world.branch("river")
    reader, loan, day = lent(world)
    waiting = world.step(world.order(reader, *world.books(1), at=other), "pick", "pack", "shelve")
    assert waiting.pickup_until is not None
    end = library_day(waiting.pickup_until)
    close(world, end, end, point=other)
    moved = orders.by_number(world.db, waiting.number).pickup_until
    assert moved is not None and library_day(moved) == end + days(1)
    close(world, day, day, point=other)
    assert due(world, loan.id) == day


def test_a_held_book_is_kept_until_its_branch_is_open_again(world: World) -> None:
    _, loan, _ = lent(world)
    waiting = world.reader()
    hold = holds.place(world.db, waiting, loan.title_id, world.now)
    world.give_back(loan)
    end = holds.of_reader(world.db, waiting)[0].ready_until
    assert end is not None
    close(world, library_day(end), library_day(end) + days(1))
    moved = holds.of_reader(world.db, waiting)[0].ready_until
    assert moved is not None and (library_day(moved), hold.id) == (library_day(end) + days(2), 1)


@pytest.mark.parametrize(("closed", "moved"), [("river", 2), ("main", 0)])
def test_b2_10_a_held_book_is_kept_by_the_days_of_the_place_it_is_picked_up_at(
    world: World, closed: str, moved: int
) -> None:
    """And not by those of the shelf it happens to stand on; taken back likewise."""
    world.branch("river")
    points = {row["code"]: row["id"] for row in world.db.all("SELECT code, id FROM points")}
    _, loan, _ = lent(world)
    waiting = world.reader()
    hold = holds.place(world.db, waiting, loan.title_id, world.now)
    holds.pick_up_at(world.db, waiting, hold.id, points["river"], world.policy, world.now)
    world.give_back(loan, points["main"])
    end = holds.of_reader(world.db, waiting)[0].ready_until
    assert end is not None
    made = close(world, library_day(end), library_day(end) + days(1), points[closed])
    now = holds.of_reader(world.db, waiting)[0].ready_until
    assert now is not None and library_day(now) == library_day(end) + days(moved)
    closings.take_back(world.db, made, "馆员", world.policy, world.now)
    assert holds.of_reader(world.db, waiting)[0].ready_until == end


def test_nothing_is_sent_any_more_to_a_point_closed_for_good(world: World) -> None:
    """No day is left to which a date could move: whoever was to fetch books there hears it once and pays no points."""
    river, reader, late, waits = world.branch("river"), world.reader(), world.reader(), world.reader()
    ready = world.step(world.order(reader, *world.books(1), at=river), "pick", "pack", "shelve")
    coming = world.order(late, *world.books(1), at=river)
    title = world.book("围城")
    (lent_out,) = world.lend(reader, title)
    hold = holds.place(world.db, waits, title, world.now)
    holds.pick_up_at(world.db, waits, hold.id, river, world.policy, world.now)
    world.give_back(lent_out)
    first = library_day(world.now) + days(1)
    made = close(world, first, first + days(FURTHEST - 1), point=river)
    for who in (reader, late, waits):
        assert world.told(who, "date_moved") == [("date_moved", f"gone-{made}", "waiting")]
    assert orders.by_id(world.db, ready.id).pickup_until == ready.pickup_until
    with pytest.raises(NotAllowed) as refused:
        world.order(world.reader(), *world.books(1), at=river)
    assert [why.code for why in refused.value.decision.reasons] == ["point_gone"]
    assert world.order(world.reader(), *world.books(1)).id > coming.id, "elsewhere as ever"
    before = credit.balance(world.db, waits)
    world.later(days=40)
    holds.expire_due(world.db, world.policy, world.now)
    assert not holds.of_reader(world.db, waits) and credit.balance(world.db, waits) == before
    closings.take_back(world.db, made, "馆员", world.policy, world.now)
    world.order(world.reader(), *world.books(1), at=river)


def test_new_dates_avoid_the_closed_days_from_the_start(world: World) -> None:
    """B2-9: hold shelf ends while closed."""
    close(world, library_day(world.now) + days(1), library_day(world.now) + days(45))
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    order = world.step(world.order(reader, *world.books(1)), "pick", "pack", "shelve")
    assert order.pickup_until is not None
    assert library_day(order.pickup_until) == due(world, loan.id) == library_day(world.now) + days(46)


def test_a_renewal_does_not_end_on_a_closed_day(world: World) -> None:
    reader, loan, day = lent(world)
    close(world, day + days(15), day + days(15))
    loans.renew(world.db, reader, [], world.policy, world.now)
    assert due(world, loan.id) == day + days(16)


def test_settling_again_changes_nothing(world: World) -> None:
    _, _, day = lent(world)
    close(world, day, day)
    before = world.everything()
    assert closings.settle(world.db, world.policy, world.now) == 0
    assert world.everything() == before


# ---- taken back ----------------------------------------------------------------------------------------------------


def test_a_closing_taken_back_gives_the_old_date_back_and_tells(world: World) -> None:
    reader, loan, day = lent(world)
    closed = close(world, day, day + days(5))
    heard(world)
    assert closings.take_back(world.db, closed, "馆员", world.policy, world.now) == 1
    assert due(world, loan.id) == day
    assert [step for _, step, _ in world.told(reader, "date_moved")] == ["moved-1", "back-1"]
    assert calendar.open_on(world.db, world.policy, None, day)


@pytest.mark.parametrize(("left", "expected"), [(2, 6), (3, 0), (4, 0)])
def test_a_date_too_near_is_not_taken_back(world: World, left: int, expected: int) -> None:
    """The limit of three days and one on either side: a reader who has been told more time keeps it."""
    _, loan, day = lent(world)
    closed = close(world, day, day + days(5))
    world.now = datetime.combine(day - days(left), world.now.timetz())
    closings.take_back(world.db, closed, "馆员", world.policy, world.now)
    assert due(world, loan.id) == day + days(expected)


def test_a_date_renewed_meanwhile_stays(world: World) -> None:
    reader, loan, day = lent(world)
    closed = close(world, day, day + days(5))
    (renewal,) = loans.renew(world.db, reader, [loan.id], world.policy, world.now)
    assert closings.take_back(world.db, closed, "馆员", world.policy, world.now) == 0
    assert loans.loan(world.db, loan.id).due_at == renewal.due_at


def test_of_two_closings_the_one_that_stays_still_holds(world: World) -> None:
    _, loan, day = lent(world)
    long, short = close(world, day, day + days(5)), close(world, day, day)
    closings.take_back(world.db, long, "馆员", world.policy, world.now)
    assert due(world, loan.id) == day + days(1)
    with pytest.raises(CannotChange):
        closings.take_back(world.db, long, "馆员", world.policy, world.now)
    assert closings.special_days(world.db, short).taken_back_at is None


def test_b2_9_days_that_were_closed_stay_uncounted_when_the_closing_is_taken_back(world: World) -> None:
    """Past accruals are frozen, and so is what was not counted."""
    reader, loan, day = lent(world)
    world.now = datetime.combine(day + days(1), world.now.timetz())
    closed = close(world, day + days(1), day + days(9))
    world.later(days=2)
    closings.take_back(world.db, closed, "馆员", world.policy, world.now)
    world.tick()
    counted = {line.day for line in credit.lines(world.db, reader) if line.event == "overdue"}
    assert counted == {str(day + days(3))}
    assert due(world, loan.id) == day


def test_b2_9_an_overdue_book_loses_no_points_while_the_library_is_closed(world: World) -> None:
    reader, _, day = lent(world)
    close(world, day + days(2), day + days(4))
    for _ in range(46):
        world.later(days=1)
        world.tick()
    counted = sorted(line.day for line in credit.lines(world.db, reader) if line.event == "overdue")
    assert counted == [str(day + days(n)) for n in (1, 5, 6)]


# ---- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "hours", "why"),
    [
        (2, 1, "", "order"),
        (-1, 3, "", "past"),
        (1, 2, "morning", "hours"),
        (1, 2, "9:00-12:00", "hours"),
        (1, 2, "09:00-12:00,", "hours"),
        (1, 2, "17:00-09:00", "hours"),
        (1, 2, "09:00-12:00,11:00-17:00", "hours"),
        (1, 2, "14:00-21:00,09:00-12:00", "hours"),
    ],
)
def test_days_that_cannot_be_are_refused(world: World, first: int, last: int, hours: str, why: str) -> None:
    today, before = library_day(world.now), world.everything()
    with pytest.raises(BadDays) as caught:
        close(world, today + days(first), today + days(last), hours=hours)
    assert caught.value.why == why and world.everything() == before


def test_the_same_days_are_declared_once_and_again_when_they_were_taken_back(world: World) -> None:
    """Declared twice, one taken back would leave the door shut without anybody knowing."""
    first = library_day(world.now) + days(1)
    made = close(world, first, first)
    with pytest.raises(BadDays) as caught:
        close(world, first, first, emergency=True)
    assert caught.value.why == "twice"
    close(world, first, first, hours="10:00-12:00")
    close(world, first, first, point=1)
    closings.take_back(world.db, made, "王", world.policy, world.now)
    close(world, first, first)


def test_a_point_there_is_not_is_refused(world: World) -> None:
    today = library_day(world.now)
    with pytest.raises(UnknownThing):
        close(world, today, today, point=99)


# ---- somebody pulls the plug -----------------------------------------------------------------------------------------


class PlugPulled(BaseException):
    """Nothing in the program sees it."""


def pull_the_plug_at(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, call: int) -> None:
    """One date a turn; before that call of it all is dark, so what went before is kept and the rest is not."""
    monkeypatch.setattr(closings, "CHUNK", 1)
    monkeypatch.setattr(moved_promises, "CHUNK", 1)
    whole, calls = getattr(module, name), count(1)

    def dies(*given: Any) -> Any:
        if next(calls) == call:
            raise PlugPulled
        return whole(*given)

    monkeypatch.setattr(module, name, dies)


def dates(world: World) -> list[str]:
    """Until when books are lent, and orders promised."""
    rows = world.db.all("SELECT due_at AS at FROM loans UNION ALL SELECT promised_at FROM orders "
                        "WHERE state <> 'done' ORDER BY at")  # fmt: skip
    return [row["at"] for row in rows]


def told(world: World) -> list[str]:
    return sorted(row["step"] for row in world.db.all("SELECT step FROM notices WHERE event = 'date_moved'"))


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize(
    ("module", "there", "back"),
    [
        (closings, "_move", "_move_back"), (moved_promises, "_move", "_move_back"),
        (rounds, "settle", "take_back"), (closings, "_finish", "_finish"),
    ],
)  # fmt: skip
def test_what_a_closing_began_is_finished_by_the_clock_wherever_the_plug_was_pulled(
    world: World, monkeypatch: pytest.MonkeyPatch, module: ModuleType, there: str, back: str, call: int
) -> None:
    """B2-9: half of the readers with the new date, and half with the old, and nobody to see it."""
    _, _, day = lent(world)
    lent(world)
    for _ in range(2):
        world.order(world.reader(), *world.books(1))
    before = dates(world)
    first = library_day(world.now) + days(1)
    with monkeypatch.context() as patch, suppress(PlugPulled):
        pull_the_plug_at(patch, module, there, call)
        close(world, first, day)
    closings.settle(world.db, world.policy, world.now)
    moved = dates(world)
    assert all(old != new for old, new in zip(before, moved, strict=True)) and told(world) == ["moved-1"] * 4
    heard(world)
    with monkeypatch.context() as patch, suppress(PlugPulled):
        pull_the_plug_at(patch, module, back, call)
        closings.take_back(world.db, 1, "馆员", world.policy, world.now)
    closings.settle(world.db, world.policy, world.now)
    assert dates(world) == before and told(world) == ["back-1"] * 4 + ["moved-1"] * 4
    everything = world.everything()
    assert closings.settle(world.db, world.policy, world.now) == 0 and world.everything() == everything


def test_the_library_is_never_closed_for_so_long_that_no_date_could_move_behind_it(world: World) -> None:
    """Dates stayed on closed days then, and ran out behind a locked door without a word."""
    first = library_day(world.now) + timedelta(days=1)
    before = world.everything()
    with pytest.raises(BadDays) as caught:
        close(world, first, first + timedelta(days=FURTHEST))
    assert caught.value.why == "long" and world.everything() == before
    last = first + timedelta(days=FURTHEST - 2)
    assert closings.special_days(world.db, close(world, first, last)).last == last

"""A closing moves the library's own promises too: not broken, told once, moved back when it is taken back (D-1, B2-9).

The clock stands at ten on Friday, 20 November 2026.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from lending import additions, closings, kept_promises, moved_promises, orders, promises
from lending.model import OrderState as S
from lending.orders import Order
from tests.lending.world import World

FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 11, day) for day in (20, 21, 22, 23))


def at(day: date, hour: int) -> datetime:
    """That hour in the library."""
    return datetime(day.year, day.month, day.day, hour - 8, tzinfo=UTC)


def half_past(day: date, hour: int) -> datetime:
    return at(day, hour) + timedelta(minutes=30)


def close(world: World, first: date, last: date, point: int | None = None, emergency: bool = True) -> int:
    return closings.declare(world.db, point, first, last, "台风", "馆员", world.policy, world.now, emergency=emergency)


def again(world: World, order: Order) -> Order:
    return orders.by_number(world.db, order.number)


@pytest.fixture
def order(world: World) -> Order:
    """Approved at ten on Friday: packed by 16:00 today, ready by ten tomorrow."""
    made = world.order(world.reader(), *world.books(1))
    assert (made.pack_by, made.promised_at) == (at(FRIDAY, 16), at(SATURDAY, 10))
    return made


def test_what_was_promised_for_a_closed_day_moves_to_the_reopening(world: World, order: Order) -> None:
    """The same hour; the days of grace are the reader's, not the library's."""
    close(world, SATURDAY, SUNDAY)
    assert (again(world, order).pack_by, again(world, order).promised_at) == (at(FRIDAY, 16), at(MONDAY, 10))


def test_a_planned_closing_moves_it_too_and_other_hours_do_not(world: World, order: Order) -> None:
    closings.declare(world.db, None, SATURDAY, SATURDAY, "活动", "馆员", world.policy, world.now, "10:00-12:00")
    assert again(world, order).promised_at == at(SATURDAY, 10)
    close(world, SATURDAY, SATURDAY, emergency=False)
    assert again(world, order).promised_at == at(SUNDAY, 10)


def test_packed_is_never_promised_later_than_ready(world: World, order: Order) -> None:
    """Closed for the rest of today: packing moves to tomorrow at 16:00, and so does what was to be ready at ten."""
    close(world, FRIDAY, FRIDAY)
    assert again(world, order).pack_by == again(world, order).promised_at == at(SATURDAY, 16)


def test_nothing_is_broken_by_it_and_the_time_after_counts_again(world: World, order: Order) -> None:
    """D-1."""
    close(world, FRIDAY, SUNDAY)
    for moment in (at(FRIDAY, 17), at(SATURDAY, 12), at(MONDAY, 15)):
        world.now = moment
        world.tick()
        kept_promises.settle_due(world.db, world.policy, world.now)
    assert world.db.value("SELECT COUNT(*) FROM broken_promises") == 0
    assert world.db.value("SELECT COUNT(*) FROM promise_lines") == 0
    world.now = at(MONDAY, 17)
    world.tick()
    assert {one.name for one in promises.of_order(world.db, again(world, order)) if one.broken} == {"pack", "ready"}


def test_what_was_broken_before_stays_broken(world: World, order: Order) -> None:
    world.now = at(FRIDAY, 17)
    close(world, FRIDAY, SUNDAY)
    world.tick()
    kept = {one.name: (one.by, one.broken) for one in promises.of_order(world.db, again(world, order))}
    assert kept == {"pack": (at(FRIDAY, 16), True), "ready": (at(MONDAY, 10), False)}


def test_an_answer_waited_for_moves_as_well(world: World) -> None:
    """E1-10: the clock of the person who looks; promised_at is the same moment."""
    world.now = at(FRIDAY, 15)
    order = world.order(world.reader(), *world.books(6))
    assert order.review_by == order.promised_at == at(SATURDAY, 10)
    close(world, SATURDAY, SUNDAY)
    assert again(world, order).review_by == again(world, order).promised_at == at(MONDAY, 10)


def test_a_closed_branch_moves_what_waits_for_that_branch_only(world: World) -> None:
    other = world.branch("river")
    here = world.order(world.reader(), *world.books(1))
    there = world.order(world.reader(), *world.books(1), at=other)
    close(world, SATURDAY, SATURDAY, point=other)
    assert again(world, here).promised_at == at(SATURDAY, 10)
    assert (again(world, there).pack_by, again(world, there).promised_at) == (at(FRIDAY, 16), at(SUNDAY, 10))


def test_it_is_told_once_however_often_the_clock_ticks(world: World, order: Order) -> None:
    """B2-4."""
    close(world, FRIDAY, SUNDAY)
    before = world.everything()
    assert closings.settle(world.db, world.policy, world.now) == 0
    assert world.everything() == before
    assert world.told(order.reader_id, "date_moved") == [("date_moved", "moved-1", "waiting")]


def test_who_does_not_wait_any_more_hears_of_the_shut_door_alone(world: World, order: Order) -> None:
    world.step(order, "pick", "pack", "shelve")
    close(world, SATURDAY, SUNDAY)
    assert again(world, order).promised_at == at(SATURDAY, 10)
    assert world.told(order.reader_id, "date_moved") == [("date_moved", "stands-1", "waiting")]


def test_an_order_placed_meanwhile_is_promised_past_the_closing_without_a_further_word(world: World) -> None:
    close(world, SATURDAY, SUNDAY)
    placed = world.order(world.reader(), *world.books(1))
    honest = moved_promises.keep_honest(world.db, placed, world.policy, world.now)
    assert honest.promised_at == again(world, placed).promised_at == at(MONDAY, 10)
    closings.settle(world.db, world.policy, world.now)
    assert world.told(placed.reader_id, "date_moved") == []


@pytest.mark.parametrize(("first", "last"), [(FRIDAY, FRIDAY), (SATURDAY, SUNDAY), (FRIDAY, SATURDAY)])
@pytest.mark.parametrize("of_branch", [True, False])
def test_what_is_said_before_an_order_is_what_it_is_promised(
    world: World, first: date, last: date, of_branch: bool
) -> None:
    """A4-8."""
    order = world.order(world.reader(), *world.books(1))
    close(world, first, last, order.point_id if of_branch else None)
    found = moved_promises.closings(world.db, world.now)
    said = moved_promises.made_now(found, order.point_id, world.policy, world.now)
    placed = world.order(world.reader(), *world.books(1))
    for one in (moved_promises.keep_honest(world.db, placed, world.policy, world.now), again(world, order)):
        assert (one.pack_by, one.promised_at) == said


def test_books_added_meanwhile_are_promised_past_it_too(world: World, order: Order) -> None:
    close(world, SATURDAY, SUNDAY)
    world.later(hours=2)
    world.fill_cart(order.reader_id, *world.books(1))
    done = additions.add(world.db, order.reader_id, order.number, "more", world.policy, world.now)
    assert done.order.promised_at == at(MONDAY, 12)


# ---- taken back ------------------------------------------------------------------------------------------------------


def test_taken_back_at_once_everything_is_as_it_was(world: World, order: Order) -> None:
    closed = close(world, FRIDAY, SUNDAY)
    with world.store.writing() as db:
        db.run("UPDATE notices SET state = 'told'")
    assert closings.take_back(world.db, closed, "馆员", world.policy, world.now) == 1
    assert (again(world, order).pack_by, again(world, order).promised_at) == (order.pack_by, order.promised_at)
    assert [step for _, step, _ in world.told(order.reader_id, "date_moved")] == ["moved-1", "back-1"]


def test_taken_back_later_it_is_no_sooner_than_for_an_order_placed_then(world: World, order: Order) -> None:
    """The library must be able to keep what it says; it is still sooner than what had been said last."""
    closed = close(world, FRIDAY, MONDAY)
    assert again(world, order).promised_at == at(date(2026, 11, 24), 16)
    world.now = at(SATURDAY, 11)
    closings.take_back(world.db, closed, "馆员", world.policy, world.now)
    assert (again(world, order).pack_by, again(world, order).promised_at) == (at(SATURDAY, 17), at(SUNDAY, 11))
    world.now = at(SATURDAY, 18)
    world.tick()
    assert [one.name for one in promises.of_order(world.db, again(world, order)) if one.broken] == ["pack"]


def test_approved_during_a_closing_it_is_promised_past_it_and_moves_back_with_it(world: World) -> None:
    """The answer's own clock has ended with the answer; the tick finds nothing to move and nothing to tell."""
    order = world.order(world.reader(), *world.books(6))
    closed = close(world, SATURDAY, SUNDAY)
    world.later(minutes=30)
    approved = world.step(order, "approve")
    assert (approved.pack_by, approved.promised_at) == (half_past(FRIDAY, 16), half_past(MONDAY, 10))
    assert closings.settle(world.db, world.policy, world.now) == 0 and world.told(order.reader_id, "date_moved") == []
    closings.take_back(world.db, closed, "馆员", world.policy, world.now)
    assert again(world, order).promised_at == half_past(SATURDAY, 10)


def test_a_promise_changed_since_then_stays(world: World, order: Order) -> None:
    """Books came to it: that promise is another one."""
    closed = close(world, SATURDAY, SUNDAY)
    world.later(hours=2)
    world.fill_cart(order.reader_id, *world.books(1))
    added = additions.add(world.db, order.reader_id, order.number, "more", world.policy, world.now).order
    closings.take_back(world.db, closed, "馆员", world.policy, world.now)
    assert (again(world, order).state, again(world, order).promised_at) == (S.APPROVED, added.promised_at)


def test_longer_closings_one_after_the_other_move_it_step_by_step(world: World, order: Order) -> None:
    close(world, SATURDAY, SATURDAY)
    world.later(hours=1)
    close(world, SUNDAY, SUNDAY)
    assert again(world, order).promised_at == at(MONDAY, 10)
    assert len(world.told(order.reader_id, "date_moved")) == 2


def test_taken_back_ready_is_never_before_packed_and_the_clock_goes_on(world: World) -> None:
    """16 February 2026 is New Year's Eve: an order of 17:00 the day before is packed and ready at nine on the 18th."""
    eve, reopened = date(2026, 2, 15), date(2026, 2, 18)
    world.now = at(date(2026, 2, 14), 13)
    order = world.order(world.reader(), *world.books(1))
    assert (order.pack_by, order.promised_at) == (at(eve, 10), at(eve, 13))
    close(world, date(2026, 4, 20), date(2026, 4, 21), emergency=False)
    closed = close(world, eve, date(2026, 2, 17))
    assert (again(world, order).pack_by, again(world, order).promised_at) == (at(reopened, 10), at(reopened, 13))
    world.now = at(eve, 17)
    closings.take_back(world.db, closed, "馆员", world.policy, world.now)
    assert again(world, order).pack_by == again(world, order).promised_at == at(reopened, 9)
    assert closings.settle(world.db, world.policy, world.now) == 0


def test_ready_moves_back_no_further_than_packing_that_stays_moved(world: World) -> None:
    """The branch opens after all, the library as a whole does not: packing on Saturday at 16:00 decides."""
    order = world.order(world.reader(), *world.books(1))
    branch = close(world, SATURDAY, MONDAY, point=order.point_id)
    close(world, FRIDAY, FRIDAY)
    tuesday = date(2026, 11, 24)
    assert (again(world, order).pack_by, again(world, order).promised_at) == (at(SATURDAY, 16), at(tuesday, 10))
    closings.take_back(world.db, branch, "馆员", world.policy, world.now)
    assert again(world, order).pack_by == again(world, order).promised_at == at(SATURDAY, 16)
    assert closings.settle(world.db, world.policy, world.now) == 0


def test_an_order_promised_ready_before_packed_does_not_stop_the_clock(world: World, order: Order) -> None:
    close(world, SUNDAY, SUNDAY)
    with world.store.writing() as db:
        db.run("UPDATE orders SET promised_at = '2026-11-20T03:00:00Z'")
    assert closings.settle(world.db, world.policy, world.now) == 0


def test_taken_back_nothing_moves_to_a_day_that_another_closing_keeps_closed(world: World, order: Order) -> None:
    """An order placed on Saturday at noon, closed until Sunday evening, would be ready on Monday."""
    closed = close(world, SATURDAY, MONDAY)
    close(world, SUNDAY, SUNDAY)
    world.now = at(SATURDAY, 12)
    closings.take_back(world.db, closed, "馆员", world.policy, world.now)
    assert again(world, order).promised_at == at(MONDAY, 12)
    assert closings.settle(world.db, world.policy, world.now) == 0


TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize("first_back", [0, 1])
def test_two_closings_taken_back_one_after_the_other_leave_nothing_moved(world: World, first_back: int) -> None:
    """The branch's comes first, then the library's own that reaches past it; whichever is taken back first."""
    order = world.order(world.reader(), *world.books(1))
    two = [close(world, SATURDAY, MONDAY, point=order.point_id), close(world, SUNDAY, TUESDAY)]
    assert again(world, order).promised_at == at(date(2026, 11, 25), 10)
    closings.take_back(world.db, two[first_back], "馆员", world.policy, world.now)
    assert again(world, order).promised_at == at((SATURDAY, TUESDAY)[first_back], 10)
    closings.take_back(world.db, two[1 - first_back], "馆员", world.policy, world.now)
    assert again(world, order).promised_at == at(SATURDAY, 10)
    assert [one.moved for one in closings.declared(world.db, FRIDAY)] == [0, 0]


@pytest.mark.parametrize("first_back", [0, 1])
def test_both_stood_already_when_the_order_was_placed(world: World, first_back: int) -> None:
    """One of them was written down as the cause; the other one's end counts as well."""
    branch = world.order(world.reader(), *world.books(1)).point_id
    two = [close(world, SATURDAY, TUESDAY), close(world, SATURDAY, MONDAY, point=branch)]
    placed = world.order(world.reader(), *world.books(1), at=branch)
    order = moved_promises.keep_honest(world.db, placed, world.policy, world.now)
    assert again(world, order).promised_at == at(date(2026, 11, 25), 10)
    closings.take_back(world.db, two[first_back], "馆员", world.policy, world.now)
    assert again(world, order).promised_at == at((TUESDAY, date(2026, 11, 25))[first_back], 10)
    closings.take_back(world.db, two[1 - first_back], "馆员", world.policy, world.now)
    assert again(world, order).promised_at == at(SATURDAY, 10)


def test_a_closing_elsewhere_taken_back_moves_nothing(world: World, order: Order) -> None:
    """What is over by now moved the promise; that another branch opens after all does not bring it back."""
    other = world.branch("river")
    close(world, SATURDAY, SUNDAY)
    elsewhere = close(world, SUNDAY, TUESDAY, point=other)
    world.now = at(FRIDAY, 11)
    before = again(world, order)
    assert closings.take_back(world.db, elsewhere, "馆员", world.policy, world.now) == 0
    assert again(world, order) == before

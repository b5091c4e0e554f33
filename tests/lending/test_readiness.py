"""B2-20: nobody is told that books are ready before they are, and a press too early can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lending import holds, locker_reports, lockers, notices, orders, promises
from lending.errors import CannotChange
from lending.model import OrderState as S
from lending.orders import Order
from tests.lending.facts import still_true
from tests.lending.world import World

BY_HAND = "staff:小信"


def waiting(world: World, after_minutes: float = 0) -> set[str]:
    """The steps of orders that would be told by then."""
    by = world.now + timedelta(minutes=after_minutes)
    return {notice.step for notice in notices.waiting(world.db, by) if notice.event == "order_moved"}


def packed(world: World, way: str) -> Order:
    return world.step(world.order(world.reader(), world.book("甲"), way=way), "pick", "pack")


@pytest.mark.parametrize(("way", "step"), [("locker", "load"), ("counter", "shelve")])
def test_b2_20_what_a_person_says_is_ready_is_told_a_little_later(world: World, way: str, step: str) -> None:
    world.step(packed(world, way), step, actor=BY_HAND)
    minutes = world.policy.promise.tell_ready_minutes
    assert step not in waiting(world, minutes - 1) and step in waiting(world, minutes)


@pytest.mark.parametrize(("way", "step", "undo"), [("locker", "load", "unload"), ("counter", "shelve", "unshelve")])
def test_b2_20_until_it_is_told_it_can_be_taken_back_and_done_again(
    world: World, way: str, step: str, undo: str
) -> None:
    order = packed(world, way)
    before = world.db.all("SELECT state FROM boxes"), world.copies(1)
    back = world.step(order, step, undo, actor=BY_HAND)
    assert (back.state, back.pickup_code, back.pickup_until) == (S.PACKED, "", None)
    assert before == (world.db.all("SELECT state FROM boxes"), world.copies(1))
    assert step not in waiting(world, 60), "nobody hears of it"
    world.step(order, step, actor=BY_HAND)
    assert step in waiting(world, 60), "and the second time it is told"


def test_b2_20_once_it_is_told_it_stays(world: World) -> None:
    order = world.step(packed(world, "locker"), "load", actor=BY_HAND)
    for notice in notices.waiting(world.db, world.later(hours=1)):
        notices.settle(world.db, notice.id, told=True)
    with pytest.raises(CannotChange):
        world.step(order, "unload", actor=BY_HAND)
    assert orders.by_number(world.db, order.number).state is S.IN_LOCKER and lockers.label(world.db, order.id)


def test_b2_20_the_lockers_own_word_is_told_at_once(world: World) -> None:
    order = world.step(packed(world, "locker"), "load", actor=BY_HAND)
    assert "load" not in waiting(world)
    locker_reports.hear(
        world.db, "locker", 1, "loaded", {"order": order.number}, world.now, world.policy, world.now
    )  # fmt: skip
    assert "load" in waiting(world)


def test_b2_20_a_promise_kept_by_a_step_taken_back_is_not_kept(world: World) -> None:
    order = world.step(packed(world, "counter"), "shelve", "unshelve", actor=BY_HAND)
    (ready,) = [one for one in promises.of_order(world.db, order) if one.name == "ready"]
    assert ready.met_at is None and not ready.broken


def test_b2_20_who_waits_hears_of_a_scanned_book_a_little_later_and_not_if_it_is_gone_again(world: World) -> None:
    title = world.book("乙")
    (loan,) = world.lend(world.reader(), title)
    reader = world.reader()
    hold = holds.place(world.db, reader, title, world.now)
    world.give_back(loan)

    def called(minutes: int) -> bool:
        told = notices.waiting(world.db, world.now + timedelta(minutes=minutes), reader_id=reader)
        return any(notice.event == "hold_ready" and still_true(world.db, notice) for notice in told)

    minutes = world.policy.promise.tell_ready_minutes
    assert not called(minutes - 1) and called(minutes)
    holds.cancel(world.db, reader, hold.id, world.policy, world.now)
    assert not called(60)

"""多留几天: once, where nobody else waits, never to a closed day, and the reminders count anew (D 29, D 39, B4)."""

from __future__ import annotations

import pytest

from lending import door_claims, extensions, holds, order_records, orders, uncollected
from lending.errors import UnknownThing
from lending.extensions import NotKeptLonger
from lending.model import OrderState, library_day
from lending.orders import Order
from tests.lending.test_races import race
from tests.lending.world import World


def at_the_counter(world: World, reader: int, *titles: int) -> Order:
    return world.step(world.order(reader, *titles), "pick", "pack", "shelve")


def keep(world: World, order: Order) -> Order:
    extensions.keep_order(world.store.db, order.number, order.reader_id, world.policy, world.now)
    return order_records.by_number(world.db, order.number)


def refused(world: World, order: Order) -> str:
    with pytest.raises(NotKeptLonger) as caught:
        keep(world, order)
    return str(caught.value.why)


def days(order: Order) -> int:
    assert order.pickup_until is not None
    return library_day(order.pickup_until).toordinal()


def test_an_order_is_kept_so_many_days_longer_and_once(world: World) -> None:
    waiting = at_the_counter(world, world.reader(), world.book("围城"))
    kept = keep(world, waiting)
    assert days(kept) == days(waiting) + world.policy.promise.extend_days
    assert refused(world, kept) == "once"
    world.now = waiting.pickup_until or world.now
    world.later(hours=1)
    world.tick()
    assert order_records.by_number(world.db, kept.number).state is OrderState.AT_COUNTER
    world.now = kept.pickup_until or world.now
    world.later(hours=1)
    world.tick()
    assert order_records.by_number(world.db, kept.number).state is OrderState.CANCELLED


def test_who_waits_goes_before_whoever_cannot_come(world: World) -> None:
    mine, title = world.reader(), world.book("围城")
    order, other = at_the_counter(world, mine, title), world.reader()
    queued = holds.place(world.store.db, other, title, world.now)
    assert refused(world, order) == "waited_for"
    holds.rest(world.store.db, other, queued.id, 7, world.policy, world.now)
    assert days(keep(world, order)) > days(order)


def test_before_it_waits_and_after_it_is_over_nothing_is_kept_longer(world: World) -> None:
    order = world.order(world.reader(), world.book("围城"))
    assert refused(world, order) == "over"
    order = world.step(order, "pick", "pack", "shelve")
    world.now = order.pickup_until or world.now
    world.later(seconds=1)
    assert refused(world, order) == "over"


def test_a_library_may_keep_nothing_longer(world: World) -> None:
    order = at_the_counter(world, world.reader(), world.book("围城"))
    world.rule("promise", extend_days=0)
    assert refused(world, order) == "never"


def test_behind_a_door_that_stays_shut_no_day_is_named(world: World) -> None:
    """D-13: the time stands still already."""
    world.locker()
    order = world.step(world.order(world.reader(), world.book("围城"), way="locker"), "pick", "pack", "load")
    door_claims.claim(world.store.db, order.reader_id, order.number, "没开", world.now)
    with pytest.raises(NotKeptLonger) as caught:
        keep(world, order)
    assert (caught.value.why, caught.value.until) == ("door", None)


def test_another_readers_order_is_unknown(world: World) -> None:
    order = at_the_counter(world, world.reader(), world.book("围城"))
    with pytest.raises(UnknownThing):
        extensions.keep_order(world.store.db, order.number, world.reader(), world.policy, world.now)


def test_pressed_by_eight_at_once_it_is_kept_once(world: World) -> None:
    """B2-2."""
    order = at_the_counter(world, world.reader(), world.book("围城"))

    def press() -> bool:
        try:
            return bool(keep(world, order))
        except NotKeptLonger:
            return False

    race(world, [press] * 8)
    assert days(order_records.by_number(world.db, order.number)) == days(order) + world.policy.promise.extend_days


def test_the_reminders_and_the_call_count_from_the_new_word(world: World) -> None:
    """B4: nobody is telephoned who has just said they come later; a day after it they are reminded anew."""
    order = at_the_counter(world, world.reader(), world.book("围城"))
    world.later(hours=30)
    world.tick()
    uncollected.remind(world.store.db, world.policy, world.now)
    keep(world, order)
    world.later(hours=20)
    assert uncollected.to_call(world.db, world.policy, world.now) == []
    assert uncollected.remind(world.store.db, world.policy, world.now) == 0
    world.later(hours=5)
    assert uncollected.remind(world.store.db, world.policy, world.now) == 1
    assert uncollected.remind(world.store.db, world.policy, world.now) == 0


def test_a_kept_copy_waits_longer_for_whoever_is_alone_in_the_queue(world: World) -> None:
    (loan,) = world.lend(world.reader(), *world.books(1))
    mine = world.reader()
    hold = holds.place(world.store.db, mine, loan.title_id, world.now)
    with pytest.raises(NotKeptLonger):
        extensions.keep_hold(world.store.db, hold.id, mine, world.policy, world.now)
    world.give_back(loan)
    before = holds.of_reader(world.db, mine)[0].ready_until
    kept = extensions.keep_hold(world.store.db, hold.id, mine, world.policy, world.now)
    assert before and kept.ready_until
    assert (library_day(kept.ready_until) - library_day(before)).days == world.policy.promise.extend_days
    with pytest.raises(NotKeptLonger) as caught:
        extensions.keep_hold(world.store.db, hold.id, mine, world.policy, world.now)
    assert (caught.value.why, caught.value.until) == ("once", kept.ready_until)
    with pytest.raises(UnknownThing):
        extensions.keep_hold(world.store.db, hold.id, world.reader(), world.policy, world.now)


def test_the_next_in_the_queue_is_not_made_to_wait(world: World) -> None:
    (loan,) = world.lend(world.reader(), *world.books(1))
    mine = world.reader()
    hold = holds.place(world.store.db, mine, loan.title_id, world.now)
    holds.place(world.store.db, world.reader(), loan.title_id, world.now)
    world.give_back(loan)
    with pytest.raises(NotKeptLonger) as caught:
        extensions.keep_hold(world.store.db, hold.id, mine, world.policy, world.now)
    assert caught.value.why == "waited_for"


def test_it_never_ends_on_a_day_the_place_is_closed(world: World) -> None:
    """B2-9."""
    branch = world.branch()
    world.book("围城", at=branch)
    closed = {name: "09:00-17:00" for name in ("mon", "tue", "wed", "thu", "fri", "sat")}
    with world.store.writing() as db:
        db.run("UPDATE points SET opens = :o", o=str(closed).replace("'", '"'))
    order = at_the_counter(world, world.reader(), 1)
    for _ in range(7):  # whichever weekday the days begin on
        kept = orders.by_number(world.db, order.number)
        until = keep(world, kept).pickup_until
        assert until and library_day(until).isoweekday() != 7
        with world.store.writing() as db:
            db.run("UPDATE orders SET extended_at = NULL")

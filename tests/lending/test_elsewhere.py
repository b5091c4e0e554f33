"""A pick-up point closes for good while books are on their way to it: nobody is left waiting there."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from lending import closings, elsewhere, holds, lockers, orders, promises
from lending.errors import CannotChange, LockerFull, NotAllowed
from lending.model import OrderState, library_day
from tests.lending.world import World

FOR_EVER = timedelta(days=4000)


def shut(world: World, point: int, in_days: int = 1, last: date | None = None) -> int:
    """Declared closed for good from that day on."""
    first = library_day(world.now) + timedelta(days=in_days)
    return closings.declare(
        world.db, point, first, last or first + FOR_EVER, "楼要拆了", "馆员", world.policy, world.now
    )


@pytest.mark.parametrize("steps", [(), ("pick",), ("pick", "pack")])
def test_an_order_not_put_there_yet_goes_to_another_counter(world: World, steps: tuple[str, ...]) -> None:
    main, other, reader = world.branch(), world.branch("other"), world.reader()
    order = world.step(world.order(reader, *world.books(2), at=other), *steps)
    shut(world, other)
    offered = {point.id for point in elsewhere.places(world.db, order, world.policy, world.now)}
    assert main in offered and other not in offered
    moved = elsewhere.move(world.db, order.number, main, "staff:小信", world.policy, world.now)
    assert (moved.point_id, moved.state) == (main, order.state) and moved.promised_at >= order.promised_at
    assert [event for event, _, _ in world.told(reader, "order_elsewhere")] == ["order_elsewhere"]
    same = elsewhere.move(world.db, order.number, main, "staff:小信", world.policy, world.now)
    assert same == moved and len(world.told(reader, "order_elsewhere")) == 1, "twice is once"
    assert world.through(moved).state is OrderState.DONE


def test_to_a_locker_its_boxes_are_kept_and_back_to_a_counter_they_are_free(world: World) -> None:
    world.branch()
    other, locker = world.branch("other"), world.locker("box", M=1)
    order = world.order(world.reader(), *world.books(1), at=other)
    shut(world, other)
    moved = elsewhere.move(world.db, order.number, locker, "reader", world.policy, world.now, order.reader_id)
    assert (moved.fulfilment, lockers.label(world.db, order.id)) == ("locker", "M01")
    assert world.told(order.reader_id, "order_elsewhere") == [], "who did it has seen it"
    shut(world, locker)
    main = elsewhere.places(world.db, moved, world.policy, world.now)[0].id
    elsewhere.move(world.db, order.number, main, "reader", world.policy, world.now, order.reader_id)
    assert lockers.label(world.db, order.id) == "" and lockers.with_room(world.db, 1)


def test_of_two_orders_that_want_the_last_box_at_the_same_moment_one_gets_it(world: World) -> None:
    other, locker = world.branch("other"), world.locker("box", M=1)
    made = [world.order(world.reader(), *world.books(1), at=other) for _ in range(2)]
    shut(world, other)
    ready, said = threading.Barrier(2), []

    def go(number: str) -> None:
        ready.wait()
        try:
            said.append(elsewhere.move(world.db, number, locker, "reader", world.policy, world.now).point_id)
        except LockerFull:
            said.append(None)

    threads = [threading.Thread(target=go, args=(one.number,)) for one in made]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(said, key=str) == sorted([locker, None], key=str)
    assert [orders.by_number(world.db, one.number).point_id for one in made].count(other) == 1, "nothing half done"


def test_only_where_the_point_closes_and_nothing_stands_there(world: World) -> None:
    main, other = world.branch(), world.branch("other")
    stays = world.order(world.reader(), *world.books(1), at=main)
    placed = world.step(world.order(world.reader(), *world.books(1), at=other), "pick", "pack", "shelve")
    coming = world.order(world.reader(), *world.books(1), at=other)
    shut(world, other)
    for one, where in ((stays, other), (placed, main)):
        with pytest.raises(CannotChange):
            elsewhere.move(world.db, one.number, where, "staff:小信", world.policy, world.now)
    third = world.branch("third")
    shut(world, third)
    with pytest.raises(NotAllowed):
        elsewhere.move(world.db, coming.number, third, "staff:小信", world.policy, world.now)


def test_what_is_late_already_stays_known_as_late(world: World) -> None:
    main, other = world.branch(), world.branch("other")
    order = world.order(world.reader(), *world.books(1), at=other)
    shut(world, other)
    world.later(days=3)
    elsewhere.move(world.db, order.number, main, "staff:小信", world.policy, world.now)
    moved = orders.by_number(world.db, order.number)
    assert promises.is_broken(world.db, order.id, "ready") and moved.promised_at > world.now


@pytest.mark.parametrize("for_days", [365, 366, 400])
def test_nothing_is_promised_for_a_year_later_behind_a_door_that_stays_shut(world: World, for_days: int) -> None:
    """Where it closes for just a year there is a day behind it, and the promise went there."""
    world.branch()
    other = world.branch("other")
    order = world.order(world.reader(), *world.books(1), at=other)
    tomorrow = library_day(world.now)
    shut(world, other, 0, tomorrow + timedelta(days=for_days))
    assert orders.by_number(world.db, order.number).promised_at == order.promised_at


def test_what_nobody_fetched_from_a_locker_is_not_carried_to_a_branch_that_is_closed_for_good(world: World) -> None:
    parent, main, locker = world.branch("parent"), world.branch("main"), world.locker()
    with world.store.writing() as db:
        db.run("UPDATE points SET parent_id = :p WHERE id = :l", p=parent, l=locker)
    order = world.step(world.order(world.reader(), *world.books(1), way="locker", at=locker), "pick", "pack", "load")
    shut(world, parent, 0)
    world.later(days=10)
    orders.expire_due(world.db, world.policy, world.now)
    assert orders.by_number(world.db, order.number).point_id == main


def test_who_waits_for_a_book_to_fetch_it_there_hears_and_chooses(world: World) -> None:
    main, other = world.branch(), world.branch("other")
    title, reader, waits = world.book("one"), world.reader(), world.reader()
    (loan,) = world.lend(reader, title)
    hold = holds.place(world.db, waits, title, world.now)
    holds.pick_up_at(world.db, waits, hold.id, other, world.policy, world.now)
    made = shut(world, other)
    assert world.told(waits, "date_moved") == [("date_moved", f"gone-{made}", "waiting")]
    with pytest.raises(NotAllowed):
        holds.pick_up_at(world.db, waits, hold.id, other, world.policy, world.now)
    world.give_back(loan, main)
    (kept,) = holds.of_reader(world.db, waits)
    assert (kept.state, kept.point_id) == ("ready", None), "who did not choose fetches it where it stands"


def test_a_new_place_in_a_queue_is_not_at_a_point_that_has_closed(world: World) -> None:
    other, reader = world.branch("other"), world.reader()
    title = world.book("one", at=world.branch())
    world.lend(world.reader(), title)
    with world.store.writing() as db:
        db.run("UPDATE readers SET point_id = :p WHERE id = :r", p=other, r=reader)
    shut(world, other, 0)
    assert holds.place(world.db, reader, title, world.now).point_id is None

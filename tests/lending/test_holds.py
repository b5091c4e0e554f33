"""Who is next for a title: positions counted, never stored; nobody is passed over or kept waiting for nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lending import clearing, holds, missing_copies, orders, privacy
from lending.errors import UnknownThing
from lending.holds import AlreadyHeld, NoNeedToHold
from lending.model import end_of_day, library_day
from tests.lending.world import World


def place(world: World, reader: int, title: int) -> holds.Hold:
    return holds.place(world.db, reader, title, world.now)


def state(world: World, reader: int) -> list[tuple[str, int]]:
    return [(hold.state, hold.position) for hold in holds.of_reader(world.db, reader)]


def test_the_queue_moves_up_when_someone_leaves(world: World) -> None:
    """B2-16."""
    (loan,) = world.lend(world.reader(), *world.books(1))
    first, second, third = (world.reader() for _ in range(3))
    placed = {reader: place(world, reader, loan.title_id) for reader in (first, second, third)}
    assert [hold.position for hold in placed.values()] == [1, 2, 3]
    holds.cancel(world.db, second, placed[second].id, world.policy, world.now)
    assert (state(world, first), state(world, second), state(world, third)) == ([("waiting", 1)], [], [("waiting", 2)])


def test_one_place_in_the_queue_per_reader_and_title(world: World) -> None:
    (loan,) = world.lend(world.reader(), *world.books(1))
    reader = world.reader()
    place(world, reader, loan.title_id)
    with pytest.raises(AlreadyHeld) as caught:
        place(world, reader, loan.title_id)
    assert caught.value.position == 1


def test_a_free_book_needs_no_waiting(world: World) -> None:
    with pytest.raises(NoNeedToHold):
        place(world, world.reader(), world.book("在架"))
    with pytest.raises(UnknownThing):
        place(world, world.reader(), 999)


def test_a_kept_copy_goes_to_the_next_when_its_reader_leaves(world: World) -> None:
    (loan,) = world.lend(world.reader(), *world.books(1))
    first, second = world.reader(), world.reader()
    mine = place(world, first, loan.title_id)
    place(world, second, loan.title_id)
    world.give_back(loan)
    holds.cancel(world.db, first, mine.id, world.policy, world.now)
    assert state(world, second) == [("ready", 1)]
    with pytest.raises(UnknownThing):
        holds.cancel(world.db, first, mine.id, world.policy, world.now)


def test_a_hold_that_was_fetched_while_the_clock_came_to_it_is_left_alone(world: World) -> None:
    """B2-18: found over, and looked at again under the lock: at a kiosk the reader was a moment quicker."""
    (loan,) = world.lend(world.reader(), *world.books(1))
    reader = world.reader()
    mine = place(world, reader, loan.title_id)
    world.give_back(loan)
    world.later(days=30)
    with world.store.writing() as db:
        holds.fill_title(db, reader, loan.title_id, world.policy, world.now)
    assert not holds._expire(world.db, mine.id, world.policy, world.now)
    assert world.told(reader, "hold_expired") == []


def test_a_copy_kept_too_long_goes_to_the_next_and_then_to_the_shelf(world: World) -> None:
    """B2-18: once each, however often the clock is looked at."""
    (loan,) = world.lend(world.reader(), *world.books(1))
    first, second = world.reader(), world.reader()
    place(world, first, loan.title_id)
    place(world, second, loan.title_id)
    world.give_back(loan)
    days = timedelta(days=world.policy.promise.hold_days)
    world.now = end_of_day(library_day(world.now + days))
    assert holds.expire_due(world.db, world.policy, world.now) == 0, "the last second counts"
    world.later(seconds=1)
    assert holds.expire_due(world.db, world.policy, world.now) == 1
    assert holds.expire_due(world.db, world.policy, world.now) == 0
    assert (state(world, first), state(world, second)) == ([], [("ready", 1)])
    assert world.told(first, "hold_expired") == [("hold_expired", "", "waiting")]
    world.now += days + timedelta(days=1)
    assert holds.expire_due(world.db, world.policy, world.now) == 1
    assert world.copies(loan.title_id) == ["available"]


def test_a_hold_of_another_reader_cannot_be_cancelled(world: World) -> None:
    (loan,) = world.lend(world.reader(), *world.books(1))
    hold = place(world, world.reader(), loan.title_id)
    with pytest.raises(UnknownThing):
        holds.cancel(world.db, world.reader(), hold.id, world.policy, world.now)


def test_copies_that_come_to_the_shelf_are_kept_for_those_who_wait(world: World) -> None:
    """Bought or found again: the queue comes before passers-by (B2-16)."""
    (loan,) = world.lend(world.reader(), world.book("三体"))
    first, second = world.reader(), world.reader()
    place(world, first, loan.title_id)
    place(world, second, loan.title_id)
    world.book("三体", copies=3)
    assert holds.serve_waiting(world.db, world.policy, world.now) == 2
    assert holds.serve_waiting(world.db, world.policy, world.now) == 0
    assert (state(world, first), state(world, second)) == ([("ready", 1)], [("ready", 2)])
    assert sorted(world.copies(loan.title_id)) == ["available", "on_loan", "reserved", "reserved"]


def test_the_tick_serves_them(world: World) -> None:
    (loan,) = world.lend(world.reader(), world.book("三体"))
    reader = world.reader()
    place(world, reader, loan.title_id)
    world.book("三体")
    world.tick()
    assert state(world, reader) == [("ready", 1)]


def lies(world: World) -> list[str]:
    return [one.lies for one in clearing.out_of_place(world.db)]


def test_a_copy_kept_while_it_stands_on_the_open_shelf_is_fetched_to_the_hold_shelf(world: World) -> None:
    """Nobody has it in hand, and nothing said so: the reader came, and it stood somewhere among the others."""
    title, waits = world.book("one"), world.reader()
    (loan,) = world.lend(world.reader(), title)
    holds.place(world.db, waits, title, world.now)
    world.book("one", copies=1)  # another is bought
    world.tick()
    assert lies(world) == ["shelf"]
    (one,) = clearing.out_of_place(world.db)
    assert (clearing.put_back(world.db, [one.id]), clearing.put_back(world.db, [one.id])) == (1, 0)
    assert lies(world) == []
    world.give_back(loan)
    assert lies(world) == [], "whoever has it in hand is told at once"


def test_until_it_is_fetched_nobody_is_sent_to_the_hold_shelf_for_it(world: World) -> None:
    title, waits = world.book("one"), world.reader()
    world.lend(world.reader(), title)
    hold = holds.place(world.db, waits, title, world.now)
    world.book("one")
    world.tick()
    holds.cancel(world.db, waits, hold.id, world.policy, world.now)
    assert lies(world) == [], "it stands where it stood"


@pytest.mark.parametrize(("steps", "where"), [((), ["shelf"]), (("pick",), [])])
def test_of_an_order_called_off_before_anybody_fetched_its_books_too(
    world: World, steps: tuple[str, ...], where: list[str]
) -> None:
    """Once they are fetched, the order itself stands in the list of what is to be put back."""
    title, waits = world.book("one"), world.reader()
    order = world.step(world.order(world.reader(), title), *steps)
    holds.place(world.db, waits, title, world.now)
    world.step(order, "cancel")
    assert lies(world) == where and len(clearing.waiting(world.db)) == len(steps)


def test_ordered_from_the_hold_it_is_picked_from_its_shelf(world: World) -> None:
    title, waits = world.book("one"), world.reader()
    world.lend(world.reader(), title)
    holds.place(world.db, waits, title, world.now)
    world.book("one")
    world.tick()
    order = world.order(waits, title)
    assert lies(world) == [] and [book["aside"] for book in orders.books(world.db, order.id)] == [""]


def test_what_was_kept_on_the_open_shelf_and_then_picked_for_an_order_lies_on_its_table(world: World) -> None:
    """The librarian is sent to where the book is: once it has been fetched for an order, that is no shelf."""
    title, other, waits = world.book("百年孤独"), world.book("活着"), world.reader()
    (loan,) = world.lend(world.reader(), title)
    hold = holds.place(world.db, waits, title, world.now)
    holds.rest(world.db, waits, hold.id, 3, world.policy, world.now)
    world.give_back(loan)
    holds.wake(world.db, waits, hold.id, world.policy, world.now)  # kept where it stands, among the others
    assert [one.lies for one in clearing.out_of_place(world.db)] == ["shelf"]
    order = world.step(world.order(waits, title, other), "pick")
    missing_copies.take_out(world.db, waits, order.number, title, world.policy, world.now)
    assert [one.lies for one in clearing.out_of_place(world.db)] == ["picked"]


@pytest.mark.parametrize(("ordered", "listed"), [(True, []), (False, ["pickup_shelf"])])
def test_what_nobody_took_to_the_hold_shelf_is_not_looked_for_there(
    world: World, ordered: bool, listed: list[str]
) -> None:
    """It lay on the pick-up shelf, of a reader who is forgotten, when it was kept for who waits, and is there still."""
    title, waits, gone = world.book("三体"), world.reader(), world.reader()
    world.step(world.order(gone, title), "pick", "pack", "shelve")
    hold = holds.place(world.db, waits, title, world.now)
    world.later(days=20)
    world.tick()
    privacy.forget(world.db, gone)
    assert state(world, waits) == [("ready", 1)] and lies(world) == ["pickup_shelf"]
    if ordered:
        order = world.order(waits, title)
        assert [book["aside"] for book in orders.books(world.db, order.id)] == ["pickup_shelf"]
    else:
        holds.cancel(world.db, waits, hold.id, world.policy, world.now)
    assert lies(world) == listed

"""Every state and every step: it moves as the table says, with what belongs to it, or nothing changes at all (E3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from lending import holds, loans, lockers, orders
from lending.errors import CannotChange, UnknownThing
from lending.model import OrderState as S
from lending.model import end_of_day, library_day
from lending.orders import STEPS, Order
from tests.lending.world import World

WAYS = {"locker": ("load", "collect"), "delivery": ("ship", "sign"), "counter": ("shelve", "collect")}


def paths(way: str) -> Iterator[tuple[S, tuple[str, ...]]]:
    """How an order of this kind comes to each state it can be in."""
    ready, last = WAYS[way]
    yield S.IN_REVIEW, ()
    yield S.REFUSED, ("refuse",)
    yield S.CANCELLED, ("cancel",)
    on = ("approve", "pick", "pack", ready, last)
    for length in range(1, len(on) + 1):
        yield STEPS[on[length - 1]].after, on[:length]


def brought_to(world: World, way: str, steps: tuple[str, ...]) -> Order:
    """An order of six books (so that a person reviews it) after these steps."""
    world.locker("large", L=2)
    locker = world.db.value("SELECT id FROM points WHERE code = 'large'")
    order = world.order(world.reader(), *world.books(6), way=way, at=locker if way == "locker" else None)
    return world.step(order, *steps)


TABLE = {  # the whole life, written down a second time
    "approve": {S.IN_REVIEW: S.APPROVED},
    "refuse": {S.IN_REVIEW: S.REFUSED},
    "pick": {S.APPROVED: S.PICKING},
    "pack": {S.PICKING: S.PACKED},
    "unpack": {S.PACKED: S.PICKING},
    "ship": {S.PACKED: S.SHIPPED},
    "load": {S.PACKED: S.IN_LOCKER},
    "shelve": {S.PACKED: S.AT_COUNTER},
    "unload": {S.IN_LOCKER: S.PACKED},
    "unshelve": {S.AT_COUNTER: S.PACKED},
    "collect": {S.IN_LOCKER: S.DONE, S.AT_COUNTER: S.DONE},
    "sign": {S.SHIPPED: S.DONE},
    "cancel": dict.fromkeys((S.IN_REVIEW, S.APPROVED, S.PICKING, S.PACKED), S.CANCELLED),
    "move_on": {S.IN_LOCKER: S.AT_COUNTER},
    "expire": {S.IN_LOCKER: S.CANCELLED, S.AT_COUNTER: S.CANCELLED},
    "bring_back": {S.SHIPPED: S.CANCELLED},
    "lose": {S.SHIPPED: S.CANCELLED},
}
FORBIDDEN_BY_WAY = {
    "locker": {"ship", "shelve", "unshelve"},
    "delivery": {"load", "shelve"},
    "counter": {"ship", "load", "unload"},
}
CASES = [(way, state, steps) for way in WAYS for state, steps in paths(way)]


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(STEPS)
    assert {(way, state) for way, state, _ in CASES} >= {(way, state) for way in WAYS for state in (S.DONE, S.PACKED)}
    assert {state for _, state, _ in CASES} == set(S)


@pytest.mark.parametrize(("way", "state", "steps"), CASES)
def test_each_step_moves_as_the_table_says_or_changes_nothing(
    world: World, way: str, state: S, steps: tuple[str, ...]
) -> None:
    order = brought_to(world, way, steps)
    assert order.state is state
    for name in STEPS:
        after = None if name in FORBIDDEN_BY_WAY[way] else TABLE[name].get(state)
        if after is None:
            before = world.everything()
            with pytest.raises(CannotChange) as caught:
                world.step(order, name)
            assert caught.value.facts() == {"kind": "order", "number": order.number, "state": str(state)}
            assert world.everything() == before
        else:
            moved = try_and_undo(world, order, name)
            assert moved.state is after


class Undo(Exception):
    """To look at a step and take it back."""


def try_and_undo(world: World, order: Order, name: str) -> Order:
    try:
        with world.store.writing() as db:
            moved = orders.advance(db, order.id, name, "staff", world.policy, world.now)
            open_items = db.value("SELECT COUNT(*) FROM order_items WHERE order_id = :o AND open = 1", o=order.id)
            assert open_items == (0 if moved.state in (S.DONE, S.CANCELLED, S.REFUSED) else 6)
            raise Undo
    except Undo:
        return moved


def test_a_step_or_an_order_there_is_not_is_unknown(world: World) -> None:
    order = world.order(world.reader(), *world.books(1))
    with pytest.raises(UnknownThing):
        world.step(order, "fly")
    with pytest.raises(UnknownThing):
        orders.advance(world.db, 999, "pick", "staff", world.policy, world.now)


@pytest.mark.parametrize("way", WAYS)
def test_where_the_copies_stand_on_the_way(world: World, way: str) -> None:
    (title,), reader = world.books(1), world.reader()
    order = world.order(reader, title, way=way)
    seen = [world.copies(title)[0]]
    for name in ("pick", "pack", *WAYS[way]):
        order = world.step(order, name)
        seen.append(world.copies(title)[0])
    waiting = "in_transit" if way == "delivery" else "awaiting"
    assert seen == ["reserved", "reserved", "reserved", waiting, "on_loan"]
    assert [loan.title_id for loan in loans.of_reader(world.db, reader)] == [title]


def test_the_next_step_leads_every_order_home(world: World) -> None:
    for way in WAYS:
        assert world.through(world.order(world.reader(), *world.books(1), way=way)).state is S.DONE


def test_a_locker_order_has_its_box_and_its_code_only_while_it_waits(world: World) -> None:
    order = world.step(world.order(world.reader(), *world.books(1), way="locker"), "pick", "pack")
    assert (lockers.label(world.db, order.id), order.pickup_code) == ("S01", "")
    order = world.step(order, "load")
    assert len(order.pickup_code) == 6
    assert order.pickup_until == end_of_day(library_day(world.now + timedelta(days=world.policy.promise.pickup_days)))
    done = orders.collect_with_code(world.db, order.pickup_code, world.policy, world.now)
    assert (done.state, done.pickup_code, lockers.label(world.db, order.id)) == (S.DONE, "", "")
    with pytest.raises(UnknownThing):
        orders.collect_with_code(world.db, order.pickup_code, world.policy, world.now)


def test_a_cancelled_order_gives_box_and_copies_back(world: World) -> None:
    reader = world.reader()
    (title,) = world.books(1)
    order = world.order(reader, title, way="locker")
    orders.cancel(world.db, order.number, reader, world.policy, world.now)
    assert world.copies(title) == ["available"]
    assert world.db.value("SELECT COUNT(*) FROM boxes WHERE state <> 'free' OR order_id IS NOT NULL") == 0
    with pytest.raises(CannotChange):
        orders.cancel(world.db, order.number, reader, world.policy, world.now)


def test_another_readers_order_cannot_be_cancelled(world: World) -> None:
    order = world.order(world.reader(), *world.books(1))
    with pytest.raises(UnknownThing):
        orders.cancel(world.db, order.number, world.reader(), world.policy, world.now)


def test_a_cancelled_copy_goes_to_whoever_waits(world: World) -> None:
    """B2-17."""
    (title,), reader, waiting = world.books(1), world.reader(), world.reader()
    order = world.order(reader, title)
    holds.place(world.db, waiting, title, world.now)
    orders.cancel(world.db, order.number, reader, world.policy, world.now)
    assert [hold.state for hold in holds.of_reader(world.db, waiting)] == ["ready"]
    assert world.copies(title) == ["reserved"]


def test_books_not_collected_in_time_go_back_once(world: World) -> None:
    reader = world.reader()
    waiting = world.step(world.order(reader, *world.books(1)), "pick", "pack", "shelve")
    world.now = waiting.pickup_until or world.now
    assert orders.expire_due(world.db, world.policy, world.now) == 0, "the last second counts"
    world.later(seconds=1)
    assert orders.expire_due(world.db, world.policy, world.now) == 1
    assert orders.expire_due(world.db, world.policy, world.now) == 0
    assert orders.by_number(world.db, waiting.number).state is S.CANCELLED
    assert loans.of_reader(world.db, reader) == []


def test_each_step_by_the_library_is_told_once_and_the_readers_own_is_not(world: World) -> None:
    """B2-4."""
    reader = world.reader()
    world.step(world.order(reader, *world.books(1)), "pick", "pack")
    order = world.order(reader, *world.books(1))
    orders.cancel(world.db, order.number, reader, world.policy, world.now)
    assert [step for _, step, _ in world.told(reader, "order_moved")] == ["pick", "pack"]


@pytest.mark.parametrize("waited", ["locker", "delivery"])
@pytest.mark.parametrize("starts", ["order", "shipped", "pickup"])
def test_a_loan_starts_when_the_policy_says(world: World, starts: str, waited: str) -> None:
    """B4."""
    world.rule("lending", loan_starts=starts)
    reader, moments = world.reader(), {"order": world.now}
    order = world.order(reader, *world.books(1), way=waited)
    ready, last = WAYS[waited]
    moments["shipped"] = world.later(days=1)
    order = world.step(order, "pick", "pack", ready)
    moments["pickup"] = world.later(days=1)
    world.step(order, last)
    (loan,) = loans.of_reader(world.db, reader)
    assert loan.started_at == moments[starts]
    assert loan.due_at == loans.due_date(world.db, moments[starts], world.policy)

"""Placing an order: all or nothing, once per press, never over the limit, in few statements and one commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from lending import cart, decisions, holds, orders
from lending.errors import (
    BadAddress,
    CartEmpty,
    LockerFull,
    NoCopyAvailable,
    NotAllowed,
    OutsideServiceArea,
    UnknownThing,
)
from lending.model import Fulfilment, OrderState
from tests.lending.world import World


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The statements the writing connection runs meanwhile."""
    seen: list[str] = []
    world.store._writer.conn.set_trace_callback(seen.append)
    yield seen
    world.store._writer.conn.set_trace_callback(None)


@pytest.mark.parametrize("way", ["locker", "delivery", "counter"])
@pytest.mark.parametrize("number", [1, 3])
def test_an_order_takes_few_statements_and_one_commit(world: World, way: str, number: int) -> None:
    reader = world.reader()
    world.fill_cart(reader, *world.books(number))
    with counted(world) as seen:
        world.press_order(reader, way)
    assert len(seen) <= 14, "\n".join(seen)
    assert seen.count("COMMIT") == 1


def test_an_order_sets_copies_aside_and_empties_the_cart(world: World) -> None:
    reader, title = world.reader(), world.book("平凡的世界", copies=2)
    order = world.order(reader, title, way="locker")
    assert order.state is OrderState.APPROVED
    assert sorted(world.copies(title)) == ["available", "reserved"]
    assert cart.items(world.db, reader) == []
    assert [row["state"] for row in orders.history(world.db, order.id)] == ["in_review", "approved"]


def test_the_same_press_again_is_the_same_order(world: World) -> None:
    """B2-2."""
    reader = world.reader()
    first = world.order(reader, *world.books(1), key="press-a")
    world.fill_cart(reader, *world.books(1))
    assert world.press_order(reader, key="press-a") == first
    assert len(orders.of_reader(world.db, reader)) == 1


def test_another_readers_press_does_not_show_my_order(world: World) -> None:
    world.order(world.reader(), *world.books(1), key="press-a")
    with pytest.raises(UnknownThing):
        world.order(world.reader(), *world.books(1), key="press-a")


def test_the_nearest_copy_to_the_pickup_is_chosen(world: World) -> None:
    far, near = world.branch("far"), world.branch("near")
    title = world.book("活着", at=far)
    world.book("活着", at=near)
    order = world.order(world.reader(), title, at=near)
    assert orders.books(world.db, order.id)[0]["point_id"] == near


def test_a_large_order_waits_for_a_person(world: World) -> None:
    """E1-10."""
    up_to = world.policy.review.auto_up_to_books
    assert world.order(world.reader(), *world.books(up_to)).state is OrderState.APPROVED
    assert world.order(world.reader(), *world.books(up_to + 1)).state is OrderState.IN_REVIEW


def test_approval_by_a_person_starts_the_promise_anew(world: World) -> None:
    """A1-16: until approval the promise is an answer; from then on it is readiness."""
    order = world.order(world.reader(), *world.books(world.policy.review.auto_up_to_books + 1))
    assert order.promised_at == world.now + timedelta(hours=world.policy.review.answer_hours)
    world.later(hours=2)
    order = world.step(order, "approve")
    assert order.promised_at == world.now + timedelta(hours=world.policy.promise.ready_hours)


def test_a_promise_is_kept_when_ready_in_time_and_broken_when_late(world: World) -> None:
    """A1-16."""
    order = world.order(world.reader(), *world.books(1))
    world.now = order.pack_by or world.now
    assert orders.promise_kept(order, world.now)
    packed = world.step(order, "pick", "pack")
    world.now = order.promised_at
    assert orders.promise_kept(packed, world.now)
    in_time = world.step(packed, "shelve")
    assert orders.promise_kept(in_time, world.later(hours=40))
    late = world.order(world.reader(), *world.books(1))
    world.now = late.promised_at + timedelta(seconds=1)
    assert not orders.promise_kept(late, world.now)
    assert not orders.promise_kept(world.step(late, "pick", "pack", "shelve"), world.now)


def refuses(
    world: World, error: type[Exception], reader: int, way: str = "counter", at: int | None = None
) -> Exception:
    """Ordering raises this and changes nothing at all."""
    before = world.everything()
    with pytest.raises(error) as caught:
        world.press_order(reader, way, at)
    assert world.everything() == before
    return caught.value


def test_an_empty_cart_is_refused(world: World) -> None:
    refuses(world, CartEmpty, world.reader())


def test_a_title_whose_copies_are_gone_is_named_and_nothing_is_kept(world: World) -> None:
    """B2-1, A10-7: the stock is looked at again when ordering."""
    reader, free, gone = world.reader(), world.book("在"), world.book("不在")
    world.fill_cart(reader, free, gone)
    world.order(world.reader(), gone)
    error = refuses(world, NoCopyAvailable, reader, "locker")
    assert isinstance(error, NoCopyAvailable)
    assert (error.title_id, error.title) == (gone, "不在")


def test_a_title_taken_out_of_the_catalogue_is_not_lent_any_more(world: World) -> None:
    reader, title = world.reader(), world.book("旧书")
    world.fill_cart(reader, title)
    with world.store.writing() as db:
        db.run("UPDATE titles SET withdrawn = 1 WHERE id = :t", t=title)
    refuses(world, NoCopyAvailable, reader)


def test_a_full_locker_names_those_with_room(world: World) -> None:
    """A9-6."""
    small = world.locker("tiny", S=1)
    first = world.reader()
    world.order(first, *world.books(1), way="locker", at=small)
    reader = world.reader()
    world.fill_cart(reader, *world.books(1))
    error = refuses(world, LockerFull, reader, "locker", small)
    assert isinstance(error, LockerFull)
    assert (error.locker, error.others) == ("tiny馆", ("locker馆",))


def test_no_address_or_no_phone_is_told_before_ordering(world: World) -> None:
    reader = world.reader()
    world.fill_cart(reader, *world.books(1))
    with world.store.writing() as db:
        db.run("UPDATE readers SET phone = '' WHERE id = :r", r=reader)
    error = refuses(world, BadAddress, reader, "delivery")
    assert isinstance(error, BadAddress)
    assert error.missing == ("phone",)


def test_a_place_the_courier_does_not_go_is_told_before_ordering(world: World) -> None:
    """A4-11."""
    reader = world.reader()
    world.fill_cart(reader, *world.books(1))
    with world.store.writing() as db:
        db.run("UPDATE readers SET zone = 'moon' WHERE id = :r", r=reader)
    refuses(world, OutsideServiceArea, reader, "delivery")


@pytest.mark.parametrize("way", ["locker", "counter"])
def test_a_pickup_point_that_does_not_exist_is_refused(world: World, way: str) -> None:
    reader = world.reader()
    world.fill_cart(reader, *world.books(1))
    refuses(world, UnknownThing, reader, way, 999)


@pytest.mark.parametrize(("standing", "balance"), [("trusted", "limit"), ("ladder", "step")])
def test_the_limit_holds_at_its_very_edge(world: World, standing: str, balance: str) -> None:
    """B2-3: limit - 1 and limit are lent, limit + 1 is refused, over one order or two."""
    limit = world.policy.lending.limit if balance == "limit" else world.policy.ladder.steps[0].limit
    one_by_one, in_one = world.reader(standing), world.reader(standing)
    for title in world.books(limit):
        world.order(one_by_one, title)
    world.fill_cart(one_by_one, *world.books(1))
    error = refuses(world, NotAllowed, one_by_one)
    assert isinstance(error, NotAllowed)
    assert [reason.code for reason in error.decision.reasons] == ["limit"]
    with world.store.writing() as db:
        for title in world.books(limit + 1):
            db.run("INSERT INTO cart_items VALUES (:r, :t, '2026-11-20T02:00:00Z')", r=in_one, t=title)
    refuses(world, NotAllowed, in_one)
    cart.remove(world.db, in_one, cart.items(world.db, in_one)[0])
    assert len(orders.books(world.db, world.press_order(in_one).id)) == limit


def test_the_decision_agrees_with_the_door_at_every_count(world: World) -> None:
    """B2-3 for loans, orders and both together."""
    reader = world.reader("ladder")
    limit = world.policy.ladder.steps[0].limit
    for taken in range(limit + 1):
        facts = decisions.facts(world.db, reader, world.now)
        assert facts.in_hand == taken
        allowed = [books for books in range(1, limit + 2) if decisions.may_borrow(facts, books, world.policy).allowed]
        assert allowed == list(range(1, limit - taken + 1))
        if taken < limit:
            world.lend(reader, *world.books(1))


def test_every_reason_is_told_at_once(world: World) -> None:
    """D-4."""
    reader = world.reader("ladder")
    loans = world.lend(reader, *world.books(2))
    world.later(days=world.policy.lending.loan_days + 1)
    with world.store.writing() as db:
        db.run("UPDATE readers SET standing = 'new' WHERE id = :r", r=reader)
        ends = (world.now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
        db.run("INSERT INTO freezes (reader_id, starts_at, ends_at, balance) VALUES (:r, :e, :e, -1)", r=reader, e=ends)
    decision = decisions.may_borrow(decisions.facts(world.db, reader, world.now), 1, world.policy)
    assert [reason.code for reason in decision.reasons] == ["not_opened", "frozen", "overdue", "limit"]
    assert all(reason.ways for reason in decision.reasons)
    by_code = {reason.code: reason for reason in decision.reasons}
    assert by_code["frozen"].until == (world.now + timedelta(days=3)).replace(microsecond=0)
    assert by_code["overdue"].numbers == {"overdue": len(loans), "frozen": True}
    assert by_code["limit"].numbers == {"limit": 2, "in_hand": 2, "books": 1, "next_limit": 4, "to_go": 2}


def test_the_decision_about_nobody_is_a_fact_too(world: World) -> None:
    with pytest.raises(UnknownThing):
        decisions.facts(world.db, 999, world.now)


def test_a_held_copy_goes_to_its_reader_and_to_nobody_else(world: World) -> None:
    """B2-17."""
    first, waiting, passer_by = world.reader(), world.reader(), world.reader()
    title = world.book("三体")
    (loan,) = world.lend(first, title)
    holds.place(world.db, waiting, title, world.now)
    world.fill_cart(passer_by, title)
    world.give_back(loan)
    refuses(world, NoCopyAvailable, passer_by)
    world.order(waiting, title)
    assert holds.of_reader(world.db, waiting) == []
    assert world.copies(title) == ["reserved"]
    refuses(world, NoCopyAvailable, passer_by)


def test_ordering_ends_ones_own_place_in_the_queue_even_if_the_copy_is_another(world: World) -> None:
    """Else the reader would be called later for a book they have (B2-17)."""
    first, waiting = world.reader(), world.reader()
    title = world.book("三体")
    world.lend(first, title)
    holds.place(world.db, waiting, title, world.now)
    world.book("三体")  # a new copy arrives
    world.order(waiting, title)
    assert holds.of_reader(world.db, waiting) == []


def test_a_quote_names_the_cost_there_and_back(world: World) -> None:
    """A4-8, A9-5."""
    cost = orders.quote(world.policy, Fulfilment.DELIVERY, "city", 6)
    assert (cost.fee_fen, cost.return_fee_fen, cost.parcels) == (600, 600, (3, 3))
    assert orders.quote(world.policy, Fulfilment.LOCKER, "", 6).fee_fen == 0


def test_an_order_to_another_zone_is_shipped_in_that_zones_parcels(world: World) -> None:
    """A4-5: the fee and the parcels come from the zone the reader lives in."""
    rates = tuple(replace(rate, zone="outer") for rate in world.policy.fees.rates)
    world.rule("fees", rates=rates)
    reader = world.reader()
    with world.store.writing() as db:
        db.run("UPDATE readers SET zone = 'outer' WHERE id = :r", r=reader)
    order = world.step(world.order(reader, *world.books(4), way="delivery"), "pick", "pack", "ship")
    assert order.fee_fen == 400
    assert world.db.value("SELECT COUNT(*) FROM parcels WHERE order_id = :o", o=order.id) == 1

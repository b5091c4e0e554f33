"""部分完成: a missing copy does not stop the others; nobody pays for what did not come (E3)."""

from __future__ import annotations

import pytest

from lending import additions, holds, loans, lockers, missing_copies, orders
from lending.errors import CannotChange, UnknownThing
from lending.missing_copies import Gap
from lending.model import OrderState as S
from lending.orders import Order
from tests.lending.world import World


def missing(world: World, order: Order, title: int, why: str = "lost") -> Gap:
    """A librarian stands before the shelf and the copy is not there."""
    copy = next(book["copy_id"] for book in orders.books(world.db, order.id) if book["title_id"] == title)
    return missing_copies.report(world.db, order.number, copy, why, "staff", world.policy, world.now)


def test_another_copy_takes_its_place_and_the_reader_need_not_know(world: World) -> None:
    reader, (title, other) = world.reader(), world.books(2, copies=2)
    order = world.step(world.order(reader, title, other), "pick")
    gap = missing(world, order, title)
    assert (gap.left, gap.copy_id is not None) == (2, True)
    assert sorted(world.copies(title)) == ["lost", "reserved"]
    assert world.told(reader, "order_short") == [] and orders.gone_missing(world.db, order.id) == []
    assert world.through(order).state is S.DONE
    assert {book["copy_id"] for book in orders.books(world.db, order.id)} >= {gap.copy_id}


def test_the_others_go_on_the_fee_is_reckoned_anew_and_the_reader_waits_for_the_missing_one(world: World) -> None:
    """A4-1: five books cost ¥5, four ¥4."""
    reader, titles = world.reader(), world.books(5)
    order = world.step(world.order(reader, *titles, way="delivery"), "pick")
    assert (order.fee_fen, order.return_fee_fen) == (500, 500)
    gap = missing(world, order, titles[0], "damaged")
    now = orders.by_number(world.db, order.number)
    assert (gap.left, gap.copy_id, now.state) == (4, None, S.PICKING)
    assert (now.fee_fen, now.return_fee_fen) == (400, 400)
    assert world.copies(titles[0]) == ["damaged"]
    assert [(hold.title_id, hold.state) for hold in holds.of_reader(world.db, reader)] == [(titles[0], "waiting")]
    assert [event for event, _, _ in world.told(reader)].count("order_short") == 1
    assert orders.gone_missing(world.db, order.id) == ["book5"]
    assert world.through(order).state is S.DONE


def test_an_order_with_nothing_left_is_cancelled_and_its_box_is_free(world: World) -> None:
    reader, (title,) = world.reader(), world.books(1)
    order = world.order(reader, title, way="locker")
    assert missing(world, order, title).left == 0
    assert orders.by_number(world.db, order.number).state is S.CANCELLED
    assert lockers.label(world.db, order.id) == "" and world.copies(title) == ["lost"]


def test_a_fee_never_rises_because_a_book_is_missing(world: World) -> None:
    reader, titles = world.reader(), world.books(3)
    order = world.order(reader, *titles, way="delivery")
    with world.store.writing() as db:
        db.run("UPDATE orders SET fee_fen = 0")  # delivered free
    missing(world, order, titles[0])
    assert orders.by_number(world.db, order.number).fee_fen == 0


def test_the_one_copy_of_another_order_is_left_alone(world: World) -> None:
    """B2-1."""
    title = world.book("孤本", copies=2)
    mine, theirs = world.order(world.reader(), title), world.order(world.reader(), title)
    assert missing(world, mine, title).copy_id is None
    assert sorted(world.copies(title)) == ["lost", "reserved"]
    assert orders.by_number(world.db, theirs.number).state is S.APPROVED


@pytest.mark.parametrize("steps", [("pick", "pack"), ("pick", "pack", "shelve"), ("cancel",)])
def test_once_packed_nothing_can_be_missing(world: World, steps: tuple[str, ...]) -> None:
    title = world.book("书")
    order = world.step(world.order(world.reader(), title), *steps)
    before = world.everything()
    with pytest.raises(CannotChange):
        missing(world, order, title)
    assert world.everything() == before


def test_reported_twice_it_is_missing_once(world: World) -> None:
    """B2-2."""
    titles = world.books(2)
    order = world.order(world.reader(), *titles)
    copy = orders.books(world.db, order.id)[0]["copy_id"]
    missing_copies.report(world.db, order.number, copy, "lost", "staff", world.policy, world.now)
    before = world.everything()
    with pytest.raises(UnknownThing):
        missing_copies.report(world.db, order.number, copy, "lost", "staff", world.policy, world.now)
    assert world.everything() == before


def found_again(world: World, title: int) -> None:
    """A lost copy of the title is scanned somewhere."""
    barcode = world.db.value("SELECT barcode FROM copies WHERE title_id = :t AND state = 'lost'", t=title)
    loans.check_in(world.db, barcode, 1, world.policy, world.now)


def test_a_copy_found_again_can_join_the_order_it_was_missing_from(world: World) -> None:
    """A4-1: the reader is called, and the book travels with the others after all."""
    reader, (title, other) = world.reader(), world.books(2)
    order = world.step(world.order(reader, title, other), "pick")
    missing(world, order, title)
    found_again(world, title)
    world.fill_cart(reader, title)
    additions.add(world.db, reader, order.number, "again", world.policy, world.now)
    added = {book["title_id"]: book["addition_id"] for book in orders.books(world.db, order.id)}
    assert added == {title: 1, other: None} and orders.gone_missing(world.db, order.id) == []
    world.through(order)
    assert {loan.title_id for loan in loans.of_reader(world.db, reader)} == {title, other}


def test_a_copy_found_again_takes_the_place_of_the_one_that_stood_in_for_it(world: World) -> None:
    reader, (title, other) = world.reader(), world.books(2, copies=2)
    order = world.step(world.order(reader, title, other), "pick")
    first = world.db.value("SELECT MIN(id) FROM copies WHERE title_id = :t", t=title)
    missing(world, order, title)
    found_again(world, title)
    assert missing(world, order, title, "damaged").copy_id == first
    assert world.copies(title) == ["reserved", "damaged"] and orders.gone_missing(world.db, order.id) == []
    assert world.through(order).state is S.DONE
    assert world.copies(title) == ["on_loan", "damaged"]

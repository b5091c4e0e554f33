"""A reader takes a copy in their own hands: one loan, every reason at once, the right hold served."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lending import checkouts, clearing, holds, loans, missing_copies, orders
from lending.checkouts import NotForLoan
from lending.errors import CannotChange, CartEmpty, LendingError, NotAllowed, UnknownThing
from lending.model import OrderState
from tests.lending.world import World


def take(world: World, reader: int, barcode: str) -> checkouts.Lent:
    return checkouts.check_out(world.db, barcode, reader, world.policy, world.now)


def test_what_is_taken_at_the_kiosk_is_not_ordered_once_more_with_the_cart(world: World) -> None:
    """Put into the cart at home, found on the shelf in the library."""
    reader, title = world.reader(), world.book("围城", copies=2)
    world.fill_cart(reader, title)
    checkouts.check_out(world.db, "围城-1", reader, world.policy, world.now)
    with pytest.raises(CartEmpty):
        world.press_order(reader)


def test_a_book_from_the_shelf_is_on_loan_at_once(world: World) -> None:
    reader, title = world.reader(), world.book("围城")
    lent = take(world, reader, "围城-1")
    assert (lent.again, lent.books, lent.loan.days_left(world.now)) == (False, 1, world.policy.lending.loan_days)
    assert world.copies(title) == ["on_loan"]
    assert world.told(reader) == [("lent", "", "waiting")]


def test_the_same_book_again_is_the_same_loan(world: World) -> None:
    """A kiosk that heard no answer asks again (B2-2)."""
    reader = world.reader()
    world.book("围城")
    first = take(world, reader, "围城-1")
    before = world.everything()
    again = take(world, reader, " 围城-1 ")
    assert again.again and again.loan == first.loan
    assert world.everything() == before


def test_every_reason_is_said_and_nothing_changes(world: World) -> None:
    """D-4: one engine for chat, desk and kiosk."""
    reader = world.reader("new")
    world.book("围城")
    before = world.everything()
    with pytest.raises(NotAllowed) as refused:
        take(world, reader, "围城-1")
    assert [why.code for why in refused.value.decision.reasons] == ["not_opened"]
    assert world.everything() == before


def test_a_book_of_somebody_elses_is_not_lent(world: World) -> None:
    title = world.book("围城", copies=2)
    world.lend(world.reader(), title)
    other = world.reader()
    states = {}
    for barcode in ("围城-1", "围城-2"):
        try:
            take(world, other, barcode)
        except NotForLoan as error:
            states[barcode] = error.state
    assert list(states.values()) == ["on_loan"]
    with pytest.raises(UnknownThing):
        take(world, other, "NOWHERE")


def test_what_is_kept_for_one_who_waits_goes_to_them_only(world: World) -> None:
    """B2-19."""
    title, (first, second) = world.book("围城"), (world.reader(), world.reader())
    loan = world.lend(world.reader(), title)[0]
    holds.place(world.db, first, title, world.now)
    world.give_back(loan)
    with pytest.raises(NotForLoan) as refused:
        take(world, second, "围城-1")
    assert refused.value.state == "reserved"
    take(world, first, "围城-1")
    assert holds.of_reader(world.db, first) == []
    assert [loan.title for loan in loans.of_reader(world.db, first)] == ["围城"]


def test_who_takes_another_copy_lets_the_kept_one_go_on(world: World) -> None:
    title, (first, second) = world.book("围城"), (world.reader(), world.reader())
    loan = world.lend(world.reader(), title)[0]
    holds.place(world.db, first, title, world.now)
    holds.place(world.db, second, title, world.now)
    world.give_back(loan)
    world.book("围城", copies=1)
    with pytest.raises(NotForLoan):  # the second still waits, and the new copy is theirs by right
        take(world, first, "围城-2")
    take(world, first, "围城-1")
    holds.serve_waiting(world.db, world.policy, world.now)
    take(world, second, "围城-2")
    assert world.copies(title) == ["on_loan", "on_loan"]


def test_a_kept_book_already_ordered_is_not_lent_at_the_kiosk_too(world: World) -> None:
    """B2-19: the hold ended with the order, and the copy is the order's alone."""
    title, waiting = world.book("围城"), world.reader()
    loan = world.lend(world.reader(), title)[0]
    holds.place(world.db, waiting, title, world.now)
    world.give_back(loan)
    order = world.order(waiting, title)
    with pytest.raises(NotForLoan):
        take(world, waiting, "围城-1")
    orders.cancel(world.db, order.number, waiting, world.policy, world.now)
    assert world.copies(title) == ["available"] and loans.of_reader(world.db, waiting) == []


def test_a_book_of_an_order_at_the_counter_hands_the_order_over(world: World) -> None:
    reader, titles = world.reader(), world.books(2)
    order = world.order(reader, *titles)
    while order.state != "at_counter" and (step := orders.next_step(order)):
        order = world.step(order, step.name)
    barcode = world.db.value("SELECT barcode FROM copies WHERE title_id = :t", t=titles[0])
    with pytest.raises(NotForLoan):
        take(world, world.reader(), barcode)
    assert take(world, reader, barcode).books == 2
    assert len(loans.of_reader(world.db, reader)) == 2


def test_two_at_two_kiosks_and_one_copy(world: World) -> None:
    """B2-1: one open loan per copy, whoever asks first."""
    world.book("围城")
    readers = [world.reader() for _ in range(8)]

    def attempt(reader: int) -> bool:
        try:
            return not checkouts.check_out(world.store.db, "围城-1", reader, world.policy, world.now).again
        except LendingError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, readers)) == 1


# ---- the same title in an order of theirs ----------------------------------------------------------------------------


def ordered_and_taken(world: World, *others: int, steps: tuple[str, ...] = (), way: str = "counter") -> orders.Order:
    """围城 is in an order of the reader's, who takes another copy from the shelf."""
    reader, title = world.reader(), world.book("围城", copies=2)
    order = world.step(world.order(reader, title, *others, way=way), *steps)
    free = world.db.value("SELECT barcode FROM copies WHERE title_id = :t AND state = 'available'", t=title)
    assert take(world, reader, free).ordered == order.number
    return order


def test_who_takes_a_title_that_is_ordered_too_is_asked_and_takes_it_out(world: World) -> None:
    """Without it two copies of one title came."""
    order = ordered_and_taken(world, world.book("活着"), way="delivery")
    assert world.told(order.reader_id, "ordered_too") == [("ordered_too", "", "waiting")]
    (title,) = [row["title_id"] for row in orders.books(world.db, order.id) if row["at_home"]]
    gap = missing_copies.take_out(world.db, order.reader_id, order.number, title, world.policy, world.now)
    assert gap.left == 1 and sorted(world.copies(title)) == ["available", "on_loan"]
    now = orders.by_number(world.db, order.number)
    assert now.state == order.state and now.fee_fen <= order.fee_fen
    assert orders.taken_out(world.db, order.id) == ["围城"] and orders.gone_missing(world.db, order.id) == []
    with pytest.raises(UnknownThing):
        missing_copies.take_out(world.db, order.reader_id, order.number, title, world.policy, world.now)
    with pytest.raises(UnknownThing):
        missing_copies.take_out(world.db, world.reader(), order.number, title, world.policy, world.now)


def test_an_order_of_that_title_alone_ends(world: World) -> None:
    order = ordered_and_taken(world, steps=("pick",))
    title = orders.books(world.db, order.id)[0]["title_id"]
    missing_copies.take_out(world.db, order.reader_id, order.number, title, world.policy, world.now)
    assert orders.by_number(world.db, order.number).state is OrderState.CANCELLED
    assert [one.number for one, _ in clearing.waiting(world.db)] == [order.number], "its book was fetched already"
    assert world.told(order.reader_id, "order_moved") == [("order_moved", "pick", "waiting")], "it was their own doing"


def test_what_was_fetched_already_is_put_back_by_itself(world: World) -> None:
    order = ordered_and_taken(world, world.book("活着"), steps=("pick",))
    title = next(row["title_id"] for row in orders.books(world.db, order.id) if row["title"] == "围城")
    missing_copies.take_out(world.db, order.reader_id, order.number, title, world.policy, world.now)
    [one] = clearing.out_of_place(world.db)
    assert (one.title, one.lies) == ("围城", "picked")
    assert (clearing.put_back(world.db, [one.id]), clearing.put_back(world.db, [one.id])) == (1, 0)
    assert clearing.out_of_place(world.db) == []


def test_packed_it_cannot_be_taken_out_any_more(world: World) -> None:
    order = ordered_and_taken(world, steps=("pick", "pack"))
    title = orders.books(world.db, order.id)[0]["title_id"]
    with pytest.raises(CannotChange):
        missing_copies.take_out(world.db, order.reader_id, order.number, title, world.policy, world.now)


def test_a_title_that_is_not_ordered_asks_nothing(world: World) -> None:
    reader = world.reader()
    world.book("围城")
    world.order(reader, world.book("活着"))
    assert take(world, reader, "围城-1").ordered == ""
    assert world.told(reader, "ordered_too") == []

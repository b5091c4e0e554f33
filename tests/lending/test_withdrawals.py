"""下架: a title leaves lists, carts and queues, those concerned are told why, and what was promised stays."""

from __future__ import annotations

import pytest

from lending import (
    cart,
    catalogue,
    checkouts,
    holds,
    missing_copies,
    orders,
    purchases,
    shelf,
    transfers,
    wishes,
    withdrawals,
)
from lending.checkouts import NotForLoan
from lending.errors import CannotChange, UnknownThing
from lending.purchases import CannotBuy, ShopBook
from lending.stock import TitleEntry, store_titles
from lending.transfers import CannotTransfer
from tests.lending.world import World


def test_whoever_waits_or_means_to_borrow_it_is_told_once(world: World) -> None:
    title = world.books(1)[0]
    (loan,) = world.lend(world.reader(), title)
    waits, means = world.reader(), world.reader()
    holds.place(world.db, waits, title, world.now)
    cart.add(world.db, waits, title, world.policy, world.now)
    cart.add(world.db, means, title, world.policy, world.now)
    revision = catalogue.latest_revision(world.db)
    assert withdrawals.concerned(world.db, title) == 2
    assert withdrawals.withdraw(world.db, title, " 记重了 ", world.policy, world.now) == 2
    told = world.db.all("SELECT reader_id FROM notices WHERE event = 'title_withdrawn' ORDER BY reader_id")
    assert [row["reader_id"] for row in told] == [waits, means]
    assert not holds.of_reader(world.db, waits) and not cart.items(world.db, means)
    assert withdrawals.why(world.db, title) == "记重了" and catalogue.withdrawn_since(world.db, revision) == [title]
    assert world.db.value("SELECT 1 FROM loans WHERE id = :id AND returned_at IS NULL", id=loan.id), "as promised"


def test_a_copy_kept_for_somebody_goes_back_and_to_nobody(world: World) -> None:
    title = world.books(1)[0]
    (loan,) = world.lend(world.reader(), title)
    first, second = world.reader(), world.reader()
    for one in (first, second):
        holds.place(world.db, one, title, world.now)
    world.give_back(loan)
    assert withdrawals.withdraw(world.db, title, "版本有误", world.policy, world.now) == 2
    (copy,) = catalogue.copies(world.db, title)
    assert (copy.state, copy.hold_id, copy.aside) == ("available", None, "hold_shelf")
    with pytest.raises(NotForLoan):
        checkouts.check_out(world.db, copy.barcode, first, world.policy, world.now)


def test_it_comes_back_and_is_lent_again(world: World) -> None:
    title, reader = world.books(1)[0], world.reader()
    withdrawals.withdraw(world.db, title, "记重了", world.policy, world.now)
    with pytest.raises(CannotChange):
        withdrawals.withdraw(world.db, title, "再来一次", world.policy, world.now)
    with pytest.raises(UnknownThing):
        cart.add(world.db, reader, title, world.policy, world.now)
    withdrawals.bring_back(world.db, title, world.policy, world.now)
    with pytest.raises(CannotChange):
        withdrawals.bring_back(world.db, title, world.policy, world.now)
    assert cart.add(world.db, reader, title, world.policy, world.now) and withdrawals.why(world.db, title) == ""


def test_without_a_reason_or_a_title_nothing_happens(world: World) -> None:
    title = world.books(1)[0]
    with pytest.raises(ValueError):
        withdrawals.withdraw(world.db, title, "  ", world.policy, world.now)
    with pytest.raises(UnknownThing):
        withdrawals.withdraw(world.db, 999_999, "记重了", world.policy, world.now)


def test_one_that_is_not_found_at_picking_is_waited_for_by_nobody(world: World) -> None:
    """The order was promised; a place in a queue that ends nowhere never was."""
    reader, (title, other) = world.reader(), world.books(2)
    order = world.step(world.order(reader, title, other), "pick")
    withdrawals.withdraw(world.db, title, "版本有误", world.policy, world.now)
    copy = next(book["copy_id"] for book in orders.books(world.db, order.id) if book["title_id"] == title)
    gap = missing_copies.report(world.db, order.number, copy, "lost", "staff", world.policy, world.now)
    assert gap.left == 1 and holds.of_reader(world.db, reader) == []
    assert len(world.told(reader, "order_short")) == 1


def test_it_goes_from_hand_to_hand_no_more(world: World) -> None:
    giver = world.reader()
    (loan,) = world.lend(giver, *world.books(1))
    code, _ = transfers.offer(world.db, giver, loan.id, world.policy, world.now)
    withdrawals.withdraw(world.db, loan.title_id, "版本有误", world.policy, world.now)
    with pytest.raises(CannotTransfer) as refused:
        transfers.accept(world.db, world.reader(), code, world.policy, world.now)
    assert refused.value.reason == "withdrawn" and transfers.may_offer(world.db, giver, world.policy, world.now) == []


def test_nobody_puts_it_by(world: World) -> None:
    title = world.books(1)[0]
    withdrawals.withdraw(world.db, title, "版本有误", world.policy, world.now)
    with pytest.raises(UnknownThing):
        shelf.keep(world.db, world.reader(), title, world.policy, world.now)


def in_a_shop(world: World) -> int:
    """A book of ours that a bookshop has on its list, too."""
    with world.store.writing() as db:
        title: int = store_titles(db, [TitleEntry(title="书", isbn="9780000000000")]).ids[0]
    purchases.store_list(world.db, "晓风", [ShopBook(0, "晓风", "9780000000000", "书", "某人", "社", 2026, 4500)])
    return title


def test_no_shops_list_brings_it_back(world: World) -> None:
    title = in_a_shop(world)
    assert purchases.how_many_on_offer(world.db, world.policy) == 1, "without a copy of ours it may be bought"
    withdrawals.withdraw(world.db, title, "版本有误", world.policy, world.now)
    assert purchases.how_many_on_offer(world.db, world.policy) == 0
    with pytest.raises(CannotBuy) as refused:
        purchases.ask(world.db, world.reader(), 1, "k", world.policy, world.now)
    assert refused.value.reason == "withdrawn"


def test_one_bought_before_is_sent_all_the_same(world: World) -> None:
    """Also where somebody had asked the library for it: what is lent no more has not arrived."""
    world.branch()
    title, reader = in_a_shop(world), world.reader()
    wishes.suggest(world.db, world.reader(), "书", world.now)
    bought = purchases.ask(world.db, reader, 1, "k", world.policy, world.now)
    withdrawals.withdraw(world.db, title, "版本有误", world.policy, world.now)
    assert purchases.send(world.db, bought.id, "NB1", 1, world.policy, world.now).state == "sent"

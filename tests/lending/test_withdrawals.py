"""下架: a title leaves lists, carts and queues, those concerned are told why, and what was promised stays."""

from __future__ import annotations

import pytest

from lending import cart, catalogue, checkouts, holds, withdrawals
from lending.checkouts import NotForLoan
from lending.errors import CannotChange, UnknownThing
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
    withdrawals.bring_back(world.db, title)
    with pytest.raises(CannotChange):
        withdrawals.bring_back(world.db, title)
    assert cart.add(world.db, reader, title, world.policy, world.now) and withdrawals.why(world.db, title) == ""


def test_without_a_reason_or_a_title_nothing_happens(world: World) -> None:
    title = world.books(1)[0]
    with pytest.raises(ValueError):
        withdrawals.withdraw(world.db, title, "  ", world.policy, world.now)
    with pytest.raises(UnknownThing):
        withdrawals.withdraw(world.db, 999_999, "记重了", world.policy, world.now)

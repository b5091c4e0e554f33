"""What is kept for adults: refused to a child on every way, with a way out, until it comes of age (B8, art. 50)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lending import (
    additions,
    audience,
    cart,
    checkouts,
    decisions,
    drifting,
    holds,
    kept_back,
    loans,
    minors,
    missing_copies,
    orders,
    purchases,
    records,
    shelf,
    transfers,
    wishes,
)
from lending.decisions import Reason
from lending.errors import CannotChange, NotAllowed
from lending.model import OrderState, start_of_day
from lending.purchases import ShopBook
from lending.stock import TitleEntry, fingerprint
from lending.transfers import CannotTransfer
from tests.lending.test_minors import GROWN, family
from tests.lending.test_placing_an_order import counted
from tests.lending.world import World


def mark(world: World, title: int, word: str = audience.ADULTS) -> None:
    records.mend(world.db, title, {"audience": word})


@pytest.fixture
def child(world: World) -> int:
    world.branch()
    return family(world, "borrow", standing="ladder")[1]


def marked(world: World, copies: int = 1) -> int:
    title = world.book("成人书", copies)
    mark(world, title)
    return title


def refused(do: Callable[[], object]) -> Reason:
    with pytest.raises(NotAllowed) as caught:
        do()
    (reason,) = caught.value.decision.reasons
    assert (reason.code, reason.ways) == ("adults_only", ("escalate", "browse"))
    assert reason.until == start_of_day(GROWN)
    return reason


def barcode(world: World, title: int) -> str:
    return str(world.db.value("SELECT barcode FROM copies WHERE title_id = :t", t=title))


# ---- every way ------------------------------------------------------------


def test_a_child_cannot_put_it_into_the_cart_and_a_grown_reader_can(world: World, child: int) -> None:
    title = marked(world)
    reason = refused(lambda: cart.add(world.db, child, title, world.policy, world.now))
    assert reason.numbers == {"titles": ("成人书",)}
    assert cart.items(world.db, child) == []
    assert cart.add(world.db, world.reader(), title, world.policy, world.now)


def test_an_order_of_a_title_marked_meanwhile_is_refused_and_takes_nothing(world: World, child: int) -> None:
    """What stood in the cart before the mark; the other book goes without it."""
    one, other = world.book("成人书"), world.book("别的书")
    world.fill_cart(child, one, other)
    mark(world, one)
    refused(lambda: world.press_order(child))
    assert world.copies(one) == world.copies(other) == ["available"]
    cart.remove(world.db, child, one)
    assert world.press_order(child).state is not OrderState.CANCELLED


def test_a_childs_order_asks_no_more_than_anybodys(world: World, child: int) -> None:
    """The mark is read with the cart: eleven statements, as ever."""
    asked = []
    for reader in (child, world.reader()):
        world.fill_cart(reader, *world.books(1))
        with counted(world) as seen:
            world.press_order(reader)
        asked.append(len(seen))
    assert asked[0] == asked[1] <= 13


def test_books_that_join_an_order_are_asked_the_same(world: World, child: int) -> None:
    title, order = world.book("成人书"), world.order(child, world.book("别的书"))
    world.fill_cart(child, title)
    mark(world, title)
    refused(lambda: additions.add(world.db, child, order.number, "again", world.policy, world.now))


def test_a_child_cannot_wait_for_it(world: World, child: int) -> None:
    title = marked(world)
    world.lend(world.reader(), title)
    refused(lambda: holds.place(world.db, child, title, world.now))
    refused(lambda: shelf.to_hold(world.db, child, title, world.now))
    assert holds.place(world.db, world.reader(), title, world.now).position == 1


def test_a_child_cannot_take_it_at_a_kiosk_or_a_desk(world: World, child: int) -> None:
    title = marked(world)
    refused(lambda: checkouts.check_out(world.db, barcode(world, title), child, world.policy, world.now))
    assert world.copies(title) == ["available"]


def test_it_cannot_be_handed_on_to_a_child(world: World, child: int) -> None:
    """Neither when the code is shown nor, marked meanwhile, when the book is handed over."""
    giver, title = world.reader(), world.book("成人书")
    (loan,) = world.lend(giver, title)
    code, offered = transfers.offer(world.db, giver, loan.id, world.policy, world.now)
    transfers.accept(world.db, child, code, world.policy, world.now)
    mark(world, title)
    with pytest.raises(CannotTransfer) as caught:
        transfers.finish(world.db, giver, offered.id, world.policy, world.now)
    assert caught.value.reason == "receiver" and loans.of_reader(world.db, giver)
    code, _ = transfers.offer(world.db, giver, loan.id, world.policy, world.now)
    refused(lambda: transfers.look(world.db, child, code, world.policy, world.now))


def test_one_that_drifts_does_not_drift_to_a_child(world: World, child: int) -> None:
    """It is not shown, not handed over and not registered; a grown reader sees it."""
    title, owner = marked(world), world.reader()
    own = drifting.register(world.db, owner, title, "drift", world.now)
    code, _ = transfers.offer_own(world.db, owner, own.id, world.policy, world.now)
    refused(lambda: transfers.look(world.db, child, code, world.policy, world.now))
    refused(lambda: drifting.register(world.db, child, title, "drift", world.now))
    assert drifting.adrift(world.db, child, world.now) == []
    assert [one.title_id for one in drifting.adrift(world.db, world.reader(), world.now)] == [title]


def test_the_library_does_not_buy_it_for_a_child(world: World, child: int) -> None:
    world.rule("purchases", zones=("city",))
    books = [ShopBook(0, "晓风", "9780000000001", "成人新书", "某人", "新社", 2026, 4500, audience.ADULTS)]
    purchases.store_list(world.db, "晓风", books)
    refused(lambda: purchases.ask(world.db, child, 1, "key", world.policy, world.now))
    assert purchases.on_offer(world.db, world.policy, to_child=True) == []
    bought = purchases.ask(world.db, world.reader(), 1, "key", world.policy, world.now)
    point = world.db.value("SELECT id FROM points")
    purchases.send(world.db, bought.id, "NEW1", point, world.policy, world.now)
    assert world.db.value("SELECT audience FROM titles WHERE title = '成人新书'") == audience.ADULTS


def test_what_a_child_wished_for_arrives_without_a_place_in_its_queue(world: World, child: int) -> None:
    title, (_, wish) = marked(world), wishes.suggest(world.db, child, "成人书", world.now)
    wishes.advance(world.db, wish.id, "arrive", world.policy, world.now, title_id=title)
    assert holds.of_reader(world.db, child) == [] and world.copies(title) == ["available"]
    assert world.told(child, "wish_moved")


# ---- what says so ------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "clc", "classes", "only"),
    [
        ("", "I247.57", (), False),
        ("", "", ("I",), False),
        ("", "R167", ("R167", "B8"), True),
        ("everybody", "R167", ("R167",), False),
        ("adults", "I247.57", (), True),
    ],
)
def test_a_librarian_or_the_record_goes_before_the_packs_classes(
    world: World, word: str, clc: str, classes: tuple[str, ...], only: bool
) -> None:
    title = world.book("书")
    records.mend(world.db, title, {"audience": word, "clc": clc})
    assert audience.adults_only(word, clc, classes) is only
    where, bound = audience.condition(classes)
    assert bool(world.db.value(f"SELECT 1 FROM titles t WHERE {where}", **bound)) is only


def test_the_packs_classes_reach_the_order(world: World, child: int) -> None:
    title = world.book("类里的书")
    world.fill_cart(child, title)
    records.mend(world.db, title, {"clc": "R167"})
    world.rule("minors", adult_classes=("R16",))
    refused(lambda: world.press_order(child))


def test_coming_of_age_ends_it(world: World, child: int) -> None:
    title = marked(world)
    world.now = start_of_day(GROWN)
    assert minors.come_of_age(world.db, world.now) == 1
    assert world.order(child, title)


def test_every_reason_is_said_at_once(world: World) -> None:
    """D-4: a child without consent hears of both."""
    world.branch()
    _, child = family(world)
    title = marked(world)
    facts = decisions.facts(world.db, child, world.now)
    decision = decisions.may_borrow(facts, 1, world.policy)
    row = {"title": "成人书", "audience": "adults", "clc": ""}
    both = audience.within(world.db, decision, facts, [row], world.policy)
    assert [reason.code for reason in both.reasons] == ["guardian", "adults_only"]
    with pytest.raises(NotAllowed):
        checkouts.check_out(world.db, barcode(world, title), child, world.policy, world.now)


def test_a_title_of_whose_audience_nothing_is_said_keeps_its_fingerprint() -> None:
    """Or every title of a library would count as changed by the next import."""
    assert fingerprint(TitleEntry("书")) == "ce0270148f30df7684498fb0"
    assert fingerprint(TitleEntry("书", audience="adults")) != fingerprint(TitleEntry("书"))


# ---- what was begun before ------------------------------------------------------------


def test_a_place_in_the_queue_ends_and_the_next_is_served(world: World, child: int) -> None:
    title, other = world.book("成人书"), world.reader()
    (loan,) = world.lend(world.reader(), title)
    holds.place(world.db, child, title, world.now)
    holds.place(world.db, other, title, world.now)
    world.give_back(loan)
    mark(world, title)
    assert kept_back.settle(world.db, world.policy, world.now) == 1
    assert holds.of_reader(world.db, child) == []
    assert holds.of_reader(world.db, other)[0].state == "ready"
    assert [event for event, _, _ in world.told(child)][-1] == "kept_back"
    assert kept_back.settle(world.db, world.policy, world.now) == 0


@pytest.mark.parametrize("steps", [(), ("pick",)])
def test_a_book_leaves_an_order_that_is_not_packed(world: World, child: int, steps: tuple[str, ...]) -> None:
    one, other = world.book("成人书"), world.book("别的书")
    order = world.step(world.order(child, one, other), *steps)
    mark(world, one)
    assert kept_back.settle(world.db, world.policy, world.now) == 1
    assert world.copies(one) == ["available"] and world.copies(other) == ["reserved"]
    assert orders.by_number(world.db, order.number).state == order.state
    assert [row["state"] for row in orders.history(world.db, order.id)][-1] == "left_out"
    assert len(world.told(child, "kept_back")) == 1


def test_an_order_with_nothing_left_is_cancelled_and_two_books_are_both_told(world: World, child: int) -> None:
    one, other = world.book("成人书"), world.book("成人书二")
    order = world.order(child, one, other)
    mark(world, one)
    mark(world, other)
    assert kept_back.settle(world.db, world.policy, world.now) == 2
    assert orders.by_number(world.db, order.number).state is OrderState.CANCELLED
    assert len(world.told(child, "kept_back")) == 2
    assert world.copies(one) == world.copies(other) == ["available"]


def test_what_is_packed_or_at_home_stays_as_it_was_promised(world: World, child: int) -> None:
    one, other = world.book("成人书"), world.book("成人书二")
    (loan,) = world.lend(child, one)
    order = world.step(world.order(child, other), "pick", "pack")
    mark(world, one)
    mark(world, other)
    assert kept_back.settle(world.db, world.policy, world.now) == 0
    assert [mine.id for mine in loans.of_reader(world.db, child)] == [loan.id]
    copy = orders.books(world.db, order.id)[0]["copy_id"]
    with pytest.raises(CannotChange):
        missing_copies.leave_out(world.db, order.number, copy, "kept_back", world.policy, world.now)


def test_a_purchase_not_sent_ends_when_the_shop_marks_the_book(world: World, child: int) -> None:
    world.rule("purchases", zones=("city",))
    book = ShopBook(0, "晓风", "9780000000001", "新书", "某人", "新社", 2026, 4500)
    purchases.store_list(world.db, "晓风", [book])
    bought = purchases.ask(world.db, child, 1, "key", world.policy, world.now)
    purchases.store_list(world.db, "晓风", [replace(book, audience=audience.ADULTS)])
    assert kept_back.settle(world.db, world.policy, world.now) == 1
    assert purchases.purchase(world.db, bought.id).state == "cancelled"

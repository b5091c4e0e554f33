"""新书采购: chosen by a reader, paid by the library, within every cap, and on loan from the day it is sent (A2-4)."""

from __future__ import annotations

import pytest

from lending import (
    case_records,
    cases,
    copy_states,
    credit,
    decisions,
    loans,
    purchases,
    readers,
)
from lending.case_effects import Given
from lending.errors import BadAddress, NotAllowed, OutsideServiceArea, UnknownThing
from lending.migrations import posted_books_are_no_desks
from lending.purchases import CannotBuy, Purchase, PurchaseMoved, ShopBook
from tests.lending.test_races import race
from tests.lending.world import World


@pytest.fixture
def shop(world: World) -> World:
    """A library and the list of a bookshop: five books at ¥45, one at ¥80, one at ¥150."""
    world.branch()
    prices = (4500, 4500, 4500, 4500, 4500, 8000, 15000)
    entries = [
        ShopBook(0, "晓风", f"978000000000{n}", f"新书{n}", "某人；另一人", "新社", 2026, price)
        for n, price in enumerate(prices)
    ]
    assert purchases.store_list(world.db, "晓风", entries) == 7
    return world


def ask(world: World, reader: int, book: int, key: str = "") -> Purchase:
    name = key or f"{reader}:{book}"
    return purchases.ask(world.store.db, reader, book, name, world.policy, world.now)


def why(world: World, reader: int, book: int) -> tuple[str, int]:
    with pytest.raises(CannotBuy) as caught:
        ask(world, reader, book)
    return caught.value.reason, caught.value.number


def test_up_to_a_price_the_rule_says_yes_above_it_a_person(shop: World) -> None:
    reader = shop.reader()
    assert ask(shop, reader, 1).state == "approved"
    dear = ask(shop, reader, 6)
    assert dear.state == "asked"
    assert purchases.decide(shop.db, dear.id, True, "", shop.now).state == "approved"
    assert shop.told(reader, "purchase_moved") == [("purchase_moved", "approved", "waiting")]


def test_what_is_sent_stands_in_the_catalogue_on_loan_to_the_reader(shop: World) -> None:
    reader = shop.reader()
    bought = ask(shop, reader, 1)
    purchases.send(shop.db, bought.id, "NB0001", 1, shop.policy, shop.now)
    (loan,) = loans.of_reader(shop.db, reader)
    assert (loan.title, loan.barcode) == ("新书0", "NB0001")
    title = shop.db.one("SELECT authors, isbn, price_fen FROM titles WHERE id = :t", t=loan.title_id)
    assert title == {"authors": "某人; 另一人", "isbn": "9780000000000", "price_fen": 4500}
    shop.give_back(loan)
    assert shop.copies(loan.title_id) == ["available"]
    assert why(shop, shop.reader(), 1)[0] == "ours"
    with pytest.raises(PurchaseMoved):
        purchases.send(shop.db, bought.id, "NB0002", 1, shop.policy, shop.now)


def test_a_book_once_written_down_as_taken_at_a_desk_is_one_that_was_sent(shop: World) -> None:
    """A2-3: what stood there before; a book really taken in the library stays so."""
    reader = shop.reader()
    purchases.send(shop.db, ask(shop, reader, 1).id, "NB0001", 1, shop.policy, shop.now)
    own = shop.book("架上的书")
    with shop.store.writing() as db:
        loans.lend(db, db.value("SELECT id FROM copies WHERE title_id = :t", t=own), own, reader, shop.policy, shop.now)
        db.run("UPDATE loans SET at_desk = 1")
        posted_books_are_no_desks(db)
    facts = decisions.facts(shop.db, reader, shop.now)
    assert (facts.on_loan, facts.at_desk) == (1, 1)


def test_books_being_bought_are_part_of_the_trust_given_so_far(shop: World) -> None:
    """D-2, A2-3: two new books are all that a reader at the foot of the ladder may have; a posted one is no desk's."""
    shop.rule("purchases", a_month=9)
    reader = shop.reader("ladder")
    first, second = ask(shop, reader, 1), ask(shop, reader, 6)
    assert (first.state, second.state) == ("approved", "asked")
    with pytest.raises(NotAllowed):
        ask(shop, reader, 2)
    with pytest.raises(NotAllowed):
        shop.order(reader, *shop.books(1))
    purchases.cancel(shop.db, reader, second.id, shop.now)
    purchases.send(shop.db, first.id, "NB0001", 1, shop.policy, shop.now)
    facts = decisions.facts(shop.db, reader, shop.now)
    assert (facts.on_loan, facts.ordered, facts.at_desk) == (1, 0, 0)
    (loan,) = loans.of_reader(shop.db, reader)
    assert loan.pool == "书信"
    assert shop.press_order(reader).state == "approved"


def test_the_caps_of_price_month_and_budget(shop: World) -> None:
    """B2-3: the last one allowed and the first refused."""
    shop.rule("purchases", a_month=2, month_budget_fen=4500 * 3)
    reader = shop.reader()
    assert why(shop, reader, 7) == ("price", shop.policy.purchases.most_fen)
    first = ask(shop, reader, 1)
    ask(shop, reader, 2)
    assert why(shop, reader, 3) == ("month", 2)
    other = shop.reader()
    assert why(shop, other, 1)[0] == "bought"
    ask(shop, other, 3)
    assert why(shop, other, 4)[0] == "budget"
    purchases.cancel(shop.db, reader, first.id, shop.now)
    assert ask(shop, other, 4).state == "approved"
    shop.later(days=31)
    assert ask(shop, reader, 5).state == "approved"


def test_a_years_money_is_counted_over_its_months(shop: World) -> None:
    """B5 常州: at most ¥500 a reader and year; the last fen allowed, the next refused, a new year begins anew."""
    shop.rule("purchases", a_month=9, a_year_fen=4500 * 3)
    reader = shop.reader()
    first = ask(shop, reader, 1)
    shop.later(days=20)
    ask(shop, reader, 2)
    ask(shop, reader, 3)
    assert why(shop, reader, 4) == ("year", 4500 * 3)
    assert ask(shop, shop.reader(), 4).state == "approved"
    purchases.cancel(shop.db, reader, first.id, shop.now)
    assert ask(shop, reader, 1, "again").state == "approved"
    assert why(shop, reader, 5) == ("year", 4500 * 3)
    shop.later(days=40)
    assert ask(shop, reader, 5).state == "approved"


def test_the_month_is_never_overspent_and_no_book_bought_twice_at_once(shop: World) -> None:
    """B2-1: twenty at the same time."""
    shop.rule("purchases", month_budget_fen=4500 * 3)
    people = [shop.reader() for _ in range(20)]
    race(shop, [lambda reader=reader, n=n: ask(shop, reader, 1 + n % 5) for n, reader in enumerate(people)])  # type: ignore[misc]
    made = purchases.listed(shop.db, ("asked", "approved", "sent"))
    assert len(made) == 3 == len({one.shop_book_id for one in made})


def test_a_book_on_two_shops_lists_is_bought_once(shop: World) -> None:
    """One copy is enough, whichever shop sends it: a book is its ISBN, not its line on a list."""
    reader, entry = shop.reader(), purchases.shop_book(shop.db, 1)
    purchases.store_list(shop.db, "知行", [entry])
    other = shop.db.value("SELECT id FROM shop_books WHERE shop = '知行'")
    ask(shop, reader, 1)
    assert why(shop, reader, other)[0] == why(shop, shop.reader(), other)[0] == "bought"
    assert entry.isbn not in [one.isbn for one in purchases.on_offer(shop.db, shop.policy)]


@pytest.mark.parametrize("gone", ["withdraw", "miss"])
def test_what_is_not_in_our_hands_any_more_may_be_bought_anew(shop: World, gone: str) -> None:
    """The last copy withdrawn or lost: "we have it" would be untrue, and nobody could borrow it or wait for it."""
    first, second, third = shop.reader(), shop.reader(), shop.reader()
    purchases.send(shop.db, ask(shop, first, 1).id, "NB0001", 1, shop.policy, shop.now)
    (loan,) = loans.of_reader(shop.db, first)
    assert why(shop, second, 1)[0] == "ours"
    shop.give_back(loan)
    copy_states.step(shop.db, "NB0001", gone, "小王", shop.policy, shop.now, note="泡水")
    assert "新书0" in [one.title for one in purchases.on_offer(shop.db, shop.policy)]
    again = ask(shop, second, 1)
    assert why(shop, third, 1)[0] == "bought", "one copy is on its way"
    purchases.send(shop.db, again.id, "NB0002", 1, shop.policy, shop.now)
    (newer,) = loans.of_reader(shop.db, second)
    assert newer.title_id == loan.title_id and shop.db.value("SELECT COUNT(*) FROM titles") == 1
    assert why(shop, third, 1)[0] == "ours"


def test_the_same_press_twice_is_one_purchase(shop: World) -> None:
    """B2-2."""
    reader = shop.reader()
    assert ask(shop, reader, 1, "key").id == ask(shop, reader, 1, "key").id


def test_only_who_may_borrow_has_an_address_and_lives_in_the_area(shop: World) -> None:
    """A2-4: refused politely outside."""
    with pytest.raises(NotAllowed):
        ask(shop, shop.reader("new"), 1)
    nowhere, far = shop.reader(), shop.reader()
    with shop.store.writing() as db:
        db.run("UPDATE readers SET address = '' WHERE id = :r", r=nowhere)
    readers.set_delivery(shop.db, far, "林书", "13800000000", "远方", "")
    with pytest.raises(BadAddress):
        ask(shop, nowhere, 1)
    with pytest.raises(OutsideServiceArea):
        ask(shop, far, 1)


def test_nobody_cancels_for_another_and_nothing_is_sent_to_nowhere(shop: World) -> None:
    mine = ask(shop, shop.reader(), 1)
    with pytest.raises(UnknownThing):
        purchases.cancel(shop.db, shop.reader(), mine.id, shop.now)
    with pytest.raises(UnknownThing):
        purchases.send(shop.db, mine.id, "NB1", 999, shop.policy, shop.now)
    assert purchases.purchase(shop.db, mine.id).state == "approved"


def test_what_has_left_the_list_cannot_be_chosen(shop: World) -> None:
    shown = len(purchases.on_offer(shop.db, shop.policy))
    assert shown == 6, "the one above the price is not shown"
    purchases.store_list(shop.db, "晓风", [])
    assert purchases.on_offer(shop.db, shop.policy) == []
    with pytest.raises(UnknownThing):
        ask(shop, shop.reader(), 1)


def test_a_shops_parcel_travels_as_long_as_the_rule_says(shop: World) -> None:
    """B5 常州: so long it is awaited, and so much longer is its loan; where loans count from the sending, no longer."""
    shop.rule("purchases", travel_days=9)
    reader = shop.reader()
    bought = ask(shop, reader, 1)
    purchases.send(shop.db, bought.id, "NB0001", 1, shop.policy, shop.now)
    (loan,) = loans.of_reader(shop.db, reader)
    assert (loan.due_at - shop.now).days == shop.policy.lending.loan_days + 9
    shop.later(days=9)
    assert [one.id for one in purchases.to_come(shop.db, reader, shop.policy, shop.now)] == [bought.id]
    shop.later(seconds=1)
    assert purchases.to_come(shop.db, reader, shop.policy, shop.now) == []
    shop.rule("lending", loan_starts="shipped")
    assert purchases.on_the_way(shop.policy) == 0


@pytest.mark.parametrize("reported", ["", "lost", "damaged"])
def test_a_shops_parcel_that_never_came_is_the_librarys_loss_and_may_be_chosen_anew(shop: World, reported: str) -> None:
    """Its reader could only say that they had lost it, and pay."""
    shop.rule("purchases", a_month=1)
    reader = shop.reader()
    bought = ask(shop, reader, 1)
    with pytest.raises(PurchaseMoved):
        purchases.lose(shop.db, bought.id, "staff:小信", shop.policy, shop.now)
    purchases.send(shop.db, bought.id, "NB0001", 1, shop.policy, shop.now)
    (loan,) = loans.of_reader(shop.db, reader)
    points = credit.balance(shop.db, reader)
    if reported:
        cases.report(shop.db, reader, loan.id, reported, "没有收到", shop.policy, shop.now)
    assert [one.id for one in purchases.sent_out(shop.db)] == [bought.id]
    assert purchases.lose(shop.db, bought.id, "staff:小信", shop.policy, shop.now).lost
    assert loans.of_reader(shop.db, reader) == [] and shop.copies(loan.title_id) == ["lost"]
    assert credit.balance(shop.db, reader) == points and purchases.sent_out(shop.db) == []
    assert len(shop.told(reader, "purchase_lost")) == 1
    assert purchases.to_come(shop.db, reader, shop.policy, shop.now) == []
    with pytest.raises(PurchaseMoved):
        purchases.lose(shop.db, bought.id, "staff:小信", shop.policy, shop.now)
    assert ask(shop, reader, 1, "again").state == "approved", "the month's one book was not had"


@pytest.mark.parametrize("steps", [("charge",), ("charge", "take_money"), ("charge", "waive")])
def test_a_shops_parcel_that_its_reader_was_charged_for_is_taken_back(shop: World, steps: tuple[str, ...]) -> None:
    """The points by an opposite line, the price that was paid at a desk; once, and the reader hears."""
    reader = shop.reader()
    bought = ask(shop, reader, 1)
    purchases.send(shop.db, bought.id, "NB0001", 1, shop.policy, shop.now)
    (loan,) = loans.of_reader(shop.db, reader)
    points = credit.balance(shop.db, reader)
    case, _ = cases.report(shop.db, reader, loan.id, "lost", "", shop.policy, shop.now)
    for step in steps:
        cases.advance(shop.db, case.number, step, "staff:小信", shop.policy, shop.now, Given("", 3900, ""))
    assert credit.balance(shop.db, reader) < points
    assert [one.id for one in purchases.sent_out(shop.db)] == [bought.id]
    assert purchases.lose(shop.db, bought.id, "staff:小信", shop.policy, shop.now).lost
    assert credit.balance(shop.db, reader) == points
    after = case_records.by_number(shop.db, case.number)
    paid = "take_money" in steps
    assert (after.state, after.points, after.refund_fen) == ("settled", 0, 3900 if paid else 0)
    assert case_records.open_ones(shop.db) == [] and len(shop.told(reader, "purchase_lost")) == 1
    assert [one.number for one in case_records.to_hand_out(shop.db)] == ([case.number] if paid else [])
    if paid:
        assert [one.name for one in cases.may_take(after)] == ["hand_back"]
        cases.advance(shop.db, case.number, "hand_back", "staff:小信", shop.policy, shop.now)
        assert case_records.to_hand_out(shop.db) == []
    with pytest.raises(PurchaseMoved):
        purchases.lose(shop.db, bought.id, "staff:小信", shop.policy, shop.now)


def test_who_brought_the_same_book_for_it_is_no_case_for_a_button(shop: World) -> None:
    reader = shop.reader()
    bought = ask(shop, reader, 1)
    purchases.send(shop.db, bought.id, "NB0001", 1, shop.policy, shop.now)
    case, _ = cases.report(shop.db, reader, loans.of_reader(shop.db, reader)[0].id, "lost", "", shop.policy, shop.now)
    cases.advance(shop.db, case.number, "charge", "staff:小信", shop.policy, shop.now, Given("", 3900, ""))
    cases.advance(shop.db, case.number, "take_book", "staff:小信", shop.policy, shop.now, Given("", 0, "NB0002"))
    assert purchases.sent_out(shop.db) == []


def test_what_came_back_was_not_lost(shop: World) -> None:
    bought = ask(shop, shop.reader(), 1)
    purchases.send(shop.db, bought.id, "NB0001", 1, shop.policy, shop.now)
    shop.give_back(loans.of_reader(shop.db, bought.reader_id)[0])
    with pytest.raises(PurchaseMoved):
        purchases.lose(shop.db, bought.id, "staff:小信", shop.policy, shop.now)


def test_what_came_back_and_is_borrowed_anew_was_not_lost_on_its_way(shop: World) -> None:
    bought = ask(shop, shop.reader(), 1)
    purchases.send(shop.db, bought.id, "NB0001", 1, shop.policy, shop.now)
    (loan,) = loans.of_reader(shop.db, bought.reader_id)
    shop.later(days=9)
    shop.give_back(loan)
    shop.lend(bought.reader_id, loan.title_id)
    assert purchases.sent_out(shop.db) == []
    with pytest.raises(PurchaseMoved):
        purchases.lose(shop.db, bought.id, "staff:小信", shop.policy, shop.now)
    assert len(loans.of_reader(shop.db, bought.reader_id)) == 1


def test_two_librarians_who_say_so_at_the_same_moment_say_it_once(shop: World) -> None:
    bought = ask(shop, shop.reader(), 1)
    purchases.send(shop.db, bought.id, "NB0001", 1, shop.policy, shop.now)
    says = lambda: purchases.lose(shop.db, bought.id, "staff:小信", shop.policy, shop.now)  # noqa: E731
    assert race(shop, [says, says]) == {"ordered": 1, "PurchaseMoved": 1}
    assert len(shop.told(bought.reader_id, "purchase_lost")) == 1

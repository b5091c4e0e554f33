"""加书: the cart joins an order that is not packed yet; one parcel, one price, nothing twice (A4-1, B5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lending import (
    additions,
    cart,
    clearing,
    free_shipping,
    holds,
    kept_promises,
    lockers,
    missing_copies,
    orders,
    promises,
)
from lending.additions import CannotAdd
from lending.errors import NoCopyAvailable, NotAllowed, PriceChanged, UnknownThing
from lending.model import OrderState as S
from lending.model import library_day
from lending.orders import Order
from lending.policy import load_policy
from tests.lending.test_races import race
from tests.lending.world import World


def add(world: World, order: Order, books: int, key: str = "more", agreed: int | None = None) -> additions.Added:
    """So many further books into the reader's cart, and the cart into the order."""
    world.fill_cart(order.reader_id, *world.books(books))
    return additions.add(world.db, order.reader_id, order.number, key, world.policy, world.now, agreed)


def press(world: World, order: Order, key: str) -> additions.Added:
    """The cart as it is into the order, from whichever thread."""
    return additions.add(world.store.db, order.reader_id, order.number, key, world.policy, world.now)


def pack(world: World, order: Order) -> Order:
    return orders.advance(world.store.db, order.id, "pack", "staff", world.policy, world.now)


def titles(world: World, order: Order) -> int:
    return len(orders.books(world.db, order.id))


def deliver(world: World, books: int, reader: int = 0) -> Order:
    return world.order(reader or world.reader(), *world.books(books), way="delivery")


@pytest.fixture
def shelves(world: World) -> World:
    """Sixteen titles with copies for everybody."""
    world.books(16, copies=30)
    return world


# ---- one order of all the books --------------------------------------------------------------------------------------


def test_three_books_and_one_more_cost_one_yuan_more_instead_of_another_parcel(world: World) -> None:
    """A4-1: ¥3 and ¥3 apart, ¥4 together."""
    order = deliver(world, 3)
    world.fill_cart(order.reader_id, *world.books(1))
    seen = additions.preview(world.db, order.reader_id, order.number, world.policy, world.now)
    done = additions.add(world.db, order.reader_id, order.number, "more", world.policy, world.now, seen.more_fen)
    assert (seen.more_fen, seen.alone_fen, done.more_fen) == (100, 300, 100)
    assert (done.order.fee_fen, done.order.return_fee_fen, titles(world, order)) == (400, 400, 4)
    assert cart.items(world.db, order.reader_id) == []
    sizes = world.db.all("SELECT books FROM parcels") if world.step(done.order, "pick", "pack") else []
    assert [row["books"] for row in sizes] == [4]


@given(
    st.sampled_from(["hangzhou", "yangpu", "lujiazui", "tianyi", "changzhou", "suzhou"]),
    st.lists(st.integers(1, 4), min_size=2, max_size=4), st.lists(st.integers(0, 6000), min_size=16, max_size=16),
)  # fmt: skip
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_however_many_steps_it_is_the_price_of_one_order(
    shelves: World, pack: str, parts: list[int], prices: list[int]
) -> None:
    """B5: never more than separate orders, and just what all the books cost together."""
    world, way = shelves, orders.Fulfilment.DELIVERY
    world.policy = replace(load_policy(pack), tiers=())
    world.rule("free_shipping", mode="none")
    world.rule("lending", limit=20, cart_size=20)
    zone, reader = world.policy.fees.zones[0].zone, world.reader()
    titles = [row["id"] for row in world.db.all("SELECT id FROM titles ORDER BY id")]
    with world.store.writing() as db:
        db.run("UPDATE readers SET zone = :z WHERE id = :r", z=zone, r=reader)
        for title, price in zip(titles, prices, strict=True):
            db.run("UPDATE titles SET price_fen = :p WHERE id = :t", p=price, t=title)

    def quoted(first: int, last: int) -> int:
        return orders.quote(
            world.policy, way, zone, last - first, library_day(world.now), sum(prices[first:last])
        ).fee_fen

    done, apart = parts[0], quoted(0, parts[0])
    order = world.order(reader, *titles[:done], way="delivery")
    for more in parts[1:]:
        world.fill_cart(reader, *titles[done : done + more])
        key = f"{reader}-{done}"
        order = additions.add(world.db, reader, order.number, key, world.policy, world.now).order
        apart, done = apart + quoted(done, done + more), done + more
        assert order.fee_fen == quoted(0, done) <= apart


def test_a_fee_agreed_on_better_terms_is_never_taken_back(world: World) -> None:
    """A4-10: ordered on a day the library paid; the next day one book more costs what it costs, no more."""
    order = deliver(world, 4)
    with world.store.writing() as db:
        db.run("UPDATE orders SET fee_fen = 0 WHERE id = :o", o=order.id)
    assert add(world, order, 1).order.fee_fen == 300


def test_what_a_missing_book_saved_stays_saved(world: World) -> None:
    order = world.step(deliver(world, 4), "pick")
    copy = orders.books(world.db, order.id)[0]["copy_id"]
    missing_copies.report(world.db, order.number, copy, "lost", "staff", world.policy, world.now)
    assert orders.by_number(world.db, order.number).fee_fen == 300
    assert add(world, order, 1).order.fee_fen == 400


# ---- the money for free delivery -------------------------------------------------------------------------------------


def test_free_delivery_pays_the_rest_too_and_gets_all_of_it_back(world: World) -> None:
    """A2-27: two orders would both have been free, so the one is."""
    world.rule("free_shipping", mode="first_come", daily_fen=1000, most_fen=500)
    order = deliver(world, 3)
    done = add(world, order, 3)
    assert (done.order.fee_fen, done.more_fen) == (0, 0)
    day = library_day(world.now)
    assert free_shipping.budget(world.db, world.policy, day).used_fen == 600
    assert free_shipping.given(world.db, day) == {"orders": 1, "spent_fen": 600, "promised_fen": 0}
    world.step(done.order, "cancel", actor="reader")
    assert free_shipping.budget(world.db, world.policy, day).used_fen == 0
    assert free_shipping.given(world.db, day)["spent_fen"] == 0


def test_nobody_pays_more_than_they_agreed_to_when_the_money_has_just_run_out(world: World) -> None:
    """D-3."""
    world.rule("free_shipping", mode="first_come", daily_fen=300, most_fen=500)
    order = deliver(world, 3)
    with pytest.raises(PriceChanged):
        add(world, order, 1, agreed=0)
    assert (titles(world, order), len(cart.items(world.db, order.reader_id))) == (3, 1)


def test_money_that_travelling_together_saves_goes_back_to_its_day(world: World) -> None:
    """B5 常州: books worth ¥98 travel free, so what the library had given is not needed."""
    world.policy = load_policy("changzhou")
    world.rule("free_shipping", mode="first_come", daily_fen=1000, most_fen=500)
    order = deliver(world, 1)
    assert (order.fee_fen, order.free_fen) == (0, 500)
    more = world.books(1)
    with world.store.writing() as db:
        db.run("UPDATE titles SET price_fen = 9800 WHERE id = :t", t=more[0])
    world.fill_cart(order.reader_id, *more)
    done = additions.add(world.db, order.reader_id, order.number, "more", world.policy, world.now)
    assert (done.order.fee_fen, done.order.free_fen) == (0, 0)
    assert free_shipping.budget(world.db, world.policy, library_day(world.now)).used_fen == 0


def test_money_given_to_an_addition_goes_back_as_well(world: World) -> None:
    """B5 常州: twice ¥5 were given before the book came that makes all of it free."""
    world.policy = load_policy("changzhou")
    world.rule("lending", cart_size=9)  # three parcels' worth in one order, which 常州 itself has not
    world.rule("free_shipping", mode="first_come", daily_fen=1000, most_fen=500)
    order = deliver(world, 3)
    assert add(world, order, 3).order.fee_fen == 0
    assert free_shipping.budget(world.db, world.policy, library_day(world.now)).used_fen == 1000
    (dear,) = world.books(1)
    with world.store.writing() as db:
        db.run("UPDATE titles SET price_fen = 9800 WHERE id = :t", t=dear)
    world.fill_cart(order.reader_id, dear)
    done = press(world, order, "dear")
    assert (done.order.fee_fen, done.order.free_fen) == (0, 0)
    assert free_shipping.budget(world.db, world.policy, library_day(world.now)).used_fen == 0


# ---- rules -----------------------------------------------------------------------------------------------------------


def test_the_limit_counts_what_is_ordered_already(world: World) -> None:
    """B2-3."""
    reader = world.reader("ladder")
    order = world.order(reader, *world.books(1))
    add(world, order, 1, "second")
    with pytest.raises(NotAllowed) as refused:
        add(world, order, 1, "third")
    assert [why.code for why in refused.value.decision.reasons] == ["limit"]
    assert (titles(world, order), len(cart.items(world.db, reader))) == (2, 1)


def test_more_books_than_a_rule_approves_go_back_to_a_person(world: World) -> None:
    """E1-10: approved with four, looked at with six; the clock of that person begins now."""
    order = world.step(world.order(world.reader(), *world.books(4)), "pick")
    world.later(hours=1)
    done = add(world, order, 2)
    assert (done.order.state, orders.why_reviewed(world.db, order.id)) == (S.IN_REVIEW, ["books"])
    assert done.order.review_by == done.order.promised_at == world.now + timedelta(hours=4)
    assert [one.name for one in promises.of_order(world.db, done.order)] == ["review"]
    world.later(hours=1)
    approved = world.step(done.order, "approve")
    kept = {one.name: (one.met_at, one.broken) for one in promises.of_order(world.db, approved)}
    assert kept["review"] == (world.now, False) and kept["pack"] == (None, False)


@pytest.mark.parametrize("step", ["cancel", "refuse"])
def test_what_was_fetched_before_it_is_looked_at_anew_is_to_be_put_back(world: World, step: str) -> None:
    """Its books lie on the table, whatever the order is called meanwhile."""
    order = world.step(world.order(world.reader(), *world.books(4)), "pick")
    waited_for = orders.books(world.db, order.id)[0]["title_id"]
    waiting = world.reader()
    with world.store.writing() as db:
        holds.join(db, waiting, waited_for, world.now)
    world.step(add(world, order, 2).order, step)
    assert [(one.number, state) for one, state in clearing.waiting(world.db)] == [(order.number, S.PICKING)]
    assert [one.lies for one in clearing.out_of_place(world.db)] == [], "nobody is sent to the shelf for it"


def test_one_taken_out_while_it_is_looked_at_anew_lies_on_the_table(world: World) -> None:
    order = world.step(world.order(world.reader(), *world.books(4)), "pick")
    add(world, order, 2)
    taken = orders.books(world.db, order.id)[0]["title_id"]
    missing_copies.take_out(world.db, order.reader_id, order.number, taken, world.policy, world.now)
    assert [one.lies for one in clearing.out_of_place(world.db)] == ["picked"]


def test_looked_at_and_picked_twice_it_is_told_twice(world: World) -> None:
    """What was said of the order before the books came to it is not said of all of them."""
    order = world.step(world.order(world.reader(), *world.books(6)), "approve", "pick")
    with world.store.writing() as db:
        db.run("UPDATE notices SET state = 'told'")
    world.step(add(world, order, 1).order, "approve", "pick")
    told = world.told(order.reader_id, "order_moved")
    assert told == [("order_moved", "approve", "waiting"), ("order_moved", "pick", "waiting")]


def test_a_second_look_that_comes_late_is_broken_and_counted(world: World) -> None:
    """D-1: the first look in time does not hide the second."""
    order = world.order(world.reader(), *world.books(6))
    world.step(order, "approve")
    world.later(hours=5)
    kept_promises.settle_due(world.db, world.policy, world.now)
    done = add(world, order, 1)
    world.now = done.order.promised_at + timedelta(minutes=1)
    promises.notice_broken(world.db, world.policy, world.now)
    kept_promises.settle_due(world.db, world.policy, world.now)
    lines = world.db.all("SELECT object, outcome FROM promise_lines WHERE kind = 'review' ORDER BY id")
    assert [row["outcome"] for row in lines] == ["kept", "broken"]


def test_the_promise_becomes_that_of_an_order_placed_now(world: World) -> None:
    """Ours: all books come together, and the reader is told before they say yes."""
    order = deliver(world, 1)
    world.later(hours=3)
    world.fill_cart(order.reader_id, *world.books(1))
    seen = additions.preview(world.db, order.reader_id, order.number, world.policy, world.now)
    done = additions.add(world.db, order.reader_id, order.number, "more", world.policy, world.now)
    assert done.order.promised_at == seen.promised_at == order.promised_at + timedelta(hours=3)
    assert order.pack_by and done.order.pack_by and done.order.pack_by > order.pack_by
    world.now = order.pack_by + timedelta(minutes=1)
    promises.notice_broken(world.db, world.policy, world.now)
    broken = [one.name for one in promises.of_order(world.db, done.order) if one.broken]
    assert broken == [], "what was promised first has been replaced with the reader's consent"


def test_an_order_that_is_late_is_not_made_later(world: World) -> None:
    """D-1: a broken promise stays broken."""
    order = world.order(world.reader(), *world.books(1))
    world.later(hours=30)
    with pytest.raises(CannotAdd) as refused:
        add(world, order, 1)
    assert (refused.value.reason, titles(world, order)) == ("late", 1)


def test_an_order_holds_no_more_books_by_being_added_to(world: World) -> None:
    """B5 常州: at most three books an order, however they come to it."""
    world.rule("lending", cart_size=load_policy("changzhou").lending.cart_size)
    order = world.order(world.reader(), *world.books(2))
    with pytest.raises(CannotAdd) as refused:
        add(world, order, 2)
    assert (refused.value.reason, refused.value.most, titles(world, order)) == ("many", 3, 2)
    with world.store.writing() as db:
        db.run("DELETE FROM cart_items WHERE rowid = (SELECT MIN(rowid) FROM cart_items)")
    assert (press(world, order, "less").books, titles(world, order)) == (1, 3)


def test_another_readers_order_is_unknown(world: World) -> None:
    order = world.order(world.reader(), *world.books(1))
    stranger = world.reader()
    world.fill_cart(stranger, *world.books(1))
    with pytest.raises(UnknownThing):
        additions.add(world.db, stranger, order.number, "more", world.policy, world.now)


def test_only_orders_that_go_where_books_would_go_today_are_open_to_more(world: World) -> None:
    reader = world.reader()
    home = deliver(world, 1, reader)
    shelf = world.order(reader, *world.books(1))
    packed = world.step(world.order(reader, *world.books(1)), "pick", "pack")
    assert [o.number for o in additions.open_to_more(world.db, reader)] == [shelf.number, home.number]
    with world.store.writing() as db:
        db.run("UPDATE readers SET phone = seal('13900000000') WHERE id = :r", r=reader)
    assert [o.number for o in additions.open_to_more(world.db, reader)] == [shelf.number]
    assert packed.number not in {o.number for o in additions.open_to_more(world.db, reader)}


# ---- boxes -----------------------------------------------------------------------------------------------------------


def test_the_same_box_where_it_has_room_a_larger_one_where_not(world: World) -> None:
    """A9: S holds two books, M five."""
    order = world.order(world.reader(), *world.books(1), way="locker")
    assert lockers.label(world.db, order.id) == "S01"
    add(world, order, 1, "a")
    assert lockers.label(world.db, order.id) == "S01"
    add(world, order, 1, "b")
    assert lockers.label(world.db, order.id).startswith("M")
    assert world.db.value("SELECT state FROM boxes WHERE label = 'S01'") == "free"


def test_two_boxes_where_no_single_one_is_large_enough(world: World) -> None:
    place = world.locker("two", M=1, S=1)
    world.rule("review", auto_up_to_books=20)
    order = world.order(world.reader(), *world.books(4), way="locker", at=place)
    add(world, order, 3)
    assert lockers.label(world.db, order.id) == "M01 + S01"


def test_a_locker_without_room_says_so_and_changes_nothing(world: World) -> None:
    place = world.locker("one", S=1)
    order = world.order(world.reader(), *world.books(2), way="locker", at=place)
    before = world.everything()["boxes"]
    with pytest.raises(CannotAdd) as refused:
        add(world, order, 1)
    assert refused.value.reason == "box"
    assert (world.everything()["boxes"], titles(world, order)) == (before, 2)


# ---- twice, too late, at the same moment -----------------------------------------------------------------------------


def test_pressed_twice_it_is_added_once(world: World) -> None:
    """B2-2."""
    order = deliver(world, 1)
    first = add(world, order, 2, "key")
    again = additions.add(world.db, order.reader_id, order.number, "key", world.policy, world.now)
    assert again == first and titles(world, order) == 3
    assert world.db.value("SELECT COUNT(*) FROM order_additions") == 1


def test_the_history_says_what_came(world: World) -> None:
    order = world.order(world.reader(), *world.books(1))
    title = world.book("活着")
    world.fill_cart(order.reader_id, title)
    additions.add(world.db, order.reader_id, order.number, "key", world.policy, world.now)
    lines = [(row["state"], row["actor"], row["note"]) for row in orders.history(world.db, order.id)]
    assert lines[-1] == ("added", "reader", "《活着》")
    assert [bool(book["addition_id"]) for book in orders.books(world.db, order.id)].count(True) == 1


def test_a_copy_gone_meanwhile_leaves_order_and_cart_as_they_were(world: World) -> None:
    """B2-1."""
    order, title = world.order(world.reader(), *world.books(1)), world.book("孤本")
    world.fill_cart(order.reader_id, title)
    world.order(world.reader(), title)
    before = {name: rows for name, rows in world.everything().items() if name != "counters"}
    with pytest.raises(NoCopyAvailable):
        additions.add(world.db, order.reader_id, order.number, "key", world.policy, world.now)
    assert {name: rows for name, rows in world.everything().items() if name != "counters"} == before


def test_a_packed_order_takes_nothing_and_the_cart_is_kept(world: World) -> None:
    order = world.step(world.order(world.reader(), *world.books(1)), "pick", "pack")
    with pytest.raises(CannotAdd) as refused:
        add(world, order, 1)
    assert (refused.value.reason, refused.value.state) == ("packed", S.PACKED)
    assert len(cart.items(world.db, order.reader_id)) == 1


def test_packed_and_added_to_in_the_same_moment_one_of_them_is_told(world: World) -> None:
    """Either the books are in the parcel that is packed, or the reader is told and keeps the cart; ten times over."""
    for n in range(10):
        order = world.step(deliver(world, 1), "pick")
        world.fill_cart(order.reader_id, *world.books(1))
        outcome = race(world, [partial(press, world, order, f"k{n}"), partial(pack, world, order)])
        inside, kept = titles(world, order), len(cart.items(world.db, order.reader_id))
        assert (inside, kept) == ((1, 1) if outcome["CannotAdd"] else (2, 0))
        packed = world.db.value("SELECT SUM(books) FROM parcels WHERE order_id = :o", o=order.id)
        assert packed == inside, "what is in the order is in the parcel"


def test_one_press_from_many_threads_adds_once(world: World) -> None:
    """B2-2, C3."""
    order = deliver(world, 1)
    world.fill_cart(order.reader_id, *world.books(2))

    outcome = race(world, [partial(press, world, order, "same")] * 8)
    assert outcome == {"ordered": 8}, "each press hears that it is done"
    assert titles(world, order) == 3
    open_copies = world.db.all("SELECT copy_id FROM order_items WHERE open = 1")
    assert len({row["copy_id"] for row in open_copies}) == len(open_copies)

"""部分完成: a missing copy does not stop the others; nobody pays for what did not come (E3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lending import (
    addition_terms,
    additions,
    free_shipping,
    holds,
    loans,
    locker_reports,
    lockers,
    missing_copies,
    notices,
    orders,
    parcels,
    promises,
)
from lending.errors import CannotChange, UnknownThing
from lending.ledger_rules import Tier
from lending.missing_copies import Gap
from lending.model import OrderState as S
from lending.model import library_day
from lending.orders import Order
from lending.policy import load_policy
from lending.promises import Promise
from lending.rules import Campaign
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


def without(world: World, order: Order, books: int) -> Order:
    """The order when so many of its books could not be found."""
    for book in orders.books(world.db, order.id)[:books]:
        missing_copies.report(world.db, order.number, book["copy_id"], "lost", "staff", world.policy, world.now)
    return orders.by_number(world.db, order.number)


def paid(world: World, order: Order) -> tuple[int, int, int]:
    """By the reader, by the library for this order, and out of the day's money by its own account."""
    library = order.free_fen + addition_terms.given(world.db, order.id)
    return order.fee_fen, library, free_shipping.budget(world.db, world.policy, library_day(world.now)).used_fen


def test_what_the_library_pays_is_paid_first_and_the_rest_of_it_goes_back_to_its_day(world: World) -> None:
    """A2-27, A4-1: five books are all free, of nine ¥4 are the reader's; three books cost ¥3."""
    world.rule("free_shipping", mode="first_come", daily_fen=1000, most_fen=500)
    world.rule("lending", limit=20)
    nine = world.order(world.reader(), *world.books(9), way="delivery")
    world.step(nine, "approve")
    assert paid(world, nine) == (400, 500, 500)
    assert paid(world, without(world, nine, 4)) == (0, 500, 500)
    assert paid(world, without(world, nine, 2)) == (0, 300, 300)
    five = world.order(world.reader(), *world.books(5), way="delivery")
    assert paid(world, without(world, five, 2)) == (0, 300, 600)


def test_what_an_addition_was_given_goes_back_too(world: World) -> None:
    """B5: three books for ¥3 and three for ¥3 more, all free; two are left and cost ¥3."""
    world.rule("free_shipping", mode="first_come", daily_fen=1000, most_fen=500)
    order = world.order(world.reader(), *world.books(3), way="delivery")
    world.fill_cart(order.reader_id, *world.books(3))
    order = additions.add(world.db, order.reader_id, order.number, "more", world.policy, world.now).order
    world.step(order, "approve")
    assert paid(world, order) == (0, 600, 600)
    left = without(world, order, 4)
    assert paid(world, left) == (0, 300, 300) and left.free_fen == 300


def test_the_rest_is_priced_for_this_reader_on_this_day(world: World) -> None:
    """A8-14, A4-10: half the price by the tier; and on a day the library pays, nothing."""
    world.policy = replace(world.policy, tiers=(Tier("老读者", 0, "A8-14", fee_percent=50),))
    order = world.order(world.reader(), *world.books(5), way="delivery")
    assert (order.fee_fen, order.return_fee_fen) == (250, 250)
    left = without(world, order, 2)
    assert (left.fee_fen, left.return_fee_fen) == (150, 150)
    today = library_day(world.now)
    world.rule("fees", campaigns=(Campaign("一天", "borrow", today, today),))
    assert without(world, left, 1).fee_fen == 0


def test_a_fee_waived_because_it_was_late_stays_waived(world: World) -> None:
    """D-1: what the library had given is still given back as far as it is not needed."""
    world.rule("free_shipping", mode="first_come", daily_fen=1000, most_fen=200)
    order = world.order(world.reader(), *world.books(5), way="delivery")
    world.later(days=3)
    world.tick()
    late = orders.by_number(world.db, order.number)
    assert (order.fee_fen, late.fee_fen, late.free_fen) == (300, 0, 200)
    assert without(world, order, 2).fee_fen == 0


def test_where_new_rules_name_no_price_the_agreed_one_stays(world: World) -> None:
    """A4-11: the zone was the province's, the rules are now a city's."""
    reader = world.reader()
    with world.store.writing() as db:
        db.run("UPDATE readers SET zone = 'province'")
    world.policy = load_policy("zhejiang")
    world.rule("free_shipping", mode="none")
    order = world.order(reader, *world.books(5), way="delivery")
    world.policy = load_policy("hangzhou")
    left = without(world, order, 2)
    assert (order.fee_fen, left.fee_fen, left.return_fee_fen) == (500, 500, order.return_fee_fen)


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


def test_missing_twice_it_is_told_twice(world: World) -> None:
    """The reader had put it into the order again and would wait at the door for it."""
    reader, (title, other) = world.reader(), world.books(2)
    order = world.step(world.order(reader, title, other), "pick")
    missing(world, order, title)
    found_again(world, title)
    world.fill_cart(reader, title)
    additions.add(world.db, reader, order.number, "again", world.policy, world.now)
    world.later(minutes=1)
    missing(world, order, title)
    assert [event for event, _, _ in world.told(reader)].count("order_short") == 2


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


# ---- found missing only after packing --------------------------------------------------------------------------------


def test_a_packed_order_is_unpacked_and_the_missing_book_is_reported_as_before(world: World) -> None:
    reader, titles = world.reader(), world.books(2)
    packed = world.step(world.order(reader, *titles, way="delivery"), "pick", "pack")
    first = {parcel.tracking for parcel in parcels.of_order(world.db, packed.id)}
    with pytest.raises(CannotChange):
        missing(world, packed, titles[0])
    told = world.told(reader)
    back = world.step(packed, "unpack", actor="staff:小林")
    assert (back.state, back.promised_at, back.pack_by) == (S.PICKING, packed.promised_at, packed.pack_by)
    assert parcels.of_order(world.db, back.id) == [] and world.told(reader) == [
        one for one in told if one[1:] != ("pack", "waiting")
    ], "nothing has changed for the reader, and what was not told yet is not true"
    assert [row["actor"] for row in orders.history(world.db, back.id)][-1] == "staff:小林"
    assert missing(world, back, titles[0]).left == 1
    again = world.step(back, "pack")
    (parcel,) = parcels.of_order(world.db, again.id)
    assert parcel.books == 1 and parcel.tracking not in first
    assert world.through(again).state is S.DONE


def test_who_was_told_that_it_is_packed_hears_it_once(world: World) -> None:
    order = world.step(world.order(world.reader(), *world.books(1)), "pick", "pack")
    for notice in notices.waiting(world.db, world.now):
        notices.settle(world.db, notice.id, told=True)
    world.step(order, "unpack", "pack")
    assert notices.waiting(world.db, world.later(hours=1)) == []


def pack_promise(world: World, order: Order) -> Promise:
    (one,) = [one for one in promises.of_order(world.db, order) if one.name == "pack"]
    return one


def test_unpacked_in_time_its_packing_is_still_promised_for_the_same_moment(world: World) -> None:
    order = world.step(world.order(world.reader(), *world.books(1)), "pick", "pack")
    assert pack_promise(world, order).met_at
    order = world.step(order, "unpack")
    one = pack_promise(world, order)
    assert (one.met_at, one.by, one.broken) == (None, order.pack_by, False)


def test_packed_in_time_and_unpacked_later_breaks_no_promise_and_is_promised_anew(world: World) -> None:
    """D-1: what was kept was kept; and from now on it is to be packed like any other, before it is to be ready."""
    reader = world.reader()
    order = world.step(world.order(reader, *world.books(1)), "pick", "pack")
    assert order.pack_by
    world.now = order.pack_by + timedelta(hours=1)
    order = world.step(order, "unpack")
    world.tick()
    assert world.told(reader, "promise_broken") == []
    one = pack_promise(world, order)
    assert world.now < one.by <= order.promised_at and not one.met_at


def test_a_promise_broken_before_is_not_broken_twice(world: World) -> None:
    reader = world.reader()
    order = world.step(world.order(reader, *world.books(1)), "pick")
    world.later(days=3)
    order = world.step(order, "pack", "unpack")
    world.tick()
    assert [step for _, step, _ in world.told(reader, "promise_broken")] == ["pack", "ready"]
    assert pack_promise(world, order).broken


def test_a_locker_s_old_word_about_an_order_unpacked_since_is_left_to_a_librarian(world: World) -> None:
    order = world.step(world.order(world.reader(), *world.books(1), way="locker"), "pick", "pack")
    loaded, facts = world.now, {"order": order.number}
    world.later(minutes=30)
    world.step(order, "unpack")
    heard = locker_reports.hear(world.db, "locker", 1, "loaded", facts, loaded, world.policy, world.now)
    assert heard.state == "disputed"
    order = world.step(order, "pack")
    heard = locker_reports.hear(world.db, "locker", 2, "loaded", facts, world.now, world.policy, world.now)
    assert heard.state == "done" and orders.by_number(world.db, order.number).state is S.IN_LOCKER

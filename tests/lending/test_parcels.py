"""A parcel's way: the newest word counts, three end it, and only a signature is delivery (E3)."""

from __future__ import annotations

import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lending import closings, loans, orders, parcels, rounds, tracking
from lending.errors import CannotChange, UnknownThing
from lending.model import OrderState as S
from lending.model import library_day
from lending.orders import Order
from lending.parcels import LIFE
from lending.policy import load_policy
from lending.rules import Round
from lending.tracking import Word
from tests import stores
from tests.lending.world import World

MONDAY = datetime.fromisoformat("2026-11-23T02:00:00+00:00")


def packed(world: World, books: int = 1) -> Order:
    order = world.order(world.reader(), *world.books(books), way="delivery")
    return world.step(order, *(["approve"] if order.state is S.IN_REVIEW else []), "pick", "pack")


def tell(world: World, order: Order, *states: str, parcel: int = 0) -> None:
    """The courier says these of a parcel, an hour apart, as they happen."""
    for state in states:
        one = parcels.of_order(world.db, order.id)[parcel]
        tracking.hear(world.db, one.tracking, [Word(state, world.later(hours=1))], "courier", world.policy, world.now)


def state(world: World, order: Order) -> S:
    return orders.by_number(world.db, order.number).state


def test_the_table_says_all_states_of_a_parcel_and_which_end_it() -> None:
    """E3, written down a second time."""
    assert list(LIFE) == [
        "created", "collected", "in_transit", "out_for_delivery", "at_pickup_point", "problem", "refused", "returning",
        "returned", "lost", "signed",
    ]  # fmt: skip
    assert set(parcels.ENDS) == {"returned", "lost", "signed"}
    assert set(parcels.TROUBLES) == {"problem", "refused", "returning", "lost"}


def test_parcels_are_made_with_the_packing_so_that_labels_can_be_printed(world: World) -> None:
    order = packed(world, 6)
    assert [(one.state, one.books) for one in parcels.of_order(world.db, order.id)] == [("created", 3), ("created", 3)]
    world.step(order, "ship")
    assert [one.state for one in parcels.of_order(world.db, order.id)] == ["collected", "collected"]


def test_an_order_cancelled_when_packed_is_unpacked(world: World) -> None:
    order = world.step(packed(world), "cancel")
    assert parcels.of_order(world.db, order.id) == []


def test_the_courier_moves_the_order_by_its_own_steps(world: World) -> None:
    order = packed(world)
    tell(world, order, "collected")
    assert state(world, order) is S.SHIPPED
    tell(world, order, "in_transit", "out_for_delivery")
    assert state(world, order) is S.SHIPPED
    tell(world, order, "signed")
    assert state(world, order) is S.DONE
    (loan,) = loans.of_reader(world.db, order.reader_id)
    assert loan.started_at == world.now, "the courier's time"
    assert [row["state"] for row in orders.history(world.db, order.id)][-2:] == ["shipped", "done"]


def test_the_first_word_of_a_courier_being_todays_delivery_is_told_after_that_it_was_sent(world: World) -> None:
    order = packed(world)
    tell(world, order, "out_for_delivery")
    heard = [step.partition("@")[0] for _, step, _ in world.told(order.reader_id)]
    assert heard[-2:] == ["ship", "out_for_delivery"]


@pytest.mark.parametrize("not_delivered", ["at_pickup_point", "problem", "refused", "returning"])
def test_a_pick_up_point_a_problem_and_a_refusal_are_not_delivered(world: World, not_delivered: str) -> None:
    """B4: 代收点, 疑难, 拒签: no loan has begun, and the reader is told."""
    order = packed(world)
    tell(world, order, "collected", "out_for_delivery", not_delivered)
    assert state(world, order) is S.SHIPPED
    assert loans.of_reader(world.db, order.reader_id) == []
    assert world.told(order.reader_id, "parcel_moved")[-1][1].startswith(not_delivered)
    tell(world, order, "signed")
    assert state(world, order) is S.DONE


def test_an_order_in_two_parcels_is_done_when_both_have_come(world: World) -> None:
    order = packed(world, 6)
    tell(world, order, "collected", "signed", parcel=0)
    assert state(world, order) is S.SHIPPED
    tell(world, order, "collected", "signed", parcel=1)
    assert state(world, order) is S.DONE
    assert len(loans.of_reader(world.db, order.reader_id)) == 6


def books_in(world: World, order: Order, parcel: int) -> set[int]:
    chosen = parcels.of_order(world.db, order.id)[parcel].id
    return {book["title_id"] for book in orders.books(world.db, order.id) if book["parcel_id"] == chosen}


def test_each_parcels_loans_begin_when_that_parcel_is_signed_for(world: World) -> None:
    """B4, E3: who has three of six books may read three, and three more days are counted for the others."""
    order = packed(world, 6)
    tell(world, order, "collected", "signed", parcel=0)
    first = loans.of_reader(world.db, order.reader_id)
    assert {loan.title_id for loan in first} == books_in(world, order, 0) and len(first) == 3
    assert [event for event, _, _ in world.told(order.reader_id, "lent")] == ["lent"] * 3
    world.later(days=3)
    tell(world, order, "collected", "signed", parcel=1)
    second = [loan for loan in loans.of_reader(world.db, order.reader_id) if loan not in first]
    assert {loan.title_id for loan in second} == books_in(world, order, 1)
    assert min(loan.due_at for loan in second) >= max(loan.due_at for loan in first) + timedelta(days=3)
    assert len(world.told(order.reader_id, "lent")) == 3, "the last parcel is told with the order"


def test_a_part_that_is_heard_of_late_is_lent_from_when_it_was_signed_for(world: World) -> None:
    """The courier's word came two days later: those days are the reader's."""
    order = packed(world, 6)
    tell(world, order, "collected", parcel=0)
    signed = world.later(hours=5)
    world.later(days=2)
    tracking.hear(
        world.db, parcels.of_order(world.db, order.id)[0].tracking, [Word("signed", signed)], "courier", world.policy,
        world.now,
    )  # fmt: skip
    assert {loan.started_at for loan in loans.of_reader(world.db, order.reader_id)} == {signed}


@pytest.mark.parametrize(("ends", "becomes"), [("returned", "available"), ("lost", "lost")])
@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize("first", ["signed", "other"])
def test_one_parcel_that_does_not_come_ends_only_its_own_books(
    world: World, ends: str, becomes: str, signed: int, first: str
) -> None:
    order, other = packed(world, 6), 1 - signed
    mine, theirs = books_in(world, order, signed), books_in(world, order, other)
    tell(world, order, "collected", parcel=0)
    tell(world, order, "collected", parcel=1)
    for step in ("signed", "other") if first == "signed" else ("other", "signed"):
        assert state(world, order) is S.SHIPPED
        tell(world, order, "signed" if step == "signed" else ends, parcel=signed if step == "signed" else other)
    assert state(world, order) is S.DONE
    assert {loan.title_id for loan in loans.of_reader(world.db, order.reader_id)} == mine
    assert {world.copies(title)[0] for title in theirs} == {becomes}
    assert not world.db.value("SELECT COUNT(*) FROM order_items WHERE open = 1")
    gone = f"parcel:{parcels.of_order(world.db, order.id)[other].id}"
    assert world.db.all("SELECT object FROM notices WHERE step = 'part'") == [{"object": gone}], "told which books"


def test_when_no_parcel_comes_the_order_is_over(world: World) -> None:
    order = packed(world, 6)
    titles = [books_in(world, order, n) for n in (0, 1)]
    tell(world, order, "collected", "returned", parcel=0)
    tell(world, order, "collected", parcel=1)
    tracking.lost(world.db, parcels.of_order(world.db, order.id)[1].id, "staff:小信", world.policy, world.now)
    assert state(world, order) is S.CANCELLED and loans.of_reader(world.db, order.reader_id) == []
    assert [{world.copies(title)[0] for title in some} for some in titles] == [{"available"}, {"lost"}]


def test_what_comes_back_ends_the_order_and_the_books_are_on_the_shelf(world: World) -> None:
    order = packed(world)
    (book,) = orders.books(world.db, order.id)
    tell(world, order, "collected", "refused", "returning", "returned")
    assert state(world, order) is S.CANCELLED
    assert world.copies(book["title_id"]) == ["available"]
    assert world.told(order.reader_id, "order_moved")[-1][1] == "bring_back"


def test_what_is_lost_is_the_librarys_loss(world: World) -> None:
    order = packed(world)
    (book,) = orders.books(world.db, order.id)
    tell(world, order, "collected")
    (parcel,) = parcels.of_order(world.db, order.id)
    tracking.lost(world.db, parcel.id, "staff:小信", world.policy, world.now)
    assert state(world, order) is S.CANCELLED
    assert world.copies(book["title_id"]) == ["lost"]
    assert loans.of_reader(world.db, order.reader_id) == []
    with pytest.raises(CannotChange):
        tracking.lost(world.db, parcel.id, "staff:小信", world.policy, world.now)


def got(world: World, order: Order, parcel: int = 0, reader: int | None = None) -> bool:
    one = parcels.of_order(world.db, order.id)[parcel]
    return tracking.received(world.db, one.id, reader or order.reader_id, world.policy, world.now)


def test_the_readers_own_word_that_it_has_come(world: World) -> None:
    """From a pick-up point nobody else tells us; said twice it is once, and another's order is not theirs to sign."""
    order = packed(world)
    with pytest.raises(CannotChange):
        got(world, order)
    tell(world, order, "collected", "at_pickup_point")
    with pytest.raises(UnknownThing):
        got(world, order, reader=world.reader())
    assert [got(world, order) for _ in range(2)] == [True, False]
    assert state(world, order) is S.DONE
    assert [one.state for one in parcels.of_order(world.db, order.id)] == ["signed"]


@pytest.mark.parametrize("ends", ["lost", "returned"])
def test_the_readers_word_is_of_one_parcel_and_the_courier_goes_on_with_the_other(world: World, ends: str) -> None:
    """A1-8: three of six books have come; the other three are not the reader's because a button was pressed."""
    order = packed(world, 6)
    world.step(order, "ship")
    tell(world, order, "at_pickup_point", parcel=0)
    assert got(world, order)
    assert state(world, order) is S.SHIPPED
    assert {loan.title_id for loan in loans.of_reader(world.db, order.reader_id)} == books_in(world, order, 0)
    tell(world, order, "problem", ends, parcel=1)
    assert state(world, order) is S.DONE and len(loans.of_reader(world.db, order.reader_id)) == 3
    with pytest.raises(CannotChange):
        got(world, order, parcel=1)


def test_a_parcel_left_at_a_pick_up_point_is_asked_after_once(world: World) -> None:
    order = packed(world)
    tell(world, order, "collected", "at_pickup_point")
    assert tracking.ask_after(world.db, world.policy, world.now) == 0
    world.later(days=world.policy.parcels.pickup_point_days)
    assert tracking.ask_after(world.db, world.policy, world.now) == 1
    assert tracking.ask_after(world.db, world.policy, world.now) == 0
    assert world.told(order.reader_id, "parcel_moved")[-1][1] == "asked"


def test_after_hundreds_left_lying_the_next_reader_is_asked_too(world: World) -> None:
    """Those asked long ago, and never heard of again, take nobody's turn."""
    left = [packed(world) for _ in range(201)]
    for order in left:
        (parcel,) = parcels.of_order(world.db, order.id)
        tracking.hear(
            world.db, parcel.tracking, [Word("at_pickup_point", world.now)], "courier", world.policy, world.now
        )
    world.later(days=world.policy.parcels.pickup_point_days)
    assert tracking.ask_after(world.db, world.policy, world.now) == 201
    assert all(world.told(order.reader_id, "parcel_moved")[-1][1] == "asked" for order in left)


def test_what_was_lost_long_ago_hides_no_parcel_in_trouble(world: World) -> None:
    """Lost parcels stay lost for ever; the list of what a librarian looks at is of those still on their way."""
    gone, here = packed(world), packed(world)
    tell(world, gone, "collected", "lost")
    tell(world, here, "collected", "problem")
    assert [one.order_id for one in parcels.to_look_at(world.db, world.policy, world.now, limit=1)] == [here.id]


@pytest.mark.parametrize("state", ["collected", "in_transit", "out_for_delivery"])
def test_a_parcel_not_heard_of_for_days_is_something_to_ask_the_courier(world: World, state: str) -> None:
    """It stood in 在路上 for weeks, and nobody was reminded."""
    order, days = packed(world), world.policy.parcels.ask_courier_days
    tell(world, order, state)
    world.later(days=days - 1)
    assert parcels.to_look_at(world.db, world.policy, world.now, limit=9) == []
    world.later(days=2)
    assert [one.order_id for one in parcels.to_look_at(world.db, world.policy, world.now, limit=9)] == [order.id]
    tell(world, order, "in_transit" if state != "in_transit" else "out_for_delivery")
    assert parcels.to_look_at(world.db, world.policy, world.now, limit=9) == [], "it has been heard of"


def test_no_courier_is_asked_for_what_goes_with_the_librarys_own_round(world: World) -> None:
    """Handed over by mistake days ago, or driven and not spoken of: it is the round's, which has a list of its own."""
    evenings(world)
    order = packed(world)
    tell(world, order, "collected")
    world.later(days=world.policy.parcels.ask_courier_days + 1)
    assert parcels.to_look_at(world.db, world.policy, world.now, limit=9) == []


def test_b2_4_sent_out_twice_is_told_twice_and_the_same_push_twice_is_told_once(world: World) -> None:
    order = packed(world)
    tell(world, order, "collected", "out_for_delivery", "problem")
    (parcel,) = parcels.of_order(world.db, order.id)
    again = [Word(row["state"], datetime.fromisoformat(row["at"])) for row in parcels.way_of(world.db, parcel.id)]
    assert not tracking.hear(world.db, parcel.tracking, again, "courier", world.policy, world.now)
    tell(world, order, "out_for_delivery")
    told = [step.partition("@")[0] for _, step, _ in world.told(order.reader_id, "parcel_moved")]
    assert told == ["out_for_delivery", "problem", "out_for_delivery"]


def test_an_older_word_that_comes_late_changes_nothing(world: World) -> None:
    order = packed(world)
    tell(world, order, "collected", "in_transit", "out_for_delivery")
    (parcel,) = parcels.of_order(world.db, order.id)
    late = Word("in_transit", world.now - timedelta(minutes=90), "杭州转运中心")
    assert not tracking.hear(world.db, parcel.tracking, [late], "courier", world.policy, world.now)
    assert parcels.by_id(world.db, parcel.id).state == "out_for_delivery"
    assert len(parcels.way_of(world.db, parcel.id)) == 4, "and is kept all the same"


def test_words_from_before_the_packing_are_another_parcels(world: World) -> None:
    """A number used anew, or misread: what it was half a year ago is not this parcel's way."""
    order = packed(world)
    (parcel,) = parcels.of_order(world.db, order.id)
    world.later(hours=2)
    old = [Word("collected", world.now - timedelta(days=203)), Word("signed", world.now - timedelta(days=200))]
    assert not tracking.hear(world.db, parcel.tracking, old, "courier", world.policy, world.now)
    assert state(world, order) is S.PACKED and parcels.way_of(world.db, parcel.id) == []


def test_a_couriers_clock_may_be_slow_but_nothing_happens_before_the_packing(world: World) -> None:
    order, at = packed(world), world.now
    (parcel,) = parcels.of_order(world.db, order.id)
    slow = [Word("collected", at - timedelta(hours=2)), Word("signed", at - timedelta(hours=1))]
    assert tracking.hear(world.db, parcel.tracking, slow, "courier", world.policy, world.later(hours=1))
    assert [loan.started_at for loan in loans.of_reader(world.db, order.reader_id)] == [at]


@pytest.mark.parametrize(("earlier", "counts"), [(timedelta(days=1), True), (timedelta(days=1, seconds=1), False)])
def test_a_word_of_more_than_a_day_before_the_packing_is_another_parcels(
    world: World, earlier: timedelta, counts: bool
) -> None:
    """A number is used anew, or misread."""
    order, at = packed(world), world.now
    (parcel,) = parcels.of_order(world.db, order.id)
    words = [Word("signed", at - earlier)]
    assert tracking.hear(world.db, parcel.tracking, words, "courier", world.policy, world.later(hours=1)) is counts
    assert bool(loans.of_reader(world.db, order.reader_id)) is counts


def test_a_parcel_that_is_not_ours_is_unknown(world: World) -> None:
    with pytest.raises(UnknownThing):
        tracking.hear(world.db, "SF0", [Word("signed", world.now)], "courier", world.policy, world.now)


def test_a_company_takes_it_under_its_own_number_while_it_waits(world: World) -> None:
    first, second = packed(world), packed(world)
    (one,), (two,) = (parcels.of_order(world.db, order.id) for order in (first, second))
    with world.store.writing() as db:
        parcels.give_to(db, one.id, "shunfeng", "SF123", world.now)
        with pytest.raises(CannotChange):
            parcels.give_to(db, two.id, "shunfeng", "SF123", world.now)
    tell(world, first, "collected")
    with pytest.raises(CannotChange), world.store.writing() as db:
        parcels.give_to(db, one.id, "zhongtong", "ZT9", world.now)
    assert world.db.value("SELECT company FROM parcel_follows") == "shunfeng"


def test_one_parcel_fetched_leaves_the_other_to_be_handed_over(world: World) -> None:
    """They go different ways: the second still lies here, waits for its own courier and may be given to one."""
    order = packed(world, 6)
    tell(world, order, "collected")
    first, second = parcels.of_order(world.db, order.id)
    assert (state(world, order), first.state, second.state) == (S.SHIPPED, "collected", "created")
    with world.store.writing() as db:
        parcels.give_to(db, second.id, "shunfeng", "SF123456", world.now)
    assert got(world, order, 1), "and whoever has it all the same says so"
    tell(world, order, "signed")
    assert state(world, order) is S.DONE


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_push_with_two_ends_is_read_by_their_times(world: World, newest_first: bool) -> None:
    """退签 after 签收, in one push or in two: what came first has ended the way."""
    order = world.step(packed(world), "ship")
    (parcel,) = parcels.of_order(world.db, order.id)
    world.later(days=3)
    words = [Word("signed", world.now - timedelta(hours=5)), Word("returned", world.now - timedelta(hours=1))]
    tracking.hear(
        world.db, parcel.tracking, words[::-1] if newest_first else words, "courier", world.policy, world.now
    )  # fmt: skip
    assert state(world, order) is S.DONE and len(loans.of_reader(world.db, order.reader_id)) == 1


OPEN = tuple(name for name in LIFE if not LIFE[name].ends and name != "created")
JOURNEYS = st.tuples(st.lists(st.sampled_from(OPEN), max_size=6), st.sampled_from(["", "signed", "returned"]))


def end_of(journey: list[str], heard: list[int]) -> dict[str, Any]:
    """The order after these words were heard in this order; a word's place in the journey is its hour."""
    with tempfile.TemporaryDirectory() as folder:
        store = stores.fresh(Path(folder))
        world = World(store, MONDAY)
        world.branch("main")
        order = packed(world)
        world.later(days=2)
        (parcel,) = parcels.of_order(world.db, order.id)
        for n in heard:
            word = Word(journey[n], MONDAY + timedelta(hours=n + 1))
            tracking.hear(world.db, parcel.tracking, [word], "courier", world.policy, world.now)
        found = {
            "order": state(world, order),
            "parcel": [(one.state, one.changed_at) for one in parcels.of_order(world.db, order.id)],
            "words": [
                (row["state"], row["at"]) for row in parcels.way_of(world.db, parcel.id) if row["actor"] == "courier"
            ],
            "loans": world.db.all("SELECT copy_id, started_at, due_at FROM loans"),
            "copies": world.db.all("SELECT state FROM copies"),
        }
        store.close()
    return found


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(JOURNEYS, st.data())
def test_pushes_out_of_order_and_repeated_end_the_same(journey: tuple[list[str], str], data: st.DataObject) -> None:
    """E3, C2: a courier's callbacks are repeated and overtake each other."""
    words = [*journey[0], *([journey[1]] if journey[1] else [])]
    in_order = list(range(len(words)))
    shuffled = data.draw(st.permutations(in_order))
    repeats = data.draw(st.lists(st.sampled_from(in_order), max_size=4)) if words else []
    assert end_of(words, [*repeats, *shuffled, *repeats]) == end_of(words, in_order)


# ---- the library's own rounds ----------------------------------------------------------------------------------------


def evenings(world: World) -> None:
    """A round every evening at six, past every reader's house."""
    world.rule("parcels", rounds=(Round("傍晚", ("西湖区",), tuple(range(1, 8)), time(18), time(20), "", 12),))


def at_six(world: World, order: Order) -> list[date]:
    """On which days the order's parcels go."""
    return [library_day(one.round_at) for one in parcels.of_order(world.db, order.id) if one.round_at]


def test_no_round_goes_on_a_day_the_library_is_closed(world: World) -> None:
    """B2-9: neither when the parcel is packed nor when the day is declared closed after that; who waits is told."""
    evenings(world)
    friday = library_day(world.now)
    before = packed(world)
    assert at_six(world, before) == [friday]
    closed = closings.declare(
        world.db, None, friday, friday + timedelta(days=1), "台风", "馆员", world.policy, world.now, emergency=True
    )
    assert at_six(world, before) == at_six(world, packed(world)) == [friday + timedelta(days=2)]
    assert rounds.runs_on(world.db, world.policy, friday) == []
    assert [step for _, step, _ in world.told(before.reader_id, "date_moved")].count(f"moved-{closed}") == 2
    closings.settle(world.db, world.policy, world.now)
    assert closings.settle(world.db, world.policy, world.now) == 0
    closings.take_back(world.db, closed, "馆员", world.policy, world.now)
    assert at_six(world, before) == [friday]


def test_a_branch_that_is_closed_stops_no_round(world: World) -> None:
    evenings(world)
    order, friday = packed(world), library_day(world.now)
    closings.declare(world.db, 1, friday, friday, "维修", "馆员", world.policy, world.now)
    assert at_six(world, order) == [friday]


def test_no_round_goes_on_new_years_eve(world: World) -> None:
    evenings(world)
    world.now = datetime.fromisoformat("2026-02-16T02:00:00+00:00")
    assert at_six(world, packed(world)) == [date(2026, 2, 18)]


def test_a_parcel_that_was_left_behind_goes_on_the_next_round(world: World) -> None:
    """Its day has gone by and nobody set out with it: on the list of a day gone by nobody would see it."""
    evenings(world)
    left, gone = packed(world), packed(world)
    world.now = datetime.fromisoformat("2026-11-20T10:00:00+00:00")
    tell(world, gone, "out_for_delivery")
    world.now = datetime.fromisoformat("2026-11-21T01:00:00+00:00")
    assert closings.settle(world.db, world.policy, world.now) == 1
    assert (at_six(world, left), at_six(world, gone)) == ([date(2026, 11, 21)], [date(2026, 11, 20)])


def test_the_stops_of_a_round_follow_the_addresses_the_parcels_go_to(world: World) -> None:
    """A reader may have moved since; the parcel goes where the order says."""
    evenings(world)
    first, second = packed(world), packed(world)
    for order, there in ((first, "西湖区甲路"), (second, "西湖区乙路")):
        with world.store.writing() as db:
            db.run("UPDATE orders SET address = seal(:a) WHERE id = :o", a=there, o=order.id)
    (run,) = rounds.runs_on(world.db, world.policy, library_day(world.now))
    assert [stop["address"] for stop in rounds.route(world.db, run)] == sorted(["西湖区乙路", "西湖区甲路"])


def test_an_order_to_a_zone_that_new_rules_do_not_know_is_packed_all_the_same(world: World) -> None:
    """A4-11: ordered under the province's rules, packed under the city's, five to a parcel."""
    reader = world.reader()
    with world.store.writing() as db:
        db.run("UPDATE readers SET zone = 'province'")
    world.policy = load_policy("zhejiang")
    order = world.order(reader, *world.books(7), way="delivery")
    world.policy = load_policy("hangzhou")
    world.step(order, "approve", "pick", "pack")
    assert [one["books"] for one in world.db.all("SELECT books FROM parcels ORDER BY id")] == [5, 2]
    assert world.step(order, "ship", "sign").state is S.DONE

"""Who pays for the delivery of an order (A2-5, A4-9): kept with it, and added up to the last fen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending import additions, costs, fee_refunds, free_shipping, missing_copies, orders, parcels, shipping, tracking
from lending.costs import Share
from lending.model import OrderState, library_day
from lending.order_records import Order
from lending.policy import load_policy
from lending.reports import Period
from lending.rules import Campaign
from tests.lending.world import World, passing

PROVINCE = "浙江图书馆"


@pytest.fixture
def shared(world: World) -> World:
    """Readers pay 40 %, the province the rest; the day's money, first come, is a foundation's."""
    share_fees(world)
    return world


def share_fees(world: World, percent: int = 40) -> None:
    rates = tuple(replace(rate, reader_percent=percent) for rate in world.policy.fees.rates)
    world.rule("fees", rates=rates, funder=PROVINCE)
    world.rule("free_shipping", mode="none", funder="书香基金会")


def found(world: World) -> costs.Costs:
    today = library_day(world.now)
    return costs.of_period(world.db, Period(today - timedelta(days=40), today))


def paid(world: World, order: Order) -> tuple[int, int, int]:
    """What reader, funder and the day's money pay of one order."""
    row = world.db.one(
        "SELECT fee_fen, covered_fen, free_fen + (SELECT COALESCE(SUM(free_fen), 0) FROM order_additions "
        "WHERE order_id = orders.id) AS free FROM orders WHERE id = :o",
        o=order.id,
    )
    assert row is not None
    return row["fee_fen"], row["covered_fen"], row["free"]


def test_an_order_keeps_who_pays_the_rest(shared: World) -> None:
    order = shared.order(shared.reader(), *shared.books(4), way="delivery")
    assert paid(shared, order) == (160, 240, 0)
    assert costs.of_order(shared.db, order.id) == Share(PROVINCE, 1, 240)
    assert found(shared) == costs.Costs(1, Share("", 1, 160), [Share(PROVINCE, 1, 240)], 0)


def test_nothing_is_delivered_to_a_counter(shared: World) -> None:
    shared.order(shared.reader(), shared.book("围城"))
    assert found(shared) == costs.Costs(0, Share("", 0, 0), [], 0)


def test_where_no_funder_is_named_it_is_the_library_itself(world: World) -> None:
    share_fees(world)
    world.rule("fees", funder="")
    world.order(world.reader(), world.book("围城"), way="delivery")
    assert found(world).funders == [Share("", 1, 180)]


def test_a_campaigns_own_funder_pays_all_of_it(shared: World) -> None:
    """A4-10; one that names none is the fees' funder's."""
    today = library_day(shared.now)
    for funder, paying in (("文旅局", "文旅局"), ("", PROVINCE)):
        shared.rule("fees", campaigns=(Campaign("读书月", "borrow", today, today, funder),))
        order = shared.order(shared.reader(), shared.books(1)[0], way="delivery")
        assert (paid(shared, order), costs.of_order(shared.db, order.id).funder) == ((0, 300, 0), paying)


def test_the_days_money_is_its_givers(shared: World) -> None:
    """A2-27: off the reader's part alone."""
    shared.rule("free_shipping", mode="first_come", most_fen=100)
    shared.order(shared.reader(), shared.book("围城"), way="delivery")
    assert found(shared) == costs.Costs(1, Share("", 1, 20), [Share("书香基金会", 1, 100), Share(PROVINCE, 1, 180)], 0)


def test_an_order_called_off_costs_nobody_anything(shared: World) -> None:
    me = shared.reader()
    shared.rule("free_shipping", mode="first_come", most_fen=100)
    kept, gone = (shared.order(me, shared.books(1)[0], way="delivery") for _ in range(2))
    orders.cancel(shared.db, gone.number, me, shared.policy, shared.now)
    assert paid(shared, kept) == (20, 180, 100)
    assert (found(shared).orders, found(shared).fen, found(shared).called_off) == (1, 300, 1)


@pytest.mark.parametrize("end", ["bring_back", "lose"])
def test_a_parcel_that_left_was_carried_whatever_became_of_it(shared: World, end: str) -> None:
    """The day's money stays spent: the report and the page of free delivery tell the same."""
    shared.rule("free_shipping", mode="first_come", most_fen=100)
    order = shared.order(shared.reader(), shared.book("围城"), way="delivery")
    shared.step(order, "pick", "pack", "ship", end)
    today = free_shipping.given(shared.db, library_day(shared.now))
    assert found(shared) == costs.Costs(1, Share("", 1, 20), [Share("书香基金会", 1, 100), Share(PROVINCE, 1, 180)], 0)
    assert today["spent_fen"] == 100


def test_a_fee_waived_because_we_were_late_is_the_funders(shared: World) -> None:
    """D-1."""
    order = shared.order(shared.reader(), shared.book("围城"), way="delivery")
    shared.later(days=5)
    shared.tick()
    assert paid(shared, order) == (0, 300, 0)


def test_a_book_added_or_missing_is_reckoned_anew(shared: World) -> None:
    """Whole order, one price: four books and one more, then one that cannot be found."""
    me, titles = shared.reader(), shared.books(5)
    order = shared.order(me, *titles[:4], way="delivery")
    shared.fill_cart(me, titles[4])
    additions.add(shared.db, me, order.number, "more", shared.policy, shared.now)
    assert paid(shared, order) == (200, 300, 0)
    shared.step(order, "pick")
    copy = orders.books(shared.db, order.id)[0]["copy_id"]
    missing_copies.report(shared.db, order.number, copy, "lost", "staff:admin", shared.policy, shared.now)
    assert paid(shared, order) == (160, 240, 0)
    assert costs.of_order(shared.db, order.id).funder == PROVINCE


def test_other_days_are_not_counted(shared: World) -> None:
    shared.order(shared.reader(), shared.book("围城"), way="delivery")
    day = library_day(shared.now)
    for off, orders_then in ((-1, 0), (0, 1), (1, 0)):
        period = Period(day + timedelta(days=off), day + timedelta(days=off))
        assert costs.of_period(shared.db, period).orders == orders_then


@settings(max_examples=15, deadline=None)
@given(
    percent=st.integers(0, 100),
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    most=st.integers(0, 400),
    off=st.sets(st.integers(0, 3)),
)
def test_the_shares_of_all_orders_are_the_couriers_price(
    percent: int, sizes: list[int], most: int, off: set[int]
) -> None:
    """Whatever is shared, freed and called off: not a fen is lost, and each is somebody's."""
    with passing() as world:
        world.branch()
        share_fees(world, percent)
        world.rule("free_shipping", mode="first_come", most_fen=most)
        full = 0
        for n, books in enumerate(sizes):
            me = world.reader()
            order = world.order(me, *world.books(books), way="delivery")
            price = shipping.best_split(world.policy.fees.rates[0], books, world.policy.fees.parcel_cap).fee_fen
            assert sum(paid(world, order)) == price
            if n in off:
                orders.cancel(world.db, order.number, me, world.policy, world.now)
            else:
                full += price
        assert found(world).fen == full


def test_the_first_phase_of_zhejiang_names_its_funder() -> None:
    """A2-5 一期: 浙江图书馆 pays, in the campaign and out of the day's money; the default's is the library itself."""
    policy = load_policy("zhejiang")
    assert shipping.funder(policy, "borrow", date(2018, 5, 1)) == "浙江图书馆" == policy.free_shipping.funder
    assert shipping.funder(policy, "borrow", date(2026, 5, 1)) == shipping.funder(load_policy(), "borrow", None) == ""


def lost(world: World, order: Order, *which: int) -> Order:
    """Sent off; the courier loses these of its parcels, the others come."""
    world.step(order, *(["approve"] if order.state is OrderState.IN_REVIEW else []), "pick", "pack", "ship")
    for n, one in enumerate(parcels.of_order(world.db, order.id)):
        word = tracking.Word("lost" if n in which else "signed", world.later(hours=1))
        tracking.hear(world.db, one.tracking, [word], "courier", world.policy, world.now)
    return orders.by_number(world.db, order.number)


def test_a_lost_parcel_costs_its_reader_nothing_and_the_funder_no_more(shared: World) -> None:
    order = lost(shared, shared.order(shared.reader(), *shared.books(4), way="delivery"), 0)
    assert (order.state, order.fee_fen, order.lost_fen) == (OrderState.CANCELLED, 0, 160)
    assert found(shared) == costs.Costs(1, Share("", 0, 0), [Share("", 1, 160), Share(PROVINCE, 1, 240)], 0)


@pytest.mark.parametrize("which", [(0,), (1,), (0, 1)])
def test_of_two_parcels_the_reader_pays_for_the_one_that_came(world: World, which: tuple[int, ...]) -> None:
    world.rule("free_shipping", mode="none")
    order = lost(world, world.order(world.reader(), *world.books(6), way="delivery"), *which)
    fee = 300 * (2 - len(which))
    assert (order.fee_fen, order.lost_fen, found(world).fen) == (fee, 600 - fee, 600)


def test_what_was_free_is_counted_for_the_parcels_that_came(world: World) -> None:
    """¥5 of ¥6 were free: for one parcel of ¥3 nothing is left to pay, and the day's money stays spent."""
    world.rule("free_shipping", mode="first_come", most_fen=500)
    order = world.order(world.reader(), *world.books(6), way="delivery")
    assert order.fee_fen == 100
    order = lost(world, order, 1)
    assert (order.fee_fen, order.lost_fen, order.free_fen, found(world).fen) == (0, 100, 500, 600)


def test_a_pack_may_leave_the_fee_with_the_reader(world: World) -> None:
    world.rule("free_shipping", mode="none")
    world.rule("fees", waive_when_lost=False)
    order = lost(world, world.order(world.reader(), *world.books(1), way="delivery"), 0)
    assert (order.fee_fen, order.lost_fen) == (300, 0)


@pytest.mark.parametrize(("pay", "owed"), [("order", [300, 300]), ("return", [])])
def test_what_may_have_been_paid_for_a_lost_parcel_is_noted_where_it_fell_due(
    world: World, pay: str, owed: list[int]
) -> None:
    """A1-21: where fees are paid after the books are back, nothing was paid yet. Both parcels' parts add up."""
    world.rule("free_shipping", mode="none")
    world.rule("fees", pay=pay)
    lost(world, world.order(world.reader(), *world.books(1), way="delivery"), 0)
    two = world.order(world.reader(), *world.books(6), way="delivery")
    lost(world, two, 0)
    assert [one.fen for one in fee_refunds.open_ones(world.db)] == owed

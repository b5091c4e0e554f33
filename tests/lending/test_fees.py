"""What the courier costs: every printed table, and nobody pays more than the best way to split (A4, B5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending import shipping
from lending.errors import OutsideServiceArea
from lending.policy import load_policy
from lending.rules import Campaign, Rate

GOLDEN = [  # row, pack, direction, zone, yuan for 1, 2 … 11 books
    ("A4-1", "hangzhou", "borrow", "city", (3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
    ("A4-1", "hangzhou", "return", "city", (3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
    ("A4-2", "yinzhou", "borrow", "city", (3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
    ("A4-2", "yinzhou", "return", "city", (6, 6, 6, 7, 8, 12, 13, 14, 15, 16, 20)),
    ("A4-3", "hefei", "borrow", "city", (5, 5, 5, 5, 5, 10, 10, 10, 10, 10, 15)),
    ("A4-3", "hefei", "return", "city", (5, 5, 5, 5, 5, 10, 10, 10, 10, 10, 15)),
    ("A4-4", "suzhou", "borrow", "city", (5, 5, 5, 5, 5, 10, 10, 10, 10, 10, 15)),
    ("A4-4", "suzhou", "return", "city", (5, 5, 5, 5, 5, 10, 10, 10, 10, 10, 15)),
    ("A4-5", "yangpu", "borrow", "district", (5, 5, 5, 6, 7, 8, 9, 10, 11, 12, 15)),
    ("A4-5", "yangpu", "return", "district", (5, 5, 5, 6, 7, 8, 9, 10, 11, 12, 15)),
    ("A4-5", "yangpu", "borrow", "outside", (6, 6, 6, 7, 8, 9, 10, 11, 12, 13, 17)),
    ("A4-5", "yangpu", "return", "outside", (6, 6, 6, 7, 8, 9, 10, 11, 12, 13, 17)),
    ("A4-6", "lujiazui", "borrow", "district", (3, 3, 3, 6, 6, 6, 9, 9, 9, 12, 12)),
    ("A4-6", "lujiazui", "return", "district", (3, 3, 3, 6, 6, 6, 9, 9, 9, 12, 12)),
    ("A4-6", "lujiazui", "borrow", "city", (5, 5, 5, 10, 10, 10, 15, 15, 15, 20, 20)),
    ("A4-6", "lujiazui", "return", "city", (5, 5, 5, 10, 10, 10, 15, 15, 15, 20, 20)),
    ("A4-7", "zhejiang", "borrow", "province", (3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
    ("A4-7", "zhejiang", "return", "province", (3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
    ("B5", "tianyi", "borrow", "city", (4, 4, 4, 5, 6, 8, 9, 10, 11, 12, 14)),
    ("B5", "tianyi", "return", "city", (4, 4, 4, 5, 6, 8, 9, 10, 11, 12, 14)),
    ("B5", "changzhou", "borrow", "city", (5, 5, 5, 10, 10, 10, 15, 15, 15, 20, 20)),
    ("B5", "changzhou", "return", "city", (5, 5, 5, 10, 10, 10, 15, 15, 15, 20, 20)),
]
PRICED = sorted({(pack, direction, zone) for _, pack, direction, zone, _ in GOLDEN})


def ways_to_split(books: int, cap: int) -> list[tuple[int, ...]]:
    """Every way to put books into parcels of at most `cap`, larger parcels first."""
    if books == 0:
        return [()]
    ways = [(first, *rest) for first in range(1, min(books, cap) + 1) for rest in ways_to_split(books - first, cap)]
    return [way for way in ways if list(way) == sorted(way, reverse=True)]


@pytest.mark.parametrize(("row", "pack", "direction", "zone", "yuan"), GOLDEN)
def test_the_printed_table_of_each_library(
    row: str, pack: str, direction: str, zone: str, yuan: tuple[int, ...]
) -> None:
    """A4-1 … A4-7, B5: one to eleven books. Where the source is silent, the pack says "ours"."""
    policy = load_policy(pack)
    assert tuple(shipping.quote(policy, direction, zone, n).fee_fen for n in range(1, 12)) == tuple(
        100 * fen for fen in yuan
    )
    rates = [rate for rate in policy.fees.rates if (rate.direction, rate.zone) == (direction, zone)]
    assert row in rates[0].source or row == "A4-7"


def test_every_rate_of_every_library_has_its_table() -> None:
    """No pack of ours brings a price that no golden table above shows."""
    for pack in {pack for pack, _, _ in PRICED}:
        rates = {(pack, rate.direction, rate.zone) for rate in load_policy(pack).fees.rates}
        assert rates == {priced for priced in PRICED if priced[0] == pack}


def test_a_short_parcel_is_filled_up_rather_than_sent_almost_empty() -> None:
    """B5 天一约书 charged five and one: ¥6 + ¥4. Three and three cost ¥8, and that is what we charge."""
    policy = load_policy("tianyi")
    rate = policy.fees.rates[0]
    assert [shipping.parcel_fee(rate, 5), shipping.parcel_fee(rate, 1)] == [600, 400]
    cost = shipping.quote(policy, "borrow", "city", 6)
    assert (cost.fee_fen, cost.parcels) == (800, (3, 3))


def test_six_books_go_in_two_parcels_of_three() -> None:
    """B5 杭州: five a parcel, more are split."""
    assert shipping.quote(load_policy(), "borrow", "city", 6).parcels == (3, 3)


# ---- lines, payer, campaigns ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pack", "direction", "zone"), PRICED)
@pytest.mark.parametrize("percent", [0, 1, 33, 50, 99, 100])
def test_the_lines_add_up_to_the_fen_whoever_pays(pack: str, direction: str, zone: str, percent: int) -> None:
    """A4-9: reader, library, or shared; what is not the reader's is the library's, and nothing is lost between."""
    policy = load_policy(pack)
    rates = tuple(replace(rate, reader_percent=percent) for rate in policy.fees.rates)
    shared = replace(policy, fees=replace(policy.fees, rates=rates))
    for books in range(1, 12):
        full, cost = shipping.quote(policy, direction, zone, books), shipping.quote(shared, direction, zone, books)
        assert cost.fee_fen == sum(line.fen for line in cost.lines) == full.fee_fen * percent // 100
        assert sum(line.fen for line in cost.lines if line.what in ("base", "more")) == full.fee_fen
        assert [line.books for line in cost.lines if line.what == "base"] == list(cost.parcels)
        assert all(line.fen < 0 for line in cost.lines if line.what == "library")


def test_a_campaign_frees_its_days_and_its_direction_only() -> None:
    """A4-10, A2-26: 2018-04-23 to the end of October 浙江 sent books free of charge."""
    policy = load_policy("zhejiang")
    fees = {
        day: shipping.quote(policy, "borrow", "province", 4, date.fromisoformat(day)).fee_fen
        for day in ("2018-04-22", "2018-04-23", "2018-10-31", "2018-11-01")
    }
    assert fees == {"2018-04-22": 400, "2018-04-23": 0, "2018-10-31": 0, "2018-11-01": 400}
    assert shipping.quote(policy, "return", "province", 4, date(2018, 5, 1)).fee_fen == 400
    assert shipping.quote(policy, "borrow", "province", 4).fee_fen == 400
    assert [line.what for line in shipping.quote(policy, "borrow", "province", 4, date(2018, 5, 1)).lines] == [
        "base", "more", "campaign",
    ]  # fmt: skip


def test_a_campaign_costs_whoever_pays_nothing_to_nobody_twice() -> None:
    """A campaign over a shared price takes off the whole once, not the library's part as well."""
    policy = load_policy("hefei")
    rates = tuple(replace(rate, reader_percent=40) for rate in policy.fees.rates)
    may = Campaign("读书月", "borrow", date(2026, 4, 1), date(2026, 4, 30))
    policy = replace(policy, fees=replace(policy.fees, rates=rates, campaigns=(may,)))
    assert shipping.quote(policy, "borrow", "city", 2, date(2026, 4, 23)).fee_fen == 0
    assert shipping.quote(policy, "borrow", "city", 2, date(2026, 5, 1)).fee_fen == 200


@pytest.mark.parametrize(("worth_fen", "fen"), [(0, 500), (9_799, 500), (9_800, 0), (20_000, 0)])
def test_changzhou_sends_books_worth_98_yuan_free(worth_fen: int, fen: int) -> None:
    """B5 常州. The one tariff that does not climb with every book: a third book can bring the worth to ¥98."""
    assert shipping.quote(load_policy("changzhou"), "borrow", "city", 3, worth_fen=worth_fen).fee_fen == fen


# ---- by weight -------------------------------------------------------------------------------------------------------

BY_WEIGHT = Rate("borrow", "city", 800, 200, "test", base_grams=1000, each_grams=500)


@pytest.mark.parametrize(("books", "fen"), [(1, 800), (2, 800), (3, 1000), (4, 1200), (5, 1200)])
def test_a_tariff_by_weight_counts_every_step_begun(books: int, fen: int) -> None:
    """首重一公斤、续重每半公斤: 400 g a book, so three books are 1.2 kg and begin one step."""
    assert shipping.parcel_fee(BY_WEIGHT, books, 400) == fen


@pytest.mark.parametrize(("book_grams", "fen"), [(400, 1000), (300, 800), (900, 1600)])
def test_what_a_book_weighs_the_rules_say(book_grams: int, fen: int) -> None:
    policy = load_policy()
    policy = replace(policy, fees=replace(policy.fees, rates=(BY_WEIGHT,), book_grams=book_grams))
    assert shipping.quote(policy, "borrow", "city", 3).fee_fen == fen


def test_by_weight_too_the_lines_add_up() -> None:
    policy = load_policy()
    policy = replace(policy, fees=replace(policy.fees, rates=(BY_WEIGHT,), parcel_cap=20))
    for books in range(1, 12):
        cost = shipping.quote(policy, "borrow", "city", books)
        assert cost.fee_fen == sum(line.fen for line in cost.lines)


# ---- whatever the tariff ---------------------------------------------------------------------------------------------

by_book = st.builds(
    Rate,
    direction=st.just("borrow"), zone=st.just("city"), source=st.just("test"),
    base_fen=st.integers(0, 900), base_books=st.integers(1, 6), each_fen=st.integers(0, 400),
)  # fmt: skip
by_weight = st.builds(
    Rate,
    direction=st.just("borrow"), zone=st.just("city"), source=st.just("test"),
    base_fen=st.integers(0, 900), each_fen=st.integers(0, 400),
    base_grams=st.integers(1, 3000), each_grams=st.integers(1, 1000),
)  # fmt: skip
rates = by_book | by_weight
grams = st.integers(1, 1500)


@given(rate=rates, books=st.integers(0, 11), cap=st.integers(1, 11), grams=grams)
def test_no_split_is_cheaper_than_the_one_chosen(rate: Rate, books: int, cap: int, grams: int) -> None:
    """Against every way there is to part the books."""
    chosen = shipping.best_split(rate, books, cap, grams)
    assert sum(chosen.parcels) == books
    assert max(chosen.parcels, default=0) <= cap
    assert chosen.fee_fen == sum(shipping.parcel_fee(rate, parcel, grams) for parcel in chosen.parcels)
    prices = [sum(shipping.parcel_fee(rate, parcel, grams) for parcel in way) for way in ways_to_split(books, cap)]
    assert chosen.fee_fen == min(prices) >= 0


@given(rate=rates, cap=st.integers(1, 10), grams=grams)
def test_a_book_more_never_costs_less(rate: Rate, cap: int, grams: int) -> None:
    """Of every tariff by book or weight; 常州's, by worth, is the exception and has its own test."""
    fees = [shipping.best_split(rate, books, cap, grams).fee_fen for books in range(21)]
    assert fees == sorted(fees)
    assert fees[0] == 0


# ---- zones -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pack", "district", "zone"),
    [
        ("default", "西湖区", "city"), ("yangpu", "杨浦区", "district"), ("yangpu", "静安区", "outside"),
        ("lujiazui", "陆家嘴", "district"), ("lujiazui", "徐汇区", "city"),
    ],
)  # fmt: skip
def test_a_district_lies_in_one_zone(pack: str, district: str, zone: str) -> None:
    """A4-5, A4-6."""
    assert shipping.zone_of(load_policy(pack), district) == zone


def test_a_district_nobody_serves_is_said_before_anything_is_ordered() -> None:
    """A4-11."""
    policy = load_policy("yangpu")
    inside = replace(policy, fees=replace(policy.fees, zones=policy.fees.zones[:1]))
    for served, district in ((inside, "静安区"), (policy, "")):
        with pytest.raises(OutsideServiceArea) as caught:
            shipping.zone_of(served, district)
        assert caught.value.facts() == {"zone": district}


def test_a_zone_without_a_price_is_outside_the_service_area() -> None:
    """A4-11."""
    with pytest.raises(OutsideServiceArea) as caught:
        shipping.quote(load_policy(), "borrow", "moon", 1)
    assert caught.value.facts() == {"zone": "moon"}


@pytest.mark.parametrize("books", range(1, 12))
def test_the_parcels_are_those_of_the_price(books: int) -> None:
    """B5; and where there is no price, no more of them than needed."""
    policy = load_policy("tianyi")
    assert shipping.parcels(policy, "city", books) == shipping.quote(policy, "borrow", "city", books).parcels
    somewhere = shipping.parcels(policy, "nowhere", books)
    assert (sum(somewhere), len(somewhere)) == (books, -(-books // policy.fees.parcel_cap))
    assert max(somewhere) <= policy.fees.parcel_cap

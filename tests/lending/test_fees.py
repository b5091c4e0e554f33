"""What the courier costs: the printed tables, and nobody pays more than the best way to split (A4, B5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending import shipping
from lending.errors import OutsideServiceArea
from lending.policy import Rate, load_policy

HANGZHOU = {1: 300, 2: 300, 3: 300, 4: 400, 5: 500, 6: 600, 7: 700, 8: 800, 9: 900, 10: 1000, 11: 1100}


def ways_to_split(books: int, cap: int) -> list[tuple[int, ...]]:
    """Every way to put books into parcels of at most `cap`, larger parcels first."""
    if books == 0:
        return [()]
    ways = [(first, *rest) for first in range(1, min(books, cap) + 1) for rest in ways_to_split(books - first, cap)]
    return [way for way in ways if list(way) == sorted(way, reverse=True)]


@pytest.mark.parametrize("direction", ["borrow", "return"])
@pytest.mark.parametrize(("books", "fen"), HANGZHOU.items())
def test_hangzhou_there_and_back(direction: str, books: int, fen: int) -> None:
    """A4-1: 1–3 books ¥3, each further +¥1; B5: five a parcel, so six books are 3 + 3."""
    assert shipping.quote(load_policy(), direction, "city", books).fee_fen == fen


def test_six_books_go_in_two_parcels_of_three() -> None:
    assert shipping.quote(load_policy(), "borrow", "city", 6).parcels == (3, 3)


rates = st.builds(
    Rate,
    direction=st.just("borrow"), zone=st.just("city"), source=st.just("test"),
    base_fen=st.integers(0, 900), base_books=st.integers(1, 6), each_fen=st.integers(0, 400),
)  # fmt: skip


@given(rate=rates, books=st.integers(0, 11), cap=st.integers(1, 10))
def test_no_split_is_cheaper_than_the_one_chosen(rate: Rate, books: int, cap: int) -> None:
    chosen = shipping.best_split(rate, books, cap)
    assert sum(chosen.parcels) == books
    assert max(chosen.parcels, default=0) <= cap
    assert chosen.fee_fen == sum(shipping.parcel_fee(rate, parcel) for parcel in chosen.parcels)
    prices = [sum(shipping.parcel_fee(rate, parcel) for parcel in way) for way in ways_to_split(books, cap)]
    assert chosen.fee_fen == min(prices)


@given(rate=rates, cap=st.integers(1, 10))
def test_a_book_more_never_costs_less(rate: Rate, cap: int) -> None:
    fees = [shipping.best_split(rate, books, cap).fee_fen for books in range(21)]
    assert fees == sorted(fees)
    assert fees[0] == 0


def test_a_zone_without_a_price_is_outside_the_service_area() -> None:
    """A4-11."""
    with pytest.raises(OutsideServiceArea) as caught:
        shipping.quote(load_policy(), "borrow", "moon", 1)
    assert caught.value.facts() == {"zone": "moon"}

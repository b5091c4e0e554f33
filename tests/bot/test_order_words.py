"""What a reader agrees to, sentence by sentence: parcels, both ways, free delivery, paying later, how long (A4-8, B2-12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot import order_words
from bot.texts import Words
from lending import catalogue
from lending.database import Store
from lending.model import Fulfilment
from lending.offers import Offer
from lending.order_records import Quote
from lending.policy import load_policy
from lending.pools import Terms
from lending.readers import Reader
from lending.stock import TitleEntry, store_titles

READY, POLICY = datetime(2026, 11, 21, 2, tzinfo=UTC), load_policy()
USUAL = Terms(40, 1, 15)


@pytest.fixture
def who() -> Reader:
    return Reader(1, "R000001", "林书", "13800000000", "春风路 8 号", "city", "zh_Hans", None, "trusted", None, True,
                  False, True, False, "")  # fmt: skip


@pytest.fixture
def offer(store: Store) -> Offer:
    """Two books brought home for ¥5, fetched for ¥4."""
    with store.writing() as db:
        ids = store_titles(db, [TitleEntry("围城"), TitleEntry("活着")]).ids
    titles = catalogue.titles(store.db, ids)
    cost = Quote(2, 500, 400, (2,))
    return Offer(Fulfilment.DELIVERY, None, titles, dict.fromkeys(ids, "book"), dict.fromkeys(ids, USUAL), cost, 0, READY)


def told(store: Store, who: Reader, offer: Offer, pay: str = "order") -> str:
    policy = replace(POLICY, fees=replace(POLICY.fees, pay=pay))
    return "\n".join(order_words.terms(Words("zh_Hans"), store.db, policy, who, offer, READY))


def test_there_back_and_both_together(store: Store, who: Reader, offer: Offer) -> None:
    said = told(store, who, offer)
    assert "送到 林书 13800000000 春风路 8 号" in said
    assert "送书 ¥5；还书上门取件 ¥4，一来一回 ¥9。" in said
    assert "包裹寄出" not in said and "免费配送减" not in said and "先不用付" not in said


def test_several_parcels_are_spoken_of(store: Store, who: Reader, offer: Offer) -> None:
    assert "分 2 个包裹寄出，这样最省。" in told(store, who, replace(offer, cost=Quote(6, 600, 600, (5, 1))))


def test_what_free_delivery_takes_off_is_shown_with_the_price_before(store: Store, who: Reader, offer: Offer) -> None:
    """A2-27."""
    said = told(store, who, replace(offer, free_fen=200))
    assert "送书 ¥3；还书上门取件 ¥4，一来一回 ¥7。" in said and "送书原价 ¥5，免费配送减 ¥2。" in said


@pytest.mark.parametrize(("pay", "free", "later"), [("order", 0, False), ("return", 0, True), ("return", 500, False)])
def test_who_pays_later_is_told_so_where_there_is_something_to_pay(
    store: Store, who: Reader, offer: Offer, pay: str, free: int, later: bool
) -> None:
    assert ("运费先不用付" in told(store, who, replace(offer, free_fen=free), pay)) is later


def test_each_book_its_own_days_where_they_differ(store: Store, who: Reader, offer: Offer) -> None:
    """B5: a disc is not lent like a book."""
    first, second = offer.titles
    assert told(store, who, offer).count("可借 40 天，可续借 1 次、每次 15 天。") == 1
    made_of, days = {first: "book", second: "disc"}, {first: USUAL, second: Terms(7, 0, 0)}
    said = told(store, who, replace(offer, made_of=made_of, terms=days))
    assert "《围城》：签收起可借 40 天，可续借 1 次" in said and "《活着》：签收起可借 7 天，不能续借。" in said
    assert "《活着》是光盘。" in said and "《围城》是" not in said

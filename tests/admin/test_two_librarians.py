"""Librarians press at once, each at a machine of their own: one yes is one order, one person one record (B2-2)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lending import cart, events, holds, home_returns, loans, orders, readers, sign_ups
from lending.database import Store
from lending.events import Plan
from tests.admin.conftest import Hand
from tests.small_desk import POLICY

pytestmark = pytest.mark.usefixtures("districts")
AT_ONCE = 6
SMITH, WANG = "/admin/readers/R000003", "/admin/readers/R000002"
Form = dict[str, str | list[str]]


@pytest.fixture
def hands(app: Flask) -> list[Hand]:
    """So many librarians, all signed in."""
    found = [Hand(app) for _ in range(AT_ONCE)]
    for n, hand in enumerate(found):
        hand.sign_in("wang" if n % 2 else "admin")
        hand.read("/admin")
    return found


def together(hands: list[Hand], send: Callable[[int, Hand], TestResponse]) -> list[str]:
    """All press at the same moment; what each is answered, and none with a broken page."""
    gate = threading.Barrier(len(hands))

    def press(n: int) -> TestResponse:
        gate.wait()
        return send(n, hands[n])

    with ThreadPoolExecutor(len(hands)) as pool:
        answers = list(pool.map(press, range(len(hands))))
    assert {answer.status_code for answer in answers} == {200}
    return [answer.get_data(as_text=True) for answer in answers]


def hidden(page: str, form: str) -> Form:
    """What the form that is sent there carries."""
    inside = page.partition(f'{form}"')[2].partition("</form>")[0]
    found: Form = dict(re.findall(r'<input type="hidden" name="(way|key|seen)" value="([^"]*)"', inside))
    return found | ({"loan": loan} if (loan := re.findall('name="loan" value="([^"]*)"', inside)) else {})


def top(page: str) -> str:
    return page.partition("<h1>")[0]


def placed(store: Store, way: str = "counter:1") -> list[str]:
    """The orders of 《活着》."""
    found = [one for one in orders.of_reader(store.db, 3) if one.fulfilment == way.partition(":")[0]]
    return [one.number for one in found if any(book["title_id"] == 2 for book in orders.books(store.db, one.id))]


def read_out(hand: Hand, way: str = "counter:1") -> Form:
    """What the yes carries."""
    return hidden(hand.post(f"{SMITH}/order", way=way).get_data(as_text=True), "/order/place")


def test_one_yes_is_one_order_however_many_press_it(hands: list[Hand], store: Store, now: datetime) -> None:
    cart.add(store.db, 3, 2, POLICY, now)
    form = read_out(hands[0])
    said = together(hands, lambda _n, hand: hand.post(f"{SMITH}/order/place", **form))
    (number,) = placed(store)
    assert all(f"替 TA 下了订单 {number}" in top(page) for page in said)


@pytest.mark.parametrize("way", ["counter:1", "delivery:0"])
def test_each_has_read_it_out_and_the_cart_is_ordered_once(
    hands: list[Hand], store: Store, now: datetime, way: str
) -> None:
    """The others are told that something has changed, and no empty cart is read out to anybody."""
    cart.add(store.db, 3, 2, POLICY, now)
    forms = [read_out(hand, way) for hand in hands]
    said = together(hands, lambda n, hand: hand.post(f"{SMITH}/order/place", **forms[n]))
    (number,) = placed(store, way)
    assert sum(f"替 TA 下了订单 {number}" in top(page) for page in said) == 1
    assert sum("这一页打开以后有了变化" in top(page) for page in said) == AT_ONCE - 1


def test_a_newcomer_is_registered_once(hands: list[Hand], store: Store) -> None:
    before = store.db.value("SELECT COUNT(*) FROM readers")
    form = {"name": "陈奶奶", "phone": "0571-87654321", "asked": "1"}
    said = together(hands, lambda _n, hand: hand.post("/admin/readers/new", **form))
    assert store.db.value("SELECT COUNT(*) FROM readers") == before + 1
    assert sum("登记好了" in top(page) for page in said) == 1
    assert sum("没有再登记" in top(page) for page in said) == AT_ONCE - 1


def test_a_child_is_registered_once(hands: list[Hand], store: Store) -> None:
    """D-12."""
    form = {"name": "小明", "born": "2018-05", "seen": "户口本"}
    said = together(hands, lambda _n, hand: hand.post(f"{WANG}/child", **form))
    assert store.db.value("SELECT COUNT(*) FROM minors") == 1
    assert sum("没有再登记" in top(page) for page in said) == AT_ONCE - 1


def test_the_courier_comes_once(hands: list[Hand], store: Store) -> None:
    (loan,) = loans.of_reader(store.db, 2)
    forms = [
        hidden(hand.post(f"{WANG}/fetch", loan=str(loan.id)).get_data(as_text=True), "/fetch/ask") for hand in hands
    ]
    said = together(hands, lambda n, hand: hand.post(f"{WANG}/fetch/ask", **forms[n]))
    assert len(home_returns.open_ones(store.db)) == 1
    assert sum("请快递来取了" in top(page) for page in said) == 1
    assert sum("请再看一眼" in top(page) for page in said) == AT_ONCE - 1


def test_a_seat_is_given_once_and_a_reader_has_one(hands: list[Hand], store: Store, now: datetime) -> None:
    """F-8: one seat for two who ring up at the same time."""
    starts = now + timedelta(days=10)
    plan = Plan(
        name="故事会", about="", point_id=1, place="", starts_at=starts, ends_at=starts + timedelta(hours=1),
        sign_up_until=starts, seats=1,
    )  # fmt: skip
    event = events.make(store.db, plan, POLICY, now).id
    path = f"/admin/events/{event}/sign-up"
    together(hands, lambda n, hand: hand.post(path, reader=f"R00000{n % 2 + 1}", people="1"))
    assert sorted(one.state for one in sign_ups.listed(store.db, event)) == ["signed_up", "waiting"]
    together(hands, lambda _n, hand: hand.post(f"/admin/events/{event}/sign-off", reader="R000001"))
    assert [(one.reader_id, one.state) for one in sign_ups.listed(store.db, event)] == [(2, "signed_up")]


def test_a_copy_is_lent_to_one_and_a_place_in_the_queue_is_one(hands: list[Hand], store: Store) -> None:
    """B2-1."""
    together(hands, lambda n, hand: hand.post(f"/admin/readers/R00000{n % 2 + 2}/lend", barcode="B010", point="1"))
    (held,) = store.db.all("SELECT reader_id FROM loans WHERE copy_id = 10 AND returned_at IS NULL")
    other = 5 - held["reader_id"]
    number = readers.reader(store.db, other).number
    together(hands, lambda _n, hand: hand.post(f"/admin/readers/{number}/holds", title="10"))
    assert [one.position for one in holds.of_reader(store.db, other) if one.title_id == 10] == [1]

"""替读者下单: the cart at the desk, what is read out before the yes, and one order however often it is pressed."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest

from admin import staff
from lending import cart, credit, entries, loans, looks, mandates, minors, orders, readers
from lending.database import Store
from lending.entries import Entry
from lending.model import Fulfilment, OrderState
from lending.points import PointEntry, store_points
from lending.stock import TitleEntry, store_titles
from tests.admin.conftest import Hand
from tests.small_desk import POLICY

pytestmark = pytest.mark.usefixtures("districts")
SMITH, HOME = "/admin/readers/R000003", "delivery:0"
ADDRESS = {"name": "王芳", "phone": "876-5432", "district": "拱墅区", "street": "莫干山路 5 号"}


def top(page: str) -> str:
    """What the page says at its top after a form was sent."""
    return page.partition("<h1>")[0]


def send(hand: Hand, path: str, **form: str) -> str:
    return hand.post(SMITH + path, **form).get_data(as_text=True)


def hidden(page: str) -> dict[str, str]:
    """What the form that orders carries."""
    return {name: re.findall(f'name="{name}" value="([^"]*)"', page)[0] for name in ("way", "key", "seen")}


def read_out(page: str) -> str:
    return page.partition("念给 TA 听")[2].partition("<form")[0]


def notices(store: Store) -> list[str]:
    rows = store.db.all("SELECT facts ->> 'order' AS one FROM notices WHERE event = 'on_behalf' AND reader_id = 3")
    return [row["one"] for row in rows]


def test_what_is_found_goes_into_the_readers_own_cart_and_out_again(chief: Hand, store: Store) -> None:
    chief.read(SMITH)
    found = send(chief, "/title", wanted="活着")
    assert "架上有 1 册" in found and "放进借书车" in found
    assert "《活着》放进 TA 的借书车了" in top(send(chief, "/cart", title="2"))
    assert cart.items(store.db, 3) == [2]
    assert "《活着》从借书车里拿出来了" in top(send(chief, "/cart", title="2", out="1"))
    assert cart.items(store.db, 3) == []
    assert "手上或订单里已经有了" in top(send(chief, "/cart", title="6"))
    assert [one["facts"]["what"] for one in staff.logged(store.db) if one["action"] == "on_behalf"] == ["cart"] * 2


def test_a_full_cart_says_so(chief: Hand, store: Store, now: datetime) -> None:
    most = POLICY.lending.cart_size
    with store.writing() as db:
        for title in store_titles(db, [TitleEntry(f"第{n}种") for n in range(most)]).ids:
            cart.add(db, 3, title, POLICY, now)
    chief.read(SMITH)
    assert f"最多放 {most} 本，已经满了" in top(send(chief, "/cart", title="2"))


def test_the_terms_are_read_out_and_one_yes_orders_once(chief: Hand, store: Store) -> None:
    """A4-8, A7-2, B2-2: everything is said before; pressed twice, it is one order, and the history says whose press."""
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    page = send(chief, "/order", way="counter:1")
    told = read_out(page)
    assert "取书：城西馆（文一西路 1 号）" in told and "费用：¥0" in told and "前备好" in told
    assert f"可借 {POLICY.lending.loan_days} 天" in told and "超期每本" in told
    assert not [one for one in orders.of_reader(store.db, 3) if one.fulfilment == "counter"], "nothing is ordered yet"
    form = hidden(page)
    first = send(chief, "/order/place", **form)
    order = orders.of_reader(store.db, 3)[0]
    assert order.fulfilment is Fulfilment.COUNTER and f"替 TA 下了订单 {order.number}" in top(first)
    assert f"替 TA 下了订单 {order.number}" in top(send(chief, "/order/place", **form))
    assert [one.number for one in orders.of_reader(store.db, 3) if one.fulfilment == "counter"] == [order.number]
    actor = "SELECT actor FROM order_events WHERE order_id = :o ORDER BY id LIMIT 1"
    assert store.db.value(actor, o=order.id) == "staff:小信"
    assert store.db.value("SELECT source FROM orders WHERE id = :o", o=order.id) == "desk"
    assert notices(store) == [order.number] and cart.items(store.db, 3) == []
    assert readers.reader(store.db, 3).point_id == 1


def test_an_order_is_reviewed_as_any_other(chief: Hand, store: Store, now: datetime) -> None:
    """E1-10: a librarian's press passes no rule by."""
    chief.read(SMITH)
    with store.writing() as db:
        few = POLICY.review.auto_from_balance - 1 - credit.balance(db, 3)
        entries.append(db, 3, Entry("overdue", "loan:99", "A6-6", few), POLICY, now)
    send(chief, "/cart", title="2")
    told = top(send(chief, "/order/place", **hidden(send(chief, "/order", way="counter:1"))))
    assert "按规则要审核" in told
    assert orders.of_reader(store.db, 3)[0].state is OrderState.IN_REVIEW


def test_home_delivery_asks_for_the_address_before_the_price(chief: Hand, store: Store) -> None:
    """A4-8, A4-11: a whole address by its district; a telephone at home will do; looking at it is written down."""
    with store.writing() as db:
        db.run("UPDATE readers SET name = '', phone = '', phone_tail = '', address = '', zone = '' WHERE id = 3")
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    asked = send(chief, "/order", way=HOME)
    assert "送到哪里" in asked and "详细地址" in asked and "同意，下单" not in asked
    refused = send(chief, "/order", way=HOME, **{**ADDRESS, "phone": "12"})
    assert "请写全收件人、能打通的电话和详细地址" in refused and 'value="莫干山路 5 号"' in refused, "nothing is lost"
    page = send(chief, "/order", way=HOME, **ADDRESS)
    assert "送到 王芳 876-5432 拱墅区 莫干山路 5 号" in read_out(page) and "一来一回" in read_out(page)
    assert looks.of_reader(store.db, 3)[0].what == looks.ADDRESS
    send(chief, "/order/place", **hidden(page))
    order = orders.of_reader(store.db, 3)[0]
    assert order.fulfilment is Fulfilment.DELIVERY and order.address.endswith("拱墅区 莫干山路 5 号")
    assert order.fee_fen == orders.quote(POLICY, Fulfilment.DELIVERY, "city", 1).fee_fen


def test_an_address_of_other_rules_is_asked_for_anew(chief: Hand, store: Store) -> None:
    """A4-11: a zone kept from other rules may be none of these."""
    with store.writing() as db:
        db.run("UPDATE readers SET zone = 'moon' WHERE id = 3")
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    assert "记下，看条件和费用" in send(chief, "/order", way=HOME)


def test_where_no_courier_goes_another_way_is_named(chief: Hand, store: Store) -> None:
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    assert "请换成书柜、到馆，或者换一个地址" in top(send(chief, "/order", way=HOME, **{**ADDRESS, "district": ""}))
    assert readers.reader(store.db, 3).address == "春风路8号3单元201", "the address before stands"


@pytest.mark.parametrize("change", ["address", "cart", "copy", "days"])
def test_what_changed_since_it_was_read_out_is_read_out_anew(
    chief: Hand, store: Store, change: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B2-12: nobody gets what they have not agreed to."""
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    form = hidden(send(chief, "/order", way=HOME))
    before = len(orders.of_reader(store.db, 3))
    if change == "address":
        readers.set_delivery(store.db, 3, "Smith", "13700001111", "别处 1 号", "city")
    elif change == "cart":
        cart.add(store.db, 3, 10, POLICY, now)
    elif change == "copy":
        with store.writing() as db:
            db.run("UPDATE copies SET material = 'disc' WHERE title_id = 2")
    else:
        monkeypatch.setattr(loans, "extra_days", lambda *_given: 7)
    page = send(chief, "/order/place", **form)
    assert "刚刚有了变化" in top(page) and "TA 同意，下单" in page
    assert len(orders.of_reader(store.db, 3)) == before
    send(chief, "/order/place", **hidden(page))
    assert len(orders.of_reader(store.db, 3)) == before + 1


def test_an_address_erased_meanwhile_is_asked_for_and_breaks_nothing(chief: Hand, store: Store) -> None:
    """B2-12: the reader took it back in the chat while it was being read out."""
    before = len(orders.of_reader(store.db, 3))
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    form = hidden(send(chief, "/order", way=HOME))
    with store.writing() as db:
        db.run("UPDATE readers SET address = '' WHERE id = 3")
    page = send(chief, "/order/place", **form)
    assert "刚刚有了变化" in top(page) and "记下，看条件和费用" in page
    assert len(orders.of_reader(store.db, 3)) == before


def test_a_cart_emptied_meanwhile_orders_nothing(chief: Hand, store: Store) -> None:
    before = len(orders.of_reader(store.db, 3))
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    form = hidden(send(chief, "/order", way="counter:1"))
    cart.remove(store.db, 3, 2)
    assert "请再看一眼" in top(send(chief, "/order/place", **form))
    assert "先把书放进借书车" in top(send(chief, "/order", way="counter:1"))
    assert len(orders.of_reader(store.db, 3)) == before


def test_a_copy_lent_meanwhile_leaves_the_cart_as_it_was(chief: Hand, store: Store, now: datetime) -> None:
    """B2-1: the last copy never goes twice."""
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    form = hidden(send(chief, "/order", way="counter:1"))
    with store.writing() as db:
        loans.lend(db, 2, 2, 2, POLICY, now)
    assert "《活着》刚刚被借走了" in top(send(chief, "/order/place", **form))
    assert cart.items(store.db, 3) == [2]


def test_every_reason_against_it_is_told_before_anything_is_asked(chief: Hand, store: Store) -> None:
    """D-4: nobody tells where they live to be refused then."""
    readers.set_standing(store.db, 3, "new")
    with store.writing() as db:
        db.run("UPDATE readers SET address = '', zone = '' WHERE id = 3")
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    told = top(send(chief, "/order", way=HOME))
    assert "还没开通借阅" in told and "信任阶梯" in told


@pytest.mark.parametrize("way", ["", "locker", "counter:", "counter:x", "plane:1", "counter:²", "locker:" + "9" * 40])
def test_a_way_that_is_none_changes_nothing(chief: Hand, store: Store, way: str) -> None:
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    assert "再选怎么取" in top(send(chief, "/order", way=way))
    assert "请再看一眼" in top(send(chief, "/order/place", way=way, key="k", seen="s"))


@pytest.mark.parametrize("way", ["counter:3", "counter:99", "locker:1"])
def test_a_point_of_another_kind_is_no_way(chief: Hand, store: Store, way: str) -> None:
    before = len(orders.of_reader(store.db, 3))
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    page = send(chief, "/order", way=way)
    if "TA 同意，下单" in page:
        page = send(chief, "/order/place", **hidden(page))
    assert "请再看一眼" in top(page)
    assert len(orders.of_reader(store.db, 3)) == before


def test_a_locker_that_filled_up_names_those_with_room(chief: Hand, store: Store) -> None:
    """A9-6."""
    chief.read(SMITH)
    send(chief, "/cart", title="2")
    form = hidden(send(chief, "/order", way="locker:3"))
    with store.writing() as db:
        store_points(db, [PointEntry("north", "locker", "城北书柜", "North locker", boxes={"S": 2})])
        db.run("UPDATE boxes SET state = 'out_of_order' WHERE point_id = 3 AND state = 'free'")
    assert "还有空格的：城北书柜" in top(send(chief, "/order/place", **form))


def test_a_locker_is_no_way_for_whom_its_code_does_not_reach(chief: Hand, store: Store, now: datetime) -> None:
    """A9-3; a child's code goes to the guardian (D-12)."""
    guardian, child = readers.by_number(store.db, "R000001"), readers.by_number(store.db, "R000003")
    chief.read(SMITH)
    page = send(chief, "/cart", title="2")
    assert "取书码发不到" in page and 'value="locker:3"' not in page and 'value="counter:1"' in page
    with store.writing() as db:
        minors.note(db, child.id, date(2030, 1, 1), "staff:小信", now)
        mandates.appoint(db, child.id, guardian.id, now)
        db.run("UPDATE mandates SET state = 'active'")
    assert 'value="locker:3"' in chief.read(SMITH)


# ---- somebody new ----------------------------------------------------------------------------------------------------

NEW = {"name": "陈奶奶", "phone": "0571-87654321", "language": "zh_Hant", "asked": "1"}


def test_somebody_without_a_chat_begins_at_the_desk(chief: Hand, store: Store) -> None:
    """A1-12, D-2, A6-1: no card, no deposit, the ladder's first step, and the ledger's opening line."""
    chief.read("/admin/readers")
    page = chief.post("/admin/readers/new", **NEW).get_data(as_text=True)
    found = re.search(r"登记好了：(R\d+)", page)
    assert found is not None
    who = readers.by_number(store.db, found[1])
    assert (who.name, who.phone, who.language, who.standing) == ("陈奶奶", "057187654321", "zh_Hant", "ladder")
    assert credit.balance(store.db, who.id) == POLICY.ledger.start
    assert next((one["action"], one["object"]) for one in staff.logged(store.db)) == ("join", f"reader:{who.number}")
    again = chief.post("/admin/readers/new", **{**NEW, "phone": "0571 8765 4321"}).get_data(as_text=True)
    assert "没有再登记" in again and who.number in again
    short = {**NEW, "name": "王爷爷", "phone": "8765432"}
    assert "登记好了" in chief.post("/admin/readers/new", **short).get_data(as_text=True), "a number at home"
    other = chief.post("/admin/readers/new", **{**NEW, "name": "陈爷爷"}).get_data(as_text=True)
    assert "登记好了" in other and who.number not in other, "a couple has one telephone"


@pytest.mark.parametrize("wrong", [{"name": " "}, {"phone": "12"}, {"phone": "陈"}, {"asked": ""}])
def test_nobody_is_registered_unasked(chief: Hand, store: Store, wrong: dict[str, str]) -> None:
    many = store.db.value("SELECT COUNT(*) FROM readers")
    chief.read("/admin/readers")
    answer = chief.post("/admin/readers/new", **(NEW | wrong))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "没有登记" in page
    assert f'value="{(NEW | wrong)["phone"]}"' in page, "what was written stands there still"
    assert store.db.value("SELECT COUNT(*) FROM readers") == many

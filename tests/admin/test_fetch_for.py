"""替读者约上门取书: the price and the address read out, one courier however often it is pressed, called off again."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from lending import home_returns, loans, readers
from lending.database import Store
from tests.admin.conftest import Hand
from tests.small_desk import POLICY

pytestmark = pytest.mark.usefixtures("districts")
WANG = "/admin/readers/R000002"
ADDRESS = {"name": "王芳", "phone": "876-5432", "district": "拱墅区", "street": "莫干山路 5 号"}


@pytest.fixture
def mine(store: Store, chief: Hand, now: datetime) -> list[str]:
    """王芳 has two books at home; their loans."""
    with store.writing() as db:
        loans.lend(db, 10, 10, 2, POLICY, now)
    chief.read(WANG)
    return [str(one.id) for one in loans.of_reader(store.db, 2)]


def send(hand: Hand, path: str, **form: str | list[str]) -> str:
    return hand.post(f"{WANG}/fetch{path}", **form).get_data(as_text=True)


def top(page: str) -> str:
    return page.partition("<h1>")[0]


def yes(page: str) -> dict[str, str | list[str]]:
    """What the form that asks the courier carries."""
    form = page.partition('/fetch/ask"')[2].partition("</form>")[0]
    hidden = {name: re.findall(f'name="{name}" value="([^"]*)"', form)[0] for name in ("key", "seen")}
    return {**hidden, "loan": re.findall('name="loan" value="([^"]*)"', form)}


def yes_loans(page: str) -> list[str]:
    """The books that the form for the address carries on."""
    return re.findall('name="loan" value="([^"]*)"', page)


def asked(store: Store) -> list[home_returns.HomeReturn]:
    return [one for one in home_returns.open_ones(store.db) if one.reader_id == 2]


def heard(store: Store) -> list[str]:
    rows = store.db.all("SELECT facts ->> 'what' AS what FROM notices WHERE event = 'on_behalf' ORDER BY id")
    return [row["what"] for row in rows]


def test_the_price_is_read_out_and_the_courier_comes_once(chief: Hand, store: Store, mine: list[str]) -> None:
    """A4-8, B2-2."""
    page = send(chief, "", loan=mine)
    cost = home_returns.quote(store.db, 2, 2, POLICY, datetime(2026, 11, 20, tzinfo=UTC)).fee_fen
    assert "到 王芳 13912345678 春风路8号3单元201 来取" in page and f"取书费 ¥{cost // 100}" in page
    assert asked(store) == []
    form = yes(page)
    assert "请快递来取了" in top(send(chief, "/ask", **form))
    assert "没有再请一次" in top(send(chief, "/ask", **form))
    (one,) = asked(store)
    assert (one.fee_fen, len(one.titles)) == (cost, 2) and heard(store) == ["fetch"]
    assert "等快递上门" in chief.read(WANG)
    send(chief, "/stop", id=str(one.id))
    assert asked(store) == [] and heard(store) == ["fetch", "fetch_off"]
    assert "请再看一眼" in top(send(chief, "/stop", id=str(one.id))), "it is called off already"


def test_one_of_two_and_the_address_first_where_none_is_known(chief: Hand, store: Store, mine: list[str]) -> None:
    """A4-11; what was written is not lost."""
    with store.writing() as db:
        db.run("UPDATE readers SET name = '', phone = '', phone_tail = '', address = '', zone = '' WHERE id = 2")
    page = send(chief, "", loan=mine[:1])
    assert "到哪里取" in page and "请快递来取" not in page
    page = send(chief, "", loan=mine[:1], **{**ADDRESS, "phone": "1"})
    assert "请写全收件人" in top(page) and 'value="莫干山路 5 号"' in page
    page = send(chief, "", loan=mine[:1], **ADDRESS)
    assert "到 王芳 876-5432 拱墅区 莫干山路 5 号 来取" in page
    send(chief, "/ask", **yes(page))
    assert [len(one.titles) for one in asked(store)] == [1]


@pytest.mark.parametrize("change", ["address", "back"])
def test_what_changed_is_read_out_anew(
    chief: Hand, store: Store, mine: list[str], change: str, now: datetime
) -> None:
    """B2-12."""
    form = yes(send(chief, "", loan=mine))
    if change == "address":
        readers.set_delivery(store.db, 2, "王芳", "13912345678", "别处 1 号", "city")
    else:
        loans.check_in(store.db, "B010", 1, POLICY, now)
    page = send(chief, "/ask", **form)
    assert "刚刚有了变化" in top(page) and asked(store) == []
    send(chief, "/ask", **yes(page))
    assert len(asked(store)) == 1


def test_an_address_erased_meanwhile_is_asked_for(chief: Hand, store: Store, mine: list[str]) -> None:
    form = yes(send(chief, "", loan=mine))
    with store.writing() as db:
        db.run("UPDATE readers SET address = '' WHERE id = 2")
    page = send(chief, "/ask", **form)
    assert "请写全收件人" in top(page) and "记下" in page and asked(store) == []
    page = send(chief, "", loan=yes_loans(page), **ADDRESS)
    send(chief, "/ask", **yes(page))
    assert [len(one.titles) for one in asked(store)] == [len(mine)], "the books chosen were not lost"


def test_nothing_chosen_or_nothing_left_asks_nobody(
    chief: Hand, store: Store, mine: list[str], now: datetime
) -> None:
    assert "先选要取的书" in top(send(chief, ""))
    assert "先选要取的书" in top(send(chief, "", loan=["x", "999", "²"]))
    form = yes(send(chief, "", loan=mine[-1:]))
    loans.check_in(store.db, "B010", 1, POLICY, now)
    told = top(send(chief, "/ask", **form))
    assert "请再看一眼" in told or "刚刚有了变化" in told
    assert asked(store) == [] and heard(store) == []
    assert "请再看一眼" in top(send(chief, "/stop", id="99"))

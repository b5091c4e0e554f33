"""A label in a book, or a sign at a machine, was scanned: the talk opens at that copy, at that place (A2-13)."""

from __future__ import annotations

from datetime import date

import pytest

from bot.service import Service
from lending import checkouts, minors, printed_codes, withdrawals
from lending.database import Row
from tests.bot.test_family import authorise
from tests.talking import Person, advance


@pytest.fixture
def copy(service: Service) -> Row:
    """《围城》, a copy on the shelf of a branch."""
    row = service.store.db.one(
        "SELECT c.*, p.name AS point FROM copies c JOIN titles t ON t.id = c.title_id "
        "JOIN points p ON p.id = c.point_id WHERE t.title = '围城' AND c.state = 'available' ORDER BY c.id"
    )
    assert row is not None
    return row


def scan(person: Person, copy: Row) -> str:
    person.send(person.event(start=printed_codes.of_copy(copy["barcode"])))
    return person.listen()


def check_out(service: Service, person: Person, copy: Row) -> None:
    checkouts.check_out(service.store.db, copy["barcode"], person.reader_id, service.policy, service.clock.now())


@pytest.mark.parametrize("barcode", ["B003", "sx-00000001_2", "藏书 12", "A.7/3", "围城-1", "a b"])
def test_a_link_carries_any_barcode(barcode: str) -> None:
    carried = printed_codes.of_copy(barcode)
    assert printed_codes.barcode_in(carried) == barcode and len(carried) <= 64


@pytest.mark.parametrize("carried", ["hello", "campaign", "t12", "p3", "c-", "c_A", "c_gICA", "c_=", "c-a b"])
def test_what_is_no_label_names_no_copy(carried: str) -> None:
    assert printed_codes.barcode_in(carried) == ""


def test_a_barcode_too_long_for_a_link_has_none() -> None:
    assert (
        printed_codes.of_copy("9" * 62) != ""
        and printed_codes.of_copy("9" * 63) == printed_codes.of_copy("书" * 20) == ""
    )


def test_a_copy_on_the_shelf_is_lent_there_or_ordered(me: Person, service: Service, copy: Row) -> None:
    """The desk stays the quick way; the order begins in the chat, at that place."""
    said = scan(me.trusted(), copy)
    assert all(part in said for part in ("《围城》", copy["barcode"], copy["point"], "服务台或自助机"))
    point = service.store.db.value("SELECT point_id FROM readers WHERE id = :r", r=me.reader_id)
    assert point == copy["point_id"]
    assert "《围城》放进借书车了" in me.tap("借这本")


def test_a_newcomer_hears_how_to_begin_with_the_same_card(me: Person, copy: Row) -> None:
    """Consent is in the same flow."""
    assert "现在就能借" in scan(me, copy)
    assert me.action("开通信用借阅") == "i:authorize_credit"


def test_whoever_has_it_is_helped_to_renew_and_return(me: Person, service: Service, copy: Row) -> None:
    check_out(service, me.trusted(), copy)
    assert "在您名下：《围城》" in scan(me, copy)
    assert me.action("怎么还书") and "续到" in me.tap("续借这本")
    withdrawals.withdraw(service.store.db, copy["title_id"], "版本有误", service.policy, service.clock.now())
    assert "在您名下：《围城》" in scan(me, copy), "also what is lent to nobody else any more"
    assert "可能已经下架了" in scan(Person(service, "other"), copy)
    assert "不能再续" in scan(me, copy) and not [b for row in me.heard[-1].buttons for b in row if "续借" in b.label]


def test_a_copy_with_somebody_else_is_nobodys_business(me: Person, service: Service, copy: Row) -> None:
    other = Person(service, "another").trusted()
    check_out(service, other, copy)
    said = scan(me.trusted(), copy)
    assert "在一位读者名下" in said and "这种书：" in said
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'lost' WHERE title_id = :t AND id <> :c", t=copy["title_id"], c=copy["id"])
    scan(me, copy)
    assert me.action("预约这本") == f"hold:{copy['title_id']}"


def test_a_copy_of_ones_own_order_leads_to_the_order(me: Person, service: Service, copy: Row) -> None:
    scan(me.trusted(), copy)
    me.tap("借这本")
    me.press(f"w:counter:{copy['point_id']}")
    me.say("确认")
    order = me.last_order()
    mine = service.store.db.one(
        "SELECT c.* FROM copies c JOIN order_items i ON i.copy_id = c.id WHERE i.order_id = :o", o=order.id
    )
    assert mine is not None
    assert order.number in scan(me, mine) and me.action("看这个订单") == f"order:{order.number}"
    assert "留给一位读者" in scan(Person(service, "another").trusted(), mine)
    advance(service, order, *(() if order.state == "approved" else ("approve",)), "pick", "pack", "shelve")
    assert "等预订它的读者" in scan(Person(service, "a third").trusted(), mine)


@pytest.mark.parametrize(
    "state, said", [("damaged", "修补"), ("lost", "登记了丢失"), ("withdrawn", "不再外借"), ("in_transit", "在路上")]
)
def test_a_copy_that_is_not_to_be_had_says_why(me: Person, service: Service, copy: Row, state: str, said: str) -> None:
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = :s WHERE id = :c", s=state, c=copy["id"])
    assert said in scan(me, copy)


def test_a_copy_others_wait_for_is_not_offered(me: Person, service: Service, copy: Row) -> None:
    waiting = Person(service, "another").trusted()
    with service.store.writing() as db:
        db.run(
            "INSERT INTO holds (reader_id, title_id, state, placed_at) VALUES (:r, :t, 'waiting', '2026-11-19T00:00:00Z')",
            r=waiting.reader_id, t=copy["title_id"],
        )  # fmt: skip
    assert "有人预约了" in scan(me.trusted(), copy)


def test_an_unknown_barcode_is_told_with_a_way_on(me: Person) -> None:
    me.send(me.event(start="c-NOSUCH1"))
    assert "没有这个条码" in me.listen() and me.action("转人工")


def test_a_machines_sign_opens_the_place_and_offers_the_card(me: Person, copy: Row) -> None:
    me.send(me.event(start=printed_codes.of_point(copy["point_id"], machine=True)))
    assert copy["point"] in me.listen() and me.action("自助机用的卡") == "kiosk"


def test_scanned_while_acting_for_somebody_it_is_ones_own(me: Person, service: Service, copy: Row) -> None:
    """A book in the hand is asked about for whoever holds it (D-12)."""
    other = Person(service, "another").trusted()
    authorise(service, other, me.trusted(), "borrow")
    me.say("我的家人")
    assert "【替" in me.press(f"act:{other.reader_id}")
    assert "【替" not in scan(me, copy) and me.action("借这本") == f"b:{copy['title_id']}"


def test_a_child_that_scans_a_book_for_adults_is_told_so_at_once(service: Service, me: Person, copy: Row) -> None:
    """公共图书馆法 art. 50 (B8): not offered first and refused after."""
    me.trusted()
    with service.store.writing() as db:
        db.run("UPDATE titles SET audience = 'adults' WHERE id = :t", t=copy["title_id"])
    assert "借这本" in str((scan(me, copy), me.heard[-1].buttons))
    minors.note(service.store.db, me.reader_id, date(2030, 1, 1), "staff:王", service.clock.now())
    assert "只借给成年读者" in scan(me, copy) and "借这本" not in str(me.heard[-1].buttons)

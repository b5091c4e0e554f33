"""A book that comes back into circulation by hand while somebody waits for it: the page says that it is to be kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lending import (
    checkouts,
    claims,
    clearing,
    clock,
    holds,
    loans,
    orders,
    parcels,
    readers,
    stock_takes,
    tracking,
    wishes,
)
from lending.catalogue import copy_by_barcode
from lending.database import Store
from lending.model import Fulfilment
from lending.tracking import Word
from tests import small_desk
from tests.admin.conftest import Hand

KEEP, PACKED, APPROVED, CASE = "请放到预约架", "SX261120-0004", "SX261120-0005", "PF261120-1"


def wait_for(store: Store, title_id: int, now: datetime) -> None:
    """周七 is first in the queue for that title."""
    with store.writing() as db:
        who = small_desk.reader(db, "周七", "13500000000", now)
        holds.place(db, who.id, title_id, now)


def test_mended_it_goes_to_whoever_waits(chief: Hand, store: Store, now: datetime) -> None:
    chief.post("/admin/copies/step", barcode="B002", step="damage")
    with store.writing() as db:
        holds.join(db, 3, 2, now)
    said = chief.post("/admin/repairs", barcode="B002", done="mended").get_data(as_text=True)
    assert KEEP in said and "《活着》" in said
    assert copy_by_barcode(store.db, "B002").standing == "kept"


def test_the_repair_shelf_names_places_in_english(chief: Hand, store: Store) -> None:
    chief.post("/admin/copies/step", barcode="B002", step="damage")
    chief.post("/admin/language", language="en", back="/admin")
    page = chief.read("/admin/cases")
    assert "West branch" in page and "城西馆" not in page.split("B002")[0].rsplit("card", 1)[1]


def test_mended_it_that_nobody_waits_for_is_only_back(chief: Hand, store: Store) -> None:
    chief.post("/admin/copies/step", barcode="B002", step="damage")
    said = chief.post("/admin/repairs", barcode="B002", done="mended").get_data(as_text=True)
    assert "回到流通了" in said and KEEP not in said


def test_found_on_the_shelf_it_goes_to_whoever_waits(chief: Hand, store: Store, now: datetime) -> None:
    """我还了, and it stood there: the next reader's book may not stay on the open shelf."""
    with store.writing() as db:
        loan = loans.of_reader(db, 2)[0]
        claims.claim(db, 2, loan.id, "放在还书口了", small_desk.POLICY, now)
    said = chief.post("/admin/ways-back/check/1", point="1").get_data(as_text=True)
    assert "已按读者说的那天还上" in said and KEEP in said and f"《{loan.title}》" in said


def test_found_on_the_shelf_said_to_be_damaged_it_is_laid_aside(chief: Hand, store: Store, now: datetime) -> None:
    with store.writing() as db:
        loan = loans.of_reader(db, 1)[0]
        claims.claim(db, 1, loan.id, "放在还书口了", small_desk.POLICY, now)
    said = chief.post("/admin/ways-back/check/1", point="1").get_data(as_text=True)
    assert "放到修补架" in said


def test_a_new_copy_handed_in_goes_to_whoever_waits(chief: Hand, store: Store, now: datetime) -> None:
    wait_for(store, 1, now)
    chief.post(f"/admin/cases/{CASE}/step", step="charge", state="reported", price="30")
    said = chief.post(f"/admin/cases/{CASE}/step", step="take_book", state="assessed", barcode="N001")
    assert KEEP in said.get_data(as_text=True) and copy_by_barcode(store.db, "N001").standing == "kept"


def test_worn_only_it_leaves_the_repair_shelf_for_whoever_waits(chief: Hand, store: Store, now: datetime) -> None:
    wait_for(store, 1, now)
    chief.post("/admin/returns/point", point="1")
    chief.post("/admin/returns", barcode="B001")
    assert copy_by_barcode(store.db, "B001").standing == "damaged"
    said = chief.post(f"/admin/cases/{CASE}/step", step="worn", state="reported").get_data(as_text=True)
    assert KEEP in said


def test_the_books_of_an_order_called_off_by_hand(chief: Hand, store: Store, now: datetime) -> None:
    wait_for(store, 6, now)
    said = chief.post(f"/admin/orders/{PACKED}/end", step="cancel", state="packed", reason="读者来电取消")
    assert KEEP in said.get_data(as_text=True) and "《呐喊》" in said.get_data(as_text=True)
    said = chief.post(f"/admin/orders/{APPROVED}/end", step="cancel", state="approved", reason="读者来电取消")
    assert KEEP not in said.get_data(as_text=True)


def test_the_books_of_a_parcel_that_came_back(chief: Hand, store: Store, now: datetime) -> None:
    wait_for(store, 6, now)
    order = orders.by_number(store.db, PACKED)
    orders.advance(store.db, order.id, "ship", "library", small_desk.POLICY, now)
    (one,) = parcels.of_order(store.db, order.id)
    tracking.hear(store.db, one.tracking, [Word("refused", now)], "courier", small_desk.POLICY, now)
    said = chief.post(f"/admin/parcels/{one.id}/say", state="returned", before="refused").get_data(as_text=True)
    assert KEEP in said and "《呐喊》" in said


def test_a_suggestion_that_has_arrived_is_fetched_for_its_proposer(chief: Hand, store: Store, now: datetime) -> None:
    with store.writing() as db:
        wishes.suggest(db, 1, "活着", now)
    said = chief.post("/admin/wishes/1", step="arrive", title="活着").get_data(as_text=True)
    assert KEEP in said and copy_by_barcode(store.db, "B002").standing == "kept"


# ---- a stock-taking while readers go on borrowing -------------------------------------------------------------------


@pytest.fixture
def take(chief: Hand, store: Store) -> str:
    """One at 城西, begun by 小信."""
    chief.post("/admin/stock-takes", point="1", shelf="", call_number="", material="")
    return f"/admin/stock-takes/{stock_takes.listed(store.db)[0].id}"


def lend(store: Store, barcode: str, moment: datetime) -> None:
    """周七 takes it at the desk."""
    with store.writing() as db:
        who = small_desk.reader(db, "周七", "13500000000", moment)
        copy = copy_by_barcode(db, barcode)
        db.run("UPDATE copies SET point_id = 1 WHERE id = :c", c=copy.id)
        small_desk.order(db, who, (copy.title_id,), Fulfilment.COUNTER, moment, "pick", "pack", "shelve", "collect")


def test_what_was_lent_since_it_was_scanned_is_not_taken_from_its_reader(
    chief: Hand, store: Store, take: str, now: datetime
) -> None:  # fmt: skip
    with store.writing() as db:
        db.run("UPDATE copies SET point_id = 2 WHERE barcode = 'B002'")
    assert "留在这里就点" in chief.post(take, barcode="B002").get_data(as_text=True)
    lend(store, "B002", now + timedelta(minutes=5))
    page = chief.read(take)
    assert "收下还书" not in page and "又借出去了" in page
    said = chief.post(f"{take}/here", barcode="B002").get_data(as_text=True)  # from a page that is older
    assert "刚刚变了" in said and copy_by_barcode(store.db, "B002").state == "on_loan"


def test_what_was_taken_in_and_lent_anew_is_not_taken_in_again(
    chief: Hand, store: Store, take: str, now: datetime
) -> None:  # fmt: skip
    barcode = loans.of_reader(store.db, 2)[0].barcode
    with store.writing() as db:
        db.run("UPDATE holds SET state = 'cancelled', ready_until = NULL WHERE title_id = 3")
    assert "收下还书" in chief.post(take, barcode=barcode).get_data(as_text=True)
    chief.post(f"{take}/here", barcode=barcode)
    assert copy_by_barcode(store.db, barcode).state == "available"
    assert "刚刚变了" in chief.post(f"{take}/here", barcode=barcode).get_data(as_text=True)
    clock.move(store.db, timedelta(minutes=10))
    lend(store, barcode, now + timedelta(minutes=10))
    assert "收下还书" not in chief.read(take)
    chief.post(f"{take}/here", barcode=barcode)
    assert copy_by_barcode(store.db, barcode).state == "on_loan"
    clock.move(store.db, timedelta(minutes=20))
    assert "收下还书" in chief.post(take, barcode=barcode).get_data(as_text=True), "it stands here after all"


def test_a_book_of_another_city_is_sent_home_not_shelved(store: Store, now: datetime) -> None:
    """A2-16: where books do not stay in any city, the stock-taking says the same as the return scan."""
    policy = replace(small_desk.POLICY, cities=replace(small_desk.POLICY.cities, return_anywhere=False))
    small_desk.settle(store, now)
    with store.writing() as db:
        db.run("UPDATE points SET city = '湖州', city_en = 'Huzhou' WHERE code <> 'east'")
        db.run("UPDATE points SET city = '嘉兴', city_en = 'Jiaxing' WHERE code = 'east'")
        db.run("UPDATE copies SET home_point_id = 2, point_id = 2 WHERE barcode = 'B002'")
    chief = Hand(small_desk.application(store, small_desk.StoodStill(store, now), policy))
    chief.sign_in()
    chief.post("/admin/stock-takes", point="1", shelf="", call_number="", material="")
    chief.post("/admin/stock-takes/1", barcode="B002")
    said = chief.post("/admin/stock-takes/1/here", barcode="B002").get_data(as_text=True)
    assert "《活着》请送回嘉兴：城东馆" in said and "是别的城市的书" in said and "已经记在这里：上架" not in said


def test_a_parcel_nobody_waits_for_any_more_is_opened_and_its_books_are_put_back(
    chief: Hand, store: Store, now: datetime
) -> None:
    """The reader thought again after it was packed: without this a closed parcel lay there, its books on no shelf."""
    packed = orders.by_number(store.db, PACKED)
    [book, *_rest] = orders.books(store.db, packed.id)
    wait_for(store, book["title_id"], now)
    assert "没有要放回去的书" in chief.read("/admin/ways-back")
    with store.writing() as db:
        orders.cancel(db, PACKED, packed.reader_id, small_desk.POLICY, now)
    page = chief.read("/admin/ways-back").split("要拆包、下架的订单", 1)[1].split("快递上门取书", 1)[0]
    assert PACKED in page and "请拆包" in page and book["barcode"] in page and "放到预约架 · 城西馆" in page
    assert "要拆包、下架的订单" in chief.read("/admin")
    said = chief.post(f"/admin/ways-back/clear/{PACKED}").get_data(as_text=True)
    assert "都放回去了" in said and "没有要放回去的书" in said
    assert "已经有人放回去了" in chief.post(f"/admin/ways-back/clear/{PACKED}").get_data(as_text=True)


def test_what_nobody_fetched_is_taken_from_the_pick_up_shelf(chief: Hand, store: Store, now: datetime) -> None:
    with store.writing() as db:
        placed = orders.by_number(db, APPROVED)
        for step in ("pick", "pack", "shelve"):
            orders.advance(db, placed.id, step, "library", small_desk.POLICY, now)
        orders.expire_due(db, small_desk.POLICY, now + timedelta(days=30))
    page = chief.read("/admin/ways-back")
    assert placed.number in page and "从取书架拿下来" in page


def test_an_order_called_off_before_anybody_fetched_its_books_leaves_nothing_to_put_back(
    chief: Hand, store: Store, now: datetime
) -> None:
    approved = orders.by_number(store.db, APPROVED)
    with store.writing() as db:
        orders.cancel(db, APPROVED, approved.reader_id, small_desk.POLICY, now)
    assert "没有要放回去的书" in chief.read("/admin/ways-back")


# ---- copies that lie on the hold shelf for nobody -------------------------------------------------------------------


def kept(store: Store, now: datetime) -> int:
    """B002 is kept for 周七 on the hold shelf; the hold's id."""
    with store.writing() as db:
        who = small_desk.reader(db, "周七", "13500000000", now)
        holds.join(db, who.id, 2, now)
        holds.serve_waiting(db, small_desk.POLICY, now)
        clearing.put_back(db, [copy_by_barcode(db, "B002").id])
        return holds.of_reader(db, who.id)[0].id


def shelf_list(chief: Hand) -> str:
    page = chief.read("/admin/ways-back")
    return page.split("要从预约架、备书桌上放回去的书", 1)[1].split("快递上门取书", 1)[0]


@pytest.mark.parametrize("how", ["cancelled", "ran out"])
def test_what_nobody_waits_for_any_more_is_taken_off_the_hold_shelf(
    chief: Hand, store: Store, now: datetime, how: str
) -> None:
    """Only the next scan told."""
    hold_id = kept(store, now)
    assert "没有要放回去的书" in shelf_list(chief)
    who = store.db.value("SELECT reader_id FROM holds WHERE id = :h", h=hold_id)
    if how == "cancelled":
        holds.cancel(store.db, who, hold_id, small_desk.POLICY, now)
    else:
        holds.expire_due(store.db, small_desk.POLICY, now + timedelta(days=30))
    listed = shelf_list(chief)
    assert "B002" in listed and "从预约架拿下来 → 上架" in listed
    assert "要从预约架、备书桌上放回去的书" in chief.read("/admin")
    copy = copy_by_barcode(store.db, "B002").id
    assert "1 册放好了" in chief.post("/admin/ways-back/put-back", copy=str(copy)).get_data(as_text=True)
    assert "没有要放回去的书" in shelf_list(chief)
    assert "已经有人放好了" in chief.post("/admin/ways-back/put-back", copy=str(copy)).get_data(as_text=True)


def test_what_is_kept_while_it_stands_on_the_open_shelf_is_fetched(chief: Hand, store: Store, now: datetime) -> None:
    with store.writing() as db:
        holds.join(db, small_desk.reader(db, "周七", "13500000000", now).id, 2, now)
        holds.serve_waiting(db, small_desk.POLICY, now)
    listed = shelf_list(chief)
    assert "有读者在等，从书架取下来 → 放到预约架" in listed and "B002" in listed and "2 排 A 面" in listed
    copy = copy_by_barcode(store.db, "B002").id
    assert "1 册放好了" in chief.post("/admin/ways-back/put-back", copy=str(copy)).get_data(as_text=True)
    assert copy_by_barcode(store.db, "B002").standing == "kept" and "没有要放回去的书" in shelf_list(chief)


def test_what_the_next_reader_waits_for_stays_on_the_hold_shelf(chief: Hand, store: Store, now: datetime) -> None:
    hold_id = kept(store, now)
    who = store.db.value("SELECT reader_id FROM holds WHERE id = :h", h=hold_id)
    with store.writing() as db:
        holds.join(db, 3, 2, now)
    holds.cancel(store.db, who, hold_id, small_desk.POLICY, now)
    assert copy_by_barcode(store.db, "B002").standing == "kept"
    assert "B002" not in shelf_list(chief)


def test_a_scan_or_a_new_reader_takes_it_off_the_list(chief: Hand, store: Store, now: datetime) -> None:
    hold_id = kept(store, now)
    who = store.db.value("SELECT reader_id FROM holds WHERE id = :h", h=hold_id)
    holds.cancel(store.db, who, hold_id, small_desk.POLICY, now)
    chief.post("/admin/returns/point", point="1")
    chief.post("/admin/returns", barcode="B002")
    assert "B002" not in shelf_list(chief)


def test_who_orders_what_is_kept_for_them_has_it_fetched_from_the_hold_shelf(
    chief: Hand, store: Store, now: datetime
) -> None:
    """The pick list named the shelf it had not stood on since: 缺书."""
    hold_id = kept(store, now)
    who = store.db.value("SELECT reader_id FROM holds WHERE id = :h", h=hold_id)
    with store.writing() as db:
        order = small_desk.order(db, readers.reader(db, who), (2,), Fulfilment.COUNTER, now)
    assert "B002" in (page := chief.read("/admin/parcels/pick")) and "先看预约架" in page
    assert "先看预约架" in chief.read(f"/admin/orders/{order.number}") and "B002" not in shelf_list(chief)


def test_who_has_got_the_title_in_another_way_is_named_on_the_pick_list(
    chief: Hand, store: Store, now: datetime
) -> None:
    with store.writing() as db:
        order = orders.by_number(db, APPROVED)
        title = orders.books(db, order.id)[0]["title_id"]
        db.run("INSERT INTO copies (title_id, barcode, point_id, home_point_id) VALUES (:t, 'B777', 1, 1)", t=title)
    assert "读者手上已有一册" not in chief.read("/admin/parcels/pick")
    checkouts.check_out(store.db, "B777", order.reader_id, small_desk.POLICY, now)
    assert "读者手上已有一册" in chief.read("/admin/parcels/pick")
    assert "读者手上已有一册" in chief.read(f"/admin/orders/{APPROVED}")

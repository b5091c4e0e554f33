"""Check-in at the desk: the point once, then barcode after barcode (A2-6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from admin import staff
from lending import notices, orders, parcels, tracking
from lending.database import Store
from lending.tracking import Word
from tests import small_desk
from tests.admin.conftest import Hand

COUNTER, NOON = "SX261120-0005", datetime(2026, 11, 20, 4, tzinfo=UTC)


def _scan(hand: Hand, barcode: str) -> str:
    page = hand.post("/admin/returns", barcode=barcode).get_data(as_text=True)
    return page.split('class="last"')[-1].split("</li>")[0]


def test_the_point_is_chosen_first_and_kept(chief: Hand, store: Store) -> None:
    assert "先选网点" in chief.post("/admin/returns", barcode="B001").get_data(as_text=True)
    for wrong in ("99", "", "x"):
        assert "在哪里收书" in chief.post("/admin/returns/point", point=wrong).get_data(as_text=True)
    chief.post("/admin/returns/point", point="2")
    assert "城东馆" in chief.read("/admin/returns")
    assert store.db.value("SELECT COUNT(*) FROM loans WHERE returned_at IS NOT NULL") == 0


def test_a_late_book_says_how_late_and_stays_where_it_came_back(chief: Hand, store: Store) -> None:
    chief.post("/admin/returns/point", point="2")
    said = _scan(chief, " b001 ")
    assert "《围城》" in said and "超期 5 天" in said and "放到修补架" in said and "R000001 李*" in said
    assert store.db.value("SELECT point_id FROM copies WHERE barcode = 'B001'") == 2


def test_a_barcode_typed_in_full_width_is_the_same(chief: Hand) -> None:
    chief.post("/admin/returns/point", point="2")
    assert "《围城》" in _scan(chief, "Ｂ００１")


def test_a_book_waited_for_goes_to_the_hold_shelf_and_a_second_scan_says_so_again(chief: Hand, store: Store) -> None:
    chief.post("/admin/returns/point", point="1")
    first = _scan(chief, "B003")
    assert "按时归还" in first and "有读者预约：放到预约架" in first
    lines = store.db.value("SELECT COUNT(*) FROM credit_lines")
    second = _scan(chief, "B003")
    assert "没有借出记录" in second and "有读者预约：放到预约架" in second
    assert store.db.value("SELECT COUNT(*) FROM credit_lines") == lines


def test_a_book_set_aside_for_an_order_is_not_sent_to_the_shelf(chief: Hand) -> None:
    chief.post("/admin/returns/point", point="1")
    assert "已配给一张订单" in _scan(chief, "B004")


def test_an_unknown_barcode_changes_nothing_and_says_so(chief: Hand, store: Store) -> None:
    chief.post("/admin/returns/point", point="1")
    page = chief.post("/admin/returns", barcode="<b>NOPE").get_data(as_text=True)
    assert "没有条码「&lt;b&gt;NOPE」的书" in page and "<b>NOPE" not in page
    assert staff.logged(store.db, action="check_in") == []


def test_each_scan_is_logged_with_what_it_did(chief: Hand, store: Store) -> None:
    chief.post("/admin/returns/point", point="2")
    _scan(chief, "B001")
    (line,) = staff.logged(store.db, action="check_in")
    assert line["object"] == "copy:B001" and line["facts"]["late_days"] == 5 and "13800000000" not in str(line)


def test_b2_20_a_wrong_scan_is_taken_back_by_who_scanned_it(chief: Hand, store: Store) -> None:
    chief.post("/admin/returns/point", point="1")
    assert "扫错了，撤回（" in _scan(chief, "B003")
    (line,) = staff.logged(store.db, action="check_in")
    page = chief.post(f"/admin/returns/{line['id']}/undo").get_data(as_text=True)
    assert "和扫之前一样" in page and "扫错了，已经撤回" in page and "扫错了，撤回（" not in page
    assert store.db.value("SELECT state FROM copies WHERE barcode = 'B003'") == "on_loan"
    assert staff.logged(store.db, action="undo_check_in")[0]["object"] == "copy:B003"
    again = chief.post(f"/admin/returns/{line['id']}/undo").get_data(as_text=True)
    assert "已经撤回，或者不是您扫的" in again


def test_b2_20_a_colleagues_scan_and_one_that_is_known_already_stay(
    chief: Hand, colleague: Hand, store: Store, now: datetime
) -> None:
    chief.post("/admin/returns/point", point="1")
    _scan(chief, "B003")
    (line,) = staff.logged(store.db, action="check_in")
    colleague.get("/admin")
    assert "不是您扫的" in colleague.post(f"/admin/returns/{line['id']}/undo").get_data(as_text=True)
    for notice in notices.waiting(store.db, now + timedelta(days=1)):
        notices.settle(store.db, notice.id, told=True)
    assert "扫错了，撤回（" not in chief.read("/admin/returns")
    assert "撤不回来了" in chief.post(f"/admin/returns/{line['id']}/undo").get_data(as_text=True)
    assert store.db.value("SELECT state FROM copies WHERE barcode = 'B003'") == "reserved"


def test_a_book_that_waits_for_its_reader_says_where_it_waits_and_in_which_order(chief: Hand, store: Store) -> None:
    """A book of a locker put on the pick-up shelf would leave its reader before an empty box."""
    chief.post("/admin/returns/point", point="1")
    in_box = _scan(chief, "B008")
    assert "放回西溪北苑书柜的格口 S" in in_box and "取书架" not in in_box and "/admin/orders/SX261120-0006" in in_box
    with store.writing() as db:
        orders.advance(db, orders.by_number(db, COUNTER).id, "pick", "library", small_desk.POLICY, NOON)
        for step in ("pack", "shelve"):
            orders.advance(db, orders.by_number(db, COUNTER).id, step, "library", small_desk.POLICY, NOON)
    here = _scan(chief, "B007")
    assert "放回取书架" in here and COUNTER in here
    chief.post("/admin/returns/point", point="2")
    assert "送到城西馆的取书架" in _scan(chief, "B007")
    assert "城西馆" not in _scan(chief, "B002"), "what waits for nobody goes on the shelf here"


def test_a_book_whose_parcel_came_back_is_not_sent_out_with_the_colleague_who_delivers(
    chief: Hand, store: Store
) -> None:  # fmt: skip
    """Refused at the door: it stands on no shelf before its order is over, and the page says where that is done."""
    number = "SX261120-0004"
    order = orders.by_number(store.db, number)
    barcode = orders.books(store.db, order.id)[0]["barcode"]
    chief.post("/admin/returns/point", point="1")
    orders.advance(store.db, order.id, "ship", "library", small_desk.POLICY, NOON)
    on_its_way = _scan(chief, barcode)
    assert "交给送书的同事" in on_its_way and "先在订单里记签收" in on_its_way
    (parcel,) = parcels.of_order(store.db, order.id)
    word = Word("refused", NOON + timedelta(hours=2))
    tracking.hear(store.db, parcel.tracking, [word], "courier", small_desk.POLICY, NOON + timedelta(hours=2))
    back = _scan(chief, barcode)
    assert "退回来了" in back and "/admin/parcels" in back and "送书的同事" not in back

"""配送: lists and labels, waybills, parcels in trouble, the library's own rounds, and the lockers' room."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from markupsafe import escape

from admin import lockers as room
from admin import parcels as parcels_room
from admin import staff
from admin.parcels import STATES
from lending import (
    cases,
    catalogue,
    claims,
    clock,
    door_claims,
    door_codes,
    evidence,
    loans,
    locker_reports,
    lockers,
    looks,
    orders,
    parcels,
    readers,
    rounds,
    tracking,
    transfer_photos,
    transfers,
)
from lending.database import Store
from lending.model import Fulfilment, OrderState, stamp
from lending.rules import Round
from lending.tracking import Word
from tests import small_desk
from tests.admin.conftest import Hand

PICKING, PACKED, IN_LOCKER = "SX261119-0003", "SX261120-0004", "SX261120-0006"
EVENING = Round("周五送书", ("春风路",), (5,), time(18), time(20), "", 1)
MONDAY = replace(EVENING, name="周一送书", weekdays=(1,), place="社区活动室")
WITH_ROUNDS = replace(small_desk.POLICY, parcels=replace(small_desk.POLICY.parcels, rounds=(EVENING, MONDAY)))


def parcel(store: Store, number: str = PACKED) -> parcels.Parcel:
    return parcels.of_order(store.db, orders.by_number(store.db, number).id)[0]


def test_a_parcel_without_news_for_days_is_listed_and_a_round_without_stops_counts_none(
    chief: Hand, store: Store, now: datetime
) -> None:
    """It stood in 在路上 alone; 「· 0」 said nothing."""
    one = parcel(store)
    tracking.hear(store.db, one.tracking, [Word("in_transit", now)], "courier", small_desk.POLICY, now)
    asked = "很久没有消息，请问问快递"
    assert asked not in chief.read("/admin/parcels")
    long_ago = stamp(now - timedelta(days=small_desk.POLICY.parcels.ask_courier_days + 1))
    with store.writing() as db:
        db.run("UPDATE parcels SET changed_at = :at WHERE id = :p", at=long_ago, p=one.id)
    page = chief.read("/admin/parcels")
    assert asked in page and PACKED in page
    assert "遇到麻烦的包裹" in chief.read("/admin")
    assert " · 0<" not in chief.read("/admin/rounds")


def test_the_pick_list_goes_along_the_shelves(colleague: Hand) -> None:
    """A9-4."""
    page = colleague.read("/admin/parcels/pick")
    assert re.findall(r"B00\d|B010", page) == ["B004", "B005", "B007"]
    assert f'href="/admin/orders/{PICKING}"' in page and "《边城》" in page, "where it is said that one is not there"


def test_row_two_comes_before_row_ten_on_the_way_along_the_shelves(colleague: Hand, store: Store) -> None:
    """And of one class the second book before the tenth, but I247.5 before I25."""
    places = {"B004": ("10 排 A 面", "I25/1"), "B005": ("2 排 A 面", "I247.5/10"), "B007": ("2 排 A 面", "I247.5/9")}
    with store.writing() as db:
        for barcode, (shelf, call) in places.items():
            db.run("UPDATE copies SET shelf = :s, call_number = :c WHERE barcode = :b", s=shelf, c=call, b=barcode)
    assert re.findall(r"B00\d", colleague.read("/admin/parcels/pick")) == ["B007", "B005", "B004"]
    with store.writing() as db:
        db.run("UPDATE copies SET shelf = '1 排'")
    assert re.findall(r"B00\d", colleague.read("/admin/parcels/pick")) == ["B007", "B005", "B004"]


def test_a_printed_list_that_is_cut_off_says_so(colleague: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever goes along the shelves with it would think that it is all."""
    pages = ("/admin/parcels/pick", "/admin/parcels/labels")
    for most, said in ((1, [True, True]), (200, [False, False])):
        monkeypatch.setattr(parcels_room, "MOST_ORDERS", most)
        found = [colleague.read(pages[0]), colleague.post(pages[1]).get_data(as_text=True)]
        assert [f"承诺最早的 {most} 个订单" in page for page in found] == said


def test_labels_hold_address_code_and_books_and_are_logged(colleague: Hand, chief: Hand) -> None:
    colleague.get("/admin/parcels")
    page = colleague.post("/admin/parcels/labels").get_data(as_text=True)
    assert "春风路8号3单元201" in page and "13700001111" in page and page.count("<svg") == 1
    assert "B006" in page and "style=" not in page
    assert "打印标签" in chief.read("/admin/colleagues")


def test_each_parcels_label_has_its_own_books_its_round_and_which_of_how_many_it_is(
    going: Hand, store: Store, now: datetime
) -> None:
    """Whoever packs by it puts in what stands on it, and sends it where it says."""
    with store.writing() as db:
        who = small_desk.reader(db, "周舟", "13800000009", now)
        made = small_desk.order(db, who, (3, 4, 5, 6, 7, 8), Fulfilment.DELIVERY, now, "approve", "pick")
        orders.advance(db, made.id, "pack", "library", WITH_ROUNDS, now)
    mine = parcels.of_order(store.db, made.id)
    inside = {
        one.tracking: {book["barcode"] for book in orders.books(store.db, made.id) if book["parcel_id"] == one.id}
        for one in mine
    }
    going.read("/admin/parcels")
    printed = going.post("/admin/parcels/labels").get_data(as_text=True).split('<article class="label">')[1:]
    labels = {one.tracking: label for one in mine for label in printed if one.tracking in label}
    assert len(printed) == 4 and len(mine) == 2 and all(len(barcodes) == 3 for barcodes in inside.values())
    for n, one in enumerate(mine, 1):
        label = labels[one.tracking]
        assert set(re.findall("B[0-9]{3}", label)) == inside[one.tracking]
        assert f"{n}/2" in label and one.round and one.round in label and made.number in label
        assert label.count("<svg") == 1 and made.address in label


def test_what_waits_at_a_place_has_one_label_with_the_place_and_all_its_books(colleague: Hand, store: Store) -> None:
    waiting = orders.by_number(store.db, PICKING)
    with store.writing() as db:
        orders.advance(db, waiting.id, "pack", "library", small_desk.POLICY, waiting.placed_at)
    colleague.get("/admin/parcels")
    page = colleague.post("/admin/parcels/labels").get_data(as_text=True)
    (label,) = (one for one in page.split('<article class="label">')[1:] if PICKING in one)
    place = catalogue.point(store.db, waiting.point_id or 0)
    assert set(re.findall("B[0-9]{3}", label)) == {"B004", "B005"} and f"{place.name} {place.address}".strip() in label


def test_nothing_is_offered_to_be_printed_where_nothing_is_packed(colleague: Hand, store: Store) -> None:
    assert "打印打包单和标签" in colleague.read("/admin/parcels")
    with store.writing() as db:
        db.run("UPDATE orders SET state = 'picking' WHERE state = 'packed'")
    assert "打印打包单和标签" not in colleague.read("/admin/parcels")


def test_a_company_takes_a_parcel_under_its_number(colleague: Hand, store: Store) -> None:
    one = parcel(store)
    colleague.get("/admin/parcels")
    for company, number in (("", "SF123456"), ("快风", "SF123456"), ("shunfeng", "1"), ("shunfeng", "SF 1<23456>")):
        page = colleague.post(f"/admin/parcels/{one.id}/give", company=company, tracking=number).get_data(as_text=True)
        assert "请选快递公司" in page
        assert f'value="{escape(company)}"' in page and f'value="{escape(number)}"' in page, "nothing typed is lost"
    page = colleague.post(f"/admin/parcels/{one.id}/give", company="顺丰", tracking="SF123456").get_data(
        as_text=True
    )
    assert "SF123456 记下了" in page and "跟着它" not in page and "请在订单里按" in page, "nobody is asked to follow it"
    assert store.db.value("SELECT company FROM parcel_follows") == "shunfeng"
    with store.writing() as db:
        db.run("UPDATE parcels SET state = 'created', courier = 'library', tracking = 'YX1'")
    page = colleague.read("/admin/parcels")
    assert '<option>顺丰</option>' in page and 'name="company" value="顺丰"' in page, "the next goes with the same one"
    gone = colleague.post("/admin/parcels/999/give", company="sf", tracking="SF123456")
    assert "这个包裹拆开了" in gone.get_data(as_text=True)


@pytest.mark.parametrize(("company", "known"), [
    ("顺丰速运", "shunfeng"), ("极兔速递", "jtexpress"), ("京东物流", "jd"), ("EMS", "ems"), ("宅急送", "zhaijisong"),
    ("中通快运", "zhongtongkuaiyun"), ("ane66", "ane66"),
])  # fmt: skip
def test_a_company_is_known_as_its_waybill_names_it_or_as_the_followers_do(
    colleague: Hand, store: Store, company: str, known: str
) -> None:
    one = parcel(store)
    colleague.get("/admin/parcels")
    assert "记下了" in colleague.post(
        f"/admin/parcels/{one.id}/give", company=company, tracking="ｓｆ 123456"
    ).get_data(as_text=True)
    assert store.db.value("SELECT company FROM parcel_follows") == known
    assert store.db.value("SELECT tracking FROM parcels") == "SF123456"


def test_where_someone_follows_parcels_the_librarian_hears_so(store: Store, now: datetime) -> None:
    small_desk.settle(store, now)
    hand = Hand(small_desk.application(store, small_desk.StoodStill(store, now), followed=True))
    hand.sign_in()
    page = hand.post(f"/admin/parcels/{parcel(store).id}/give", company="shunfeng", tracking="SF123456")
    assert "从现在起跟着它" in page.get_data(as_text=True)


@pytest.mark.parametrize("says, ends", [
    ("signed", OrderState.DONE), ("returned", OrderState.CANCELLED), ("lost", OrderState.CANCELLED),
])  # fmt: skip
def test_a_parcel_in_trouble_waits_for_a_librarian(
    colleague: Hand, store: Store, now: datetime, says: str, ends: OrderState
) -> None:
    """D 31: 疑难件 → somebody looks."""
    one = parcel(store)
    words = [Word("collected", now - timedelta(hours=3)), Word("problem", now - timedelta(hours=1), "电话打不通")]
    tracking.hear(store.db, one.tracking, words, "courier", small_desk.POLICY, now)
    page = colleague.read("/admin/parcels")
    assert "电话打不通" in page and "派送遇到问题" in page
    stale = colleague.post(f"/admin/parcels/{one.id}/say", state=says, before="created").get_data(as_text=True)
    assert "刚刚变了" in stale
    colleague.post(f"/admin/parcels/{one.id}/say", state=says, before="problem")
    assert orders.by_number(store.db, PACKED).state is ends
    assert "没有遇到问题的包裹" in colleague.read("/admin/parcels")


# ---- the library's own rounds --------------------------------------------------------------------------------------


@pytest.fixture
def going(store: Store, now: datetime) -> Hand:
    """A library with a round that goes past the reader's house this evening, and a cart for one parcel."""
    small_desk.furnish(store)
    app: Flask = small_desk.application(store, small_desk.StoodStill(store, now), WITH_ROUNDS)
    with store.writing() as db:
        small_desk.stock(db)
        for n, name in ((1, "李明"), (2, "王芳")):
            who = small_desk.reader(db, name, f"1380000000{n}", now)
            made = small_desk.order(db, who, (n,), Fulfilment.DELIVERY, now)
            for step in ("pick", "pack"):
                orders.advance(db, made.id, step, "library", WITH_ROUNDS, now)
    small_desk.librarians(store.db, now)
    hand = Hand(app)
    hand.sign_in()
    return hand


def test_a_full_cart_leaves_the_rest_for_the_next_round(going: Hand, store: Store) -> None:
    """D 30: capacity; A10-2: fixed place and time."""
    found = [(one.round, str(one.round_at)[:16]) for one in parcels.in_states(store.db, ["created"])]
    assert found == [("周五送书", "2026-11-20 10:00"), ("周一送书", "2026-11-23 10:00")]
    page = going.read("/admin/rounds")
    assert "周五送书" in page and "18:00–20:00" in page and "周一送书" not in page
    assert "社区活动室" in going.read("/admin/rounds?day=2026-11-23")
    assert "没有馆里自己的送书班次" in going.read("/admin/rounds?day=2026-11-21")
    assert going.get("/admin/rounds?day=soon").status_code == 200


def test_the_route_hides_addresses_until_asked_and_writes_down_who_asked(going: Hand, store: Store) -> None:
    """B2-22."""
    assert "13800000001" not in going.read("/admin/rounds")
    assert "13800000001" in going.post("/admin/rounds/addresses", day="2026-11-20").get_data(as_text=True)
    assert store.db.value("SELECT COUNT(*) FROM staff_log WHERE action = 'see_route'") == 1


def test_setting_out_and_handing_over(going: Hand, store: Store) -> None:
    going.get("/admin/rounds")
    assert "1 个包裹" in going.post("/admin/rounds/out", day="2026-11-20", round="周五送书").get_data(as_text=True)
    (one,) = parcels.in_states(store.db, ["out_for_delivery"])
    assert store.db.value("SELECT state FROM orders WHERE id = :o", o=one.order_id) == "shipped"
    going.post(f"/admin/rounds/{one.id}", day="2026-11-20", what="signed")
    assert store.db.value("SELECT state FROM orders WHERE id = :o", o=one.order_id) == "done"
    again = going.post(f"/admin/rounds/{one.id}", day="2026-11-20", what="absent").get_data(as_text=True)
    assert "刚刚变了" in again


def test_a_round_does_not_set_out_before_its_day_and_not_empty(going: Hand, store: Store) -> None:
    """A press on another day's page would tell readers that their books are at the door."""
    page = going.read("/admin/rounds?day=2026-11-23")
    assert "社区活动室" in page and "11月23日" in page and ">出发<" not in page and "送到了" not in page
    said = going.post("/admin/rounds/out", day="2026-11-23", round="周一送书").get_data(as_text=True)
    assert "到那天才出发" in said and parcels.in_states(store.db, ["out_for_delivery"]) == []
    page = going.read("/admin/rounds")
    assert "等出发" in page and "等快递来取" not in page, "no courier comes for it"
    assert ">出发<" not in going.post("/admin/rounds/out", day="2026-11-20", round="周五送书").get_data(as_text=True)
    again = going.post("/admin/rounds/out", day="2026-11-20", round="周五送书").get_data(as_text=True)
    assert "没有等着出发的包裹" in again


def test_an_order_pressed_as_handed_over_still_waits_for_its_round(going: Hand, store: Store) -> None:
    """The library's own people take it: no courier has fetched it."""
    one = next(one for one in parcels.in_states(store.db, ["created"]) if one.round == "周五送书")
    number = store.db.value("SELECT number FROM orders WHERE id = :o", o=one.order_id)
    going.post(f"/admin/orders/{number}/step", step="ship", state="packed")
    assert parcels.by_id(store.db, one.id).state == "collected"
    page = going.read("/admin/rounds")
    assert number in page and "已交给这一班，等出发" in page and "快递已取件" not in page


def test_nobody_at_the_door_goes_on_the_next_round(going: Hand, store: Store) -> None:
    one = next(one for one in parcels.in_states(store.db, ["created"]) if one.round == "周五送书")
    going.get("/admin/rounds")
    going.post("/admin/rounds/out", day="2026-11-20", round="周五送书")
    page = going.post(f"/admin/rounds/{one.id}", day="2026-11-20", what="absent").get_data(as_text=True)
    assert "没遇到人" in page
    later = parcels.by_id(store.db, one.id)
    assert later.state == "problem" and later.round_at and later.round_at > (one.round_at or later.round_at)


def test_nobody_at_the_door_said_from_two_pages_is_one_try(going: Hand, store: Store) -> None:
    """The second press would put it off by one more round, and tell the reader twice."""
    one = next(one for one in parcels.in_states(store.db, ["created"]) if one.round == "周五送书")
    going.get("/admin/rounds")
    going.post("/admin/rounds/out", day="2026-11-20", round="周五送书")
    shown = re.search(r'name="before" value="([^"]+)"', going.read("/admin/rounds"))
    assert shown
    going.post(f"/admin/rounds/{one.id}", day="2026-11-20", what="absent", before=shown[1])
    later = parcels.by_id(store.db, one.id)
    clock.move(store.db, timedelta(minutes=1))
    again = going.post(f"/admin/rounds/{one.id}", day="2026-11-20", what="absent", before="2026-11-20T01:00:00Z")
    assert "刚刚变了" in again.get_data(as_text=True)
    assert parcels.by_id(store.db, one.id) == later
    assert store.db.value("SELECT COUNT(*) FROM staff_log WHERE action = 'round_stop'") == 1


def test_what_no_round_takes_again_can_be_given_to_a_courier(going: Hand, store: Store) -> None:
    """The page says "交给快递": then there must be a way."""
    one = next(one for one in parcels.in_states(store.db, ["created"]) if one.round == "周五送书")
    going.get("/admin/rounds")
    going.post("/admin/rounds/out", day="2026-11-20", round="周五送书")
    going.post(f"/admin/rounds/{one.id}", day="2026-11-20", what="absent")
    way, form = f"/admin/parcels/{one.id}/give", {"company": "shunfeng", "tracking": "SF1234567890"}
    assert way not in going.read("/admin/parcels"), "the next round takes it"
    assert "已经寄出" in going.post(way, **form).get_data(as_text=True)
    with store.writing() as db:
        db.run("UPDATE parcels SET round = '', round_at = NULL WHERE id = :p", p=one.id)  # none goes there any more
    assert way in going.read("/admin/parcels")
    assert "SF1234567890 记下了" in going.post(way, **form).get_data(as_text=True)
    assert way not in going.read("/admin/parcels") and parcels.by_id(store.db, one.id).courier == "shunfeng"


def test_a_stop_whose_parcel_was_unpacked_meanwhile_says_so(going: Hand, store: Store) -> None:
    one = next(one for one in parcels.in_states(store.db, ["created"]) if one.round == "周五送书")
    number = store.db.value("SELECT number FROM orders WHERE id = :o", o=one.order_id)
    going.get("/admin/rounds")
    going.post(f"/admin/orders/{number}/step", step="unpack", state="packed")
    said = going.post(f"/admin/rounds/{one.id}", day="2026-11-20", what="signed")
    assert said.status_code == 200 and "这个包裹拆开了" in said.get_data(as_text=True)
    assert store.db.value("SELECT state FROM orders WHERE number = :n", n=number) == "picking"
    for path, form in (("give", {"company": "shunfeng", "tracking": "SF1234567890"}),
                       ("say", {"state": "signed", "before": "created"})):  # fmt: skip
        said = going.post(f"/admin/parcels/{one.id}/{path}", **form)
        assert said.status_code == 200 and "这个包裹拆开了" in said.get_data(as_text=True)


def test_a_parcel_nobody_spoke_of_since_its_round_set_out_is_looked_at(going: Hand, store: Store) -> None:
    """Forgotten on the cart, or handed over and not pressed: from the next day on it waits for a librarian."""
    going.get("/admin/rounds")
    going.post("/admin/rounds/out", day="2026-11-20", round="周五送书")
    (one,) = parcels.in_states(store.db, ["out_for_delivery"])
    assert one.tracking not in going.read("/admin/parcels") and "遇到麻烦的包裹" not in going.read("/admin")
    clock.move(store.db, timedelta(days=1))
    going.sign_in()
    page = going.read("/admin/parcels")
    assert one.tracking in page and "/admin/rounds?day=2026-11-20" in page and "遇到麻烦的包裹" in going.read("/admin")
    assert "没遇到人" in going.read("/admin/rounds?day=2026-11-20"), "there it is said what came of it"
    going.post(f"/admin/parcels/{one.id}/say", state="signed", before="out_for_delivery")
    assert one.tracking not in going.read("/admin/parcels")


def test_a_round_of_which_nobody_said_anything_is_asked_about(going: Hand, store: Store) -> None:
    """Driven or not, nobody knows: the page asks, and moves nothing by itself."""
    (one,) = [one for one in parcels.in_states(store.db, ["created"]) if one.round == "周五送书"]
    assert "没有出车" not in going.read("/admin/rounds?day=2026-11-20")
    assert "还没开完" in going.post("/admin/rounds/none", day="2026-11-20", round="周五送书").get_data(as_text=True)
    clock.move(store.db, timedelta(days=1))
    going.sign_in()
    assert "没人说送到没有的包裹" in going.read("/admin")
    assert "/admin/rounds?day=2026-11-20" in (page := going.read("/admin/rounds")) and "还有包裹没人说过" in page
    page = going.read("/admin/rounds?day=2026-11-20")
    assert "这一班出车了吗" in page and ">出发<" not in page and "送到了" in page
    late = going.post("/admin/rounds/out", day="2026-11-20", round="周五送书").get_data(as_text=True)
    assert "日子过了" in late and parcels.by_id(store.db, one.id).state == "created"
    said = going.post("/admin/rounds/none", day="2026-11-20", round="周五送书").get_data(as_text=True)
    assert "1 个包裹排下一班" in said
    moved = parcels.by_id(store.db, one.id)
    assert moved.round_at and one.round_at and moved.round_at > one.round_at
    assert "没人说送到没有的包裹" not in going.read("/admin")


def test_a_stop_of_yesterday_can_still_be_said(going: Hand, store: Store) -> None:
    (one,) = [one for one in parcels.in_states(store.db, ["created"]) if one.round == "周五送书"]
    clock.move(store.db, timedelta(days=1))
    going.sign_in()
    going.post(f"/admin/rounds/{one.id}", day="2026-11-20", what="signed")
    assert parcels.by_id(store.db, one.id).state == "signed"
    assert "这一班出车了吗" not in going.read("/admin/rounds?day=2026-11-20")


def test_where_no_round_goes_the_courier_does(store: Store, now: datetime) -> None:
    policy = replace(small_desk.POLICY, parcels=replace(small_desk.POLICY.parcels, rounds=(EVENING,)))
    assert rounds.next_run(store.db, policy, "李明 13800000000 秋月路1号", now) is None
    run = rounds.next_run(store.db, policy, "李明 13800000000 春风路8号", now + timedelta(hours=9))
    assert run is not None and run.starts_at.isoformat() == "2026-11-27T18:00:00+08:00", "this week's has left"


# ---- lockers -------------------------------------------------------------------------------------------------------


def test_a_library_without_lockers_reads_that_it_has_none(colleague: Hand, store: Store) -> None:
    assert "馆里还没有书柜" not in colleague.read("/admin/lockers")
    with store.writing() as db:
        db.run("UPDATE points SET kind = 'branch' WHERE kind = 'locker'")
    assert "馆里还没有书柜" in colleague.read("/admin/lockers")


def test_the_lockers_room_tells_what_to_empty_whom_to_call_and_what_contradicts(
    colleague: Hand, store: Store, now: datetime
) -> None:
    """B4 (a call after two days), B2-23, A9-7."""
    page = colleague.read("/admin/lockers")
    assert "西溪北苑书柜" in page and "没有要清空的格口" in page
    locker_reports.hear(store.db, "xixi", 1, "returned", {"barcode": "NOPE"}, now, small_desk.POLICY, now)
    order = orders.by_number(store.db, IN_LOCKER)
    with store.writing() as db:
        db.run("UPDATE orders SET changed_at = '2026-11-17T02:00:00Z' WHERE id = :o", o=order.id)
        db.run("UPDATE notices SET due_at = '2026-11-17T02:00:00Z' WHERE reader_id = :r", r=order.reader_id)
    page = colleague.read("/admin/lockers")
    assert "NOPE" in page and "没有这个订单或条码" in page
    assert "打个电话" in page and "137****1111" in page and "13700001111" not in page
    assert "请写一句" in colleague.post("/admin/lockers/reports/1/right", note=" ").get_data(as_text=True)
    assert "记下了" in colleague.post("/admin/lockers/reports/1/right", note="书在还书车上").get_data(as_text=True)
    assert "已经处理过" in colleague.post("/admin/lockers/reports/1/right", note="再一次").get_data(as_text=True)


def test_whoever_is_to_be_telephoned_can_be_and_a_call_is_noted(chief: Hand, colleague: Hand, store: Store) -> None:
    """B4, B2-22: the number is shown to whoever asks for it, the look is noted, nobody is called twice."""
    order = orders.by_number(store.db, IN_LOCKER)
    assert "显示要打的电话" not in chief.read("/admin/lockers")
    with store.writing() as db:
        db.run("UPDATE orders SET changed_at = '2026-11-17T02:00:00Z' WHERE id = :o", o=order.id)
        db.run("UPDATE notices SET due_at = '2026-11-17T02:00:00Z' WHERE reader_id = :r", r=order.reader_id)
    assert "显示要打的电话" in chief.read("/admin/lockers")
    page = chief.post("/admin/lockers/phones").get_data(as_text=True)
    assert "13700001111" in page and "Smith" in page and "显示要打的电话" not in page
    assert staff.logged(store.db, limit=1)[0]["action"] == "see_phones"
    seen = [(look.what, look.why) for look in looks.of_reader(store.db, order.reader_id)]
    assert seen == [(looks.PHONE, IN_LOCKER)]
    who = readers.reader(store.db, order.reader_id)
    page = chief.post(f"/admin/letters/{who.number}/called", back="/admin/lockers").get_data(as_text=True)
    assert "打过电话了" in page and "打过电话 · " in page and "每个书柜" in page and "13700001111" not in page
    assert "打过电话 · " in colleague.read("/admin/lockers")


def test_a_silent_locker_may_be_a_new_machine_that_counts_from_one(
    colleague: Hand, store: Store, now: datetime
) -> None:
    """Its reports repeat the old machine's numbers and are refused: nothing but the silence shows (B2-23)."""
    locker_reports.hear(store.db, "xixi", 1, "alive", {}, now, small_desk.POLICY, now)
    assert "换了新机器" not in colleague.read("/admin/lockers")
    clock.move(store.db, timedelta(minutes=small_desk.POLICY.lockers.silent_minutes + 1))
    page = colleague.read("/admin/lockers")
    assert "离线" in page and "换了新机器" in page


def test_an_emptied_box_can_be_given_again(colleague: Hand, store: Store, now: datetime) -> None:
    order = orders.by_number(store.db, IN_LOCKER)
    policy = small_desk.POLICY
    orders.expire_due(store.db, policy, (order.pickup_until or now) + timedelta(seconds=1))
    (box,) = lockers.to_empty(store.db)
    free = lockers.with_room(store.db, 1)[0]["free"]
    assert IN_LOCKER in colleague.read("/admin/lockers")
    assert "格口空出来了" in colleague.post(f"/admin/lockers/boxes/{box['id']}/empty").get_data(as_text=True)
    assert "已经空了" in colleague.post(f"/admin/lockers/boxes/{box['id']}/empty").get_data(as_text=True)
    assert lockers.with_room(store.db, 1)[0]["free"] == free + 1
    assert catalogue.point(store.db, orders.by_number(store.db, IN_LOCKER).point_id or 0).name == "城西馆"


def test_a_box_whose_order_went_to_the_counter_is_no_book_to_be_put_away(colleague: Hand, store: Store) -> None:
    """Scanned in and shelved it would be gone when its reader comes; and it does not wait in that box any more."""
    order = orders.by_number(store.db, IN_LOCKER)
    orders.advance(store.db, order.id, "move_on", "staff:小王", small_desk.POLICY, order.placed_at)
    (box,) = lockers.to_empty(store.db)
    page = colleague.read("/admin/lockers")
    assert f"订单 {IN_LOCKER} 的书，转到服务台等读者来取" in page and "没人取的订单" not in page
    assert box["label"] not in colleague.read("/admin/orders?state=at_counter")
    said = colleague.post(f"/admin/lockers/boxes/{box['id']}/empty").get_data(as_text=True)
    assert "书放到服务台的取书架，等读者来取" in said and "扫进「还书」" not in said


def test_each_reason_of_a_dispute_has_its_words() -> None:
    assert set(room.REASONS) == set(locker_reports.REASONS) and set(room.EVENTS) == set(locker_reports.EVENTS)
    assert set(STATES) == set(parcels.LIFE)


# ---- what a reader can show (D-13) -----------------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def shut(store: Store, now: datetime) -> door_claims.DoorClaim:
    order = orders.by_number(store.db, IN_LOCKER)
    claim = door_claims.claim(store.db, order.reader_id, order.number, "门没开，我的电话 13800000000", now)
    code = door_codes.sign(door_codes.key_of(b"key", "xixi"), "xixi", 5, now)
    door_claims.prove(store.db, order.reader_id, claim.id, door_codes.read(store.db, code, b"key", now))
    evidence.add(store.db, "door", claim.id, order.reader_id, PNG, small_desk.POLICY, now)
    return claim


def test_a_stopped_clock_names_no_day(colleague: Hand, store: Store, now: datetime) -> None:
    """D-13."""
    assert "保留到" in colleague.read(f"/admin/orders/{IN_LOCKER}")
    shut(store, now)
    card = colleague.read("/admin/orders?state=in_locker").partition(f">{IN_LOCKER}<")[2].partition("</article>")[0]
    assert "取书时间先停住" in card and "保留到" not in card
    assert "取书时间先停住" in colleague.read(f"/admin/orders/{IN_LOCKER}")


def test_a_shut_door_is_shown_with_its_proof_and_settled_once(colleague: Hand, store: Store, now: datetime) -> None:
    claim = shut(store, now)
    page = colleague.read("/admin/lockers")
    assert "读者说柜门没开" in page and "凭证码是真的" in page and "书柜还没报这一条" in page
    assert "13800000000" not in page, "masked (B2-22)"
    (photo,) = evidence.of(store.db, "door", claim.id)
    answer = colleague.client.get(f"/admin/photos/door/{claim.id}/{photo['id']}")
    assert (answer.mimetype, answer.data) == ("image/png", PNG)
    assert staff.logged(store.db, action="see_photo")[0]["object"] == f"door:{claim.id}"
    assert colleague.get(f"/admin/photos/check/{claim.id}/{photo['id']}").status_code == 404
    assert "读者会收到消息" in colleague.post(f"/admin/lockers/doors/{claim.id}", step="moved").get_data(as_text=True)
    assert orders.by_number(store.db, IN_LOCKER).state is OrderState.AT_COUNTER
    assert "已经处理过了" in colleague.post(f"/admin/lockers/doors/{claim.id}", step="mended").get_data(as_text=True)
    assert "读者说柜门没开" not in colleague.read("/admin/lockers")


def test_a_stranger_sees_no_picture_of_a_door(stranger: Hand, store: Store, now: datetime) -> None:
    assert stranger.client.get(f"/admin/photos/door/{shut(store, now).id}/1").status_code == 302


def test_a_book_said_to_be_put_in_is_shown_with_its_proof(colleague: Hand, store: Store, now: datetime) -> None:
    loan = next(iter(loans.of_reader(store.db, 1)))
    claims.claim(store.db, 1, loan.id, "放进柜子了", small_desk.POLICY, now)
    check = claims.of_loan(store.db, 1, loan.id)
    code = door_codes.sign(door_codes.key_of(b"key", "xixi"), "xixi", 6, now)
    claims.prove(store.db, 1, loan.id, door_codes.read(store.db, code, b"key", now))
    evidence.add(store.db, "check", check.id, 1, PNG, small_desk.POLICY, now)
    page = colleague.read("/admin/ways-back")
    assert "放进柜子了" in page and "凭证码是真的" in page and f"/admin/photos/check/{check.id}/" in page


def test_pictures_of_a_hand_over_stand_with_the_case_of_the_book(colleague: Hand, store: Store, now: datetime) -> None:
    """D-9: whoever decides sees what the book looked like."""
    giver, taker = 1, readers.join(store.db, "zh_Hans", now).id
    with store.writing() as db:
        db.run("UPDATE readers SET standing = 'trusted' WHERE id = :r", r=taker)
        db.run("UPDATE loans SET due_at = '2026-12-20T15:59:59Z' WHERE reader_id = :r", r=giver)
        told = db.value("SELECT number FROM compensations WHERE reader_id = :r", r=giver)
        cases.advance(db, told, "worn", "馆员", small_desk.POLICY, now)  # else it may not go on
    given = loans.of_reader(store.db, giver)[0]
    code, offered = transfers.offer(store.db, giver, given.id, small_desk.POLICY, now)
    transfer_photos.add(store.db, giver, offered.id, PNG, small_desk.POLICY, now)
    transfers.accept(store.db, taker, code, small_desk.POLICY, now)
    transfers.finish(store.db, giver, offered.id, small_desk.POLICY, now)
    (loan,) = loans.of_reader(store.db, taker)
    case, _ = cases.report(store.db, taker, loan.id, cases.ARRIVED, "", small_desk.POLICY, now)
    page = colleague.read(f"/admin/cases/{case.number}")
    assert "转借时拍的样子" in page
    address = re.search(r"/admin/photos/transfer/\d+/\d+", page)
    assert address and colleague.client.get(address[0]).data == PNG

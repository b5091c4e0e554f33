"""The order board: one next step each, stale pages told, reasons given, addresses hidden (A10-12, A10-13)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from admin import staff
from lending import (
    additions,
    cart,
    closings,
    costs,
    elsewhere,
    free_shipping,
    holds,
    orders,
    parcels,
    promises,
    tracking,
)
from lending.database import Database, Store
from lending.model import Fulfilment, OrderState, library_day
from lending.points import PointEntry, point_by_code, store_points
from lending.reports import Period
from lending.stock import CopyEntry, TitleEntry, store_copies, store_titles
from lending.tracking import Word
from tests import small_desk
from tests.admin.conftest import Hand

PICKING, PACKED, APPROVED, IN_LOCKER = "SX261119-0003", "SX261120-0004", "SX261120-0005", "SX261120-0006"


@pytest.fixture
def in_review(store: Store, app: Flask, now: datetime) -> str:
    """An order a person must look at: the reader's points are below what the rule asks."""
    with store.writing() as db:
        who = small_desk.reader(db, "周七", "13500000000", now)
        for n in range(2):
            small_desk.credit.post(db, who.id, "damaged", f"loan:9{n}", small_desk.POLICY, now)
        return small_desk.order(db, who, (10,), Fulfilment.COUNTER, now).number


def test_each_order_shows_what_to_pick_and_where_the_late_one_is_marked(chief: Hand) -> None:
    page = chief.read("/admin/orders")
    for shown in ("《边城》", "B004", "I246.5/4", "4 排 A 面", "西溪北苑书柜 S01", "R000002 王*"):
        assert shown in page
    assert "王芳" not in page and page.count("已逾承诺") == 1


def test_a_column_stands_in_the_order_of_the_times_on_its_cards(chief: Hand, store: Store, now: datetime) -> None:
    """Who is to be packed first comes first, whichever is promised to be ready first."""
    with store.writing() as db:
        who = small_desk.reader(db, "周七", "13500000000", now)
        other = small_desk.order(db, who, (10,), Fulfilment.COUNTER, now)
        db.run("UPDATE orders SET pack_by = '2026-11-20T04:00:00Z', promised_at = '2026-11-23T04:00:00Z' "
               "WHERE number = :n", n=other.number)  # fmt: skip
        db.run("UPDATE orders SET pack_by = '2026-11-20T06:00:00Z', promised_at = '2026-11-20T06:00:00Z' "
               "WHERE number = :n", n=APPROVED)  # fmt: skip
    page = chief.read("/admin/orders?state=approved")
    assert page.index(other.number) < page.index(APPROVED)


def test_the_state_filter_shows_that_state_only(chief: Hand) -> None:
    page = chief.read("/admin/orders?state=packed")
    assert PACKED in page and PICKING not in page
    assert PICKING in chief.read("/admin/orders?state=nonsense")


def test_one_step_moves_the_order_tells_the_reader_and_is_logged(chief: Hand, store: Store) -> None:
    page = chief.post(f"/admin/orders/{PICKING}/step", step="pack", state="picking", back="/admin/orders")
    assert f"订单 {PICKING} 现在是「已打包」" in page.get_data(as_text=True)
    order = orders.by_number(store.db, PICKING)
    assert order.state is OrderState.PACKED
    assert orders.history(store.db, order.id)[-1]["actor"] == "staff:小信"
    assert staff.logged(store.db, limit=1)[0]["object"] == f"order:{PICKING}"
    assert store.db.value("SELECT 1 FROM notices WHERE object = :o AND step = 'pack'", o=f"order:{PICKING}")


def test_a_stale_page_is_told_what_the_order_is_now(chief: Hand, store: Store) -> None:
    for step, state in (("pick", "approved"), ("load", "packed"), ("nonsense", "picking")):
        answer = chief.post(f"/admin/orders/{PICKING}/step", back="/admin/orders", step=step, state=state)
        page = answer.get_data(as_text=True)
        assert "已经是「备书中」了" in page
    assert orders.by_number(store.db, PICKING).state is OrderState.PICKING


def test_a_button_pressed_by_two_at_once_moves_one_step(app: Flask, store: Store) -> None:
    hands = [Hand(app), Hand(app)]
    for hand, name in zip(hands, ("admin", "wang"), strict=True):
        hand.sign_in(name)
    ready, pages = threading.Barrier(2), ["", ""]

    def press(n: int) -> None:
        ready.wait()
        form = {"step": "pick", "state": "approved", "back": "/admin/orders"}
        pages[n] = hands[n].post(f"/admin/orders/{APPROVED}/step", **form).get_data(as_text=True)

    threads = [threading.Thread(target=press, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert orders.by_number(store.db, APPROVED).state is OrderState.PICKING
    assert sorted("已经是「备书中」了" in page for page in pages) == [False, True]
    assert len(staff.logged(store.db, action="step")) == 1


def test_refusing_needs_a_reason_which_the_reader_will_see(chief: Hand, store: Store, in_review: str) -> None:
    assert "不通过" in chief.read("/admin/orders")
    answer = chief.post(f"/admin/orders/{in_review}/end", step="refuse", state="in_review", reason=" ")
    assert "请写一句原因" in answer.get_data(as_text=True)
    assert orders.by_number(store.db, in_review).state is OrderState.IN_REVIEW
    chief.post(f"/admin/orders/{in_review}/end", step="refuse", state="in_review", reason="书在修补")
    order = orders.by_number(store.db, in_review)
    assert order.state is OrderState.REFUSED and order.reason == "书在修补"
    assert staff.logged(store.db, action="refuse")[0]["facts"]["note"] == "书在修补"


def test_an_order_in_review_can_be_approved(chief: Hand, store: Store, in_review: str) -> None:
    chief.post(f"/admin/orders/{in_review}/step", step="approve", state="in_review", back="")
    assert orders.by_number(store.db, in_review).state is OrderState.APPROVED


def test_only_refuse_and_cancel_end_an_order_and_not_once_it_waits(chief: Hand, store: Store) -> None:
    chief.post(f"/admin/orders/{IN_LOCKER}/end", step="cancel", state="in_locker", reason="x")
    chief.post(f"/admin/orders/{PICKING}/end", step="expire", state="picking", reason="x")
    assert orders.by_number(store.db, IN_LOCKER).state is OrderState.IN_LOCKER
    assert orders.by_number(store.db, PICKING).state is OrderState.PICKING
    chief.post(f"/admin/orders/{PICKING}/end", step="cancel", state="picking", reason="读者来电取消")
    assert orders.by_number(store.db, PICKING).state is OrderState.CANCELLED


def test_the_address_is_hidden_until_asked_for_and_asking_is_logged(chief: Hand, store: Store) -> None:
    """B2-22."""
    page = chief.read(f"/admin/orders/{PACKED}")
    assert "S* 137****1111 春风路…" in page and "13700001111" not in page and "3单元" not in page
    full = chief.post(f"/admin/orders/{PACKED}/address").get_data(as_text=True)
    assert "Smith 13700001111 春风路8号3单元201" in full
    assert staff.logged(store.db, limit=1)[0]["action"] == "see_address"


def test_the_history_names_who_did_what(chief: Hand) -> None:
    chief.post(f"/admin/orders/{PICKING}/step", step="pack", state="picking", back="")
    page = chief.read(f"/admin/orders/{PICKING}")
    assert "规则" in page and "小信" in page and page.index("待审核") < page.rindex("已打包")


# ---- promises and missing copies -----------------------------------------------------------------------------------


def catalogue_titles(db: Database) -> list[int]:
    """Titles with a copy on the shelf; more than the small desk has."""
    store_titles(db, [TitleEntry(f"新书{n}", source_id=f"t:{n}") for n in range(4)])
    made = [row["id"] for row in db.all("SELECT id FROM titles WHERE title LIKE '新书%' ORDER BY id")]
    store_copies(db, [CopyEntry(f"N{one}", one, 1) for one in made])
    return made


def copy_of(store: Store, barcode: str) -> str:
    return str(store.db.value("SELECT id FROM copies WHERE barcode = :b", b=barcode))


def test_each_promise_stands_on_the_order_kept_or_broken_with_what_it_cost(
    chief: Hand, store: Store, now: datetime
) -> None:
    """D-1."""
    promises.notice_broken(store.db, small_desk.POLICY, now)
    page = chief.read(f"/admin/orders/{PICKING}")
    assert page.count("已逾承诺") == 2 and "信用分 +2" in page
    page = chief.read(f"/admin/orders/{IN_LOCKER}")
    assert page.count("做到了") == 2 and "已逾承诺" not in page


def test_an_order_in_review_says_why_it_needs_a_person_and_its_clock(
    chief: Hand, store: Store, in_review: str, now: datetime
) -> None:
    """E1-10: past its clock it is marked."""
    page = chief.read(f"/admin/orders/{in_review}")
    assert "信用分低于规则自动通过的" in page and "承诺 · 答复" in page and "已逾承诺" not in page
    assert "balance" not in page and page.count("信用分低于规则自动通过的") == 2, "in the history too"
    with store.writing() as db:
        db.run(
            "UPDATE orders SET review_by = :t, promised_at = :t WHERE number = :n",
            t="2026-11-20T01:00:00Z",
            n=in_review,
        )
    assert "已逾承诺" in chief.read("/admin/orders?state=in_review")
    assert "已逾承诺" in chief.read(f"/admin/orders/{in_review}")


def test_a_copy_that_is_not_there_is_reported_and_the_order_goes_on(
    chief: Hand, store: Store, now: datetime
) -> None:  # fmt: skip
    """E3 部分完成."""
    page = chief.read(f"/admin/orders/{PICKING}")
    assert page.count("没找到") == 4 and "不在架上" in page  # two books: the button and its full name
    said = chief.post(f"/admin/orders/{PICKING}/missing", copy=copy_of(store, "B004"), why="lost").get_data(
        as_text=True
    )
    assert "《边城》没有别的册了" in said and "缺的书" in said and "B004" not in said
    again = chief.post(f"/admin/orders/{PICKING}/missing", copy=copy_of(store, "B004"), why="lost").get_data(
        as_text=True
    )
    assert "已经不在这个订单里" in again
    assert "读者已在排队" in again
    reader = orders.by_number(store.db, PICKING).reader_id
    [waits] = [one for one in holds.of_reader(store.db, reader) if one.title == "边城"]
    holds.cancel(store.db, reader, waits.id, small_desk.POLICY, now)
    left = chief.read(f"/admin/orders/{PICKING}")
    assert "缺的书" in left and "读者已在排队" not in left, "the reader waits no longer"
    assert [line["object"] for line in staff.logged(store.db, action="missing_copy")] == [f"order:{PICKING}"]
    assert store.db.value("SELECT 1 FROM notices WHERE event = 'order_short' AND object = :o", o=f"order:{PICKING}")
    assert orders.by_number(store.db, PICKING).state is OrderState.PICKING


def test_what_happened_to_the_copy_names_the_colleague_as_readers_know_them(chief: Hand, store: Store) -> None:
    chief.get("/admin")
    chief.post(f"/admin/orders/{PICKING}/missing", copy=copy_of(store, "B004"), why="damaged")
    page = chief.read("/admin/copies?q=B004")
    assert "小信" in page and "staff:" not in page


def test_what_is_missing_from_a_packed_order_is_reported_after_taking_it_back(chief: Hand, store: Store) -> None:
    """E3: the parcel is counted at the door and a book is not in it."""
    page = chief.read(f"/admin/orders/{PACKED}")
    assert "退回备书" in page and "标签要重新印" in page and "不在架上" not in page
    answer = chief.post(f"/admin/orders/{PACKED}/step", step="unpack", state="packed", back=f"/admin/orders/{PACKED}")
    text = answer.get_data(as_text=True)
    assert "现在是「备书中」" in text and "不在架上" in text and "退回备书" not in text
    assert orders.history(store.db, orders.by_number(store.db, PACKED).id)[-1]["actor"] == "staff:小信"
    assert "已经是「备书中」" in chief.post(
        f"/admin/orders/{PACKED}/step", step="unpack", state="packed", back="/admin/orders"
    ).get_data(as_text=True)


def test_the_last_book_missing_cancels_the_order(chief: Hand, store: Store) -> None:
    said = chief.post(f"/admin/orders/{APPROVED}/missing", copy=copy_of(store, "B007"), why="damaged").get_data(
        as_text=True
    )
    assert "订单里没有书了，已取消" in said
    assert orders.by_number(store.db, APPROVED).state is OrderState.CANCELLED


def test_a_packed_order_has_no_missing_buttons_and_refuses(chief: Hand, store: Store) -> None:
    assert "不在架上" not in chief.read(f"/admin/orders/{PACKED}")
    said = chief.post(f"/admin/orders/{PACKED}/missing", copy=copy_of(store, "B006"), why="lost").get_data(as_text=True)
    assert "已经是「已打包」了" in said
    for form in ({"copy": "x", "why": "lost"}, {"copy": "1", "why": "burnt"}):
        assert "不在这个订单里" in chief.post(f"/admin/orders/{APPROVED}/missing", **form).get_data(as_text=True)


def test_books_added_later_are_marked_and_not_packed_unseen(chief: Hand, store: Store, now: datetime) -> None:
    """The page showed one book, the reader added another: packing from it is stopped, and the list shows both."""
    chief.post(f"/admin/orders/{APPROVED}/step", step="pick", state="approved", back="/admin/orders")
    order = orders.by_number(store.db, APPROVED)
    small_desk.cart.add(store.db, order.reader_id, 10, small_desk.POLICY, now)
    additions.add(store.db, order.reader_id, APPROVED, "later", small_desk.POLICY, now)
    stale = chief.post(f"/admin/orders/{APPROVED}/step", step="pack", state="picking", books="1", back="/admin/orders")
    assert f"订单 {APPROVED} 里的书刚刚变过" in stale.get_data(as_text=True)
    assert orders.by_number(store.db, APPROVED).state is OrderState.PICKING
    page = chief.read(f"/admin/orders/{APPROVED}")
    assert "《平凡的世界》 <span class=\"later\">后加的</span>" in page and "<b>加书</b>" in page
    assert "后加的" in chief.read("/admin/orders") and "后加的" in chief.read("/admin/parcels/pick")
    chief.post(f"/admin/orders/{APPROVED}/step", step="pack", state="picking", books="2", back="/admin/orders")
    assert orders.by_number(store.db, APPROVED).state is OrderState.PACKED


def test_what_went_elsewhere_meanwhile_is_not_put_where_the_page_said(chief: Hand, store: Store, now: datetime) -> None:
    """The reader chose another point after the page was opened: the books stand in the librarian's hands at the old."""
    order, policy = orders.by_number(store.db, PACKED), small_desk.POLICY
    with store.writing() as db:
        store_points(db, [PointEntry("old", "branch", "旧馆"), PointEntry("new", "branch", "新馆")])
        db.run("UPDATE orders SET fulfilment = 'counter', point_id = (SELECT id FROM points WHERE code = 'old') "
               "WHERE id = :o", o=order.id)  # fmt: skip
    old, new = (point_by_code(store.db, code).id for code in ("old", "new"))
    opened = chief.read(f"/admin/orders/{PACKED}")
    assert f'<input type="hidden" name="point" value="{old}">' in opened
    first = library_day(now) + timedelta(days=1)
    closings.declare(store.db, old, first, first + timedelta(days=4000), "拆了", "馆员", policy, now)
    elsewhere.move(store.db, PACKED, new, "reader", policy, now, order.reader_id)
    form = {"step": "shelve", "state": "packed", "books": "1", "back": "/admin/orders"}
    said = chief.post(f"/admin/orders/{PACKED}/step", point=str(old), **form).get_data(as_text=True)
    assert f"订单 {PACKED} 刚刚换到新馆取了" in said
    assert orders.by_number(store.db, PACKED).state is OrderState.PACKED
    chief.post(f"/admin/orders/{PACKED}/step", point=str(new), **form)
    assert orders.by_number(store.db, PACKED).state is OrderState.AT_COUNTER


def test_in_english_the_places_have_their_english_names(chief: Hand, store: Store) -> None:
    with store.writing() as db:
        db.run("UPDATE points SET name_en = 'Point ' || id")
    place = store.db.value("SELECT name FROM points WHERE id = 1")
    assert place in chief.read("/admin/orders")
    chief.post("/admin/language", language="en", back="/admin/orders")
    for path in ("/admin/orders", "/admin/parcels/pick", f"/admin/orders/{orders.board(store.db)[0].number}"):
        page = chief.read(path)
        assert "Point 1" in page and place not in page


def test_whoever_was_telephoned_gets_some_days_more_once(chief: Hand, store: Store) -> None:
    """D 29: the button stands while it can be kept longer; what was open on another desk says why not."""
    waiting = store.db.one("SELECT number, pickup_until FROM orders WHERE state IN ('at_counter', 'in_locker')")
    assert waiting
    path = f"/admin/orders/{waiting['number']}"
    assert "读者来不及：多留 2 天" in chief.read(path)
    assert "保留到" in chief.post(f"{path}/keep").get_data(as_text=True)
    after = store.db.value("SELECT pickup_until FROM orders WHERE number = :n", n=waiting["number"])
    assert after > waiting["pickup_until"] and "读者来不及" not in chief.read(path)
    assert "现在不能多留" in chief.post(f"{path}/keep").get_data(as_text=True)
    assert store.db.value("SELECT pickup_until FROM orders WHERE number = :n", n=waiting["number"]) == after
    assert "多留几天" in chief.read("/admin/colleagues")


@pytest.mark.parametrize("says", ["returned", "lost"])
def test_a_parcel_that_is_back_can_be_said_so_while_the_courier_says_it_is_on_its_way(
    chief: Hand, store: Store, now: datetime, says: str
) -> None:
    """The librarian holds it in their hands; the courier's last word was 在路上."""
    db, policy = store.db, small_desk.POLICY
    order = orders.by_number(db, PACKED)
    (parcel,) = parcels.of_order(db, order.id)
    orders.advance(db, order.id, "ship", "library", policy, now)
    tracking.hear(db, parcel.tracking, [Word("in_transit", now)], "courier", policy, now)
    page = chief.read(f"/admin/orders/{PACKED}")
    assert f"/admin/parcels/{parcel.id}/say" in page and f'value="{says}"' in page
    path = f"/admin/orders/{PACKED}"
    told = chief.post(f"/admin/parcels/{parcel.id}/say", state=says, before="in_transit", back=path)
    assert told.request.path == path, "back to the order it was said from"
    assert orders.by_number(db, PACKED).state is OrderState.CANCELLED
    assert f"/admin/parcels/{parcel.id}/say" not in chief.read(path), "nothing more can be said of it"


def test_what_is_free_counts_the_books_that_joined_as_the_report_does(
    chief: Hand, store: Store, now: datetime
) -> None:
    """¥3 of the first books and ¥1 of the fourth: the page named the ¥3 alone, and a fee of nothing."""
    free = replace(small_desk.POLICY.free_shipping, mode="first_come")
    policy, today = replace(small_desk.POLICY, free_shipping=free), library_day(now)
    with store.writing() as db:
        who = small_desk.reader(db, "周七", "13500000000", now)
        title, *more = catalogue_titles(db)
        for one in (title, *more[:2]):
            cart.add(db, who.id, one, policy, now)
        order = orders.place(db, who.id, Fulfilment.DELIVERY, None, "k", policy, now)
        cart.add(db, who.id, more[2], policy, now)
        additions.add(db, who.id, order.number, "more", policy, now)
    assert free_shipping.given(store.db, today)["spent_fen"] == 400
    assert "¥0 · 免费配送减 ¥4" in chief.read(f"/admin/orders/{order.number}")


@pytest.mark.parametrize("sent", [False, True])
def test_who_pays_is_what_the_report_of_costs_says(chief: Hand, store: Store, now: datetime, sent: bool) -> None:
    """Called off before it left nobody pays, where the page said ¥3; one that came back was carried all the same."""
    order, policy = orders.by_number(store.db, PACKED), small_desk.POLICY
    for step in ("ship", "bring_back") if sent else ("cancel",):
        orders.advance(store.db, order.id, step, "library", policy, now)
    fee = chief.read(f"/admin/orders/{PACKED}").partition("<dt>运费</dt>")[2].partition("</dd>")[0]
    today = library_day(now)
    assert costs.of_period(store.db, Period(today, today)).fen == (300 if sent else 0)
    assert ("¥3" in fee, "没人付" in fee) == (sent, not sent)


def test_an_order_shows_where_its_parcel_is(chief: Hand, store: Store, now: datetime) -> None:
    """Whoever answers the telephone sees what the reader sees: number, state and place."""
    db, policy = store.db, small_desk.POLICY
    order = orders.by_number(db, PACKED)
    (parcel,) = parcels.of_order(db, order.id)
    orders.advance(db, order.id, "ship", "library", policy, now)
    tracking.hear(db, parcel.tracking, [Word("at_pickup_point", now, "春风驿站")], "courier", policy, now)
    page = chief.read(f"/admin/orders/{PACKED}")
    assert parcel.tracking in page and "在代收点，还没到读者手里" in page and "春风驿站" in page
    assert "读者已签收" in page
    later = now + timedelta(hours=1)
    tracking.hear(db, parcel.tracking, [Word("refused", later)], "courier", policy, later)
    page = chief.read(f"/admin/orders/{PACKED}")
    assert "被拒收" in page and "读者已签收" not in page and "/admin/parcels" in page, "not signed for by one tap"
    assert 'value="sign"' not in chief.read("/admin/orders?state=shipped")


def test_an_order_whose_point_closes_for_good_is_given_another_one(
    chief: Hand, store: Store, app: Flask, now: datetime
) -> None:
    """It could only be cancelled."""
    assert "不再开了" not in chief.read(f"/admin/orders/{APPROVED}")
    west, today = orders.by_number(store.db, APPROVED).point_id, library_day(now)
    closings.declare(
        store.db, west, today, today + timedelta(days=4000), "楼要拆了", "小信", small_desk.POLICY, now
    )  # fmt: skip
    assert "取书点不开了，换一个…" in chief.read("/admin/orders")
    page = chief.read(f"/admin/orders/{APPROVED}")
    assert "城西馆不再开了，读者在那里取不到" in page and '<option value="2">城东馆</option>' in page
    assert '<option value="1">' not in page
    answer = chief.post(f"/admin/orders/{APPROVED}/point", point="2").get_data(as_text=True)
    assert f"订单 {APPROVED} 改在城东馆取。会告诉读者" in answer and "换取书点" in answer
    assert orders.by_number(store.db, APPROVED).point_id == 2
    again = chief.post(f"/admin/orders/{APPROVED}/point", point="3").get_data(as_text=True)
    assert "没有再动它" in again and orders.by_number(store.db, APPROVED).point_id == 2


def test_an_order_that_has_been_late_for_days_says_for_how_many(chief: Hand, store: Store) -> None:
    with store.writing() as db:
        db.run("UPDATE orders SET pack_by = '2026-11-14T04:00:00Z', promised_at = '2026-11-15T04:00:00Z' "
               "WHERE number = :n", n=PICKING)  # fmt: skip
    assert "晚了 6 天" in chief.read("/admin/orders")

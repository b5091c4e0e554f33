"""演示台: orders, lockers, returns and time, played by a visitor."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lending import clock as time_keeping
from lending import orders
from lending.database import Store
from lending.model import LIBRARY_ZONE, OrderState
from partners.console import morning_in
from tests.admin.conftest import Hand
from tests.partners.conftest import Ticks
from tests.small_desk import StoodStill

PICKING, PACKED, APPROVED, IN_LOCKER = "SX261119-0003", "SX261120-0004", "SX261120-0005", "SX261120-0006"


def test_the_page_shows_what_waits_for_somebody_who_is_not_there(visitor: Hand) -> None:
    page = visitor.read("/simulator")
    for shown in (PICKING, "馆员打包", "《边城》", "西溪北苑书柜", "B001", "超期 5 天", "11月20日"):
        assert shown in page
    assert "13800000000" not in page and "王芳" not in page


def test_one_step_and_all_the_way(visitor: Hand, store: Store, ticks: Ticks) -> None:
    visitor.post("/simulator/order", order=PICKING, state="picking", far="0")
    assert orders.by_number(store.db, PICKING).state is OrderState.PACKED
    visitor.post("/simulator/order", order=PICKING, state="packed", far="1")
    assert orders.by_number(store.db, PICKING).state is OrderState.IN_LOCKER, "the reader's own hands are left out"
    visitor.post("/simulator/order", order=PACKED, state="packed", far="1")
    assert orders.by_number(store.db, PACKED).state is OrderState.SHIPPED
    visitor.post("/simulator/order", order=PACKED, state="shipped", far="0")
    assert orders.by_number(store.db, PACKED).state is OrderState.DONE
    assert ticks.n == 4, "readers hear of it at once"


def test_a_stale_button_is_told_so(visitor: Hand, store: Store) -> None:
    page = visitor.post("/simulator/order", order=PICKING, state="approved", far="1").get_data(as_text=True)
    assert "已经是「备书中」了" in page
    assert "没有这个订单" in visitor.post("/simulator/order", order="SX0", state="x").get_data(as_text=True)


def test_the_lockers_door_opens_to_its_code_only(visitor: Hand, store: Store) -> None:
    code = orders.by_number(store.db, IN_LOCKER).pickup_code
    wrong = "0" * 6 if code != "0" * 6 else "1" * 6
    for given in (wrong, ""):
        assert "门没有开" in visitor.post("/simulator/locker", code=given).get_data(as_text=True)
    assert "门开了" in visitor.post("/simulator/locker", code=code).get_data(as_text=True)
    assert "已经取走了，门没有开" in visitor.post("/simulator/locker", code=code).get_data(as_text=True)
    assert store.db.value("SELECT COUNT(*) FROM loans WHERE order_id = 6") == 2


def test_a_book_is_returned_at_any_point_once(visitor: Hand, store: Store) -> None:
    """A9-6: any locker takes it."""
    page = visitor.post("/simulator/return", barcode="B001", point="xixi").get_data(as_text=True)
    assert "还到了西溪北苑书柜" in page
    assert store.db.value("SELECT point_id FROM copies WHERE barcode = 'B001'") == 3
    assert "已经还过了" in visitor.post("/simulator/return", barcode="B001", point="xixi").get_data(as_text=True)
    for barcode, point in (("B999", "xixi"), ("B003", "nowhere"), ("", "")):
        page = visitor.post("/simulator/return", barcode=barcode, point=point).get_data(as_text=True)
        assert "没有这本书或这个网点" in page


@pytest.mark.parametrize("days", [1, 3, 7, 37])
def test_time_moves_to_ten_in_the_morning_and_what_is_due_is_done(
    visitor: Hand, clock: StoodStill, ticks: Ticks, now: datetime, days: int
) -> None:
    visitor.post("/simulator/clock", days=str(days))
    local = clock.now().astimezone(LIBRARY_ZONE)
    assert (local.hour, local.minute) == (10, 0) and clock.now() - now == timedelta(days=days)
    assert ticks.n == 1


def test_a_clock_that_ticks_does_not_land_a_moment_before_ten(visitor: Hand, clock: StoodStill) -> None:
    clock.moment += timedelta(microseconds=345_678)
    assert "10:00" in visitor.post("/simulator/clock", days="1").get_data(as_text=True).split('class="told')[1][:60]


def test_a_morning_is_the_librarys_whatever_the_hour() -> None:
    for hour in (0, 9, 15, 23):
        moment = datetime(2026, 11, 20, hour, 30, tzinfo=LIBRARY_ZONE)
        assert morning_in(1, moment) == datetime(2026, 11, 21, 10, 0, tzinfo=LIBRARY_ZONE)


def test_time_returns_to_the_real_one(visitor: Hand, store: Store, clock: StoodStill, now: datetime) -> None:
    visitor.post("/simulator/clock", days="7")
    visitor.post("/simulator/clock", days="3")
    visitor.post("/simulator/clock", days="back")
    assert time_keeping.moved_by(store.db) == timedelta(0) and clock.now() == now


@pytest.mark.parametrize("days", ["", "-1", "2", "400000", "x", "٣٣"])
def test_time_moves_by_the_buttons_only(visitor: Hand, clock: StoodStill, now: datetime, days: str) -> None:
    assert "时钟没有动" in visitor.post("/simulator/clock", days=days).get_data(as_text=True)
    assert clock.now() == now


@pytest.mark.parametrize("path", ["clock", "order", "locker", "return", "bureau", "language"])
def test_another_sites_form_is_refused(visitor: Hand, ticks: Ticks, path: str) -> None:
    assert visitor.client.post(f"/simulator/{path}", data={"days": "3", "code": "1"}).status_code == 400
    assert ticks.n == 0


def test_the_page_speaks_the_visitors_language(visitor: Hand) -> None:
    def tag(**headers: str) -> str:
        return visitor.client.get("/simulator", headers=headers).get_data(as_text=True).split('lang="')[1].split('"')[0]

    assert [tag(**{"Accept-Language": asked}) for asked in ("en-GB", "zh-TW", "zh-CN", "fr", "fr, en;q=0.5")] == [
        "en", "zh-Hant", "zh-Hans", "zh-Hans", "en",
    ]  # fmt: skip
    visitor.post("/simulator/language", language="zh_Hant")
    assert tag(**{"Accept-Language": "en"}) == "zh-Hant"


def test_no_inline_script_or_style_and_nothing_from_elsewhere(visitor: Hand) -> None:
    answer = visitor.get("/simulator")
    assert "unsafe" not in answer.headers["Content-Security-Policy"] and answer.headers["X-Frame-Options"] == "DENY"
    page = answer.get_data(as_text=True)
    assert "style=" not in page and "<script" not in page and "http://" not in page and "https://" not in page

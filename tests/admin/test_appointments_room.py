"""约了来取 for librarians: a counter's own numbers, times by phone, who comes today and who stands there (D 30)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from admin import staff
from lending import appointments, orders, points
from lending.database import Store
from lending.model import LIBRARY_ZONE, Fulfilment, library_day, stamp
from lending.orders import Order
from tests import small_desk
from tests.admin.conftest import Hand

POLICY = small_desk.POLICY


@pytest.fixture
def takes(store: Store, app: object) -> None:
    """The first branch takes two orders every half an hour."""
    with store.writing() as db:
        points.set_slots(db, 1, 30, 2)


@pytest.fixture
def waiting(store: Store, takes: None, now: datetime) -> Order:
    """An order on its pick-up shelf."""
    with store.writing() as db:
        who = small_desk.reader(db, "周七", "13500000000", now)
        return small_desk.order(db, who, (10,), Fulfilment.COUNTER, now, "pick", "pack", "shelve")


def free(store: Store, order: Order, now: datetime) -> list[appointments.Slot]:
    return appointments.free(store.db, order, POLICY, now)


def test_a_counter_says_whether_how_long_and_how_many(chief: Hand, store: Store) -> None:
    page = chief.read("/admin/calendar?point=1")
    assert "取书约时间" in page and f'value="{POLICY.slots.length_minutes}"' in page
    form = {"point": "1", "takes": "1", "slot_minutes": "20", "slot_orders": "3"}
    assert "开好了" in chief.post("/admin/calendar/slots", **form).get_data(as_text=True)
    kept = points.point(store.db, 1)
    assert (kept.slot_minutes, kept.slot_orders, kept.takes_appointments) == (20, 3, True)
    assert 'value="20"' in chief.read("/admin/calendar?point=1")
    assert staff.logged(store.db, limit=1)[0]["action"] == "point_slots"
    del form["takes"]
    assert "不再收新的预约" in chief.post("/admin/calendar/slots", **form).get_data(as_text=True)
    assert not points.point(store.db, 1).takes_appointments


@pytest.mark.parametrize(
    "change",
    [{"slot_minutes": "4"}, {"slot_minutes": "241"}, {"slot_minutes": "x"}, {"slot_orders": "0"}, {"slot_orders": ""},
     {"slot_orders": "99999999"}, {"slot_minutes": "３０"}],
)  # fmt: skip
def test_numbers_that_make_no_sense_change_nothing_and_stay_on_the_page(
    chief: Hand, store: Store, change: dict[str, str]
) -> None:
    chief.read("/admin/calendar?point=1")
    form = {"point": "1", "takes": "1", "slot_minutes": "30", "slot_orders": "77", **change}
    answer = chief.post("/admin/calendar/slots", **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "什么都没改" in page and "checked" in page
    assert all(f'value="{form[name]}"' in page for name in ("slot_minutes", "slot_orders"))
    assert not points.point(store.db, 1).takes_appointments


@pytest.mark.parametrize("point", ["3", "99", "x", ""])
def test_a_locker_or_no_point_has_no_counter(chief: Hand, point: str) -> None:
    chief.read("/admin/calendar?point=1")
    form = {"point": point, "takes": "1", "slot_minutes": "30", "slot_orders": "2"}
    assert chief.post("/admin/calendar/slots", **form).status_code == 404
    assert "取书约时间" not in chief.read("/admin/calendar?point=3")


def test_a_time_is_booked_changed_and_given_back_by_phone(
    chief: Hand, store: Store, waiting: Order, now: datetime
) -> None:
    path, (first, second) = f"/admin/orders/{waiting.number}", (one.starts_at for one in free(store, waiting, now)[:2])
    assert "没有约，随时来" in chief.read(path)
    for at in (first, second):
        page = chief.post(f"{path}/appointment", starts=stamp(at)).get_data(as_text=True)
        assert f"订单 {waiting.number} 约在" in page
        kept = appointments.of_order(store.db, waiting.id)
        assert kept and kept.starts_at == at
    assert staff.logged(store.db, limit=1)[0]["action"] == "book_appointment"
    assert "退掉了" in chief.post(f"{path}/appointment", free="1").get_data(as_text=True)
    assert "什么都没改" in chief.post(f"{path}/appointment", free="1").get_data(as_text=True)
    assert appointments.of_order(store.db, waiting.id) is None


def test_whoever_changes_hours_or_closes_hears_which_times_fell(
    chief: Hand, store: Store, waiting: Order, now: datetime
) -> None:  # fmt: skip
    """The readers are told; so is the librarian at whose word it fell."""
    days, fell = ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "1 个约好的取书时间退掉了"
    path = f"/admin/orders/{waiting.number}/appointment"
    chief.read("/admin")
    chief.post("/admin/calendar/hours", point="1", **dict.fromkeys(days, "09:00-17:00"))
    chief.post(path, starts=stamp(free(store, waiting, now)[0].starts_at))
    said = chief.post("/admin/calendar/hours", point="1", **dict.fromkeys(days, "14:00-17:00"))
    assert fell in said.get_data(as_text=True)
    chief.post(path, starts=stamp(free(store, waiting, now)[0].starts_at))
    said = chief.post("/admin/calendar", point="1", first="2026-11-20", last="2026-11-20", reason="停电", hours="")
    assert fell in said.get_data(as_text=True)


@pytest.mark.parametrize("starts", ["", "x", "2026-11-21", "2099-01-01T02:00:00Z", "0001-01-01T00:00:00Z", "9" * 400])
def test_a_time_there_is_not_is_not_booked(chief: Hand, store: Store, waiting: Order, starts: str) -> None:
    chief.read(f"/admin/orders/{waiting.number}")
    page = chief.post(f"/admin/orders/{waiting.number}/appointment", starts=starts).get_data(as_text=True)
    assert "那个时间约不了" in page and appointments.of_order(store.db, waiting.id) is None
    assert chief.post("/admin/orders/SX0/appointment", starts=starts, free="1").status_code == 404


def test_a_full_time_is_not_offered_and_taken_meanwhile_it_is_said(
    chief: Hand, store: Store, waiting: Order, now: datetime
) -> None:
    at = free(store, waiting, now)[0].starts_at
    path = f"/admin/orders/{waiting.number}"
    assert stamp(at) in chief.read(path)
    for n, title in enumerate((1, 2)):
        with store.writing() as db:
            db.run("UPDATE copies SET state = 'available' WHERE title_id = :t", t=title)
            who = small_desk.reader(db, f"某{n}", f"1360000000{n}", now)
            other = small_desk.order(db, who, (title,), Fulfilment.COUNTER, now, "pick", "pack", "shelve")
            appointments.book(db, other.number, None, at, POLICY, now)
    assert stamp(at) not in chief.read(path)
    assert "刚刚约满了" in chief.post(f"{path}/appointment", starts=stamp(at)).get_data(as_text=True)


def test_who_stands_there_comes_first_then_the_times_of_the_day(
    chief: Hand, store: Store, waiting: Order, now: datetime
) -> None:
    day = free(store, waiting, now)[0].starts_at
    appointments.book(store.db, waiting.number, None, day, POLICY, now)
    today = library_day(day).isoformat()
    page = chief.read(f"/admin/appointments?day={today}")
    assert waiting.number in page and "周*" in page and "周七" not in page and "读者到了" not in page
    assert "这一天还没有人约" in chief.read(f"/admin/appointments?day={library_day(now) + timedelta(days=5)}")
    appointments.arrive(store.db, waiting.number, waiting.reader_id, now)
    page = chief.read("/admin/appointments")
    assert "在服务台等着" in page and "读者到了" in page and page.count(f">{waiting.number}<") == 1
    assert "读者到了" in chief.read("/admin/appointments/live")
    board = chief.read("/admin/orders?state=at_counter")
    assert "读者到了" in board
    chief.post(f"/admin/orders/{waiting.number}/step", step="collect", state="at_counter", back="/admin/appointments")
    assert waiting.number not in chief.read("/admin/appointments")


@pytest.mark.parametrize("days", [0, 1])
def test_who_came_on_another_day_is_not_said_to_be_awaited_today(
    chief: Hand, store: Store, waiting: Order, now: datetime, days: int
) -> None:
    """A time without its day is read as today's."""
    there = [one.starts_at for one in free(store, waiting, now)]
    at = next(one for one in there if library_day(one) == library_day(now) + timedelta(days=days))
    appointments.book(store.db, waiting.number, None, at, POLICY, now)
    appointments.arrive(store.db, waiting.number, waiting.reader_id, now)
    page = chief.read("/admin/appointments")
    local = at.astimezone(LIBRARY_ZONE)
    day = f"{local.month}月{local.day}日"
    assert (f"约 {day}" in page) is bool(days) and (f"约 {local:%H:%M}" in page) is not bool(days)


def test_whoever_is_here_stands_first_on_the_board(chief: Hand, store: Store, waiting: Order, now: datetime) -> None:
    with store.writing() as db:
        db.run("UPDATE copies SET state = 'available' WHERE title_id = 1")
        who = small_desk.reader(db, "早先", "13611111111", now)
        first = small_desk.order(db, who, (1,), Fulfilment.COUNTER, now - timedelta(hours=5), "pick", "pack", "shelve")
    assert orders.board(store.db, (first.state,))[0].number == first.number
    appointments.arrive(store.db, waiting.number, waiting.reader_id, now)
    board = chief.read("/admin/orders?state=at_counter")
    assert board.index(waiting.number) < board.index(first.number)


@pytest.mark.parametrize("day", ["x", "2026-99-99", "1999-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_today(chief: Hand, takes: None, day: str) -> None:
    assert "今天约了来取" in chief.read(f"/admin/appointments?day={day}")


def test_without_any_such_counter_the_page_says_where_to_begin(chief: Hand) -> None:
    page: Any = chief.read("/admin/appointments")
    assert "还没有服务台收取书的预约" in page

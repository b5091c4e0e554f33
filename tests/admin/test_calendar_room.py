"""The calendar room and the three lists of the ways back: what a librarian does there, readers feel."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from admin import staff, ways_back
from bot import escalations
from lending import calendar, claims, closings, floating, home_returns, loans
from lending.database import Store
from lending.model import library_day
from lending.points import PointEntry, points, store_points
from tests import small_desk
from tests.admin.conftest import Hand
from tests.small_desk import POLICY


def due_of(store: Store, reader: int) -> datetime:
    return loans.of_reader(store.db, reader)[0].due_at


def close(hand: Hand, first: object, last: object, **more: str) -> str:
    hand.read("/admin/calendar")
    form = {"point": "", "first": str(first), "last": str(last), "reason": "台风", "hours": "", **more}
    return hand.post("/admin/calendar", **form).get_data(as_text=True)


def test_an_emergency_closing_moves_dates_and_is_taken_back(chief: Hand, store: Store) -> None:
    before = due_of(store, 2)
    day = library_day(before)
    page = close(chief, day, day + timedelta(days=1), emergency="1")
    assert "1 个日期顺延了" in page and "台风" in page and "顺延了 1 个日期" in page
    assert library_day(due_of(store, 2)) == day + timedelta(days=2 + POLICY.calendar.grace_days)
    page = chief.post("/admin/calendar/1/back").get_data(as_text=True)
    assert "1 个日期改了回去" in page and due_of(store, 2) == before
    assert "什么都没改" in chief.post("/admin/calendar/1/back").get_data(as_text=True)
    logged = [line["action"] for line in staff.logged(store.db)]
    assert "special_days" in logged and "days_taken_back" in logged


def test_the_form_says_the_rules_days_after_an_emergency(store: Store, now: datetime) -> None:
    small_desk.settle(store, now)
    policy = replace(POLICY, calendar=replace(POLICY.calendar, grace_days=6))
    hand = Hand(small_desk.application(store, small_desk.StoodStill(store, now), policy))
    hand.sign_in()
    assert "重新开放后再多给 6 天" in hand.read("/admin/calendar")


def test_a_closing_in_another_year_names_it_once_a_day(chief: Hand, now: datetime) -> None:
    first = library_day(now).replace(year=library_day(now).year + 1, month=1, day=11)
    close(chief, first, first + timedelta(days=2))
    page = chief.read("/admin/calendar")
    assert f"{first.year}年1月11日" in page and f"{first.year} · " not in page
    assert "10月1日（周五） — 10月" in page and "2027年10月1日" not in page, "under the heading of its year"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"last": "2020-01-01"}, "结束的那天要在开始之后"),
        ({"first": "2020-01-01"}, "过去的日子不能再改"),
        ({"hours": "上午"}, "09:00-12:00"),
        ({"reason": " "}, "请写上日期和原因"),
        ({"first": "x"}, "请写上日期和原因"),
    ],
)
def test_a_wrong_form_changes_nothing_and_says_why(
    chief: Hand, store: Store, now: datetime, change: dict[str, str], said: str
) -> None:
    today = library_day(now)
    form = {"first": str(today), "last": str(today), **change}
    assert said in close(chief, **form)
    assert closings.declared(store.db, today - timedelta(days=9999)) == []


def test_a_branchs_hours_are_changed_for_the_days_to_come(chief: Hand, store: Store, now: datetime) -> None:
    assert "城西馆" in chief.read("/admin/calendar?point=1")
    week = dict.fromkeys(("tue", "wed", "thu", "fri", "sat", "sun"), "09:00-21:00")
    chief.post("/admin/calendar/hours", point="1", mon="", holiday="10:00-16:00", working="", **week)
    days = calendar.load(store.db, POLICY)
    monday = library_day(now) + timedelta(days=(7 - library_day(now).weekday()) % 7)
    assert not days.open_on(1, monday) and days.points[1].opens["holiday"] == "10:00-16:00"
    assert "working" not in days.points[1].opens
    page = chief.post("/admin/calendar/hours", point="1", mon="whenever").get_data(as_text=True)
    assert "什么都没改" in page and calendar.load(store.db, POLICY).points[1].opens["tue"] == "09:00-21:00"


def test_the_page_says_which_years_are_announced(chief: Hand) -> None:
    page = chief.read("/admin/calendar")
    assert "2026" in page and "2月16日" not in page.split("放假安排")[0] and "9月20日" in page
    assert "通知还没有收进来" in page


def test_a_book_said_to_be_back_is_found_or_not(chief: Hand, store: Store, now: datetime) -> None:
    for reader in (1, 2):
        loan = loans.of_reader(store.db, reader)[0]
        claims.claim(store.db, reader, loan.id, "放在 <门口>", POLICY, now)
    page = chief.read("/admin/ways-back")
    assert "放在 &lt;门口&gt;" in page and "李*" in page and "13800000000" not in page
    assert "找到了" in chief.post("/admin/ways-back/check/1", point="2").get_data(as_text=True)
    assert loans.of_reader(store.db, 1) == []
    assert "没找到" in chief.post("/admin/ways-back/check/2").get_data(as_text=True)
    assert loans.of_reader(store.db, 2)[0].stopped_at is None
    assert "什么都没改" in chief.post("/admin/ways-back/check/2", point="1").get_data(as_text=True)


def test_the_courier_fetches_and_the_scan_ends_it(chief: Hand, store: Store, now: datetime) -> None:
    loan = loans.of_reader(store.db, 2)[0]
    home_returns.ask(store.db, 2, [loan.id], "k", POLICY, now)
    page = chief.read("/admin/ways-back")
    address = home_returns.open_ones(store.db)[0].address
    assert "快递取走了" in page and address not in page
    assert address in chief.post("/admin/ways-back/address/1").get_data(as_text=True)
    assert staff.logged(store.db, limit=1)[0]["action"] == "see_address"  # and the reader can see it (B2-22)
    assert store.db.value("SELECT what FROM looks WHERE reader_id = 2") == "address"
    assert "不算超期" in chief.post("/admin/ways-back/fetch/1").get_data(as_text=True)
    assert "什么都没改" in chief.post("/admin/ways-back/fetch/1").get_data(as_text=True)
    chief.post("/admin/returns/point", point="1")
    chief.post("/admin/returns", barcode=loan.barcode)
    assert home_returns.open_ones(store.db) == []


def test_what_the_courier_lost_on_the_way_back_is_written_off_once(chief: Hand, store: Store, now: datetime) -> None:
    loan = loans.of_reader(store.db, 2)[0]
    home_returns.ask(store.db, 2, [loan.id], "k", POLICY, now)
    chief.read("/admin/ways-back")
    assert "什么都没改" in chief.post("/admin/ways-back/lost/1").get_data(as_text=True), "not fetched yet"
    assert "/admin/ways-back/lost/1" in chief.post("/admin/ways-back/fetch/1").get_data(as_text=True)
    assert "由馆里承担" in chief.post("/admin/ways-back/lost/1").get_data(as_text=True)
    assert loan.id not in [one.id for one in loans.of_reader(store.db, 2)]
    assert "什么都没改" in chief.post("/admin/ways-back/lost/1").get_data(as_text=True)


def test_books_that_drifted_are_suggested_to_be_carried(chief: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    chief.post("/admin/returns/point", point="2")
    for n in (2, 10):
        chief.post("/admin/returns", barcode=f"B{n:03d}")
    page = chief.read("/admin/ways-back")
    assert "建议调的书" in page and "B002" in page and "+2" in page and "最多列" not in page
    monkeypatch.setattr(ways_back, "MOVES", 1)
    assert "最多列 1 条" in chief.read("/admin/ways-back")


def test_strangers_see_none_of_it(stranger: Hand) -> None:
    for path in ("/admin/calendar", "/admin/ways-back"):
        assert "登录" in stranger.read(path)


def test_what_moves_nothing_says_so_and_what_is_declared_already_is_not_again(
    chief: Hand, store: Store, now: datetime
) -> None:
    far = library_day(now) + timedelta(days=400)
    page = close(chief, far, far)
    assert "已登记，没有要顺延的日期" in page and "0 个日期" not in page and f"{far.year}年{far.month}月" in page
    again = close(chief, far, far)
    assert "已经这样登记过了" in again and len(closings.declared(store.db, far)) == 1
    page = chief.post("/admin/calendar/1/back").get_data(as_text=True)
    assert "已撤回，没有要改回去的日期" in page and "0 个日期" not in page


def test_who_shuts_a_place_for_good_hears_how_many_books_are_to_be_carried_away(
    chief: Hand, store: Store, now: datetime
) -> None:
    far = library_day(now) + timedelta(days=1)
    page = close(chief, far, far + timedelta(days=4000), point="1")
    books = floating.standing_at(store.db, 1)
    assert books and f"那里架上还有 {books} 册书" in page


# ---- in which city a point is (A2-16) --------------------------------------------------------------------------------


def in_city(store: Store) -> dict[int, tuple[str, str]]:
    return {point.id: (point.city, point.city_en) for point in points(store.db)}


def test_a_point_s_city_is_set_where_its_hours_are_and_written_down(chief: Hand, store: Store) -> None:
    assert 'name="city"' in chief.read("/admin/calendar?point=1")
    said = chief.post("/admin/calendar/city", point="1", city=" 湖州市 ", city_en="Huzhou").get_data(as_text=True)
    assert "记好了：在湖州" in said and in_city(store)[1] == ("湖州", "Huzhou")
    log = chief.read("/admin/colleagues")
    assert "改网点的城市" in log and "湖州" in log and "Huzhou" in log


def test_a_city_known_already_brings_its_english_name_and_a_new_one_is_the_city_s(chief: Hand, store: Store) -> None:
    chief.post("/admin/calendar/city", point="1", city="湖州", city_en="Huzhou")
    chief.post("/admin/calendar/city", point="2", city="湖州", city_en="")
    assert in_city(store)[2] == ("湖州", "Huzhou")
    chief.post("/admin/calendar/city", point="2", city="湖州", city_en="Hu Zhou")
    assert in_city(store)[1] == in_city(store)[2] == ("湖州", "Hu Zhou")
    chief.post("/admin/calendar/city", point="2", city="", city_en="")
    assert in_city(store)[2] == ("", "") and in_city(store)[1] == ("湖州", "Hu Zhou")


@pytest.mark.parametrize(("city", "english"), [("宁" * 20, ""), ("宁波:1", ""), ("宁波", "Ning<bo"), ("", "Ningbo")])
def test_what_is_no_city_is_refused_and_stays_written(chief: Hand, store: Store, city: str, english: str) -> None:
    answer = chief.send("/admin/calendar/city", point="1", city=city, city_en=english)
    assert answer.status_code == 422 and "什么都没改" in answer.get_data(as_text=True)
    assert in_city(store)[1] == ("", "")


def test_a_locker_is_found_too_and_an_unknown_point_is_not(chief: Hand, store: Store) -> None:
    (locker, *_others) = points(store.db, "locker")
    assert f"/admin/calendar?point={locker.id}" in chief.read("/admin/calendar")
    chief.post("/admin/calendar/city", point=str(locker.id), city="湖州", city_en="Huzhou")
    assert in_city(store)[locker.id] == ("湖州", "Huzhou")
    assert chief.send("/admin/calendar/city", point="999", city="湖州", city_en="").status_code == 404


def test_an_import_leaves_the_city_that_was_set_here(chief: Hand, store: Store) -> None:
    with store.writing() as db:
        store_points(db, [PointEntry("west", "branch", "城西馆", city="嘉兴", city_en="Jiaxing")])
    west = next(point for point in points(store.db) if point.code == "west")
    chief.post("/admin/calendar/city", point=str(west.id), city="湖州", city_en="Huzhou")
    with store.writing() as db:
        found = store_points(db, [PointEntry("west", "branch", "城西馆", city="嘉兴", city_en="Jiaxing")])
    assert {one.field for one in found if one.kept} == {"city", "city_en"} and in_city(store)[west.id][0] == "湖州"


def test_a_closing_of_the_library_moves_what_a_person_was_promised_and_back(
    chief: Hand, store: Store, now: datetime
) -> None:
    """D-1: requests, at once and in the words of the closing; the page counts what it gave back."""
    asked = escalations.waiting(store.db)[-1]
    day = library_day(asked.promised_at)
    page = close(chief, day, day)
    assert "个日期顺延了" in page and "没有要顺延的日期" not in page and "顺延了 " in page
    moved = escalations.get(store.db, asked.number)
    assert library_day(moved.promised_at) > day
    facts = store.db.value("SELECT facts FROM notices WHERE event = 'date_moved' AND object LIKE :o",
                           o=f"escalation:{asked.number}@%")  # fmt: skip
    assert facts is not None
    assert "改了回去" in chief.post("/admin/calendar/1/back").get_data(as_text=True)
    assert escalations.get(store.db, asked.number).promised_at == asked.promised_at


def test_a_place_is_called_as_the_librarian_reads(chief: Hand, store: Store) -> None:
    """As its readers are told it, see `Words.called`."""
    with store.writing() as db:
        db.run("UPDATE points SET name = '园区总馆', name_en = 'Garden House' WHERE id = 1")
    for language, name in (("zh_Hans", "园区总馆"), ("zh_Hant", "園區總館"), ("en", "Garden House")):
        chief.post("/admin/language", language=language)
        assert name in chief.read("/admin/calendar") and name in chief.read("/admin/returns"), language


def test_other_hours_over_a_day_that_was_closed_are_not_said_to_move_answers(chief: Hand, store: Store) -> None:
    """People work in them: what stands later does so for the closing."""
    day = library_day(escalations.waiting(store.db)[-1].promised_at)
    close(chief, day, day)
    assert "没有要顺延的日期" in close(chief, day, day, hours="10:00-12:00")


def test_a_point_closed_for_good_says_what_is_still_to_be_fetched(chief: Hand, store: Store, now: datetime) -> None:
    """The locker has orders under way and ready; no date can move, so a person must settle them."""
    first = library_day(now) + timedelta(days=1)
    page = close(chief, first, first + timedelta(days=1000), point="3")
    assert "算不再开了" in page and "还有 2 件要在那里取" in page
    page = close(chief, first, first + timedelta(days=30), point="2")
    assert "不再开了" not in page and "要在那里取" not in page

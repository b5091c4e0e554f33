"""活动: planning, changing, cancelling with a reason, who comes, ticking who came, and the poster (F-8, A10-15)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from admin import events as room
from lending import attendance, clock, closings, events, sign_ups
from lending.database import Store
from lending.events import Event
from lending.model import library_day
from tests import small_desk
from tests.admin.conftest import Hand

POLICY = small_desk.POLICY
FORM: dict[str, Any] = {
    "name": "周六故事会", "about": "《好饿的毛毛虫》", "point": "1", "place": "一楼", "day": "2026-11-28",
    "starts": "15:00", "ends": "16:30", "seats": "2",
}  # fmt: skip


def text(hand: Hand, path: str, **form: str) -> str:
    return hand.post(path, **form).get_data(as_text=True)


@pytest.fixture
def planned(chief: Hand, app: Flask, store: Store) -> Event:
    chief.read("/admin/events")
    assert "「周六故事会」排好了" in text(chief, "/admin/events", **FORM)
    (one,) = events.coming(store.db, datetime.fromisoformat("2026-11-20T02:00:00Z"))
    return one


def come(store: Store, one: Event, now: datetime, *readers: int) -> None:
    for reader in readers:
        sign_ups.sign_up(store.db, reader, one.id, 1, POLICY, now)


def until(store: Store, one: Event, now: datetime, **parts: float) -> None:
    """The desk's clock stands so long after the beginning."""
    clock.move(store.db, one.starts_at + timedelta(**parts) - now)


def test_an_event_is_planned_in_the_librarys_time(planned: Event, chief: Hand) -> None:
    assert (planned.starts_at.isoformat(), planned.ends_at.isoformat()) == (
        "2026-11-28T07:00:00+00:00", "2026-11-28T08:30:00+00:00",
    )  # fmt: skip
    assert planned.sign_up_until == planned.starts_at and planned.seats == 2
    shown = chief.read("/admin/events")
    assert "周六故事会" in shown and "报了 0 / 2" in shown and "城西馆 · 一楼" in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"day": ""}, "请写上哪一天"), ({"ends": "14:00"}, "结束的时间要在开始之后"),
        ({"day": "2026-11-01"}, "已经过去了"), ({"point": "", "place": " "}, "请选一个馆"),
        ({"seats": "many"}, "请写上哪一天"), ({"seats": "0"}, "位子不能少于 1"), ({"name": "  "}, "起个名字"),
        ({"until": "2026-11-29T10:00"}, "报名最晚到开始"), ({"until": "gestern"}, "请写上哪一天"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_stays_in_the_form(
    chief: Hand, store: Store, wrong: dict[str, str], said: str
) -> None:
    chief.read("/admin/events")
    answer = chief.send("/admin/events", **(FORM | {"name": "画展"} | wrong))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page and f'value="{wrong.get("place", "一楼")}"' in page
    assert store.db.value("SELECT COUNT(*) FROM events") == 0


def test_a_closed_day_comes_with_ways_out(chief: Hand, store: Store, now: datetime) -> None:
    """B2-9."""
    day = library_day(now + timedelta(days=8))
    closings.declare(store.db, 1, day, day, "盘点", "小信", POLICY, now)
    chief.read("/admin/events")
    page = chief.send("/admin/events", **FORM).get_data(as_text=True)
    assert "11月28日（周六）那里闭馆" in page and "最近开门的是11月29日" in page
    assert "排好了" in text(chief, "/admin/events", **(FORM | {"point": "2"}))


def test_a_day_closed_since_is_shown(planned: Event, chief: Hand, store: Store, now: datetime) -> None:
    day = library_day(planned.starts_at)
    closings.declare(store.db, None, day, day, "台风", "小信", POLICY, now)
    for path in ("/admin/events", f"/admin/events/{planned.id}"):
        assert "那天这个馆登记了闭馆" in chief.read(path)


def test_closing_its_branch_says_so_at_once_and_in_the_front_room(planned: Event, chief: Hand) -> None:
    """Who declares the days hears it, and whoever comes next: nobody else would move it."""
    assert "排在闭馆" not in chief.read("/admin")
    form = {"point": "1", "last": "2026-11-29", "reason": "电路检修", "hours": ""}
    said = text(chief, "/admin/calendar", first="2026-11-27", **form)
    assert "有 1 个活动排在闭馆的日子" in said and "排在闭馆日子的活动" in chief.read("/admin")
    chief.post(f"/admin/events/{planned.id}", **FORM | {"day": "2026-12-05"})
    assert "排在闭馆" not in chief.read("/admin")
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sun"), "09:00-17:00")
    assert "有 1 个活动排在闭馆的日子" in text(chief, "/admin/calendar/hours", point="1", **week)


def test_changing_tells_who_comes(planned: Event, chief: Hand, store: Store, now: datetime) -> None:
    path = f"/admin/events/{planned.id}"
    chief.read(path)
    assert "改好了。</p>" in text(chief, path, **(FORM | {"about": "带水杯"}))  # nobody is told of that
    come(store, planned, now, 1)
    assert "改好了。报了名和排队的读者会收到消息。" in text(chief, path, **(FORM | {"day": "2026-11-29", "last": ""}))
    assert events.event(store.db, planned.id).starts_at.day == 29
    answer = chief.send(path, **(FORM | {"seats": "0"}))
    assert answer.status_code == 422 and "位子不能少于 1 个" in answer.get_data(as_text=True)


def test_cancelling_needs_a_reason(planned: Event, chief: Hand, store: Store, now: datetime) -> None:
    come(store, planned, now, 1)
    path = f"/admin/events/{planned.id}"
    chief.read(path)
    assert "请写一句原因" in text(chief, f"{path}/cancel", reason=" ")
    assert "谁都不扣分" in text(chief, f"{path}/cancel", reason="老师病了")
    for again in (f"{path}/cancel", path):
        assert "没有再改" in text(chief, again, **(FORM | {"reason": "又病了"}))
    assert "取消了：老师病了" in chief.read("/admin/events") and "老师病了" in chief.read(path)


def test_who_comes_is_listed_masked_and_ticked(planned: Event, chief: Hand, store: Store, now: datetime) -> None:
    """B2-22; only within the window."""
    come(store, planned, now, 1, 2, 3)
    path = f"/admin/events/{planned.id}"
    shown = chief.read(path)
    assert "李*" in shown and "李明" not in shown and "第 1" in shown and "13800000000" not in shown
    assert 'value="came"' not in shown
    assert "<h2>谁来 <b>2</b></h2>" in shown and "<h2>在排队 <b>1</b></h2>" in shown, "two seats, three readers"
    assert shown.index("R000002") < shown.index("<h2>在排队") < shown.index("R000003")
    assert "还没到时候：11月28日（周六） 14:30" in text(chief, f"{path}/came", reader="R000001", what="came")
    until(store, planned, now, minutes=5)
    assert "R000001：来了。" in text(chief, f"{path}/came", reader="R000001", what="came")
    assert "没有空位子" in text(chief, f"{path}/came", reader="R000003", what="came")
    assert "R000002：没有来。" in text(chief, f"{path}/came", reader="R000002", what="absent")
    assert "请再看一眼" in text(chief, f"{path}/came", reader="R000002", what="absent")
    assert "R000003：迟到。" in text(chief, f"{path}/came", reader="R000003", what="late")
    shown = chief.read(path)
    assert "<h2>谁来 <b>2</b></h2>" in shown and "<h2>在排队" not in shown, "one came, one late, one is missing"
    assert chief.send(f"{path}/came", reader="R000003", what="fled").status_code == 404
    assert "「周六故事会」" in chief.read("/admin/readers/R000001"), "the ledger names what the points are for"
    until(store, planned, now, days=2)
    attendance.settle(store.db, planned.id, POLICY, planned.starts_at + timedelta(days=2))
    assert "已经算完了" in text(chief, f"{path}/came", reader="R000002", what="came")
    assert '<td class="n" data-name="来了">2</td>' in chief.read("/admin/events")


def test_the_poster_holds_the_code_and_the_list_does_not(planned: Event, chief: Hand) -> None:
    """The picture is drawn to whatever size the sheet has: cut off, nobody can scan it."""
    assert f"QD-{planned.door}" in (sheet := chief.read(f"/admin/events/{planned.id}/poster")) and "viewBox" in sheet
    assert "周六故事会" in sheet and "开始前 30 分钟起签到" in sheet
    assert planned.door not in chief.read("/admin/events")


def test_every_deed_is_in_the_log(planned: Event, chief: Hand, store: Store, now: datetime) -> None:
    come(store, planned, now, 1)
    path = f"/admin/events/{planned.id}"
    chief.read(path)
    chief.post(path, **FORM)
    until(store, planned, now, minutes=1)
    chief.post(f"{path}/came", reader="R000001", what="late")
    chief.post(f"{path}/cancel", reason="停电")
    deeds = store.db.all("SELECT action FROM staff_log WHERE object = :o ORDER BY id", o=f"event:{planned.id}")
    assert [row["action"] for row in deeds] == ["make_event", "change_event", "tick_event", "cancel_event"]
    shown = chief.read("/admin/colleagues")
    assert "办一个活动" in shown and f'href="{path}"' in shown and "迟到" in shown


def test_the_front_room_names_todays_events(planned: Event, chief: Hand, store: Store, now: datetime) -> None:
    assert "今天的活动" not in chief.read("/admin")
    until(store, planned, now, hours=-2)
    assert "今天的活动" in chief.read("/admin")


def test_every_refusal_and_state_has_words(chief: Hand) -> None:
    assert set(room.COMING) == {"signed_up", "waiting", "came", "late", "absent"}
    assert set(room.REFUSED) == {"early", "over", "cancelled", "waiting", "unknown"}
    assert set(room.STATES) == {"planned", *(after for _before, after in events.STEPS.values())}


def test_it_is_behind_the_door_and_there_is_no_event_that_is_not(stranger: Hand, chief: Hand) -> None:
    assert stranger.client.get("/admin/events").status_code == 302
    assert chief.get("/admin/events/999").status_code == 404
    assert chief.get("/admin/events/999/poster").status_code == 404


def test_what_was_typed_cannot_write_into_the_page(chief: Hand) -> None:
    chief.read("/admin/events")
    chief.post("/admin/events", **(FORM | {"name": "<script>x</script>", "about": "<b>y</b>", "place": "<i>z</i>"}))
    for path in ("/admin/events", "/admin/events/1", "/admin/events/1/poster"):
        page = chief.read(path)
        assert "<script>x" not in page and "<b>y" not in page and "<i>z" not in page


FAR = [{"day": "9999-12-31"}, {"day": "0001-01-01"}, {"last": "9999-12-31"}, {"last": "0001-01-01"},
       {"until": "0001-01-01T00:00"}, {"until": "9999-12-31T23:59"}]  # fmt: skip


@pytest.mark.parametrize("field", FAR)
def test_a_year_that_cannot_be_meant_is_refused_and_nothing_is_kept(chief: Hand, field: dict[str, str]) -> None:
    chief.read("/admin/events")
    assert chief.post("/admin/events", **(FORM | field)).status_code == 422
    assert "没有排好的活动" in chief.read("/admin/events")

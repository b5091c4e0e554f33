"""A form that is refused comes back with what was typed into it, and is never an error; nothing has been done."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import escalations
from lending import catalogue, events
from lending.database import Store
from lending.events import Plan
from lending.points import PointEntry, store_points
from lending.stops import Stop
from tests.admin.conftest import Hand
from tests.small_desk import POLICY

TALK = "RG261119-1"
READER = "/admin/readers/R000001"
SHOP_LIST = "新书一;某人;新社;2026;9787020000005;45\n新书二;某人;新社;2026;9787020000006;45"


@pytest.mark.parametrize(("path", "form", "said"), [
    ("/admin/calendar", {"first": "2026-12-01", "last": "2026-12-02", "hours": "10-16", "reason": "电梯检修",
                         "point": "1", "emergency": "1"}, "09:00-12:00,14:00-21:00 这样"),
    ("/admin/calendar", {"first": "2026-12-05", "last": "2026-12-02", "reason": "电梯检修"}, "结束的那天要在开始之后"),
    ("/admin/calendar/hours", {"point": "1", "mon": "9-17", "tue": "10:00-16:00"}, "09:00-12:00,14:00-21:00 这样"),
    ("/admin/purchases/list", {"shop": "晓风书屋", "list": SHOP_LIST}, "没有一行看懂了"),
    ("/admin/purchases/list", {"shop": "  ", "list": SHOP_LIST.replace(";", ",")}, "请写书店的名字"),
    (f"{READER}/conduct", {"event": "volunteer", "what": "整理书架", "day": "2020-01-01", "amount": "3"}, "最近 31 天"),
    ("/admin/free/special", {"number": "R999999", "on": "1"}, "没有找到「R999999」"),
    ("/admin/colleagues", {"name": "王 1", "shown_as": "小刘", "role": "chief"}, "小写字母或数字"),
    ("/admin/colleagues", {"name": "liu", "shown_as": "小王", "role": "chief"}, "已经有人用了"),
    (f"{READER}/child", {"name": "小明", "born": "1990-01", "seen": "户口本"}, "请填孩子的称呼和出生年月"),
])  # fmt: skip
def test_what_was_typed_is_still_there(chief: Hand, store: Store, path: str, form: dict[str, Any], said: str) -> None:
    chief.read("/admin")
    before = store.db.value("SELECT COUNT(*) FROM staff_log")
    answer = chief.send(path, **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page
    for name in form.keys() - {"point", "list", "emergency", "event", "role"}:
        assert f'value="{form[name]}"' in page
    chosen = sum(name in form for name in ("event", "role")) + (form.get("point") == "1" and "first" in form)
    assert form.get("list", "") in page and page.count(" selected") == chosen
    assert store.db.value("SELECT COUNT(*) FROM staff_log") == before


def test_a_child_whose_guardian_may_not_be_one_is_not_left_without(chief: Hand, store: Store) -> None:
    """D-12: together, or neither."""
    form = {"born": "2018-05", "guardian": "R000001", "seen": "户口本"}
    chief.read("/admin")
    chief.post("/admin/readers/R000003/guardian", **form)
    before = store.db.value("SELECT COUNT(*) FROM readers")
    answer = chief.send("/admin/readers/R000003/child", name="小明", born="2018-05", seen="户口本")
    assert answer.status_code == 422 and "监护人要成年" in answer.get_data(as_text=True)
    assert store.db.value("SELECT COUNT(*) FROM readers") == before


def test_a_record_a_colleague_saved_first_shows_both(chief: Hand, store: Store) -> None:
    chief.read("/admin/records/1")
    title = catalogue.title(store.db, 1)
    chief.post("/admin/records/1", revision=str(title.revision), publisher="同事的社")
    answer = chief.send("/admin/records/1", revision=str(title.revision), publisher="我的社", title=title.title)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and 'value="我的社"' in page and "现在存着：同事的社" in page
    assert page.count("现在存着：") == 1, "only where the two differ"
    assert catalogue.title(store.db, 1).publisher == "同事的社"


def test_a_talk_is_not_ended_over_a_reply_that_was_not_sent(chief: Hand, store: Store) -> None:
    chief.post(f"/admin/escalations/{TALK}/claim")
    page = chief.read(f"/admin/escalations/{TALK}")
    assert f'formaction="/admin/escalations/{TALK}/close"' in page
    answer = chief.send(f"/admin/escalations/{TALK}/close", held_by="小信", text="可以，续到后天。")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "还没有发出" in page and "可以，续到后天。</textarea>" in page
    assert escalations.get(store.db, TALK).state == "claimed"


HUGE = "9" * 23


@pytest.mark.parametrize("path", [
    f"/admin/ways-back/check/{HUGE}", f"/admin/ways-back/address/{HUGE}", f"/admin/ways-back/fetch/{HUGE}",
    f"/admin/calendar/{HUGE}/back", f"{READER}/mandates/{HUGE}/end",
])  # fmt: skip
def test_a_number_larger_than_any_is_no_page_of_ours(chief: Hand, path: str) -> None:
    chief.read("/admin")
    assert chief.send(path).status_code == 404


@pytest.mark.parametrize("point", ["abc", HUGE, "-1", ""])
def test_a_point_there_is_not_has_no_hours(chief: Hand, point: str) -> None:
    chief.read("/admin")
    assert chief.send("/admin/calendar/hours", point=point, mon="10:00-16:00").status_code == 404


@pytest.mark.parametrize("point", ["abc", HUGE, "9" * 5000, "-1"])
def test_no_order_goes_to_a_point_there_is_not(chief: Hand, point: str) -> None:
    chief.read("/admin")
    assert chief.send("/admin/orders/SX261120-0005/point", point=point).status_code == 404


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "today", ""])
def test_a_day_too_far_to_be_reckoned_is_today(chief: Hand, day: str) -> None:
    assert chief.get(f"/admin/rounds?day={day}").status_code == 200
    assert chief.post("/admin/rounds/addresses", day=day).status_code == 200
    assert chief.post("/admin/rounds/out", day=day, round="x").status_code in (200, 404)


def fingerprint(page: str, action: str) -> str:
    """What a form says of the page it stands on."""
    return re.findall('name="seen" value="([^"]+)"', page.partition(f'action="{action}"')[2].partition("</form>")[0])[0]


def test_an_event_a_colleague_has_moved_is_not_moved_back(
    chief: Hand, colleague: Hand, store: Store, now: datetime
) -> None:
    """Everybody who comes would hear of the wrong day; saved once more, it is meant so."""
    starts = now + timedelta(days=10)
    plan = Plan(
        name="故事会", about="", point_id=1, place="", starts_at=starts, ends_at=starts + timedelta(hours=1),
        sign_up_until=starts, seats=9,
    )  # fmt: skip
    event = events.make(store.db, plan, POLICY, now).id
    path, form = f"/admin/events/{event}", {"name": "故事会", "point": "1", "starts": "10:00", "ends": "11:00"}
    seen = fingerprint(chief.read(path), path)
    theirs = {**form, "day": "2026-12-06", "seats": "9", "seen": fingerprint(colleague.read(path), path)}
    assert "改好了" in colleague.post(path, **theirs).get_data(as_text=True)
    mine: dict[str, Any] = {**form, "day": "2026-11-30", "seats": "12"}
    answer = chief.send(path, **(mine | {"seen": seen}))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "有同事改过" in page and 'value="12"' in page and "12月6日" in page
    assert events.event(store.db, event).seats == 9
    assert "改好了" in chief.post(path, **mine, seen=fingerprint(page, path)).get_data(as_text=True)
    assert events.event(store.db, event).seats == 12


def test_hours_and_stops_a_colleague_has_changed_are_not_lost(
    chief: Hand, colleague: Hand, store: Store, now: datetime
) -> None:
    with store.writing() as db:
        store_points(db, [
            PointEntry("bus", "branch", "大篷车", branch_type="bus", stops=[Stop("mon", "09:00-10:00", "庙会")]),
        ])  # fmt: skip
    bus = store.db.value("SELECT id FROM points WHERE code = 'bus'")
    stop = {"day0": "tue", "from0": "14:00", "to0": "15:00", "place0": "小学", "place_en0": ""}
    for action, point, theirs, mine, kept in (
        ("hours", 1, {"mon": "09:00-17:00"}, {"fri": "10:00-12:00"}, "周一 09:00-17:00"),
        ("stops", bus, stop, {**stop, "place0": "菜场"}, "周二 14:00-15:00 小学"),
    ):
        path = f"/admin/calendar/{action}"
        seen = fingerprint(chief.read(f"/admin/calendar?point={point}"), path)
        assert "已改好" in colleague_saves(colleague, path, point, theirs)
        sent: dict[str, Any] = {**mine, "point": str(point), "seen": seen}
        answer = chief.send(path, **sent)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 409 and f"现在存着：{kept}" in page
        again = {**mine, "point": str(point), "seen": fingerprint(page, path)}
        assert "已改好" in chief.post(path, **again).get_data(as_text=True), "meant so"


def colleague_saves(hand: Hand, path: str, point: int, form: dict[str, str]) -> str:
    """From a page just opened."""
    seen = fingerprint(hand.read(f"/admin/calendar?point={point}"), path)
    return hand.post(path, point=str(point), seen=seen, **form).get_data(as_text=True)

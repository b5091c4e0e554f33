"""A form that is refused comes back with what was typed into it, and is never an error; nothing has been done."""

from __future__ import annotations

from typing import Any

import pytest

from bot import escalations
from lending import catalogue
from lending.database import Store
from tests.admin.conftest import Hand

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

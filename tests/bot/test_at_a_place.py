"""Whoever scans the code of a place borrows there first, at a counter as at a locker, and opens credit on the way (A2-13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.service import Service
from lending import catalogue, closings
from lending.model import library_day
from tests.talking import Person


@pytest.mark.parametrize("point", [3, 12])
def test_the_place_whose_code_was_scanned_stands_first(me: Person, service: Service, point: int) -> None:
    name = catalogue.point(service.store.db, point).name
    me.trusted()
    me.send(me.event(start=f"p{point}"))
    assert f"您在{name}" in me.listen()
    me.say("借《围城》")
    assert me.heard[-1].buttons[0][0].label.startswith(name) and "¥0" in me.heard[-1].buttons[0][0].label
    assert name in me.press(me.heard[-1].buttons[0][0].action)
    assert "订单 SX" in me.tap("确认下单")


def test_a_newcomer_at_a_counter_opens_credit_in_the_same_flow(me: Person, service: Service) -> None:
    me.send(me.event(start="p3"))
    me.listen()
    me.say("借《围城》")
    me.tap("望川区分馆自取")
    assert "望川区分馆" in me.tap("不查信用")
    assert "订单 SX" in me.tap("确认下单")


def test_whoever_likes_no_place_sees_no_counter_before_the_lockers(me: Person) -> None:
    me.trusted().say("借《围城》")
    assert "智能借书柜" in me.heard[-1].buttons[0][0].label


def test_a_locker_closed_for_weeks_says_its_day_and_stands_behind_the_others(me: Person, service: Service) -> None:
    """B2-9: the day over the buttons is that of the open ones; where all are closed, it is the day they open."""
    me.trusted()
    db, now = service.store.db, service.clock.now()
    today = library_day(now)
    lockers = [point.id for point in catalogue.points(db, "locker")]
    for one in lockers[:2]:
        closings.declare(db, one, today, today + timedelta(days=20), "装修", "馆员", service.policy, now)
    assert "书柜 11月21日（周六）" in me.say("借《围城》")
    labels = [row[0].label for row in me.heard[-1].buttons if row[0].action.startswith("w:locker:")]
    assert [("12月" in label) for label in labels] == [False, False, False, True]
    for one in lockers[2:]:
        closings.declare(db, one, today, today + timedelta(days=20), "装修", "馆员", service.policy, now)
    said = me.say("下单")
    assert "11月21日" not in said and "书柜 12月" in said


@pytest.mark.parametrize("words", ["南門智慧借書櫃", "中心館南門智慧借書櫃", "中心馆南门智能借书柜"])
def test_a_place_typed_as_it_is_called_is_that_place_in_either_script(me: Person, words: str) -> None:
    said = me.trusted().say(words)
    assert "中心馆南门智能借书柜 ·" in said and "云栖站" not in said and "《" not in said
    me.say("借《围城》")
    assert "取书：中心馆南门智能借书柜" in me.say(words)


@pytest.mark.parametrize(("said", "branches"), [("最近的柜子在哪", 0), ("附近的书柜", 0), ("where are the lockers", 0), ("附近网点", 9)])
def test_who_asks_for_lockers_is_told_of_lockers(me: Person, service: Service, said: str, branches: int) -> None:
    """F-15."""
    told, every = me.say(said), catalogue.points(service.store.db)
    assert sum(point.name in told for point in every if point.kind == "branch") == branches
    assert all(point.name in told for point in every if point.kind == "locker")

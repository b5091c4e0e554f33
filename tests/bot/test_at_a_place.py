"""Whoever scans the code of a place borrows there first, at a counter as at a locker, and opens credit on the way (A2-13)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending import catalogue
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

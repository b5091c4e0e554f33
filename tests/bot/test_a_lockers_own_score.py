"""A locker may ask for a score of its own (A9-2): said before, asked with consent, and never the only way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.service import Service
from lending import catalogue, decisions, lockers, orders
from lending.errors import NotAllowed
from lending.model import Fulfilment, OrderState
from lending.policy import load_policy
from lending.rules import PointThreshold
from tests.talking import Person, open_sample


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Service:
    """600 at the first locker, as in 杨浦; 550 elsewhere."""
    made = open_sample(prepared, tmp_path / "data")
    code = str(lockers.with_room(made.store.db, 1)[0]["code"])
    policy = load_policy()
    own = PointThreshold(code, date(2017, 9, 2), 600)
    return replace(made, policy=replace(policy, gate=replace(policy.gate, points=(own,))))


@pytest.fixture
def me(service: Service) -> Person:
    """Somebody whose 550 was reached, with a book in hand."""
    person = Person(service).trusted()
    person.say("围城")
    person.say("借第1本")
    return person


def first_locker(service: Service) -> int:
    return int(str(lockers.with_room(service.store.db, 1)[0]["id"]))


def test_it_is_asked_with_consent_and_then_the_order_goes_through(service: Service, me: Person) -> None:
    asked = me.press(f"w:locker:{first_locker(service)}")
    assert "600" in asked and "送到家" in asked
    assert "600" in me.tap("开通信用借阅")
    assert "600" in me.tap("同意")
    me.tap("模拟：达到")
    assert "费用：¥0" in me.press(f"w:locker:{first_locker(service)}")
    assert "格口" in me.tap("确认下单")


def test_it_is_said_where_the_lockers_are_chosen_from(service: Service, me: Person) -> None:
    """A7-2: before it is chosen, not after; and no more once it was reached."""
    told = me.say("下单")
    name = catalogue.point(service.store.db, first_locker(service)).name
    assert f"在{name}取，要请芝麻信用多答一句：是否达到 600 分" in told
    me.press(f"w:locker:{first_locker(service)}")
    me.tap("开通信用借阅")
    me.tap("同意")
    me.tap("模拟：达到")
    assert "600" not in me.say("下单")


def test_whoever_does_not_reach_it_keeps_every_other_way(service: Service, me: Person) -> None:
    me.press(f"w:locker:{first_locker(service)}")
    me.tap("开通信用借阅")
    me.tap("同意")
    me.tap("模拟：未达到")
    assert "600" in me.press(f"w:locker:{first_locker(service)}")
    other = lockers.with_room(service.store.db, 1)[1]["id"]
    assert "费用：¥0" in me.press(f"w:locker:{other}")
    branch = catalogue.points(service.store.db, "branch")[0].id
    assert "费用：¥0" in me.press(f"w:counter:{branch}")


def test_the_rule_stands_in_the_library_too(service: Service, me: Person) -> None:
    """Whatever a channel may ask for."""
    now, locker = service.clock.now(), first_locker(service)
    with pytest.raises(NotAllowed) as refused:
        orders.place(service.store.db, me.reader_id, Fulfilment.LOCKER, locker, "k", service.policy, now)
    (why,) = refused.value.decision.reasons
    assert (why.code, why.numbers) == ("point_score", {"score": 600})
    facts = decisions.facts(service.store.db, me.reader_id, now)
    free = decisions.at_point(service.store.db, decisions.may_borrow(facts, 1, load_policy()), me.reader_id, locker,
                              load_policy(), now)  # fmt: skip
    assert free.allowed, "where no point asks for more, nothing is asked"


def test_a_counter_may_ask_for_a_score_of_its_own_too(prepared: Path, tmp_path: Path) -> None:
    """A9-2, E1-1: per service point; the rules page says so of any place, so it holds at any place (B2-12)."""
    made = open_sample(prepared, tmp_path / "data")
    policy = load_policy()
    own = (PointThreshold("zx", date(2017, 9, 2), 600),)
    service = replace(made, policy=replace(policy, gate=replace(policy.gate, points=own)))
    me = Person(service).trusted()
    me.say("围城")
    me.say("借第1本")
    main = service.store.db.value("SELECT id FROM points WHERE code = 'zx'")
    other = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch' AND code <> 'zx'")
    assert "600" in me.press(f"w:counter:{main}")
    with pytest.raises(NotAllowed):
        orders.place(service.store.db, me.reader_id, Fulfilment.COUNTER, main, "k", service.policy, service.clock.now())
    placed = orders.place(
        service.store.db, me.reader_id, Fulfilment.COUNTER, other, "k", service.policy, service.clock.now()
    )
    assert placed.state is OrderState.APPROVED

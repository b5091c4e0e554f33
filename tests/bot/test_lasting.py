"""多久有效: what is asked by name, else what was last talked about, else what the reader holds (A1-16, D-12)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending import holds
from tests.bot.test_orders_talk import order
from tests.talking import Person, advance


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("取书码多久有效", "在书柜或馆里为您保留 3 天"),
        ("书能在里面放几天", "在书柜或馆里为您保留 3 天"),
        ("取书码什么时候过期", "在书柜或馆里为您保留 3 天"),
        ("预约能留几天", "为您留 3 天。选书柜取的留 2 天"),
        ("預約多久過期", "为您留 3 天"),
        ("转借码有效期多久", "转借码 10 分钟内有效"),
        ("授权码多久失效", "授权码 10 分钟内有效"),
        ("连接码几分钟内有效", "连接码 10 分钟内有效"),
        ("代办多久有效", "一次授权最长 365 天"),
    ],
)
def test_what_is_named_is_answered_from_the_rules(me: Person, said: str, answered: str) -> None:
    assert answered in me.say(said)


def test_a_code_is_the_one_of_the_last_message(me: Person) -> None:
    me.trusted()
    me.say("授权家人")
    me.tap("妈妈")
    me.tap("选好了")
    answer = me.say("这个码多久有效")
    assert "授权码 10 分钟内有效" in answer and "取书码" not in answer
    me.say("连接微信")
    assert "连接码 10 分钟内有效" in me.say("多久有效")


@pytest.mark.parametrize("said", ["多久有效", "这个码多久有效", "能留几天", "取书码多久有效"])
def test_what_waits_is_told_with_its_day(service: Service, me: Person, said: str) -> None:
    me.trusted()
    advance(service, order(service, me, 1), "pick", "pack", "shelve")
    me.listen()
    assert "保留到 11月" in me.say(said) and me.action("多留")


def test_whoever_only_waits_in_a_queue_hears_how_long_it_will_be_kept(service: Service, me: Person) -> None:
    me.trusted()
    advance(service, order(service, me, 1), "pick", "pack", "shelve")
    title = service.store.db.value("SELECT id FROM titles WHERE title = '三体'")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'damaged' WHERE title_id = :t AND state = 'available'", t=title)
    holds.place(service.store.db, me.reader_id, title, service.clock.now())
    assert "为您留 3 天" in me.say("预约能留几天")


@pytest.mark.parametrize("said", ["书什么时候到期", "能借多久", "读者证多久有效", "三体", "多久"])
def test_other_questions_mean_what_they_did(me: Person, said: str) -> None:
    assert "取书码" not in me.say(said)

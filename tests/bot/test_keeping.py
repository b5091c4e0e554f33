"""多留几天 in the chat: where the books are told of, by words, once, and with a way out when not (D 29, D 39)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending import holds, order_records
from tests.talking import Person, advance, pass_time


@pytest.fixture
def told(me: Person, service: Service) -> Person:
    """Whose 围城 stands on the pick-up shelf, and who has been told."""
    me.trusted().say("围城")
    me.tap("借这本")
    me.tap("到馆自取")
    me.say("1")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "shelve")
    pass_time(service, minutes=10)
    assert "放到取书架了" in me.listen()
    return me


def until(me: Person) -> str:
    moment = order_records.by_number(me.service.store.db, me.last_order().number).pickup_until
    assert moment
    return moment.isoformat()


def test_it_stands_with_the_news_and_is_gone_once_used(told: Person) -> None:
    before = until(told)
    assert "为您留到" in told.tap("多留 2 天") and until(told) > before
    assert "已经多留过一次" in told.tap("多留 2 天")
    told.press(f"order:{told.last_order().number}")
    assert not [b for row in told.heard[-1].buttons for b in row if b.label.startswith("多留")]


@pytest.mark.parametrize(
    "said",
    ["可以晚一天来取吗", "延长取书时间", "帮我多留几天", "今天来不及取", "can you keep my book longer", "能晚两天取吗"],
)
def test_by_words_it_is_offered_with_what_waits(told: Person, said: str) -> None:
    assert "《围城》" in told.say(said) and "保留到" in told.heard[-1].text
    assert "为您留到" in told.tap("多留 2 天")


def test_who_has_nothing_waiting_is_told_so(me: Person) -> None:
    assert "现在没有等您来取的书" in me.trusted().say("延长取书时间")


def test_where_others_wait_the_button_is_not_shown_and_the_reason_is_said(told: Person, service: Service) -> None:
    db, now = service.store.db, service.clock.now()
    with service.store.writing() as door:
        door.run("UPDATE copies SET state = 'lost' WHERE title_id = 10 AND state = 'available'")
    other = Person(service, "other").trusted()
    holds.place(db, other.reader_id, 10, now)
    told.say("延长取书时间")
    assert not [b for row in told.heard[-1].buttons for b in row if b.label.startswith("多留")]
    assert "有读者在等" in told.press(f"ko:{told.last_order().number}")


def test_a_copy_kept_for_a_hold_waits_longer(me: Person, service: Service) -> None:
    me.trusted()
    db, policy, now = service.store.db, service.policy, service.clock.now()
    with service.store.writing() as door:
        door.run("UPDATE copies SET state = 'on_loan' WHERE title_id = 10")
    holds.place(db, me.reader_id, 10, now)
    with service.store.writing() as door:
        copy = door.value("SELECT MIN(id) FROM copies WHERE title_id = 10")
        holds.release_copy(door, copy, 10, policy, now)
    assert "为您留到" in me.say("书能多留几天吗")
    assert "好，《围城》为您留到" in me.tap("多留 2 天")
    assert "已经多留过一次" in me.tap("多留 2 天")


def test_to_keep_longer_what_is_at_home_is_to_renew(told: Person, service: Service) -> None:
    advance(service, told.last_order(), "collect")
    assert "续借好了" in told.say("i'd like to keep it longer")

"""谁看过我的资料: the reader sees which librarian looked at what, when and why (A11-5, B2-22)."""

from __future__ import annotations

from bot.service import Service
from lending import looks
from tests.talking import Person, pass_time


def test_before_anybody_looked_it_says_so(service: Service) -> None:
    assert "还没有馆员看过您的资料" in Person(service).say("谁看过我的资料")


def test_each_look_is_told_with_who_what_when_and_why(service: Service) -> None:
    me = Person(service)
    me.say("你好")
    now = service.clock.now()
    looks.note(service.store.db, me.reader_id, "小信", looks.ADDRESS, "SX261120-0001", now)
    looks.note(service.store.db, me.reader_id, "小林", looks.PAGE, "", now)
    said = me.say("谁看过我的资料")
    assert "馆员小信看了您的送书地址（因为 SX261120-0001）" in said
    assert said.index("馆员小林看了您的读者页") < said.index("馆员小信")
    assert "馆员小信" not in Person(service, "stranger").say("谁看过我的资料")


def test_the_same_look_within_minutes_is_one(service: Service) -> None:
    me = Person(service)
    me.say("你好")
    for _ in range(2):
        looks.note(service.store.db, me.reader_id, "小信", looks.PAGE, "", service.clock.now())
    pass_time(service, minutes=11)
    looks.note(service.store.db, me.reader_id, "小信", looks.PAGE, "", service.clock.now())
    assert me.say("谁看过我的资料").count("馆员小信看了") == 2


def test_the_looks_are_part_of_everything_we_hold(service: Service) -> None:
    me = Person(service)
    me.say("你好")
    looks.note(service.store.db, me.reader_id, "小信", looks.PAGE, "", service.clock.now())
    assert "馆员看过您资料的记录" in me.say("/mydata")
    assert "馆员小信" in me.tap("谁看过我的资料")

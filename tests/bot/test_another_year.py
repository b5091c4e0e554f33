"""A day of another year is told with it; this year goes without saying."""

from __future__ import annotations

from bot.service import Service
from tests.bot.test_orders_talk import order
from tests.talking import Person, advance, pass_time


def test_a_loan_of_december_is_due_in_january_of_the_next_year(service: Service) -> None:
    pass_time(service, days=22)
    reader = Person(service).trusted()
    advance(service, order(service, reader, 1), "pick", "pack", "shelve", "collect")
    told = reader.listen()
    assert "2027年1月" in told and "2026年" not in told
    said = reader.say("我的借阅")
    assert "2027年1月" in said
    pass_time(service, days=20)
    said = reader.say("我的借阅")
    assert "1月" in said and "2027年" not in said
    assert "2026年12月" in reader.say("我的订单") + reader.say("借过什么书") + reader.say("我的信用")


def test_the_pages_of_the_rules_do_so_too(service: Service) -> None:
    pass_time(service, days=22)
    assert "2027年" in Person(service).trusted().say("能借多久")

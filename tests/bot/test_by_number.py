"""A number that a reader was told and says back shows what it stands for, and is never searched for as a book."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending import cart, cases, loans
from tests.bot.test_orders_talk import order
from tests.talking import Person, advance


@pytest.fixture
def reader(service: Service) -> Person:
    return Person(service).trusted()


@pytest.mark.parametrize(
    "words", ["{n}", "订单 {n}", "查订单{n}", "我的订单{n}到哪了", "where is {n}", "ｓｘ{digits}", "{low} 呢？"]
)
def test_an_order_is_found_by_its_number(service: Service, reader: Person, words: str) -> None:
    placed = order(service, reader, 1)
    number = placed.number
    said = reader.say(words.format(n=number, low=number.lower(), digits=number[2:]))
    assert said.startswith(f"{number} 审核通过") and reader.action("取消这个订单") == f"cancel:{number}"


def test_the_number_of_nobodys_order_is_said_to_be_none(service: Service, reader: Person) -> None:
    placed = order(service, Person(service, "other").trusted(), 1)
    for number in (placed.number, "SX991231-0001"):
        assert "没有找到这个订单" in reader.say(number)


@pytest.mark.parametrize("words", ["加进订单 {n}", "把这几本加进{n}", "放到订单{n}里", "add these to {n}"])
def test_the_cart_joins_the_order_that_is_named(service: Service, reader: Person, words: str) -> None:
    first = order(service, reader, 1)
    order(service, reader, 2)
    book = service.store.db.value("SELECT id FROM titles WHERE title = '围城'")
    cart.add(service.store.db, reader.reader_id, book, service.policy, service.clock.now())
    assert f"订单 {first.number} 里有" in reader.say(words.format(n=first.number))


def test_cases_and_requests_are_found_by_theirs(service: Service, reader: Person) -> None:
    placed, db, now = order(service, reader, 1), service.store.db, service.clock.now()
    advance(service, placed, "pick", "pack", "shelve", "collect")
    loan = loans.of_reader(db, reader.reader_id)[0]
    case, _new = cases.report(db, reader.reader_id, loan.id, "lost", "", service.policy, now)
    assert case.number in reader.say(f"个案{case.number}") and "找" not in reader.heard[-1].text[:4]
    reader.say("转人工")
    number = db.value("SELECT number FROM escalations")
    assert f"您的人工请求 {number} 还在处理中" in reader.say(number)


def test_in_a_longer_line_a_number_is_only_part_of_what_is_said(service: Service, reader: Person) -> None:
    placed = order(service, reader, 1)
    words = f"我昨天在中心馆等了很久，你们的人说找不到我的书，订单是{placed.number}，请给个说法"
    assert not reader.say(words).startswith(placed.number)

"""A book for adults only in the talk of a child: refused with a way on, named by 为什么不行, and never offered (B8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.service import Service
from lending import catalogue, holds, mandates, picks, records
from lending.minors import agree, come_of_age, minor_until
from lending.model import library_day, start_of_day
from search import browse
from tests.bot.test_guardians import added
from tests.bot.test_ranking import title_id
from tests.talking import Person, pass_time


@pytest.fixture
def parent(service: Service) -> Person:
    return Person(service, "parent").trusted()


@pytest.fixture
def child(service: Service, parent: Person) -> Person:
    """A child with a chat, whose guardian has agreed; 围城 is for adults only."""
    small = Person(service, "child").trusted()
    db, now = service.store.db, service.clock.now()
    mandates.note_minor(db, small.reader_id, library_day(now) + timedelta(days=500), "staff:小信", now)
    mandates.appoint(db, small.reader_id, parent.reader_id, now)
    for what in ("borrow", "more"):
        agree(db, small.reader_id, parent.reader_id, what, now)
    records.mend(db, title_id(service, "围城"), {"audience": "adults"})
    pass_time(service)
    for one in (small, parent):
        one.listen()
    return small


def test_a_child_is_told_why_and_how_the_book_can_be_had(child: Person) -> None:
    child.say("围城")
    said = child.say("借第1本")
    assert "《围城》只借给成年读者。家长想看，可以用自己的账户借；觉得标错了，找馆员看一看。" in said
    assert "成年，就能自己借了" in said and "2028-04-03" in said
    assert "借书车里还没有书" in child.say("借书车")
    assert [button.label for row in child.heard[-2].buttons for button in row] == ["转人工", "分类浏览"]


@pytest.mark.parametrize("asked", ["为什么不行", "为什么这本不能借", "为什么不能借"])
def test_why_not_names_the_book_that_was_refused(child: Person, asked: str) -> None:
    child.say("借《围城》")
    assert "《围城》只借给成年读者" in child.say(asked)
    child.say("三体")
    assert "只借给成年读者" not in child.say("我的信用")


def test_what_lies_in_the_cart_since_before_is_named_at_the_desk_too(child: Person) -> None:
    service, book = child.service, title_id(child.service, "围城")
    with service.store.writing() as db:
        db.run("INSERT INTO cart_items VALUES (:r, :t, '2026-11-20T02:00:00Z')", r=child.reader_id, t=book)
    assert "《围城》只借给成年读者" in child.say("为什么不行")
    child.say("下单")
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    assert "《围城》只借给成年读者" in child.press(f"w:counter:{branch}")


def test_whoever_acts_for_the_child_hears_the_same_and_borrows_for_themselves(
    service: Service, parent: Person, child: Person
) -> None:
    added(service, parent)
    parent.tap("同意：孩子借书")
    parent.say("替小明借")
    parent.say("围城")
    assert "只借给成年读者" in parent.say("借第1本")
    parent.tap("换回自己")
    parent.say("围城")
    assert "放进借书车了" in parent.say("借第1本")


@pytest.mark.parametrize("said", ["预约《围城》", "把《围城》放进借书车"])
def test_neither_waiting_nor_the_cart(service: Service, child: Person, said: str) -> None:
    with service.store.writing() as db:
        if said.startswith("预约"):
            db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = :t", t=title_id(service, "围城"))
    assert "《围城》只借给成年读者" in child.say(said)


def _picks(person: Person) -> str:
    now = person.service.clock.now()
    for name in ("围城", "活着"):
        picks.pick(person.service.store.db, title_id(person.service, name), "", now)
    return person.say("主编推荐")


def _like(person: Person) -> str:
    person.say("活着")
    person.say("1")
    return person.tap("看相近的书")


def _shelf(person: Person) -> str:
    book = catalogue.title(person.service.store.db, title_id(person.service, "围城"))
    with person.service.store.writing() as db:
        db.run("UPDATE titles SET popularity = 1000 WHERE id = :t", t=book.id)
    return person.press(f"shelf:{browse.classify(book.clc).code}")


def _new(person: Person) -> str:
    with person.service.store.writing() as db:
        db.run("UPDATE titles SET year = 2099 WHERE id = :t", t=title_id(person.service, "围城"))
    return person.say("新书")


def _opened(person: Person) -> str:
    for n in range(4):
        Person(person.service, f"passer-by {n}").press(f"t:{title_id(person.service, '围城')}")
        Person(person.service, f"passer-by {n}").press(f"t:{title_id(person.service, '活着')}")
    return person.say("点击排行")


@pytest.mark.parametrize("offered", [_picks, _shelf, _new, _opened])
def test_what_the_library_offers_by_itself_leaves_it_out(
    service: Service, child: Person, offered: Callable[[Person], str]
) -> None:
    """A grown reader is offered it in the same words."""
    assert "《围城" not in offered(child)
    assert "《围城" in offered(Person(service, "grown").trusted())


def test_books_like_a_book_leave_it_out(service: Service, child: Person) -> None:
    assert "《许三观卖血记》" in _like(child)
    records.mend(service.store.db, title_id(service, "许三观卖血记"), {"audience": "adults"})
    assert "《许三观卖血记》" not in _like(child)
    assert "《许三观卖血记》" in _like(Person(service, "grown").trusted())


def test_it_is_found_by_whoever_looks_for_it(child: Person) -> None:
    """Refusing to lend is no reason to say that it is not there."""
    assert "1. 《围城" in child.say("围城")


def test_a_place_in_the_queue_from_before_ends_and_is_told(service: Service, child: Person) -> None:
    book = title_id(service, "活着")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = :t", t=book)
    holds.place(service.store.db, child.reader_id, book, service.clock.now())
    records.mend(service.store.db, book, {"audience": "adults"})
    pass_time(service, minutes=1)
    said = child.listen()
    assert "《活着》改为只借给成年读者，对不起。" in said and "这个预约取消了。" in said
    pass_time(service, minutes=1)
    assert child.listen() == ""


def test_a_book_of_an_order_not_packed_is_taken_out_and_told(service: Service, child: Person) -> None:
    for name in ("三体", "活着"):
        child.say(f"借《{name}》")
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    child.press(f"w:counter:{branch}")
    child.say("确认")
    order = child.last_order()
    titles = [row["title_id"] for row in service.store.db.all("SELECT title_id FROM order_items")]
    records.mend(service.store.db, titles[0], {"audience": "adults"})
    pass_time(service, minutes=1)
    said = child.listen()
    assert f"从订单 {order.number} 里取出了" in said and "其余 1 本照常送到您手上" in said


def test_coming_of_age_ends_it(service: Service, child: Person) -> None:
    until = minor_until(service.store.db, child.reader_id)
    assert until is not None
    service.clock.moment = start_of_day(until) + timedelta(hours=3)  # type: ignore[attr-defined]
    assert come_of_age(service.store.db, service.clock.now()) == 1
    assert "放进借书车了" in child.say("借《围城》")
